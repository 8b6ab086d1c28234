"""What the documents say holds: commands, settings, files and every line of a rule."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from gatekeeper.cli.main import app
from gatekeeper.core.catalogue import BUILT_IN, Kind
from gatekeeper.language.reference.entries import reference
from gatekeeper.language.reference.words import Group
from gatekeeper.pack.files.schema import Part
from gatekeeper.pack.lint.codes import CODES
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.reference.page import reference_page
from gatekeeper.settings import Settings
from tests.cli.program import Program

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES_README = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")
HOW = RULES_README[RULES_README.index("## How rules work") :]
FORMULAS = (ROOT / "rules" / "FORMULAS.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "rules" / "REFERENCE.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

FILES = {
    "rules": "example-{}.rules.yaml",
    "defs": "example-{}.defs.yaml",
    "fields": "fields.yaml",
    "people": "people.yaml",
    "project": "project.yaml",
    "test": "tests/example-{}.test.yaml",
    "overlay": "overlays/example-{}.overlay.yaml",
    "waivers": "waivers/example-{}.waivers.yaml",
}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def kind_of(block: str) -> str:
    found = re.search(r"^kind: (\w+)", block, re.MULTILINE)
    assert found is not None, block
    return found.group(1)


def last_column(text: str, title: str) -> list[str]:
    """The code spans of the last column of each table whose last column is so named."""
    found = []
    for table in re.findall(rf"^\|.*\| {title} \|\n\|.*\n((?:\|.*\n)+)", text, re.M):
        for row in table.splitlines():
            last = re.split(r"(?<!\\)\|", row)[-2]
            found += re.findall(r"`([^`]+)`", last)
    return found


def fixed(pack: Path, text: str) -> Path:
    """A pack with every example file of a document in it."""
    shutil.copytree(ROOT / "rules", pack)
    for number, block in enumerate(blocks(text, "yaml")):
        path = pack / FILES[kind_of(block)].format(number)
        path.parent.mkdir(exist_ok=True)
        path.write_text(block, encoding="utf-8")
    return pack


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return fixed(tmp_path / "rules", HOW)


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixed(tmp_path_factory.mktemp("formulas") / "rules", FORMULAS)


def test_every_example_file_of_the_rules_document_compiles(pack: Path):
    ids = {rule.id for rule in read_pack(pack).compile(None).rules}

    assert {"my-evidence", "disc-decider"} <= ids


def test_the_test_of_the_rules_document_passes(
    pack: Path, capsys: pytest.CaptureFixture[str]
):
    # The stages the document makes optional are not what the shipped tests are about.
    (own,) = (pack / "tests").glob("example-*.test.yaml")
    ended = Program(pack.parent, capsys)("test", str(own), "--json")

    assert ended.code == 0, ended.told
    assert "two business days of grace" in ended.out


def test_there_is_an_example_of_every_kind_of_file():
    kinds = {kind_of(block) for block in blocks(HOW, "yaml")}

    assert kinds == set(FILES)


def compiled(pack: Path, check: str, place: str = "exit") -> set[str]:
    quoted = check.replace("'", "''")
    used = [path.name for path in pack.glob("*.defs.yaml")]
    (pack / "one.rules.yaml").write_text(
        f"""\
version: 1
kind: rules
pipeline: "*"
use: [{", ".join(used)}]
stages:
  Qualification:
    {place}:
      - id: one
        title: One
        require: '{quoted}'
        fix: Do it.
        maintainer: somebody@example.com
