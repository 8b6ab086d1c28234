"""Where the parts of a line stand, and what the parser says could stand there."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.failure import (
    Failure,
    operand_end,
    operand_start,
    possible,
)
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.parser.words import within_limits
from gatekeeper.language.reference.entries import reference
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.format import strip_spans
from gatekeeper.language.tree.walk import parts_of

HERE = Path(__file__).parent
TESTS = tuple(set(get_args(syntax.Test)) - {syntax.AtLeast})
VALUES = get_args(syntax.Value)


def lines() -> list[str]:
    blocks = (HERE / "sentences.txt").read_text("utf-8").strip().split("\n\n")
    texts = [block.partition("\n")[0] for block in blocks]
    texts += [entry.example for entry in reference()]
    texts += [
        "some of meddppicc is not filled and amount > 5",
        "at least 2 of meddppicc changed since stage entry or not is_won",
        "count(contacts where role = name) > 1 and stage not in [$a, $b]",
    ]
    return sorted(set(texts))


def own_parts(tree: object) -> list[object]:
    """Every part but the half of a group's test that is no text of its own."""
    halves = [
        part.test for part in parts_of(tree) if isinstance(part, syntax.GroupTest)
    ]
    return [part for part in parts_of(tree) if not any(part is one for one in halves)]


@pytest.mark.parametrize("line", lines())
def test_a_part_of_a_line_stands_where_it_says(line: str) -> None:
    for part in own_parts(parse(line)):
        if isinstance(part, TESTS) and not isinstance(part, syntax.Truthy):
            own = line[part.span.start : part.span.end]
            assert strip_spans(parse(own)) == strip_spans(part)
        elif isinstance(part, VALUES):
            own = line[part.span.start : part.span.end]
            assert strip_spans(parse_value(own)) == strip_spans(part)
        elif isinstance(part, syntax.Listing):
            own = line[part.span.start : part.span.end]
            assert (own[0], own[-1]) == ("[", "]")


def test_named_rows_stand_where_they_say() -> None:
    text = " meetings where start before now "
    assert parse_rows(text).span == syntax.Span(1, 32)
    assert parse_rows(" meetings ").span == syntax.Span(1, 9)


def test_an_operator_stands_between_its_sides() -> None:
    tree = parse("close_date on or  before today")
    assert isinstance(tree, syntax.Compare)
    assert tree.operator_span == syntax.Span(11, 24)


@pytest.mark.parametrize("text", ["", "  "])
def test_a_check_of_no_words_is_no_condition(text: str) -> None:
    with pytest.raises(CheckSyntaxError) as caught:
        parse(text)

    said = "the check ends too early; a condition is missing."
    assert caught.value.mistakes == (Message("E308", said, syntax.Span(0, 0)),)


# ---- what could come -----------------------------------------------------------------

VALUE = "NAME NUMBER TEXT"


@pytest.mark.parametrize(
    ("kinds", "words"),
    [
        (VALUE, "a value"),
        (f"{VALUE} PARAM", "a value"),
        (f"{VALUE} QUANTITY", "a condition"),
        ("COMPARE IS IN NAME", 'an operator such as "=", ">=" or "is filled"'),
        ("LSQB PARAM", 'a list such as ["A", "B"]'),
        ("NAME OF", 'a name or "of"'),
        ("NAME", "a name"),
        ("NUMBER PARAM", "a number"),
        ("NOT STATE", '"not" or filled, empty, true or false'),
        ("STATE", "filled, empty, true or false"),
        ("DURATION PARAM", "a length of time such as 14 days"),
        ("LAST NEXT", '"last" or "next"'),
        ("SINCE SINCE_MARK WITHIN", '"within last"'),
        ("CHANGED IS", '"is" or "changed"'),
        ("BETWEEN IN TEXT_OPERATOR", '"in [..]" or "between"'),
        ("HAS WHERE", '"has" or "where"'),
        ("AND COMMA OR RPAR", '")", ",", "and" or "or"'),
        ("COMMA PLUS RSQB", '"]" or ","'),
        ("$END AND OR WHERE", '"where", "and", "or" or the end'),
        ("LPAR", '"("'),
    ],
)
def test_what_could_come_is_said_in_words(kinds: str, words: str) -> None:
    failure = Failure("", (), 0, frozenset(kinds.split()), "USD")
    assert possible(failure) == words


