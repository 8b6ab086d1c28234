from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import (
    EMPTY,
    Mode,
    Outcome,
    Resolution,
    Severity,
    State,
    Unavailable,
)
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.core.track import FIRST_RUN, Memory, gone, track, unreadable
from tests.builders import (
    NEW_YORK,
    NOW,
    a_context,
    a_deal,
    a_line,
    a_pack,
    a_rule,
    a_violation,
)

HIDDEN = Unavailable("no access")
SEEN = {("qual-amount", "logic of qual-amount")}


def tracked(deal=None, rule=None, *, now=NOW, known=(), seen=SEEN, **memory):
    """Track one run; `known` are violations from before."""
    rule = rule or a_rule()
    rules = rule if isinstance(rule, tuple) else (rule,)
    project = memory.pop("project", {})
    pack = a_pack(*rules, **project)
    context = a_context(now, calendar=memory.pop("calendar", Calendar()))
    judged = judge(deal or a_deal("Proposal", amount=EMPTY), pack, context)
    return track(
        judged,
        Memory({each.rule_id: each for each in known}, seen, **memory),
        pack,
        context,
    )


def only(violations):
    (violation,) = violations
    return violation


def at(day, hour=14):
    return datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)


def test_a_failure_without_grace_is_open_at_once():
    violation = only(tracked())
    assert violation.state is State.OPEN
    assert violation.first_seen == violation.opened_at == NOW
    assert violation.findings[0].because_empty


def test_a_blank_amount_opens_after_three_business_days_of_grace():
    """Seen on Friday 20 Nov: the weekend does not count, Wednesday still waits."""
    rule = a_rule(grace=Grace(3, Unit.BUSINESS_DAYS))
    states = {}
    known = ()
    for day in (20, 21, 22, 23, 24, 25, 26):
        known = tracked(rule=rule, now=at(date(2026, 11, day)), known=known)
        states[day] = only(known).state
    assert states == {
        20: State.PENDING,
        21: State.PENDING,
        22: State.PENDING,
        23: State.PENDING,
        24: State.PENDING,
        25: State.PENDING,
        26: State.OPEN,
    }
    assert only(known).first_seen == at(date(2026, 11, 20))


def test_a_holiday_prolongs_grace_by_a_day():
    thanksgiving = Calendar(frozenset({date(2026, 11, 26)}))
    rule = a_rule(grace=Grace(1, Unit.BUSINESS_DAYS))
    known = tracked(rule=rule, now=at(date(2026, 11, 25)), calendar=thanksgiving)
    friday = tracked(
        rule=rule, now=at(date(2026, 11, 27)), known=known, calendar=thanksgiving
    )
    monday = tracked(
        rule=rule, now=at(date(2026, 11, 30)), known=friday, calendar=thanksgiving
    )
    assert (only(friday).state, only(monday).state) == (State.PENDING, State.OPEN)


@pytest.mark.parametrize(
    ("grace", "last_waiting", "first_open"),
    [
        (Grace(2, Unit.DAYS), at(date(2026, 11, 22)), at(date(2026, 11, 23))),
        (Grace(5, Unit.HOURS), NOW + timedelta(hours=4), NOW + timedelta(hours=5)),
    ],
)
def test_days_and_hours_of_grace_run_over_the_weekend(grace, last_waiting, first_open):
    rule = a_rule(grace=grace)
    known = tracked(rule=rule)
    assert only(tracked(rule=rule, now=last_waiting, known=known)).state is (
        State.PENDING
    )
    assert only(tracked(rule=rule, now=first_open, known=known)).state is State.OPEN


def test_a_pass_resolves_as_fixed():
    resolved = only(tracked(a_deal("Proposal"), known=[a_violation()]))
    assert resolved.state is State.RESOLVED
    assert resolved.resolution is Resolution.FIXED
    assert resolved.resolved_at == NOW


def test_cannot_tell_opens_nothing_and_keeps_every_state():
    hidden = a_deal("Proposal", amount=HIDDEN)
    assert tracked(hidden) == ()
    for state in (State.PENDING, State.OPEN, State.EXEMPT):
        before = a_violation(state=state)
        after = only(tracked(hidden, known=[before]))
        assert after == replace(before, outcome=Outcome.CANNOT_TELL)


def test_a_rule_that_no_longer_applies_or_a_closed_deal_says_so():
    moved_back = only(tracked(a_deal("Prospecting"), known=[a_violation()]))
    lost = only(tracked(a_deal("Closed Lost"), known=[a_violation()]))
    assert moved_back.resolution is Resolution.NO_LONGER_APPLIES
    assert lost.resolution is Resolution.DEAL_CLOSED


def test_a_rule_that_left_the_pack_is_retired():
    resolved = tracked(
        a_deal("Proposal"), a_rule("other"), known=[a_violation("qual-amount")]
    )
    assert only(resolved).resolution is Resolution.RULE_RETIRED


def test_changed_logic_that_now_passes_is_not_called_fixed():
    known = [a_violation(logic="the old logic")]
    assert only(tracked(a_deal("Proposal"), known=known)).resolution is (
        Resolution.RULE_CHANGED
    )


def test_a_renamed_rule_takes_its_violation_along():
    rule = a_rule("new-name", formerly=("qual-amount",), logic="logic of qual-amount")
    seen = {("new-name", "logic of qual-amount")}
    long_ago = NOW - timedelta(days=40)
    known = [a_violation(first_seen=long_ago)]
    after = only(tracked(rule=rule, known=known, seen=seen))
    assert (after.rule_id, after.first_seen) == ("new-name", long_ago)


