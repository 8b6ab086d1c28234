"""Which lines of a file belong to which node. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines of a text, counted from 0; line ends are line feeds."""

    text: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Rows:
        """Cut a text into lines."""
        lines = tuple(text.split("\n"))
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line) + 1)
        return cls(text, lines, tuple(starts))

    def row(self, at: int) -> int:
        """Return the line of a character."""
        return min(bisect_right(self.starts, at) - 1, len(self.lines) - 1)

    def column(self, at: int) -> int:
        """Return its column, from 0."""
        return at - self.starts[self.row(at)]

    def is_flow(self, node: Node) -> bool:
        """Whether it is a list or mapping in brackets."""
        return not isinstance(node, Scalar) and self.text[node.start] in "[{"

    def last(self, node: Node) -> int:
        """Return the last line of a node, comments below it not counted."""
        match node:
            case Scalar(style="|" | ">"):
                return self._last_of_block(node)
            case Scalar():
                return self.row(max(node.end - 1, node.start))
            case Listing(entries=entries) if entries and not self.is_flow(node):
                return max(map(self.last, entries))
            case Table(pairs=pairs) if pairs and not self.is_flow(node):
                return max(self.last_of_pair(*pair) for pair in pairs)
        return self.row(max(node.end - 1, node.start))

    def last_of_pair(self, key: Scalar, value: Node) -> int:
        """Return the last line of a key and what stands under it."""
        row = self.row(key.start)
        if isinstance(value, Scalar) and value.is_blank:
            return row
        return max(row, self.last(value))

    def _last_of_block(self, node: Scalar) -> int:
        row = self.row(max(node.end - 1, node.start))
        first = self.row(node.start)
        while row > first and not self.lines[row].strip():
            row -= 1
        return row

    def untouchable(self, node: Node) -> Iterator[int]:
        """Give the lines inside texts of several lines."""
        match node:
            case Scalar():
                yield from range(self.row(node.start), self._end(node) + 1)
            case Listing(entries=entries):
                for entry in entries:
                    yield from self.untouchable(entry)
            case Table(pairs=pairs):
                for key, value in pairs:
                    yield from self.untouchable(key)
                    yield from self.untouchable(value)

    def _end(self, node: Scalar) -> int:
        """Return the last line of a text; the line it begins on where that is all."""
        first, last = self.row(node.start), self.row(max(node.end - 1, node.start))
        return last if last > first else first - 1
