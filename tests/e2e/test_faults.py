"""Every fault ends as promised: a status, an exit code, never a second task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

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


@pytest.mark.parametrize(
    "faults",
    [
        (f"query:503html:1:{AT_THE_DEALS}", f"query:429:1:{AT_THE_DEALS}"),
        (f"query:401:1:{AT_THE_DEALS}",),
        (f"query:truncated:1:{AT_THE_DEALS}",),
        (f"query:reset_before:1:{AT_THE_DEALS}", "describe:reset_after:1"),
        ("collections:401:1", "collections:429:1"),
        ("collections:lock_row:1",),
        ("collections:trigger:1",),
    ],
    ids=lambda faults: "+".join(each.partition(":after")[0] for each in faults),
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


@pytest.mark.parametrize(
    ("fault", "took_effect"),
    [
        ("collections:reset_before:1", False),
        ("collections:reset_after:1", True),
        ("collections:truncated:1", True),
        ("collections:503html:1", False),
    ],
)
@pytest.mark.promise("W1")
@pytest.mark.slow
def test_a_write_without_an_answer_is_unknown_and_never_doubled(
    observed: Workspace, sandbox: Sandbox, fault: str, took_effect: bool
) -> None:
    owing = sandbox.deals_without("amount", "next_step")

    ended = run_under(observed, sandbox, fault)

    assert ended.code == 4, ended.err
    assert ended.body["applied"]["unknown"] == len(owing)
    assert ended.body["applied"]["create"] == 0
    assert len(sandbox.open_tasks()) == (len(owing) if took_effect else 0)
    expect_finished(observed, sandbox)


@pytest.mark.parametrize(
    ("fault", "refused", "message"),
    [
        (
            "collections:validation:2",
            2,
            "FIELD_CUSTOM_VALIDATION_EXCEPTION: A validation rule of this org refuses",
        ),
        ("collections:inactive_owner:1", 1, "INACTIVE_OWNER_OR_USER: operation"),
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
    ("fault", "code", "sentence"),
    [
        (
            "query:503html",
            3,
            "error: reading OpportunityStage: Salesforce answered 503 without a reason."
            " Salesforce did not recover; the next run tries again.",
        ),
        (
            "query:limit403",
            4,
            "error: Salesforce's daily API allowance is used up (TotalRequests Limit"
            " exceeded.). The next cycle goes on from here.",
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
@pytest.mark.slow
def test_a_hidden_field_opens_nothing_and_closes_nothing(
    settled: Workspace, sandbox: Sandbox
) -> None:
    before = sandbox.tasks()
    without_amount = len(sandbox.deals_without("amount"))
    sandbox.side("POST", "fields", hide=["Opportunity.Amount"])

    ended = settled.run("run", "--json")

    # "Cannot tell" on every other deal is more flags than a run may change.
    assert ended.code == 5, ended.err
    assert ended.body["held"][0].startswith("flag_changes_percent: ")
    counts = ended.body["counts"]
    assert counts["cannot_tell"] == len(sandbox.open_deals())
    assert counts["resolved"] == 0
    assert any("Amount" in text for text in ended.body["messages"])
    listed = settled.run("violations", "--json", "--rule", "open-amount")
    assert len(listed.body) == without_amount
    assert sandbox.open_tasks() == before
    sandbox.side("POST", "fields", show=["Opportunity.Amount"])
    expect_finished(settled, sandbox)
