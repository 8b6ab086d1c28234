"""Clocks that are held against each other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers

from gatekeeper.core.clocks import ahead, differ, difference

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@given(asked=integers(0, 60), answered=integers(0, 60), apart=integers(-90, 90))
def test_no_wait_for_an_answer_is_taken_for_a_difference(
    asked: int, answered: int, apart: int
) -> None:
    """The other clock was looked at somewhere between question and answer."""
    told = NOON + apart * SECOND
    found = ahead(told, NOON - asked * SECOND, NOON + answered * SECOND)

    assert abs(found) <= abs(apart) * SECOND
    assert found * apart >= timedelta()  # on the side that is true, or none
    assert abs(apart * SECOND - found) <= max(asked, answered) * SECOND


@pytest.mark.parametrize(
    ("seconds", "do_differ"),
    [(0, False), (30, False), (-30, False), (31, True), (-31, True)],
)
def test_half_a_minute_is_let_pass(seconds: int, *, do_differ: bool) -> None:
    assert differ(ahead(NOON + seconds * SECOND, NOON, NOON)) is do_differ


def test_a_difference_is_told_from_where_the_reader_stands() -> None:
    assert difference("the database", 75 * SECOND) == (
        "this machine's clock is 75 seconds behind that of the database"
    )
    assert difference("Salesforce", -86_400 * SECOND) == (
        "this machine's clock is 86,400 seconds ahead of that of Salesforce"
    )
