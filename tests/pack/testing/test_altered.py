"""A check can be different in one thing at a time; equal meanings are recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from gatekeeper.language.parser.line import parse, parse_rows
from gatekeeper.language.tree.format import canonical, strip_spans
from gatekeeper.pack.testing.mutation.altered import alterations
from gatekeeper.pack.testing.mutation.meaning import meaning
from tests.language import trees

if TYPE_CHECKING:
    from gatekeeper.language.tree.syntax import Test


def altered(check: str) -> dict[str, str]:
    """Return what is changed, with the check as it then reads."""
    return {one.what: canonical(one.tree) for one in alterations(parse(check))}


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        (
            "amount >= 50_000",
            {
                ">= becomes >": "amount > 50000",
                ">= becomes <=": "amount <= 50000",
                "50000 becomes 49500": "amount >= 49500",
                "50000 becomes 50500": "amount >= 50500",
            },
        ),
        (
            "discount < 2.5%",
            {
                "< becomes <=": "discount <= 2.5%",
                "< becomes >": "discount > 2.5%",
                "2.5% becomes 2.25%": "discount < 2.25%",
                "2.5% becomes 2.75%": "discount < 2.75%",
            },
        ),
        (
            'type != "New"',
            {"!= becomes =": 'type = "New"'},
        ),
        (
            "signed_on before 2026-12-31",
            {
                "before becomes on or before": "signed_on on or before 2026-12-31",
                "before becomes after": "signed_on after 2026-12-31",
                "2026-12-31 becomes 2026-12-30": "signed_on before 2026-12-30",
                "2026-12-31 becomes 2027-01-01": "signed_on before 2027-01-01",
            },
        ),
        ("next_step is filled", {"filled becomes empty": "next_step is empty"}),
        ("is_new is not false", {"false becomes true": "is_new is not true"}),
        (
            'rating in ["A", "B"]',
            {
                "in becomes not in": 'rating not in ["A", "B"]',
                '"A" is left out': 'rating in ["B"]',
                '"B" is left out': 'rating in ["A"]',
            },
        ),
        (
            "close_date within last 1 day",
            {
                "last becomes next": "close_date within next 1 day",
                "1 day becomes 0 days": "close_date within last 0 days",
                "1 day becomes 2 days": "close_date within last 2 days",
            },
        ),
        (
            "close_date in this quarter",
            {
                "this becomes last": "close_date in last quarter",
                "this becomes next": "close_date in next quarter",
            },
        ),
        (
            'next_step starts with "Call"',
            {
                "starts with becomes not starts with": (
                    'next_step not starts with "Call"'
                ),
                "starts with becomes contains": 'next_step contains "Call"',
            },
        ),
        (
            'competitors includes any of ["A"]',
            {"any becomes all": 'competitors includes all of ["A"]'},
        ),
        (
            'some contacts where role = "User"',
            {
                "some becomes no": 'no contacts where role = "User"',
                "some becomes at least 2": 'at least 2 contacts where role = "User"',
                'where role = "User" is left out': "some contacts",
                "= becomes !=": 'some contacts where role != "User"',
            },
        ),
        (
            "at least 2 contacts",
            {
                "at least 2 becomes at most 2": "at most 2 contacts",
                "at least 2 becomes at least 1": "at least 1 contacts",
                "at least 2 becomes at least 3": "at least 3 contacts",
            },
        ),
        (
            "no calls",
            {
                "no becomes some": "some calls",
                "no becomes at most 1": "at most 1 calls",
            },
        ),
        (
            "every line_item where (price > 0) has quantity is filled",
            {
                "every becomes some": (
                    "some line_item where price > 0 and quantity is filled"
                ),
                "where price > 0 is left out": "every line_item has quantity is filled",
                "> becomes >=": (
                    "every line_item where (price >= 0) has quantity is filled"
                ),
                "> becomes <": (
                    "every line_item where (price < 0) has quantity is filled"
                ),
                "0 becomes -1": (
                    "every line_item where (price > -1) has quantity is filled"
                ),
                "0 becomes 1": (
                    "every line_item where (price > 1) has quantity is filled"
                ),
                "filled becomes empty": (
                    "every line_item where (price > 0) has quantity is empty"
                ),
            },
        ),
        (
            "at least 2 of team is filled",
            {
                "at least 2 becomes at most 2": "at most 2 of team is filled",
                "at least 2 becomes at least 1": "at least 1 of team is filled",
                "at least 2 becomes at least 3": "at least 3 of team is filled",
                "filled becomes empty": "at least 2 of team is empty",
            },
        ),
        (
            "a is true and b is true",
            {
                "and becomes or": "a is true or b is true",
                "a is true is left out": "b is true",
                "b is true is left out": "a is true",
                "true becomes false": "a is true and b is false",
            },
        ),
        (
            "not is_big",
            {"not is left out": "is_big", "is_big must not hold": "not not is_big"},
        ),
        (
            "latest(meetings.start where completed is true) changed since creation",
            {
                "latest becomes earliest": (
                    "earliest(meetings.start where completed is true)"
                    " changed since creation"
                ),
                "where completed is true is left out": (
                    "latest(meetings.start) changed since creation"
                ),
                "true becomes false": (
                    "latest(meetings.start where completed is false)"
                    " changed since creation"
                ),
                "creation becomes stage entry": (
                    "latest(meetings.start where completed is true)"
                    " changed since stage entry"
                ),
            },
        ),
        (
            "$limit - price = paid",
            {
                "= becomes !=": "$limit - price != paid",
                "- becomes +": "$limit + price = paid",
            },
        ),
    ],
)
def test_one_thing_changes_at_a_time(check, expected):
    assert altered(check) == expected


def test_each_end_of_between_is_left_outside_once():
    found = altered("amount between $low and $high")
    assert found == {
        "$low itself lies outside": "(amount > $low and amount <= $high)",
        "$high itself lies outside": "(amount >= $low and amount < $high)",
    }


def test_named_rows_lose_their_condition():
    tree = parse_rows("meetings where completed is true")
    assert {one.what: canonical(one.tree) for one in alterations(tree)} == {
        "where completed is true is left out": "meetings",
        "true becomes false": "meetings where completed is false",
    }


def test_a_change_knows_where_in_the_check_it_is():
    check = 'stage = "New" and amount >= 5'
    spans = {
        one.what: check[one.span.start : one.span.end]
        for one in alterations(parse(check))
    }
    assert spans[">= becomes >"] == ">="
    assert spans["5 becomes 6"] == "5"
    assert spans['stage = "New" is left out'] == 'stage = "New"'


@given(trees.tests(2))
def test_every_alteration_is_another_check_that_can_be_written(tree: Test):
    for one in alterations(tree):
        assert strip_spans(one.tree) != strip_spans(tree)
        assert canonical(one.tree)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("count(contacts) >= 1", "count(contacts) > 0"),
        ("count(contacts) < 3", "count(contacts) <= 2"),
        ("length(next_step) > -1", "length(next_step) >= 0"),
        ("days_until(close_date) >= 0", "days_until(close_date) > -1"),
        ("some contacts", "at least 1 contacts"),
        ("no contacts", "at most 0 contacts"),
        ("exactly 0 contacts", "no contacts"),
        ("amount > 50_000", "amount > 50k"),
    ],
)
def test_checks_that_ask_for_the_same_are_known_to(one, other):
    assert meaning(parse(one)) == meaning(parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("amount >= 1", "amount > 0"),
        ("count(contacts) >= 1", "count(contacts) > 1"),
        ("days_until(close_date) > -1", "days_until(close_date) > -2"),
        ("some contacts", "no contacts"),
    ],
)
def test_checks_that_may_differ_are_not_taken_for_the_same(one, other):
    assert meaning(parse(one)) != meaning(parse(other))