def failing(text: str, at: int) -> Failure:
    tokens = tuple(within_limits(text))
    return Failure(text, tokens, at % len(tokens), frozenset(), "USD")


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("amount x", "amount"),
        ("is_won and amount + 5 x", "amount + 5"),
        ("is_won or amount x", "amount"),
        ("not amount x", "amount"),
        ("some contacts where role x", "role"),
        ("every contact has role x", "role"),
        ("(amount x", "amount"),
        ("stage in [amount x", "amount"),
        ("coalesce(amount, seats x", "seats"),
        ("amount > seats x", "seats"),
        ("is_won and count(contacts) x", "count(contacts)"),
        ("is_won and coalesce(amount, seats) x", "coalesce(amount, seats)"),
        ('is_won and stage in ["A", "B"] x', 'stage in ["A", "B"]'),
        ("(is_won) and (amount) x", "(amount)"),
    ],
)
def test_a_value_goes_back_to_where_it_begins(text: str, operand: str) -> None:
    failure = failing(text, -1)
    assert failure.source(operand_start(failure, failure.at), failure.at) == operand


@pytest.mark.parametrize(
    ("text", "operand"),
    [
        ("x amount", "amount"),
        ("x amount + 5 and is_won", "amount + 5"),
        ("x amount or is_won", "amount"),
        ("x amount not y", "amount"),
        ("x contacts where role", "contacts"),
        ("x contact has role", "contact"),
        ("x amount) y", "amount"),
        ("x amount] y", "amount"),
        ("x amount, y", "amount"),
        ("x amount > y", "amount"),
        ("x count(contacts) and y", "count(contacts)"),
        ("x coalesce(amount, seats) and y", "coalesce(amount, seats)"),
        ('x ["A", "B"] and y', '["A", "B"]'),
    ],
)
def test_a_value_goes_on_to_where_it_ends(text: str, operand: str) -> None:
    failure = failing(text, 1)
    assert failure.source(1, operand_end(failure, 1)) == operand


# ---- joined conditions are no functions ----------------------------------------------


@pytest.mark.parametrize(
    "first",
    [
        "is_won",
        "amount > $min_amount",
        "amount > 5",
        "discount > 5%",
        'next_step = "a"',
        "close_date > 2026-01-01",
        "close_date within last 3 days",
        "amount is filled",
        "(is_won)",
        'stage in ["A"]',
        "close_date = today",
        "created_at < now",
        "close_date in this week",
        "amount changed since creation",
    ],
)
@pytest.mark.parametrize("word", ["and", "or", "AND", "Or"])
def test_a_bracket_after_and_or_or_is_no_function(first: str, word: str) -> None:
    joined = parse(f"{first} {word} (is_renewal)")
    kind = syntax.And if word.lower() == "and" else syntax.Or
    assert isinstance(joined, kind)
    assert len(joined.parts) == 2


def mistakes(text: str) -> list[tuple[str, int, int, str]]:
    with pytest.raises(CheckSyntaxError) as caught:
        parse(text)
    return [
        (each.code, each.span.start, each.span.end, each.text)
        for each in caught.value.mistakes
    ]


def test_functions_of_formulas_are_told_one_by_one() -> None:
    assert mistakes("ISBLANK(amount) or ISBLANK(next_step)") == [
        (
            "E304",
            0,
            7,
            "ISBLANK is a Salesforce function; here: amount is empty.",
        ),
        (
            "E304",
            19,
            26,
            "ISBLANK is a Salesforce function; here: next_step is empty.",
        ),
    ]


def test_a_text_operator_after_a_value_is_no_function() -> None:
    assert isinstance(parse('next_step contains ("a")'), syntax.TextTest)
    assert isinstance(parse('next_step not contains ("a")'), syntax.TextTest)


@pytest.mark.parametrize("last", ["Low", '"A B"'])
def test_the_last_word_is_shown_as_it_is_written(last: str) -> None:
    ((code, _, _, sentence),) = mistakes(f"name between {last}")
    assert code == "E308"
    assert sentence == f'the check ends too early; "and" is missing after "{last}".'


def test_nothing_is_no_check() -> None:
    ((code, start, end, _),) = mistakes("")
    assert (code, start, end) == ("E308", 0, 0)
