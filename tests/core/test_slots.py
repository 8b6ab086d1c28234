from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.slots import Due, Schedule, Slot, due, instant, next_slot
from tests.builders import NEW_YORK
from tests.core.every_slot import TIMES, ZONES, fewer_times, walked, ways

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
NOON = time(12)
PARTS = 4


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


# ---- one instant a day -------------------------------------------------------------


@pytest.mark.promise("F32")
def test_a_time_that_was_left_out_is_the_first_instant_after_the_gap():
    """New York went from 01:59:59 to 03:00 on 8 March 2026, at 07:00 UTC."""
    for at in (time(2), time(2, 30), time(2, 59), time(3)):
        assert instant(date(2026, 3, 8), at, NEW_YORK) == utc(2026, 3, 8, 7)
    assert instant(date(2026, 3, 8), time(1, 59), NEW_YORK) == utc(2026, 3, 8, 6, 59)


@pytest.mark.promise("F32")
def test_of_a_time_that_came_twice_the_first_counts():
    """New York went from 01:59:59 back to 01:00 on 1 November 2026, at 06:00 UTC."""
    assert instant(date(2026, 11, 1), time(1, 30), NEW_YORK) == utc(2026, 11, 1, 5, 30)
    assert instant(date(2026, 11, 1), time(2), NEW_YORK) == utc(2026, 11, 1, 7)


def test_a_day_that_was_left_out_begins_with_the_next_one():
    """Samoa went from 29 to 31 December 2011, at 10:00 UTC of the 30th."""
    apia = ZoneInfo("Pacific/Apia")
    assert instant(date(2011, 12, 30), time(9), apia) == utc(2011, 12, 30, 10)
    assert instant(date(2011, 12, 31), time(9), apia) == utc(2011, 12, 30, 19)


@pytest.mark.promise("F32")
def test_in_every_zone_each_time_of_a_day_on_which_clocks_move_has_one_instant():
    """The instant is the first at which the clocks show that time or a later one."""
    found = ways()
    assert len(found) > 60
    for clocks in found:
        for day in clocks.moved:
            for at in TIMES:
                assert instant(day, at, clocks.zone) == clocks.instant(day, at)


# ---- one slot a business day -------------------------------------------------------

DAYS_OFF = st.frozensets(st.dates(date(2026, 3, 1), date(2026, 4, 30)), max_size=12)
SCHEDULES = st.builds(
    Schedule,
    st.sampled_from(TIMES),
    st.sampled_from(list(map(ZoneInfo, ZONES))),
    DAYS_OFF.map(Calendar),
    st.none() | st.frozensets(st.integers(0, 6)),
)
WAITS = st.lists(st.timedeltas(timedelta(minutes=1), timedelta(days=4)), max_size=60)


@pytest.mark.promise("F32", "D1")
@given(SCHEDULES, WAITS, st.none() | st.just(NOON))
@example(Schedule(time(0), ZoneInfo("UTC")), [2 * DAY, *[4 * DAY] * 9], NOON)
def test_whenever_somebody_looks_every_day_of_a_month_is_used_once_and_in_order(
    schedule, waits, until
):
    now = utc(2026, 3, 2, 12)
    last = (now - 3 * DAY).date()
    for wait in waits:
        now += wait
        found = due(schedule, last, now, until=until)
        if found is None:
            continue
        assert found.slot.due_at <= now
        today = now.astimezone(schedule.zone).date()
        # Who looks after noon each time leaves more than a month to the next slot.
        since = max(last + DAY, today - 31 * DAY)
        days = [since + DAY * n for n in range((found.slot.day - since).days + 1)]
        used = [each.day for each in (*found.missed, found.slot)]
        assert used == [day for day in days if schedule.falls_on(day)]
        last = found.slot.day


@given(SCHEDULES, st.integers(0, 40 * 96))
def test_a_quarter_of_an_hour_after_it_nothing_is_left_of_a_slot(schedule, quarters):
    now = utc(2026, 3, 1) + QUARTER * quarters
    following = next_slot(schedule, now)
    if following is None:
        assert schedule.weekdays == frozenset()
        return
    assert following.due_at > now
    before = following.day - DAY
    assert due(schedule, before, following.due_at - timedelta(seconds=1)) is None
    assert due(schedule, before, following.due_at) == Due(following)
    assert due(schedule, following.day, following.due_at + QUARTER) is None or (
        schedule.falls_on(following.day + DAY)
    )


