"""Lines that stand: what they are taken to say, and that nobody is warned of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import (
    Access,
    Choice,
    CrmField,
    FieldSpec,
    Kind,
    Pipeline,
    RelationSpec,
    Stage,
)
from gatekeeper.language.checker import check
from gatekeeper.language.messages import CheckError
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec
from gatekeeper.language.tree import typed
from tests.language.scopes import OFFLINE, SCOPE

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checked
    from gatekeeper.language.scope import Scope

HALF = Decimal("0.5")
PARAMS = (
    ParamSpec("half_points", Kind.NUMBER, HALF),
    ParamSpec("levels", Kind.NUMBER, (HALF, Decimal(2)), is_list=True),
    ParamSpec("by_segment", Kind.NUMBER, by="account.segment", values={"SMB": HALF}),
    ParamSpec(
        "review",
        Kind.TEXT,
        by="amount",
        bands=((Decimal(0), "In progress"),),
        otherwise="Not required",
    ),
    ParamSpec(
        "reviews",
        Kind.TEXT,
        by="account.segment",
        is_list=True,
        values={" Small Business ": ("In progress", "Approved")},
    ),
)
KNOWN = replace(SCOPE, params={**SCOPE.params, **{each.name: each for each in PARAMS}})


def checked(text: str, scope: Scope = KNOWN) -> Checked:
    return check(parse(text), scope)


@pytest.mark.parametrize(
    "text",
    [
        "amount > 0.5",
        "seats > 0.5",
        "discount <= 0.5%",
        "discount <= 1",
        "discount <= 0",
        "discount <= $half_points",
        "discount in $levels",
        "discount <= $by_segment",
        'changed_by(champion) = "Ben Boss"',
        'changed_by(champion) = "Partial"',
        "later_of(created_at, close_date) within last 3 days",
        "count(account.meetings) > 0",
        "count(account.meetings where start before now) > 0",
        "count(account.meetings.start) > 0",
        'some contacts where name = "next_step"',
        "some contact where name is filled",
        "exactly 1 contact",
        'text_like(name, "{text} {number} {MM/YY} {rest}")',
        "next_step = account.name",
    ],
)
def test_nobody_is_warned_of_a_line_that_says_what_it_means(text: str) -> None:
    assert checked(text).warnings == ()


@pytest.mark.parametrize(
    "text",
    [
        "abs(custom.Gap__c) > 5",
        "days_since(custom.Start__c) > 3",
        "round(custom.Gap__c, 1) > 5",
        "length(custom.Words__c) > 5",
        "custom.Gap__c / 2 > 5",
        "-custom.Gap__c > 5",
        "custom.Start__c within last 3 days",
        "custom.Start__c in this month",
        "custom.Start__c between 2026-01-01 and today",
        'custom.Words__c contains "x"',
        'custom.Chosen__c includes any of ["x"]',
        'custom.Chosen__c in ["x"]',
        "custom.Box__c",
        "custom.Box__c is true",
        "next_step changed since custom.Start__c",
        "pushes(custom.Start__c, since creation) < 3",
    ],
)
def test_a_field_of_unknown_type_is_taken_to_be_what_it_is_used_as(text: str) -> None:
    assert checked(text, OFFLINE).warnings == ()


def test_a_value_of_the_past_of_unknown_type_is_spoken_of_by_what_it_meets() -> None:
    with pytest.raises(CheckError) as caught:
        checked("previous(custom.Gap__c) after 5", OFFLINE)

    (said,) = caught.value.mistakes
    assert said.code == "E411"
    assert said.text == "5 is a number, not a date or a stage."
    assert said.help == "previous(custom.Gap__c) > 5"


def test_a_value_of_unknown_type_is_called_a_value() -> None:
    with pytest.raises(CheckError) as caught:
        checked("previous(custom.Gap__c) contains 5", OFFLINE)

    (said,) = caught.value.mistakes
    assert said.text == "previous(custom.Gap__c) is a value and 5 is a number."


def test_labels_become_values_wherever_a_parameter_keeps_them() -> None:
    compared = checked("security_review = $review").test
    assert isinstance(compared, typed.Compare)
    assert isinstance(compared.right, typed.Chosen)
    assert compared.right.bands == ((Decimal(0), "In_progress"),)
    assert compared.right.otherwise == "Not_required"
    listed = checked("security_review in $reviews").test
    assert isinstance(listed, typed.Member)
    (choice,) = listed.choices
    assert isinstance(choice, typed.Chosen)
    assert choice.table == {"small business": ("In_progress", "Approved")}
    assert choice.otherwise is None


def test_parameters_without_an_else_are_named_once_for_the_deal() -> None:
    named = [each.param for each in checked("discount <= $by_segment").maps]
    assert named == ["by_segment"]
    assert checked("security_review = $review").maps == ()
    of_rows = "some line_items where total > $list_price"
    assert checked(of_rows).maps == ()


@pytest.mark.parametrize(
    ("line", "history"),
    [
        ("next_step changed since stage entry", {"next_step", "stage"}),
        ("pushes(close_date, since creation) < 3", {"close_date", "stage"}),
        ("next_step changed within last 3 days", {"next_step"}),
        ("days_in_stage() < 3", {"stage"}),
        ("is_won changed since 2026-01-01", {"stage"}),
        ("supported_stage() after stage", set()),
    ],
)
def test_a_line_names_every_history_it_looks_into(line: str, history: set[str]) -> None:
    assert checked(line).needs.history == history


def test_a_function_of_an_untracked_field_is_noted_and_the_line_stands() -> None:
    (said,) = checked("last_changed(signature_date) is filled").warnings
    assert (said.code, said.span.start, said.span.end) == ("E508", 13, 27)
    assert said.text == (
        "last_changed(signature_date) needs history,"
        " but field tracking is off for Signature_Date__c."
    )


PLACED = replace(SCOPE, stage="Proposal")


@pytest.mark.parametrize(
    ("line", "stage"),
    [
        ("days_in_stage() > 3", "Proposal"),
        ("entered() before today", "Proposal"),
        ("value_on_entry(amount) > 3", "Proposal"),
        ('entered("Discovery") before today', "Discovery"),
        ("moves_back(since creation) > 3", None),
    ],
)
def test_what_names_no_stage_speaks_of_the_one_its_rule_stands_at(
    line: str, stage: str | None
) -> None:
    test = checked(line, PLACED).test
    assert isinstance(test, typed.Compare)
    assert isinstance(test.left, typed.Past)
    assert test.left.stage == stage


def test_a_stage_by_its_former_name_is_that_stage_and_a_warning_says_so() -> None:
    renamed = Pipeline("Sales", (Stage("Needs Agreed", ("1",), former=("Discovery",)),))
    scope = replace(SCOPE, pipelines={"Sales": renamed})

    (said,) = checked('stage = "Discovery"', scope).warnings

    assert (said.code, said.is_warning, said.span.start) == ("E504", True, 8)
    assert said.text == (
        'stage "Discovery" is now called "Needs Agreed" in Salesforce (same id).'
        " Nothing was lost; update the label here."
    )
    both = [
        checked(f'stage = "{name}"', scope) for name in ("Discovery", "Needs Agreed")
    ]
    assert both[0].canonical == both[1].canonical


def test_three_pipelines_without_a_stage_are_listed() -> None:
    scope = replace(
        SCOPE,
        pipelines={
            name: Pipeline(name, (Stage("Notice", ("Notice",)),)) for name in "ABC"
        },
    )
    with pytest.raises(CheckError) as caught:
        checked('stage = "Discovery"', scope)

    (said,) = caught.value.mistakes
    assert said.text == 'none of the pipelines A, B and C has a stage "Discovery".'
    assert said.help == "Stages in order: Notice"


def test_a_value_is_found_by_its_label_or_its_api_name_in_any_case() -> None:
    for text in ("in progress", "IN_PROGRESS", " In progress "):
        test = checked(f'security_review = "{text}"').test
        assert isinstance(test, typed.Compare)
        assert isinstance(test.right, typed.Constant)
        assert (test.right.value, test.right.shown) == ("In_progress", "In progress")


def test_an_api_name_goes_before_a_label_of_another_value() -> None:
    assert SCOPE.schema
    crossed = (Choice("1", "2"), Choice("2", "1"))
    known = replace(SCOPE.schema.fields["champion"], choices=crossed)
    schema = replace(SCOPE.schema, fields={"champion": known})
    test = checked('champion = "2"', replace(SCOPE, schema=schema)).test
    assert isinstance(test, typed.Compare)
    assert isinstance(test.right, typed.Constant)
    assert (test.right.value, test.right.shown) == ("2", "1")


def test_a_definition_may_be_used_at_two_places_of_a_line() -> None:
    scope = replace(SCOPE, defines={"big": DefineSpec("big", parse("amount > 5"))})
    assert checked("big or not big", scope).needs.fields == {"amount"}


# ---- names -------------------------------------------------------------------------


def giving(**paths: CrmField) -> Scope:
    """The scope of an org that gives these fields, by path with `__` for a dot."""
    assert SCOPE.schema
    fields = {name.replace("__", ".", 1): each for name, each in paths.items()}
    return replace(SCOPE, schema=replace(SCOPE.schema, fields=fields, by_path={}))


TEXT = CrmField("a", "A", "string", (Kind.TEXT,))
HIDDEN = replace(TEXT, access=Access.NONE)


@pytest.mark.parametrize(
    ("scope", "line", "label"),
    [
        (OFFLINE, "some contacts", {"name"}),
        (OFFLINE, "some meetings", {"subject"}),
        (OFFLINE, "some line_items", {"product"}),
        (OFFLINE, "some notes", {"title"}),
        (giving(contacts__name=TEXT, contacts__email=TEXT), "some contacts", {"name"}),
        (giving(contacts__title=TEXT), "some contacts", {"title"}),
        (giving(contacts__name=HIDDEN), "some contacts", set()),
        (giving(contacts__email=TEXT), "some contacts", {"email"}),
        (giving(contacts__role=TEXT), "some contacts", set()),
        (giving(meetings__name=TEXT), "some meetings", set()),
    ],
)
def test_rows_are_named_by_the_first_label_the_crm_gives(
    scope: Scope, line: str, label: set[str]
) -> None:
    (read,) = checked(line, scope).needs.collections.values()
    assert read == label


def test_a_custom_field_inside_a_where_is_the_deals() -> None:
    needs = checked("some contacts where custom.Pilot_Result__c is filled").needs
    assert needs.fields == {"custom.Pilot_Result__c"}
    assert needs.collections == {"contacts": {"name"}}


def test_a_custom_field_may_be_known_by_its_name_in_the_rules_alone() -> None:
    scope = giving(custom__Odd__c=replace(TEXT, kinds=(Kind.NUMBER,)))
    test = checked("custom.Odd__c > 5", scope).test
    assert isinstance(test, typed.Compare)
    assert test.left.kind is Kind.NUMBER


def test_a_field_of_a_sort_we_do_not_read_is_of_unknown_type() -> None:
    scope = giving(custom__Blob__c=replace(TEXT, kinds=()))
    assert checked("custom.Blob__c > 5", scope).warnings == ()
    assert checked('custom.Blob__c = "x"', scope).warnings == ()


def test_words_are_held_against_a_list_only_where_the_field_is_one_first() -> None:
    listing = replace(TEXT, choices=(Choice("EMEA", "Europe"),))
    either = replace(listing, kinds=(Kind.TEXT, Kind.PICKLIST))
    assert checked('next_step = "APAC"', giving(next_step=either)).warnings == ()


def test_a_declared_lookup_is_a_link_to_a_record() -> None:
    partner = RelationSpec("partner", {"name": FieldSpec("name", Kind.TEXT)})
    lookups = {**SCOPE.catalogue.lookups, "partner": partner}
    scope = replace(SCOPE, catalogue=replace(SCOPE.catalogue, lookups=lookups))
    assert checked("partner is filled", scope).needs.fields == {"partner"}
    assert checked("partner.name is filled", scope).needs.fields == {"partner.name"}
    with pytest.raises(CheckError) as caught:
        checked("partner > 5", scope)
    assert caught.value.mistakes[0].text == (
        "partner is a link to a record and 5 is a number."
    )


def test_a_parameter_that_is_a_list_gives_all_its_texts() -> None:
    test = checked("next_step contains $buyers").test
    assert isinstance(test, typed.TextMatch)
    texts = [each for each in test.patterns if isinstance(each, typed.Constant)]
    assert [each.value for each in texts] == ["Champion", "User"]


def test_a_field_of_unknown_type_has_the_type_of_what_it_meets_from_then_on() -> None:
    test = checked("custom.Gap__c > 5", OFFLINE).test
    assert isinstance(test, typed.Compare)
    assert test.left.kind is Kind.NUMBER


# ---- definitions and parameters ------------------------------------------------------


def test_a_definition_in_parentheses_keeps_its_name() -> None:
    body = parse("(amount > 5 or is_won)")
    scope = replace(SCOPE, defines={"big": DefineSpec("big", body)})
    test = checked("big", scope).test
    assert isinstance(test, typed.Named)
    assert test.name == "big"


def test_a_definition_that_lies_too_deep_is_told_once() -> None:
    chain = {
        f"d{depth}": DefineSpec(f"d{depth}", parse(f"d{depth + 1}"))
        for depth in range(1, 8)
    }
    with pytest.raises(CheckError) as caught:
        checked("d1", replace(SCOPE, defines=chain))
    (said,) = caught.value.mistakes
    assert said.text == "in d4: d1 is 5 definitions deep; at most 4."


def test_inside_a_where_a_field_of_the_deal_chooses_too() -> None:
    line = "some contacts where last_met_at within last $idle_by_segment"
    needs = checked(line).needs
    assert needs.fields == {"account.segment"}
    assert needs.collections == {"contacts": {"name", "last_met_at"}}


def test_inside_a_where_a_field_of_the_row_chooses_before_the_deals() -> None:
    spec = ParamSpec("by_owner", Kind.NUMBER, by="owner", values={"Bo": HALF})
    scope = replace(SCOPE, params={"by_owner": spec})
    needs = checked("some meetings where length(subject) > $by_owner", scope).needs
    assert needs.fields == set()
    assert needs.collections == {"meetings": {"subject", "owner"}}
    outside = checked("length(next_step) > $by_owner", scope).needs
    assert outside.fields == {"next_step", "owner"}
