from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.limits import (
    Breaker,
    Hold,
    PlanCounts,
    Retirement,
    breakers,
    first_fills_allowed,
    holds,
    resolved_before,
    retirements,
    share,
)
from gatekeeper.core.model import Action, Change, State
from gatekeeper.core.pack import Limits
from tests.builders import DEAL_ID, a_task, a_violation
from tests.core.test_desire import a_dossier

QUIET = PlanCounts(1000, 0, 0, 0, 0, 0, 0, {}, {})


def planned(**counts):
    return replace(QUIET, **counts)


def held(limits=None, **counts):
    return [each.limit for each in holds(planned(**counts), limits or Limits())]


def test_tasks_are_bounded_by_the_smaller_of_number_and_share_with_a_floor():
    assert held(creates=50) == []
    assert held(creates=51) == ["tasks_per_run"]
    assert held(deals=100_000, creates=200) == []
    assert held(deals=100_000, creates=201) == ["tasks_per_run"]
    assert held(deals=10, creates=20) == []
    assert held(deals=10, creates=21) == ["tasks_per_run"]


def test_nobody_gets_more_tasks_than_a_run_or_a_day_allows():
    assert held(creates=10, tasks_by_person={"ann": 10}) == []
    assert held(creates=11, tasks_by_person={"ann": 11}) == ["tasks_per_person_per_run"]
    day = {"tasks_by_person": {"ann": 6}, "opened_today": {"ann": 10, "bob": 99}}
    assert held(creates=6, **day) == ["tasks_per_person_per_day"]


def test_first_flags_count_as_writes_only_and_spread_over_runs():
    assert held(flags=1000, first_fills=1000) == []
    assert held(flags=251, first_fills=0) == ["flag_changes_percent"]
    tight = Limits(writes_per_run=100)
    counts = replace(QUIET, creates=30, flags=500, first_fills=480)
    assert first_fills_allowed(counts, tight) == 50
    assert held(tight, creates=101, deals=100_000)[-1] == "writes_per_run"


@pytest.mark.promise("B1")
def test_many_resolves_at_once_hold_the_plan():
    assert held(resolved=250) == []
    assert held(resolved=251) == ["resolves_percent"]


def test_closings_that_an_earlier_held_run_left_behind_hold_the_plan_again():
    assert held(closes=250) == []
    assert held(closes=251) == ["resolves_percent"]


def test_a_rule_over_its_breaker_is_named_with_the_remedy():
    (tripped,) = breakers({"ent-x": 412, "fine": 3}, {"ent-x": 1113}, Limits())
    assert tripped.message == (
        "E901: ent-x would open 412 violations (limit 200, 37% of deals). Held: its"
        " new lines were not written.\n"
        "  help: look with: gatekeeper plan --rule ent-x; then: gatekeeper apply PLAN"
        " --accept ent-x"
    )
    assert breakers({"ent-x": 412}, {"ent-x": 1113}, Limits(), ["ent-x"]) == ()


def test_a_share_of_the_deals_a_rule_applies_to_trips_its_breaker():
    assert breakers({"r": 20}, {"r": 50}, Limits()) == ()
    (tripped,) = breakers({"r": 101}, {"r": 500}, Limits())
    assert (tripped.allowed, tripped.percent) == (100, 20)


COUNTS = st.integers(0, 5000)


@pytest.mark.promise("B1")
@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_stricter_plan_is_never_held_where_a_larger_one_passes(
    creates, flags, resolved, less
):
    larger = replace(QUIET, creates=creates, flags=flags, resolved=resolved)
    smaller = replace(
        larger,
        creates=max(0, creates - less),
        flags=max(0, flags - less),
        resolved=max(0, resolved - less),
    )
    if not holds(larger, Limits()):
        assert not holds(smaller, Limits())


@given(st.integers(1, 100), COUNTS)
def test_no_share_is_ever_stricter_than_twenty(percent, of):
    assert share(percent, of) >= 20


def leaving(*listed, after=None, violations=(), renamed=None):
    """Count what a held run resolved, of a task that listed those rules."""
    task = a_task(rule_ids=listed)
    body = {} if after is None else {"body": "\n".join(after)}
    action = Action.CLOSE if after is None else Action.UPDATE
    change = Change(
        action,
        task.key,
        DEAL_ID,
        "Acme",
        remote_id=task.remote_id,
        write=body,
        rule_ids=after or (),
    )
    dossier = a_dossier(tasks=(task,))
    return resolved_before([change], dossier, violations, renamed or {})


