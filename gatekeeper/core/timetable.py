"""When a project's work is done, as frozen values. Pure.

A run has one job per time of the day, so that each is used once a day; a digest has one
job per person and goes by where that person works.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.slots import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar


@dataclass(frozen=True, slots=True)
class Times:
    """Local times of some days.

    Attributes:
        at: In order; at least one.
        weekdays: 0 for Monday up to 6; None for business days.
    """

    at: tuple[time, ...]
    weekdays: frozenset[int] | None = None

    def schedules(self, zone: ZoneInfo, calendar: Calendar) -> Iterator[Schedule]:
        """Give a schedule for each time, told by these clocks and business days."""
        for at in self.at:
            yield Schedule(at, zone, calendar, self.weekdays)


@dataclass(frozen=True, slots=True)
class Timetable:
    """`schedule:` of project.yaml.

    Attributes:
        run: By the project's zone and calendar.
        digest: By each manager's own; it has one time.
    """

    run: Times = Times((time(5),))
    digest: Times = Times((time(7),))


def every(step: timedelta, first: time, last: time) -> tuple[time, ...]:
    """Return the times from `first` to `last`, each a step after the one before."""
    clock, end = (datetime.combine(date.min, at) for at in (first, last))
    times: list[time] = []
    while clock <= end:
        times.append(clock.time())
        clock += step
    return tuple(times)
