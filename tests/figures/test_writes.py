"""Writing takes one call per two hundred records of a kind."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.bootstrap import WallClock
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import RunKind
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.store.sql_store import SqlStore
from tests.contracts.worlds import sandbox_crm

if TYPE_CHECKING:
    from pathlib import Path

DEALS = 900
PROJECT = """\
version: 1
kind: project
crm: salesforce
timezone: UTC
mode_ceiling: enforce
limits:
  tasks_per_run: 2000
  tasks_percent: 100
  tasks_per_person_per_run: 2000
  tasks_per_person_per_day: 2000
  new_violations_per_rule: 2000
  new_violations_percent: 100
"""
PEOPLE = """\
version: 1
kind: people
fallback: alice.abbott@gatekeeperdemo.example.com
"""
RULES = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com, mode: enforce}
stages:
  every open stage:
    while_in:
      - id: open-hopeless
        title: The deal is worth a billion
        require: amount > 1_000_000_000
        fix: Sell more.
"""


@pytest.mark.slow
def test_tasks_and_flags_of_a_thousand_deals_go_in_a_handful_of_calls(
    tmp_path: Path,
) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (rules / "people.yaml").write_text(PEOPLE, encoding="utf-8")
    (rules / "sales.rules.yaml").write_text(RULES, encoding="utf-8")
    seed_org(DEALS, 1, date(2026, 11, 20), tmp_path / "org")
    org = load_org(tmp_path / "org", Clock(as_of_instant("2026-11-20")))
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)
        crm.set_up(lambda _what, _done, _total: None)
        draft = read_pack(rules)
        schema = crm.schema(draft.catalogue)
        pack = draft.compile(schema)
        store = SqlStore(f"sqlite:///{tmp_path / 'gatekeeper.db'}")
        services = Services(
            crm, store, WallClock(), lambda _what, _done, _total: None, lambda: ""
        )
        for kind in (RunKind.PLAN, RunKind.RUN):
            before = Counter(org.requests)
            order = RunOrder(crm.server_time(), kind)
            report = run_once(services, pack, schema, order)
        calls = Counter(org.requests) - before
        store.close()
        crm.client.close()

    applied = report.body["applied"]
    assert isinstance(applied, dict)
    # Every open deal gets a task, every deal that was pulled gets its flags.
    assert applied["create"] > 600
    assert applied["flag"] >= applied["create"]
    fewest = sum(-(-applied[kind] // 200) for kind in ("create", "flag"))
    assert calls["collections"] == fewest
    assert not set(calls) & {"create", "update", "upsert", "delete", "composite"}