def test_a_failure_soon_after_its_fix_continues_the_old_violation():
    resolved = a_violation(
        state=State.RESOLVED,
        resolved_at=NOW - timedelta(days=7),  # a week has five business days
        first_seen=NOW - timedelta(days=30),
    )
    again = only(tracked(known=[resolved]))
    assert again.first_seen == NOW - timedelta(days=30)
    assert (again.state, again.released_on) == (State.OPEN, None)
    later = only(tracked(now=NOW + timedelta(days=3), known=[resolved]))
    assert later.first_seen == NOW + timedelta(days=3)


def test_the_lower_of_rule_and_ceiling_is_the_mode():
    low = only(tracked(project={"mode_ceiling": Mode.WARN}))
    assert (low.mode, low.released_on, low.waiting) == (Mode.WARN, None, "")
    assert only(tracked(rule=a_rule(mode=Mode.OBSERVE))).mode is Mode.OBSERVE


def test_raising_a_mode_gives_existing_failures_a_fresh_grace():
    rule = a_rule(grace=Grace(1, Unit.DAYS))
    known = [
        a_violation(
            mode=Mode.OBSERVE, released_on=None, first_seen=NOW - timedelta(days=90)
        )
    ]
    raised = only(tracked(rule=rule, known=known))
    assert raised.state is State.PENDING
    assert raised.first_seen == NOW - timedelta(days=90)
    after = only(tracked(rule=rule, known=[raised], now=NOW + timedelta(days=2)))
    assert after.state is State.OPEN


def test_new_lines_of_a_rule_nobody_has_seen_run_wait_one_run():
    first = only(tracked(seen=set()))
    assert (first.state, first.waiting) == (State.OPEN, FIRST_RUN)
    assert only(tracked(known=[first])).waiting == ""


def test_after_a_change_of_logic_only_new_lines_wait():
    changed = a_rule(logic="the new logic")
    old = only(tracked(rule=changed, known=[a_violation()], seen=SEEN))
    new = only(tracked(rule=changed, seen=SEEN))
    assert old.waiting == ""
    assert old.released_on == a_violation().released_on
    assert new.waiting == FIRST_RUN


def test_a_line_proved_by_our_open_task_neither_waits_nor_closes_without_a_pass():
    known = [a_violation()]
    proof = {"adopted_rules": {"qual-amount"}}
    assert only(tracked(known=known, seen=set(), **proof)).waiting == ""
    elsewhere = only(tracked(a_deal("Prospecting"), known=known, **proof))
    assert elsewhere.is_live
    assert not only(tracked(a_deal("Proposal"), known=known, **proof)).is_live


def test_old_deals_are_exempt_where_the_rule_says_from_when_it_counts():
    rule = a_rule(effective_from=date(2026, 9, 1))
    old = a_deal("Proposal", amount=EMPTY, created_on=date(2026, 8, 3))
    new = a_deal("Proposal", amount=EMPTY, created_on=date(2026, 9, 1))
    assert only(tracked(old, rule)).state is State.EXEMPT
    assert only(tracked(new, rule)).state is State.OPEN
    taken_in = replace(rule, includes_existing=True)
    assert only(tracked(old, taken_in)).state is State.OPEN
    future = replace(taken_in, effective_from=date(2026, 12, 1))
    assert only(tracked(new, future)).state is State.EXEMPT


def test_a_violation_is_quiet_while_the_one_that_suppresses_it_is_open():
    rules = (
        a_rule("cause"),
        a_rule("effect", suppressed_by=("cause",)),
    )
    seen = {("cause", "logic of cause"), ("effect", "logic of effect")}
    states = {each.rule_id: each.state for each in tracked(rule=rules, seen=seen)}
    assert states == {"cause": State.OPEN, "effect": State.SUPPRESSED}


def test_an_optional_criterion_is_never_a_violation():
    assert tracked(rule=a_rule(is_optional=True)) == ()


def test_a_deleted_deal_resolves_and_an_unreadable_one_keeps_everything():
    memory = Memory({"qual-amount": a_violation()})
    assert only(gone(memory, a_context())).resolution is Resolution.DEAL_GONE
    kept = only(unreadable(memory))
    assert (kept.state, kept.outcome) == (State.OPEN, Outcome.CANNOT_TELL)


ANSWERS = st.sampled_from([True, False, EMPTY, HIDDEN])


@given(st.lists(ANSWERS, min_size=1, max_size=12))
def test_a_violation_resolves_only_in_a_run_that_saw_it_pass(answers):
    known = ()
    for step, answer in enumerate(answers):
        rule = a_rule(require=a_line(answer), logic="same")
        before = known[0] if known else None
        known = (
            tracked(
                a_deal("Proposal"),
                rule,
                now=NOW + timedelta(days=step),
                known=known,
                seen={("qual-amount", "same")},
            )
            or known
        )
        after = known[0] if known else None
        if before is not None and before.is_live and not after.is_live:
            assert answer is True
        if answer is HIDDEN and before is not None:
            assert after.state is before.state


@given(st.permutations(["a", "b", "c"]))
def test_the_order_of_rules_plays_no_part(order):
    rules = tuple(a_rule(rule_id, severity=Severity.HIGH) for rule_id in order)
    found = tracked(rule=rules, seen=set())
    assert {(each.rule_id, each.state) for each in found} == {
        (rule_id, State.OPEN) for rule_id in "abc"
    }


def test_the_zone_of_the_project_decides_the_day_grace_ends():
    """02:00 UTC on Thursday is still Wednesday evening in New York."""
    assert a_context().zone is NEW_YORK
    rule = a_rule(grace=Grace(3, Unit.BUSINESS_DAYS))
    known = tracked(rule=rule)
    late_wednesday = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
    assert only(tracked(rule=rule, now=late_wednesday, known=known)).state is (
        State.PENDING
    )
