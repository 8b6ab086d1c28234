"""What we write ourselves never counts: it heals no staleness and is no change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.e2e.program import HUBSPOT, SALESFORCE

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace

pytestmark = pytest.mark.slow

STALE = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com, mode: observe}
stages:
  every open stage:
    while_in:
      - id: lately-active
        title: Something happened in the last two days
        require: some activities where at within last 2 days
        fix: Talk to the buyer.
      - id: lately-logged
        title: Something was written down in the last two days
        require: some activities where created_at within last 2 days
        fix: Write it down.
      - id: task-touched
        title: A task was worked on in the last two days
        require: some tasks where modified_at within last 2 days
        fix: Work on the task.
      - id: nothing-due
        title: No task is open
        require: no tasks where is_closed is false
        fix: Do it.
      - id: lately-planned
        title: The next step was written anew in the last two days
        require: next_step changed within last 2 days
        fix: Write down the next step.
      - id: amount-steady
        title: The amount was left alone
        require: changes(amount, last 90 days) = 0
        fix: Leave it alone.
      - id: reps-write
        title: The owner wrote the next step
        require: changed_by(next_step) = owner
        fix: Write it yourself.
"""
COUNTS = ("pass", "fail", "not_applicable", "cannot_tell")


@pytest.fixture(params=[SALESFORCE, HUBSPOT])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.promise("W8")
def test_no_answer_about_activity_or_the_past_changes_by_what_we_write(
    observed: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")
    observed.write("stale.rules.yaml", STALE)
    before = verdicts(observed)

    ended = observed.run("run", "--json")
    sandbox.settle()  # roll-ups and the index have taken in what we wrote

    assert ended.code == 0, ended.err
    assert ended.body["applied"]["create"] == len(owing)
    assert ended.body["applied"]["flag"] >= len(owing)
    assert verdicts(observed) == before

    # The same from a person counts at once.
    silent = {deal for rule, deal in before.failing if rule == "lately-logged"}
    deal = min(silent & owing)
    sandbox.people.plan_call(deal)
    assert before.failing - verdicts(observed).failing >= {("lately-logged", deal)}


class Verdicts(NamedTuple):
    """What a plan says.

    Attributes:
        failing: Pairs of a rule and a deal.
        counts: Verdicts by outcome.
    """

    failing: frozenset[tuple[str, str]]
    counts: dict[str, int]


def verdicts(workspace: Workspace) -> Verdicts:
    planned = workspace.run("plan", "--json")
    assert planned.code == 0, planned.err
    listed = workspace.run("violations", "--run", "latest", "--json")
    found: list[dict[str, str]] = json.loads(listed.out)
    return Verdicts(
        frozenset((each["rule_id"], each["deal_id"]) for each in found),
        {name: planned.body["counts"][name] for name in COUNTS},
    )
