"""Sentences at the edges: one, none, the first few; what is half known or made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import FieldSpec, Kind
from gatekeeper.core.model import (
    EMPTY,
    FieldChange,
    History,
    Standing,
    Stint,
    Unavailable,
    by_field,
)
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line, message_template
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec
from gatekeeper.language.tree.syntax import AtLeast, Span
from tests.language.scopes import SCOPE
from tests.language.test_explain import finding, with_rows
from tests.language.test_history import BEGAN, BEN, a_past, day
from tests.language.test_history import finding as past_finding
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal, Finding, Row
    from gatekeeper.language.scope import Scope
    from gatekeeper.language.tree.syntax import Test


def found_in(scope: Scope, text: str, deal: Deal | None = None) -> Finding:
    return compile_line(check(parse(text), scope)).explain(deal or a_case(), CONTEXT)


def defined(text: str, **bodies: Test) -> Finding:
    defines = {name: DefineSpec(name, body) for name, body in bodies.items()}
    return found_in(replace(SCOPE, defines=defines), text)


def people(*roles: object) -> Deal:
    rows = [{"name": f"P{n}", "role": role} for n, role in enumerate(roles, 1)]
    all_rows = tuple({**row, "email": EMPTY} for row in rows)
    return replace(a_case(), related={"contacts": all_rows})  # type: ignore[dict-item]


# ---- one -----------------------------------------------------------------------------


def test_one_row_is_there() -> None:
    assert finding("at least 4 contacts", people("User")).text == (
        "There is 1 contact; at least 4 are needed."
    )


def test_the_only_row_has_what_none_may_have() -> None:
    deal = with_rows("line_items", {"product": "Basic", "quantity": Decimal(1)})
    assert finding("no line_items where quantity > 0", deal).text == (
        "The only line item has quantity more than 0; none is allowed."
    )


def test_the_only_row_has_not_what_every_one_must_have() -> None:
    deal = with_rows("line_items", {"product": "Basic", "quantity": Decimal(1)})
    assert finding("every line_item has quantity > 1", deal).text == (
        "The only line item does not have quantity more than 1; every one must."
    )
    assert finding("not (every line_item has quantity > 0)", deal).text == (
        "The only line item has quantity more than 0; this must not be so of all."
    )


def test_one_character_is_not_several() -> None:
    assert finding("length(next_step) >= 40", a_case(next_step="Y")).text == (
        "Next Step has 1 character; it must have at least 40 characters."
    )


# ---- rows with empty values ----------------------------------------------------------


def test_rows_with_empty_values_are_counted_in_words() -> None:
    text = 'no contacts where role = "User"'
    assert finding(text, people("User", EMPTY, EMPTY)).text == (
        "1 of the 3 contacts has the role User (2 contacts with empty role were not"
        " counted); none is allowed."
    )
    either = 'no contacts where role = "User" or email = "a@x.io"'
    assert finding(either, people("User", EMPTY)).text == (
        "1 of the 2 contacts has the role User or the email a@x.io (1 contact with an"
        " empty value was not counted); none is allowed."
    )


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ('text_like(name, "VP {rest}")', 'name that reads like "VP {rest}"'),
        (
            'not text_like(name, "{deal.account.name} {email} {MM/YY}")',
            'name that does not read like "Acme {email} {MM/YY}"',
        ),
        (
            'text_like(name, "{deal.lead_source} {text}")',
            'name that reads like "{lead_source} {text}"',
        ),
        (
            '(role = "Champion" or email = "a") and name is filled',
            "either the role Champion or the email a, and name filled",
        ),
        (
            'role = "Champion" or email = "a" and name = "b"',
            "the role Champion, or both the email a and the name b",
        ),
        (
            'role = "Champion" or email = "a" and name = "b" and is_primary',
            "the role Champion, or all of the email a, the name b and primary yes",
        ),
        (
            'not (role = "User" or email = "a" or name = "b")',
            "neither role User, email a nor name b",
        ),
        (
            'not (role = "User" and email = "a") and name = "b"',
            "not both role User and email a, and the name b",
        ),
        (
            'not (role = "User" and email = "a" or name = "b")',
            "neither both role User and email a, nor name b",
        ),
    ],
)
def test_what_a_row_must_have_keeps_its_form_and_its_brackets(
    where: str, said: str
) -> None:
    assert finding(f"at least 2 contacts where {where}", people()).text == (
        f"There are no contacts; at least 2 with {said} are needed."
    )


@pytest.mark.parametrize(("count", "named"), [(10, 10), (11, 10)])
def test_at_most_ten_rows_that_are_not_as_asked_are_named(
    count: int, named: int
) -> None:
    found = finding('every contact has role = "User"', people(*["Champion"] * count))
    assert found.details == (
        "not as asked: " + ", ".join(f"P{n} (Champion)" for n in range(1, named + 1)),
    )


def test_what_holds_beside_rows_that_cannot_be_read_is_met() -> None:
    deal = replace(a_case(), related={"contacts": HIDDEN})
    for hidden in ("some contacts", "every contact has name is filled"):
        assert finding(f"({hidden}) or amount > 1", deal).text == "Met."


# ---- windows of hours ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hour", "said", "lasting"),
    [
        # It is 20 November 2026, 14:00 UTC: nine in the morning in New York.
        (
            "signed_at within last 24 hours",
            18,
            "Signed At is 20 Nov 2026 13:00, which is in the future;",
            "Signed At is 20 Nov 2026 13:00; it must be within the last 24 hours.",
        ),
        (
            "signed_at within last 2 hours",
            11,
            "Signed At is 20 Nov 2026 06:00, today;",
            "Signed At is 20 Nov 2026 06:00; it must be within the last 2 hours.",
        ),
        (
            "signed_at within next 24 hours",
            11,
            "Signed At is 20 Nov 2026 06:00, which is in the past;",
            "Signed At is 20 Nov 2026 06:00; it must be within the next 24 hours.",
        ),
        (
            "not (signed_at within next 24 hours)",
            18,
            "Signed At is 20 Nov 2026 13:00, today;",
            "Signed At is 20 Nov 2026 13:00; it must not be within the next 24 hours.",
        ),
    ],
)
def test_a_window_of_hours_is_told_by_the_hour(
    text: str, hour: int, said: str, lasting: str
) -> None:
    deal = a_case(signed_at=datetime(2026, 11, 20, hour, tzinfo=UTC))
    found = finding(text, deal)
    assert found.text.startswith(said)
    assert found.lasting_text == lasting


# ---- numbers that are not there ------------------------------------------------------

UNKNOWN_COUNT = replace(
    SCOPE,
    params={
        "wanted": ParamSpec(
            "wanted", Kind.NUMBER, by="account.segment", values={"Large": Decimal(2)}
        )
    },
)


@pytest.mark.parametrize(
    "text", ["at least $wanted contacts", "at least $wanted of meddppicc is filled"]
)
def test_a_number_of_rows_that_no_segment_gives_is_said_to_be_missing(
    text: str,
) -> None:
    found = found_in(UNKNOWN_COUNT, text)
    assert found.text == 'Wanted has no value where Account Segment is "SMB".'
    assert found.observed == "empty"


PRICED = replace(
    SCOPE,
    params={
        "price": ParamSpec(
            "price", Kind.MONEY, by="product", values={"Pro": Decimal(100)}
        )
    },
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "every line_item has unit_price >= $price",
            "2 of the 2 line items do not have unit price at least Price (by Product)"
            ' (Price has no value where Product is "Thing"); every one must.',
        ),
        (
            "some line_items where unit_price >= $price",
            "None of the 2 line items has unit price at least Price (by Product)"
            ' (Price has no value where Product is "Thing"); at least 1 is needed.',
        ),
        (
            "no line_items where unit_price < $price",
            "1 of the 2 line items has unit price less than Price (by Product)"
            " (1 line item was not counted:"
            ' Price has no value where Product is "Thing"); none is allowed.',
        ),
    ],
)
def test_a_row_for_which_no_limit_was_given_is_told(text: str, said: str) -> None:
    rows: list[Row] = [
        {"product": name, "unit_price": Decimal(5)} for name in ("Pro", "Thing")
    ]
    assert found_in(PRICED, text, with_rows("line_items", *rows)).text == said


def test_two_sums_that_must_agree_name_each_other_where_one_is_empty() -> None:
    deal = a_case(amount=EMPTY)
    assert finding("abs(sum(line_items.total) - amount) <= 5", deal).text == (
        "Amount is empty; Line Items must agree with Amount."
    )
    assert finding("abs(amount - sum(line_items.total)) <= 5", deal).text == (
        "Amount is empty."
    )


def test_what_is_known_in_part_is_said_to_be_at_least_that() -> None:
    late = a_past({"close_date": day(8, 15)})
    found = past_finding("changes(close_date, last 400 days) <= 1", late)
    assert found.text == (
        "The number of changes of Close Date is at least 3; it must be at most 1."
    )
    assert found.observed == "at least 3"


# ---- yes and no ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("has_budget", "Budget is no; it must be yes."),
        ("is_budgeted", "Budgeted is no; it must be yes."),
        ("budget_agreed", "Budget Agreed is no; it must be yes."),
    ],
)
def test_a_yes_or_no_is_named_without_its_verb(name: str, said: str) -> None:
    own = {**SCOPE.catalogue.deal, name: FieldSpec(name, Kind.YES_NO)}
    scope = replace(SCOPE, catalogue=replace(SCOPE.catalogue, deal=own))
    assert found_in(scope, name, a_case(None, **{name: False})).text == said
    empty = found_in(scope, name, a_case(None, **{name: EMPTY}))
    assert empty.text == said.replace("is no", "is empty")
    assert (empty.observed, empty.expected) == ("empty", "yes")


# ---- definitions ---------------------------------------------------------------------


def test_a_definition_leads_what_lasts_too() -> None:
    found = defined("soon", soon=parse("close_date within next 14 days"))
    assert found.lasting_text == (
        "Soon: Close Date is 18 Dec 2026; it must be within the next 14 days."
    )


def test_several_that_hold_where_fewer_may() -> None:
    parts = tuple(map(parse, ("is_won", "amount > 5", "seats > 5")))
    assert defined("not many", many=AtLeast(1, parts, Span(0, 0))).text == (
        "Many: 2 of these hold, 1 must not: Won is yes; it must be no; or: Amount is"
        " 50,000.00; it must not be more than 5.00."
    )


# ---- halves of an and ----------------------------------------------------------------


def test_an_and_is_open_for_emptiness_where_each_open_half_is() -> None:
    both = finding("signature_date is filled and lead_source is filled and is_won")
    assert both.because_empty
    assert not finding("signature_date is filled and amount > 60k").because_empty
    assert not finding("amount > 1 and is_won").because_empty


def test_an_and_carries_its_own_title_and_fix() -> None:
    fix = message_template("Raise {amount}.", SCOPE).filled
    line = compile_line(
        check(parse("amount > 60k and is_won"), SCOPE), title="Big", fix=fix
    )
    found = line.explain(a_case(), CONTEXT)
    assert (found.title, found.fix) == ("Big", "Raise 50,000.00.")
    assert [(part.title, part.fix) for part in found.parts] == [(None, None)] * 2
    bare = finding("amount > 60k and is_won")
    assert (bare.title, bare.fix) == (None, None)


# ---- the past ------------------------------------------------------------------------

WHOLE = {"stage": BEGAN}
FIRST = Stint("Qualification", BEGAN, None, BEN)
MOVED = (
    Stint("Qualification", BEGAN, day(11, 4), BEN),
    Stint("Proposal", day(11, 4), None, BEN),
)


def with_stays(stage: str, *stints: Stint) -> Deal:
    return replace(a_case(), stage=stage, history=History(stints, {}, WHOLE, BEGAN))


def test_the_last_move_is_told_or_that_there_was_none() -> None:
    unmoved = with_stays("Qualification", FIRST)
    assert past_finding("moved_back()", unmoved).text == (
        "The deal never changed its stage."
    )
    moved = past_finding("moved_back()", with_stays("Proposal", *MOVED))
    assert moved.text == (
        "The last move was from Qualification to Proposal on 4 Nov 2026."
    )
    assert moved.observed == "4 Nov 2026"


def test_a_stage_that_only_the_deal_itself_tells_is_what_was_seen() -> None:
    found = past_finding('not visited("Discovery")', a_case())
    assert (found.observed, found.expected) == ("Discovery", "")


def test_a_deal_without_a_stay_has_no_furthest_stage() -> None:
    found = past_finding('furthest_stage() = "Proposal"', with_stays("Discovery"))
    assert found.text == "The furthest stage is empty; it must be Proposal."


def test_days_in_the_stage_of_the_rule_name_it() -> None:
    placed = replace(SCOPE, stage="Proposal")
    never = found_in(placed, "days_in_stage() < 3", with_stays("Qualification", FIRST))
    assert never.text == "The deal was never in Proposal; it must be less than 3."
    there = found_in(placed, "days_in_stage() < 3", with_stays("Proposal", *MOVED))
    assert there.text == "Days in Proposal is 16; it must be less than 3."
    assert there.lasting_text == "Days in Proposal must be less than 3."


def test_a_value_that_was_never_read_is_no_more_than_that() -> None:
    deal = a_case(amount=Unavailable("no access"))
    assert finding("amount > 5", deal).text == "Cannot tell: no access."


# ---- rows ----------------------------------------------------------------------------


def test_a_moment_or_a_day_of_a_row_is_called_by_a_noun() -> None:
    call: Row = {"subject": "Hi", "at": datetime(2026, 11, 1, tzinfo=UTC)}
    found = finding("some calls where at within last 5 days", with_rows("calls", call))
    assert found.text == (
        "The only call does not have a time within the last 5 days; at least 1 is"
        " needed."
    )
    file: Row = {"name": "Offer", "added_at": datetime(2026, 11, 1, tzinfo=UTC)}
    fresh = "some files where added_at within last 5 days"
    assert finding(fresh, with_rows("files", file)).text == (
        "The only file does not have an added date within the last 5 days; at least 1"
        " is needed."
    )
    quote: Row = {"name": "Q", "expires_on": date(2027, 1, 1)}
    late = "some quotes where expires_on before today"
    assert finding(late, with_rows("quotes", quote)).text == (
        "The only quote does not have an expiry date before today; at least 1 is"
        " needed."
    )


def test_days_between_two_moments_of_a_row_stand_inside_the_sentence() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    deal = with_rows("meetings", {"start": start, "end": start})
    assert finding("some meetings where days_between(start, end) > 3", deal).text == (
        "The only meeting does not have days from Start to End more than 3; at least 1"
        " is needed."
    )


@pytest.mark.parametrize(("count", "tail"), [(10, ""), (11, " and 1 more")])
def test_ten_rows_are_named_and_the_others_counted(count: int, tail: str) -> None:
    found = finding('no contacts where role = "User"', people(*["User"] * count))
    named = ", ".join(f"P{number} (User)" for number in range(1, 11))
    assert found.details == (f"counted: {named}{tail}",)


def test_a_row_without_a_name_is_one() -> None:
    nameless: Row = {"name": " ", "role": "User"}
    found = finding('no contacts where role = "User"', with_rows("contacts", nameless))
    assert found.details == ("counted: one (User)",)


def test_what_a_definition_asks_of_rows_is_said_in_its_own_words() -> None:
    parts = map(parse, ('role = "User"', "email is filled", "is_primary"))
    bodies = {
        "uses": parse('role = "User"'),
        "engaged": AtLeast(2, tuple(parts), Span(0, 0)),
    }
    defines = {name: DefineSpec(name, body) for name, body in bodies.items()}
    scope = replace(SCOPE, defines=defines)
    assert found_in(scope, "at least 4 contacts where uses").text == (
        "1 of the 3 contacts has the role User; at least 4 are needed."
    )
    assert found_in(scope, "at least 4 contacts where engaged").text == (
        "2 of the 3 contacts have at least 2 of the role User, email filled and primary"
        " yes; at least 4 are needed."
    )


def test_what_rows_have_to_do_with_the_deals_past_is_not_put_into_words() -> None:
    deal = replace(a_past(), related=a_case().related)
    line = "at least 4 contacts where amount changed within last 60 days"
    assert past_finding(line, deal).text == (
        "3 of the 3 contacts have what is asked; at least 4 are needed."
    )


# ---- windows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "age"),
    [
        (datetime(2026, 11, 20, 8, tzinfo=UTC), "20 Nov 2026 03:00, today"),
        (datetime(2026, 11, 19, 8, tzinfo=UTC), "19 Nov 2026 03:00, 1 day ago"),
        (
            datetime(2026, 11, 21, 15, tzinfo=UTC),
            "21 Nov 2026 10:00, which is in the future",
        ),
    ],
)
def test_a_moment_before_the_window_has_an_age_and_one_after_it_a_side(
    at: datetime, age: str
) -> None:
    found = finding("signed_at within last 3 hours", a_case(signed_at=at))
    assert found.text == f"Signed At is {age}; it must be within the last 3 hours."


# ---- values of the past --------------------------------------------------------------


def test_stages_and_picklists_of_the_past_are_called_as_people_call_them() -> None:
    began = with_stays("Proposal", replace(FIRST, stage="Needs Analysis"))
    assert past_finding('first_stage() = "Proposal"', began).text == (
        'The first stage is "Discovery"; it must be Proposal.'
    )
    moves = (
        FieldChange("security_review", day(11, 1), "In_progress", "Approved", BEN),
    )
    kept = History((), by_field(moves), {"security_review": BEGAN}, BEGAN)
    deal = replace(a_case(), history=kept)
    assert past_finding('previous(security_review) = "Approved"', deal).text == (
        'The previous Security Review is "In progress"; it must be Approved.'
    )


def test_an_empty_field_that_chooses_is_named() -> None:
    deal = a_case(None, **{"account.segment": EMPTY})
    assert found_in(UNKNOWN_COUNT, "at least $wanted contacts", deal).text == (
        "Wanted has no value where Account Segment is empty."
    )


def test_a_value_that_is_there_and_not_known_is_filled() -> None:
    deal = a_case(next_step=Unavailable("too long to read", is_there=True))
    wrong = finding("next_step is empty", deal)
    assert wrong.standing is Standing.NOT_MET
    assert (wrong.observed, wrong.expected) == ("filled", "empty")
    right = finding("next_step is filled", deal)
    assert right.standing is Standing.MET
    assert (right.observed, right.expected) == ("filled", "filled")


def test_a_value_of_another_row_is_not_told_by_the_deals_own() -> None:
    other: Row = {
        "name": "Acme 2025",
        "close_date": date(2026, 1, 2),
        "created_on": date(2026, 1, 1),
    }
    deal = replace(a_case(), related={"siblings": (other,)})
    line = "some siblings where close_date after {}"
    assert finding(line.format("created_on + 30 days"), deal).text == (
        "The only sibling does not have close date after Created On plus 30 days;"
        " at least 1 is needed."
    )
    assert finding(line.format("later_of(created_on, close_date)"), deal).text == (
        "The only sibling does not have close date after the later of Created On and"
        " Close Date; at least 1 is needed."
    )
