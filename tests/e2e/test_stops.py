"""Runs that are stopped, and runs that meet: what was begun is finished, once."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import LONGEST_S, Ended, wait_for

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace


def test_the_kill_switch_lets_a_run_read_and_nothing_be_written(
    observed: Workspace, sandbox: Sandbox
) -> None:
    before = sandbox.writes()

    ended = observed.run("run", "--json", GATEKEEPER_STOP="1")

    assert (ended.code, ended.body["status"]) == (4, "stopped")
    assert sandbox.writes() == before
    assert sandbox.tasks() == []


@pytest.mark.slow
def test_a_signal_ends_a_run_after_the_request_under_way(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    sandbox.order("collections:slow=3:1")
    with observed.start("run", "--json") as process:
        wait_for(process, sandbox, "collections")
        process.send_signal(signal.SIGTERM)
        ended = Ended(0, *process.communicate(timeout=LONGEST_S))

    assert process.returncode == 4, ended.err
    assert ended.body["status"] == "stopped"
    assert "signal SIGTERM came" in " ".join(ended.body["messages"])
    assert sandbox.requests()["collections"] == 1
    sandbox.expect_one_task_per_deal(owing)
    again = observed.run("run", "--json")
    assert again.code == 0, again.err
    assert again.body["applied"]["create"] == 0
    assert again.body["applied"]["flag"] > 0
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.promise("W8")
@pytest.mark.slow
def test_a_second_run_at_the_same_time_is_refused_and_the_first_one_finishes(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    sandbox.order("collections:slow=20:1")
    with observed.start("run", "--json") as first:
        wait_for(first, sandbox, "collections")
        second = observed.run("run")
        out, err = first.communicate(timeout=LONGEST_S)

    assert second.code == 5
    assert second.sentence.startswith("error: Another run of sf:00D5e0000000001EAA")
    assert first.returncode == 0, err
    assert Ended(0, out, err).body["applied"]["create"] == len(owing)
    sandbox.expect_one_task_per_deal(owing)
