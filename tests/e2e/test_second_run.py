"""Two runs in a row: the second writes nothing, whatever was lost in between."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.people import HubSpotPeople
from tests.e2e.program import HUBSPOT, LONGEST_S, SALESFORCE, Workspace, wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.program import Ended, Sandbox

NOTHING = {
    "create": 0,
    "update": 0,
    "close": 0,
    "flag": 0,
    "withheld": 0,
    "undecided": 0,
}


@pytest.fixture(params=[SALESFORCE, pytest.param(HUBSPOT, marks=pytest.mark.slow)])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def writes_nothing(workspace: Workspace, sandbox: Sandbox) -> Ended:
    before = sandbox.writes()
    ended = workspace.run("run", "--json")
    assert ended.code == 0, ended.err
    assert sandbox.writes() == before
    assert ended.body["api"]["writes"] == 0
    assert ended.body["plan"] == NOTHING
    return ended


def kill_once_sent(workspace: Workspace, sandbox: Sandbox, *faults: str) -> None:
    """Kill a run that sent the write of these faults and has no answer to it."""
    route = faults[0].partition(":")[0]
    before = sandbox.requests().get(route, 0)
    sandbox.order(*faults)
    with workspace.start("run", "--json") as process:
        wait_for(process, sandbox, route, before + 1)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=LONGEST_S)
    assert process.returncode == -signal.SIGKILL
    sandbox.calm()


@pytest.mark.promise("W8")
def test_the_whole_job_in_two_processes_and_the_next_run_writes_nothing(
    process: Sandbox, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "work", dict(process.settings))
    owing = process.deals_without("amount", "next_step")
    assert owing
    assert workspace.run("plan").code == 0
    assert process.tasks() == []

    first = workspace.run("run", "--json")

    assert first.code == 0, first.err
    assert first.body["applied"]["create"] == len(owing)
    process.expect_one_task_per_deal(owing)
    writes_nothing(workspace, process)


@pytest.mark.promise("W8")
def test_the_next_business_day_writes_nothing_either(
    settled: Workspace, sandbox: Sandbox
) -> None:
    sandbox.go_to("2026-11-23")  # the Monday after

    ended = writes_nothing(settled, sandbox)

    assert ended.body["as_of"].startswith("2026-11-23")


@pytest.mark.promise("W1", "W3", "F03")
def test_killed_between_a_write_and_its_receipt_the_next_run_makes_no_second_task(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    kill_once_sent(observed, sandbox, f"{sandbox.people.creating}:slow=5:1")
    assert len(sandbox.open_tasks()) == len(owing)  # it did take effect

    again = observed.run("run", "--json")

    assert again.code == 0, again.err
    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(observed, sandbox)


@pytest.mark.promise("W1", "F02")
def test_killed_before_a_write_arrives_the_next_run_makes_the_tasks(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    creating = sandbox.people.creating
    kill_once_sent(
        observed, sandbox, f"{creating}:reset_before:1", f"{creating}:slow=5"
    )
    assert sandbox.tasks() == []

    assert observed.run("run", "--json").code == 0

    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(observed, sandbox)


@pytest.mark.promise("W1")
@pytest.mark.slow
@pytest.mark.parametrize("crm", [HUBSPOT])
@pytest.mark.parametrize(
    "faults",
    [("associate:slow=5:1",), ("associate:reset_before:1", "associate:slow=5:1")],
    ids=["tied", "not tied"],
)
def test_killed_while_tasks_are_tied_to_their_deals_the_next_run_ties_them(
    observed: Workspace, sandbox: Sandbox, faults: tuple[str, ...]
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    kill_once_sent(observed, sandbox, *faults)
    tied = {task.deal_id for task in sandbox.open_tasks()}
    assert tied == (owing if len(faults) == 1 else {""})

    assert observed.run("run", "--json").code == 0

    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(observed, sandbox)


@pytest.mark.promise("W1")
@pytest.mark.slow
@pytest.mark.parametrize("crm", [HUBSPOT])
def test_a_task_that_could_not_be_tied_is_closed_when_its_deal_is_mended_first(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    fixed = min(owing)
    sandbox.order("associate:503:99")
    assert observed.run("run", "--json").code == 4
    sandbox.calm()
    assert {task.deal_id for task in sandbox.open_tasks()} == {""}
    sandbox.people.mend(fixed)

    ended = observed.run("run", "--json")

    assert ended.code == 0, ended.err
    assert ended.body["applied"]["close"] == 1
    sandbox.expect_one_task_per_deal(owing - {fixed})
    (closed,) = [task for task in sandbox.tasks() if task.is_closed]
    assert closed.deal_id == ""
    writes_nothing(observed, sandbox)


@pytest.mark.promise("W10", "F18")
def test_a_lost_database_makes_no_second_task_and_says_that_it_was_rebuilt(
    settled: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    sandbox.settle()
    settled.forget()

    rebuilt = writes_nothing(settled, sandbox)

    assert rebuilt.body["recovery"] is True
    assert rebuilt.body["counts"]["open"] == (
        len(sandbox.deals_without("amount")) + len(sandbox.deals_without("next_step"))
    )
    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(settled, sandbox)


@pytest.mark.promise("W10", "F03", "F18")
def test_killed_and_the_database_lost_there_is_still_one_task(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    kill_once_sent(observed, sandbox, f"{sandbox.people.creating}:slow=5:1")
    sandbox.settle()
    observed.forget()

    assert observed.run("run", "--json").code == 0
    # In HubSpot a task is tied by a second call: until then the rules are as new.
    assert observed.run("run", "--json").code == 0

    sandbox.expect_one_task_per_deal(owing)


def test_a_fixed_deal_closes_its_own_task_and_no_other(
    settled: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    fixed = min(owing)
    sandbox.people.mend(fixed)

    ended = settled.run("run", "--json")

    assert ended.code == 0, ended.err
    assert ended.body["applied"]["close"] == 1
    sandbox.expect_one_task_per_deal(owing - {fixed})
    (closed,) = [task for task in sandbox.tasks() if task.deal_id == fixed]
    assert closed.is_closed
    writes_nothing(settled, sandbox)


@pytest.mark.promise("W7", "F20")
def test_a_task_closed_by_a_person_is_left_closed(
    settled: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    task = sandbox.open_tasks()[0]
    sandbox.people.complete(task.id)

    writes_nothing(settled, sandbox)

    sandbox.expect_one_task_per_deal(owing - {task.deal_id})


@pytest.mark.promise("F17")
@pytest.mark.slow
def test_a_restored_older_database_makes_no_second_task_and_reopens_nothing(
    observed: Workspace, sandbox: Sandbox
) -> None:
    backup = observed.database.read_bytes()  # of before anything was written
    owing = sandbox.deals_without("amount", "next_step")
    assert observed.run("run", "--json").code == 0
    fixed = min(owing)
    sandbox.people.mend(fixed)
    assert observed.run("run", "--json").body["applied"]["close"] == 1
    sandbox.settle()

    observed.forget()
    observed.database.write_bytes(backup)
    restored = writes_nothing(observed, sandbox)

    assert restored.body["recovery"] is True
    sandbox.expect_one_task_per_deal(owing - {fixed})
    assert writes_nothing(observed, sandbox).body["recovery"] is False


@pytest.mark.promise("W8", "F27", "F18")
@pytest.mark.slow
def test_a_database_lost_at_once_writes_nothing_either(
    settled: Workspace, sandbox: Sandbox
) -> None:
    """What was just written may not be in a search index yet: the deals name it."""
    owing = sandbox.deals_without("amount", "next_step")
    if isinstance(sandbox.people, HubSpotPeople):
        sandbox.side("POST", "settings", index_lag_s=[600, 600])
        sandbox.people.complete(sandbox.open_tasks()[0].id)
    closed = owing - {task.deal_id for task in sandbox.open_tasks()}
    settled.forget()

    rebuilt = writes_nothing(settled, sandbox)

    assert rebuilt.body["recovery"] is True
    assert rebuilt.body["counts"]["open"] == (
        len(sandbox.deals_without("amount")) + len(sandbox.deals_without("next_step"))
    )
    sandbox.expect_one_task_per_deal(owing - closed)
    writes_nothing(settled, sandbox)
    sandbox.settle()
    assert writes_nothing(settled, sandbox).body["recovery"] is False


def test_flags_go_to_the_deals_whose_flags_change_and_to_no_other(
    settled: Workspace, sandbox: Sandbox
) -> None:
    fixed = min(sandbox.deals_without("amount", "next_step"))
    sandbox.people.mend(fixed)
    before = sandbox.writes()

    ended = settled.run("run", "--json")

    assert ended.code == 0, ended.err
    assert (ended.body["plan"]["flag"], ended.body["applied"]["flag"]) == (1, 1)
    # One request closes the task, one writes the flags of its deal.
    assert sandbox.writes() == before + 2
    assert ended.body["api"]["writes"] == 2