def test_what_a_held_run_resolved_counts_when_its_line_leaves_the_task():
    assert leaving("a", "b") == 2
    assert leaving("a", "b", after=("b",)) == 1
    # What is live, or resolves only now, is counted there.
    resolved = a_violation("a", state=State.RESOLVED)
    assert leaving("a", "b", violations=[resolved, a_violation("b")]) == 0
    moved = {"violations": [a_violation("a")], "renamed": {"old": "a"}}
    assert leaving("old", after=("a",), **moved) == 0


def test_what_stays_in_a_task_or_is_no_change_of_its_text_was_not_resolved():
    later = Change(
        Action.UPDATE,
        a_task().key,
        DEAL_ID,
        "Acme",
        remote_id=a_task().remote_id,
        write={"due_on": "2026-12-01"},
    )
    dossier = a_dossier(tasks=(a_task(rule_ids=("a",)),))
    assert resolved_before([later], dossier, [], {}) == 0
    unknown = Change(Action.CLOSE, "gk1-other", DEAL_ID, "Acme", remote_id="00T9")
    assert resolved_before([unknown], dossier, [], {}) == 0
    created = replace(unknown, action=Action.CREATE, remote_id=None)
    assert resolved_before([created], dossier, [], {}) == 0


@pytest.mark.promise("B1")
def test_every_limit_that_is_passed_is_named_people_in_the_order_of_their_names():
    counts = {
        "creates": 60,
        "closes": 260,
        "updates": 1500,
        "flags": 500,
        "tasks_by_person": {"bob": 11, "ann": 12, "cy": 10},
    }
    assert holds(planned(**counts), Limits()) == (
        Hold("tasks_per_run", 60, 50),
        Hold("flag_changes_percent", 500, 250),
        Hold("resolves_percent", 260, 250),
        Hold("writes_per_run", 2320, 2000),
        Hold("tasks_per_person_per_run", 12, 10, "ann"),
        Hold("tasks_per_person_per_run", 11, 10, "bob"),
    )


def test_every_kind_of_write_counts_and_the_limit_itself_is_allowed():
    ten = Limits(writes_per_run=10)
    for kind in ("creates", "updates", "closes", "flags"):
        assert held(ten, **{kind: 10}) == []
        assert held(ten, **{kind: 11}) == ["writes_per_run"]
        assert first_fills_allowed(planned(**{kind: 4}), ten) == 6
        assert first_fills_allowed(planned(**{kind: 11}), ten) == 0
    assert held(flags=250) == []
    assert held(ten, flags=11, first_fills=1) == []
    assert first_fills_allowed(replace(QUIET, flags=5, first_fills=5), ten) == 10


def test_a_day_is_full_only_beyond_its_limit_and_says_how_many_it_would_have():
    full = {"tasks_by_person": {"ann": 5}, "opened_today": {"ann": 10}}
    assert held(**full) == []
    over = replace(QUIET, tasks_by_person={"ann": 6}, opened_today={"ann": 10})
    assert holds(over, Limits()) == (Hold("tasks_per_person_per_day", 16, 15, "ann"),)


def test_a_hold_says_what_to_do_and_for_whom():
    remedy = (
        "Nothing was written; look at the plan, then apply it, raise"
        " limits.tasks_per_run in project.yaml, or set limits.ramp."
    )
    assert Hold("tasks_per_run", 60, 50).message == (
        f"tasks_per_run: the plan has 60, allowed are 50. {remedy}"
    )
    assert Hold("tasks_per_run", 60, 50, "Ann").message == (
        f"tasks_per_run: the plan has 60 for Ann, allowed are 50. {remedy}"
    )


def test_breakers_come_by_rule_and_count_deals_of_their_own():
    found = breakers({"b": 201, "a": 21}, {"b": 2000}, Limits())
    assert found == (Breaker("a", 21, 20, 100), Breaker("b", 201, 200, 10))
    assert breakers({"b": 200}, {"b": 2000}, Limits()) == ()
    (every,) = breakers({"b": 300}, {"b": 300}, Limits())
    assert every == Breaker("b", 300, 60, 100)


def test_a_rule_may_leave_ten_violations_behind_unasked():
    assert retirements({"old": 10}) == ()
    found = retirements({"z": 11, "old": 12, "let": 40}, ["let"])
    assert found == (Retirement("old", 12), Retirement("z", 11))
    assert found[0].message == (
        "old left the rules and 12 of its violations would close (unasked at most"
        " 10). Nothing was written; look at the plan, then: gatekeeper apply PLAN"
        " --accept old. If it got another id, write formerly: [old]"
    )


def test_a_share_is_rounded_down():
    assert (share(5, 419), share(5, 420), share(100, 21)) == (20, 21, 21)
