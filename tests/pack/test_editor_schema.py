"""The schemas that editors read: current, complete, and right about real files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft7Validator

from gatekeeper.cli.schema import written
from gatekeeper.pack.editor.schema import FILES, PARTS, editor_schemas
from gatekeeper.pack.editor.snippets import OF_FILES, OF_PARTS
from gatekeeper.pack.editor.texts import DESCRIPTIONS
from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.folder import FileKind
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table

if TYPE_CHECKING:
    from gatekeeper.pack.editor.shapes import Schema

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "rules" / "schema"
KINDS = {f"{kind.word}.json": kind for kind in FILES}
PACKS = [
    path
    for folder in (ROOT / "rules", *sorted((ROOT / "tests" / "packs").iterdir()))
    for path in sorted(folder.rglob("*.yaml"))
]
SCHEMAS = editor_schemas()


def mistakes_of(schema: object, value: object) -> list[str]:
    """What an independent validator says."""
    found = Draft7Validator(schema).iter_errors(value)
    return [f"{'/'.join(map(str, each.path))}: {each.message}" for each in found]


def as_editors_read(node: Node) -> object:
    """YAML 1.2 core: numbers, true, false and null are what they look like."""
    match node:
        case Listing(entries=entries):
            return [as_editors_read(entry) for entry in entries]
        case Table(pairs=pairs):
            return {key.text: as_editors_read(value) for key, value in pairs}
        case Scalar(style="", text="" | "~" | "null"):
            return None
        case Scalar(style="", text="true" | "false"):
            return node.text == "true"
        case Scalar(style="") if re.fullmatch(r"-?\d+", node.text):
            return int(node.text)
        case Scalar(style="") if re.fullmatch(r"-?\d+\.\d+", node.text):
            return float(node.text)
    return node.text


def mistakes(name: str, text: str) -> list[str]:
    root = read_document("", text.encode()).root
    assert root is not None
    return mistakes_of(SCHEMAS[name], as_editors_read(root))


def kind_of(path: Path) -> str:
    found = re.search(r"^kind: (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return f"{found.group(1)}.json"


def test_the_shipped_files_are_current():
    assert {path.name for path in SHIPPED.glob("*.json")} == set(editor_schemas())
    for name, schema in editor_schemas().items():
        assert (SHIPPED / name).read_text(encoding="utf-8") == written(schema), (
            "run: gatekeeper schema export"
        )


def test_every_key_is_described():
    def undescribed(part: object) -> set[str]:
        if isinstance(part, list):
            return set[str]().union(*map(undescribed, part))
        if not isinstance(part, dict):
            return set()
        keys = part.get("properties", {})
        own = {key for key, value in keys.items() if "description" not in value}
        inner = [value for key, value in part.items() if key != "if"]
        return own.union(*map(undescribed, inner))

    structural = {"all", "any", "at_least", "field", "team_member", "address"}
    missing = set[str]().union(*map(undescribed, editor_schemas().values()))

    assert missing <= structural
    assert all(text.endswith((".", "?")) for text in DESCRIPTIONS.values())


def test_there_is_a_schema_of_every_kind_of_file_in_the_draft_editors_know():
    assert set(FILES) == set(FileKind)
    for schema in SCHEMAS.values():
        assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
        Draft7Validator.check_schema(schema)


def parts(schema: Schema) -> dict[str, Schema]:
    found = schema["definitions"]
    assert isinstance(found, dict)
    return found


def pasted(body: object) -> object:
    """A snippet with each place filled as it is offered, the sign for empty read."""
    if isinstance(body, dict):
        return {str(pasted(key)): pasted(value) for key, value in body.items()}
    if isinstance(body, list):
        return [pasted(each) for each in body]
    if isinstance(body, str):
        text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", body)
        return None if text == "~" else text
    return body


@pytest.mark.parametrize("kind", FileKind, ids=lambda kind: kind.word)
def test_a_file_may_be_begun_from_a_snippet_that_is_right(kind):
    schema = SCHEMAS[f"{kind.word}.json"]

    assert schema["defaultSnippets"] == [OF_FILES[kind]]
    assert mistakes_of(schema, pasted(OF_FILES[kind]["body"])) == []


@pytest.mark.parametrize("name", OF_PARTS)
def test_a_part_may_be_begun_from_a_snippet_that_is_right(name):
    (known, *_) = [part for each in SCHEMAS.values() if name in (part := parts(each))]
    alone: Schema = {**known[name], "definitions": known}

    assert known[name]["defaultSnippets"] == OF_PARTS[name]
    for snippet in OF_PARTS[name]:
        assert mistakes_of(alone, pasted(snippet["body"])) == []


def test_every_part_is_in_the_schema_of_some_file():
    used = [name for schema in SCHEMAS.values() for name in parts(schema)]

    assert set(PARTS) <= set(used)


@pytest.mark.parametrize("path", PACKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_right_are_right_for_an_editor(path):
    assert mistakes(kind_of(path), path.read_text(encoding="utf-8")) == []


DOCUMENTED = [
    block
    for name in ("README.md", "FORMULAS.md")
    for block in re.findall(
        r"^```yaml\n(version.*?)^```",
        (ROOT / "rules" / name).read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
]


@pytest.mark.parametrize("text", DOCUMENTED)
def test_files_that_documents_show_are_right_for_an_editor(text):
    found = re.search(r"^kind: (\w+)", text, re.MULTILINE)
    assert found is not None

    assert mistakes(f"{found.group(1)}.json", text) == []


WAIVER = """\
version: 1
kind: waivers
waivers:
  - id: w-1
    rule: a-rule
    deals: [006]
    reason: Approved.
    requested_by: a@example.com
    approved_by: b@example.com
    approved_on: 2026-11-03
    expires: 2026-12-31
