"""Windows of time and comparisons with a day: both ends, and the calendar's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, FieldValue, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.closures import OUT_OF_RANGE
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import ParamSpec
from gatekeeper.language.tree.syntax import TimeUnit
from tests.language.scopes import SCOPE, days
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Deal

LENGTHS = {
    "Days": days(14),
    "Hours": days(30, TimeUnit.HOURS),
    "Years": days(100, TimeUnit.YEARS),
}
CHOSEN = ParamSpec("reach", Kind.DURATION, by="account.segment", values=LENGTHS)
IN_DAYS = replace(
    CHOSEN,
    name="days",
    values={name: length for name, length in LENGTHS.items() if name != "Hours"},
)
ALL = replace(SCOPE, params={"reach": CHOSEN, "days": IN_DAYS})
INSTANT = timedelta(microseconds=1)
BEGINS = datetime(2026, 11, 20, 5, tzinfo=UTC)
"""Midnight in New York, where the day of the run begins."""
ENDS = BEGINS + timedelta(days=1)
LONG_AGO = replace(CONTEXT, now=datetime(60, 6, 1, tzinfo=UTC))


def answer(text: str, deal: Deal, context: Context = CONTEXT) -> Answer:
    return compile_line(check(parse(text), ALL)).test(deal, context)


def chosen(name: str, **fields: FieldValue) -> Deal:
    return a_case({"account.segment": name}, **fields)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("within last 14 days", BEGINS - timedelta(days=14), ENDS),
        ("within next 14 days", BEGINS, ENDS + timedelta(days=14)),
        ("within last 3 business days", BEGINS - timedelta(days=3), ENDS),
        ("in this week", BEGINS - timedelta(days=4), BEGINS + timedelta(days=3)),
        ("= today", BEGINS, ENDS),
    ],
)
@pytest.mark.parametrize("value", ["signed_at", "coalesce(signed_at, created_at)"])
def test_a_moment_is_inside_from_the_first_midnight_until_before_the_last(
    value: str, text: str, first: datetime, last: datetime
) -> None:
    for moment, expected in (
        (first - INSTANT, False),
        (first, True),
        (last - INSTANT, True),
        (last, False),
    ):
        assert answer(f"{value} {text}", a_case(signed_at=moment)) is expected


@pytest.mark.parametrize(
    ("sign", "at_begin", "before_end", "at_end"),
    [
        ("<", False, False, False),
        ("<=", True, True, False),
        (">", False, False, True),
        (">=", True, True, True),
        ("!=", False, False, True),
    ],
)
@pytest.mark.parametrize("value", ["signed_at", "coalesce(signed_at, created_at)"])
def test_a_moment_is_before_or_after_a_whole_day(
    value: str, sign: str, *, at_begin: bool, before_end: bool, at_end: bool
) -> None:
    found = [
        answer(f"{value} {sign} today", a_case(signed_at=moment))
        for moment in (BEGINS, ENDS - INSTANT, ENDS)
    ]
    assert found == [at_begin, before_end, at_end]
    before = answer(f"{value} {sign} today", a_case(signed_at=BEGINS - INSTANT))
    assert before is (sign in {"<", "<=", "!="})


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
@pytest.mark.parametrize(
    "text",
    [
        "coalesce(signed_at, signed_at) before today",
        "coalesce(signed_at, signed_at) within last 14 days",
        "signed_at within last $reach",
        "signature_date within last $days",
    ],
)
def test_what_is_blank_is_in_no_window_and_before_no_day(
    text: str, blank: FieldValue
) -> None:
    deal = chosen("Days", signed_at=blank, signature_date=blank)
    assert answer(text, deal) is blank


# ---- lengths that a field chooses ----------------------------------------------------


@pytest.mark.parametrize(
    ("direction", "day", "expected"),
    [
        ("last", date(2026, 11, 5), False),
        ("last", date(2026, 11, 6), True),
        ("last", date(2026, 11, 20), True),
        ("last", date(2026, 11, 21), False),
        ("next", date(2026, 11, 19), False),
        ("next", date(2026, 11, 20), True),
        ("next", date(2026, 12, 4), True),
        ("next", date(2026, 12, 5), False),
    ],
)
def test_both_ends_of_a_chosen_window_are_inside(
    direction: str, day: date, *, expected: bool
) -> None:
    deal = chosen("Days", close_date=day)
    assert answer(f"close_date within {direction} $days", deal) is expected


def test_a_moment_is_in_a_chosen_window_by_its_local_date() -> None:
    for moment, expected in ((ENDS - INSTANT, True), (ENDS, False)):
        deal = chosen("Days", signed_at=moment)
        assert answer("signed_at within last $reach", deal) is expected


@pytest.mark.parametrize("length", ["30 hours", "$reach"])
@pytest.mark.parametrize(
    ("direction", "hours", "expected"),
    [
        ("last", Decimal(0), True),
        ("last", Decimal(-30), True),
        ("next", Decimal(0), True),
        ("next", Decimal(30), True),
        ("last", Decimal("-30.01"), False),
        ("last", Decimal("0.01"), False),
        ("next", Decimal("-0.01"), False),
        ("next", Decimal("30.01"), False),
    ],
)
def test_hours_are_counted_from_this_moment_with_both_ends(
    length: str, direction: str, hours: Decimal, *, expected: bool
) -> None:
    at = CONTEXT.now + timedelta(hours=float(hours))
    deal = chosen("Hours", signed_at=at)
    assert answer(f"signed_at within {direction} {length}", deal) is expected


def test_a_length_that_was_not_read_cannot_be_told() -> None:
    deal = a_case({"account.segment": HIDDEN}, close_date=date(2026, 11, 20))
    assert answer("close_date within last $days", deal) is HIDDEN


# ---- where the calendar ends ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "close_date within last 100 years",
        "created_at within last 100 years",
        "coalesce(created_at, created_at) within last 100 years",
        "coalesce(close_date, close_date) within last 100 years",
        "close_date within last $days",
    ],
)
def test_a_window_that_begins_before_the_calendar_cannot_be_told(text: str) -> None:
    assert answer(text, chosen("Years"), LONG_AGO) == OUT_OF_RANGE
    assert isinstance(answer(text, chosen("Years")), bool)


def test_a_day_that_no_midnight_follows_is_compared_with_nothing() -> None:
    last = date.max.isoformat()
    for value in ("created_at", "coalesce(created_at, created_at)"):
        assert isinstance(answer(f"{value} before {last}", a_case()), Unavailable)
