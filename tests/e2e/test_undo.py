"""Undo with the installed command: what a run wrote goes back, people's work stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT, SALESFORCE

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace


@pytest.fixture(params=[SALESFORCE, HUBSPOT])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.promise("W11", "F39")
@pytest.mark.slow
def test_a_run_is_undone_but_for_what_people_did_since(
    settled: Workspace, sandbox: Sandbox
) -> None:
    sandbox.settle()
    tasks = sandbox.open_tasks()
    sandbox.people.complete(tasks[0].id)

    undone = settled.run("undo", "latest", "--json")

    assert undone.code == 0, undone.err
    assert undone.body["applied"]["close"] == len(tasks) - 1
    assert undone.body["applied"]["flag"] > 0
    assert [each["reason"] for each in undone.body["left_alone"]] == [
        "a person closed the task"
    ]
    assert sandbox.open_tasks() == []
    before = sandbox.writes()

    again = settled.run("run", "--json")

    assert again.code == 0, again.err
    assert sandbox.writes() == before
    # The task a person closed is no part of it: its flags are, and it rests.
    assert again.body["quarantined"] > len(tasks)
    listed = settled.run("quarantine", "list", "--json").body
    assert {each["cause"] for each in listed} == {"undone"}  # type: ignore[index]
    assert settled.run("quarantine", "release", "--all").code == 0
    assert settled.run("run").code == 0
    assert len(sandbox.open_tasks()) == len(tasks) - 1
