"""Values gathered over rows: of none, of empty ones, and of what the CRM hides."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gatekeeper.core.model import EMPTY, Answer, FieldValue, Unavailable
from tests.builders import dollars
from tests.language.test_logic import HIDDEN, a_case, answer


def over(text: str, *quantities: FieldValue) -> Answer:
    """Answer a check over line items of these quantities."""
    rows = tuple({"quantity": each, "total": dollars(10)} for each in quantities)
    return answer(text, replace(a_case(), related={"line_items": rows}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sum(line_items.quantity) = 0", True),
        ("count(line_items) = 0", True),
        ("count(line_items where quantity > 1) = 0", True),
        ("min(line_items.quantity) < 1", EMPTY),
        ("max(line_items.quantity) > 0", EMPTY),
    ],
)
def test_of_no_rows_the_sum_and_the_count_are_nought_and_the_rest_is_empty(
    text: str, expected: Answer
) -> None:
    assert over(text) is expected


def test_a_sum_is_that_of_the_values_that_are_there() -> None:
    three = Decimal(1), EMPTY, Decimal("2.5")
    assert over("sum(line_items.quantity) = 3.5", *three) is True
    assert over("sum(line_items.total) = 30", *three) is True
    assert over("min(line_items.quantity) = 1", *three) is True
    assert over("max(line_items.quantity) = 2.5", *three) is True
    assert over("count(line_items) = 3", *three) is True


def test_of_empty_values_alone_it_is_as_of_no_rows() -> None:
    assert over("sum(line_items.quantity) = 0", EMPTY, EMPTY) is True
    assert over("min(line_items.quantity) < 1", EMPTY) is EMPTY


@pytest.mark.parametrize("function", ["sum", "min", "max"])
def test_one_value_that_is_hidden_leaves_the_whole_open(function: str) -> None:
    text = f"{function}(line_items.quantity) > 0"
    assert over(text, Decimal(1), HIDDEN) == HIDDEN


def test_where_rows_count_by_a_hidden_value_the_whole_is_open() -> None:
    text = "sum(line_items.total where quantity > 1) > 0"
    assert isinstance(over(text, Decimal(2), HIDDEN), Unavailable)


@pytest.mark.parametrize("function", ["sum(line_items.quantity)", "count(line_items)"])
def test_rows_that_were_not_read_leave_it_open(function: str) -> None:
    unread = replace(a_case(), related={})
    found = answer(f"{function} > 0", unread)
    assert found == Unavailable("line_items were not read")


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("count(line_items where quantity > 1) >= 2", True),
        ("count(line_items where quantity > 1) >= 3", HIDDEN),
        ("count(line_items where quantity > 1) < 2", False),
    ],
)
def test_of_a_count_the_rows_that_surely_count_are_known(
    check: str, expected: Answer
) -> None:
    found = over(check, Decimal(2), Decimal(3), HIDDEN)
    if expected is HIDDEN:
        assert isinstance(found, Unavailable)
        assert found.at_least == Decimal(2)
    else:
        assert found is expected
