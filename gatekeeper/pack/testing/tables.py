"""Cases from a spreadsheet: one row each, one column per field. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import TYPE_CHECKING

from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.source.read import short
from gatekeeper.pack.testing.cases import Case, no_clock
from gatekeeper.pack.testing.expect import Expected
from gatekeeper.pack.testing.sketch import read_sketch
from gatekeeper.pack.testing.values import EMPTY_SIGN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.language.messages import Place
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.cases import Bench

NAME, DEAL, EXPECT = "name", "deal", "expect_violations"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, each knowing where it stands."""

    cells: dict[str, Scalar]
    place: Place

    def get(self, column: str) -> Scalar | None:
        """Return a cell; None for a blank one."""
        cell = self.cells.get(column)
        return cell if cell is not None and cell.text.strip() else None


def read_table(
    bench: Bench, lines: list[list[Scalar]], named: Scalar
) -> tuple[Case, ...]:
    """Read the cases of one file.

    Args:
        bench: What the cases of the test file share.
        lines: The cells of the spreadsheet.
        named: Where the test file names it.
    """
    reader = bench.reader
    header = _columns(reader, lines[0]) if lines else {}
    if not _has_columns(bench, header, named):
        return ()
    names = [cell.text.strip() for cell in lines[0]]
    rows = [_row(reader, names, line) for line in lines[1:]]
    if not rows:
        text = f"{named.text} has no row, so it holds no rule to anything."
        advice = "write one row for each case below the columns."
        reader.say(lines[0][0].place, "E804", text, advice)
    if bench.as_of is None:
        no_clock(bench, named.place)
        return ()
    cases = (_case(bench, row) for row in rows)
    return tuple(case for case in cases if case is not None)


def _has_columns(bench: Bench, header: dict[str, Scalar], named: Scalar) -> bool:
    missing = [name for name in (NAME, DEAL, EXPECT) if name not in header]
    for name in missing:
        place = next(iter(header.values()), named).place
        text = f'{named.text} has no column "{name}".'
        advice = f"columns: {NAME}, {DEAL}, one per field, {EXPECT}"
        bench.reader.say(place, "E202", text, advice)
    return not missing


def _case(bench: Bench, row: Row) -> Case | None:
    name, deal = row.get(NAME), row.get(DEAL)
    if name is None or deal is None or bench.as_of is None:
        column = NAME if name is None else DEAL
        bench.reader.say(row.place, "E202", f'this row has no "{column}".')
        return None
    base = bench.deal_named(deal)
    if base is None:
        return None
    pairs = (
        (replace(cell, text=column), cell)
        for column, cell in row.cells.items()
        if column not in (NAME, DEAL, EXPECT) and row.get(column) is not None
    )
    draft = bench.draft(base, read_sketch(bench.reader, bench.world, pairs))
    expected = Expected(tuple(_ids(bench, row.get(EXPECT))))
    looks = tuple(bench.looks(draft, (bench.as_of,), name.place))
    return Case(name.text.strip(), name.place, looks, expected)


def _ids(bench: Bench, cell: Scalar | None) -> Iterator[str]:
    if cell is None or cell.text.strip() == EMPTY_SIGN:
        return
    start = cell.start
    for word in cell.text.split():
        start = cell.source.text.find(word, start)
        node = Scalar(word, "", cell.source, start, start + len(word))
        yield bench.ids.violation(bench.reader, node)


def _columns(reader: Reader, line: list[Scalar]) -> dict[str, Scalar]:
    """Return the columns by name; one that is written twice is noted (E102)."""
    columns: dict[str, Scalar] = {}
    for cell in line:
        name = cell.text.strip()
        if name in columns:
            text = f'column "{name}" is written twice.'
            reader.say(cell.place, "E102", text, "keep one of them.")
        elif name:
            columns[name] = cell
    return columns


def _row(reader: Reader, names: list[str], line: list[Scalar]) -> Row:
    """Return the cells under their columns; one that is under none is noted (E201)."""
    cells: dict[str, Scalar] = {}
    for name, cell in zip(chain(names, repeat("")), line, strict=False):
        if name:
            cells[name] = cell
        elif cell.text.strip():
            text = f'the cell "{short(cell.text)}" stands under no column.'
            advice = (
                "name its column; a text that holds a comma stands in double quotes."
            )
            reader.say(cell.place, "E201", text, advice)
    return Row(cells, line[0].place)
