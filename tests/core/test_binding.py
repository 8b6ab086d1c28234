"""Which rules bind where: worked out by hand for each position and each stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gatekeeper.core.judge.evaluate import Judge, judge, untold
from gatekeeper.core.model import (
    EMPTY,
    DealVerdicts,
    Finding,
    Group,
    Outcome,
    Quorum,
    Standing,
    SupportedStage,
    Unavailable,
    Verdict,
)
from gatekeeper.core.pack import Position, Reach
from tests.builders import a_context, a_deal, a_line, a_pack, a_rule

STAGES = (
    "Prospecting",
    "Qualification",
    "Value Proposition",
    "Proposal",
    "Closed Won",
    "Closed Lost",
)
FAILS, AHEAD = "fails", "not yet due"
FAR, ELSEWHERE = "the deal is not that far yet", "the deal is in another stage"
LOST, CLOSED = "the deal is lost", "the deal is closed"
LACKING = {stage: a_deal(stage, amount=EMPTY) for stage in STAGES}


def only(deal, rule, **project):
    (verdict,) = judge(deal, a_pack(rule, **project), a_context()).verdicts
    return verdict


def told(deal, rule):
    verdict = only(deal, rule)
    if verdict.outcome is Outcome.FAIL:
        return FAILS
    assert verdict.outcome is Outcome.NOT_APPLICABLE
    assert (verdict.readiness is Standing.NOT_MET) is (verdict.reason == AHEAD)
    return verdict.reason


@pytest.mark.parametrize(
    ("position", "stage", "by_stage"),
    [
        (Position.EXIT, "Qualification", (FAR, AHEAD, FAILS, FAILS, FAILS, LOST)),
        (Position.EXIT, "Prospecting", (AHEAD, FAILS, FAILS, FAILS, FAILS, LOST)),
        (Position.EXIT, "Proposal", (FAR, FAR, FAR, AHEAD, FAILS, LOST)),
        (Position.ENTRY, "Discovery", (FAR, AHEAD, FAILS, FAILS, FAILS, LOST)),
        (Position.ENTRY, "Prospecting", (FAILS,) * 5 + (LOST,)),
        (
            Position.ENTRY,
            "Closed Won",
            (ELSEWHERE, ELSEWHERE, ELSEWHERE, AHEAD, FAILS, ELSEWHERE),
        ),
        (Position.ENTRY, "Closed Lost", (ELSEWHERE,) * 5 + (FAILS,)),
        (Position.EXIT, "Closed Won", (ELSEWHERE,) * 4 + (FAILS, ELSEWHERE)),
        (Position.EXIT, "Closed Lost", (ELSEWHERE,) * 5 + (FAILS,)),
        (
            Position.WHILE_IN,
            "Discovery",
            (ELSEWHERE, ELSEWHERE, FAILS, ELSEWHERE, ELSEWHERE, ELSEWHERE),
        ),
        (Position.WHILE_IN, "Closed Won", (ELSEWHERE,) * 4 + (FAILS, ELSEWHERE)),
    ],
)
def test_a_rule_of_one_stage_binds_by_its_position(position, stage, by_stage):
    rule = a_rule(position=position, stage=stage)
    assert tuple(told(LACKING[each], rule) for each in STAGES) == by_stage


@pytest.mark.parametrize(
    ("reach", "position", "by_stage"),
    [
        (Reach.EVERY_STAGE, Position.WHILE_IN, (FAILS,) * 6),
        (Reach.EVERY_STAGE, Position.EXIT, (AHEAD, *(FAILS,) * 5)),
        (
            Reach.EVERY_OPEN_STAGE,
            Position.WHILE_IN,
            (FAILS, FAILS, FAILS, FAILS, CLOSED, CLOSED),
        ),
        (
            Reach.EVERY_OPEN_STAGE,
            Position.EXIT,
            (AHEAD, FAILS, FAILS, FAILS, FAILS, CLOSED),
        ),
    ],
)
def test_a_rule_of_every_stage_binds_by_its_reach(reach, position, by_stage):
    rule = a_rule(reach=reach, position=position, stage=None)
    assert tuple(told(LACKING[each], rule) for each in STAGES) == by_stage


@pytest.mark.parametrize(
    "rule",
    [
        a_rule(include_lost=True),
        a_rule(position=Position.ENTRY, include_lost=True),
        a_rule(reach=Reach.EVERY_OPEN_STAGE, stage=None, include_lost=True),
    ],
)
def test_a_lost_deal_is_held_to_what_includes_lost(rule):
    assert told(LACKING["Closed Lost"], rule) == FAILS


def test_a_stage_of_another_pipeline_asks_nobody():
    for position in Position:
        rule = a_rule(position=position, stage="Pilot")
        assert told(LACKING["Proposal"], rule) == 'its pipeline has no stage "Pilot"'


def test_a_stage_is_named_in_any_case():
    assert told(LACKING["Proposal"], a_rule(stage="qualification")) == FAILS


def test_a_deal_closed_before_the_lookback_is_asked_nothing():
    """30 days before 20 November is 21 October; that day still counts."""
    for stage in ("Closed Won", "Closed Lost"):
        for day, reason in ((20, "closed before the lookback"), (21, FAILS)):
            deal = a_deal(stage, amount=EMPTY, close_date=date(2026, 10, day))
            assert told(deal, a_rule(reach=Reach.EVERY_STAGE, stage=None)) == reason
    undated = a_deal("Closed Won", amount=EMPTY, close_date=EMPTY)
    assert told(undated, a_rule()) == FAILS
    old = a_deal("Proposal", amount=EMPTY, close_date=date(2020, 1, 1))
    assert told(old, a_rule()) == FAILS


def test_without_its_pipeline_the_deal_itself_says_whether_it_is_closed():
    every = a_rule(reach=Reach.EVERY_OPEN_STAGE, position=Position.EXIT, stage=None)

    def elsewhere(**fields):
        return replace(a_deal("9", amount=EMPTY, **fields), pipeline="Unknown")

    assert told(elsewhere(), every) == AHEAD
    assert told(elsewhere(is_closed=True), every) == CLOSED
    assert told(elsewhere(is_closed=True, is_won=True), every) == FAILS
    placed = only(elsewhere(), a_rule())
    assert placed == Verdict(
        "qual-amount",
        Outcome.CANNOT_TELL,
        reason='its stage "9" is not a stage of its pipeline',
    )


# ---- what a verdict holds ----------------------------------------------------------


def test_a_verdict_says_what_does_not_hold_or_cannot_be_told():
    empty = Finding(
        "amount is filled",
        Standing.NOT_MET,
        "amount is filled is False.",
        "amount is filled is not met.",
        because_empty=True,
    )
    assert only(LACKING["Proposal"], a_rule()) == Verdict(
        "qual-amount", Outcome.FAIL, findings=(empty,)
    )
    assert only(LACKING["Qualification"], a_rule()) == Verdict(
        "qual-amount",
        Outcome.NOT_APPLICABLE,
        readiness=Standing.NOT_MET,
        findings=(empty,),
        reason="not yet due",
    )
    assert only(a_deal("Proposal"), a_rule()) == Verdict("qual-amount", Outcome.PASS)
    assert only(a_deal("Qualification"), a_rule()) == Verdict(
        "qual-amount",
        Outcome.NOT_APPLICABLE,
        readiness=Standing.MET,
        reason="not yet due",
    )
    hidden = only(a_deal("Proposal", amount=Unavailable("no access")), a_rule())
    assert hidden.outcome is Outcome.CANNOT_TELL
    assert [each.standing for each in hidden.findings] == [Standing.CANNOT_TELL]


def test_whether_a_rule_binds_is_told_without_asking_it():
    judge = Judge(a_pack(a_rule("a"), a_rule("b", stage="Proposal")), a_context())
    proposal = LACKING["Proposal"]
    assert judge.binds("a", proposal)
    assert not judge.binds("b", proposal)
    assert not judge.binds("c", proposal)


def test_where_the_rules_of_a_deal_are_not_known_nothing_is_told():
    deal, pack = a_deal("Proposal"), a_pack(a_rule("a"), a_rule("b"))
    assert untold(deal, pack, "the team is hidden") == DealVerdicts(
        deal,
        (
            Verdict("a", Outcome.CANNOT_TELL, reason="the team is hidden"),
            Verdict("b", Outcome.CANNOT_TELL, reason="the team is hidden"),
        ),
        SupportedStage("Prospecting", at_least=True),
    )
    closed = untold(a_deal("Closed Won"), pack, "the team is hidden")
    assert closed.supported == SupportedStage(None)
    unknown = untold(replace(deal, pipeline="Unknown"), pack, "the team is hidden")
    assert unknown.supported == SupportedStage(None)


def test_a_condition_that_leaves_a_rule_out_says_which_line_decided():
    outer = a_line(answer=False, text="is_renewal is true")
    assert only(LACKING["Proposal"], a_rule(when=outer)) == Verdict(
        "qual-amount", Outcome.NOT_APPLICABLE, reason="is_renewal is true is False."
    )
    inner = a_line(answer=True, text="is_renewal is true")
    assert only(LACKING["Proposal"], a_rule(unless=inner)) == Verdict(
        "qual-amount", Outcome.NOT_APPLICABLE, reason="is_renewal is true is True."
    )
    hidden = a_line(Unavailable("no access"), text="x")
    for rule in (a_rule(when=hidden), a_rule(unless=hidden)):
        verdict = only(LACKING["Proposal"], rule)
        assert verdict.outcome is Outcome.CANNOT_TELL
        assert verdict.reason.startswith("x is Unavailable")
    both = a_rule(when=a_line(answer=True), unless=a_line(answer=False))
    assert told(LACKING["Proposal"], both) == FAILS
    assert told(LACKING["Proposal"], a_rule(unless=a_line(EMPTY))) == FAILS


def test_a_rule_none_of_whose_lines_is_asked_says_why():
    """Two of several are not needed either, where all are left out (language A20)."""

    def line(text):
        when = a_line(answer=False, text=f"the when of {text}")
        return replace(a_line(answer=False, text=text), when=when)

    both = Group(Quorum.ALL, (line("a"), line("b")))
    verdict = only(LACKING["Proposal"], a_rule(require=both))
    assert (verdict.outcome, verdict.reason) == (
        Outcome.NOT_APPLICABLE,
        "Not asked: a (the when of a is False). Not asked: b (the when of b is False).",
    )
    enough = Group(Quorum.AT_LEAST, (line("a"), line("b")), 2)
    verdict = only(LACKING["Proposal"], a_rule(require=enough))
    assert (verdict.outcome, verdict.reason) == (
        Outcome.NOT_APPLICABLE,
        "None of these is asked: Not asked: a (the when of a is False);"
        " Not asked: b (the when of b is False).",
    )


def test_a_rule_that_is_off_or_undecided_says_so():
    off = a_rule(off_until=date(2026, 11, 20), off_because="Kept elsewhere")
    assert told(LACKING["Proposal"], off) == (
        "switched off until 20 Nov 2026: Kept elsewhere"
    )
    assert told(LACKING["Proposal"], replace(off, off_until=date(2026, 11, 19))) == (
        FAILS
    )
    assert told(LACKING["Proposal"], a_rule(undecided=True)) == (
        "a limit it uses is not decided yet"
    )
