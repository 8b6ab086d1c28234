"""The packs for the public data sets find exactly the violations others found."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import Outcome
from gatekeeper.pack.load import read_pack
from tests.pack.exports import (
    context_of,
    deals,
    expected_violations,
    schema_of,
)

PACKS = Path(__file__).resolve().parents[1] / "packs"
DATA_SETS = {
    "maven": "maven_crm",
    "leadforge": "leadforge_intermediate",
    "preppin": "preppin_2022_38",
}


def a_pack(name: str, folder: Path):
    draft = read_pack(PACKS / name)
    catalogue = draft.catalogue
    kinds = {spec.name: spec.kind for spec in catalogue.deal.values()}
    for relation in (*catalogue.lookups.values(), *catalogue.collections.values()):
        for spec in relation.fields.values():
            kinds[f"{relation.name}.{spec.name}"] = spec.kind
    return draft.compile(schema_of(folder, kinds))


@pytest.mark.parametrize("name", DATA_SETS)
def test_the_packs_are_without_mistakes(name):
    assert read_pack(PACKS / name).findings(None) == []


@pytest.mark.parametrize(("name", "data_set"), DATA_SETS.items())
def test_every_criterion_is_a_rule(shared_data, name, data_set):
    stated = json.loads((shared_data / "expected" / f"{data_set}.json").read_text())
    wanted = {each["id"].replace("_", "-") for each in stated["criteria"]}
    pack = a_pack(name, shared_data / "salesforce" / data_set)
    assert {rule.id for rule in pack.rules} == wanted
    assert pack.remarks == ()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "data_set"), DATA_SETS.items())
def test_the_violations_are_the_stated_ones_deal_for_deal(shared_data, name, data_set):
    expected = shared_data / "expected"
    folder = shared_data / "salesforce" / data_set
    stated = json.loads((expected / f"{data_set}.json").read_text())
    pack = a_pack(name, folder)
    context = context_of(folder, stated["as_of"])
    found: defaultdict[str, set[str]] = defaultdict(set)
    judged: Counter[str] = Counter()
    for deal in deals(folder):
        for verdict in judge(deal, pack, context).verdicts:
            assert verdict.outcome is not Outcome.CANNOT_TELL, verdict
            judged[verdict.rule_id] += verdict.outcome is not Outcome.NOT_APPLICABLE
            if verdict.outcome is Outcome.FAIL:
                found[verdict.rule_id].add(deal.id)
    scopes = {
        each["id"].replace("_", "-"): each["deals_in_scope"]
        for each in stated["criteria"]
    }
    assert {rule.id: judged[rule.id] for rule in pack.rules} == scopes
    assert found == expected_violations(expected / f"{data_set}_violations.csv.gz")
