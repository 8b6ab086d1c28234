"""The tables beside the grammar: lark made them of it, and they read as lark does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark import Token as Word
from lark import Tree
from lark.exceptions import UnexpectedToken

from gatekeeper.language.parser.machine import Machine, UnexpectedWordError
from gatekeeper.language.parser.tokens import Token, scan, token_of
from tests.language.tables import STARTS, TABLES, lark_of_checks, tables_text
from tests.language.test_parser import CONDITIONS

LARK = lark_of_checks()


class Shape:
    """Builds of every rule what it took, kinds of words and nested rules."""

    def __getattr__(self, rule: str):
        return lambda *parts: (rule, [_shape(part) for part in parts])


def _shape(part: object) -> object:
    return part.type if isinstance(part, Token) else part


def _shape_of_lark(part: Word | Tree[Word]) -> object:
    if isinstance(part, Word):
        return part.type
    return str(part.data), [_shape_of_lark(each) for each in part.children]


MACHINE = Machine.of(Shape())
KINDS = sorted({kind for steps in MACHINE.steps for kind in steps if kind != "$END"})


def _read(kinds: list[str], start: str) -> object:
    tokens = [token_of(kind, "x", place, place + 1) for place, kind in enumerate(kinds)]
    try:
        return _shape(MACHINE.read(tokens, start))
    except UnexpectedWordError as error:
        return error.place, error.wanted


def _read_by_lark(kinds: list[str], start: str) -> object:
    words = [Word(kind, "x", start_pos=place) for place, kind in enumerate(kinds)]
    try:
        return _shape_of_lark(LARK.parse(words, start=start))
    except UnexpectedToken as error:
        is_end = error.token.type == "$END"
        place = len(kinds) if is_end else error.token.start_pos
        return place, frozenset(error.accepts)


def test_the_tables_are_those_of_the_grammar():
    """After a change of the grammar: python -m tests.language.tables"""
    assert TABLES.read_text(encoding="utf-8") == tables_text()


@st.composite
def checks(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Words that go on where they can, up to one that may not."""
    start = draw(st.sampled_from(STARTS))
    kinds: list[str] = []
    for _ in range(draw(st.integers(0, 25))):
        wanted = _wanted(kinds, start)
        if not wanted:
            break
        kinds.append(draw(st.sampled_from(wanted)))
    if draw(st.booleans()):
        kinds.append(draw(st.sampled_from(KINDS)))
    return start, kinds


def _wanted(kinds: list[str], start: str) -> list[str]:
    """Return what may follow words, by asking for one that never may."""
    found = _read([*kinds, "NO SUCH KIND"], start)
    assert isinstance(found, tuple)
    return sorted(found[1] - {"$END"})


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_check_is_read_as_lark_reads_it(text: str):
    kinds = [token.type for token in scan(text)]

    assert _read(kinds, "check") == _read_by_lark(kinds, "check")


@given(checks())
def test_words_are_read_as_lark_reads_them(check: tuple[str, list[str]]):
    start, kinds = check

    assert _read(kinds, start) == _read_by_lark(kinds, start)


@pytest.mark.parametrize(
    ("start", "kinds", "read"),
    [
        ("check", "NAME", ("truthy", [("name", ["NAME"])])),
        ("rows", "NAME", ("rows", ["NAME"])),
        ("check", "NAME IS", (2, {"NOT", "STATE"})),
        ("rows", "NUMBER", (0, {"NAME"})),
        ("rows", "NAME NAME", (1, {"WHERE", "$END"})),
    ],
)
def test_a_check_is_read_to_its_end_or_to_the_first_word_too_many(
    start: str, kinds: str, read: object
):
    assert _read(kinds.split(), start) == read
