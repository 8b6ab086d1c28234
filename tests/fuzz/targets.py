"""The doors of the rule language, each taking bytes of anybody's making.

A target returns where its door read the bytes or refused them in messages. Whatever
else comes out of it is a defect. The fuzzer, the properties and the inputs found
earlier all come through here.
"""

from __future__ import annotations

import atexit
import os
import shutil
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.errors import PackError
from gatekeeper.flow.services import context_for
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError, compile_line, message_template
from gatekeeper.language.functions import FUNCTIONS
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.parser.tokens import KEYWORDS
from gatekeeper.language.tree.format import canonical
from gatekeeper.pack.export import export_ast
from gatekeeper.pack.files.schema import Part, keys_of
from gatekeeper.pack.fmt.layout import format_file
from gatekeeper.pack.lint.findings import lint
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.problems import framed
from gatekeeper.pack.testing.panel import Panel
from gatekeeper.pack.testing.suites import files_of, read_suites
from gatekeeper.pack.testing.verdicts import hold_all
from tests.language.scopes import OFFLINE, SCHEMA, SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.context import Context
    from gatekeeper.core.pack import RulePack
    from gatekeeper.language.scope import Scope
    from gatekeeper.language.tree.syntax import Test
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.problems import Problem

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / ".build" / "fuzz"
SMALL = Path(__file__).parent / "small"
PACKS = (SMALL, ROOT / "rules", *sorted((ROOT / "tests" / "packs").iterdir()))
SIGNS = ("- ", ": ", " #", "'", '"', "[", "]", "{", "}", "|\n", "---\n", ">=", "!=")
MOST_CASES = 20
"""So many cases of a test file are judged; the others read alike."""


# ---- one line ------------------------------------------------------------------------


def a_check(raw: bytes) -> None:
    """Read a line as a check, a value and rows; check, compile and write it back."""
    text = raw.decode(errors="replace")
    for read in (parse_value, parse_rows):
        try:
            read(text)
        except CheckSyntaxError as error:
            _points_into(text, error.mistakes)
    try:
        tree = parse(text)
    except CheckSyntaxError as error:
        _points_into(text, error.mistakes)
        return
    written = canonical(tree)
    assert canonical(parse(written)) == written, f"{text!r} is written {written!r}"
    for scope in (SCOPE, OFFLINE):
        _compiled(text, tree, scope)


def _compiled(text: str, tree: Test, scope: Scope) -> None:
    try:
        checked = check(tree, scope)
    except CheckError as error:
        _points_into(text, error.mistakes)
    else:
        _points_into(text, checked.warnings)
        assert callable(compile_line(checked).test)


def a_fix_text(raw: bytes) -> None:
    """Read a text with placeholders."""
    text = raw.decode(errors="replace")
    try:
        message_template(text, SCOPE)
    except CheckError as error:
        _points_into(text, error.mistakes)


def _points_into(text: str, mistakes: Iterable[Message]) -> None:
    for mistake in mistakes:
        assert 0 <= mistake.span.start <= mistake.span.end <= len(text), mistake


# ---- one file ------------------------------------------------------------------------


def a_document(raw: bytes) -> None:
    """Read the YAML; every place lies in the text."""
    document = read_document("rules/e.rules.yaml", raw)
    _is_placed(document.problems)


def a_layout(raw: bytes) -> None:
    """Lay out a file; a second time changes nothing."""
    done = format_file("rules/e.rules.yaml", raw)
    _is_placed(done.problems)
    if not done.problems:
        again = format_file("rules/e.rules.yaml", done.text.encode())
        assert again.text == done.text


# ---- a pack --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """A file of the small pack whose text is replaced.

    Attributes:
        use: What is done with the pack then.
    """

    path: str
    use: Callable[[Path], None]

    def __call__(self, raw: bytes) -> None:
        """Use the pack with these bytes in the file's place."""
        folder = _scratch()
        path = folder / self.path
        before = path.read_bytes()
        path.write_bytes(raw)
        try:
            self.use(folder)
        finally:
            path.write_bytes(before)


def load_and_check(folder: Path) -> None:
    """Do with a pack what `validate --offline` does."""
    framed(read_pack(folder).findings(SCHEMA, SCHEMA.read_at))