""",
        encoding="utf-8",
    )
    return {rule.id for rule in read_pack(pack).compile(None).rules}


@pytest.mark.parametrize(
    "check", [line for block in blocks(HOW, "check") for line in block.splitlines()]
)
def test_a_line_of_the_rules_document_compiles(pack: Path, check: str):
    assert "one" in compiled(pack, check)


TRANSLATED = [
    *last_column(FORMULAS, "asked here"),
    *last_column(FORMULAS, "here"),
]


@pytest.mark.parametrize("check", TRANSLATED)
def test_a_line_that_stands_for_a_formula_compiles(translated: Path, check: str):
    assert "one" in compiled(translated, check)


FORMULA_WORDS = (
    *("ISBLANK", "ISPICKVAL", "ISCHANGED", "PRIORVALUE", "TEXT", "CASE", "AND", "OR"),
    *("NOT", "TODAY", "NOW", "REGEX", "VLOOKUP", "$Profile", "$User", "ISNEW", "IF"),
    *("INCLUDES", "CONTAINS", "BEGINS", "LEN", "BLANKVALUE", "$RecordType"),
)


@pytest.mark.parametrize("word", FORMULA_WORDS)
def test_a_function_of_validation_rules_is_on_the_page(word: str):
    spans = " ".join(re.findall(r"`([^`\n]+)`", FORMULAS))

    assert re.search(rf"(?<!\w){re.escape(word)}(?!\w)", spans)


# ---- the reference -------------------------------------------------------------------


def test_the_reference_is_current():
    assert reference_page() == REFERENCE, (
        "run: gatekeeper functions --markdown > rules/REFERENCE.md"
    )


def test_everything_a_rule_may_say_or_name_is_in_the_reference():
    spans = set(re.findall(r"`([^`\n]+)`", REFERENCE))

    assert {each.signature for each in reference() if each.group != Group.TYPE} <= spans
    assert set(Kind) <= spans
    assert {*BUILT_IN.deal, *BUILT_IN.lookups, *BUILT_IN.collections} <= spans


def models_of_files() -> set[type[Part]]:
    found = {*Part.__subclasses__()}
    return {model for model in found if model.__module__.startswith("gatekeeper")}


def test_every_key_of_every_file_is_in_the_reference():
    keys = {
        field.alias or name
        for model in models_of_files()
        for name, field in model.model_fields.items()
    }

    assert len(models_of_files()) > 20
    assert keys <= set(re.findall(r"^\| `(\w+)` \|", REFERENCE, re.M))


def test_every_warning_is_in_the_reference():
    assert {f"`{each.code}`" for each in CODES} <= set(re.findall(r"`W\d+`", REFERENCE))


def anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_within_the_reference_leads_somewhere():
    targets = set(re.findall(r"\]\(#([^)]+)\)", REFERENCE))

    assert targets
    assert targets <= anchors(REFERENCE)


# ---- commands and settings -----------------------------------------------------------


def walk(group: typer.core.TyperGroup, prefix: str = ""):
    context = typer.Context(group)
    for name in group.list_commands(context):
        _, command, _ = group.resolve_command(context, [name])
        assert command is not None
        yield f"{prefix}{name}", command
        if isinstance(command, typer.core.TyperGroup):
            yield from walk(command, f"{prefix}{name} ")


def program() -> typer.core.TyperGroup:
    group = get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    return group


def shown(text: str) -> set[str]:
    """Every `gatekeeper COMMAND` that a document tells a reader to type."""
    code = "\n".join([*blocks(text, "console"), *re.findall(r"`([^`\n]+)`", text)])
    return set(re.findall(r"gatekeeper ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", code))


@pytest.mark.parametrize("document", [README, RULES_README, FORMULAS, CHANGELOG])
def test_every_command_of_a_document_exists(document: str):
    known = {name for name, _ in walk(program())}

    for words in shown(document):
        assert words in known or words.partition(" ")[0] in known, words


def test_every_option_of_a_document_exists():
    options = {
        option
        for _, command in walk(program())
        for parameter in command.params
        for option in parameter.opts
    }
    lines = "\n".join(blocks(README, "console") + blocks(RULES_README, "console"))
    for line in lines.splitlines():
        code = line.partition("#")[0].removeprefix("$ ")
        if code.startswith("gatekeeper"):
            assert set(re.findall(r"--[a-z][a-z-]*", code)) <= options, line


def test_every_setting_of_the_readme_exists():
    known = {f"GATEKEEPER_{name.upper()}" for name in Settings.model_fields}

    assert set(re.findall(r"GATEKEEPER_[A-Z_]*[A-Z]", README)) <= known


@pytest.mark.parametrize(
    "path", ["README.md", "rules/README.md", "rules/REFERENCE.md", "rules/FORMULAS.md"]
)
def test_every_link_of_a_document_leads_to_a_file(path: str):
    text = (ROOT / path).read_text(encoding="utf-8")

    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / path).parent / target).exists(), target