@pytest.mark.slow
@pytest.mark.promise("F32", "D1")
@pytest.mark.parametrize("part", range(PARTS))
def test_in_every_zone_each_business_day_of_five_years_has_one_slot(part):
    """Whatever the time of the day, in steps of a quarter of an hour."""
    for clocks in ways()[part::PARTS]:
        found = walked(clocks, fewer_times)
        assert found.pop("slots") > 3000
        assert not found


# ---- late and merged ---------------------------------------------------------------

EVENING = Schedule(time(18), NEW_YORK)  # 23:00 UTC in winter
MORNING = Schedule(time(7), NEW_YORK)  # 12:00 UTC in winter
MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)


@pytest.mark.promise("F32")
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (utc(2026, 1, 13, 22, 59), None),
        (utc(2026, 1, 13, 23), Due(Slot(TUESDAY, utc(2026, 1, 13, 23)))),
        (utc(2026, 1, 13, 23, 15), Due(Slot(TUESDAY, utc(2026, 1, 13, 23)))),
        (
            utc(2026, 1, 14, 17),
            Due(Slot(TUESDAY, utc(2026, 1, 13, 23)), is_late=True),
        ),
        (utc(2026, 1, 14, 17, 0, 1), None),
    ],
)
def test_a_late_evening_digest_is_sent_up_to_noon_of_the_next_day(now, expected):
    assert due(EVENING, MONDAY, now, until=NOON) == expected


def test_a_late_morning_digest_is_sent_up_to_noon_of_the_day():
    late = Due(Slot(TUESDAY, utc(2026, 1, 13, 12)), is_late=True)
    assert due(MORNING, MONDAY, utc(2026, 1, 13, 17), until=NOON) == late
    assert due(MORNING, MONDAY, utc(2026, 1, 13, 17, 0, 1), until=NOON) is None


@pytest.mark.promise("F32", "D1")
def test_after_three_days_off_one_digest_takes_the_others_along():
    """Off from Monday night to Thursday 18:05: Tuesday and Wednesday were missed."""
    found = due(EVENING, MONDAY, utc(2026, 1, 15, 23, 5), until=NOON)
    assert found == Due(
        Slot(date(2026, 1, 15), utc(2026, 1, 15, 23)),
        (Slot(TUESDAY, utc(2026, 1, 13, 23)), EVENING.slot(date(2026, 1, 14))),
    )


def test_the_first_look_asks_for_nothing_of_days_before():
    assert due(EVENING, None, utc(2026, 1, 13, 20)) is None
    assert due(EVENING, None, utc(2026, 1, 13, 23)) == Due(EVENING.slot(TUESDAY))


def test_a_weekend_and_a_holiday_have_no_slot():
    king = Calendar(frozenset({date(2026, 1, 19)}))
    schedule = Schedule(time(18), NEW_YORK, king)
    friday = utc(2026, 1, 16, 23)
    assert next_slot(schedule, friday) == schedule.slot(date(2026, 1, 20))
    assert due(schedule, date(2026, 1, 16), utc(2026, 1, 19, 23, 30)) is None


def test_more_than_a_month_back_is_forgotten():
    found = due(EVENING, date(2025, 6, 2), utc(2026, 1, 13, 23))
    assert found is not None
    assert found.missed[0].day == date(2025, 12, 15)  # the first Monday within 31 days


@pytest.mark.parametrize(("seconds", "is_late"), [(900, False), (901, True)])
def test_work_is_late_after_a_quarter_of_an_hour(seconds: int, is_late: bool):
    slot = EVENING.slot(TUESDAY)
    now = slot.due_at + timedelta(seconds=seconds)
    assert due(EVENING, MONDAY, now) == Due(slot, is_late=is_late)


def test_work_due_at_the_very_time_it_is_wanted_to_has_until_the_next_day():
    noon = Schedule(NOON, NEW_YORK)
    found = due(noon, MONDAY, utc(2026, 1, 14, 16), until=NOON)
    assert found == Due(noon.slot(TUESDAY), is_late=True)


def test_the_next_slot_may_be_later_on_the_same_day():
    assert next_slot(EVENING, utc(2026, 1, 13, 22)) == EVENING.slot(TUESDAY)


def test_a_slot_more_than_a_year_ahead_is_none():
    today = date(2026, 1, 13)
    off = frozenset(today + DAY * n for n in range(366))
    year = Schedule(time(18), NEW_YORK, Calendar(off))
    assert next_slot(year, utc(2026, 1, 13, 12)) is None
    last = Schedule(time(18), NEW_YORK, Calendar(off - {today + DAY * 365}))
    assert next_slot(last, utc(2026, 1, 13, 12)) == last.slot(today + DAY * 365)
