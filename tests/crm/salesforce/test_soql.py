from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.crm.salesforce.wire.soql import (
    AllOf,
    Among,
    AmongRows,
    AnyOf,
    Compare,
    Select,
    StartsWith,
    both,
    literal,
    render,
)
from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.soql import Statement, parse, unescape

HOSTILE = [
    "'",
    "\\",
    "\\'",
    "' OR Name != '",
    "x') OR (Id != null",
    "\\' OR IsDeleted = true OR Name = \\'",
    "a\nb\r\tc\b\f",
    '"',
    "%_",
    "\N{RIGHT SINGLE QUOTATION MARK}",
    "{0} %s :x",
]


def test_a_statement_reads_as_soql() -> None:
    select = Select(
        ("Id", "Account.Name"),
        "Opportunity",
        AllOf(
            (
                AnyOf(
                    (
                        Compare("IsClosed", "=", value=False),
                        Compare("CloseDate", ">=", date(2026, 10, 21)),
                    )
                ),
                Among("RecordTypeId", ("012000000000001AAA",)),
            )
        ),
        ("Id",),
    )

    assert render(select) == (
        "SELECT Id, Account.Name FROM Opportunity"
        " WHERE (IsClosed = false OR CloseDate >= 2026-10-21)"
        " AND RecordTypeId IN ('012000000000001AAA') ORDER BY Id"
    )


def test_rows_of_another_object_may_be_meant() -> None:
    deals = Select(("Id",), "Opportunity", Compare("IsClosed", "=", value=False))

    assert render(Select(("Id",), "Task", AmongRows("WhatId", deals))) == (
        "SELECT Id FROM Task WHERE WhatId IN"
        " (SELECT Id FROM Opportunity WHERE IsClosed = false)"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (Decimal("0.10"), "0.10"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (
            datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=2))),
            "2026-01-01T23:00:00Z",
        ),
        ("O'Neill\\", r"'O\'Neill\\'"),
    ],
)
def test_a_value_is_spelt_as_soql_spells_it(value: object, text: str) -> None:
    assert literal(value) == text  # type: ignore[arg-type]


def test_a_date_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a zone"):
        literal(datetime(2026, 1, 2))  # noqa: DTZ001  (that is the point)


@pytest.mark.promise("S11")
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_a_value(text: str) -> None:
    assert _value_read_back(text) == text


@pytest.mark.promise("S11")
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_text_stays_a_value(text: str) -> None:
    assert _value_read_back(text) == text


def _value_read_back(text: str) -> object:
    soql = render(Select(("Id",), "Account", Compare("Name", "=", text)))
    where = parse(soql).where
    assert isinstance(where, tree.Comparison), "it became syntax"
    assert isinstance(where.right, tree.Literal)
    return unescape(where.right, Statement(soql))


@pytest.mark.promise("S11")
def test_the_wildcards_of_like_are_taken_literally() -> None:
    select = Select(("Id",), "Task", StartsWith("Gatekeeper_Key__c", "gk1-50%_'"))

    assert render(select).endswith(r"LIKE 'gk1-50\%\_\'%'")


@pytest.mark.promise("S11")
@pytest.mark.parametrize(
    "name",
    ["", "Id FROM User", "Id,Name", "Name--", "1Id", "Account.", "x y", "Näme", "a\nb"],
)
def test_what_is_no_name_never_enters_a_statement(name: str) -> None:
    for select in (
        Select((name,), "Account"),
        Select(("Id",), name),
        Select(("Id",), "Account", Compare(name, "=", 1)),
        Select(("Id",), "Account", None, (name,)),
    ):
        with pytest.raises(ValueError, match="is not a name"):
            render(select)


@pytest.mark.promise("S11")
def test_an_unknown_operator_and_an_empty_list_are_refused() -> None:
    with pytest.raises(ValueError, match="no operator"):
        render(Select(("Id",), "Account", Compare("Name", "= 1 OR 1 =", 1)))
    with pytest.raises(ValueError, match="no values"):
        render(Select(("Id",), "Account", Among("Id", ())))


def test_conditions_add_up_without_nesting() -> None:
    first, second, third = (Compare("A", "=", n) for n in range(3))

    assert both(None, None) is None
    assert both(first, None) == first
    assert both(both(first, second), third) == AllOf((first, second, third))
