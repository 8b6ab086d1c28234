"""What is odd about a line by itself, and what only looks so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import CrmField, FieldSpec, Kind
from gatekeeper.language.checker import check
from gatekeeper.language.lint.lines import ALWAYS_FILLED, Written, findings
from gatekeeper.language.parser.line import parse, parse_rows, parse_value
from gatekeeper.language.scope import DefineSpec
from gatekeeper.language.tree.walk import parts_of
from tests.language.scopes import SCOPE

if TYPE_CHECKING:
    from gatekeeper.language.messages import Message
    from gatekeeper.language.scope import Scope

DEFINES = {
    "half": DefineSpec("half", parse_value("amount / 2")),
    "held": DefineSpec("held", parse_rows("meetings where start before now")),
    "planned": DefineSpec("planned", parse_rows("account.meetings")),
    "mail": DefineSpec("mail", parse_rows("emails")),
}
KNOWN = replace(SCOPE, defines=DEFINES)


def written(text: str, scope: Scope = KNOWN) -> Written:
    tree = parse(text)
    return Written(
        tree,
        check(tree, scope),
        scope,
        tuple(parts_of(tree)),
        splits=True,
        says_blank=False,
        filled=frozenset(),
        counted=frozenset(),
        moved=frozenset({"lastactivitydate"}),
    )


def found(text: str, scope: Scope = KNOWN) -> list[Message]:
    return list(findings(written(text, scope)))


def codes(text: str, scope: Scope = KNOWN) -> list[str]:
    return [each.code for each in found(text, scope)]


def test_every_finding_is_a_warning() -> None:
    lines = (
        "amount > 5 and is_won",
        'next_step != "x"',
        "every contact has is_primary",
    )
    assert [each.is_warning for text in lines for each in found(text)] == [True] * 3


# ---- and -----------------------------------------------------------------------------


def test_three_halves_are_pointed_at_by_their_first_and() -> None:
    (said,) = found("amount > 5 and is_won and is_renewal")
    assert (said.code, said.span.start, said.span.end) == ("W301", 11, 14)
    assert said.text.startswith('"and" joins 3 conditions in one line;')
    assert said.help == "- amount > 5  - is_won  - is_renewal"


def test_an_and_that_cannot_be_split_is_no_finding() -> None:
    assert list(findings(replace(written("amount > 5 and is_won"), splits=False))) == []
    assert codes("amount > 5 or is_won") == []


# ---- negative comparisons ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        'next_step != "x"',
        'lead_source not in ["A"]',
        'next_step not contains "x"',
        "amount not between 1 and 5",
        'not next_step contains "x"',
        'not (next_step = "x")',
        'not lead_source in ["A"]',
        "not amount between 1 and 5",
        "not amount > 5",
        'not next_step != "x"',
        'is_won and next_step != "x"',
        'name != "y" or next_step != "x"',
    ],
)
def test_a_negative_comparison_leaves_empty_open(text: str) -> None:
    assert [code for code in codes(text) if code != "W301"] == ["W404"]


def test_two_negative_comparisons_are_two_findings() -> None:
    first, second = found('next_step != "x" or lead_source not in ["A"]')
    assert (first.span.start, second.span.start) == (0, 20)
    assert first.text == (
        "next_step may be empty, and then this is neither true nor false: it counts as"
        " not met."
    )
    assert second.help == (
        'lead_source is empty or lead_source not in ["A"]; or:'
        ' lead_source is filled and lead_source not in ["A"]'
    )


@pytest.mark.parametrize(
    "text",
    [
        'next_step is filled or next_step != "x"',
        'next_step = "x"',
        "not is_won",
        "not next_step is filled",
        'not (next_step is empty or next_step = "x")',
        "amount between 1 and 5",
        "half != 5",
        'lead_source in ["A"]',
        'next_step contains "x"',
    ],
)
def test_a_comparison_that_leaves_nothing_open_is_no_finding(text: str) -> None:
    assert codes(text) == []


def test_a_denied_comparison_is_spelled_out_both_ways() -> None:
    (said,) = found('not (next_step = "x")')
    assert said.span.start == 0
    assert said.help == (
        'next_step is empty or not (next_step = "x"); or: next_step is filled and not'
        ' (next_step = "x")'
    )


def test_a_rule_may_say_what_empty_means() -> None:
    line = written('next_step != "x"')
    assert list(findings(replace(line, says_blank=True))) == []
    assert list(findings(replace(line, filled=frozenset({"next_step"})))) == []


FILLED = {
    "id": 'id != "x"',
    "name": 'name not contains "x"',
    "stage": 'stage != "Proposal"',
    "pipeline": 'pipeline != "x"',
    "owner": "owner != sponsor",
    "created_on": "created_on != today",
    "created_at": "created_at != now",
    "close_date": "close_date not in [today]",
    "is_closed": "is_closed != is_won",
    "is_won": "is_won != is_closed",
    "probability": "probability != 5%",
}


@pytest.mark.parametrize("name", sorted(ALWAYS_FILLED | FILLED.keys()))
def test_what_each_deal_has_is_never_empty(name: str) -> None:
    assert codes(FILLED[name]) == []


# ---- rows ----------------------------------------------------------------------------


def test_every_of_no_rows_passes() -> None:
    first, second = found(
        "(every contact has is_primary) or (every quote has total > 5)"
    )
    assert (first.code, second.code) == ("W406", "W406")
    assert first.text == "with no contact at all, every contact passes."
    assert first.help == "add the line: some contacts"
    assert (second.span.start, second.span.end) == (41, 46)


@pytest.mark.parametrize(
    "other",
    ["some contacts", "at least 2 contacts", "exactly 1 contact", "exactly 2 contacts"],
)
def test_every_beside_a_row_that_is_asked_for_is_no_finding(other: str) -> None:
    assert codes(f"(every contact has is_primary) or ({other})") == []
    line = written("every contact has is_primary")
    assert list(findings(replace(line, counted=frozenset({"contacts"})))) == []
    line = written("(every quote has total > 5) or (every contact has is_primary)")
    (left,) = findings(replace(line, counted=frozenset({"quotes"})))
    assert left.help == "add the line: some contacts"


@pytest.mark.parametrize("other", ["no contacts", "at most 2 contacts", "some quotes"])
def test_every_beside_what_asks_for_no_row_of_it_is_one(other: str) -> None:
    assert codes(f"(every contact has is_primary) or ({other})") == ["W406"]


# ---- what may still come -------------------------------------------------------------


def test_the_latest_may_be_one_still_to_come() -> None:
    (said,) = found("days_since(latest(account.meetings.start)) < 5")
    assert (said.code, said.span.start, said.span.end) == ("W407", 11, 41)
    assert said.text == (
        "account.meetings.start may lie in the future,"
        " so this may be one still to come."
    )
    assert said.help == "latest(account.meetings.start where start before now)"


@pytest.mark.parametrize(
    "text",
    [
        "earliest(meetings.start) before today",
        "LATEST(meetings.start) before today",
        "later_of(latest(held.start), latest(meetings.start)) before today",
        "latest(planned.start) before today",
        "latest(tasks.due_on) before today",
        "latest(activities.at) before today",
        'latest(meetings.start where subject contains "start") before today',
        'latest(meetings.start where owner = "a@x.io") before today',
    ],
)
def test_one_that_nothing_keeps_to_the_past_is_found(text: str) -> None:
    assert codes(text) == ["W407"]


@pytest.mark.parametrize(
    "text",
    [
        "latest(held.start) before today",
        "latest(mail.at) before today",
        "latest(emails.at) before today",
        "latest(calls.at) before today",
        "latest(files.added_at) before today",
        "latest(tasks.created_at) before today",
        "latest(tasks.modified_at) before today",
        "latest(siblings.created_on) before today",
        "latest(contacts.last_met_at) before today",
        "latest(contacts.last_heard_at) before today",
        "latest(meetings.start where start before now) before today",
        "latest(meetings.start where start within last 30 days) before today",
        "latest(meetings.start where start between 2026-01-01 and today) before today",
        "latest(meetings.start where completed is true) before today",
        "latest(meetings.start where completed) before today",
        "days_since(created_on) > 5",
        "max(meetings.start) before today",
    ],
)
def test_what_is_past_is_no_finding(text: str) -> None:
    assert codes(text) == []


# ---- fields of one CRM ---------------------------------------------------------------


def mapped(**paths: dict[str, str]) -> Scope:
    own = {
        name: FieldSpec(name, Kind.TEXT, on, place=f"fields.yaml:{number}")
        for number, (name, on) in enumerate(paths.items(), 1)
    }
    catalogue = replace(SCOPE.catalogue, deal={**SCOPE.catalogue.deal, **own})
    return replace(SCOPE, catalogue=catalogue)


def test_each_field_that_a_crm_lacks_is_found() -> None:
    scope = mapped(
        b_one={"salesforce": "B__c"},
        a_both={"salesforce": "A__c", "hubspot": "a"},
        c_one={"hubspot": "c"},
    )
    line = "a_both is filled or b_one is filled or c_one is filled or amount > 5"
    first, second = found(line, scope)
    assert (first.code, second.code) == ("W402", "W402")
    assert first.text == "b_one has no field in HubSpot and is unavailable there."
    assert first.help == "add hubspot: ... to b_one in fields.yaml (fields.yaml:1)."
    assert (first.span.start, second.span.start) == (20, 39)
    assert second.text == "c_one has no field in Salesforce and is unavailable there."


def test_a_raw_name_and_one_that_our_task_moves_are_found() -> None:
    offline = replace(SCOPE, schema=None)
    (raw,) = found("custom.Budget__c is filled", offline)
    assert raw.code == "W401"
    assert raw.text == (
        "custom.Budget__c is a name of Salesforce alone;"
        " the rule does not work with another CRM."
    )
    assert raw.help == "give it a name of its own in fields.yaml and use that."
    both = found("custom.LastActivityDate within last 3 days", offline)
    assert [each.code for each in both] == ["W401", "W408"]
    assert both[1].help == "some activities where at within last 14 days"
    assert both[1].text == (
        "LastActivityDate is kept by the CRM itself and may move with our own task."
    )
    scope = mapped(touched={"salesforce": "LastActivityDate"})
    assert codes("touched is filled", scope) == ["W408"]


# ---- checkboxes ----------------------------------------------------------------------


def with_box(**boxes: str) -> Scope:
    assert SCOPE.schema
    fields = {
        name.replace("__", "."): CrmField(name, name, native, (Kind.YES_NO,))
        for name, native in boxes.items()
    }
    schema = replace(SCOPE.schema, fields={**SCOPE.schema.fields, **fields})
    return replace(SCOPE, schema=schema)


def test_a_checkbox_is_never_empty() -> None:
    scope = with_box(is_renewal="Boolean", contacts__is_primary="boolean")
    line = "next_step is filled or is_won is filled or is_renewal is filled"
    (said,) = found(line, scope)
    assert (said.code, said.span.start, said.span.end) == ("W410", 43, 53)
    assert said.text == "is_renewal is a checkbox in the CRM, which is never empty."
    assert said.help == "use a Yes/No picklist, or ask: is_renewal is true"
    rows = codes("some contacts where is_primary is empty", scope)
    assert rows == ["W410"]


def test_what_is_no_checkbox_may_be_empty() -> None:
    scope = with_box(is_renewal="picklist")
    assert codes("is_renewal is filled", scope) == []
    assert codes("is_renewal is filled", replace(SCOPE, schema=None)) == []
    assert codes("is_renewal is true", with_box(is_renewal="boolean")) == []
    assert codes("next_step is filled", with_box(next_step="boolean")) == []
