"""The long example of the rule language: all of it is read."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.model import Mode, Standing
from gatekeeper.core.pack import Grace, RulePack, Unit
from gatekeeper.pack.load import read_pack
from tests.builders import a_context, a_deal, dollars

EXAMPLE = Path(__file__).resolve().parents[1] / "packs" / "enterprise"


@pytest.fixture
def example() -> RulePack:
    return read_pack(EXAMPLE).compile(None)


def test_the_whole_example_is_read(example):
    pack = example
    assert len(pack.rules) == 16
    modes = {rule.id: rule.mode for rule in pack.rules}
    assert modes["ent-qual-amount"] is Mode.ENFORCE
    assert modes["ent-disc-criteria"] is Mode.OBSERVE
    assert pack.people.fallback == "revops@example.com"
    assert {"custom.Pilot_Result__c", "security_review"} <= pack.needs.fields
    assert pack.needs.history == {"stage", "close_date", "next_step"}
    asked = {rule.id for rule in pack.rules if rule.asked_when_leaving}
    assert asked == {"ent-sol-validated", "ent-prop-quote"}
    assert "W201" in {each.code for each in pack.remarks}
    assert [each.rules for each in pack.waivers.waivers] == [
        ("ent-prop-discount",),
        ("ent-no-skipping",),
    ]


def test_the_overlay_of_the_example_lowers_a_limit_and_a_mode(example):
    (overlay,) = example.overlays
    own = {rule.id: rule for rule in overlay.pack.rules}
    assert overlay.name == "emea"
    assert own["ent-qual-amount"].mode is Mode.WARN
    assert own["ent-prop-active"].grace == Grace(5, Unit.BUSINESS_DAYS)
    assert own["ent-disc-criteria"].off_until == date(2027, 3, 31)
    deal = a_deal(amount=dollars(45_000))
    context = a_context()
    base = {rule.id: rule for rule in example.rules}
    assert standing(own["ent-qual-amount"].require, deal, context) is Standing.MET
    below = base["ent-qual-amount"].require
    assert standing(below, deal, context) is Standing.NOT_MET
