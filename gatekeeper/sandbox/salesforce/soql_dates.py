"""Date literals of SOQL (`TODAY`, `LAST_N_DAYS:30`) as spans of days. Pure.

Weeks start on Sunday and the fiscal year in January, as in a stock US org. The day
that is "today" is the caller's, in the zone of the user who asks.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.ids import stamp

if TYPE_CHECKING:
    from datetime import tzinfo

Span = tuple[date, date]
"""First day, and the day after the last."""

_MONTHS = {
    "MONTH": 1,
    "QUARTER": 3,
    "FISCAL_QUARTER": 3,
    "YEAR": 12,
    "FISCAL_YEAR": 12,
}
_UNIT = "DAY|WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR"
_NAMED = re.compile(rf"(LAST|THIS|NEXT)_({_UNIT})\Z")
_COUNTED = re.compile(rf"(LAST|NEXT)_N_({_UNIT})S:(\d{{1,4}})\Z")
_AGO = re.compile(rf"N_({_UNIT})S_AGO:(\d{{1,4}})\Z")
_DAYS = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}


def span_of(word: str, today: date) -> Span | None:
    """Return the days a date literal stands for, or None if it is no date literal.

    Args:
        word: As written, in any case.
        today: The asking user's day.
    """
    literal = word.upper()
    try:
        return _day_span(literal, today) or _unit_span(literal, today)
    except OverflowError:
        return None


def _day_span(literal: str, today: date) -> Span | None:
    if literal in _DAYS:
        return _days(today, _DAYS[literal], _DAYS[literal] + 1)
    if literal == "LAST_90_DAYS":
        return _days(today, -90, 1)
    if literal == "NEXT_90_DAYS":
        return _days(today, 1, 91)
    counted = _COUNTED.match(literal)
    if counted and counted[2] == "DAY":
        count = int(counted[3])
        return (
            _days(today, -count, 1)
            if counted[1] == "LAST"
            else _days(today, 1, count + 1)
        )
    return None


def _unit_span(literal: str, today: date) -> Span | None:
    if named := _NAMED.match(literal):
        first = {"LAST": -1, "THIS": 0, "NEXT": 1}[named[1]]
        return None if named[2] == "DAY" else _units(named[2], today, first, first + 1)
    if counted := _COUNTED.match(literal):
        count = int(counted[3])
        first, end = (-count, 0) if counted[1] == "LAST" else (1, count + 1)
        return _units(counted[2], today, first, end)
    if ago := _AGO.match(literal):
        count = int(ago[2])
        return _units(ago[1], today, -count, 1 - count)
    return None


def _days(today: date, first: int, end: int) -> Span:
    return today + timedelta(days=first), today + timedelta(days=end)


def _units(unit: str, today: date, first: int, end: int) -> Span:
    if unit == "DAY":
        return _days(today, first, end)
    if unit == "WEEK":
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=first), sunday + timedelta(weeks=end)
    months = _MONTHS[unit]
    start = (today.year * 12 + today.month - 1) // months * months
    return _month(start + first * months), _month(start + end * months)


def _month(number: int) -> date:
    year, month = divmod(number, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return date(year, month + 1, 1)


def midnight(day: date, zone: tzinfo) -> str:
    """Return the start of a day in `zone` as a stored UTC date-time."""
    return stamp(datetime.combine(day, time(), zone))


def stored_datetime(literal: str) -> str | None:
    """Return a date-time literal as a stored value, or None if it is no date-time."""
    try:
        instant = datetime.fromisoformat(literal.upper())
    except ValueError:
        return None
    utc = instant.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}+0000"


def read_datetime(stored: str) -> datetime:
    """Return a stored date-time as an aware value."""
    return datetime.strptime(stored, "%Y-%m-%dT%H:%M:%S.%f%z")
