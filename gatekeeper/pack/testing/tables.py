"""Cases from a spreadsheet: one row each, one column per field. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.testing.cases import Case, no_clock
from gatekeeper.pack.testing.expect import Expected
from gatekeeper.pack.testing.sketch import read_sketch
from gatekeeper.pack.testing.values import EMPTY_SIGN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.pack.testing.cases import Bench

NAME, DEAL, EXPECT = "name", "deal", "expect_violations"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, each knowing where it stands."""

    cells: dict[str, Scalar]

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
    header, rows = _rows(lines)
    if not _has_columns(bench, header, named):
        return ()
    if not rows:
        text = f"{named.text} has no row, so it holds no rule to anything."
        advice = "write one row for each case below the columns."
        bench.reader.say(lines[0][0].place, "E804", text, advice)
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
        cell = next(iter(row.cells.values()))
        column = NAME if name is None else DEAL
        bench.reader.say(cell.place, "E202", f'this row has no "{column}".')
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


def _rows(lines: list[list[Scalar]]) -> tuple[dict[str, Scalar], list[Row]]:
    """Take a header and rows apart."""
    if not lines:
        return {}, []
    names = [cell.text.strip() for cell in lines[0]]
    header = dict(zip(names, lines[0], strict=True))
    rows = [Row(dict(zip(names, line, strict=False))) for line in lines[1:]]
    return header, rows
