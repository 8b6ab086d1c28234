"""Lines on a deal's past: what they answer, and what a seller reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import (
    EMPTY,
    Answer,
    FieldChange,
    FieldValue,
    History,
    Person,
    Stint,
    Unavailable,
    by_field,
)
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.bounds import decided
from gatekeeper.language.compiler.closures import OUT_OF_RANGE
from gatekeeper.language.compiler.compare import OPERATORS
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import ParamSpec
from gatekeeper.language.tree.syntax import TimeUnit
from tests.builders import dollars
from tests.language.scopes import SCOPE, days
from tests.language.test_logic import CONTEXT, a_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Deal, Finding

BEGAN = datetime(2026, 8, 3, 12, tzinfo=UTC)
BEN = Person("005B", "Ben Boss", "ben@example.com")


def day(month: int, number: int) -> datetime:
    return datetime(2026, month, number, 15, tzinfo=UTC)


def change(field: str, at: datetime, old: FieldValue, new: FieldValue) -> FieldChange:
    return FieldChange(field, at, old, new, BEN)


# Qualification on 3 August, straight to Proposal on 4 November, back to Discovery on
# 10 November; the close date was pushed on 31 August, 30 September and 6 November.
STINTS = (
    Stint("Qualification", BEGAN, day(11, 4), BEN),
    Stint("Proposal", day(11, 4), day(11, 10), BEN),
    Stint("Value Proposition", day(11, 10), None, BEN),
)
CHANGES = (
    change("close_date", day(8, 31), date(2026, 9, 30), date(2026, 10, 30)),
    change("close_date", day(9, 30), date(2026, 10, 30), date(2026, 11, 30)),
    change("amount", day(11, 4), dollars(40_000), dollars(50_000)),
    change("close_date", day(11, 6), date(2026, 11, 30), date(2026, 12, 18)),
    change("next_step", day(11, 10), EMPTY, "Send redlines"),
    change("champion", day(11, 12), "Weak", "Partial"),
)
NAMES = ("stage", "close_date", "amount", "next_step", "security_review", "champion")
WHOLE = dict.fromkeys(NAMES, BEGAN)


def a_past(since: Mapping[str, datetime] = WHOLE) -> Deal:
    return replace(a_case(), history=History(STINTS, by_field(CHANGES), since, BEGAN))


def answer(text: str, deal: Deal | None = None, stage: str | None = None) -> Answer:
    line = compile_line(check(parse(text), replace(SCOPE, stage=stage)))
    return line.test(deal or a_past(), CONTEXT)


def finding(text: str, deal: Deal | None = None) -> Finding:
    return compile_line(check(parse(text), SCOPE)).explain(deal or a_past(), CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "days_in_stage() = 10",
        "days_in_stage() <= 2 weeks",
        'total_days_in_stage("Proposal") = 6',
        'entered("Proposal") on or after 2026-11-04',
        'entered("Solution Validation") is empty',
        'visited("Discovery")',
        'not visited("Solution Validation")',
        'skipped("Qualification") is false',
        "moves_back(last 10 days) = 1",
        "moves_back(last 9 days) = 0",
        "moves_back(since 2026-11-10) = 1",
        "moved_back()",
        "pushes(close_date, last 90 days) = 3",
        "pushes(close_date, last 80 days) = 2",
        "pushes(close_date, since creation) = 3",
        'pushes(close_date, since entered("Proposal")) = 1',
        "pushed_days(close_date, last 90 days) = 79",
        "changes(amount, last 90 days) = 1",
        "changes(stage, since creation) = 2",
        "changes(is_closed, last 90 days) = 0",
        "previous(amount) = 40k",
        'previous(champion) < "Partial"',
        "previous(champion) < champion",
        'value_on_entry(champion, "Proposal") < champion',
        "previous(security_review) is empty",
        'value_on_entry(amount, "Proposal") = 50k',
        'value_on_entry(amount, "Qualification") = 40k',
        'first_stage() = "Qualification"',
        'furthest_stage() = "Proposal"',
        'furthest_stage() after "Discovery"',
        'changed_by(close_date) = "ben@example.com"',
        "last_changed(next_step) within last 14 days",
        "next_step changed within last 10 days",
        "next_step changed since stage entry",
        "not close_date changed since stage entry",
        "close_date changed since created_on",
        "later_of(last_changed(amount), entered()) on or after 2026-11-10",
    ],
)
def test_a_line_on_the_past_is_true(text: str) -> None:
    assert answer(text) is True


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("days_in_stage() = 6", "Proposal"),
        ("entered() before 2026-11-05", "Proposal"),
        ("close_date changed since stage entry", "Proposal"),
        ("value_on_entry(close_date) = 2026-11-30", "Proposal"),
        ("days_in_stage() is empty", "Solution Validation"),
    ],
)
def test_this_stage_is_the_one_the_rule_is_placed_at(text: str, stage: str) -> None:
    assert answer(text, stage=stage) is True


def test_a_history_function_speaks_of_the_deal_inside_a_where() -> None:
    text = "no contacts where days_in_stage() > 10"
    assert answer(text) is True


SHORT = {"stage": day(11, 1), "close_date": day(9, 1), "next_step": day(11, 15)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pushes(close_date, last 90 days) <= 1", False),
        ("pushes(close_date, last 90 days) >= 2", True),
        ("1 >= pushes(close_date, last 90 days)", False),
        ("pushes(close_date, last 90 days) = 1", False),
        ("pushes(close_date, last 90 days) != 1", True),
        ("pushes(close_date, last 60 days) = 2", True),
        ("pushes(close_date, last 90 days) <= 2", False),
        ("pushes(close_date, last 90 days) <= 3", None),
        ("pushes(close_date, last 90 days) = 3", None),
        ("pushed_days(close_date, last 90 days) > 0", None),
        ('visited("Proposal")', True),
        ('visited("Solution Validation")', None),
        ('entered("Qualification") is filled', True),
        ('entered("Qualification") is empty', False),
        ('entered("Qualification") before 2026-11-04', None),
        ('entered("Solution Validation") is filled', None),
        ("days_in_stage() = 10", True),
        ("moves_back(since creation) = 0", False),
        ("next_step changed within last 10 days", True),
        ("amount changed within last 90 days", True),
        ("amount changed within last 9 days", None),
    ],
)
def test_a_short_history_decides_what_it_can(text: str, expected: bool | None) -> None:
    found = answer(text, a_past(SHORT))
    if expected is None:
        assert isinstance(found, Unavailable)
    else:
        assert found is expected


@pytest.mark.parametrize("check_", ['entered("Discovery")', "entered()"])
def test_a_deal_has_entered_the_stage_it_stands_in_whenever_that_was(
    check_: str,
) -> None:
    untold = replace(a_past(SHORT), history=History())

    assert answer(f"{check_} is filled", untold) is True
    assert answer(f"{check_} is empty", untold) is False
    assert isinstance(answer(f"{check_} before today", untold), Unavailable)
    assert isinstance(answer('entered("Proposal") is filled', untold), Unavailable)


halves = st.integers(-1, 19).map(lambda count: Decimal(count) / 2)


@given(st.sampled_from(sorted(OPERATORS)), st.integers(0, 9), halves)
def test_a_partial_count_decides_only_what_no_larger_count_would_change(
    symbol: str, least: int, other: Decimal
) -> None:
    decide = OPERATORS[symbol]
    blank = Unavailable("short", Decimal(least))
    possible = {decide(count, other) for count in range(least, least + 13)}
    expected = possible.pop() if len(possible) == 1 else None
    assert decided(decide, blank, other) is expected


SENTENCES = """
pushes(close_date, last 90 days) <= 2
The close date was pushed 3 times within 90 days (on 31 Aug, 30 Sep and 6 Nov 2026); at most 2 are allowed.
The close date may be pushed at most 2 times within 90 days.

