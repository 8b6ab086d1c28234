"""A line of YAML that begins where no line above it does, and where it may belong.

Pure. An indentation that is off by one or two is the mistake made most in YAML, and
the C loader tells of it in words about its own grammar.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from gatekeeper.pack.source.nodes import Source

MOST_PROPOSED = 3
_STEP = 2
_KEY = re.compile(r"(?P<key>\w[^#:]*?)\s*:(?P<value>\s.*|$)")
_DASH = re.compile(r"-\s+")


@dataclass(frozen=True, slots=True)
class _Level:
    """A place where a key or an entry of a list may begin, from 0."""

    column: int
    row: int
    word: str
    is_entry: bool = False
    is_under: bool = False

    def __str__(self) -> str:
        """Say how far to indent, and beside or under what."""
        to = "to stand under" if self.is_under else "like"
        return f'by {self.column}, {to} "{self.word}" on line {self.row + 1}'


def misplaced(source: Source, row: int) -> Problem | None:
    """Say of a line that it begins where nothing above it does; None if it does.

    Args:
        source: The file.
        row: The line, from 0.
    """
    line = source.lines[row]
    column = _indent(line)
    words = line[column:]
    if not words:
        return None
    is_entry = _DASH.match(words) is not None
    known = _KEY.match(words)
    levels = _levels(source, row, is_entry=is_entry)
    if not levels or any(one.column == column for one in levels):
        return None
    if not is_entry and known is None:
        text = "a text that goes on is indented deeper than its key."
        advice = f"indent it by {levels[0].column + _STEP}."
        return Problem(
            source.at(row, column, len(words.rstrip())), "E100", text, advice
        )
    width = 1 if known is None else len(known["key"])
    what = '"- "' if is_entry else "key"
    return Problem(
        source.at(row, column, width),
        "E100",
        f"this line is indented by {_blanks(column)}, and no {what} above it begins"
        " there.",
        f"indent it {', or '.join(map(str, _nearest(levels, column)))}.",
    )


def _levels(source: Source, row: int, *, is_entry: bool) -> list[_Level]:
    """Return where a key, or an entry of a list, may stand on a line, last first."""
    opened: list[_Level] = []
    unfilled: _Level | None = None
    for number in range(row):
        line = source.lines[number]
        if line.strip() and not line.lstrip().startswith("#"):
            unfilled = _open(opened, line, number)
    kept = [one for one in reversed(opened) if one.is_entry is is_entry]
    return [unfilled, *kept] if unfilled else kept


def _open(opened: list[_Level], line: str, row: int) -> _Level | None:
    """Note what a line opens; return the place under its key if that waits for it."""
    column = _indent(line)
    while dash := _DASH.match(line, column):
        while opened and (opened[-1].column, opened[-1].is_entry) >= (column, True):
            opened.pop()
        word = line[column:].partition(":")[0]
        opened.append(_Level(column, row, word, is_entry=True))
        column = dash.end()
    key = _KEY.match(line, column)
    if key is None:
        return None
    while opened and opened[-1].column >= column:
        opened.pop()
    opened.append(_Level(column, row, key["key"]))
    value = key["value"].strip()
    if value and not value.startswith("#"):
        return None
    return _Level(column + _STEP, row, key["key"], is_under=True)


def _nearest(levels: list[_Level], column: int) -> list[_Level]:
    """Return the levels that may be meant: who is off by one meant the next one."""
    under = [one for one in levels if one.is_under and one.column >= column]
    if under:
        return under
    if column > levels[0].column:
        return levels[:1]
    by_distance = sorted(levels, key=lambda one: abs(one.column - column))
    off_by_one = [one for one in by_distance if abs(one.column - column) == 1]
    return off_by_one or by_distance[:MOST_PROPOSED]


def _blanks(count: int) -> str:
    return f"{count} blank" if count == 1 else f"{count} blanks"


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
