"""Business days and local dates, given the set of holidays.

Pure arithmetic; the set itself is built where the rule pack is read.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set
    from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
SATURDAY = 5


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
        count.
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
    return moment.astimezone(zone).date()
