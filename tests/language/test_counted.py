"""Which rows counted and which did not, as a seller reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.core.model import EMPTY, FieldValue, Row
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, HIDDEN, a_case


def details(text: str, *contacts: Row) -> tuple[str, ...]:
    deal = a_case()
    deal = replace(deal, related={**deal.related, "contacts": contacts})
    return compile_line(check(parse(text), SCOPE)).explain(deal, CONTEXT).details


def contact(name: FieldValue, role: FieldValue = "User", **more: FieldValue) -> Row:
    return {"name": name, "role": role, **more}


@pytest.mark.parametrize(("count", "tail"), [(10, ""), (11, " and 1 more")])
def test_ten_rows_that_did_not_count_are_named(count: int, tail: str) -> None:
    rows = [contact(f"N{number}") for number in range(count)]
    named = ", ".join(f"N{number} (User)" for number in range(10))
    found = details('some contacts where role = "Champion"', *rows)
    assert found == (f"not counted: {named}{tail}",)


def test_rows_that_counted_come_first_each_with_what_decided() -> None:
    found = details(
        'at least 3 contacts where role = "Champion"',
        contact("Ann", EMPTY),
        contact("Bo", "Champion"),
        contact("Cy", HIDDEN),
        contact("Di", "User"),
    )
    assert found == (
        "counted: Bo (Champion)",
        "not counted: Ann (role is empty), Cy (role is not known), Di (User)",
    )


def test_two_rows_alike_are_two_rows() -> None:
    same = contact("Ann"), contact("Ann")
    assert details('some contacts where role = "Champion"', *same) == (
        "not counted: Ann (User), Ann (User)",
    )


@pytest.mark.parametrize("name", [EMPTY, HIDDEN, "  "])
def test_a_row_without_a_name_is_one(name: FieldValue) -> None:
    found = details('some contacts where role = "Champion"', contact(name))
    assert found == ("not counted: one (User)",)


def test_what_a_row_is_called_by_is_not_said_twice() -> None:
    text = 'some contacts where name = "Bo" and email is filled and email != "x"'
    found = details(text, contact("Ann", email="a@x.io"))
    assert found == ("not counted: Ann (a@x.io)",)


def test_a_field_of_the_deal_is_no_part_of_a_row() -> None:
    text = 'some contacts where role = "Champion" and deal.next_step is filled'
    assert details(text, contact("Ann")) == ("not counted: Ann (User)",)


def test_no_row_is_named_where_nothing_is_asked_of_them() -> None:
    assert details("at least 3 contacts", contact("Ann"), contact("Bo")) == ()


def test_a_row_whose_condition_was_not_read_is_one_of_those_there_are() -> None:
    """Three are needed, one of three surely counts and one surely does not."""
    rows = contact("Ann", "Champion"), contact("Bo", HIDDEN), contact("Cy", "User")
    deal = a_case()
    deal = replace(deal, related={**deal.related, "contacts": rows})
    line = compile_line(
        check(parse('at least 3 contacts where role = "Champion"'), SCOPE)
    )
    assert line.test(deal, CONTEXT) is False
    assert line.explain(deal, CONTEXT).text == (
        "1 of the 3 contacts has the role Champion; at least 3 are needed."
    )
