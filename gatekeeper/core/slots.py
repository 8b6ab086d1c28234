"""When a job is due: one slot per local day, worked out from data, never from ticks.

Pure. A local time that a day lacks, the clocks having been put forward, is the first
instant after the gap; of a time that a day has twice the first counts. So every day has
exactly one instant, and the days' instants come in the order of the days.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import ONE_DAY, Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

LOOKED_BACK = 31
"""Days after which a slot that nobody used is forgotten."""

NOON = time(12)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """On which days, and at what time of them, a job is due.

    Attributes:
        at: Local time of the day.
        zone: Whose clocks `at` is told by.
        calendar: Decides which days are worked.
        weekdays: 0 for Monday up to 6; None for the business days of the calendar.
    """

    at: time
    zone: ZoneInfo
    calendar: Calendar = field(default_factory=Calendar)
    weekdays: frozenset[int] | None = None

    def falls_on(self, day: date) -> bool:
        """Whether a day has a slot."""
        if self.weekdays is None:
            return self.calendar.is_business_day(day)
        return day.weekday() in self.weekdays

    def slot(self, day: date) -> Slot:
        """Return the slot of a day."""
        return Slot(day, instant(day, self.at, self.zone))


@dataclass(frozen=True, slots=True)
class Slot:
    """One local day on which a job is due, from a moment on (UTC)."""

    day: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done now.

    Attributes:
        slot: The day that the job is done for.
        missed: Earlier days whose work it takes along, oldest first.
        is_late: The host was off, or busy, when it was due.
    """

    slot: Slot
    missed: tuple[Slot, ...] = ()
    is_late: bool = False


PUNCTUAL = timedelta(minutes=15)
"""Work that starts within it is not called late."""


def due(
    schedule: Schedule,
    last: date | None,
    now: datetime,
    *,
    until: time | None = None,
) -> Due | None:
    """Return what is due, or None.

    Args:
        schedule: Of the job.
        last: The last day whose slot was used; None before the first one, when only
            the slot of today counts.
        now: The present, aware.
        until: The local time up to which late work is still wanted, on the slot's day
            or, for a slot that is later in the day, on the next one. After that it is
            left to the next slot. None: work is wanted however late.
    """
    slots = list(_unused(schedule, last, now))
    if not slots:
        return None
    newest = slots[-1]
    if until is not None and now > _end(newest, schedule, until):
        return None
    is_late = now - newest.due_at > PUNCTUAL
    return Due(newest, tuple(slots[:-1]), is_late)


def next_slot(schedule: Schedule, now: datetime) -> Slot | None:
    """Return the first slot after a moment; None where no day of a year has one."""
    today = now.astimezone(schedule.zone).date()
    for ahead in range(-1, 366):
        day = today + ONE_DAY * ahead
        if schedule.falls_on(day) and (slot := schedule.slot(day)).due_at > now:
            return slot
    return None


def _unused(schedule: Schedule, last: date | None, now: datetime) -> Iterator[Slot]:
    today = now.astimezone(schedule.zone).date()
    first = (
        today if last is None else max(last + ONE_DAY, today - ONE_DAY * LOOKED_BACK)
    )
    day = first
    while day <= today:
        if schedule.falls_on(day):
            slot = schedule.slot(day)
            if slot.due_at <= now:
                yield slot
        day += ONE_DAY


def _end(slot: Slot, schedule: Schedule, until: time) -> datetime:
    day = slot.day if schedule.at < until else slot.day + ONE_DAY
    return instant(day, until, schedule.zone)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return when the clocks of a zone show a time of a day, as UTC.

    Args:
        day: The local day.
        at: The local time, without a zone.
        zone: Whose clocks.
    """
    wanted = datetime.combine(day, at)
    found = wanted.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wanted:
        return found
    # The time lies in a gap: read by the clocks after it, it lies before the gap.
    before = wanted.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _first_after_gap(before, found, zone)


def _first_after_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the clocks are put forward, between two moments."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after
