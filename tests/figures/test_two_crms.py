"""The Salesforce and the HubSpot form of one data set get the same verdicts."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from tests.figures import public_orgs, public_portals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.figures.public_orgs import DataSet, Failing, Judged

pytestmark = pytest.mark.slow
OUTCOMES = ("pass", "fail", "not_applicable", "cannot_tell")


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


def both_forms(data: Path) -> set[str]:
    """Return the names of the data sets that come in the form of either CRM."""
    forms = [
        {path.name for path in (data / crm).iterdir() if path.is_dir()}
        for crm in ("salesforce", "hubspot")
    ]
    return set.intersection(*forms)


PAIRS = (
    (public_orgs.MAVEN, public_portals.MAVEN),
    (public_orgs.LEADFORGE, public_portals.LEADFORGE),
    (public_orgs.ACTIVITIES, public_portals.ACTIVITIES),
)


def test_every_data_set_with_both_forms_is_compared(shared_data: Path) -> None:
    assert {org.name for org, _ in PAIRS} == both_forms(shared_data)


@pytest.mark.parametrize(
    ("salesforce", "hubspot"), PAIRS, ids=[org.name for org, _ in PAIRS]
)
def test_a_deal_fails_the_same_rules_in_either_crm(
    shared_data: Path,
    judged_org: Callable[[DataSet], Judged],
    judged_portal: Callable[[DataSet], Judged],
    salesforce: DataSet,
    hubspot: DataSet,
) -> None:
    opportunities = sources_of_opportunities(shared_data, salesforce)
    deals = sources_of_deals(shared_data, hubspot)

    org, portal = judged_org(salesforce), judged_portal(hubspot)

    assert set(opportunities.values()) == set(deals.values())
    assert org.violations
    assert by_source(org.failing(), opportunities) == by_source(portal.failing(), deals)
    assert [org.counts()[each] for each in OUTCOMES] == [
        portal.counts()[each] for each in OUTCOMES
    ]
