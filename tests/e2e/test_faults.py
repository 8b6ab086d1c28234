"""Every fault ends as promised: a status, an exit code, never a second task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT, SALESFORCE

if TYPE_CHECKING:
    from tests.e2e.program import Ended, Sandbox, Workspace

# A run reads the stages, the organization, the users and our tasks before the deals.
AT_THE_DEALS = "after=4"
HURRY = {"GATEKEEPER_CALL_DEADLINE_S": "4"}


def run_under(workspace: Workspace, sandbox: Sandbox, *faults: str) -> Ended:
    sandbox.order(*faults)
    ended = workspace.run("run", "--json", **HURRY)
    sandbox.calm()
    return ended


def expect_finished(workspace: Workspace, sandbox: Sandbox) -> None:
    """The next run brings the CRM in line, and there is one task per deal."""
    again = workspace.run("run", "--json")
    assert again.code == 0, again.err
    assert again.body["status"] == "done"
    sandbox.expect_one_task_per_deal(sandbox.deals_without("amount", "next_step"))


PASSING = {
    SALESFORCE: [
        (f"query:503html:1:{AT_THE_DEALS}", f"query:429:1:{AT_THE_DEALS}"),
        (f"query:401:1:{AT_THE_DEALS}",),
        (f"query:truncated:1:{AT_THE_DEALS}",),
        (f"query:reset_before:1:{AT_THE_DEALS}", "describe:reset_after:1"),
        ("collections:401:1", "collections:429:1"),
        ("collections:lock_row:1",),
        ("collections:trigger:1",),
    ],
    HUBSPOT: [
        ("list:502html:1", "search:429search:1", "owners:500:1"),
        ("list:truncated:1", "pipelines:reset_before:1", "properties:reset_after:1"),
        ("batch_read:503:1", "batch_upsert:423:1"),
        ("associate:503:1", "associations:truncated:1", "batch_update:423:1"),
    ],
}


@pytest.mark.parametrize(
    ("crm", "faults"),
    [(crm, faults) for crm, of_crm in PASSING.items() for faults in of_crm],
    ids=lambda each: each if isinstance(each, str) else "+".join(each),
)
@pytest.mark.slow
def test_a_passing_fault_is_got_over_within_the_run(
    observed: Workspace, sandbox: Sandbox, faults: tuple[str, ...]
) -> None:
    owing = sandbox.deals_without("amount", "next_step")

    ended = run_under(observed, sandbox, *faults)

    assert ended.code == 0, ended.err
    assert ended.body["status"] == "done"
    assert ended.body["applied"]["create"] == len(owing)
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.promise("W1", "F05", "F06", "F08")
@pytest.mark.parametrize(
    ("kind", "took_effect"),
    [
        ("reset_before", False),
        ("reset_after", True),
        ("truncated", True),
        ("503html", False),
    ],
)
@pytest.mark.parametrize("crm", [SALESFORCE, HUBSPOT])
@pytest.mark.slow
def test_a_write_without_an_answer_is_unknown_and_never_doubled(
    observed: Workspace, sandbox: Sandbox, kind: str, took_effect: bool
) -> None:
    owing = sandbox.deals_without("amount", "next_step")

    ended = run_under(observed, sandbox, f"{sandbox.people.creating}:{kind}:1")

    assert ended.code == 4, ended.err
    assert ended.body["applied"]["unknown"] == len(owing)
    assert ended.body["applied"]["create"] == 0
    assert len(sandbox.open_tasks()) == (len(owing) if took_effect else 0)
    expect_finished(observed, sandbox)


@pytest.mark.promise("F09", "F13")
@pytest.mark.parametrize(
    ("crm", "fault", "refused", "message"),
    [
        (
            SALESFORCE,
            "collections:validation:2",
            2,
            "FIELD_CUSTOM_VALIDATION_EXCEPTION: A validation rule of this org refuses",
        ),
        (
            SALESFORCE,
            "collections:inactive_owner:1",
            1,
            "INACTIVE_OWNER_OR_USER: operation",
        ),
        (
            HUBSPOT,
            "batch_upsert:rejected:2",
            2,
            "VALIDATION_ERROR: The record was refused by a validation rule",
        ),
    ],
)
@pytest.mark.slow
def test_a_refused_record_is_reported_and_the_others_are_written(
    observed: Workspace, sandbox: Sandbox, fault: str, refused: int, message: str
) -> None:
    owing = sandbox.deals_without("amount", "next_step")

    ended = run_under(observed, sandbox, fault)

    assert ended.body["applied"]["rejected"] == refused
    assert ended.body["applied"]["create"] == len(owing) - refused
    assert any(text.startswith(message) for text in ended.body["messages"])
    expect_finished(observed, sandbox)


@pytest.mark.parametrize("crm", [HUBSPOT])
@pytest.mark.slow
def test_a_record_that_met_another_write_is_written_after_a_second_look(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")

    ended = run_under(observed, sandbox, "batch_upsert:conflict:1")

    assert (ended.code, ended.body["applied"]["rejected"]) == (0, 0)
    assert ended.body["applied"]["create"] == len(owing)
    sandbox.expect_one_task_per_deal(owing)
    expect_finished(observed, sandbox)


@pytest.mark.promise("F10")
@pytest.mark.slow
def test_a_used_up_allowance_defers_the_run(
    observed: Workspace, sandbox: Sandbox
) -> None:
    ended = run_under(observed, sandbox, "collections:limit403")

    assert ended.code == 4, ended.err
    assert ended.body["status"] == "deferred"
    assert "daily API allowance is used up" in " ".join(ended.body["messages"])
    assert sandbox.open_tasks() == []
    expect_finished(observed, sandbox)


@pytest.mark.parametrize(
    ("crm", "fault", "code", "sentence"),
    [
        (
            SALESFORCE,
            "query:503html",
            3,
            "error: reading OpportunityStage: Salesforce answered 503 without a reason."
            " Salesforce did not recover; the next run tries again.",
        ),
        (
            SALESFORCE,
            "query:limit403",
            4,
            "error: Salesforce's daily API allowance is used up (TotalRequests Limit"
            " exceeded.). The next cycle goes on from here.",
        ),
        (
            HUBSPOT,
            "pipelines:503html",
            3,
            "error: reading pipelines: HubSpot answered 503 without a reason."
            " HubSpot did not recover; the next run tries again.",
        ),
        (
            HUBSPOT,
            "list:429daily",
            4,
            # 23:59 UTC of the day before is 18:59 in the portal's New York.
            "error: HubSpot's daily allowance of calls is used up. The next run after"
            " 21 Nov 2026 00:00 (America/New_York) goes on from here.",
        ),
        (
            HUBSPOT,
            "list:477",
            4,
            "error: HubSpot moves this account to another data centre and takes no"
            " calls for 3,600 seconds. The next run goes on.",
        ),
        (
            HUBSPOT,
            "list:403",
            3,
            "error: HubSpot refuses reading deals: This account does not have access to"
            " this API. Give the private app the scope crm.objects.deals.read.",
        ),
    ],
)
@pytest.mark.slow
def test_a_lasting_fault_ends_with_one_sentence(
    observed: Workspace, sandbox: Sandbox, fault: str, code: int, sentence: str
) -> None:
    ended = run_under(observed, sandbox, fault)

    assert (ended.code, ended.out, ended.sentence) == (code, "", sentence)
    assert sandbox.open_tasks() == []
    expect_finished(observed, sandbox)


@pytest.mark.promise("W5")
@pytest.mark.promise("F25")
@pytest.mark.parametrize(
    ("crm", "field"), [(SALESFORCE, "Opportunity.Amount"), (HUBSPOT, "deals.amount")]
)
@pytest.mark.slow
def test_a_hidden_field_opens_nothing_and_closes_nothing(
    settled: Workspace, sandbox: Sandbox, field: str
) -> None:
    before = sandbox.tasks()
    without_amount = len(sandbox.deals_without("amount"))
    sandbox.side("POST", "fields", hide=[field])

    ended = settled.run("run", "--json")

    # "Cannot tell" on every other deal is more flags than a run may change.
    assert ended.code == 5, ended.err
    assert ended.body["held"][0].startswith("flag_changes_percent: ")
    counts = ended.body["counts"]
    assert counts["cannot_tell"] == len(sandbox.open_deals())
    assert counts["resolved"] == 0
    assert any(field.partition(".")[2] in text for text in ended.body["messages"])
    listed = settled.run("violations", "--json", "--rule", "open-amount")
    assert len(listed.body) == without_amount
    assert sandbox.tasks() == before
    sandbox.side("POST", "fields", show=[field])
    expect_finished(settled, sandbox)


ABOUT_QUOTES = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com, mode: observe}
stages:
  every open stage:
    while_in:
      - id: open-quoted
        title: The deal has a quote
        require: some quotes
        fix: Send a quote.
"""


