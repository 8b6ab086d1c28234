"""The times of a day, and the schedules they make."""

from __future__ import annotations

from datetime import date, time, timedelta

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.slots import Schedule
from gatekeeper.core.timetable import Times, every
from tests.builders import NEW_YORK

HOUR = timedelta(hours=1)


def test_times_go_step_by_step_from_the_first_to_the_last() -> None:
    assert every(HOUR, time(22), time(23, 30)) == (time(22), time(23))


def test_a_step_that_meets_the_last_time_belongs_to_the_day() -> None:
    assert every(HOUR / 2, time(8), time(9)) == (time(8), time(8, 30), time(9))


def test_a_step_longer_than_the_day_leaves_the_first_time() -> None:
    assert every(timedelta(days=2), time(5), time(23)) == (time(5),)


def test_a_last_time_before_the_first_leaves_none() -> None:
    assert every(HOUR, time(9), time(8)) == ()


def test_each_time_has_a_schedule_on_the_same_days() -> None:
    calendar = Calendar(frozenset({date(2026, 12, 25)}))
    times = Times((time(5), time(12, 30)), frozenset({0, 3}))
    assert list(times.schedules(NEW_YORK, calendar)) == [
        Schedule(at, NEW_YORK, calendar, frozenset({0, 3})) for at in times.at
    ]
