from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gatekeeper.core.judge.evaluate import judge, untold
from gatekeeper.core.model import EMPTY, Outcome, Unavailable
from gatekeeper.core.overlays import Overlay, overlay_of
from tests.builders import a_context, a_deal, a_pack, a_rule

HIDDEN = Unavailable("no access")


def found(deal, *overlays: Overlay):
    pack = replace(a_pack(), overlays=overlays)
    return overlay_of(deal, pack)


def of(team=("EMEA",), name="emea", **more) -> Overlay:
    return Overlay(name, {"team": team, **more})


def a_deal_of(team, **fields):
    return a_deal("Proposal", **{"owner.team": team, **fields})


@pytest.mark.parametrize(
    ("team", "matches"),
    [("EMEA", True), ("emea ", True), ("APAC", False), (EMPTY, False)],
)
def test_an_overlay_is_chosen_by_the_owners_team(team, matches):
    chosen = found(a_deal_of(team), of())
    assert (chosen is not None) == matches


def test_all_that_an_overlay_is_for_must_match():
    here, elsewhere = of(pipeline=("default",)), of(pipeline=("SMB",))
    assert found(a_deal_of("EMEA"), here) is here
    assert found(a_deal_of("EMEA"), elsewhere) is None


def test_a_territory_is_a_field_of_the_deal():
    overlay = Overlay("north", {"territory": ("North",)})
    assert found(a_deal("Proposal", territory="North"), overlay) is overlay


def test_a_team_that_is_not_shown_leaves_it_open():
    assert found(a_deal_of(HIDDEN), of()) == HIDDEN


def test_a_hidden_team_does_not_matter_where_something_else_decides():
    assert found(a_deal_of(HIDDEN), of(pipeline=("SMB",))) is None
    other = Overlay("default", {"pipeline": ("Default",)})
    assert found(a_deal_of(HIDDEN), of(pipeline=("SMB",)), other) is other


def test_where_several_are_left_open_the_first_says_why():
    secret = Unavailable("hidden for good")
    first, second = of(), Overlay("north", {"territory": ("North",)})
    assert found(a_deal_of(HIDDEN, territory=secret), first, second) == HIDDEN
    assert found(a_deal_of(HIDDEN, territory=secret), second, first) == secret


def test_the_first_that_matches_for_certain_is_taken():
    first, other = of(("EMEA", "APAC")), of(("APAC",), "apac")
    assert found(a_deal_of("APAC"), first, other) is first
    assert found(a_deal_of("APAC"), other) is other


def test_an_overlay_that_names_nobody_is_for_all():
    everyone = Overlay("everyone")
    assert found(a_deal("Proposal"), everyone) is everyone


def test_a_deal_without_the_field_matches_nothing():
    assert found(a_deal("Proposal"), of()) is None


def test_without_overlays_no_team_is_asked_for():
    assert found(a_deal("Proposal")) is None


def test_under_an_unknown_overlay_nothing_is_decided():
    judged = untold(a_deal("Proposal"), a_pack(), "the team is hidden")
    (verdict,) = judged.verdicts
    assert verdict.outcome is Outcome.CANNOT_TELL
    assert verdict.reason == "the team is hidden"
    assert judged.supported.stage == "Prospecting"
    assert judged.supported.at_least


@pytest.mark.parametrize(
    ("until", "outcome", "stage"),
    [
        (date(2026, 11, 19), Outcome.FAIL, "Qualification"),
        (date(2026, 11, 20), Outcome.NOT_APPLICABLE, "Proposal"),
    ],
)
def test_a_rule_switched_off_does_not_apply_through_its_last_day(until, outcome, stage):
    rule = a_rule(off_until=until, off_because="It lives in the portal.")
    deal = a_deal("Proposal", amount=EMPTY)
    judged = judge(deal, a_pack(rule), a_context())
    (verdict,) = judged.verdicts
    assert verdict.outcome is outcome
    assert judged.supported.stage == stage
    if outcome is Outcome.NOT_APPLICABLE:
        assert verdict.reason == (
            "switched off until 20 Nov 2026: It lives in the portal."
        )
