"""`fiscal_calendar`: the fiscal months of a year of weeks, from a spreadsheet."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.fiscal import FiscalCalendar
from gatekeeper.pack.files.values import must_be

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.pack.source.nodes import Scalar
    from gatekeeper.pack.source.read import Reader

COLUMNS = ("year", "quarter", "month", "starts_on")
_ADVICE = f"columns: {', '.join(COLUMNS)}; one row per fiscal month"


class _Month(NamedTuple):
    """One row: a fiscal month."""

    year: int
    quarter: int
    month: int
    starts_on: date
    cell: Scalar


def read_fiscal_calendar(
    reader: Reader, lines: Sequence[Sequence[Scalar]], named: Scalar
) -> FiscalCalendar | None:
    """Read the table of fiscal months.

    Args:
        reader: Takes the mistakes.
        lines: The cells; the first line names the columns.
        named: Where project.yaml names the file.

    Returns:
        The calendar, or None where the table has mistakes.
    """
    header = [cell.text.strip() for cell in lines[0]] if lines else []
    missing = [name for name in COLUMNS if name not in header]
    for name in missing:
        place = lines[0][0].place if lines else named.place
        reader.say(place, "E202", f'{named.text} has no column "{name}".', _ADVICE)
    if missing:
        return None
    places = [header.index(name) for name in COLUMNS]
    months = [_month(reader, line, places) for line in lines[1:]]
    known = [month for month in months if month is not None]
    if len(known) < len(months) or not _follow(reader, known, named):
        return None
    return FiscalCalendar(
        tuple(month.starts_on for month in known),
        _firsts(known, "quarter"),
        _firsts(known, "year"),
    )


def _month(
    reader: Reader, line: Sequence[Scalar], places: Sequence[int]
) -> _Month | None:
    if len(line) <= max(places):
        text = f"this row has {len(line)} of the {len(COLUMNS)} columns."
        reader.say(line[0].place, "E202", text, _ADVICE)
        return None
    year, quarter, month, day = (line[place] for place in places)
    numbers = [
        _number(reader, cell, name)
        for cell, name in ((year, "year"), (quarter, "quarter"), (month, "month"))
    ]
    starts_on = _day(reader, day)
    if None in numbers or starts_on is None:
        return None
    first, second, third = (number or 0 for number in numbers)
    return _Month(first, second, third, starts_on, month)


def _number(reader: Reader, cell: Scalar, name: str) -> int | None:
    written = cell.text.strip()
    if written.isascii() and written.isdecimal() and len(written) <= len("2026"):
        return int(written)
    reader.unfit(cell, name, must_be("a whole number such as 1"))
    return None


def _day(reader: Reader, cell: Scalar) -> date | None:
    try:
        return date.fromisoformat(cell.text.strip())
    except ValueError:
        reader.unfit(cell, "starts_on", must_be("a date such as 2026-02-02"))
        return None


def _follow(reader: Reader, months: Sequence[_Month], named: Scalar) -> bool:
    """Say which row does not follow the one before it."""
    if len(months) <= 1:
        text = f"{named.text} needs two fiscal months at least: the last row only says"
        reader.say(named.place, "E202", f"{text} where the one before it ends.")
        return False
    first = months[0]
    if (first.quarter, first.month) != (1, 1):
        wanted = must_be("1 in the first row, where a fiscal year begins")
        reader.unfit(first.cell, "month", wanted)
        return False
    for before, month in pairwise(months):
        if not _comes_next(before, month):
            wanted = must_be(
                f"the fiscal month after month {before.month} of {before.year}",
                "months count on from 1 in each year, quarters too, and each row"
                " starts later than the one before it",
            )
            reader.unfit(month.cell, "month", wanted)
            return False
    return True


def _comes_next(before: _Month, month: _Month) -> bool:
    if month.starts_on <= before.starts_on:
        return False
    if month.year == before.year:
        same_or_next = month.quarter - before.quarter in (0, 1)
        return month.month == before.month + 1 and same_or_next
    return (month.year, month.quarter, month.month) == (before.year + 1, 1, 1)


def _firsts(months: Iterable[_Month], part: str) -> tuple[date, ...]:
    """Return on which day each quarter or year begins."""
    firsts: dict[tuple[int, ...], date] = {}
    for month in months:
        key = (month.year, month.quarter) if part == "quarter" else (month.year,)
        firsts.setdefault(key, month.starts_on)
    return tuple(firsts.values())
