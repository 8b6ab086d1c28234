"""What the guide says the two CRMs do differently, asked of both."""

from __future__ import annotations

import gzip
import json
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from tests.cli.program import Program, log_in, log_in_to_hubspot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHECKS = {
    "manager": "owner.manager is filled",
    "role": 'some team_members where role = "SE"',
    "file-name": 'some files where name contains "draft"',
    "moved": "MOVED on or before today",
    "company": "account is filled",
    "team": "owner.team is filled",
    "pipeline": 'pipeline in ["Default", "Sales Pipeline"]',
}
MOVED = {
    "salesforce": "custom.LastModifiedDate",
    "hubspot": "custom.hs_lastmodifieddate",
}
RULE = """
      - id: x-{}
        title: A question
        require: {!r}
        severity: low
        fix: Nothing.
"""
HEAD = """\
version: 1
kind: rules
pipeline: "*"
stages:
  every open stage:
    while_in:
"""


@contextmanager
def asking(program: Program, crm: str, *names: str) -> Iterator[None]:
    """A pack with these questions beside a login to a seeded org of this CRM."""
    org = program.folder / crm
    seed_org(40, 1, date(2026, 11, 20), org, crm)
    clock = Clock(as_of_instant("2026-11-20"))
    served = load_portal(org, clock) if crm == "hubspot" else load_org(org, clock)
    with SandboxServer(served) as server:
        (log_in_to_hubspot if crm == "hubspot" else log_in)(server.url)
        assert program("init").code == 0
        write_rules(program.folder / "rules", crm, names)
        yield


def write_rules(pack: Path, crm: str, names: tuple[str, ...]) -> None:
    rules = (
        RULE.format(name, CHECKS[name].replace("MOVED", MOVED[crm])) for name in names
    )
    (pack / "x.rules.yaml").write_text(HEAD + "".join(rules), encoding="utf-8")


def first_deal(folder: Path, crm: str) -> str:
    """The id of an open deal."""
    name, key = ("deals", "id") if crm == "hubspot" else ("Opportunity", "Id")
    packed = (folder / crm / f"{name}.jsonl.gz").read_bytes()
    rows = map(json.loads, gzip.decompress(packed).splitlines())
    closed = {"closedwon", "closedlost", "Closed Won", "Closed Lost"}
    return next(
        str(row[key])
        for row in rows
        if row.get("properties", row).get("dealstage", row.get("StageName"))
        not in closed
    )


@pytest.mark.parametrize(
    ("crm", "asked", "missing"),
    [
        # An org has its team of a deal only where it sells in teams.
        ("salesforce", ("manager", "file-name"), set[str]()),
        (
            "hubspot",
            ("manager", "role", "file-name"),
            {"owner.manager", "team_members.role", "files.name"},
        ),
    ],
)
def test_a_rule_that_asks_what_a_crm_does_not_know_is_refused(
    program: Program, crm: str, asked: tuple[str, ...], missing: set[str]
):
    with asking(program, crm, *asked):
        messages = program("validate", "--json").json

    assert {each["code"] for each in messages} <= {"E501"}
    assert {each["text"].partition(" ")[0] for each in messages} == missing


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_when_a_deal_was_last_written_is_no_evidence(program: Program, crm: str):
    with asking(program, crm, "moved", "company", "team", "pipeline"):
        told = program("explain", first_deal(program.folder, crm), "--json").json

    outcomes = {each["rule_id"]: each["outcome"] for each in told["rules"]}
    assert outcomes["x-moved"] == "cannot_tell"
    assert outcomes["x-company"] == outcomes["x-team"] == "pass"
    assert outcomes["x-pipeline"] == "pass"
