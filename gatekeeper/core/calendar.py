"""Business days and local dates, given the set of holidays.

Pure arithmetic; the set itself is built where the rule pack is read.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set
    from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
SATURDAY = 5
_HALF_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Calendar:
    """Which days are worked: Monday to Friday without the holidays."""

    holidays: Set[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        """Whether people work on `day`."""
        return day.weekday() < SATURDAY and day not in self._off

    def roll_forward(self, day: date) -> date:
        """Return `day`, or the next business day where it is none."""
        while not self.is_business_day(day):
            day += ONE_DAY
        return day

    def roll_back(self, day: date) -> date:
        """Return `day`, or the last business day before it where it is none."""
        while not self.is_business_day(day):
            day -= ONE_DAY
        return day

    def add(self, day: date, business_days: int) -> date:
        """Return the day that lies so many business days after (or before) `day`.

        A start on a day off rolls forward first (language B5), back for a negative
        count: so a day is within the last N exactly where `between` counts N or less.
        """
        if business_days < 0:
            day = self.roll_back(day)
            step, left = -ONE_DAY, -business_days
        else:
            day = self.roll_forward(day)
            step, left = ONE_DAY, business_days
        while left:
            day += step
            left -= self.is_business_day(day)
        return day

    def between(self, start: date, end: date) -> int:
        """Count business days after `start` up to and including `end`; signed."""
        if end < start:
            return -self.between(end, start)
        whole_weeks, rest = divmod((end - start).days, 7)
        days = whole_weeks * 5
        days += sum((end - ONE_DAY * back).weekday() < SATURDAY for back in range(rest))
        off = self._weekdays_off
        return days - (bisect_right(off, end) - bisect_right(off, start))

    @cached_property
    def _off(self) -> frozenset[date]:
        return frozenset(self.holidays)

    @cached_property
    def _weekdays_off(self) -> tuple[date, ...]:
        return tuple(sorted(day for day in self._off if day.weekday() < SATURDAY))


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """Return the calendar date of an aware moment in `zone`."""
    if moment.tzinfo is UTC:
        offset = _offset_through(moment.date(), zone)
        if offset is not None:
            return (moment + offset).date()
    return moment.astimezone(zone).date()


@lru_cache(maxsize=4096)
def _offset_through(day: date, zone: ZoneInfo) -> timedelta | None:
    """Return how far the clocks are ahead of UTC all through a UTC day.

    None where they are moved on it: no zone moves them twice within half a day. Adding
    what is known of the day takes a fifth of the time of asking the zone.
    """
    try:
        noon = datetime.combine(day, time(12), UTC)
        hours = (noon - _HALF_A_DAY, noon, noon + _HALF_A_DAY)
        offsets = {moment.astimezone(zone).utcoffset() for moment in hours}
    except (OverflowError, ValueError):
        return None
    return offsets.pop() if len(offsets) == 1 else None
