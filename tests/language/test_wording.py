"""Names, numbers, days and lists as a seller reads them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money
from gatekeeper.language.explain.wording import (
    age_text,
    cut,
    days_text,
    joined,
    number_text,
    row_noun,
    rows_noun,
    sentence,
    title_of,
    value_text,
)
from tests.language.test_logic import CONTEXT


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("next_step", "Next Step"),
        ("account.name", "Account Name"),
        ("custom.Budget__c", "Budget"),
        ("custom.Partner__r", "Partner"),
        ("customer", "Customer"),
    ],
)
def test_a_field_is_called_by_its_words(name: str, title: str) -> None:
    assert title_of(name) == title


@pytest.mark.parametrize(
    ("number", "kind", "text"),
    [
        ("0", None, "0"),
        ("1200", None, "1,200"),
        ("0.5", None, "0.5"),
        ("1.00004", None, "1"),
        ("1.00005", None, "1"),
        ("1.00015", None, "1.0002"),
        ("0.012345", None, "0.0123"),
        ("0.0099999", None, "0.0099999"),
        ("0.000000001", None, "0.000000001"),
        ("0.0000000009", None, "9E-10"),
        ("-0.0000000009", Kind.MONEY, "-9E-10"),
        ("999999999999999", None, "999,999,999,999,999"),
        ("1000000000000000", None, "1000000000000000"),
        ("Infinity", None, "Infinity"),
        ("20", Kind.PERCENT, "20%"),
        ("1e3", Kind.MONEY, "1,000.00"),
    ],
)
def test_a_number_has_as_many_places_as_it_needs(
    number: str, kind: Kind | None, text: str
) -> None:
    assert number_text(Decimal(number), kind) == text


def test_days_of_one_year_name_it_once() -> None:
    same = [date(2026, 8, 31), date(2026, 9, 30), date(2026, 11, 6)]
    assert days_text(same) == "31 Aug, 30 Sep and 6 Nov 2026"
    assert days_text(same[:1]) == "31 Aug 2026"
    two = [date(2025, 12, 31), date(2026, 1, 2)]
    assert days_text(two) == "31 Dec 2025 and 2 Jan 2026"
    assert days_text([]) == ""


def test_a_list_of_nothing_is_nothing() -> None:
    assert joined([], "or") == ""
    assert joined(["a"], "or") == "a"
    assert joined(["a", "b", "c"], "or") == "a, b or c"


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "today"),
        (1, "1 day ago"),
        (2, "2 days ago"),
        (-1, "in 1 day"),
        (-2, "in 2 days"),
    ],
)
def test_a_day_is_so_far_away(days: int, text: str) -> None:
    today = date(2026, 11, 20)
    assert age_text(date.fromordinal(today.toordinal() - days), today) == text


def test_a_value_of_two_hundred_characters_is_whole_and_a_longer_one_is_cut() -> None:
    assert cut("a" * 200) == "a" * 200
    assert cut("a" * 201) == "a" * 199 + "…"
    assert cut(" a\n b ") == "a b"


def test_rows_one_hop_away_are_called_as_rows_of_the_deal() -> None:
    assert row_noun("account.line_items") == "line item"
    assert rows_noun("account.line_items") == "line items"
    assert rows_noun("account.line_items", 1) == "line item"
    assert rows_noun("account.line_items", 0) == "line items"


def test_values_are_written_without_quotes() -> None:
    assert value_text(Money(Decimal(1), "USD"), None, CONTEXT) == "1.00"
    assert value_text(Money(Decimal(1), "EUR"), None, CONTEXT) == "1.00 EUR"
    assert value_text(frozenset({"b", "a"}), None, CONTEXT) == "a and b"
    assert value_text(EMPTY, None, CONTEXT) == "empty"


def test_a_sentence_of_nothing_is_nothing() -> None:
    assert sentence(("", "")) == ""
    assert sentence(("it is", "")) == "It is."
    assert sentence(("it is", "it must")) == "It is; it must."
