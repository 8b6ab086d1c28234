"""Tests of one field: what is not of its kind is never taken for a value of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gatekeeper.core.model import EMPTY, Answer, FieldValue, Money, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler import one_field
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.builders import dollars
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, HIDDEN, a_case, answer

TESTS = {
    "seats": ("seats > 0", "seats between 0 and 5", "seats is filled"),
    "amount": ("amount >= 20k", "amount between 20k and 50k"),
    "close_date": ("close_date <= 2026-12-31", "close_date between 2026-01-31 and"
                   " 2026-12-31", "close_date within next 60 days",
                   "close_date in this year"),
    "signed_at": ("signed_at on or before today", "signed_at within last 14 days",
                  "signed_at is filled"),
    "is_renewal": ("is_renewal is true",),
    "security_review": ('security_review = "Approved"',
                        'security_review in ["Approved", "Legacy"]'),
    "next_step": ('next_step = "Call"', "next_step is filled",
                  'next_step contains "call"'),
}  # fmt: skip
GOOD: dict[str, FieldValue] = {
    "seats": Decimal(3),
    "amount": dollars(30_000),
    "close_date": date(2026, 12, 1),
    "signed_at": datetime(2026, 11, 18, 9, tzinfo=UTC),
    "is_renewal": True,
    "security_review": "approved",
    "next_step": " Call ",
}
ODD: tuple[FieldValue, ...] = (
    timedelta(days=1),
    frozenset({"Approved"}),
    Decimal("sNaN"),
    Money(Decimal(1), "XXX"),
)
PAIRS = [(field, text) for field, texts in TESTS.items() for text in texts]


@pytest.mark.parametrize(("field", "text"), PAIRS)
def test_a_value_of_the_kind_is_decided(field: str, text: str) -> None:
    assert answer(text, a_case({field: GOOD[field]})) is True


@pytest.mark.parametrize(("field", "text"), PAIRS)
def test_an_empty_value_is_unknown_unless_the_test_asks_for_it(
    field: str, text: str
) -> None:
    expected = False if text.endswith("filled") else EMPTY
    assert answer(text, a_case({field: EMPTY})) is expected


def _is_a_number(field: str, text: str, value: FieldValue) -> bool:
    """A number of any size is filled, and money may stand where a number is asked."""
    if isinstance(value, Money):
        return field == "seats"
    return field == "seats" and isinstance(value, Decimal) and text.endswith("filled")


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (field, text, value)
        for field, text in PAIRS
        for value in (*ODD, HIDDEN)
        if not _is_a_number(field, text, value)
    ],
)
def test_a_value_of_another_kind_cannot_be_told(
    field: str, text: str, value: FieldValue
) -> None:
    assert isinstance(answer(text, a_case({field: value})), Unavailable)


@pytest.mark.parametrize(("field", "text"), PAIRS)
def test_a_field_that_was_not_read_cannot_be_told(field: str, text: str) -> None:
    deal = a_case()
    fields = {name: value for name, value in deal.fields.items() if name != field}
    assert isinstance(answer(text, replace(deal, fields=fields)), Unavailable)


@pytest.mark.parametrize(
    ("text", "value"),
    [("is_renewal is true", Decimal(1)), ("seats = 1", True), ("seats >= 1", True)],
)
def test_yes_is_not_the_number_one(text: str, value: FieldValue) -> None:
    field = text.split(maxsplit=1)[0]
    assert isinstance(answer(text, a_case({field: value})), Unavailable)


EVENING = datetime(2026, 11, 21, 4, 59, 59, 999_999, tzinfo=UTC)
"""The last moment of 20 November in New York, the day of the run."""


@pytest.mark.parametrize(
    ("sign", "last", "next_"),
    [
        ("=", True, False),
        ("!=", False, True),
        ("<", False, False),
        ("on or before", True, False),
        ("after", False, True),
        (">=", True, True),
    ],
)
def test_a_day_ends_with_its_last_moment(
    sign: str, last: Answer, next_: Answer
) -> None:
    text = f"signed_at {sign} today"
    assert answer(text, a_case(signed_at=EVENING)) is last
    midnight = EVENING + timedelta(microseconds=1)
    assert answer(text, a_case(signed_at=midnight)) is next_


def test_a_window_is_counted_anew_from_another_standpoint() -> None:
    line = compile_line(check(parse("close_date within next 60 days"), SCOPE))
    deal = a_case(close_date=date(2026, 12, 18))
    later = replace(CONTEXT, now=datetime(2026, 12, 20, 14, tzinfo=UTC))
    for _ in range(2):
        assert line.test(deal, CONTEXT) is True
        assert line.test(deal, later) is False


def test_every_value_of_a_picklist_is_decided_again_as_before() -> None:
    line = compile_line(check(parse('security_review = "Approved"'), SCOPE))
    values: list[FieldValue] = [
        f"V{number}" for number in range(one_field.MOST_REMEMBERED + 10)
    ]
    for value in [*values, "Approved", EMPTY, "", HIDDEN, *values, "Approved"]:
        expected: dict[FieldValue, Answer] = {
            "Approved": True,
            "": EMPTY,
            EMPTY: EMPTY,
            HIDDEN: HIDDEN,
        }
        found = line.test(a_case(security_review=value), CONTEXT)
        assert found is expected.get(value, False)
