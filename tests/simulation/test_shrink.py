"""A failing schedule is made as small as the failure allows."""

from __future__ import annotations

from tests.simulation.schedule import CORE, Event, Schedule, generated
from tests.simulation.shrink import shrunk


def test_only_the_events_that_matter_are_kept() -> None:
    schedule = generated(11, 300, CORE)
    first, second = schedule.events[4], schedule.events[30]

    small = shrunk(schedule, lambda each: {first, second} <= set(each.events))

    assert small.events == (first, second)


def test_the_faults_stop_as_early_as_the_failure_allows() -> None:
    event = Event(40, "fix", 3)
    schedule = Schedule(1, 300, (event,))

    small = shrunk(schedule, lambda each: event in each.events and each.steps > 40)

    assert small == Schedule(1, 41, (event,))


def test_a_failure_of_the_org_alone_needs_no_event() -> None:
    small = shrunk(generated(11, 300, CORE), lambda _each: True)

    assert (small.events, small.steps) == ((), 1)