def examine(folder: Path) -> None:
    """Do with a pack what `validate`, `lint` and `rules export` do."""
    draft = read_pack(folder)
    _is_placed(draft.problems)
    for schema in (None, SCHEMA):
        _is_placed(draft.findings(schema, SCHEMA.read_at))
        pack = _pack(draft, schema)
        if pack is not None:
            _is_placed(lint(draft, pack, schema, moved=("LastActivityDate",)))
            export_ast(draft, pack)


def _pack(draft: Draft, schema: CrmSchema | None) -> RulePack | None:
    try:
        return draft.compile(schema)
    except PackError as error:
        if not error.messages:
            raise
        return None


def judge(folder: Path) -> None:
    """Read the test files of a pack and hold their cases."""
    suites, problems = read_suites(folder, files_of(folder), read_pack(folder), None)
    _is_placed(problems)
    for suite in suites:
        hold_all(suite.cases[:MOST_CASES], Panel(suite.pack, _standpoint))


def _standpoint(pack: RulePack, at: datetime) -> Context:
    return context_for(pack, at, {pack.project.currency: Decimal(1)})


def _is_placed(problems: Iterable[Problem]) -> None:
    """Every mistake names a line that is there, and can be shown."""
    found = list(problems)
    for problem in found:
        assert problem.place.line >= 1
        assert 1 <= problem.place.column <= len(problem.place.source_line) + 1, problem
    framed(found)


@cache
def _scratch() -> Path:
    """Return a copy of the small pack that belongs to this process."""
    base = BUILT / f"pack-{os.getpid()}"
    folder = base / "rules"
    shutil.copytree(SMALL, folder, dirs_exist_ok=True)
    atexit.register(shutil.rmtree, base, ignore_errors=True)
    return folder


@dataclass(frozen=True, slots=True)
class Target:
    """A door, and the names of the files whose like comes through it.

    Attributes:
        seeds: Patterns of files of the example packs to begin with.
        by_line: Each line of these files is a seed of its own.
    """

    door: Callable[[bytes], None]
    seeds: tuple[str, ...]
    by_line: bool = False


TARGETS = {
    "check": Target(a_check, ("*.rules.yaml", "*.defs.yaml"), by_line=True),
    "fix_text": Target(a_fix_text, ("*.rules.yaml",), by_line=True),
    "document": Target(a_document, ("*.yaml",)),
    "layout": Target(a_layout, ("*.rules.yaml", "*.yaml")),
    "rules": Target(Slot("e.rules.yaml", examine), ("*.rules.yaml",)),
    "defs": Target(Slot("shared.defs.yaml", examine), ("*.defs.yaml",)),
    "project": Target(Slot("project.yaml", examine), ("project.yaml",)),
    "fields": Target(Slot("fields.yaml", examine), ("fields.yaml",)),
    "people": Target(Slot("people.yaml", examine), ("people.yaml",)),
    "overlay": Target(Slot("overlays/emea.overlay.yaml", examine), ("*.overlay.yaml",)),
    "waivers": Target(Slot("waivers/q4.waivers.yaml", examine), ("*.waivers.yaml",)),
    "test_file": Target(Slot("tests/e.test.yaml", judge), ("*.test.yaml",)),
    "spreadsheet": Target(Slot("tests/limits.csv", judge), ("*.csv",)),
}


def seeds(target: Target) -> list[bytes]:
    """Return texts of the example packs that a target reads without a mistake."""
    paths = {
        path
        for pack in PACKS
        for pattern in target.seeds
        for path in pack.rglob(pattern)
    }
    texts = [path.read_bytes() for path in sorted(paths)]
    if not target.by_line:
        return texts
    return sorted({_value(line) for text in texts for line in text.splitlines()})


def words() -> list[str]:
    """Return what a fuzzer should try to put in: keys, keywords, functions, signs."""
    keys = {key for part in Part.__subclasses__() for key in keys_of(part)}
    names = {*KEYWORDS, *FUNCTIONS, *HISTORY}
    return sorted(keys | names | set(SIGNS))


def _value(line: bytes) -> bytes:
    """Return what stands after the dash or key of a line."""
    bare = line.strip().removeprefix(b"- ")
    key, colon, value = bare.partition(b": ")
    return value if colon and key.replace(b"_", b"").isalpha() else bare
