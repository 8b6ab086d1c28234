"""What a field is read as: one type for each kind, and blank where it says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money, Person, Unavailable
from gatekeeper.language.compiler.placeholders import reduced, text_of
from gatekeeper.language.compiler.readers import (
    field_reader,
    in_currency,
    label_of,
    local_date,
    local_moment,
    raw_reader,
)
from gatekeeper.language.tree.typed_values import Field
from tests.builders import NEW_YORK, dollars
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from gatekeeper.core.model import FieldValue

ANN = Person("005A", "Ann Rep")
ODD = Unavailable("value holds a value of another type")
EVENING = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)  # still the 20th in New York
FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
NO_DATE = Unavailable("a date is out of range")


def read(kind: Kind | None, value: FieldValue) -> object:
    return field_reader(Field("value", kind))(a_case({"value": value}), CONTEXT)


READ: list[tuple[Kind | None, FieldValue, object]] = [
    (Kind.TEXT, "  Call Ann ", "Call Ann"),
    (Kind.TEXT, "  ", EMPTY),
    (Kind.TEXT, "T.B.D!", EMPTY),
    (Kind.EMAIL, " n/a ", EMPTY),
    (Kind.URL, "x.io", "x.io"),
    (Kind.REFERENCE, "001A", "001A"),
    (Kind.PICKLIST, " Closed ", "Closed"),
    (Kind.PICKLIST, "tbd", "tbd"),
    (Kind.PICKLIST, " ", EMPTY),
    (Kind.STAGE, "", EMPTY),
    (Kind.NUMBER, Decimal("1.5"), Decimal("1.5")),
    (Kind.NUMBER, Money(Decimal(7), "EUR"), Decimal(7)),
    (Kind.PERCENT, Decimal(20), Decimal(20)),
    (Kind.MONEY, dollars(20), Decimal(20)),
    (Kind.MONEY, Money(Decimal("1.11"), "EUR"), Decimal("1.22")),
    (Kind.MONEY, Decimal(30), Decimal(30)),
    (Kind.DATE, date(2026, 11, 20), date(2026, 11, 20)),
    (Kind.DATE, EVENING, date(2026, 11, 20)),
    (Kind.DATE, FIRST, NO_DATE),
    (Kind.DATETIME, EVENING, EVENING),
    (Kind.YES_NO, False, False),
    (Kind.MULTI_PICKLIST, frozenset({"Acme"}), frozenset({"Acme"})),
    (Kind.MULTI_PICKLIST, frozenset(), EMPTY),
    (Kind.USER, ANN, ANN),
    (Kind.DURATION, timedelta(days=1), timedelta(days=1)),
    (None, "  a ", "a"),
    (None, "  ", EMPTY),
    (None, "tbd", "tbd"),
    (None, frozenset(), EMPTY),
    (None, Decimal(0), Decimal(0)),
    (None, False, False),
]


@pytest.mark.parametrize(("kind", "value", "expected"), READ)
def test_a_value_is_read_in_the_type_of_its_kind(
    kind: Kind | None, value: FieldValue, expected: object
) -> None:
    assert read(kind, value) == expected
    assert type(read(kind, value)) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.TEXT, Decimal(1)),
        (Kind.PICKLIST, frozenset({"A"})),
        (Kind.STAGE, Decimal(1)),
        (Kind.NUMBER, "1"),
        (Kind.NUMBER, True),
        (Kind.PERCENT, date(2026, 11, 20)),
        (Kind.MONEY, "20"),
        (Kind.DATE, "2026-11-20"),
        (Kind.DATETIME, date(2026, 11, 20)),
        (Kind.YES_NO, Decimal(1)),
        (Kind.YES_NO, dollars(1)),
        (Kind.MULTI_PICKLIST, "Acme"),
        (Kind.USER, "005A"),
        (Kind.DURATION, Decimal(1)),
    ],
)
def test_a_value_of_another_type_is_none_and_not_empty_either(
    kind: Kind, value: FieldValue
) -> None:
    assert read(kind, value) == ODD


@pytest.mark.parametrize("kind", [*Kind, None])
def test_what_was_not_said_stays_so_in_every_kind(kind: Kind | None) -> None:
    assert read(kind, EMPTY) is EMPTY
    assert read(kind, HIDDEN) is HIDDEN
    unread = field_reader(Field("unread", kind))(a_case(), CONTEXT)
    assert unread == Unavailable("unread was not read")


# ---- where a field is ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("id", "006A"),
        ("name", "Acme - renewal 2026"),
        ("pipeline", "Enterprise"),
        ("stage", "Value Proposition"),
    ],
)
def test_what_a_deal_is_called_is_read_of_the_deal_itself(
    name: str, expected: str
) -> None:
    deal = a_case({name: "a field"})
    for reader in (field_reader, raw_reader):
        assert reader(Field(name, Kind.TEXT))(deal, CONTEXT) == expected


@pytest.mark.parametrize("reader", [field_reader, raw_reader])
def test_a_field_of_a_row_is_read_of_the_row(reader: type) -> None:
    deal = a_case({"name": "of the deal", "role": "of the deal"})
    row = {"name": "Dana", "role": HIDDEN}
    name, role, title = (
        reader(Field(each, Kind.TEXT, "contacts")) for each in ("name", "role", "title")
    )
    assert name(deal, CONTEXT, row) == "Dana"
    assert role(deal, CONTEXT, row) is HIDDEN
    unread = Unavailable("contacts.title was not read")
    assert title(deal, CONTEXT, row) == unread
    assert name(deal, CONTEXT) == Unavailable("contacts.name was not read")


def test_a_raw_value_is_as_the_crm_gave_it() -> None:
    raw = raw_reader(Field("amount", Kind.MONEY))
    assert raw(a_case(amount=dollars(5)), CONTEXT) == dollars(5)
    unread = raw_reader(Field("unread", Kind.TEXT))(a_case(), CONTEXT)
    assert unread == Unavailable("unread was not read")


def test_a_field_is_named_with_its_rows() -> None:
    assert label_of(Field("amount", Kind.MONEY)) == "amount"
    assert label_of(Field("role", Kind.PICKLIST, "contacts")) == "contacts.role"


# ---- texts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N/A.", "na"),
        ("  TBD!! ", "tbd"),
        ("xxxx", "x"),
        ("a_b-c d", "abcd"),
        ("Anna", "ana"),
        ("---", "-"),
        (" . . ", "."),
        ("?!", "?!"),
    ],
)
def test_a_text_is_reduced_to_its_letters(text: str, expected: str) -> None:
    assert reduced(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 80, EMPTY),
        ("x" * 81, EMPTY),
        ("." * 90 + "N/A", EMPTY),
        ("-" * 81, EMPTY),
        ("N/A" + " " * 90 + "yet", "N/A" + " " * 90 + "yet"),
        ("x" * 81 + "y", "x" * 81 + "y"),
        (" " * 81, EMPTY),
        (" " * 90 + "y", "y"),
    ],
)
def test_a_long_text_is_a_placeholder_as_a_short_one_is(
    text: str, expected: object
) -> None:
    assert text_of(text, CONTEXT) == expected


def test_without_placeholders_every_word_is_a_value() -> None:
    plain = replace(CONTEXT, placeholders=frozenset())
    assert text_of(" tbd ", plain) == "tbd"
    assert text_of(" ", plain) is EMPTY


# ---- money, days and moments ---------------------------------------------------------


def test_money_is_worth_what_the_rate_says_to_the_cent() -> None:
    assert in_currency(dollars("10.005"), CONTEXT) == Decimal("10.005")
    assert in_currency(Money(Decimal(100), "EUR"), CONTEXT) == Decimal(110)


def test_money_without_a_rate_is_there_but_not_known() -> None:
    found = in_currency(Money(Decimal(1), "CHF"), CONTEXT)
    assert found == Unavailable("there is no exchange rate for CHF", is_there=True)


def test_money_beyond_all_numbers_cannot_be_told() -> None:
    found = in_currency(Money(Decimal("9E+999999"), "EUR"), CONTEXT)
    assert found == Unavailable("an amount is out of range")


def test_a_moment_has_the_date_and_the_hour_of_the_zone() -> None:
    assert local_date(EVENING, CONTEXT) == date(2026, 11, 20)
    shown = local_moment(EVENING, CONTEXT)
    assert shown.replace(tzinfo=None) == datetime(2026, 11, 20, 23, 30)  # noqa: DTZ001
    assert shown.tzinfo is NEW_YORK


def test_a_moment_at_the_end_of_the_calendar_has_no_date_elsewhere() -> None:
    tokyo = replace(CONTEXT, zone=ZoneInfo("Asia/Tokyo"))
    for moment, behind in ((FIRST, CONTEXT), (LAST, tokyo)):
        assert local_date(moment, behind) == NO_DATE
        assert local_moment(moment, behind) is moment
    assert local_date(LAST, CONTEXT) == date(9999, 12, 31)


def test_a_moment_without_a_zone_is_shown_as_it_is() -> None:
    plain = datetime(2026, 11, 20, 23, 30)  # noqa: DTZ001
    assert local_moment(plain, CONTEXT) is plain
