"""What each kind of wire value means."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, FieldValue, Money, Person, Unavailable
from gatekeeper.crm.hubspot.metadata.properties import Property
from gatekeeper.crm.hubspot.reading.translate import Tongue, converter, money, reader

ANN = Person("6166860", "Ann")
TONGUE = Tongue("USD", ZoneInfo("America/New_York"), {ANN.id: ANN}, {"77": ANN})
NUMBER = Property("n", "N", "number")
TICKS = Property("c", "C", "enumeration", "checkbox")
SHARE = Property("hs_deal_stage_probability", "P", "number", is_percentage=True)
DAY = Property("d", "D", "date")
MOMENT = Property("m", "M", "datetime")
TEXT = Property("t", "T", "string")


@pytest.mark.parametrize(
    ("kind", "native", "wire", "value"),
    [
        (Kind.TEXT, TEXT, "Acme ", "Acme "),
        (Kind.TEXT, TEXT, "  ", EMPTY),
        (Kind.NUMBER, NUMBER, "1500.00", Decimal("1500.00")),
        (Kind.NUMBER, NUMBER, "", EMPTY),
        (Kind.MONEY, NUMBER, "0", Money(Decimal(0), "USD")),
        (Kind.PERCENT, SHARE, "0.2", Decimal("20.0")),
        (Kind.PERCENT, NUMBER, "20", Decimal(20)),
        (Kind.YES_NO, TEXT, "true", True),
        (Kind.YES_NO, TEXT, "false", False),
        (Kind.DATE, DAY, "2026-11-21", date(2026, 11, 21)),
        # New York is five hours behind: 3 o'clock in the morning is the day before.
        (Kind.DATE, MOMENT, "2026-11-21T03:00:00.000Z", date(2026, 11, 20)),
        # Exactly midnight UTC is a day without a time.
        (Kind.DATE, MOMENT, "2026-11-21T00:00:00.000Z", date(2026, 11, 21)),
        (
            Kind.DATETIME,
            MOMENT,
            "2019-10-30T03:30:17.883Z",
            datetime(2019, 10, 30, 3, 30, 17, 883000, tzinfo=UTC),
        ),
        (
            Kind.DATETIME,
            MOMENT,
            "1572406217883",
            datetime(2019, 10, 30, 3, 30, 17, 883000, tzinfo=UTC),
        ),
        (Kind.MULTI_PICKLIST, TEXT, ";b;a", frozenset({"a", "b"})),
        (Kind.MULTI_PICKLIST, TEXT, ";", EMPTY),
        (Kind.PICKLIST, TICKS, "champion", "champion"),
        (Kind.PICKLIST, TICKS, "", EMPTY),
        (Kind.USER, TEXT, "6166860", ANN),
        (Kind.USER, Property("x", "X", "number", is_user=True), "77", ANN),
    ],
)
def test_a_value_means_what_hubspot_says(
    kind: Kind, native: Property, wire: str, value: FieldValue
) -> None:
    assert converter(kind, native, TONGUE)(wire) == value


@pytest.mark.parametrize("kind", list(Kind))
def test_null_is_empty_and_what_was_left_out_is_unavailable(kind: Kind) -> None:
    read = reader("x", converter(kind, TEXT, TONGUE))

    assert read({"x": None}) is EMPTY
    assert isinstance(read({}), Unavailable)


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        (Kind.NUMBER, "12 apples"),
        (Kind.NUMBER, "NaN"),
        (Kind.MONEY, "Infinity"),
        (Kind.DATE, "tomorrow"),
        (Kind.DATETIME, "2026-11-21T03:00:00"),
        (Kind.YES_NO, "maybe"),
        (Kind.USER, "404"),
        (Kind.TEXT, 17),
    ],
)
def test_what_is_not_of_its_kind_is_unavailable(kind: Kind, wire: object) -> None:
    assert isinstance(converter(kind, MOMENT, TONGUE)(wire), Unavailable)


def test_several_choices_are_not_taken_for_one() -> None:
    read = converter(Kind.PICKLIST, TICKS, TONGUE)

    assert "declare it multi_picklist" in str(read("champion;blocker"))


def test_a_record_one_hop_away_may_be_absent_or_unreadable() -> None:
    read = reader("account.name", converter(Kind.TEXT, TEXT, TONGUE))
    lost = Unavailable("companies could not be read")

    assert read({"account": {"name": "Acme"}}) == "Acme"
    assert read({"account": None}) is EMPTY
    assert read({"account": lost}) == lost


def test_an_amount_takes_the_currency_beside_it() -> None:
    read = money("amount", "deal_currency_code", "USD")

    assert read({"amount": "5", "deal_currency_code": "EUR"}) == Money(
        Decimal(5), "EUR"
    )
    assert read({"amount": "5", "deal_currency_code": None}) == Money(Decimal(5), "USD")
    assert read({"amount": None, "deal_currency_code": "EUR"}) is EMPTY


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_money_loses_nothing(amount: Decimal) -> None:
    read = converter(Kind.MONEY, NUMBER, TONGUE)

    assert read(str(amount)) == Money(amount, "USD")


@given(st.text())
def test_no_text_breaks_a_reading(text: str) -> None:
    for kind in Kind:
        for native in (NUMBER, DAY, MOMENT, TEXT, SHARE):
            converter(kind, native, TONGUE)(text)
