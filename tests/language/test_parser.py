from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.language.messages import CheckSyntaxError, Message
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.parser.words import LONGEST_CHECK
from gatekeeper.language.suggest import closest
from gatekeeper.language.tree import syntax as tree
from gatekeeper.language.tree.format import canonical, strip_spans

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    Within = Callable[[float], AbstractContextManager[None]]

N = tree.Span(0, 0)


def _name(text: str) -> tree.Name:
    return tree.Name(tuple(text.split(".")), N)


def _number(value: int | str) -> tree.Number:
    return tree.Number(Decimal(value), N)


def _text(value: str) -> tree.Text:
    return tree.Text(value, N)


def _days(count: int, *, business: bool = False) -> tree.Duration:
    return tree.Duration(count, tree.TimeUnit.DAYS, business, N)


def _equal(left: str, right: str) -> tree.Compare:
    return tree.Compare("=", _name(left), _text(right), N, N)


def _filled(name: str) -> tree.Is:
    return tree.Is(_name(name), "filled", False, N)


A, B, C = (tree.Truthy(_name(letter), N) for letter in "abc")

CONDITIONS = {
    "amount >= $min_amount": tree.Compare(
        ">=", _name("amount"), tree.Param("min_amount", N), N, N
    ),
    "a ON OR  AFTER today": tree.Compare(
        "on or after", _name("a"), tree.Today(N), N, N
    ),
    "next_step is filled": _filled("next_step"),
    "x is not true": tree.Is(_name("x"), "true", True, N),
    "x in ['a', \"b\"]": tree.In(
        _name("x"), False, tree.Listing((_text("a"), _text("b")), N), N
    ),
    "x not in $few": tree.In(_name("x"), True, tree.Param("few", N), N),
    "x not between 1 and 2": tree.Between(_name("x"), True, _number(1), _number(2), N),
    'x starts with "a"': tree.TextTest(_name("x"), "starts with", False, _text("a"), N),
    'x not contains ["a"]': tree.TextTest(
        _name("x"), "contains", True, tree.Listing((_text("a"),), N), N
    ),
    "x ends with account.name": tree.TextTest(
        _name("x"), "ends with", False, _name("account.name"), N
    ),
    'x includes none of ["a"]': tree.Includes(
        _name("x"), "none", tree.Listing((_text("a"),), N), N
    ),
    "x includes any of $list": tree.Includes(
        _name("x"), "any", tree.Param("list", N), N
    ),
    "x within next 3 business days": tree.Within(
        _name("x"), "next", _days(3, business=True), N
    ),
    "x within last $idle": tree.Within(_name("x"), "last", tree.Param("idle", N), N),
    "x changed within last 30 days": tree.Changed(
        _name("x"), tree.Window("last", _days(30), N), N
    ),
    "x changed since stage entry": tree.Changed(
        _name("x"), tree.Since("stage entry", N), N
    ),
    "x changed since creation": tree.Changed(_name("x"), tree.Since("creation", N), N),
    "x changed since entered('S')": tree.Changed(
        _name("x"),
        tree.Since(
            tree.Call("entered", (tree.Argument(_text("S"), None, N),), N, N), N
        ),
        N,
    ),
    "x in this fiscal quarter": tree.InPeriod(_name("x"), "this", True, "quarter", N),
    "x in last week": tree.InPeriod(_name("x"), "last", False, "week", N),
    "some contacts": tree.Quantified(
        tree.Quantity.SOME, None, _name("contacts"), None, N
    ),
    "no account.meetings where a": tree.Quantified(
        tree.Quantity.NO, None, _name("account.meetings"), A, N
    ),
    "at least $n contacts": tree.Quantified(
        tree.Quantity.AT_LEAST, tree.Param("n", N), _name("contacts"), None, N
    ),
    "exactly 1 quote where a or b": tree.Quantified(
        tree.Quantity.EXACTLY, 1, _name("quote"), tree.Or((A, B), N), N
    ),
    "every line_item has quantity > 0": tree.Every(
        _name("line_item"),
        None,
        tree.Compare(">", _name("quantity"), _number(0), N, N),
        N,
    ),
    "every c where (a or b) has c and a": tree.Every(
        _name("c"), tree.Or((A, B), N), tree.And((C, A), N), N
    ),
    "some of meddppicc is filled": tree.GroupTest(
        tree.Quantity.SOME, None, _name("meddppicc"), _filled("meddppicc"), N
    ),
    "every of bill_to is not empty": tree.GroupTest(
        "every",
        None,
        _name("bill_to"),
        tree.Is(_name("bill_to"), "empty", True, N),
        N,
    ),
    "at least 3 of g changed since entered()": tree.GroupTest(
        tree.Quantity.AT_LEAST,
        3,
        _name("g"),
        tree.Changed(_name("g"), tree.Since(tree.Call("entered", (), N, N), N), N),
        N,
    ),
    "a": A,
    "custom.Pilot_Result__c = 'x'": _equal("custom.Pilot_Result__c", "x"),
    "a or b and not c": tree.Or((A, tree.And((B, tree.Not(C, N)), N)), N),
    "a and b and c": tree.And((A, B, C), N),
    "(some c where a) and b": tree.And(
        (
            tree.Bracketed(
                tree.Quantified(tree.Quantity.SOME, None, _name("c"), A, N), N
            ),
            B,
        ),
        N,
    ),
}


