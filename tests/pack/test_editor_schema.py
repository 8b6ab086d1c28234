"""The schemas that editors read: current, complete, and right about real files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatekeeper.cli.schema import written
from gatekeeper.pack.document import read_document
from gatekeeper.pack.editor_schema import FILES, editor_schemas
from gatekeeper.pack.editor_texts import DESCRIPTIONS
from gatekeeper.pack.nodes import Listing, Node, Scalar, Table

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "rules" / "schema"
KINDS = {f"{kind.word}.json": kind for kind in FILES}
PACKS = [
    path
    for folder in (ROOT / "rules", *sorted((ROOT / "tests" / "packs").iterdir()))
    for path in sorted(folder.glob("*.yaml"))
]


def validator(name: str):
    jsonschema = pytest.importorskip(
        "jsonschema", reason="the independent validator jsonschema is not installed"
    )
    schema = editor_schemas()[name]
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


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
    found = validator(name).iter_errors(as_editors_read(root))
    return [f"{'/'.join(map(str, each.path))}: {each.message}" for each in found]


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
        return own.union(*map(undescribed, part.values()))

    structural = {"all", "any", "at_least", "field", "team_member", "address"}
    missing = set[str]().union(*map(undescribed, editor_schemas().values()))

    assert missing <= structural
    assert all(text.endswith((".", "?")) for text in DESCRIPTIONS.values())


def test_a_rule_may_be_begun_from_a_snippet():
    rules = json.loads(written(editor_schemas()["rules.json"]))

    assert [each["label"] for each in rules["definitions"]["rule"]["defaultSnippets"]]
    assert rules["definitions"]["rule"]["properties"]["id"]["examples"]


@pytest.mark.parametrize(
    "path", PACKS, ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_files_that_are_right_are_right_for_an_editor(path):
    assert mistakes(kind_of(path), path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("project.json", "version: 2\nkind: project\ntimezone: UTC\n"),
        ("project.json", "version: 1\nkind: project\ntimezone: U\nlimits: {rmp: 1}\n"),
        ("project.json", "version: 1\nkind: project\ntimezone: UTC\ncrm: sap\n"),
        ("project.json", "version: 1\nkind: project\n"),
        ("people.json", "version: 1\nkind: people\nfallback: nobody\n"),
        ("fields.json", "version: 1\nkind: fields\ndeal: {a: {type: txt}}\n"),
        ("defs.json", "version: 1\nkind: defs\nstages: {}\n"),
        ("defs.json", "version: 1\nkind: defs\ndefine: {a: {any: [x is filled]}}\n"),
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


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*.yaml")))
def test_the_header_of_a_shipped_file_names_its_schema(path):
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]

    assert first == f"# yaml-language-server: $schema=schema/{kind_of(path)}"
