"""The long example of the rule language: all of it is read."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.core.model import Mode
from gatekeeper.pack.load import read_pack

EXAMPLE = Path(__file__).resolve().parents[1] / "packs" / "enterprise"


def test_the_whole_example_is_read():
    pack = read_pack(EXAMPLE).compile(None)
    assert len(pack.rules) == 16
    modes = {rule.id: rule.mode for rule in pack.rules}
    assert modes["ent-qual-amount"] is Mode.ENFORCE
    assert modes["ent-disc-criteria"] is Mode.OBSERVE
    assert pack.people.fallback == "revops@example.com"
    assert {"custom.Pilot_Result__c", "security_review"} <= pack.needs.fields
    assert pack.needs.history == {"stage", "close_date", "next_step"}
    asked = {rule.id for rule in pack.rules if rule.asked_when_leaving}
    assert asked == {"ent-sol-validated", "ent-prop-quote"}
    assert [each for each in pack.warnings if "W201" in each] != []
