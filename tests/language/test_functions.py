"""The closed list of functions, lengths of time, patterns and the table of types."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.catalogue import FieldSpec, Kind
from gatekeeper.core.context import Context
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError
from gatekeeper.language.compiler.moments import (
    add_months,
    elapsed,
    in_days,
    move_date,
    move_moment,
    period_bounds,
)
from gatekeeper.language.compiler.patterns import (
    LONGEST_SUBJECT,
    TOO_LONG,
    first_misfit,
    found_in,
    unsupported_part,
)
from gatekeeper.language.compiler.placeholders import reduced
from gatekeeper.language.functions import AGGREGATES, FUNCTIONS
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.messages import Message
from gatekeeper.language.parser.line import parse
from gatekeeper.language.tree.syntax import Duration, Span, TimeUnit
from gatekeeper.language.types import Reading, arithmetic_kind, reading_of
from tests.language.scopes import CATALOGUE, SCOPE

NOWHERE = Span(0, 0)
CONTEXT = Context(
    now=datetime(2026, 11, 20, 14, tzinfo=UTC),
    zone=ZoneInfo("America/New_York"),
    calendar=Calendar(frozenset({date(2026, 11, 26)})),
    fiscal_starts_in=2,
)
some_dates = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def _length(count: int, unit: TimeUnit, *, business: bool = False) -> Duration:
    return Duration(count, unit, business, NOWHERE)


# ---- functions ---------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_example_of_a_function_is_a_check(name: str) -> None:
    example = FUNCTIONS[name].usage.rpartition(": ")[2]

    assert check(parse(f"{example} is filled"), SCOPE).needs.fields


@pytest.mark.parametrize("name", sorted(AGGREGATES))
def test_the_example_of_a_function_over_rows_is_a_check(name: str) -> None:
    example = AGGREGATES[name][1].partition(": ")[2]

    assert check(parse(f"{example} is filled"), SCOPE).needs.collections


@pytest.mark.parametrize("name", sorted(HISTORY))
def test_the_example_of_a_function_of_the_past_is_a_check_that_reads_it(
    name: str,
) -> None:
    example = HISTORY[name].usage.rpartition(": ")[2]

    assert check(parse(f"{example} is filled"), SCOPE).needs.history


# What is refused, and what the function is said to take.
USAGES = """
days_between(created_on) > 1 | two dates: days_between(created_on, close_date)
business_days_between(amount, close_date) > 1 | two dates: business_days_between(created_on, close_date)
days_since(created_on, close_date) > 1 | a date: days_since(created_on)
days_until() > 1 | a date: days_until(close_date)
length(amount) > 1 | a text: length(next_step)
length(next_step, next_step) > 1 | a text: length(next_step)
abs(next_step) > 1 | a number: abs(amount - 5000)
abs(amount, 1) > 1 | a number: abs(amount - 5000)
round(amount, 1, 2) > 1 | a number, and places if not 0: round(amount, 2)
round() > 1 | a number, and places if not 0: round(amount, 2)
coalesce(amount) > 1 | two or more values of one type: coalesce(discount, 0%)
later_of(created_on) is filled | two or more dates: later_of(created_on, close_date)
later_of(created_on, amount) is filled | two or more dates: later_of(created_on, close_date)
earlier_of(created_on) is filled | two or more dates: earlier_of(created_on, close_date)
earlier_of(last 3 days, created_on) is filled | two or more dates: earlier_of(created_on, close_date)
count(contacts, meetings) > 1 | rows: count(contacts where role = "Champion")
sum(line_items.product) > 1 | a number of rows: sum(line_items.total)
sum(meetings.start) > 1 | a number of rows: sum(line_items.total)
min(line_items.product) > 1 | a field of rows: min(line_items.total)
max(line_items) > 1 | a field of rows: max(line_items.total)
latest(line_items.total) is filled | a date of rows: latest(meetings.start)
earliest(line_items.total) is filled | a date of rows: earliest(meetings.start)
earliest() is filled | a date of rows: earliest(meetings.start)
days_in_stage(1) > 1 | nothing: days_in_stage()
total_days_in_stage() > 1 | a stage: total_days_in_stage("Discovery")
entered(1) is filled | nothing or a stage: entered("Discovery")
visited() | a stage: visited("Discovery")
skipped() | a stage: skipped("Discovery")
moves_back() > 1 | a window: moves_back(last 30 days)
moved_back(1) | nothing: moved_back()
first_stage(1) is filled | nothing: first_stage()
furthest_stage(1) is filled | nothing: furthest_stage()
pushes(close_date) > 1 | a date field and a window: pushes(close_date, last 90 days)
pushed_days(last 9 days) > 1 | a date field and a window: pushed_days(close_date, last 90 days)
changes(amount) > 1 | a field and a window: changes(amount, last 90 days)
previous() is filled | a field: previous(close_date)
previous(amount, amount) > 1 | a field: previous(close_date)
value_on_entry() > 1 | a field, and a stage if not this one: value_on_entry(amount, "Proposal")
changed_by(1) is filled | a field: changed_by(close_date)
last_changed() is filled | a field: last_changed(next_step)
"""  # noqa: E501  (each sentence stands on one line, as people read it)


@pytest.mark.parametrize("row", USAGES.strip().splitlines())
def test_a_call_that_does_not_fit_shows_one_that_does(row: str) -> None:
    line, usage = row.split(" | ")
    name, end = line.partition("(")[0], line.rindex(")") + 1

    with pytest.raises(CheckError) as caught:
        check(parse(line), SCOPE)

    assert caught.value.mistakes == (
        Message("E422", f"{name}() takes {usage}", Span(0, end)),
    )


@pytest.mark.parametrize(
    ("written", "signature"),
    [
        ("days_betwen", "days_between(date, date)"),
        ("roud", "round(number, places)"),
        ("coalsce", "coalesce(value, value)"),
        ("earliestt", "earliest(collection.date)"),
        ("text_lik", "text_like(text, pattern)"),
        ("pushed_dayz", "pushed_days(date field, window)"),
        ("qqq", "list them with: gatekeeper functions"),
    ],
)
def test_an_unknown_function_offers_a_near_one(written: str, signature: str) -> None:
    with pytest.raises(CheckError) as caught:
        check(parse(f"{written}(amount) > 1"), SCOPE)

    text = f'there is no function "{written}".'
    assert caught.value.mistakes == (
        Message("E421", text, Span(0, len(written)), signature),
    )


@pytest.mark.parametrize(
    "line",
    [
        "coalesce(" + ", ".join(["seats"] * 20) + ") > 1",
        "later_of(" + ", ".join(["created_on"] * 20) + ") is filled",
        "earlier_of(" + ", ".join(["close_date"] * 20) + ") is filled",
    ],
)
def test_a_choice_among_values_takes_up_to_twenty(line: str) -> None:
    assert check(parse(line), SCOPE)
    with pytest.raises(CheckError, match="E422"):
        check(parse(line.replace("(", "(today, ", 1)), SCOPE)


# ---- lengths of time ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 1), -13, date(2024, 12, 1)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_months_clamp_to_the_end(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(some_dates, st.integers(-600, 600))
def test_months_there_and_back_lose_at_most_the_end_of_a_month(
    day: date, months: int
) -> None:
    back = add_months(add_months(day, months), -months)

    assert (back.year, back.month) == (day.year, day.month)
    assert 0 <= day.day - back.day <= 3


def test_a_month_beyond_the_calendar_overflows() -> None:
    with pytest.raises(OverflowError):
        add_months(date(9999, 12, 1), 1)


@pytest.mark.parametrize(
    ("length", "sign", "expected"),
    [
        (_length(14, TimeUnit.DAYS), -1, date(2026, 11, 6)),
        (_length(2, TimeUnit.WEEKS), 1, date(2026, 12, 4)),
        (_length(1, TimeUnit.QUARTERS), 1, date(2027, 2, 20)),
        (_length(1, TimeUnit.YEARS), -1, date(2025, 11, 20)),
        # Thursday 26 is a holiday: 23, 24, 25, 27.
        (_length(4, TimeUnit.DAYS, business=True), 1, date(2026, 11, 27)),
        (_length(0, TimeUnit.DAYS, business=True), 1, date(2026, 11, 20)),
    ],
)
def test_a_date_moves_by_a_length(length: Duration, sign: int, expected: date) -> None:
    assert move_date(date(2026, 11, 20), length, sign, CONTEXT.calendar) == expected


def test_days_keep_the_local_hour_and_hours_elapse() -> None:
    noon = datetime(2026, 10, 31, 16, tzinfo=UTC)  # 12:00; the clock goes back on 1 Nov

    by_day = move_moment(noon, _length(1, TimeUnit.DAYS), 1, CONTEXT)
    by_hours = move_moment(noon, _length(24, TimeUnit.HOURS), 1, CONTEXT)

    assert by_day == datetime(2026, 11, 1, 17, tzinfo=UTC)
    assert by_hours == datetime(2026, 11, 1, 16, tzinfo=UTC)


def test_only_lengths_of_fixed_measure_are_elapsed_time() -> None:
    assert elapsed(_length(36, TimeUnit.HOURS)) == timedelta(hours=36)
    assert elapsed(_length(1, TimeUnit.WEEKS)) == timedelta(days=7)
    assert elapsed(_length(1, TimeUnit.MONTHS)) is None
    assert elapsed(_length(1, TimeUnit.DAYS, business=True)) is None
    assert in_days(_length(2, TimeUnit.WEEKS)) == 14
    assert in_days(_length(1, TimeUnit.YEARS)) is None


# ---- periods: Friday 20 November 2026, fiscal year from February --------------------


@pytest.mark.parametrize(
    ("which", "period", "fiscal", "first", "last"),
    [
        ("this", "week", False, date(2026, 11, 16), date(2026, 11, 22)),
        ("next", "week", False, date(2026, 11, 23), date(2026, 11, 29)),
        ("this", "month", False, date(2026, 11, 1), date(2026, 11, 30)),
        ("last", "month", False, date(2026, 10, 1), date(2026, 10, 31)),
        ("this", "quarter", False, date(2026, 10, 1), date(2026, 12, 31)),
        ("next", "quarter", False, date(2027, 1, 1), date(2027, 3, 31)),
        ("this", "year", False, date(2026, 1, 1), date(2026, 12, 31)),
        ("this", "quarter", True, date(2026, 11, 1), date(2027, 1, 31)),
        ("last", "quarter", True, date(2026, 8, 1), date(2026, 10, 31)),
        ("this", "year", True, date(2026, 2, 1), date(2027, 1, 31)),
        ("next", "year", True, date(2027, 2, 1), date(2028, 1, 31)),
    ],
)
def test_a_period_has_its_first_and_last_day(
    which: str, period: str, fiscal: bool, first: date, last: date
) -> None:
    assert period_bounds(which, period, fiscal=fiscal, ctx=CONTEXT) == (first, last)


def test_a_week_may_start_on_sunday() -> None:
    sunday = replace(CONTEXT, week_starts_on=6)

    bounds = period_bounds("this", "week", fiscal=False, ctx=sunday)

    assert bounds == (date(2026, 11, 15), date(2026, 11, 21))


def test_january_lies_in_the_fiscal_year_that_began_before() -> None:
    january = replace(CONTEXT, now=datetime(2027, 1, 15, 14, tzinfo=UTC))

    bounds = period_bounds("this", "year", fiscal=True, ctx=january)

    assert bounds == (date(2026, 2, 1), date(2027, 1, 31))


@given(some_dates, st.sampled_from(["week", "month", "quarter", "year"]))
def test_periods_follow_one_another_without_a_gap(day: date, period: str) -> None:
    at = replace(CONTEXT, now=datetime(day.year, day.month, day.day, 15, tzinfo=UTC))
    bounds = [
        period_bounds(which, period, fiscal=True, ctx=at)
        for which in ("last", "this", "next")
    ]

    assert bounds[1][0] <= at.today <= bounds[1][1]
    assert bounds[0][1] + timedelta(days=1) == bounds[1][0]
    assert bounds[1][1] + timedelta(days=1) == bounds[2][0]


# ---- texts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N/A.", "na"),
        ("  TBD!! ", "tbd"),
        ("xxxx", "x"),
        ("...", "."),
        ("- -", "-"),
        ("To be done", "tobedone"),
    ],
)
def test_placeholders_compare_without_case_signs_and_repeats(
    text: str, expected: str
) -> None:
    assert reduced(text) == expected


def test_a_pattern_is_unanchored_and_keeps_case() -> None:
    assert found_in("[0-9]{4}", "PO 1234 sent")
    assert not found_in("po", "PO 1234 sent")


def test_a_pattern_looks_at_every_text_a_crm_can_hold() -> None:
    longest = "x" * (LONGEST_SUBJECT - 6) + "needle"
    assert found_in("needle$", longest) is True
    assert found_in("^x+$", longest) is False


def test_of_a_longer_text_a_pattern_tells_what_the_rest_cannot_change() -> None:
    longer = "a needle" + "x" * LONGEST_SUBJECT + "!"
    assert found_in("needle", longer) is True
    assert found_in("x$", longer) is TOO_LONG
    assert found_in("!", longer) is TOO_LONG


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("a(?=b)", 'look-ahead "(?="'),
        ("a(?!b)", 'look-ahead "(?!"'),
        ("(?<=a)b", 'look-behind "(?<="'),
        ("(?<!a)b", 'look-behind "(?<!"'),
        (r"(a)\1", r'the back-reference "\1"'),
        (r"\\1", None),
        ("a+b*", None),
    ],
)
def test_parts_beyond_linear_time_are_named(pattern: str, part: str | None) -> None:
    assert unsupported_part(pattern) == part


@pytest.mark.parametrize(
    ("text", "misfit"),
    [
        ("Acme - 03/26 renewal", None),
        ("ACME  -  12/26 new logo", None),
        ("Acme - 13/26 renewal", 2),
        ("Acme 03/26 renewal", 1),
        ("Beta - 03/26 renewal", 0),
        ("Acme - 03/26 ", 4),
    ],
)
def test_the_first_part_that_does_not_fit_is_found(
    text: str, misfit: int | None
) -> None:
    parts = [
        (False, "Acme"),
        (False, " - "),
        (True, "MM/YY"),
        (False, " "),
        (True, "text"),
    ]

    assert first_misfit(parts, text) == misfit


def test_a_literal_too_large_for_a_pattern_fits_nothing() -> None:
    assert first_misfit([(False, "wide " * 100_000)], "anything") == 0


def test_a_broken_character_is_no_error() -> None:
    assert not found_in("a", "\ud800")
    assert first_misfit([(False, "\ud800")], "a") == 0


# ---- types -------------------------------------------------------------------------


@given(st.sampled_from(Kind), st.sampled_from(Kind))
def test_comparing_is_symmetric(one: Kind, other: Kind) -> None:
    assert reading_of(one, other) == reading_of(other, one)


@given(st.sampled_from(Kind))
def test_an_unknown_type_takes_that_of_what_it_meets(kind: Kind) -> None:
    assert reading_of(None, kind) == reading_of(kind, kind)


TEXTS = "text email url reference picklist"
# Each group of kinds, all of which compare with one another, and how they are read.
COMPARED = (
    ("number money", Reading.NUMBER),
    ("percent", Reading.NUMBER),
    ("date", Reading.DATE),
    ("datetime", Reading.DATETIME),
    ("yes_no", Reading.YES_NO),
    ("duration", Reading.ELAPSED),
    ("user", Reading.USER),
    ("stage", Reading.STAGE),
    (TEXTS, Reading.TEXT),
)
# Pairs of different groups that compare as well.
COMPARED_TOO = {
    "percent number": Reading.RATIO,
    "date datetime": Reading.DATE,
    "number duration": Reading.DAYS,
    "user text": Reading.USER,
    "user email": Reading.USER,
    "stage text": Reading.STAGE,
}


def _kinds(words: str) -> frozenset[Kind]:
    return frozenset(map(Kind, words.split()))


def test_two_kinds_compare_in_one_way_or_not_at_all() -> None:
    table = {_kinds(pair): reading for pair, reading in COMPARED_TOO.items()}
    for group, reading in COMPARED:
        for pair in product(_kinds(group), repeat=2):
            table[frozenset(pair)] = reading

    for one, other in product(Kind, repeat=2):
        assert reading_of(one, other) is table.get(frozenset({one, other}))


def test_two_unknown_types_compare_as_texts() -> None:
    assert reading_of(None, None) is Reading.TEXT


# All that can be calculated: what is written to what it gives.
CALCULATED = {
    "number + number": "number",
    "money + money": "money",
    "percent + percent": "percent",
    "number - number": "number",
    "money - money": "money",
    "percent - percent": "percent",
    "date + duration": "date",
    "date - duration": "date",
    "datetime + duration": "datetime",
    "datetime - duration": "datetime",
    "date - date": "number",
    "date - datetime": "number",
    "datetime - date": "number",
    "datetime - datetime": "duration",
    "number * number": "number",
    "percent * percent": "percent",
    "number * percent": "percent",
    "percent * number": "percent",
    "number * money": "money",
    "money * number": "money",
    "percent * money": "money",
    "money * percent": "money",
    "number * duration": "duration",
    "duration * number": "duration",
    "number / number": "number",
    "money / money": "number",
    "percent / percent": "number",
    "money / number": "money",
    "money / percent": "money",
    "percent / number": "percent",
    "number / percent": "number",
}


def test_arithmetic_has_a_kind_or_no_meaning() -> None:
    for left, operator, right in product(Kind, "+-*/", Kind):
        kind = CALCULATED.get(f"{left} {operator} {right}")

        assert arithmetic_kind(operator, left, right) == kind


NAMED = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.MONEY: "money",
    Kind.PERCENT: "a percentage",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date and time",
    Kind.PICKLIST: "a picklist",
    Kind.MULTI_PICKLIST: "a picklist of several values",
    Kind.STAGE: "a stage",
    Kind.USER: "a user",
    Kind.REFERENCE: "a link to a record",
    Kind.EMAIL: "an email address",
    Kind.URL: "a web address",
    Kind.DURATION: "a length of time",
}


@pytest.mark.parametrize("kind", NAMED)
def test_a_type_is_named_as_a_person_would(kind: Kind) -> None:
    field = FieldSpec("it", kind, {"salesforce": "It__c"})
    scope = replace(SCOPE, catalogue=replace(CATALOGUE, deal={"it": field}))

    with pytest.raises(CheckError) as caught:
        check(parse("it is true"), scope)

    said = [each.text for each in caught.value.mistakes]
    assert said == [f"it is {NAMED[kind]}, not yes/no."]
