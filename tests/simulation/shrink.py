"""Makes a failing schedule small: fewer events, then fewer steps, the same failure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.schedule import Event, Schedule

    Fails = Callable[[Schedule], bool]


def shrunk(schedule: Schedule, fails: Fails) -> Schedule:
    """Return a smaller schedule that still fails.

    Args:
        schedule: One that fails.
        fails: Whether a schedule fails in the same way.
    """
    smaller = _with_fewer_events(schedule, fails)
    smaller = _shorter(smaller, fails)
    return _with_fewer_events(smaller, fails)


def _with_fewer_events(schedule: Schedule, fails: Fails) -> Schedule:
    """Take out lots of events, then smaller lots, down to single ones."""
    size = max(1, len(schedule.events) // 2)
    while True:
        schedule, has_shrunk = _without_lots(schedule, size, fails)
        if size == 1 and not has_shrunk:
            return schedule
        size = max(1, size // 2)


def _without_lots(schedule: Schedule, size: int, fails: Fails) -> tuple[Schedule, bool]:
    has_shrunk, start = False, 0
    while start < len(schedule.events):
        kept: tuple[Event, ...] = (
            schedule.events[:start] + schedule.events[start + size :]
        )
        smaller = replace(schedule, events=kept)
        if fails(smaller):
            schedule, has_shrunk = smaller, True
        else:
            start += size
    return schedule, has_shrunk


def _shorter(schedule: Schedule, fails: Fails) -> Schedule:
    """Let the faults stop as early as the failure allows, tried from the front."""
    last = max((event.at for event in schedule.events), default=0)
    for steps in sorted({1, last + 1, last + 10, last + 30, last + 60, last + 120}):
        smaller = replace(schedule, steps=steps)
        if steps < schedule.steps and fails(smaller):
            return smaller
    return schedule
