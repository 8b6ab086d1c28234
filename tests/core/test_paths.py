"""Stages off the main way: optional, aside, left out, or where deals may begin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.core.catalogue import Path, Pipeline, Stage
from gatekeeper.core.history import gates as gate_history
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import EMPTY, Outcome, Standing, State, Unavailable, Verdict
from gatekeeper.core.pack import Position, Reach, Start
from gatekeeper.core.track import Memory, track
from tests.builders import (
    NOW,
    a_context,
    a_line,
    a_pack,
    a_rule,
    a_violation,
    filled,
)
from tests.core.test_history import BEGAN, day, went

COURSE = Pipeline(
    "Default",
    (
        Stage("Prospecting", ("Prospecting",)),
        Stage("Hold", ("Hold",), path=Path.SIDE),
        Stage("Qualification", ("Qualification",)),
        Stage("Pilot", ("Pilot",), path=Path.OPTIONAL),
        Stage("Proposal", ("Proposal",)),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Closed Lost", ("Closed Lost",), is_closed=True),
        Stage("Double", ("Double",), is_closed=True, is_excluded=True),
    ),
)
AT = a_context(pipelines={"Default": COURSE})


def judged(deal, *rules, **pack):
    own = replace(a_pack(*rules), pipelines={"Default": COURSE}, **pack)
    return judge(replace(deal, fields={**deal.fields, "amount": EMPTY}), own, AT)


def outcome(deal, rule, **pack):
    (verdict,) = judged(deal, rule, **pack).verdicts
    return verdict.outcome, verdict.reason


def verdict(deal, rule, **pack):
    (found,) = judged(deal, rule, **pack).verdicts
    return found


STEPS = (("Prospecting", BEGAN), ("Qualification", day(9, 1)))
OF_PILOT = a_rule(stage="Pilot")


# ---- optional ------------------------------------------------------------------------


def test_an_optional_stage_asks_only_the_deals_that_were_in_it():
    past = went(*STEPS, ("Proposal", day(10, 1)))
    through = went(*STEPS, ("Pilot", day(9, 20)), ("Proposal", day(10, 1)))
    spared = (Outcome.NOT_APPLICABLE, "the deal was never in Pilot")
    assert outcome(past, OF_PILOT) == spared
    assert outcome(through, OF_PILOT) == (Outcome.FAIL, "")


def test_a_deal_in_an_optional_stage_is_asked_though_its_past_is_not_known():
    inside = went(("Pilot", day(9, 20)), since=None)
    rule = a_rule(stage="Pilot", position=Position.WHILE_IN)
    assert outcome(inside, rule) == (Outcome.FAIL, "")


def test_whether_an_optional_stage_was_visited_may_not_be_known():
    known_late = went(("Proposal", day(10, 1)), since=None)
    assert outcome(known_late, OF_PILOT) == (
        Outcome.CANNOT_TELL,
        "Cannot tell: its stage history does not reach back far enough.",
    )


def test_an_optional_stage_that_was_left_out_does_not_end_the_supported_stage():
    past = went(*STEPS, ("Proposal", day(10, 1)))
    through = went(*STEPS, ("Pilot", day(9, 20)), ("Proposal", day(10, 1)))
    assert judged(past, OF_PILOT).supported.stage == "Proposal"
    assert judged(through, OF_PILOT).supported.stage == "Pilot"


# ---- aside ---------------------------------------------------------------------------

HELD = went(*STEPS, ("Hold", day(11, 1)))


def test_a_deal_aside_stands_at_the_gates_where_it_stood_before():
    exits = {
        stage: verdict(HELD, a_rule(stage=stage))
        for stage in ("Prospecting", "Qualification", "Proposal")
    }
    assert exits["Prospecting"].outcome is Outcome.FAIL
    assert exits["Qualification"].readiness is Standing.NOT_MET
    assert exits["Proposal"].outcome is Outcome.NOT_APPLICABLE
    assert exits["Proposal"].readiness is None


def test_a_deal_aside_is_not_asked_what_holds_while_in_its_last_stage():
    rule = a_rule(stage="Qualification", position=Position.WHILE_IN)
    aside = a_rule(stage="Hold", position=Position.WHILE_IN)
    assert outcome(HELD, rule)[0] is Outcome.NOT_APPLICABLE
    assert outcome(HELD, aside)[0] is Outcome.FAIL


def test_a_stage_aside_asks_who_left_it_and_nobody_else():
    rule = a_rule(stage="Hold")
    left = went(*STEPS, ("Hold", day(10, 1)), ("Proposal", day(11, 1)))
    never = went(*STEPS, ("Proposal", day(11, 1)))
    assert verdict(HELD, rule).readiness is Standing.NOT_MET
    assert outcome(left, rule) == (Outcome.FAIL, "")
    assert outcome(never, rule) == (
        Outcome.NOT_APPLICABLE,
        "the deal was never in Hold",
    )


def test_a_deal_aside_of_unknown_past_is_at_no_known_gate():
    unknown = went(("Hold", day(11, 1)), since=None)
    assert outcome(unknown, a_rule(stage="Prospecting"))[0] is Outcome.CANNOT_TELL


def test_a_deal_that_began_aside_has_no_gate_behind_it():
    began = went(("Hold", BEGAN))
    found = verdict(began, a_rule(stage="Prospecting"))
    assert (found.outcome, found.readiness) == (Outcome.NOT_APPLICABLE, None)


def test_a_stage_aside_is_no_gate_on_the_way_to_the_supported_stage():
    rule = a_rule(stage="Hold")
    left = went(*STEPS, ("Hold", day(10, 1)), ("Proposal", day(11, 1)))
    assert judged(left, rule).supported.stage == "Proposal"


def test_going_aside_and_coming_back_is_no_step_back():
    back = went(*STEPS, ("Hold", day(10, 1)), ("Qualification", day(11, 1)))
    further = went(
        *STEPS, ("Proposal", day(9, 20)), ("Hold", day(10, 1)), ("Prospecting", NOW)
    )
    assert stage_history.moves_back(back, AT) == 0
    assert stage_history.moved_back(back, AT) is False
    assert stage_history.moves_back(further, AT) == 1
    assert stage_history.moved_back(further, AT) is True


def test_the_furthest_stage_and_what_was_skipped_know_nothing_of_stages_aside():
    assert stage_history.furthest_stage(HELD, AT) == "Qualification"
    assert stage_history.skipped(HELD, AT, "Hold") is EMPTY
    assert stage_history.skipped(HELD, AT, "Prospecting") is False
    assert stage_history.skipped(HELD, AT, "Proposal") is False


def test_a_deal_leaves_a_stage_when_it_moves_on_not_when_it_goes_aside():
    gone = went(*STEPS, ("Hold", day(10, 1)), ("Proposal", day(11, 1)))
    assert gate_history.left_at(gone, AT, "Qualification") == day(11, 1)
    assert gate_history.left_at(gone, AT, "Hold") == day(11, 1)
    assert gate_history.left_at(HELD, AT, "Qualification") == NOW
    assert gate_history.left_at(HELD, AT, "Hold") == NOW
    assert gate_history.has_gone_on(HELD, AT, 2) is False


def test_the_gate_ahead_is_that_of_the_next_stage_with_a_place_in_the_order():
    rule = a_rule(stage="Qualification", position=Position.ENTRY)
    assert verdict(went(STEPS[0]), rule).readiness is Standing.NOT_MET


# ---- left out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        a_rule(stage="Qualification", include_lost=True),
        a_rule(stage=None, reach=Reach.EVERY_STAGE, position=Position.WHILE_IN),
        a_rule(stage="Double", position=Position.ENTRY),
    ],
)
def test_a_deal_in_an_excluded_stage_is_held_against_nothing(rule):
    double = went(*STEPS, ("Double", day(11, 1)))
    assert outcome(double, rule) == (
        Outcome.NOT_APPLICABLE,
        "deals in Double are not looked at",
    )


# ---- where deals may begin -----------------------------------------------------------

RENEWAL = {"Default": (Start("Proposal", filled("renewal")),)}
AT_ONCE = went(("Proposal", BEGAN))


def renewing(deal, renewal="yes"):
    return replace(deal, fields={**deal.fields, "renewal": renewal})


@pytest.mark.parametrize("position", [Position.EXIT, Position.ENTRY])
def test_a_deal_may_begin_after_a_stage_where_the_condition_holds(position):
    rule = a_rule(stage="Qualification", position=position)
    spared = (Outcome.NOT_APPLICABLE, "the deal was allowed to begin after this stage")
    assert outcome(renewing(AT_ONCE), rule, starts=RENEWAL) == spared
    unasked = outcome(renewing(AT_ONCE, EMPTY), rule, starts=RENEWAL)
    assert unasked == (Outcome.FAIL, "")


def test_a_deal_that_came_by_the_long_way_is_asked_everything():
    came = renewing(went(*STEPS, ("Proposal", day(11, 1))))
    rule = a_rule(stage="Qualification")
    assert outcome(came, rule, starts=RENEWAL) == (Outcome.FAIL, "")


def test_the_stage_where_a_deal_may_begin_asks_it_like_every_other():
    rule = a_rule(stage="Proposal", position=Position.ENTRY)
    assert outcome(renewing(AT_ONCE), rule, starts=RENEWAL) == (Outcome.FAIL, "")


def test_that_stage_asks_a_deal_of_unknown_past_too():
    unknown = renewing(went(("Proposal", BEGAN), since=None))
    rule = a_rule(stage="Proposal", position=Position.ENTRY)
    assert outcome(unknown, rule, starts=RENEWAL) == (Outcome.FAIL, "")


def test_of_several_beginnings_the_one_that_was_taken_counts():
    """It began at Qualification, as it may: what Prospecting asks is left out."""
    both = (
        Start("Proposal", a_line(answer=True)),
        Start("Qualification", filled("renewal")),
    )
    began = renewing(went(("Qualification", BEGAN), ("Proposal", day(11, 1))))
    starts = {"Default": both}
    assert outcome(began, a_rule(stage="Qualification"), starts=starts) == (
        Outcome.FAIL,
        "",
    )
    left_out = outcome(began, a_rule(stage="Prospecting"), starts=starts)
    assert left_out[0] is Outcome.NOT_APPLICABLE
    mistaken = outcome(
        renewing(began, EMPTY), a_rule(stage="Prospecting"), starts=starts
    )
    assert mistaken == (Outcome.FAIL, "")


def test_a_stage_aside_asks_a_deal_that_was_in_it_wherever_it_began():
    aside = went(
        ("Qualification", BEGAN), ("Hold", day(9, 1)), ("Proposal", day(10, 1))
    )
    starts = {"Default": (Start("Qualification", filled("renewal")),)}
    rule = a_rule(stage="Hold")
    assert outcome(renewing(aside), rule, starts=starts) == (Outcome.FAIL, "")


def test_a_start_of_a_stage_the_pipeline_lacks_lets_nobody_begin():
    starts = {"Default": (Start("Elsewhere", a_line(answer=True)),)}
    past = went(*STEPS, ("Proposal", day(11, 1)))
    assert outcome(past, a_rule(), starts=starts) == (Outcome.FAIL, "")


def test_gates_before_a_lawful_beginning_count_as_passed():
    found = judged(renewing(AT_ONCE), a_rule(stage="Qualification"), starts=RENEWAL)
    assert found.supported.stage == "Proposal"


@pytest.mark.parametrize(
    ("deal", "renewal", "reason"),
    [
        (
            went(("Proposal", BEGAN), since=None),
            "yes",
            "its stage history does not reach back far enough",
        ),
        (
            AT_ONCE,
            Unavailable("no access"),
            "whether it may begin where it did cannot be told",
        ),
    ],
)
def test_a_beginning_that_is_not_known_decides_nothing(deal, renewal, reason):
    rule = a_rule(stage="Qualification")
    found = outcome(renewing(deal, renewal), rule, starts=RENEWAL)
    assert found == (Outcome.CANNOT_TELL, f"Cannot tell: {reason}.")


def test_who_may_not_begin_later_is_asked_from_the_first_stage_on():
    first = a_rule(stage="Prospecting")
    assert outcome(renewing(AT_ONCE, EMPTY), first, starts=RENEWAL) == (
        Outcome.FAIL,
        "",
    )
    second = (Start("Qualification", filled("none")), *RENEWAL["Default"])
    deal = replace(AT_ONCE, fields={**AT_ONCE.fields, "none": EMPTY})
    found = outcome(renewing(deal), first, starts={"Default": second})
    assert found[1] == "the deal was allowed to begin after this stage"


# ---- suspended -----------------------------------------------------------------------


def suspended(answer, **rule):
    return a_rule(suspend_when=a_line(answer, "in_migration is true"), **rule)


def test_a_suspended_rule_cannot_tell_where_it_binds_and_nowhere_else():
    past = went(*STEPS, ("Proposal", day(11, 1)))
    found = verdict(past, suspended(True))
    assert found.outcome is Outcome.CANNOT_TELL
    assert found.reason == "suspended: in_migration is true"
    assert found.is_suspended
    far = verdict(past, suspended(True, stage="Closed Won", position=Position.ENTRY))
    other = verdict(past, suspended(True, position=Position.WHILE_IN))
    assert (far.outcome, far.readiness) == (
        Outcome.NOT_APPLICABLE,
        Standing.CANNOT_TELL,
    )
    assert (other.outcome, other.is_suspended) == (Outcome.NOT_APPLICABLE, False)


@pytest.mark.parametrize("answer", [False, EMPTY])
def test_rules_are_suspended_only_while_the_condition_is_true(answer):
    past = went(*STEPS, ("Proposal", day(11, 1)))
    assert outcome(past, suspended(answer)) == (Outcome.FAIL, "")


def test_a_suspension_that_cannot_be_told_opens_nothing():
    past = went(*STEPS, ("Proposal", day(11, 1)))
    found = verdict(past, suspended(Unavailable("no access")))
    assert (found.outcome, found.is_suspended) == (Outcome.CANNOT_TELL, False)


def test_a_verdict_that_cannot_be_told_shows_no_line():
    unknown = went(("Proposal", BEGAN), since=None)
    found = verdict(unknown, a_rule(asked_when_leaving=True))
    assert found == Verdict(
        "qual-amount",
        Outcome.CANNOT_TELL,
        reason="Cannot tell: its stage history does not reach back far enough.",
    )
    past = went(*STEPS, ("Proposal", day(11, 1)))
    assert verdict(past, suspended(True)) == Verdict(
        "qual-amount",
        Outcome.CANNOT_TELL,
        reason="suspended: in_migration is true",
        is_suspended=True,
    )
    hidden = verdict(past, suspended(Unavailable("no access")))
    assert hidden.reason == (
        "in_migration is true is Unavailable(reason='no access', at_least=None)."
    )


def test_a_suspended_criterion_ends_the_supported_stage_with_at_least():
    past = went(*STEPS, ("Proposal", day(11, 1)))
    supported = judged(past, suspended(True)).supported
    assert (supported.stage, supported.at_least) == ("Qualification", True)


@pytest.mark.parametrize("state", [State.PENDING, State.OPEN])
def test_a_suspended_violation_stands_as_it_stood(state):
    known = a_violation(state=state)
    past = went(*STEPS, ("Proposal", day(11, 1)))
    rule = suspended(True)
    memory = Memory({known.rule_id: known})
    (found,) = track(judged(past, rule), memory, a_pack(rule), AT)
    assert found == replace(known, outcome=Outcome.CANNOT_TELL)
