from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money, Person, Unavailable
from gatekeeper.crm.salesforce.reading.translate import (
    Tongue,
    converter,
    money,
    reader,
    to_choices,
    to_date,
    to_moment,
    to_moment_of_day,
    to_number,
    to_text,
    to_yes_no,
)

ANN = Person("005000000000001AAA", "Ann")
TONGUE = Tongue("EUR", ZoneInfo("America/New_York"), {ANN.id: ANN})


@pytest.mark.parametrize("blank", [None, "", " ", "\t\n", "\N{NO-BREAK SPACE}"])
def test_blank_text_is_empty(blank: object) -> None:
    assert to_text(blank) is EMPTY


def test_text_stays_as_it_was_written() -> None:
    assert to_text(" Call Bob ") == " Call Bob "


@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=2, allow_nan=False),
)
def test_an_amount_is_the_decimal_of_its_text(amount: Decimal) -> None:
    wire = orjson.loads(str(amount))

    assert to_number(wire) == amount


@given(st.integers(-(10**15), 10**15))
def test_a_whole_amount_has_no_fraction(amount: int) -> None:
    assert str(to_number(orjson.loads(f"{amount}.0"))) == str(amount)


def test_an_amount_knows_its_currency() -> None:
    own = money(("Amount",), None, "EUR")
    coded = money(("Amount",), ("CurrencyIsoCode",), "EUR")

    assert own({"Amount": 10.5}) == Money(Decimal("10.5"), "EUR")
    assert own({"Amount": None}) is EMPTY
    assert coded({"Amount": 3, "CurrencyIsoCode": "JPY"}) == Money(Decimal(3), "JPY")
    assert coded({"Amount": 3, "CurrencyIsoCode": None}) == Money(Decimal(3), "EUR")
    assert coded({"Amount": None, "CurrencyIsoCode": "JPY"}) is EMPTY


def test_a_percent_is_in_percentage_points() -> None:
    assert converter(Kind.PERCENT, "percent", TONGUE)(20.0) == Decimal(20)


def test_false_and_zero_are_values() -> None:
    assert to_yes_no(wire=False) is False
    assert to_number(0) == Decimal(0)


def test_a_date_is_never_shifted() -> None:
    assert to_date("2026-11-30") == date(2026, 11, 30)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_moment_comes_back_in_utc(naive: datetime) -> None:
    moment = naive.replace(microsecond=0, tzinfo=UTC)
    wire = moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    assert to_moment(wire) == moment


def test_a_moment_with_another_offset_is_the_same_moment() -> None:
    expected = datetime(2026, 11, 20, 22, 59, 58, tzinfo=UTC)

    found = to_moment("2026-11-20T23:59:58.000+0100")

    assert found == expected
    assert isinstance(found, datetime)
    assert found.utcoffset() == timedelta(0)


def test_a_moment_declared_a_date_is_the_orgs_day() -> None:
    to_day = converter(Kind.DATE, "datetime", TONGUE)

    assert to_day("2026-11-20T03:00:00.000+0000") == date(2026, 11, 19)
    assert to_day("2026-11-20T12:00:00.000+0000") == date(2026, 11, 20)


def test_exactly_midnight_in_utc_is_a_day_without_a_time() -> None:
    to_day = converter(Kind.DATE, "datetime", TONGUE)

    assert to_day("2026-11-20T00:00:00.000+0000") == date(2026, 11, 20)


@pytest.mark.parametrize("hours", range(-10, 14))
def test_a_day_kept_as_a_moment_is_that_day_everywhere(hours: int) -> None:
    moment = to_moment_of_day("2026-11-20")

    assert isinstance(moment, datetime)
    local = moment.astimezone(timezone(timedelta(hours=hours)))
    assert local.date() == date(2026, 11, 20)


def test_a_selection_is_a_set_and_none_is_empty() -> None:
    assert to_choices("a;b; c") == frozenset({"a", "b", "c"})
    assert to_choices(None) is EMPTY
    assert to_choices("") is EMPTY
    assert to_choices(" ; ") is EMPTY


def test_a_user_is_a_person_or_unavailable() -> None:
    to_person = converter(Kind.USER, "reference", TONGUE)

    assert to_person(ANN.id) == ANN
    assert to_person(None) is EMPTY
    assert to_person("005000000000009AAA") == Unavailable(
        "the integration user may not read user 005000000000009AAA"
    )


@pytest.mark.parametrize(
    ("kind", "native", "wire"),
    [
        (Kind.NUMBER, "double", "12"),
        (Kind.NUMBER, "double", True),
        (Kind.MONEY, "currency", []),
        (Kind.YES_NO, "boolean", "true"),
        (Kind.DATE, "date", "2026-02-30"),
        (Kind.DATE, "date", 20260230),
        (Kind.DATETIME, "datetime", "yesterday"),
        (Kind.DATETIME, "datetime", 5),
        (Kind.TEXT, "string", {}),
        (Kind.MULTI_PICKLIST, "multipicklist", 3),
    ],
)
def test_what_the_wire_should_not_say_is_unavailable(
    kind: Kind, native: str, wire: object
) -> None:
    assert isinstance(converter(kind, native, TONGUE)(wire), Unavailable)


@given(
    st.sampled_from(Kind),
    st.sampled_from(["date", "datetime", "string", "currency"]),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.integers()),
)
def test_no_wire_value_breaks_a_translation(
    kind: Kind, native: str, wire: object
) -> None:
    converter(kind, native, TONGUE)(wire)


def test_a_null_parent_makes_its_fields_empty() -> None:
    name = reader(("Account", "Name"), to_text)
    boss = reader(("Owner", "Manager", "Name"), to_text)

    assert name({"Account": None}) is EMPTY
    assert name({"Account": {"Name": "Acme"}}) == "Acme"
    assert boss({"Owner": {"Manager": None}}) is EMPTY
    assert boss({"Owner": {"Manager": {"Name": "Bo"}}}) == "Bo"
