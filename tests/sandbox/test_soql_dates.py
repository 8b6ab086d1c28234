"""The days behind date literals. Friday 20 November 2026 is today."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce.soql_dates import (
    midnight,
    span_of,
    stored_datetime,
)

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("TODAY", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19"),
        ("TOMORROW", "2026-11-21", "2026-11-21"),
        ("THIS_WEEK", "2026-11-15", "2026-11-21"),
        ("LAST_WEEK", "2026-11-08", "2026-11-14"),
        ("NEXT_WEEK", "2026-11-22", "2026-11-28"),
        ("THIS_MONTH", "2026-11-01", "2026-11-30"),
        ("NEXT_MONTH", "2026-12-01", "2026-12-31"),
        ("THIS_QUARTER", "2026-10-01", "2026-12-31"),
        ("NEXT_QUARTER", "2027-01-01", "2027-03-31"),
        ("LAST_YEAR", "2025-01-01", "2025-12-31"),
        ("THIS_FISCAL_YEAR", "2026-01-01", "2026-12-31"),
        ("LAST_FISCAL_QUARTER", "2026-07-01", "2026-09-30"),
        ("LAST_90_DAYS", "2026-08-22", "2026-11-20"),
        ("NEXT_90_DAYS", "2026-11-21", "2027-02-18"),
        ("LAST_N_DAYS:30", "2026-10-21", "2026-11-20"),
        ("NEXT_N_DAYS:2", "2026-11-21", "2026-11-22"),
        ("N_DAYS_AGO:3", "2026-11-17", "2026-11-17"),
        ("LAST_N_WEEKS:2", "2026-11-01", "2026-11-14"),
        ("LAST_N_MONTHS:2", "2026-09-01", "2026-10-31"),
        ("N_MONTHS_AGO:11", "2025-12-01", "2025-12-31"),
        ("NEXT_N_QUARTERS:1", "2027-01-01", "2027-03-31"),
        ("LAST_N_YEARS:2", "2024-01-01", "2025-12-31"),
    ],
)
def test_a_date_literal_is_a_span_of_days(word, first, last):
    span = span_of(word, TODAY)

    assert span is not None
    assert span[0].isoformat() == first
    assert (span[1] - timedelta(days=1)).isoformat() == last


@pytest.mark.parametrize(
    "word",
    ["THIS_DAY", "LAST_N_DAYS", "LAST_N_DAYS:", "LAST_DECADE", "NOW", "TODAY:3", ""],
)
def test_other_words_are_no_date_literals(word):
    assert span_of(word, TODAY) is None


def test_a_span_beyond_the_calendar_is_no_date_literal():
    assert span_of("LAST_N_YEARS:9999", TODAY) is None


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.integers(0, 500))
def test_the_last_weeks_end_where_this_week_starts(today, count):
    last = span_of(f"LAST_N_WEEKS:{count}", today)
    this = span_of("THIS_WEEK", today)

    assert last is not None
    assert this is not None
    assert last[1] == this[0]
    assert last[1] - last[0] == timedelta(weeks=count)
    assert this[0] <= today < this[1]


def test_a_day_starts_at_midnight_of_the_users_zone():
    day = date(2026, 11, 20)

    assert midnight(day, UTC) == "2026-11-20T00:00:00.000+0000"
    zone = ZoneInfo("America/New_York")
    assert midnight(day, zone) == "2026-11-20T05:00:00.000+0000"


@pytest.mark.parametrize(
    ("literal", "stored"),
    [
        ("2026-11-20T23:59:58Z", "2026-11-20T23:59:58.000+0000"),
        ("2026-11-20T23:59:58.250Z", "2026-11-20T23:59:58.250+0000"),
        ("2026-11-21T01:00:00+02:00", "2026-11-20T23:00:00.000+0000"),
        ("2026-11-20T23:59:58-0500", "2026-11-21T04:59:58.000+0000"),
        ("2026-02-30T00:00:00Z", None),
    ],
)
def test_a_date_time_literal_is_stored_in_utc(literal, stored):
    assert stored_datetime(literal) == stored
