"""Whether a deal is closed and won follows from what its stage counts as (A23)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gatekeeper.core.catalogue import Pipeline, Stage
from gatekeeper.core.closing import as_its_stage
from gatekeeper.core.judge.evaluate import judge, untold
from gatekeeper.core.model import EMPTY, Outcome, Resolution, Unavailable
from gatekeeper.core.pack import Position, Reach
from gatekeeper.core.track import Memory, track
from gatekeeper.core.waivers import Waiver, WaiverBook
from tests.builders import (
    PIPELINE,
    a_context,
    a_deal,
    a_line,
    a_pack,
    a_rule,
    a_violation,
)

MARKED = Pipeline(
    "Default",
    (
        Stage("Prospecting", ("Prospecting",)),
        Stage("Qualification", ("Qualification",)),
        Stage("Proposal", ("Proposal",)),
        Stage("Signed", ("Signed",), is_closed=True, is_won=True),  # counts_as: won
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Parked", ("Parked",), is_closed=True),  # counts_as: lost
        Stage("Void", ("Void",), is_closed=True, is_excluded=True),
    ),
)
AT = a_context(pipelines={"Default": MARKED})


def closing(deal):
    fields = as_its_stage(deal, {"Default": MARKED}).fields
    return fields.get("is_closed"), fields.get("is_won")


def a_marked_pack(*rules, **changes):
    return replace(a_pack(*rules), pipelines={"Default": MARKED}, **changes)


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("Proposal", (False, False)),
        ("Signed", (True, True)),
        ("Closed Won", (True, True)),
        ("Parked", (True, False)),
        ("Void", (True, False)),
        ("Elsewhere", (False, False)),
    ],
)
def test_a_deal_is_closed_and_won_as_its_stage_counts(stage, expected):
    assert closing(a_deal(stage)) == expected


def test_a_won_deal_in_a_stage_that_counts_as_lost_is_not_won():
    assert closing(a_deal("Parked", is_closed=True, is_won=True)) == (True, False)


def test_what_the_crm_did_not_say_stays_unsaid():
    hidden = Unavailable("no access")
    assert closing(a_deal("Signed", is_won=hidden)) == (True, hidden)
    bare = replace(a_deal("Signed"), fields={})
    assert as_its_stage(bare, {"Default": MARKED}) is bare


def test_a_deal_that_is_as_its_stage_is_not_copied():
    for stage in ("Proposal", "Closed Won", "Closed Lost"):
        deal = a_deal(stage)
        assert as_its_stage(deal, {"Default": PIPELINE}) is deal


def test_rules_read_what_the_stage_counts_as():
    asks = a_rule(
        reach=Reach.EVERY_STAGE,
        stage=None,
        position=Position.WHILE_IN,
        require=a_line(lambda deal: deal.fields["is_won"] is True),
    )
    judged = judge(a_deal("Signed"), a_marked_pack(asks), AT)
    assert [each.outcome for each in judged.verdicts] == [Outcome.PASS]
    assert judged.deal.fields["is_closed"] is True


def test_a_violation_ends_with_the_deal_where_its_stage_counts_as_lost():
    rule = a_rule()
    pack = a_marked_pack(rule)
    judged = judge(a_deal("Parked", amount=EMPTY), pack, AT)
    memory = Memory({rule.id: a_violation(rule.id, logic=rule.logic)})
    (ended,) = track(judged, memory, pack, AT)
    assert ended.resolution is Resolution.DEAL_CLOSED


def test_a_deal_closed_by_its_stage_has_no_supported_stage_where_rules_are_unknown():
    supported = untold(a_deal("Signed"), a_marked_pack(), "it is unclear").supported
    assert supported.stage is None


def test_a_waiver_in_force_when_the_deal_came_to_count_as_won_holds():
    deal = a_deal("Signed", amount=EMPTY, close_date=date(2026, 11, 1))
    rule = a_rule()
    over = Waiver(
        "w-1",
        (rule.id,),
        "agreed",
        "ann@example.com",
        "bo@example.com",
        approved_on=date(2026, 10, 1),
        expires=date(2026, 11, 5),
        deals=frozenset({deal.id}),
    )
    book = WaiverBook((over,))
    (verdict,) = judge(deal, a_marked_pack(rule, waivers=book), AT).verdicts
    assert verdict.waived is not None
    assert verdict.waived.applies
