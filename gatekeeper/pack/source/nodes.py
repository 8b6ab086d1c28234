"""YAML as nodes that know where they stand. Pure.

Nothing is guessed: every scalar stays the text that was written.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property

from gatekeeper.language.messages import Place
from gatekeeper.language.tree.node import node

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True)
class Source:
    """The text of one file and where its lines begin."""

    path: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their line breaks."""
        return _LINE_BREAK.split(self.text)

    @cached_property
    def name(self) -> str:
        """The name of the file without its folders."""
        return self.path.rpartition("/")[2]

    def line(self, at: int) -> int:
        """Return the number of the line on which a character stands, from 1."""
        return bisect_right(self._starts, at)

    def place(self, start: int, end: int) -> Place:
        """Return where the characters `start` to `end` stand, on one line."""
        row = bisect_right(self._starts, start) - 1
        line = self.lines[row]
        column = start - self._starts[row]
        width = min(end - start, len(line) - column)
        return Place(self.path, row + 1, column + 1, max(width, 1), line)

    def at(self, row: int, column: int, width: int = 1) -> Place:
        """Return the place at a line and column that count from 0."""
        row = min(row, len(self.lines) - 1)
        return Place(self.path, row + 1, column + 1, max(width, 1), self.lines[row])


@node
class Scalar:
    """One text as written; `style` is "" for plain, else its quote or `|` or `>`."""

    text: str
    style: str
    source: Source
    start: int
    end: int

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.source.place(self.start, self.end)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was written."""
        return not self.text and not self.style


@node
class Listing:
    """A sequence."""

    entries: tuple[Node, ...]
    source: Source
    start: int
    end: int

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.source.place(self.start, self.end)


@node
class Table:
    """A mapping, its keys unique."""

    pairs: tuple[tuple[Scalar, Node], ...]
    source: Source
    start: int
    end: int
    _by_key: dict[str, tuple[Scalar, Node]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        known = {pair[0].text: pair for pair in self.pairs}
        object.__setattr__(self, "_by_key", known)

    @property
    def place(self) -> Place:
        """Where its first key stands."""
        if self.pairs:
            return self.pairs[0][0].place
        return self.source.place(self.start, self.end)

    def get(self, key: str) -> Node | None:
        """Return what stands under `key`; None where nothing does."""
        _, node = self._by_key.get(key, _NOTHING)
        return None if isinstance(node, Scalar) and node.is_blank else node

    def key(self, key: str) -> Scalar | None:
        """Return the key itself, for its place."""
        return self._by_key.get(key, _NOTHING)[0]


Node = Scalar | Listing | Table
_NOTHING = (None, None)


def plain(node: Node) -> object:
    """Return the node as strings, lists and dictionaries; nothing written is None."""
    match node:
        case Scalar():
            return None if node.is_blank else node.text
        case Listing():
            return [plain(entry) for entry in node.entries]
        case Table():
            return {key.text: plain(value) for key, value in node.pairs}
