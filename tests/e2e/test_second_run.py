"""Two runs in a row: the second writes nothing, whatever was lost in between."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import LONGEST_S, Workspace, wait_for

if TYPE_CHECKING:
    import subprocess
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
ANSWERS_LATE = "collections:slow=5:1"


def writes_nothing(workspace: Workspace, sandbox: Sandbox) -> Ended:
    before = sandbox.writes()
    ended = workspace.run("run", "--json")
    assert ended.code == 0, ended.err
    assert sandbox.writes() == before
    assert ended.body["api"]["writes"] == 0
    assert ended.body["plan"] == NOTHING
    return ended


def kill_once_written(process: subprocess.Popen[str], sandbox: Sandbox) -> None:
    """Kill a run whose write took effect and whose answer has not come."""
    with process:
        wait_for(process, sandbox, "collections")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=LONGEST_S)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.promise("W8")
def test_the_whole_job_in_two_processes_and_the_next_run_writes_nothing(
    process: Sandbox, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "work", dict(process.settings))
    owing = process.deals_without("Amount", "NextStep")
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


@pytest.mark.promise("W1")
@pytest.mark.promise("W3")
def test_killed_between_a_write_and_its_receipt_the_next_run_makes_no_second_task(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("Amount", "NextStep")
    sandbox.order(ANSWERS_LATE)
    kill_once_written(observed.start("run", "--json"), sandbox)
    sandbox.calm()
    sandbox.expect_one_task_per_deal(owing)  # it did take effect

    again = observed.run("run", "--json")

    assert again.code == 0, again.err
    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(observed, sandbox)


@pytest.mark.promise("W1")
def test_killed_before_a_write_arrives_the_next_run_makes_the_tasks(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("Amount", "NextStep")
    sandbox.order("collections:reset_before:1", "collections:slow=5")
    kill_once_written(observed.start("run", "--json"), sandbox)
    sandbox.calm()

    assert observed.run("run", "--json").code == 0

    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(observed, sandbox)


@pytest.mark.promise("W10")
def test_a_lost_database_makes_no_second_task_and_says_that_it_was_rebuilt(
    settled: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("Amount", "NextStep")
    settled.forget()

    rebuilt = writes_nothing(settled, sandbox)

    assert rebuilt.body["recovery"] is True
    assert rebuilt.body["counts"]["open"] == (
        len(sandbox.deals_without("Amount")) + len(sandbox.deals_without("NextStep"))
    )
    sandbox.expect_one_task_per_deal(owing)
    writes_nothing(settled, sandbox)


@pytest.mark.promise("W10")
def test_killed_and_the_database_lost_there_is_still_one_task(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("Amount", "NextStep")
    sandbox.order(ANSWERS_LATE)
    kill_once_written(observed.start("run", "--json"), sandbox)
    sandbox.calm()
    observed.forget()

    assert observed.run("run", "--json").code == 0

    sandbox.expect_one_task_per_deal(owing)


def test_a_fixed_deal_closes_its_own_task_and_no_other(
    settled: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("Amount", "NextStep")
    fixed = min(owing)
    sandbox.people.update("Opportunity", fixed, Amount=1000, NextStep="Call Ann")

    ended = settled.run("run", "--json")

    assert ended.code == 0, ended.err
    assert ended.body["applied"]["close"] == 1
    sandbox.expect_one_task_per_deal(owing - {fixed})
    (closed,) = [task for task in sandbox.tasks() if task["WhatId"] == fixed]
    assert closed["Status"] == "Completed"
    writes_nothing(settled, sandbox)


@pytest.mark.promise("W7")
def test_a_task_closed_by_a_person_is_left_closed(
    settled: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("Amount", "NextStep")
    task = sandbox.open_tasks()[0]
    sandbox.people.update("Task", task["Id"], Status="Completed")

    writes_nothing(settled, sandbox)

    sandbox.expect_one_task_per_deal(owing - {task["WhatId"]})