@pytest.mark.parametrize(("text", "expected"), CONDITIONS.items())
def test_every_form_of_a_condition_has_its_node(text: str, expected: tree.Test) -> None:
    assert strip_spans(parse(text)) == expected


VALUES = {
    "50_000": _number(50000),
    "50k": _number(50000),
    "1.5m": _number(1500000),
    "0.25": _number("0.25"),
    "20%": tree.Percentage(Decimal(20), N),
    "'it is \"so\"'": _text('it is "so"'),
    "2026-12-31": tree.DateLiteral(date(2026, 12, 31), N),
    "2026-12-31 15:00": tree.DateLiteral(
        datetime.combine(date(2026, 12, 31), datetime.min.time().replace(hour=15)), N
    ),
    "now": tree.Now(N),
    "1 business day": _days(1, business=True),
    "12 hours": tree.Duration(12, tree.TimeUnit.HOURS, False, N),
    "2 quarters": tree.Duration(2, tree.TimeUnit.QUARTERS, False, N),
    "a - b - 1": tree.Arithmetic(
        "-", tree.Arithmetic("-", _name("a"), _name("b"), N), _number(1), N
    ),
    "a + b * 2": tree.Arithmetic(
        "+", _name("a"), tree.Arithmetic("*", _name("b"), _number(2), N), N
    ),
    "-a": tree.Negative(_name("a"), N),
    "(a)": tree.Bracketed(A, N),
    "count(contacts where a or b)": tree.Call(
        "count", (tree.Argument(_name("contacts"), tree.Or((A, B), N), N),), N, N
    ),
    "pushes(close_date, last 90 days)": tree.Call(
        "pushes",
        (
            tree.Argument(_name("close_date"), None, N),
            tree.Argument(tree.Window("last", _days(90), N), None, N),
        ),
        N,
        N,
    ),
    "changes(x, since stage entry)": tree.Call(
        "changes",
        (
            tree.Argument(_name("x"), None, N),
            tree.Argument(tree.Since("stage entry", N), None, N),
        ),
        N,
        N,
    ),
    "days_in_stage()": tree.Call("days_in_stage", (), N, N),
}


@pytest.mark.parametrize(("text", "expected"), VALUES.items())
def test_every_form_of_a_value_has_its_node(text: str, expected: tree.Value) -> None:
    assert strip_spans(parse_value(text)) == expected


