"""Two values held against each other, and values worked out, odd and blank ones too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import FieldSpec, Kind
from gatekeeper.core.model import EMPTY, FieldValue, Unavailable
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.closures import OUT_OF_RANGE, once_per_run
from gatekeeper.language.compiler.compare import same_person
from gatekeeper.language.compiler.line import compile_line, message_template
from gatekeeper.language.parser.line import parse
from tests.language.scopes import CATALOGUE, SCOPE
from tests.language.test_history import BEN, a_past, day
from tests.language.test_history import answer as of_the_past
from tests.language.test_logic import ANN, CONTEXT, HIDDEN, a_case, answer

if TYPE_CHECKING:
    from gatekeeper.core.model import Answer, Row

NO_NUMBER = Decimal("sNaN")
INCOMPARABLE = Unavailable("two values cannot be compared")
LONG_AGO = replace(CONTEXT, now=datetime(60, 6, 1, tzinfo=UTC))


# ---- what cannot be compared ---------------------------------------------------------


def test_why_two_values_cannot_be_compared_is_said() -> None:
    assert answer("seats > 1", a_case(seats=NO_NUMBER)) == INCOMPARABLE
    assert answer("amount > seats", a_case(seats=NO_NUMBER)) == INCOMPARABLE
    assert Unavailable("a value is out of range") == OUT_OF_RANGE


@pytest.mark.parametrize("text", ['champion < "Strong"', "champion >= champion"])
def test_a_value_that_the_list_lacks_has_no_place_in_its_order(text: str) -> None:
    unknown = Unavailable("the order of the values is not known")
    assert answer(text, a_case(champion="Other")) == unknown


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (EMPTY, EMPTY, EMPTY),
        (EMPTY, Decimal(1), EMPTY),
        (Decimal(1), EMPTY, EMPTY),
        (EMPTY, HIDDEN, HIDDEN),
        (HIDDEN, EMPTY, HIDDEN),
        (HIDDEN, Decimal(1), HIDDEN),
        (Decimal(1), HIDDEN, HIDDEN),
        (Decimal(3), Decimal(1), True),
        (Decimal(1), Decimal(3), False),
    ],
)
@pytest.mark.parametrize("text", ["seats > amount", "seats + 0 > amount"])
def test_a_comparison_is_as_blank_as_its_sides(
    text: str, left: FieldValue, right: FieldValue, expected: Answer
) -> None:
    assert answer(text, a_case(seats=left, amount=right)) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (EMPTY, ANN, EMPTY),
        (ANN, EMPTY, EMPTY),
        (EMPTY, HIDDEN, HIDDEN),
        (ANN, ANN, True),
    ],
)
def test_people_are_as_blank_as_either(
    left: FieldValue, right: FieldValue, expected: Answer
) -> None:
    assert answer("sponsor = owner", a_case(sponsor=left, owner=right)) == expected


def test_what_is_no_person_is_the_same_as_none() -> None:
    assert same_person("005A", "005A") is False
    assert same_person(ANN, "005a") is same_person("005a", ANN) is True
    assert same_person(ANN, Decimal(5)) is False


def test_days_are_as_blank_as_the_number_of_them() -> None:
    for blank in (EMPTY, HIDDEN):
        assert answer("seats <= $idle", a_case(seats=blank)) is blank
        assert answer("discount >= seats", a_case(seats=blank)) is blank


def test_a_number_meets_a_percentage_as_its_hundredth() -> None:
    """A quarter is 25%; 20 is two thousand percent."""
    for seats, expected in (("0.25", True), ("0.2", False), ("20", True)):
        deal = a_case(seats=Decimal(seats))
        assert answer("seats > 20%", deal) is expected
        assert answer("20% < seats", deal) is expected


def test_a_moment_meets_the_day_of_another_field() -> None:
    """It was signed on 20 November at 23:30 in New York, the 21st in UTC."""
    signed_at = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
    for number, expected in ((19, False), (20, True), (21, False)):
        deal = a_case(signed_at=signed_at, close_date=date(2026, 11, number))
        assert answer("signed_at = close_date", deal) is expected
        assert answer("close_date = signed_at", deal) is expected


def of_a_trial(text: str, length: FieldValue, **fields: FieldValue) -> Answer:
    trial = FieldSpec("trial", Kind.DURATION)
    catalogue = replace(CATALOGUE, deal={**CATALOGUE.deal, "trial": trial})
    scope = replace(SCOPE, catalogue=catalogue, schema=None)
    line = compile_line(check(parse(text), scope))
    return line.test(a_case({"trial": length, **fields}), CONTEXT)


def test_a_length_of_a_field_meets_a_length_in_words() -> None:
    for length, expected in ((timedelta(days=14), False), (timedelta(days=15), True)):
        assert of_a_trial("trial > 2 weeks", length) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Thirty days and twelve hours; created on 3 August 2026 at noon UTC.
        ("trial * 2 <= 61 days", True),
        ("2 * trial < 61 days", False),
        ("trial * 0.5 = 366 hours", True),
        ("created_on + trial = 2026-09-02", True),
        ("created_on + trial * 2 = 2026-10-03", True),
        ("created_on - trial = 2026-07-04", True),
        ("created_at + trial = 2026-09-02 20:00", True),
        ("created_at - trial = 2026-07-03 20:00", True),
    ],
)
def test_a_length_of_a_field_is_multiplied_and_moves_dates(
    text: str, *, expected: bool
) -> None:
    assert of_a_trial(text, timedelta(days=30, hours=12)) is expected


def test_a_length_of_a_field_too_large_to_be_moved_by_cannot_be_told() -> None:
    longest = timedelta.max
    assert of_a_trial("trial * 2 > 1 day", longest) == OUT_OF_RANGE
    assert of_a_trial("created_on + trial > today", longest) == OUT_OF_RANGE
    assert of_a_trial("created_on + trial > today", EMPTY) is EMPTY


def test_a_ratio_too_large_to_be_a_percentage_cannot_be_compared() -> None:
    deal = a_case(seats=Decimal("9e999999"))
    assert answer("discount >= seats", deal) == INCOMPARABLE


# ---- counts known in part, on either side --------------------------------------------

KNOWN_IN_PART = a_past({"close_date": day(9, 1), "stage": day(9, 1)})
"""Three pushes are known; what was before 1 September is not known whole."""


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("pushes(close_date, last 400 days) > 1", True),
        ("1 < pushes(close_date, last 400 days)", True),
        ("seats < pushes(close_date, last 400 days)", True),
        ("seats + 1 <= pushes(close_date, last 400 days)", True),
        ("seats + 3 < pushes(close_date, last 400 days)", False),
        ("pushes(close_date, last 400 days) > seats + 3", False),
        ("pushes(close_date, last 400 days) > seats + 1", True),
    ],
)
def test_so_many_at_least_decides_on_either_side(text: str, *, is_known: bool) -> None:
    found = of_the_past(text, KNOWN_IN_PART)
    assert found is True if is_known else isinstance(found, Unavailable)


# ---- values worked out ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "amount / discount = 500k",
        "discount / discount = 1",
        "discount / 2 = 5%",
        "discount * amount = 5k",
        "discount * discount = 1%",
        "discount * 2 = 20%",
        "(amount > 5) = is_won",
        "(amount < 5) = is_renewal",
        "close_date - created_on = 137",
        "signed_at - created_at = 36 hours",
        "$idle * 2 = 28 days",
    ],
)
def test_a_value_is_worked_out(text: str) -> None:
    """Ten percent of 50,000 is 5,000; 3 August to 18 December are 137 days."""
    later = datetime(2026, 8, 5, 0, tzinfo=UTC)
    assert answer(text, a_case(signed_at=later)) is True


@pytest.mark.parametrize("text", ["seats + 1 > 1", "seats * 2 > 1", "1 - seats < 1"])
def test_what_no_number_can_hold_is_out_of_range(text: str) -> None:
    assert answer(text, a_case(seats=Decimal("Infinity"))) == OUT_OF_RANGE


def test_what_no_deal_changes_is_worked_out_once_for_a_standpoint() -> None:
    asked: list[object] = []

    def read(deal: object, ctx: object, row: object = None) -> object:
        asked.append(ctx)
        return len(asked)

    known = once_per_run(read)
    other = replace(CONTEXT)
    found = [
        known(a_case(), each) for each in (CONTEXT, CONTEXT, other, other, CONTEXT)
    ]
    assert found == [1, 1, 2, 2, 3]


# ---- the past ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["amount changed since creation", "changes(amount, since creation) > 1"]
)
def test_without_a_beginning_there_is_nothing_since_it(text: str) -> None:
    past = a_past()
    deal = replace(past, history=replace(past.history, began=None))
    assert of_the_past(text, deal) == Unavailable("its creation was not read")


def test_a_value_on_entry_needs_an_entry_and_the_value() -> None:
    never = 'value_on_entry(amount, "Solution Validation") > 5'
    assert of_the_past(never) is EMPTY
    past = a_past()
    unread = {name: value for name, value in past.fields.items() if name != "champion"}
    text = 'value_on_entry(security_review, "Proposal") = "Approved"'
    found = of_the_past(text, replace(past, fields={}))
    assert found == Unavailable("security_review was not read")
    known = 'value_on_entry(champion, "Proposal") = "Weak"'
    assert of_the_past(known, replace(past, fields=unread)) is True


def test_who_changed_a_field_is_a_person_of_the_past() -> None:
    assert of_the_past(f'changed_by(close_date) = "{BEN.id}"') is True
    assert of_the_past('changed_by(close_date) = "somebody"') is False


@pytest.mark.parametrize(
    "text",
    [
        "amount changed within last 100 years",
        "changes(amount, last 100 years) > 1",
        "moves_back(last 100 years) > 1",
        "pushes(close_date, last 876600 hours) > 1",
    ],
)
def test_a_past_before_the_calendar_cannot_be_told(text: str) -> None:
    assert answer(text, a_past(), LONG_AGO) == OUT_OF_RANGE


def test_a_past_since_the_first_day_of_the_calendar_is_all_of_it() -> None:
    assert of_the_past(f"close_date changed since {date.min.isoformat()}") is True


# ---- what one side alone decides -----------------------------------------------------


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
def test_a_blank_has_no_place_in_an_order_and_stays_what_it_is(
    blank: FieldValue,
) -> None:
    assert answer('champion >= "Partial"', a_case(champion=blank)) is blank


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("count(contacts) >= 1.5", False),
        ("count(contacts) <= 1.5", True),
        ("count(contacts) > 0.5", True),
        ("count(contacts) = 1.5", False),
        ("count(contacts) != 1.5", True),
    ],
)
def test_one_row_is_less_than_one_and_a_half(text: str, *, expected: bool) -> None:
    deal = a_case()
    ann: Row = {"name": "Ann"}
    related = {**deal.related, "contacts": (ann,)}
    assert answer(text, replace(deal, related=related)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("days_since(signature_date) > 2 weeks", True),
        ("days_since(signature_date) >= 15 days", True),
        ("days_since(signature_date) > 15 days", False),
        ("days_since(signature_date) < 3 weeks", True),
    ],
)
def test_so_many_days_are_compared_with_weeks(text: str, *, expected: bool) -> None:
    """The run is on 20 November."""
    deal = a_case(signature_date=date(2026, 11, 5))
    assert answer(text, deal) is expected


@pytest.mark.parametrize(
    "text",
    [
        "business_days_between(created_on, today) <= 5 business days",
        "signed_at - created_at <= 3 days",
        "now - signed_at <= 48 hours",
    ],
)
def test_a_length_meets_what_is_counted_in_the_same_days(text: str) -> None:
    assert not check(parse(text), SCOPE).warnings


# ---- picklists and stages in texts ---------------------------------------------------


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("next_step = security_review", "in Progress", True),
        ("security_review = next_step", "In_progress", True),
        ("next_step != security_review", "In progress", False),
        ("next_step != security_review", "Approved", True),
        ("next_step in [security_review]", "In progress", True),
        ("next_step contains security_review", "Review: in progress", True),
        ("next_step contains security_review", "Review: In_progress", True),
        ("next_step not contains security_review", "Review: in progress", False),
        (
            'text_like(next_step, "Review {security_review}")',
            "Review in progress",
            True,
        ),
        ('text_like(next_step, "{stage} call")', "Value Proposition call", True),
        ('text_like(next_step, "{stage} call")', "Discovery call", False),
        ('text_like(next_step, "{sponsor} calls")', "Ann Rep calls", True),
    ],
)
def test_a_text_is_held_against_what_the_crm_shows(
    text: str, written: str, *, expected: bool
) -> None:
    assert answer(text, a_case(next_step=written)) is expected


def test_a_stage_in_a_text_is_called_what_the_crm_calls_it() -> None:
    renamed = replace(a_case(next_step="Y"), stage_label="Discovery Call")
    pattern = compile_line(check(parse('text_like(next_step, "{stage}")'), SCOPE))
    assert pattern.explain(renamed, CONTEXT).expected == "Discovery Call"
    later = compile_line(check(parse('stage = "Proposal"'), SCOPE))
    assert later.explain(renamed, CONTEXT).text == (
        'Stage is "Discovery Call"; it must be Proposal.'
    )
    written = message_template("Leave {stage}.", SCOPE).filled(renamed, CONTEXT)
    assert written == "Leave Discovery Call."


@pytest.mark.parametrize("blank", [EMPTY, HIDDEN])
def test_a_text_and_a_picklist_are_as_blank_as_either(blank: FieldValue) -> None:
    for text in ("next_step = security_review", "security_review != next_step"):
        assert answer(text, a_case(next_step=blank)) is blank
        assert answer(text, a_case(security_review=blank)) is blank
