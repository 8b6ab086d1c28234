from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.limits import (
    PlanCounts,
    breakers,
    first_fills_allowed,
    holds,
    resolved_before,
    share,
)
from gatekeeper.core.model import Action, Change, State
from gatekeeper.core.pack import Limits
from tests.builders import DEAL_ID, a_task, a_violation
from tests.core.test_desire import a_dossier

QUIET = PlanCounts(1000, 0, 0, 0, 0, 0, 0, {}, {})


def held(limits=None, **counts):
    return [each.limit for each in holds(replace(QUIET, **counts), limits or Limits())]


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