"""
CASE = """\
version: 1
kind: test
as_of: 2026-11-20 09:00
deals: {d: {stage: Discovery}}
cases:
  - name: one
    deal: d
    expect: {violations: [a-rule]}
"""
OVERLAY = "version: 1\nkind: overlay\nfor: {team: [EMEA]}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("waivers.json", WAIVER),
        ("test.json", CASE),
        ("overlay.json", OVERLAY),
        ("overlay.json", OVERLAY + "rules: {a: {grace: 5 business days}}\n"),
    ],
)
def test_what_the_wrong_files_below_start_from_is_right(name, text):
    assert mistakes(name, text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("project.json", "version: 2\nkind: project\ntimezone: UTC\n"),
        ("project.json", "version: 1\nkind: project\ntimezone: U\nlimits: {rmp: 1}\n"),
        ("project.json", "version: 1\nkind: project\ntimezone: UTC\ncrm: sap\n"),
        ("project.json", "version: 1\nkind: project\n"),
        ("people.json", "version: 1\nkind: people\nfallback: nobody\n"),
        ("people.json", "version: 1\nkind: people\nroles: {a: [somebody]}\n"),
        ("fields.json", "version: 1\nkind: fields\ndeal: {a: {type: txt}}\n"),
        ("fields.json", "version: 1\nkind: fields\ngroups: {Big: [a]}\n"),
        ("defs.json", "version: 1\nkind: defs\nstages: {}\n"),
        ("defs.json", "version: 1\nkind: defs\ndefine: {a: {any: [x is filled]}}\n"),
        ("defs.json", "version: 1\nkind: defs\nparams: {a: {type: money}}\n"),
        ("overlay.json", "version: 1\nkind: overlay\n"),
        ("overlay.json", "version: 1\nkind: overlay\nfor: {}\n"),
        ("overlay.json", "version: 1\nkind: overlay\nfor: {region: [EMEA]}\n"),
        ("overlay.json", OVERLAY + "rules: {a: {require: some files}}\n"),
        ("overlay.json", OVERLAY + "rules: {a: {mode: enforced}}\n"),
        ("overlay.json", OVERLAY + "rules: {a: {enabled: false}}\n"),
        ("waivers.json", WAIVER.replace("    expires: 2026-12-31\n", "")),
        ("waivers.json", WAIVER.replace("2026-12-31", "end of year")),
        ("waivers.json", WAIVER.replace("    deals: [006]\n", "")),
        ("waivers.json", WAIVER.replace("deals: [006]", "deals_where: amount > 5")),
        ("waivers.json", WAIVER.replace("b@example.com", "the boss")),
        ("waivers.json", WAIVER.replace("a-rule", '"*"')),
        ("waivers.json", WAIVER + "policy: {approvers: {urgent: [a@b.example]}}\n"),
        ("test.json", CASE.replace("2026-11-20 09:00", "tomorrow")),
        ("test.json", CASE.replace("    deal: d\n", "")),
        ("test.json", CASE.replace("{violations: [a-rule]}", "{}")),
        ("test.json", CASE.replace("violations", "violation")),
        ("test.json", CASE.replace("{stage: Discovery}", "Discovery")),
        ("test.json", CASE + "    over: {from: 2026-11-20}\n"),
    ],
)
def test_a_mistake_is_a_mistake_for_an_editor(name, text):
    assert mistakes(name, text) != []


@pytest.mark.parametrize(
    "line",
    [
        "requires: some files",
        "grace: 3",
        "mode: enforced",
        "id: Ent Qual",
        "effective_from: tomorrow",
    ],
)
def test_a_mistake_in_a_rule_is_a_mistake_for_an_editor(line):
    keys = {"id": "a", "title": "T", "require": "some files", "fix": "F."}
    key, _, value = line.partition(": ")
    body = "\n".join(
        f"        {one}: {two}" for one, two in (keys | {key: value}).items()
    )
    text = (
        'version: 1\nkind: rules\npipeline: "*"\nstages:\n  D:\n    exit:\n'
        f"      -\n{body}\n"
    )
    assert mistakes("rules.json", text) != []


@pytest.mark.parametrize("path", sorted((ROOT / "rules").rglob("*.yaml")), ids=str)
def test_the_header_of_a_shipped_file_names_its_schema(path):
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]

    up = "../" * (len(path.relative_to(ROOT / "rules").parts) - 1)
    assert first == f"# yaml-language-server: $schema={up}schema/{kind_of(path)}"
