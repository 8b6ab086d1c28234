"""Runs that are stopped, and runs that meet: what was begun is finished, once."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT, LONGEST_S, SALESFORCE, Ended, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.program import Sandbox, Workspace


ORGS = {SALESFORCE: "sf:00D5e0000000001EAA", HUBSPOT: "hs:12345678"}


@pytest.fixture(params=[SALESFORCE, pytest.param(HUBSPOT, marks=pytest.mark.slow)])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.promise("F38")
def test_the_kill_switch_lets_a_run_read_and_nothing_be_written(
    observed: Workspace, sandbox: Sandbox
) -> None:
    before = sandbox.writes()

    ended = observed.run("run", "--json", GATEKEEPER_STOP="1")

    assert (ended.code, ended.body["status"]) == (4, "stopped")
    assert sandbox.writes() == before
    assert sandbox.tasks() == []


@pytest.mark.promise("F30")
@pytest.mark.slow
def test_a_signal_ends_a_run_after_the_request_under_way(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    creating = sandbox.people.creating
    # Setting up tried the key once with a write of its own.
    before = sandbox.requests().get(creating, 0)
    sandbox.order(f"{creating}:slow=3:1")
    with observed.start("run", "--json") as process:
        wait_for(process, sandbox, creating, before + 1)
        process.send_signal(signal.SIGTERM)
        ended = Ended(0, *process.communicate(timeout=LONGEST_S))

    assert process.returncode == 4, ended.err
    assert ended.body["status"] == "stopped"
    assert "signal SIGTERM came" in " ".join(ended.body["messages"])
    assert sandbox.requests()[creating] == before + 1
    # HubSpot ties tasks to their deals in a request of its own, which left no more.
    assert len(sandbox.open_tasks()) == len(owing)
    again = observed.run("run", "--json")
    assert again.code == 0, again.err
    assert again.body["applied"]["flag"] > 0
    sandbox.expect_one_task_per_deal(owing)


def press_row(workspace: Workspace) -> None:
    assert workspace.run("stop").code == 0


def press_file(workspace: Workspace) -> None:
    (workspace.folder / "STOP").touch()


@pytest.mark.promise("F38")
@pytest.mark.parametrize("press", [press_row, press_file])
@pytest.mark.slow
def test_a_switch_pressed_mid_run_lets_no_further_request_leave(
    observed: Workspace, sandbox: Sandbox, press: Callable[[Workspace], None]
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    creating = sandbox.people.creating
    before = sandbox.requests().get(creating, 0)
    sandbox.order(f"{creating}:slow=8:1")
    named = {"GATEKEEPER_STOP_FILE": "STOP"}
    with observed.start("run", "--json", **named) as process:
        wait_for(process, sandbox, creating, before + 1)
        press(observed)
        pressed = sandbox.writes()
        ended = Ended(0, *process.communicate(timeout=LONGEST_S))

    assert (process.returncode, ended.body["status"]) == (4, "stopped"), ended.err
    assert sandbox.writes() - pressed <= 1
    (observed.folder / "STOP").unlink(missing_ok=True)
    assert observed.run("resume").code == 0
    assert observed.run("run", "--json", **named).code == 0
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.promise("W8", "F14")
@pytest.mark.slow
def test_a_second_run_at_the_same_time_is_refused_and_the_first_one_finishes(
    observed: Workspace, sandbox: Sandbox, crm: str
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    creating = sandbox.people.creating
    before = sandbox.requests().get(creating, 0)
    sandbox.order(f"{creating}:slow=40:1")
    with observed.start("run", "--json") as first:
        wait_for(first, sandbox, creating, before + 1)
        second = observed.run("run")
        out, err = first.communicate(timeout=LONGEST_S)

    assert second.code == 5
    assert second.sentence.startswith(f"error: Another run of {ORGS[crm]}")
    assert first.returncode == 0, err
    assert Ended(0, out, err).body["applied"]["create"] == len(owing)
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.slow
def test_what_a_person_stopped_is_read_and_not_written_until_it_is_resumed(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    before = sandbox.writes()
    assert observed.run("stop").code == 0

    ended = observed.run("run", "--json")

    assert (ended.code, ended.body["status"]) == (4, "stopped")
    assert sandbox.writes() == before
    assert observed.run("resume").code == 0
    assert observed.run("run", "--json").code == 0
    sandbox.expect_one_task_per_deal(owing)


@pytest.mark.promise("B1")
@pytest.mark.slow
def test_a_plan_over_a_limit_is_held_as_a_whole_and_let_through_by_a_person(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    before = sandbox.writes()
    project = (observed.folder / "rules" / "project.yaml").read_text("utf-8")
    observed.write("project.yaml", f"{project}limits: {{writes_per_run: 1}}\n")

    held = observed.run("run", "--json")

    assert (held.code, held.body["status"]) == (5, "held"), held.err
    assert held.body["held"][0].startswith("writes_per_run: ")
    assert sandbox.writes() == before

    observed.write("project.yaml", project)
    assert observed.run("run", "--json").code == 0
    sandbox.expect_one_task_per_deal(owing)
