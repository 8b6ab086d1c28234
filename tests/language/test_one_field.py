"""Tests of one field: what is not of its kind is never taken for a value of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from operator import eq, ge
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import (
    EMPTY,
    Answer,
    Deal,
    FieldValue,
    Money,
    Row,
    Unavailable,
)
from gatekeeper.language.checker import check
from gatekeeper.language.compiler import one_field
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.compiler.readers import NO_ROW
from gatekeeper.language.parser.line import parse
from gatekeeper.language.tree import typed
from tests.builders import dollars
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, HIDDEN, a_case, answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker

    Maker = Callable[[typed.Field, Asker], Asker]

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


# ---- in one step ---------------------------------------------------------------------


def the_long_way(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
    """Answer like nothing that is decided in one step."""
    return HIDDEN


def one_to_three(field: typed.Field, otherwise: Asker) -> Asker:
    return one_field.between_fixed(field, Decimal(1), Decimal(3), otherwise)


def first_days(field: typed.Field, otherwise: Asker) -> Asker:
    span = date(2026, 11, 1), date(2026, 11, 3)
    return one_field.in_span(field, lambda _ctx: span, otherwise)


def first_hours(field: typed.Field, otherwise: Asker) -> Asker:
    span = EVENING, EVENING + timedelta(hours=3)
    return one_field.in_span(field, lambda _ctx: span, otherwise)


MAKERS: dict[str, tuple[Kind, Maker, dict[FieldValue, Answer]]] = {
    "number": (
        Kind.NUMBER,
        lambda field, way: one_field.against_fixed(field, ge, Decimal(2), way),
        {Decimal(1): False, Decimal(2): True, dollars(2): HIDDEN, EMPTY: EMPTY},
    ),
    "money": (
        Kind.MONEY,
        lambda field, way: one_field.against_fixed(field, ge, Decimal(2), way),
        {dollars(1): False, dollars(2): True, Money(Decimal(2), "EUR"): HIDDEN},
    ),
    "between numbers": (
        Kind.NUMBER,
        one_to_three,
        {
            Decimal(0): False,
            Decimal(1): True,
            Decimal(3): True,
            Decimal(4): False,
            dollars(2): HIDDEN,
            EMPTY: EMPTY,
        },
    ),
    "between money": (
        Kind.MONEY,
        one_to_three,
        {dollars(0): False, dollars(1): True, dollars(3): True, dollars(4): False},
    ),
    "between days": (Kind.DATE, one_to_three, {date(2026, 11, 2): HIDDEN}),
    "span of days": (
        Kind.DATE,
        first_days,
        {
            date(2026, 10, 31): False,
            date(2026, 11, 1): True,
            date(2026, 11, 3): True,
            date(2026, 11, 4): False,
            EVENING: HIDDEN,
            EMPTY: EMPTY,
        },
    ),
    "span of moments": (
        Kind.DATETIME,
        first_hours,
        {
            EVENING - timedelta(seconds=1): False,
            EVENING: True,
            EVENING + timedelta(hours=3): True,
            date(2026, 11, 2): HIDDEN,
        },
    ),
    "no span": (
        Kind.DATE,
        lambda field, way: one_field.in_span(field, lambda _ctx: None, way),
        {date(2026, 11, 2): HIDDEN, EMPTY: EMPTY},
    ),
    "text": (
        Kind.TEXT,
        lambda field, way: one_field.text_against_fixed(field, eq, "call", way),
        {" Call ": True, "Mail": False, "tbd": HIDDEN, EMPTY: EMPTY},
    ),
    "yes": (
        Kind.YES_NO,
        lambda field, way: one_field.is_true(field, way, wanted=True),
        {True: True, False: False, EMPTY: HIDDEN},
    ),
    "no": (
        Kind.YES_NO,
        lambda field, way: one_field.is_true(field, way, wanted=False),
        {True: False, False: True, EMPTY: HIDDEN},
    ),
    "filled": (
        Kind.NUMBER,
        lambda field, way: one_field.is_filled(field, way, wanted=True),
        {Decimal(0): True, EMPTY: False, "1": HIDDEN},
    ),
    "empty": (
        Kind.NUMBER,
        lambda field, way: one_field.is_filled(field, way, wanted=False),
        {Decimal(0): False, EMPTY: True},
    ),
    "written": (
        Kind.TEXT,
        lambda field, way: one_field.is_written(field, way, wanted=True),
        {"Call": True, "tbd": False, EMPTY: False, Decimal(1): HIDDEN},
    ),
    "not written": (
        Kind.TEXT,
        lambda field, way: one_field.is_written(field, way, wanted=False),
        {"Call": False, "tbd": True, EMPTY: True},
    ),
}
"""By what is asked: the answer to each value; hidden is what goes the long way."""


@pytest.mark.parametrize(("kind", "make", "answers"), MAKERS.values(), ids=MAKERS)
def test_what_is_of_the_kind_is_decided_in_one_step_and_the_rest_the_long_way(
    kind: Kind, make: Maker, answers: dict[FieldValue, Answer]
) -> None:
    ask = make(typed.Field("seats", kind), the_long_way)
    for value, expected in answers.items():
        assert ask(a_case(seats=value), CONTEXT) is expected, value


@pytest.mark.parametrize(("kind", "make", "answers"), MAKERS.values(), ids=MAKERS)
def test_a_row_is_asked_for_its_own_field_not_the_deal_for_one_of_that_name(
    kind: Kind, make: Maker, answers: dict[FieldValue, Answer]
) -> None:
    ask = make(typed.Field("seats", kind, collection="contacts"), the_long_way)
    for value, expected in answers.items():
        for other in answers:
            found = ask(a_case(seats=other), CONTEXT, {"seats": value})
            assert found is expected, (value, other)


def test_a_value_of_a_row_is_remembered_apart_from_the_deal() -> None:
    asked: list[object] = []

    def way(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        asked.append(row["role"])
        return row["role"] == "Champion"

    field = typed.Field("role", Kind.PICKLIST, collection="contacts")
    ask = one_field.remembered(field, way)
    deal = a_case(role="Other")
    for role in ("Champion", "User", "Champion", "User"):
        assert ask(deal, CONTEXT, {"role": role}) is (role == "Champion")
    assert asked == ["Champion", "User"]


def test_what_a_picklist_remembers_has_an_end() -> None:
    asked: list[object] = []

    def way(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        asked.append(deal.fields["rating"])
        return True

    ask = one_field.remembered(typed.Field("rating", Kind.PICKLIST), way)
    values = [f"V{number}" for number in range(one_field.MOST_REMEMBERED + 1)]
    for value in (*values, *values):
        assert ask(a_case(rating=value), CONTEXT) is True
    assert asked == [*values, values[-1]]


@pytest.mark.parametrize(
    ("value", "is_plain"),
    [
        (typed.Field("seats", Kind.NUMBER), True),
        (typed.Field("name", Kind.TEXT), False),
        (typed.Field("name", Kind.TEXT, collection="contacts"), True),
        (typed.Constant(Decimal(1), Kind.NUMBER), False),
    ],
)
def test_what_the_deal_itself_is_called_stands_among_no_fields(
    value: typed.Value, *, is_plain: bool
) -> None:
    assert one_field.is_plain(value) is is_plain
