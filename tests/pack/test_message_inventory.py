"""Every sentence that can be said is shown somewhere in these tests as it is read.

Found in the source: what the program says beside each code, and the messages that
stand whole (place, source line, caret) in a test.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

# The codes that the description of the language promises.
PROMISED = """
    E101 E102 E103 E104 E105 E106 E107 E108 E109 E110 E111
    E201 E202 E203 E204 E205 E206 E207 E208 E209 E210 E211 E212 E213
    E301 E302 E303 E304 E305 E306 E307 E308 E309 E310 E311 E312 E313 E314 E315 E316
    E317 E318 E319
    E401 E402 E403 E404 E405 E406 E411 E412 E413 E414 E415 E416 E417 E421 E422 E423
    E424 E425 E426
    E501 E502 W511 E503 E504 E505 E506 E507 E508 E509
    E701 E702 E703 E704 E705 E706 E707 E708 E709
    E801 E901 E902 E903 E999
""".split()  # noqa: SIM905  (a table to be read)

FILLED_IN = "^"
"""Stands for what an f-string fills in, in messages and in the frames of tests."""

ANY = FILLED_IN
"""A sentence that is put together elsewhere."""

_CODE = re.compile(r"[EW]\d{3}")
_STARTS = re.compile(r"([EW]\d{3}): (.+)", re.DOTALL)
_FRAME = re.compile(
    r"^ *\S+:[\d^]+:[\d^]+: (?:error|warning) ([EW]\d{3}): (.*)\n"
    r" +[\d^]+ \|.*\n +\| *\^+$",
    re.MULTILINE,
)
_ROW = re.compile(r"^ *\^+\n([EW]\d{3}): (\S.*)", re.MULTILINE)
_FIELD = re.compile(r"\{\w+\}")


def trees(room: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def text_of(node: ast.AST) -> str | None:
    """The text of a literal; what is filled in later is a mark."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                str(part.value) if isinstance(part, ast.Constant) else FILLED_IN
                for part in parts
            )
    return None


# ---- what is said --------------------------------------------------------------------


@cache
def said() -> dict[tuple[str, str], str]:
    """Code and sentence of everything the program says, with where it stands."""
    found: dict[tuple[str, str], str] = {}
    for path, tree in trees("gatekeeper"):
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for code, sentence in _of_function(function):
                    found[code, sentence] = f"{path}:{function.lineno}"
    return found


def _of_function(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    described = ast.get_docstring(function, clean=False)
    parts = {
        id(part)
        for node in ast.walk(function)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            for code, sentence in zip(node.args, node.args[1:], strict=False):
                if isinstance(code, ast.Constant) and _is_code(code.value):
                    texts = list(_texts(sentence, function))
                    yield from ((str(code.value), text) for text in texts or [ANY])
        text = "" if id(node) in parts else text_of(node) or ""
        starts = _STARTS.fullmatch(text)
        if starts and text != described:
            yield starts[1], starts[2]


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _texts(node: ast.AST, function: ast.FunctionDef) -> Iterator[str]:
    """The texts an argument may be: its own, or those of the variable it names."""
    text = text_of(node)
    if text is not None:
        yield text
    elif isinstance(node, ast.Name):
        for each in ast.walk(function):
            if isinstance(each, ast.Assign) and _names(each, node.id):
                assigned = text_of(each.value)
                if assigned is not None:
                    yield assigned


def _names(assignment: ast.Assign, name: str) -> bool:
    targets = assignment.targets
    return any(isinstance(one, ast.Name) and one.id == name for one in targets)


# ---- what is shown -------------------------------------------------------------------


@cache
def shown() -> frozenset[tuple[str, str]]:
    """Code and sentence of every message that stands whole in a test."""
    found: set[tuple[str, str]] = set()
    for table in (ROOT / "tests/language").glob("mistakes*.txt"):
        found.update(_ROW.findall(table.read_text(encoding="utf-8")))
    for _, tree in trees("tests"):
        for node in ast.walk(tree):
            text = text_of(node) or ""
            found.update(_FRAME.findall(text))
            found.update(_ROW.findall(text))
            starts = _STARTS.fullmatch(text)
            if starts:
                found.add((starts[1], starts[2]))
    return frozenset(found)


def is_shown(sentence: str) -> bool:
    """Whether a test shows the sentence with all that it fills in."""
    fixed = re.split(r"[\^\0]", _FIELD.sub("\0", sentence))
    pattern = re.compile(".*".join(map(re.escape, fixed)), re.DOTALL)
    return any(pattern.fullmatch(each) for _, each in shown())


def test_every_promised_message_can_be_given_and_is_shown():
    assert sorted(set(PROMISED) - {code for code, _ in said()}) == []
    assert sorted(set(PROMISED) - {code for code, _ in shown()}) == []


def test_every_code_that_can_be_given_is_shown():
    codes = {code for code, _ in said()}
    assert sorted(codes - {code for code, _ in shown()}) == []


def test_every_sentence_that_can_be_said_is_shown_whole():
    hidden = [
        f"{place} {code}: {sentence}"
        for (code, sentence), place in said().items()
        if not is_shown(sentence)
    ]
    assert hidden == []


def test_a_sentence_that_no_test_shows_is_noticed():
    assert not is_shown("nobody ever wrote ^ down.")
    assert is_shown('there is no field "^" on the deal.')
