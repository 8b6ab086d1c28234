"""The contract that scripts rely on: keys, columns, files, lines, exactly."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.program import HUBSPOT, SALESFORCE

if TYPE_CHECKING:
    from tests.e2e.program import Sandbox, Workspace

OWN_COLUMNS = (
    "deal_id deal_name pipeline stage rule_id state severity mode first_seen owner"
    " owed_by amount currency"
)
PROMISED = {
    "run_id": "",
    "as_of": "",
    "org": "",
    "crm": "",
    "rules_fingerprint": "",
    "complete": "",
    "strictness": "",
    "mode_ceiling": "",
    "counts": (
        "deals rules pass fail not_applicable cannot_tell waived exempt suppressed"
        " pending open resolved"
    ),
    "plan": "create update close withheld undecided",
    "applied": "create update close rejected unknown",
    "api": "reads writes",
    "held": "",
    "duration_s": "",
}


POINTING = {
    SALESFORCE: {
        "GATEKEEPER_CRM",
        "GATEKEEPER_SALESFORCE_URL",
        "GATEKEEPER_SALESFORCE_CLIENT_ID",
        "GATEKEEPER_SALESFORCE_CLIENT_SECRET",
    },
    HUBSPOT: {"GATEKEEPER_CRM", "GATEKEEPER_HUBSPOT_URL", "GATEKEEPER_HUBSPOT_TOKEN"},
}


@pytest.fixture(params=[SALESFORCE, pytest.param(HUBSPOT, marks=pytest.mark.slow)])
def crm(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_run_violations_and_explain_say_what_scripts_rely_on(
    settled: Workspace, sandbox: Sandbox
) -> None:
    body = settled.run("run", "--json").body

    assert body.keys() >= PROMISED.keys()
    for name, inner in PROMISED.items():
        if inner:
            assert body[name].keys() >= set(inner.split()), name
    assert body["strictness"] == "strict"
    assert body["counts"]["rules"] == 2

    listed = settled.run("violations", "--state", "open", "--csv").out
    columns, *rows = csv.reader(listed.splitlines())
    assert columns == OWN_COLUMNS.split()
    lacking = [(id_, "open-amount") for id_ in sandbox.deals_without("amount")]
    lacking += [(id_, "open-next-step") for id_ in sandbox.deals_without("next_step")]
    assert sorted((row[0], row[4]) for row in rows) == sorted(lacking)

    explained = settled.run("explain", rows[0][0], "--json").body
    assert explained["deal"]["id"] == rows[0][0]
    assert "supported_stage" in explained
    failing = [each for each in explained["rules"] if each["outcome"] == "fail"]
    assert rows[0][4] in {each["rule_id"] for each in failing}
    assert all(each["fix"] and each["lines"] for each in failing)
    assert {"actual", "expected"} <= failing[0]["lines"][0].keys()


def test_a_plan_file_is_applied_exactly_and_only_once(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    owing = sandbox.deals_without("amount", "next_step")

    assert workspace.run("plan", "--out", "plan.json").code == 0
    written = json.loads((workspace.folder / "plan.json").read_text(encoding="utf-8"))
    creates = [each for each in written["changes"] if each["action"] == "create"]
    assert sorted(each["deal_id"] for each in creates) == sorted(owing)
    assert sandbox.tasks() == []

    applied = workspace.run("apply", "plan.json", "--json")

    assert applied.code == 0, applied.err
    assert applied.body["applied"]["create"] == len(owing)
    sandbox.expect_one_task_per_deal(owing)
    again = workspace.run("apply", "plan.json")
    assert again.code == 5
    assert again.sentence.startswith("error: E902: ")
    sandbox.expect_one_task_per_deal(owing)


def test_serving_prints_how_to_point_at_it_and_then_that_it_is_ready(
    process: Sandbox, crm: str
) -> None:
    *exports, last = process.lines

    assert last == "ready"
    assert all(line.startswith("export GATEKEEPER_") for line in exports)
    named = {line.removeprefix("export ").partition("=")[0] for line in exports}
    assert named == POINTING[crm]
    assert process.url.startswith("http://127.0.0.1:")
