from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar

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