visited("Solution Validation")
The deal went from Qualification to Proposal on 4 Nov 2026 without Solution Validation.
The deal went from Qualification to Proposal on 4 Nov 2026 without Solution Validation.

visited("Closed Won")
The deal was never in Closed Won.
The deal was never in Closed Won.

days_in_stage() <= 7
Days in stage is 10; it must be at most 7.
Days in stage must be at most 7.

moved_back() is false
The last move was from Proposal to Discovery on 10 Nov 2026.
The last move was from Proposal to Discovery on 10 Nov 2026.

moves_back(last 30 days) = 0
The number of moves back is 1; it must be 0.
The number of moves back must be 0.

close_date changed within last 7 days
Close Date last changed on 6 Nov 2026, 14 days ago; it must change within 7 days.
Close Date must change within 7 days.

first_stage() = "Discovery"
The first stage is "Qualification"; it must be Discovery.
The first stage is "Qualification"; it must be Discovery.

previous(security_review) = "Approved"
Security Review was empty before, or never changed; it must be Approved.
Security Review was empty before, or never changed; it must be Approved.

previous(amount) >= 50k
The previous Amount is 40,000.00; it must be at least 50,000.00.
The previous Amount is 40,000.00; it must be at least 50,000.00.
"""  # noqa: E501


@pytest.mark.parametrize(
    "block", [block.splitlines() for block in SENTENCES.strip().split("\n\n")]
)
def test_a_seller_reads_what_happened(block: list[str]) -> None:
    text, told, lasting = block
    found = finding(text)
    assert found.text == told
    assert found.lasting_text == lasting


def test_a_stage_the_deal_stands_in_is_said_without_its_history() -> None:
    deal = replace(a_past(), history=History())
    found = finding('not visited("Discovery")', deal)
    assert found.text == "The deal is in Discovery; it must not have been there."
    assert answer('visited("Discovery")', deal) is True


def test_a_jump_is_found_after_a_stage_that_nobody_knows_any_more() -> None:
    stints = (Stint("Gone", BEGAN - timedelta(days=9), BEGAN, BEN), *STINTS)
    deal = replace(a_case(), history=History(stints, by_field(CHANGES), WHOLE, BEGAN))

    assert finding('visited("Solution Validation")', deal).text == (
        "The deal went from Qualification to Proposal on 4 Nov 2026 without Solution"
        " Validation."
    )


def test_a_field_that_no_person_changed_is_said() -> None:
    nobody = replace(a_past(), fields={**a_past().fields, "created_by": EMPTY})

    found = finding("changed_by(security_review) is filled", nobody)

    assert found.text == "No person changed Security Review."


def test_a_history_that_is_too_short_is_said() -> None:
    found = finding('visited("Solution Validation")', a_past(SHORT))
    assert found.text == (
        "Cannot tell: its stage history does not reach back far enough."
    )


@pytest.mark.parametrize(
    "text",
    [
        # At least 2 pushes are known; there may have been any number.
        "10 - pushes(close_date, last 90 days) >= 7",
        "pushes(close_date, last 90 days) * -1 < 0",
        "-pushes(close_date, last 90 days) <= -2",
        "pushes(close_date, last 90 days) - 5 <= 0",
    ],
)
def test_a_partial_count_decides_nothing_that_is_worked_out_from_it(text: str) -> None:
    assert isinstance(answer(text, a_past(SHORT)), Unavailable)


def test_how_often_at_least_is_not_how_many_rows() -> None:
    # Three pushes are known and there may be more, so whether there are five at most
    # is open; of no row is it known whether it counts.
    short = a_past({**WHOLE, "close_date": day(11, 1)})
    text = "count(contacts where pushes(close_date, since creation) <= 5) >= 3"
    line = compile_line(check(parse(text), SCOPE))
    assert isinstance(line.test(short, CONTEXT), Unavailable)


# ---- what is not there ---------------------------------------------------------------

LENGTHS = {"Days": days(7), "Weeks": days(30), "Years": days(100, TimeUnit.YEARS)}
CHOSEN = ParamSpec("reach", Kind.DURATION, by="account.segment", values=LENGTHS)
BY_SEGMENT = replace(SCOPE, params={"reach": CHOSEN})
UNREAD = Unavailable("the integration user may not read it")


def of_segment(segment: FieldValue) -> Deal:
    past = a_past()
    return replace(past, fields={**past.fields, "account.segment": segment})


def test_what_a_field_was_on_entering_a_stage_it_never_entered_is_empty() -> None:
    assert answer('value_on_entry(amount, "Solution Validation") > 1') is EMPTY


def test_what_a_field_that_was_not_read_was_cannot_be_told() -> None:
    past = a_past()
    known = {name: past.fields[name] for name in past.fields if name != "next_step"}
    deal = replace(past, fields=known)
    found = answer('value_on_entry(next_step, "Discovery") is filled', deal)
    assert found == Unavailable("next_step was not read")


def test_without_its_creation_nothing_is_counted_since() -> None:
    deal = replace(a_past(), history=replace(a_past().history, began=None))
    found = answer("pushes(close_date, since creation) <= 9", deal)
    assert found == Unavailable("its creation was not read")


@pytest.mark.parametrize(
    "text", ["next_step changed within last $reach", "changes(amount, last $reach) > 0"]
)
def test_a_window_that_a_field_chooses_is_each_deal_s_own(text: str) -> None:
    """Ten days ago the next step changed, sixteen days ago the amount."""
    line = compile_line(check(parse(text), BY_SEGMENT))
    for segment, expected in [("Weeks", True), ("Days", False), ("Weeks", True)]:
        assert line.test(of_segment(segment), CONTEXT) is expected
    assert line.test(of_segment(UNREAD), CONTEXT) is UNREAD


@pytest.mark.parametrize(
    "text", ["next_step changed within last $reach", "changes(amount, last $reach) > 0"]
)
def test_a_window_that_begins_before_the_calendar_is_out_of_range(text: str) -> None:
    line = compile_line(check(parse(text), BY_SEGMENT))
    long_ago = replace(CONTEXT, now=datetime(60, 6, 1, tzinfo=UTC))
    assert line.test(of_segment("Years"), long_ago) == OUT_OF_RANGE


def test_a_day_whose_midnight_lies_before_the_calendar_is_out_of_range() -> None:
    past = a_past()
    deal = replace(past, fields={**past.fields, "created_on": date.min})
    line = compile_line(check(parse("amount changed since created_on"), SCOPE))
    in_tokyo = replace(CONTEXT, zone=ZoneInfo("Asia/Tokyo"))
    assert line.test(deal, in_tokyo) == OUT_OF_RANGE
    assert line.test(deal, CONTEXT) is True
