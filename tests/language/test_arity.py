"""Each function of the closed list: how many arguments, of what kind, what it gives."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker import check
from gatekeeper.language.functions import AGGREGATES, FUNCTIONS, NEGATIVE, SKIPS_EMPTY
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.messages import CheckError
from gatekeeper.language.parser.line import parse
from gatekeeper.language.tree import typed
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT

D, N, M, T = "created_on", "seats", "amount", "name"
FRIDAY, LATER = date(2026, 11, 20), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("name", "least", "most", "argument", "kind"),
    [
        ("days_between", 2, 2, D, Kind.NUMBER),
        ("business_days_between", 2, 2, D, Kind.NUMBER),
        ("days_since", 1, 1, D, Kind.NUMBER),
        ("days_until", 1, 1, D, Kind.NUMBER),
        ("length", 1, 1, T, Kind.NUMBER),
        ("abs", 1, 1, M, Kind.MONEY),
        ("round", 1, 2, N, Kind.NUMBER),
        ("coalesce", 2, 20, M, Kind.MONEY),
        ("later_of", 2, 20, D, Kind.DATE),
        ("earlier_of", 2, 20, D, Kind.DATE),
    ],
)
def test_a_function_takes_so_many_arguments_and_gives_a_value_of_a_kind(
    name: str, least: int, most: int, argument: str, kind: Kind
) -> None:
    for count in range(23):
        line = parse(f"{name}({', '.join([argument] * count)}) is filled")
        if least <= count <= most:
            found = check(line, SCOPE).test
            assert isinstance(found, typed.Filled)
            assert isinstance(found.value, typed.Function)
            assert found.value.kind is kind
            assert len(found.value.arguments) == count
        else:
            with pytest.raises(CheckError, match=rf"E422: {name}\(\) takes "):
                check(line, SCOPE)


def test_every_function_is_asked_for_its_arguments_here() -> None:
    mark = test_a_function_takes_so_many_arguments_and_gives_a_value_of_a_kind
    (cases,) = [each.args[1] for each in mark.pytestmark]  # type: ignore[attr-defined]
    assert {each[0] for each in cases} == set(FUNCTIONS)


def test_a_rounded_amount_is_an_amount() -> None:
    found = check(parse("round(amount, 2) > 5"), SCOPE).test
    assert isinstance(found, typed.Compare)
    assert found.left.kind is Kind.MONEY


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("days_between", (FRIDAY, LATER), 11),
        ("days_between", (LATER, FRIDAY), -11),
        ("business_days_between", (FRIDAY, LATER), 6),  # Thursday 26 is a holiday
        ("days_since", (date(2026, 11, 18),), 2),
        ("days_until", (LATER,), 11),
        ("length", ("four",), 4),
        ("abs", (Decimal(-5),), 5),
        ("round", (Decimal("2.5"),), 3),
        ("round", (Decimal("-2.5"),), -3),
        ("round", (Decimal("2.345"), Decimal(2)), Decimal("2.35")),
        ("round", (Decimal(1250), Decimal(-2)), 1300),
        ("coalesce", ("first", "second"), "first"),
        ("later_of", (FRIDAY, LATER), LATER),
        ("earlier_of", (LATER, FRIDAY), FRIDAY),
    ],
)
def test_a_function_gives(
    name: str, arguments: tuple[object, ...], expected: object
) -> None:
    assert FUNCTIONS[name].code(CONTEXT, *arguments) == expected


def test_a_minus_sign_gives_the_number_below_zero() -> None:
    assert NEGATIVE.code(CONTEXT, Decimal(5)) == -5
    assert (NEGATIVE.takes, NEGATIVE.gives_number) == ("number", True)


def test_of_a_value_that_is_none_nothing_is_worked_out() -> None:
    for name in ("days_since", "abs"):
        with pytest.raises(TypeError):
            FUNCTIONS[name].code(CONTEXT, "text")


def test_three_functions_are_definite_although_an_argument_is_empty() -> None:
    assert {"coalesce", "later_of", "earlier_of"} == SKIPS_EMPTY
    assert FUNCTIONS.keys() >= SKIPS_EMPTY


W = "last 30 days"


@pytest.mark.parametrize(
    ("name", "least", "arguments", "kind"),
    [
        ("days_in_stage", 0, (), Kind.NUMBER),
        ("total_days_in_stage", 1, ('"Discovery"',), Kind.NUMBER),
        ("entered", 0, ('"Discovery"',), Kind.DATETIME),
        ("visited", 1, ('"Discovery"',), Kind.YES_NO),
        ("skipped", 1, ('"Discovery"',), Kind.YES_NO),
        ("moves_back", 1, (W,), Kind.NUMBER),
        ("moved_back", 0, (), Kind.YES_NO),
        ("first_stage", 0, (), Kind.STAGE),
        ("furthest_stage", 0, (), Kind.STAGE),
        ("pushes", 2, ("close_date", W), Kind.NUMBER),
        ("pushed_days", 2, ("close_date", W), Kind.NUMBER),
        ("changes", 2, (M, W), Kind.NUMBER),
        ("previous", 1, (M,), Kind.MONEY),
        ("value_on_entry", 1, (M, '"Discovery"'), Kind.MONEY),
        ("changed_by", 1, (M,), Kind.USER),
        ("last_changed", 1, (M,), Kind.DATETIME),
    ],
)
def test_a_function_of_the_past_takes_and_gives(
    name: str, least: int, arguments: tuple[str, ...], kind: Kind
) -> None:
    for given in range(len(arguments) + 1):
        line = parse(f"{name}({', '.join(arguments[:given])}) is filled")
        if given < least:
            with pytest.raises(CheckError, match=rf"E422: {name}\(\) takes "):
                check(line, SCOPE)
        else:
            checked = check(line, SCOPE)
            found = checked.test
            assert isinstance(found, typed.Filled)
            assert found.value.kind is kind
    reads_stages = name not in {"pushes", "pushed_days", "changes"} | {
        "previous",
        "changed_by",
        "last_changed",
    }
    assert HISTORY[name].needs_stages is reads_stages
    too_many = ", ".join((*arguments, '"Discovery"'))
    with pytest.raises(CheckError, match="E422"):
        check(parse(f"{name}({too_many}) is filled"), SCOPE)


TAKES = """
business_days_between() takes two dates: business_days_between(created_on, close_date)
days_between() takes two dates: days_between(created_on, close_date)
days_since() takes a date: days_since(created_on)
days_until() takes a date: days_until(close_date)
length() takes a text: length(next_step)
abs() takes a number: abs(amount - 5000)
round() takes a number, and places if not 0: round(amount, 2)
coalesce() takes two or more values of one type: coalesce(discount, 0%)
later_of() takes two or more dates: later_of(created_on, close_date)
earlier_of() takes two or more dates: earlier_of(created_on, close_date)
count() takes rows: count(contacts where role = "Champion")
sum() takes a number of rows: sum(line_items.total)
min() takes a field of rows: min(line_items.total)
max() takes a field of rows: max(line_items.total)
latest() takes a date of rows: latest(meetings.start)
earliest() takes a date of rows: earliest(meetings.start)
text_like() takes a text and a pattern in quotes: text_like(name, "{account.name} - {rest}")
days_in_stage() takes nothing: days_in_stage()
total_days_in_stage() takes a stage: total_days_in_stage("Discovery")
entered() takes nothing or a stage: entered("Discovery")
visited() takes a stage: visited("Discovery")
skipped() takes a stage: skipped("Discovery")
moves_back() takes a window: moves_back(last 30 days)
moved_back() takes nothing: moved_back()
first_stage() takes nothing: first_stage()
furthest_stage() takes nothing: furthest_stage()
pushes() takes a date field and a window: pushes(close_date, last 90 days)
pushed_days() takes a date field and a window: pushed_days(close_date, last 90 days)
changes() takes a field and a window: changes(amount, last 90 days)
previous() takes a field: previous(close_date)
value_on_entry() takes a field, and a stage if not this one: value_on_entry(amount, "Proposal")
changed_by() takes a field: changed_by(close_date)
last_changed() takes a field: last_changed(next_step)
"""  # noqa: E501


@pytest.mark.parametrize("said", TAKES.strip().splitlines())
def test_wrong_arguments_are_told_by_what_is_taken(said: str) -> None:
    name = said.partition("(")[0]
    with pytest.raises(CheckError) as refused:
        check(parse(f'{name}(5, "x", 7) is filled'), SCOPE)
    (message,) = refused.value.mistakes
    assert message.text == said


def test_the_arguments_of_every_function_are_told_here() -> None:
    told = {line.partition("(")[0] for line in TAKES.strip().splitlines()}
    assert told == {*FUNCTIONS, *AGGREGATES, *HISTORY, "text_like"}
