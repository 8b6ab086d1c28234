"""The closures of a line: made once, each for its own part, and where they begin."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Line, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.bounds import decided
from gatekeeper.language.compiler.compare import OPERATORS
from gatekeeper.language.compiler.line import compile_line, compile_value
from gatekeeper.language.compiler.moments import add_months
from gatekeeper.language.compiler.patterns import (
    LONGEST_SUBJECT,
    PatternError,
    compile_pattern,
    first_misfit,
    found_in,
)
from gatekeeper.language.compiler.tree import Tree
from gatekeeper.language.parser.line import parse
from gatekeeper.language.tree import typed
from tests.builders import dollars
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.model import FieldValue


# ---- the tree of a line --------------------------------------------------------------


def number(value: int) -> typed.Constant:
    return typed.Constant(Decimal(value), Kind.NUMBER)


def is_filled(name: str) -> typed.Filled:
    return typed.Filled(typed.Field(name, Kind.TEXT), wanted=True)


def rows_of(key: str) -> typed.Rows:
    return typed.Rows(key, None)


def test_each_part_of_a_line_has_one_closure() -> None:
    tree, two, filled, rows = Tree(), number(2), is_filled("a"), rows_of("contacts")
    assert tree.value(two) is tree.value(two)
    assert tree.test(filled) is tree.test(filled)
    assert tree.rows(rows) is tree.rows(rows)
    assert tree.value(two) is not tree.value(number(3))


def test_a_part_asked_for_in_passing_is_never_taken_for_a_later_one() -> None:
    """A tree knows its parts by their place in memory, which it must keep theirs."""
    tree, deal = Tree(), a_case({"even": "filled", "odd": EMPTY})
    places = range(100)
    values = [tree.value(number(place))(deal, CONTEXT) for place in places]
    names = ["odd" if place % 2 else "even" for place in places]
    answers = [tree.test(is_filled(name))(deal, CONTEXT) for name in names]
    keys = ["quotes" if place % 2 else "contacts" for place in places]
    sorters = {key: set[object]() for key in keys}
    for key in keys:
        sorters[key].add(tree.rows(rows_of(key)))

    assert values == list(places)
    assert answers == [name == "even" for name in names]
    assert not sorters["quotes"] & sorters["contacts"]


# ---- a line --------------------------------------------------------------------------


def test_a_blank_answer_is_not_met_unless_that_is_said() -> None:
    checked = check(parse("amount > 5"), SCOPE)
    assert compile_line(checked).blank_passes is False
    assert compile_line(checked, blank_passes=True).blank_passes is True


def test_a_parameter_without_a_value_here_is_named() -> None:
    line = compile_line(check(parse("created_on within last $idle_by_segment"), SCOPE))
    assert isinstance(line.when, Line)
    assert line.when.text == "$idle_by_segment has a value here"


@pytest.mark.parametrize("amount", [dollars(5), EMPTY, HIDDEN])
def test_a_value_is_compiled_by_itself(amount: FieldValue) -> None:
    read = compile_value(typed.Field("amount", Kind.MONEY))
    expected = Decimal(5) if amount == dollars(5) else amount
    assert read(a_case(amount=amount), CONTEXT) == expected


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (EMPTY, Decimal(1)),
        (Decimal(1), Decimal(1)),
        (HIDDEN, Decimal(1)),
        (Unavailable("some were not read", at_least=Decimal(3)), EMPTY),
        (Unavailable("some were not read", at_least=Decimal(3)), "3"),
    ],
)
def test_only_a_count_known_in_part_and_a_number_may_be_decided(
    left: object, right: object
) -> None:
    assert decided(OPERATORS[">="], left, right) is None


# ---- months --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2, 1, 31), -12, date(1, 1, 31)),
        (date(9998, 12, 31), 12, date(9999, 12, 31)),
        (date(1, 2, 28), -1, date(1, 1, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
    ],
)
def test_months_are_counted_to_the_ends_of_the_calendar(
    day: date, months: int, expected: date
) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(("day", "months"), [(date.min, -1), (date.max, 1)])
def test_no_month_lies_beyond_the_calendar(day: date, months: int) -> None:
    with pytest.raises(OverflowError):
        add_months(day, months)


# ---- patterns ------------------------------------------------------------------------

TOO_LONG = Unavailable("the text is longer than 131,072 characters")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("b", "a" * 131_071 + "b", True),
        ("b", "a" * 131_072 + "b", TOO_LONG),
        ("b", "a" * 131_070 + "ba" + "a", True),
        ("b$", "a" * 131_071 + "ba", TOO_LONG),
        ("c", "a" * 131_072, False),
    ],
)
def test_of_a_text_too_long_only_what_is_sure_is_said(
    pattern: str, text: str, expected: object
) -> None:
    assert LONGEST_SUBJECT == 131_072
    assert found_in(pattern, text) == expected


def test_a_pattern_that_is_none_is_told_by_us_alone(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for any_case in (False, True):
        with pytest.raises(PatternError):
            compile_pattern("(", any_case=any_case)
    assert capfd.readouterr() == ("", "")


def test_a_pattern_takes_a_quarter_of_a_megabyte_at_most() -> None:
    """RE2 spends some twelve bytes on a character, counted copies included."""
    assert compile_pattern("(?:a{1000})" * 15)
    with pytest.raises(PatternError):
        compile_pattern("(?:a{1000})" * 30)


def test_case_counts_in_a_pattern_unless_that_is_said() -> None:
    find: Callable[..., object] = compile_pattern("acme").search
    assert find("ACME") is None
    assert compile_pattern("acme", any_case=True).search("ACME")


TWO_PARTS = [(True, "number"), (False, " units")]


@pytest.mark.parametrize(
    ("parts", "text", "misfit"),
    [
        (TWO_PARTS, " 5  UNITS ", None),
        (TWO_PARTS, "five units", 0),
        (TWO_PARTS, "5 items", 1),
        (TWO_PARTS, "5 units sold", 1),
        ([(False, "Acme")], "Acme Inc", 0),
        ([], "Acme", 0),
        ([], " ", None),
    ],
)
def test_the_first_part_that_does_not_fit_is_told(
    parts: list[tuple[bool, str]], text: str, misfit: int | None
) -> None:
    assert first_misfit(parts, text) == misfit


def test_a_moment_written_in_a_line_is_local() -> None:
    line = compile_line(check(parse("created_at = 2026-08-03 08:00"), SCOPE))
    for hour in (11, 12, 13):
        at = datetime(2026, 8, 3, hour, tzinfo=UTC)
        assert line.test(a_case(created_at=at), CONTEXT) is (hour == 12)
