"""Warnings that need the CRM's description: what it enforces, how long it remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Access, CrmField, CrmSchema, Guard, Kind
from gatekeeper.pack.lint.findings import lint
from tests.builders import PIPELINE
from tests.pack.packs import a_draft, text
from tests.pack.test_lint import FIELDS, one

if TYPE_CHECKING:
    from pathlib import Path

READ_AT = datetime(2026, 11, 20, tzinfo=UTC)


def a_field(path: str, kind: Kind, **facts: object) -> CrmField:
    return CrmField(path, path, kind.value, (kind,), Access.WRITE, **facts)  # type: ignore[arg-type]  # what a test says of it


SCHEMA = CrmSchema(
    "salesforce",
    "sf:1",
    READ_AT,
    {
        "close_date": a_field("Opportunity.CloseDate", Kind.DATE, required=True),
        "amount": a_field("Opportunity.Amount", Kind.MONEY, tracked=True),
        "next_step": a_field(
            "Opportunity.NextStep", Kind.TEXT, tracked=True, kept_days=548
        ),
    },
    {},
    pipelines=(),
)


def warnings(base: Path, *lines: str) -> str:
    draft = a_draft(base, e_rules=one(*lines), fields=FIELDS)
    found = lint(draft, draft.compile(None), SCHEMA)
    return "\n".join(each.framed() for each in found)


# ---- W310 ----------------------------------------------------------------------------


def test_a_line_that_the_crm_enforces(tmp_path):
    assert warnings(tmp_path, "require: close_date is filled") == text(
        """
        rules/e.rules.yaml:10:18: warning W310: Salesforce saves no deal without Opportunity.CloseDate, so this always holds.
           10 |         require: close_date is filled
              |                  ^^^^^^^^^^^^^^^^^^^^
          help: take the line out.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "check",
    [
        "close_date after 2026-01-01",
        "amount is filled",
        "close_date is empty",
        "close_date is filled and next_step is filled",
        "close_date is filled or close_date is empty",  # W303: whatever the CRM does
    ],
)
def test_what_the_crm_does_not_ask_is_no_finding(tmp_path, check):
    assert "W310" not in warnings(tmp_path, f"require: {check}")


def test_one_of_several_that_the_crm_enforces_makes_the_line_idle(tmp_path):
    found = warnings(tmp_path, "require: close_date is filled or amount > 5")

    assert "W310" in found


GUARDED = replace(
    SCHEMA,
    guards=(
        Guard("Not_This", "zzz is filled"),
        Guard("Needs_Amount", "amount is filled"),
        Guard("Big_Enough", "not (amount < 100)"),
    ),
)


def guarded(base: Path, rules: str) -> str:
    draft = a_draft(base, e_rules=rules, fields=FIELDS)
    found = lint(draft, draft.compile(None), GUARDED)
    return "\n".join(each.framed() for each in found)


def test_a_line_that_a_check_of_the_crm_makes_idle(tmp_path):
    assert guarded(tmp_path, one("require: amount is filled")) == text(
        """
        rules/e.rules.yaml:10:18: warning W310: Salesforce saves no deal that fails this: its own Needs_Amount says the same or more.
           10 |         require: amount is filled
              |                  ^^^^^^^^^^^^^^^^
          help: take the line out, or keep it for deals saved before that check.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("check", "is_found"),
    [
        ("amount is filled or close_date is empty", True),
        ("amount is empty", False),
        ("amount >= 100", False),  # an empty amount passes the CRM and fails here
        ("amount is empty or amount >= 100", True),
        ("amount is empty or amount >= 101", False),
    ],
)
def test_only_what_every_saved_deal_meets_is_idle(tmp_path, check, is_found):
    assert ("W310" in guarded(tmp_path, one(f"require: {check}"))) is is_found


def test_the_parts_of_one_check_of_the_crm_are_taken_together(tmp_path):
    parts = (Guard("G", "amount is filled"), Guard("G", "not (amount <= 0)"))
    rules = one("require: amount > 0")
    draft = a_draft(tmp_path, e_rules=rules, fields=FIELDS)

    for guards, is_found in ((parts, True), (parts[:1], False), (parts[1:], False)):
        schema = replace(SCHEMA, guards=guards)
        found = {each.code for each in lint(draft, draft.compile(None), schema)}
        assert ("W310" in found) is is_found


@pytest.mark.parametrize(("place", "is_found"), [("while_in", True), ("exit", False)])
def test_a_check_of_the_crm_for_one_stage_makes_idle_what_is_asked_there(
    tmp_path, place, is_found
):
    schema = replace(
        GUARDED,
        guards=(Guard("G", 'not (stage = "Discovery" and next_step is empty)'),),
    )
    rules = one("require: next_step is filled", position=place)
    draft = a_draft(tmp_path, e_rules=rules, fields=FIELDS)
    found = {each.code for each in lint(draft, draft.compile(None), schema)}
    assert ("W310" in found) is is_found


# ---- W504 ----------------------------------------------------------------------------


def test_a_window_longer_than_the_crm_remembers(tmp_path):
    check = "next_step changed within last 3 years"

    assert warnings(tmp_path, f"require: {check}") == text(
        """
        rules/e.rules.yaml:10:18: warning W504: Salesforce keeps the changes of Opportunity.NextStep for 18 months: further back this is mostly "cannot tell".
           10 |         require: next_step changed within last 3 years
              |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          help: ask about 18 months or less.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("check", "is_found"),
    [
        ("changes(next_step, last 2 years) <= 2", True),
        ("changes(next_step, last 549 days) <= 2", True),
        ("changes(next_step, last 548 days) <= 2", False),
        ("changes(next_step, last 18 months) <= 2", False),
        ("changes(next_step, since creation) <= 2", False),
        ("changes(amount, last 9 years) <= 2", False),
    ],
)
def test_only_windows_beyond_what_is_kept_are_too_long(tmp_path, check, is_found):
    assert ("W504" in warnings(tmp_path, f"require: {check}")) is is_found


# ---- what a place says of the stage ------------------------------------------------


@pytest.mark.parametrize("position", ["exit", "entry", "while_in"])
def test_a_rule_under_a_closed_stage_is_asked_in_that_stage_alone(tmp_path, position):
    rules = f"""\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Closed Won:
            {position}:
              - {{id: a, title: A, when: stage = "Closed Won", require: amount > 5, fix: F}}
              - {{id: b, title: B, when: stage = "Closed Lost", require: amount > 5, fix: F}}
        """  # noqa: E501
    schema = replace(SCHEMA, pipelines=(PIPELINE,))
    draft = a_draft(tmp_path, e_rules=dedent(rules), fields=FIELDS)
    found = lint(draft, draft.compile(schema), schema)
    never_asked = [each.place.line for each in found if each.code == "W306"]
    assert never_asked == [8]
