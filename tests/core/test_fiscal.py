"""Fiscal years of weeks: 4-4-5, by hand from the first Monday of February 2026."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.fiscal import FiscalCalendar

# Weeks of the twelve fiscal months of 2026 and the first of 2027.
YEAR_2026 = FiscalCalendar(
    months=(
        *(date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 30)),
        *(date(2026, 5, 4), date(2026, 6, 1), date(2026, 6, 29)),
        *(date(2026, 8, 3), date(2026, 8, 31), date(2026, 9, 28)),
        *(date(2026, 11, 2), date(2026, 11, 30), date(2026, 12, 28)),
        date(2027, 2, 1),
    ),
    quarters=(
        *(date(2026, 2, 2), date(2026, 5, 4), date(2026, 8, 3), date(2026, 11, 2)),
        date(2027, 2, 1),
    ),
    years=(date(2026, 2, 2), date(2027, 2, 1)),
)


@pytest.mark.parametrize(
    ("period", "day", "step", "first", "last"),
    [
        ("month", date(2026, 11, 20), 0, date(2026, 11, 2), date(2026, 11, 29)),
        ("month", date(2026, 11, 20), 1, date(2026, 11, 30), date(2026, 12, 27)),
        ("month", date(2026, 11, 20), -1, date(2026, 9, 28), date(2026, 11, 1)),
        ("quarter", date(2026, 11, 20), 0, date(2026, 11, 2), date(2027, 1, 31)),
        ("quarter", date(2026, 11, 20), -1, date(2026, 8, 3), date(2026, 11, 1)),
        ("quarter", date(2026, 11, 1), 1, date(2026, 11, 2), date(2027, 1, 31)),
        ("year", date(2026, 2, 2), 0, date(2026, 2, 2), date(2027, 1, 31)),
        ("year", date(2027, 1, 31), 0, date(2026, 2, 2), date(2027, 1, 31)),
    ],
)
def test_a_period_goes_from_its_first_day_to_the_day_before_the_next(
    period: str, day: date, step: int, first: date, last: date
) -> None:
    assert YEAR_2026.bounds(period, day, step) == (first, last)


@pytest.mark.parametrize(
    ("period", "day", "step"),
    [
        ("month", date(2026, 2, 1), 0),  # the day before the first
        ("month", date(2026, 2, 1), 1),
        ("month", date(2026, 2, 2), -1),
        ("month", date(2027, 2, 1), 0),  # of the last row only the first day is known
        ("month", date(2027, 2, 1), -1),
        ("quarter", date(2026, 11, 20), 1),
        ("year", date(2026, 11, 20), 1),
        ("year", date(2026, 11, 20), -1),
    ],
)
def test_what_the_calendar_does_not_reach_is_not_made_up(
    period: str, day: date, step: int
) -> None:
    with pytest.raises(OverflowError, match=f"no fiscal {period} that is {step}"):
        YEAR_2026.bounds(period, day, step)


@given(
    st.lists(st.sampled_from([28, 35]), min_size=3, max_size=30),
    st.integers(0, 400),
)
def test_periods_follow_one_another_without_a_gap(weeks: list[int], days: int) -> None:
    starts = tuple(
        date(2026, 2, 2) + timedelta(days=count)
        for count in accumulate(weeks, initial=0)
    )
    calendar = FiscalCalendar(starts, starts, starts)
    day = starts[1] + timedelta(days=days % (starts[-2] - starts[1]).days)
    before, this, after = (calendar.bounds("month", day, step) for step in (-1, 0, 1))
    assert this[0] <= day <= this[1]
    assert before[1] + timedelta(days=1) == this[0]
    assert this[1] + timedelta(days=1) == after[0]
