"""Indentation by two, and blanks where they belong. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.pack.fmt.rows import Rows
from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

STEP = 2


def tidy(text: str, root: Table) -> str:
    """Use line feeds; take out blanks at line ends and every second blank line."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    rows = Rows.of(plain)
    tree = root if plain == text else read_document("", plain.encode()).root
    kept = set(rows.untouchable(tree)) if tree else set[int]()
    lines: list[str] = []
    for row, line in enumerate(rows.lines):
        written = line if row in kept else line.rstrip()
        is_second = not written and lines and not lines[-1] and row not in kept
        if not is_second and (written or lines):
            lines.append(written)
    return "\n".join(lines).rstrip("\n") + "\n"


def reindent(text: str, root: Table) -> str:
    """Indent every level by two; a file laid out in an unusual way stays as it is."""
    indenting = _Indenting(Rows.of(text))
    try:
        indenting.table(root, 0)
        indenting.comments()
        return "\n".join(indenting.written())
    except _UnusualError:
        return text


class _UnusualError(Exception):
    """The file is laid out in a way that is better left alone."""


@dataclass(slots=True)
class _Indenting:
    """Collects for each line how many blanks stand before it.

    Attributes:
        old, new: Line to the column of its first character, before and after.
        prefix: Line to what replaces everything before its first text.
        shift: Line to how far its first text moves.
    """

    rows: Rows
    old: dict[int, int] = field(default_factory=dict)
    new: dict[int, int] = field(default_factory=dict)
    prefix: dict[int, tuple[int, str]] = field(default_factory=dict)
    shift: dict[int, int] = field(default_factory=dict)

    def table(self, table: Table, indent: int, *, after_dash: bool = False) -> None:
        for number, (key, value) in enumerate(table.pairs):
            row, column = self.rows.row(key.start), self.rows.column(key.start)
            if not (after_dash and number == 0):
                if self.rows.lines[row][:column].strip(" "):
                    raise _UnusualError
                self._move(row, column, " " * indent, indent)
            self._under(value, indent, row)

    def listing(self, listing: Listing, indent: int) -> None:
        for entry in listing.entries:
            row, column = self.rows.row(entry.start), self.rows.column(entry.start)
            if self.rows.lines[row][:column].strip(" ") != "-":
                raise _UnusualError
            self._move(row, column, " " * indent + "- ", indent)
            if isinstance(entry, Table) and not self.rows.is_flow(entry):
                self.table(entry, indent + STEP, after_dash=True)
            else:
                self._follow(entry, row)

    def _move(self, row: int, column: int, prefix: str, first: int) -> None:
        line = self.rows.lines[row]
        self.old[row], self.new[row] = len(line) - len(line.lstrip(" ")), first
        self.prefix[row] = (column, prefix)
        self.shift[row] = len(prefix) - column

    def _under(self, value: Node, indent: int, row: int) -> None:
        if self.rows.is_flow(value) or isinstance(value, Scalar):
            self._follow(value, row)
        elif isinstance(value, Table):
            self.table(value, indent + STEP)
        else:
            self.listing(value, indent + STEP)

    def _follow(self, node: Node, row: int) -> None:
        """Let the further lines of a text or bracket move with the first."""
        if isinstance(node, Scalar) and node.is_blank:
            return
        for further in range(row + 1, self.rows.last(node) + 1):
            self.shift[further] = self.shift[row]

    def comments(self) -> None:
        """Let each comment keep to the line it stands with, best the next."""
        anchors = sorted(self.old)
        for row, line in enumerate(self.rows.lines):
            if row in self.shift or not line.strip():
                continue
            column = len(line) - len(line.lstrip(" "))
            at = bisect_right(anchors, row)
            near = [*anchors[at : at + 1], *anchors[max(at - 1, 0) : at]]
            self.shift[row] = self._beside(column, near)

    def _beside(self, column: int, near: list[int]) -> int:
        for row in near:
            if self.old[row] == column:
                return self.new[row] - column
        for row in near[:1]:
            return max(self.new[row] - self.old[row], -column)
        return 0

    def written(self) -> Iterator[str]:
        for row, line in enumerate(self.rows.lines):
            if row in self.prefix:
                column, prefix = self.prefix[row]
                yield prefix + line[column:]
            else:
                yield _shifted(line, self.shift.get(row, 0))


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return line
    if by < 0 and line[:-by].strip(" "):
        raise _UnusualError
    return " " * by + line if by >= 0 else line[-by:]
