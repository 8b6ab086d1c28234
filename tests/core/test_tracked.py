"""A violation from run to run, whole: what each run says of it and what it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gatekeeper.core.model import (
    EMPTY,
    DealVerdicts,
    Finding,
    Mode,
    Outcome,
    Resolution,
    Severity,
    Standing,
    State,
    SupportedStage,
    Unavailable,
    Verdict,
    Violation,
)
from gatekeeper.core.pack import Grace
from gatekeeper.core.track import Memory, gone, track, unreadable
from tests.builders import (
    DEAL_ID,
    NOW,
    OWNER,
    a_context,
    a_deal,
    a_pack,
    a_rule,
    a_violation,
)
from tests.core.test_track import SEEN, only, tracked

HIDDEN = Unavailable("no access")
FINDINGS = (Finding("x", Standing.NOT_MET, "Wrong.", "Wrong."),)
EARLIER = NOW - timedelta(days=9)


def judged(*outcomes, deal=None, rules=None, known=(), seen=SEEN, **more):
    """Track verdicts as given; `known` are violations from before."""
    rules = rules or (a_rule(),)
    verdicts = tuple(
        Verdict(rule.id, outcome, findings=FINDINGS)
        for rule, outcome in zip(rules, outcomes, strict=True)
    )
    adopted = more.pop("adopted_rules", ())
    return track(
        DealVerdicts(deal or a_deal("Proposal"), verdicts, SupportedStage(None)),
        Memory({each.rule_id: each for each in known}, seen, adopted),
        a_pack(*rules, **more),
        a_context(),
    )


def failed(*known, **more):
    return only(judged(Outcome.FAIL, known=known, **more))


FIRST = Violation(
    deal_id=DEAL_ID,
    deal_name="Acme renewal",
    pipeline="Default",
    stage="Proposal",
    rule_id="qual-amount",
    state=State.OPEN,
    severity=Severity.MEDIUM,
    mode=Mode.ENFORCE,
    role="deal_owner",
    first_seen=NOW,
    opened_at=NOW,
    owner_id=OWNER,
    owner_name="Ann Rep",
    amount=Decimal(50_000),
    currency="USD",
    logic="logic of qual-amount",
    title="Title of qual-amount",
    fix="Enter the amount.",
    findings=FINDINGS,
)


def test_a_first_failure_is_a_violation_with_all_that_people_are_shown():
    assert failed() == FIRST
    waits = failed(rules=(a_rule(grace=Grace(1)),))
    assert waits == replace(FIRST, state=State.PENDING, opened_at=None)


def test_what_the_crm_does_not_tell_is_left_blank():
    deal = a_deal("Proposal", amount=HIDDEN)
    nobody = {**deal.fields, "owner.name": EMPTY}
    assert failed(deal=replace(deal, owner_id=None, fields=nobody)) == replace(
        FIRST, owner_id=None, owner_name="", amount=None, currency=""
    )


def test_a_violation_that_stands_takes_over_what_is_new_and_keeps_its_dates():
    before = replace(
        FIRST,
        first_seen=EARLIER,
        opened_at=EARLIER,
        released_on=date(2026, 11, 12),
        deal_name="Acme",
        stage="Discovery",
        severity=Severity.LOW,
        role="desk",
        outcome=Outcome.CANNOT_TELL,
        owner_id="old",
        owner_name="Old",
        amount=None,
        currency="",
        title="Old",
        fix="Old",
        findings=(),
    )
    assert failed(before) == replace(
        FIRST,
        first_seen=EARLIER,
        opened_at=EARLIER,
        released_on=date(2026, 11, 12),
    )


def test_when_the_logic_of_its_rule_changed_is_kept_from_then_on():
    changed = failed(replace(FIRST, logic="old"))
    assert changed.rule_changed_at == NOW
    noted = replace(FIRST, rule_changed_at=EARLIER)
    assert failed(noted).rule_changed_at == EARLIER
    assert failed(replace(FIRST, logic="")).rule_changed_at is None


# ---- it comes back -----------------------------------------------------------------


def resolved(days_ago=7, **changes):
    return replace(
        FIRST,
        state=State.RESOLVED,
        resolution=Resolution.FIXED,
        resolved_at=NOW - timedelta(days=days_ago),
        first_seen=NOW - timedelta(days=30),
        opened_at=EARLIER,
        released_on=date(2026, 11, 12),
        waiting="ramp",
        **changes,
    )


def test_a_failure_five_business_days_after_its_fix_is_the_old_one_opened_anew():
    assert failed(resolved()) == replace(FIRST, first_seen=NOW - timedelta(days=30))


def test_a_failure_later_than_that_is_a_new_one():
    assert failed(resolved(days_ago=8)) == FIRST
    two_days = {"reopen_within": 1}
    assert failed(resolved(days_ago=4), **two_days) == FIRST


def test_one_whose_end_nobody_dated_goes_on():
    undated = replace(resolved(), resolved_at=None)
    assert failed(undated).first_seen == NOW - timedelta(days=30)


def test_a_violation_under_another_pipeline_ends_and_a_new_one_begins():
    before = replace(FIRST, pipeline="Renewals", first_seen=EARLIER)
    ended, fresh = judged(Outcome.FAIL, known=[before])
    assert ended == replace(
        before,
        state=State.RESOLVED,
        resolution=Resolution.NO_LONGER_APPLIES,
        resolved_at=NOW,
    )
    assert fresh == FIRST


# ---- it ends -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "deal", "logic", "reason"),
    [
        (Outcome.PASS, a_deal(), "", Resolution.FIXED),
        (Outcome.PASS, a_deal(), "old", Resolution.RULE_CHANGED),
        (Outcome.NOT_APPLICABLE, a_deal(), "", Resolution.NO_LONGER_APPLIES),
        (Outcome.NOT_APPLICABLE, a_deal("Closed Won"), "", Resolution.DEAL_CLOSED),
        (Outcome.NOT_APPLICABLE, a_deal("Closed Won"), "old", Resolution.RULE_CHANGED),
        (Outcome.PASS, a_deal("Closed Won"), "", Resolution.FIXED),
    ],
)
def test_how_it_ended_is_said(outcome, deal, logic, reason):
    before = replace(FIRST, logic=logic, waiting="ramp")
    assert only(judged(outcome, deal=deal, known=[before])) == replace(
        before,
        state=State.RESOLVED,
        resolution=reason,
        resolved_at=NOW,
        waiting="",
    )


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.NOT_APPLICABLE])
def test_what_ended_before_is_not_told_again(outcome):
    assert judged(outcome, known=[resolved()]) == ()
    assert judged(outcome) == ()
    left = resolved(rule_id="gone")
    assert judged(outcome, known=[left]) == ()


def test_a_task_that_was_adopted_keeps_its_line_until_it_passes():
    adopted = {"adopted_rules": {"qual-amount"}}
    kept = only(judged(Outcome.NOT_APPLICABLE, known=[FIRST], **adopted))
    assert kept == replace(FIRST, outcome=Outcome.NOT_APPLICABLE)
    ended = only(judged(Outcome.PASS, known=[FIRST], **adopted))
    assert ended.resolution is Resolution.FIXED
    other = {"adopted_rules": {"other"}}
    ended = only(judged(Outcome.NOT_APPLICABLE, known=[FIRST], **other))
    assert ended.resolution is Resolution.NO_LONGER_APPLIES


def test_what_a_rule_asked_before_it_became_optional_is_not_called_fixed():
    rules = (a_rule(is_optional=True),)
    ended = only(judged(Outcome.FAIL, rules=rules, known=[FIRST]))
    assert ended.resolution is Resolution.NO_LONGER_APPLIES


def test_of_a_deleted_or_hidden_deal_only_what_stands_is_told():
    memory = Memory({"a": replace(FIRST, waiting="ramp"), "b": resolved()})
    assert gone(memory, a_context()) == (
        replace(
            FIRST,
            state=State.RESOLVED,
            resolution=Resolution.DEAL_GONE,
            resolved_at=NOW,
        ),
    )
    assert unreadable(memory) == (
        replace(FIRST, waiting="ramp", outcome=Outcome.CANNOT_TELL),
    )


# ---- mode and grace ----------------------------------------------------------------


def test_the_mode_is_that_of_the_rule_or_the_lower_ceiling():
    assert failed(FIRST, rules=(a_rule(mode=Mode.WARN),)).mode is Mode.WARN
    assert failed(FIRST, mode_ceiling=Mode.OBSERVE).mode is Mode.OBSERVE


def test_only_a_raised_mode_of_a_line_never_released_begins_grace_anew():
    rules = (a_rule(grace=Grace(1)),)
    warned = replace(FIRST, mode=Mode.WARN, first_seen=EARLIER, grace_from=EARLIER)
    raised = failed(warned, rules=rules)
    assert (raised.grace_from, raised.state) == (NOW, State.PENDING)
    for same in (
        replace(warned, mode=Mode.ENFORCE),
        replace(warned, released_on=date(2026, 11, 12)),
    ):
        kept = failed(same, rules=rules)
        assert (kept.grace_from, kept.state) == (EARLIER, State.OPEN)


@pytest.mark.parametrize("state", [State.EXEMPT, State.SUPPRESSED])
def test_what_was_set_aside_waits_for_its_grace_again(state):
    aside = replace(FIRST, state=state, first_seen=EARLIER, opened_at=None)
    assert failed(aside).state is State.OPEN
    still = replace(aside, first_seen=NOW)
    assert failed(still, rules=(a_rule(grace=Grace(1)),)).state is State.PENDING


def test_an_open_task_of_ours_proves_that_an_old_deal_is_asked():
    rules = (a_rule(effective_from=date(2026, 12, 1)),)
    assert failed(rules=rules).state is State.EXEMPT
    proved = failed(rules=rules, adopted_rules={"qual-amount"})
    assert proved.state is State.OPEN


# ---- may its line stand in a task --------------------------------------------------


def test_a_line_waits_where_no_run_has_seen_its_rule_with_this_logic():
    for seen in ((), {("qual-amount", "old")}, {("other", "logic of qual-amount")}):
        assert failed(seen=seen) == replace(FIRST, waiting="first run of this rule")
    assert failed(seen=(), adopted_rules={"qual-amount"}).waiting == ""
    released = replace(FIRST, released_on=date(2026, 11, 12), waiting="ramp")
    assert failed(released, seen=()) == replace(released, waiting="")


def test_what_is_not_open_or_not_enforced_is_let_into_no_task():
    let_in = replace(FIRST, released_on=date(2026, 11, 12), waiting="ramp")
    warned = failed(let_in, rules=(a_rule(mode=Mode.WARN),))
    assert (warned.released_on, warned.waiting) == (None, "")
    exempt = failed(let_in, rules=(a_rule(effective_from=date(2026, 12, 1)),))
    assert (exempt.state, exempt.released_on, exempt.waiting) == (
        State.EXEMPT,
        None,
        "",
    )


# ---- several rules -----------------------------------------------------------------

EFFECT = a_rule("effect", suppressed_by=("cause", "other"))


def suppressing(cause, *, effect=Outcome.FAIL, days=0, rule=EFFECT, known=()):
    rules = (a_rule("cause", grace=Grace(days)), rule)
    return {
        each.rule_id: each
        for each in judged(cause, effect, rules=rules, known=known, seen=())
    }


def test_a_suppressed_line_leaves_its_task_and_waits_for_nothing():
    stood = a_violation("effect", waiting="ramp")
    found = suppressing(Outcome.FAIL, known=[stood])
    assert found["cause"].state is State.OPEN
    effect = found["effect"]
    assert (effect.state, effect.released_on, effect.waiting) == (
        State.SUPPRESSED,
        None,
        "",
    )
    fresh = suppressing(Outcome.FAIL)
    assert fresh["cause"].waiting == "first run of this rule"
    assert fresh["effect"].waiting == ""
    waits = replace(EFFECT, grace=Grace(3))
    assert suppressing(Outcome.FAIL, rule=waits)["effect"].state is State.SUPPRESSED


def test_only_an_open_violation_suppresses_and_only_what_stands():
    assert suppressing(Outcome.FAIL, days=1)["effect"].state is State.OPEN
    assert suppressing(Outcome.PASS)["effect"].state is State.OPEN
    exempt = replace(EFFECT, effective_from=date(2026, 12, 1))
    assert suppressing(Outcome.FAIL, rule=exempt)["effect"].state is State.EXEMPT
    ended = suppressing(
        Outcome.FAIL, effect=Outcome.PASS, known=[a_violation("effect")]
    )
    assert ended["effect"].state is State.RESOLVED


def test_what_cannot_be_told_is_neither_suppressed_nor_taken_out_of_its_task():
    for state in (State.OPEN, State.PENDING, State.SUPPRESSED):
        stood = a_violation("effect", state=state, released_on=date(2026, 11, 18))
        found = suppressing(Outcome.FAIL, effect=Outcome.CANNOT_TELL, known=[stood])
        assert found["cause"].state is State.OPEN
        assert found["effect"] == replace(stood, outcome=Outcome.CANNOT_TELL)


def test_every_verdict_of_a_deal_is_tracked_beside_the_others():
    found = tracked(rule=(a_rule("a"), a_rule("b")), known=[a_violation("gone")])
    assert [(each.rule_id, each.state) for each in found] == [
        ("gone", State.RESOLVED),
        ("a", State.OPEN),
        ("b", State.OPEN),
    ]
