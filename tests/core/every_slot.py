"""Every slot of five years: each zone, each business day, each quarter of an hour.

`python -m tests.core.every_slot` lets a clock go through all of them, in minutes; the
tests do the same with fewer times on days on which no clock is moved. Zones that stand
and move alike in those years are walked once.
"""

from __future__ import annotations

import argparse
import sys
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from itertools import accumulate, pairwise
from time import process_time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.slots import Schedule, due

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Times = Callable[[int, bool], Sequence[time]]

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
QUARTER = timedelta(minutes=15)
FIRST, LAST = date(2026, 1, 1), date(2031, 1, 1)
DAYS = [FIRST + DAY * number for number in range((LAST - FIRST).days)]
TIMES = tuple(time(minute // 60, minute % 60) for minute in range(0, 24 * 60, 15))
ZONES = tuple(sorted(available_timezones() - {"localtime", "Factory"}))
HOLIDAYS = frozenset(
    date(year, month, day)
    for year in range(2026, 2031)
    for month, day in ((1, 1), (3, 30), (5, 1), (10, 26), (12, 25), (12, 26))
)
SPREAD = 32
"""On a day on which no clock is moved, one in so many times is looked at."""


@dataclass(frozen=True)
class Clocks:
    """What the clocks of a zone show, asked of the zone alone."""

    name: str

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.name)

    @cached_property
    def moved(self) -> frozenset[date]:
        """The days (UTC) on which they are moved, and those beside them."""
        offsets = [_midnight(day).astimezone(self.zone).utcoffset() for day in DAYS]
        pairs = zip(DAYS, offsets, offsets[1:], strict=False)
        found = [day for day, one, other in pairs if one != other]
        return frozenset(day + DAY * n for day in found for n in (-1, 0, 1, 2))

    @cached_property
    def way(self) -> tuple[object, ...]:
        """How they stand and are moved: zones with the same way show the same."""
        hours = (
            _midnight(day) + HOUR * n for day in sorted(self.moved) for n in range(24)
        )
        offsets = [(each, each.astimezone(self.zone).utcoffset()) for each in hours]
        start = _midnight(FIRST).astimezone(self.zone).utcoffset()
        return (start, *offsets)

    def instant(self, day: date, at: time) -> datetime:
        """Return the first quarter of an hour at which they show `at` or later."""
        wanted = datetime.combine(day, at)
        if day not in self.moved:
            noon = _midnight(day) + 12 * HOUR
            ahead = noon.astimezone(self.zone).utcoffset()
            assert ahead is not None
            return wanted.replace(tzinfo=UTC) - ahead
        quarters, latest = self._shown(day)
        return quarters[bisect_left(latest, wanted)]

    @cache  # noqa: B019  (a test is over before it holds much)
    def _shown(self, day: date) -> tuple[list[datetime], list[datetime]]:
        """Return the quarters of an hour about a day, and the latest shown by then."""
        quarters = [_midnight(day) + QUARTER * n for n in range(-120, 216)]
        shown = [each.astimezone(self.zone).replace(tzinfo=None) for each in quarters]
        return quarters, list(accumulate(shown, max))


@cache
def ways() -> list[Clocks]:
    """Return a zone for each way in which clocks are moved, names apart."""
    found: dict[tuple[object, ...], Clocks] = {}
    for clocks in map(Clocks, ZONES):
        found.setdefault(clocks.way, clocks)
    return list(found.values())


def every_time(_number: int, _is_moved: bool) -> Sequence[time]:
    """Look at every time of every day."""
    return TIMES


def fewer_times(number: int, is_moved: bool) -> Sequence[time]:
    """Look at every time around a move of the clocks, at a share of them elsewhere."""
    return TIMES if is_moved else TIMES[number % SPREAD :: SPREAD]


def walked(clocks: Clocks, times: Times) -> Counter[str]:
    """Let a clock go from slot to slot; count what was right, and what was not.

    One second before its moment nothing of a day is due, at it that day alone is; and
    nothing is due again from then to a second before the next day's moment. So each
    business day has one slot, at the moment at which the clocks show its time.
    """
    calendar = Calendar(HOLIDAYS)
    worked = [day for day in DAYS if day.weekday() < 5 and day not in HOLIDAYS]
    schedules = {at: Schedule(at, clocks.zone, calendar) for at in TIMES}
    found: Counter[str] = Counter()
    for number, (last, day) in enumerate(pairwise(worked)):
        for at in times(number, day in clocks.moved):
            schedule, moment = schedules[at], clocks.instant(day, at)
            early = due(schedule, last, moment - SECOND)
            punctual = due(schedule, last, moment, until=time(12))
            is_one = (
                early is None
                and punctual is not None
                and (punctual.slot.day, punctual.slot.due_at) == (day, moment)
                and not punctual.missed
                and not punctual.is_late
            )
            found["slots" if is_one else f"wrong: {clocks.name} {day} {at}"] += 1
    return found


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _walk_all(walks: Sequence[Clocks]) -> int:
    began, found = process_time(), Counter[str]()
    for clocks in walks:
        found += walked(clocks, every_time)
    wrong = [each for each in found if each.startswith("wrong")]
    sys.stdout.write(
        f"{len(walks)} ways of moving clocks, {found['slots']:,} slots of {FIRST:%Y} to"
        f" {LAST.year - 1} in {process_time() - began:,.0f} s of processor time:"
        f" {len(wrong)} wrong\n"
    )
    sys.stdout.writelines(f"{each}\n" for each in wrong[:20])
    return 1 if wrong else 0


def main() -> int:
    """Walk through all zones, or some; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.core.every_slot")
    parser.add_argument("zones", nargs="*", help="such as Europe/Berlin; all if none")
    asked = [Clocks(name) for name in parser.parse_args().zones]
    sys.stdout.write(f"{len(ZONES)} zones move their clocks in {len(ways())} ways\n")
    return _walk_all(asked or ways())


if __name__ == "__main__":
    sys.exit(main())