@pytest.mark.promise("W5")
@pytest.mark.parametrize("crm", [HUBSPOT])
@pytest.mark.slow
def test_a_scope_that_was_taken_away_opens_nothing_and_closes_nothing(
    settled: Workspace, sandbox: Sandbox
) -> None:
    settled.write("quotes.rules.yaml", ABOUT_QUOTES)
    seen = settled.run("run", "--json")
    assert (seen.code, seen.body["counts"]["cannot_tell"]) == (0, 0), seen.err
    before, writes = sandbox.tasks(), sandbox.writes()
    sandbox.side("POST", "scopes", take=["crm.objects.quotes.read"])

    ended = settled.run("run", "--json")

    assert (ended.code, ended.body["status"]) == (0, "done"), ended.err
    counts = ended.body["counts"]
    assert counts["cannot_tell"] == len(sandbox.open_deals())
    assert (counts["resolved"], counts["open"]) == (0, seen.body["counts"]["open"])
    assert "crm.objects.quotes.read" in " ".join(ended.body["messages"])
    assert (sandbox.tasks(), sandbox.writes()) == (before, writes)
    mended = sorted(sandbox.deals_without("amount", "next_step"))[0]
    sandbox.people.mend(mended)
    sandbox.settle()
    after = settled.run("run", "--json")
    assert (after.code, after.body["status"]) == (0, "done"), after.err
    assert after.body["applied"]["close"] == 1
    checked = settled.run("validate")
    assert "crm.objects.quotes.read" in checked.out + checked.err


@pytest.mark.parametrize("crm", [HUBSPOT])
@pytest.mark.slow
def test_a_token_without_the_deals_is_one_sentence_with_the_scope(
    observed: Workspace, sandbox: Sandbox
) -> None:
    sandbox.side("POST", "scopes", take=["crm.objects.deals.read"])

    ended = observed.run("run", "--json")

    assert (ended.code, ended.out, ended.sentence) == (
        3,
        "",
        "error: HubSpot refuses reading deals: the token lacks the scope"
        " crm.objects.deals.read. Give the private app the scope"
        " crm.objects.deals.read.",
    )
