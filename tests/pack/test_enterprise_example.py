"""The long example of the rule language: all of it is read, history apart."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gatekeeper.core.conditions import standing
from gatekeeper.core.model import Mode, Standing
from gatekeeper.core.pack import Grace, RulePack, Unit
from gatekeeper.errors import PackError
from gatekeeper.pack.load import read_pack
from tests.builders import a_context, a_deal, dollars
from tests.pack.packs import a_pack, text

EXAMPLE = Path(__file__).resolve().parents[1] / "packs" / "enterprise"


def test_only_what_needs_history_is_refused():
    with pytest.raises(PackError) as refused:
        read_pack(EXAMPLE).compile(None)
    assert "\n".join(refused.value.messages) == text(
        """
        enterprise/enterprise.rules.yaml:61:16: error E214: "asked: when_leaving" is not available in this version of gatekeeper.
           61 |         asked: when_leaving         # "last 60 days" counts back from the day the deal left this stage
              |                ^^^^^^^^^^^^
        enterprise/enterprise.rules.yaml:81:16: error E214: "asked: when_leaving" is not available in this version of gatekeeper.
           81 |         asked: when_leaving
              |                ^^^^^^^^^^^^
        enterprise/enterprise.rules.yaml:117:13: error E428: pushes() needs stage history, which this version does not read yet.
          117 |           - pushes(close_date, last 90 days) <= $max_pushes
              |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        enterprise/enterprise.rules.yaml:119:13: error E428: days_in_stage() needs stage history, which this version does not read yet.
          119 |           - days_in_stage() <= 45
              |             ^^^^^^^^^^^^^^^
        enterprise/enterprise.rules.yaml:146:18: error E428: visited() needs stage history, which this version does not read yet.
          146 |         require: visited("Discovery")
              |                  ^^^^^^^^^^^^^^^^^^^^
        enterprise/enterprise.rules.yaml:154:15: error E428: moves_back() needs stage history, which this version does not read yet.
          154 |         when: moves_back(last 30 days) > 0
              |               ^^^^^^^^^^^^^^^^^^^^^^^^
        enterprise/enterprise.rules.yaml:155:18: error E428: next_step changed needs field history, which this version does not read yet.
          155 |         require: next_step changed within last 30 days
              |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """  # noqa: E501
    )


@pytest.fixture
def example(tmp_path) -> RulePack:
    """The example without what needs history."""
    lines = (EXAMPLE / "enterprise.rules.yaml").read_text().splitlines()
    kept = [line for line in lines if "asked: when_leaving" not in line]
    rules = "\n".join(kept)
    for call in ("pushes(close_date, last 90 days)", "days_in_stage()"):
        rules = rules.replace(call, "0")
    rules = rules.replace("moves_back(last 30 days)", "0")
    rules = rules.replace('visited("Discovery")', "is_won is false")
    rules = rules.replace("changed within last 30 days", "is filled")
    rest = {
        path.name.removesuffix(".yaml").replace(".", "_"): path.read_text()
        for path in EXAMPLE.rglob("*.yaml")
    }
    folder = a_pack(
        tmp_path,
        **{**rest, "e_rules": "version: 1\nkind: rules\npipeline: A\nstages: {}\n"}
        | {"enterprise_rules": rules},
    )
    return read_pack(folder).compile(None)


def test_without_history_the_rest_of_the_example_runs(example):
    pack = example
    assert len(pack.rules) == 16
    modes = {rule.id: rule.mode for rule in pack.rules}
    assert modes["ent-qual-amount"] is Mode.ENFORCE
    assert modes["ent-disc-criteria"] is Mode.OBSERVE
    assert pack.people.fallback == "revops@example.com"
    assert {"custom.Pilot_Result__c", "security_review"} <= pack.needs.fields
    assert [each for each in pack.warnings if "W201" in each] != []
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