EXAMPLES = """
at least 2 contacts where role in ["Economic Buyer", "Champion", "Technical Buyer"]
amount >= 250_000
length(next_step) >= 15
some meetings where outcome = "Demo held" and start within last 60 days
some quotes where status = "Presented" and expires_on on or after today
abs(sum(line_items.total) - amount) <= 1% * amount
latest(meetings.start where start before now) within last 14 days
pushes(close_date, last 90 days) <= $max_pushes
signature_date on or before close_date
stage after "Discovery" and created_on on or after 2026-07-01
visited("Discovery")
moves_back(last 30 days) > 0
stage in ["Discovery", "Solution Validation", "Proposal"]
lead_source = "Partner" and created_on before 2026-10-01
(at least 2 contacts where role = "x") and amount > 5
competitor is empty or competitor != "Acme"
champion >= "Partial"
text_like(name, "{account.name} - ")
changes(amount, since stage entry) = 0
latest(held.start) within last $idle
count(contacts) >= $n
every of bill_to is filled
at least 3 of meddppicc changed since entered()
days_until(close_date) <= 14
"""


@pytest.mark.parametrize("line", EXAMPLES.strip().splitlines())
def test_the_examples_of_the_design_are_checks(line: str) -> None:
    assert canonical(parse(line)) == line.replace("250_000", "250000")


def test_named_rows_are_a_collection_with_or_without_where() -> None:
    assert strip_spans(parse_rows("contacts")) == tree.Rows(_name("contacts"), None, N)
    assert strip_spans(parse_rows("meetings where a and b")) == tree.Rows(
        _name("meetings"), tree.And((A, B), N), N
    )


def test_a_span_covers_exactly_the_characters_of_its_node() -> None:
    text = "  amount  >= sum(line_items.total) * 2 "
    test = parse(text)

    assert isinstance(test, tree.Compare)
    assert isinstance(test.right, tree.Arithmetic)
    assert isinstance(test.right.left, tree.Call)
    spans = {
        "amount  >= sum(line_items.total) * 2": test.span,
        "amount": test.left.span,
        ">=": test.operator_span,
        "sum(line_items.total) * 2": test.right.span,
        "sum(line_items.total)": test.right.left.span,
        "sum": test.right.left.name_span,
        "line_items.total": test.right.left.arguments[0].span,
    }
    assert {text[span.start : span.end] for span in spans.values()} == set(spans)
    assert all(text[span.start : span.end] == words for words, span in spans.items())


@pytest.mark.parametrize(
    "name",
    [
        *("at", "on", "starts", "stage", "business", "days", "week", "any", "creation"),
        *("next_step", "last_met_at", "is_won", "emails.at", "meetings.last", "Some_x"),
    ],
)
def test_words_that_are_only_parts_of_phrases_may_be_names(name: str) -> None:
    assert strip_spans(parse(f"{name} = 'x'")) == _equal(name, "x")


def test_blanks_pasted_from_a_document_are_blanks() -> None:
    assert strip_spans(parse("a\u00a0is\u00a0filled")) == _filled("a")
    assert strip_spans(parse("a is\n  filled")) == _filled("a")


@pytest.mark.parametrize(
    "number", ["0.125", "49.999", "1.25", "0.500", "2.5", "1000.500", "1.500k"]
)
def test_a_point_marks_decimals_where_no_thousands_can_be_meant(number: str) -> None:
    assert parse(f"quantity >= {number}")


def test_the_limits_are_still_inside() -> None:
    listing = ", ".join(str(number) for number in range(50))

    assert isinstance(parse("(" * 8 + "a" + ")" * 8), tree.Bracketed)
    assert isinstance(parse(f"a in [{listing}]"), tree.In)
    assert isinstance(parse("a is filled".ljust(500)), tree.Is)
    assert isinstance(parse("+".join(["a"] * 51) + " > 1"), tree.Compare)


