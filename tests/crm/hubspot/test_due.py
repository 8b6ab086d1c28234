"""The moment that stands for a due day, and the day that stands for a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.crm.hubspot.due import DueTimes

NEW_YORK, TOKYO = ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
CALIFORNIA = ZoneInfo("America/Los_Angeles")
DUES = DueTimes(NEW_YORK, {"ken": TOKYO, "joe": CALIFORNIA})


@pytest.mark.parametrize(
    ("owner", "hour"), [("ken", 8), ("ann", 22), (None, 22)], ids=str
)
def test_a_day_ends_at_five_where_its_owner_works(owner, hour):
    """In November Tokyo is nine hours ahead of UTC, New York five behind."""
    found = DUES.moment(date(2026, 11, 25), owner)
    assert found == datetime(2026, 11, 25, hour, tzinfo=UTC)


def test_a_moment_of_a_person_is_the_day_it_is_where_the_owner_works():
    """22:30 UTC is 07:30 of the next day in Tokyo and 17:30 in New York."""
    wire = "2026-11-25T22:30:00.000Z"
    assert DUES.day(wire, "ken") == date(2026, 11, 26)
    assert DUES.day(wire, "ann") == date(2026, 11, 25)


def test_five_in_california_in_summer_is_midnight_and_still_the_day_before():
    wire = "2026-07-11T00:00:00.000Z"
    assert DUES.day(wire, "joe") == date(2026, 7, 10)
    assert DueTimes(CALIFORNIA).day(wire, None) == date(2026, 7, 10)
    assert DueTimes(TOKYO).day(wire, None) == date(2026, 7, 11)


@pytest.mark.parametrize("wire", [None, "", "soon"])
def test_no_moment_is_no_day(wire):
    assert DUES.day(wire, "ken") is None


@given(
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    st.sampled_from(["ken", "joe", "ann"]),
    st.sampled_from(["ken", "joe", "ann"]),
)
def test_a_day_stays_the_day_that_was_written_whoever_has_the_task_now(
    day, writer, owner
):
    moment = DUES.moment(day, writer)
    assert DUES.day(moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"), owner) == day
