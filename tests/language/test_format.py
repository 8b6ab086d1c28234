from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings

from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.parser.tokens import scan
from gatekeeper.language.parser.words import DEEPEST, LONGEST_CHECK, MOST_CALCULATIONS
from gatekeeper.language.tree import syntax as tree
from gatekeeper.language.tree.format import canonical, strip_spans
from tests.language import trees

NOWHERE = tree.Span(0, 0)


def _name(word: str) -> tree.Name:
    return tree.Name((word,), NOWHERE)


def _is_within_limits(text: str) -> bool:
    """Whether the limits of E319, which are tested elsewhere, stay out of the way."""
    level = deepest = signs = 0
    for token in scan(text):
        level += {"LPAR": 1, "LSQB": 1, "RPAR": -1, "RSQB": -1}.get(token.type, 0)
        deepest = max(deepest, level)
        signs += token.type in {"PLUS", "MINUS", "TIMES", "OVER"}
    return (
        len(text) <= LONGEST_CHECK
        and deepest < DEEPEST - 1
        and signs <= MOST_CALCULATIONS
    )


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(trees.tests(1))
def test_the_canonical_text_of_a_tree_reads_as_that_tree(test: tree.Test) -> None:
    text = canonical(test)
    assume(_is_within_limits(text))

    assert strip_spans(parse(text)) == test
    assert canonical(parse(text)) == text


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("amount>=50K", "amount >= 50000"),
        ("amount >= 1.50m", "amount >= 1500000"),
        ("discount <= 20.0 %", "discount <= 20%"),
        ("name = 'Acme'", 'name = "Acme"'),
        ("name = 'the \"big\" one'", "name = 'the \"big\" one'"),
        ("NOT x IS  NOT Filled", "not x is not filled"),
        ("a ON  OR before 2026-12-31T15:00", "a on or before 2026-12-31 15:00"),
        ("x within LAST 1 days", "x within last 1 day"),
        ("Some Contacts Where role IN ['a','b']", None),
        ("x changed  since  Stage Entry", "x changed since stage entry"),
        ("At Least 2 of g is filled", "at least 2 of g is filled"),
        ("((a))", "((a))"),
        ("every c where ((a)) has b", "every c where ((a)) has b"),
        ("EVERY c HAS (b)", "every c has (b)"),
        ("a-b-(c-d)*-2", "a - b - (c - d) * -2"),
    ],
)
def test_there_is_one_spelling(written: str, expected: str | None) -> None:
    wanted = expected or 'some Contacts where role in ["a", "b"]'

    assert canonical(parse(written)) == wanted


def test_values_and_rows_have_a_canonical_text_too() -> None:
    assert canonical(parse_value("amount*2 + 1")) == "amount * 2 + 1"
    assert canonical(parse_rows("meetings  where completed")) == (
        "meetings where completed"
    )
    assert canonical(parse_rows("meetings")) == "meetings"


def test_a_tree_built_by_hand_gets_the_parentheses_it_needs() -> None:
    either = tree.Or(
        (tree.Truthy(_name("a"), NOWHERE), tree.Truthy(_name("b"), NOWHERE)), NOWHERE
    )
    rows = tree.Quantified(tree.Quantity.SOME, None, _name("c"), either, NOWHERE)
    both = tree.And((rows, either), NOWHERE)

    assert canonical(tree.Not(both, NOWHERE)) == (
        "not ((some c where a or b) and (a or b))"
    )


def test_what_holds_less_tightly_gets_parentheses_too() -> None:
    a, b, c = map(_name, "abc")
    minus = tree.Arithmetic("-", b, c, NOWHERE)
    every = tree.Every(c, None, tree.Truthy(b, NOWHERE), NOWHERE)

    assert canonical(tree.Arithmetic("-", a, minus, NOWHERE)) == "a - (b - c)"
    assert canonical(tree.Arithmetic("-", minus, a, NOWHERE)) == "b - c - a"
    assert canonical(tree.Not(every, NOWHERE)) == "not (every c has b)"


def test_what_is_no_part_of_a_check_has_no_text() -> None:
    with pytest.raises(TypeError, match=r"^Span is no part of a check$"):
        canonical(NOWHERE)  # type: ignore[arg-type]


def test_trees_compare_without_their_places() -> None:
    near, far = parse("a = 1"), parse("   a   =   1.0")

    assert near != far
    assert strip_spans(near) == strip_spans(far)


@pytest.mark.parametrize(
    "line",
    [
        "amount between 1 and 5",
        "amount not between 1 and 5",
        'next_step contains "a"',
        'next_step not contains ["a", "b"]',
        'competitors includes any of ["a"]',
        'competitors includes none of ["a", "b"]',
        "close_date in this fiscal quarter",
        "close_date in last month",
        "close_date within last 3 business days",
        "close_date within next 1 week",
        "next_step changed within last 30 days",
        "amount in [1, 2]",
        "amount not in $levels",
        "not (is_won or is_renewal)",
        "-(amount + 1) * 2 > 0.5",
        "discount > 12.5%",
    ],
)
def test_a_canonical_line_stays_as_it_is(line: str) -> None:
    assert canonical(parse(line)) == line


def test_a_count_of_conditions_is_written_as_nobody_could_write_it() -> None:
    parts = (parse("is_won"), parse("amount > 5"))
    counted = tree.AtLeast(2, parts, NOWHERE)
    assert canonical(counted) == "at least 2 of (is_won; amount > 5)"
