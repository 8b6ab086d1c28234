from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar, local_date
from tests.builders import NEW_YORK

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
CALENDARS = st.frozensets(DAYS, max_size=40).map(Calendar)


def test_a_weekend_is_stepped_over():
    plain = Calendar()
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    assert plain.add(friday, 1) == date(2026, 11, 23)
    assert plain.add(friday, 3) == date(2026, 11, 25)
    assert plain.add(saturday, 0) == date(2026, 11, 23)
    assert plain.add(saturday, 1) == date(2026, 11, 24)
    assert plain.add(date(2026, 11, 23), -1) == friday
    assert plain.between(friday, date(2026, 11, 27)) == 5


def test_a_day_off_rolls_to_the_next_business_day_or_back_to_the_last():
    thanksgiving = Calendar(frozenset({date(2026, 11, 26), date(2026, 11, 27)}))
    wednesday, monday = date(2026, 11, 25), date(2026, 11, 30)
    for off in (date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 29)):
        assert thanksgiving.roll_forward(off) == monday
        assert thanksgiving.roll_back(off) == wednesday
        assert thanksgiving.add(off, -1) == date(2026, 11, 24)
    assert thanksgiving.roll_back(monday) == monday
    assert thanksgiving.roll_forward(wednesday) == wednesday


@given(
    st.integers(-2_000_000_000, 4_000_000_000),
    st.sampled_from(
        ["America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]
    ),
    st.sampled_from([UTC, timezone(timedelta(hours=-9, minutes=-30))]),
)
def test_the_local_date_is_the_zones_own_on_every_day(second, name, seen_from):
    """Lord Howe moves its clocks by half an hour; Apia left out 30 December 2011."""
    zone, moment = ZoneInfo(name), datetime.fromtimestamp(second, seen_from)
    assert local_date(moment, zone) == moment.astimezone(zone).date()


@pytest.mark.parametrize("hour", range(24))
@pytest.mark.parametrize(
    "day", [date(2026, 3, 8), date(2026, 11, 1), date(2011, 12, 30)]
)
def test_the_local_date_is_right_while_the_clocks_are_moved(day, hour):
    moment = datetime.combine(day, time(hour, 59), UTC)
    for zone in (NEW_YORK, ZoneInfo("Pacific/Apia")):
        assert local_date(moment, zone) == moment.astimezone(zone).date()


def test_the_local_date_is_the_one_on_the_wall():
    moment = datetime(2026, 11, 20, 4, 59, tzinfo=UTC)
    assert local_date(moment, NEW_YORK) == date(2026, 11, 19)
    assert local_date(moment + timedelta(minutes=1), NEW_YORK) == date(2026, 11, 20)


@given(CALENDARS, DAYS, DAYS)
def test_business_days_between_are_counted_one_by_one(calendar, start, end):
    first, last = sorted((start, end))
    one_by_one = sum(
        calendar.is_business_day(first + timedelta(days=step))
        for step in range(1, (last - first).days + 1)
    )
    expected = one_by_one if start <= end else -one_by_one
    assert calendar.between(start, end) == expected


@given(CALENDARS, DAYS, st.integers(0, 60))
def test_adding_business_days_lands_on_one_and_is_what_between_counts(
    calendar, day, count
):
    landed = calendar.add(day, count)
    assert calendar.is_business_day(landed)
    assert calendar.between(calendar.roll_forward(day), landed) == count
