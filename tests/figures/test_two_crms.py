"""The Salesforce and the HubSpot form of one data set get the same verdicts."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.store.sql_store import SqlStore
from tests.figures.public_orgs import (
    LEADFORGE,
    MAVEN,
    DataSet,
    Failing,
    judge_data_set,
)
from tests.figures.test_hubspot import CASES, hubspot_pack, judge

if TYPE_CHECKING:
    from pathlib import Path

    from tests.figures.public_orgs import Judged

pytestmark = pytest.mark.slow
OUTCOMES = ("pass", "fail", "not_applicable", "cannot_tell")


def judge_portal(data: Path, chosen: DataSet, folder: Path) -> Judged:
    clock = Clock(as_of_instant(chosen.as_of))
    portal = load_portal(data / "hubspot" / chosen.name, clock, Elapsed(standing=True))
    store = SqlStore(f"sqlite:///{folder / 'portal.db'}")
    try:
        return judge(portal, hubspot_pack(chosen.pack, folder), store)
    finally:
        store.close()


def sources_of_opportunities(data: Path, chosen: DataSet) -> dict[str, str]:
    path = data / "salesforce" / chosen.name / "Opportunity.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return {row["Id"]: row["External_Id__c"] for row in rows}


def sources_of_deals(data: Path, chosen: DataSet) -> dict[str, str]:
    path = data / "hubspot" / chosen.name / "deals.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return {row["id"]: row["properties"]["external_id"] for row in rows}


def by_source(failing: Failing, sources: dict[str, str]) -> Failing:
    return {rule: {sources[each] for each in ids} for rule, ids in failing.items()}


@pytest.mark.parametrize(
    ("salesforce", "case"),
    [(MAVEN, "maven"), (LEADFORGE, "leadforge")],
    ids=["maven_crm", "leadforge_intermediate"],
)
def test_a_deal_fails_the_same_rules_in_either_crm(
    shared_data: Path, tmp_path: Path, salesforce: DataSet, case: str
) -> None:
    hubspot = CASES[case][0]
    opportunities = sources_of_opportunities(shared_data, salesforce)
    deals = sources_of_deals(shared_data, hubspot)

    org = judge_data_set(shared_data, salesforce, tmp_path)
    portal = judge_portal(shared_data, hubspot, tmp_path)

    assert set(opportunities.values()) == set(deals.values())
    assert org.violations
    assert by_source(org.failing(), opportunities) == by_source(portal.failing(), deals)
    assert [org.counts()[each] for each in OUTCOMES] == [
        portal.counts()[each] for each in OUTCOMES
    ]
