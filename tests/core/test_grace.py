"""Grace: until when a failure waits."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.grace import grace_is_over, graced
from gatekeeper.core.model import State
from gatekeeper.core.pack import Grace, Unit
from tests.builders import NEW_YORK, NOW, a_context, a_rule, a_violation

FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=NEW_YORK)


def is_over(grace, day, hour, minute, **context):
    now = datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK)
    return grace_is_over(FRIDAY, grace, a_context(now, **context))


def test_no_grace_is_over_at_once():
    for unit in Unit:
        assert is_over(Grace(0, unit), 20, 9, 0)


def test_hours_pass_to_the_minute():
    two_days = Grace(48, Unit.HOURS)
    assert not is_over(two_days, 22, 8, 59)
    assert is_over(two_days, 22, 9, 0)


def test_the_last_calendar_day_still_waits():
    three = Grace(3, Unit.DAYS)
    assert not is_over(three, 23, 23, 59)
    assert is_over(three, 24, 0, 0)


def test_the_last_business_day_still_waits_and_holidays_are_stepped_over():
    three = Grace(3, Unit.BUSINESS_DAYS)
    assert not is_over(three, 25, 23, 59)
    assert is_over(three, 26, 0, 0)
    closed = Calendar(frozenset({date(2026, 11, 24)}))
    assert not is_over(three, 26, 23, 59, calendar=closed)
    assert is_over(three, 27, 0, 0, calendar=closed)


GRACE = a_rule(grace=Grace(1, Unit.DAYS))
PENDING = a_violation(state=State.PENDING, opened_at=None)


@pytest.mark.parametrize("state", [State.OPEN, State.EXEMPT])
def test_what_does_not_wait_is_left_as_it_is(state):
    stands = a_violation(state=state, opened_at=NOW - timedelta(days=9))
    assert graced(stands, GRACE, a_context()) is stands


def test_an_exempt_failure_has_no_grace_even_where_it_would_begin_now():
    exempt = a_violation(state=State.EXEMPT, opened_at=None, grace_from=NOW)
    assert graced(exempt, a_rule(), a_context()) is exempt


def test_what_waited_long_enough_is_open_from_now_on_or_from_when_it_was():
    later = NOW + timedelta(days=2)
    assert graced(PENDING, GRACE, a_context(later)) == a_violation(
        state=State.OPEN, opened_at=later
    )
    before = a_violation(state=State.PENDING, opened_at=NOW)
    assert graced(before, GRACE, a_context(later)).opened_at == NOW
    assert graced(PENDING, GRACE, a_context()) == PENDING


def test_a_fresh_grace_takes_an_open_failure_back_and_counts_from_its_own_day():
    """The mode was raised just now, four days after the first failure."""
    raised = NOW + timedelta(days=4)
    again = a_violation(grace_from=raised)
    assert graced(again, GRACE, a_context(raised)) == a_violation(
        grace_from=raised, state=State.PENDING, opened_at=None
    )
    waits = a_violation(state=State.PENDING, opened_at=None, grace_from=raised)
    still = raised + timedelta(days=1)
    assert graced(waits, GRACE, a_context(still)).state is State.PENDING
    over = raised + timedelta(days=2)
    assert graced(waits, GRACE, a_context(over)).state is State.OPEN