WORDS = """
    and or not is in between before after on starts with ends contains matches includes
    any all none of within last next since some no exactly every where has empty filled
    true false today now changed this fiscal quarter stage entry creation at least two
    amount contacts sum( entered() "a" 'b' 5 3 business days 2026-12-31 20% 1.5m $p
    = != <= >= < > + - * / ( ) [ ] ,
"""
MISTAKES = """
    null count( AND( NOT( ISBLANK( ISPICKVAL( 50,000 10 USD 14 dayz 2026-02-30 007 9d
    . : ; # { } @ é “ == => <> ! && || $ "
"""
SOUNDS = WORDS.split()
TOKENS = [*SOUNDS, *MISTAKES.split()]
SOUPS = st.sampled_from([SOUNDS, TOKENS]).flatmap(
    lambda words: st.lists(st.sampled_from(words), max_size=60).map(" ".join)
)


def _check(text: str) -> None:
    """Hold the promise of the parser on one text."""
    for read in (_read_twice, parse_value, parse_rows):
        for message in _mistakes(read, text):
            assert 0 <= message.span.start <= message.span.end <= len(text)
            assert message.text


def _read_twice(text: str) -> None:
    """Read a check and then its canonical text, which gives the same tree."""
    test = parse(text)
    again = canonical(test)
    if len(again) <= LONGEST_CHECK:
        assert strip_spans(parse(again)) == strip_spans(test)


def _mistakes(read: Callable[[str], object], text: str) -> tuple[Message, ...]:
    """Return the messages about a text, at least one where it has no tree."""
    try:
        read(text)
    except CheckSyntaxError as error:
        return error.mistakes or (Message("", "", N),)
    return ()


@settings(max_examples=400)
@given(SOUPS)
def test_a_soup_of_words_gives_a_tree_or_messages(text: str) -> None:
    _check(text)


@settings(max_examples=300)
@given(st.text(max_size=520) | st.text("()[],.'\"=<>!&|+-*/$% 0a_", max_size=520))
def test_any_text_gives_a_tree_or_messages(text: str) -> None:
    _check(text)


@settings(max_examples=200)
@given(st.data())
def test_a_broken_check_gives_a_tree_or_messages(draws: st.DataObject) -> None:
    text = draws.draw(st.sampled_from(sorted(CONDITIONS)))
    at = draws.draw(st.integers(0, len(text)))
    cut = draws.draw(st.integers(0, 4))
    put = draws.draw(st.sampled_from(["", " ", *TOKENS]))

    _check(text[:at] + put + text[at + cut :])


@pytest.mark.parametrize(
    "text",
    [
        *("(" * 500, "-" * 500, "not " * 125, "a." * 250, "[" * 500, "f(" * 250),
        *("AND(" * 125, "a, " * 166, '"' * 499, "1" * 500, "1_" * 250, "at " * 166),
        *("at least " * 55, "a or " * 100, "!" * 500, "in this " * 62, "é" * 500),
        "a and some c where " * 26,
        "((((((" + "a+" * 49 + "a <= b <= c" + " d" * 190,
        "NOT(ISBLANK(" * 3 + "a,b," * 90 + "))",
    ],
)
@pytest.mark.timed
def test_the_worst_texts_are_answered_at_once(text: str, within: Within) -> None:
    _check("a")  # the grammar is built at the first use
    with within(3 * 0.05):  # read as check, value and rows
        _check(text)


def test_a_suggestion_is_near_or_absent() -> None:
    fields = ["amount", "close_date", "next_step", "account", "close_reason"]

    assert closest("amonut", fields) == ["amount"]
    assert closest("CloseDate", fields) == ["close_date"]
    assert closest("zzz", fields) == []
    assert closest("fild", ["filled", "empty", "true", "false"]) == ["filled"]
    assert len(closest("aaaa", ["aaaa1", "aaaa2", "aaaa3", "aaaa4"])) == 3
