"""Breakers, ramp and limits: a flood is held, and what is held says so."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Action, Person, Severity, State
from gatekeeper.errors import SetupError
from gatekeeper.ports import RunStatus
from tests.builders import OWNER, a_deal, a_rule, dollars, filled
from tests.flow.scene import MONDAY, an_id, count, lacking

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal
    from tests.flow.scene import MakeScene, Scene


def rep(number: int) -> str:
    return f"005{number:012d}AAA"


def spread(deals: int, reps: int) -> list[Deal]:
    """Build lacking deals that belong to several people in turn."""
    return [
        replace(lacking(number), owner_id=rep(10 + number % reps))
        for number in range(1, deals + 1)
    ]


def with_reps(scene: Scene, reps: int) -> Scene:
    scene.crm.users |= {
        rep(10 + number): Person(rep(10 + number), f"Rep {number}")
        for number in range(reps)
    }
    return scene


def sound(first: int, last: int) -> list[Deal]:
    return [a_deal("Proposal", deal_id=an_id(n)) for n in range(first, last + 1)]


@pytest.mark.promise("F36", "B1")
def test_a_rule_that_opens_too_much_is_held_back_and_the_others_are_written(
    scene_of: MakeScene,
) -> None:
    # 30 of 100 deals lack an amount: over 20 %. Another lacks a next step.
    deals = [*spread(30, 3), *sound(31, 99)]
    odd = a_deal("Proposal", deal_id=an_id(100), next_step=EMPTY)
    scene = with_reps(scene_of(*deals, odd), 3)
    blank = a_rule("qual-next", require=filled("next_step"))
    scene.pack = replace(
        scene.pack,
        rules=(*scene.pack.rules, blank),
        needs=replace(scene.pack.needs, fields=scene.pack.needs.fields | {"next_step"}),
    )
    for deal in [*deals]:
        scene.crm.change(deal.id, next_step="Call")
    scene.crm.change(odd.id, next_step=odd.fields["amount"])
    scene.crm.change(odd.id, next_step=scene.crm.deals[an_id(1)].fields["amount"])
    scene.plan()

    report = scene.run()

    (task,) = scene.crm.open_tasks()
    assert task.id.deal_id == odd.id
    waiting = Counter(each.waiting for each in scene.violations())
    assert waiting == {"breaker": 30, "": 1}
    assert report.body["held"] == [
        "E901: qual-amount would open 30 violations (limit 20, 30% of deals). Held:"
        " its new lines were not written.\n  help: look with: gatekeeper plan --rule"
        " qual-amount; then: gatekeeper apply PLAN --accept qual-amount"
    ]


def test_a_plan_shows_the_lines_a_person_lets_past_the_breaker(
    scene_of: MakeScene,
) -> None:
    scene = with_reps(scene_of(*spread(30, 10), *sound(31, 100)), 10)
    scene.limits(tasks_percent=50)
    scene.plan()

    held, shown = scene.plan(), scene.plan("qual-amount")

    created = [
        sum(each.change.action is Action.CREATE for each in scene.store.changes(row.id))
        for row in (held, shown)
    ]
    assert created == [0, 30]
    assert shown.report["held"] == []
    scene.apply(shown)
    assert len(scene.crm.open_tasks()) == 30


def test_a_yes_for_a_rule_nobody_knows_is_refused(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    runs = len(scene.store.runs())

    with pytest.raises(SetupError, match=r"qual-amuont\. Did you mean qual-amount"):
        scene.plan("qual-amuont")

    assert len(scene.store.runs()) == runs
    plan = scene.plan("qual-amount")
    with pytest.raises(SetupError, match="There is no rule nope"):
        scene.apply(plan, "nope")
    assert scene.crm.open_tasks() == []


def test_the_ramp_lets_in_so_many_lines_a_day_until_all_are_in(
    scene_of: MakeScene,
) -> None:
    scene = with_reps(scene_of(*spread(5, 5)), 5)
    scene.limits(ramp=2)

    scene.settle()

    assert len(scene.crm.open_tasks()) == 2
    assert Counter(each.waiting for each in scene.violations()) == {"ramp": 3, "": 2}
    scene.expect_quiet()  # the same day brings no more
    counts = []
    for _ in range(3):
        scene.wait(days=3 if scene.crm.now.weekday() == 4 else 1)
        scene.run()
        counts.append(len(scene.crm.open_tasks()))
    assert counts == [4, 5, 5]
    scene.expect_quiet()


@pytest.mark.promise("B1", "F36")
@pytest.mark.parametrize(
    ("limits", "deals", "reps", "message"),
    [
        (
            {"tasks_per_run": 5},
            25,
            5,
            "tasks_per_run: the plan has 25, allowed are 20.",
        ),
        (
            {"tasks_per_person_per_run": 10},
            11,
            1,
            "tasks_per_person_per_run: the plan has 11 for Rep 0, allowed are 10.",
        ),
        (
            {"writes_per_run": 10},
            12,
            12,
            "writes_per_run: the plan has 12, allowed are 10.",
        ),
    ],
)
def test_over_a_limit_the_whole_plan_is_held_and_tracking_is_kept(
    scene_of: MakeScene,
    limits: dict[str, int],
    deals: int,
    reps: int,
    message: str,
) -> None:
    scene = with_reps(scene_of(*spread(deals, reps)), reps)
    scene.limits(new_violations_percent=100, **limits)
    scene.plan()

    report = scene.run()

    assert report.status is RunStatus.HELD
    assert scene.crm.requests == []
    held = report.body["held"]
    assert isinstance(held, list)
    assert held[0].startswith(message)
    assert len(scene.violations("open")) == deals


@pytest.mark.promise("B1")
def test_a_day_gives_a_person_no_more_tasks_than_allowed(scene_of: MakeScene) -> None:
    scene = with_reps(scene_of(*spread(8, 1), *sound(9, 20)), 1)
    scene.limits(tasks_per_person_per_day=15, new_violations_percent=100)
    scene.settle()
    for number in range(9, 17):
        scene.crm.deals[an_id(number)] = replace(
            lacking(number), owner_id=rep(10), flags=scene.crm.deals[an_id(9)].flags
        )

    report = scene.run()

    assert report.status is RunStatus.HELD
    assert len(scene.crm.open_tasks()) == 8
    scene.go_to(MONDAY)
    assert scene.run().status is RunStatus.DONE
    assert len(scene.crm.open_tasks()) == 16


@pytest.mark.promise("B1")
def test_a_mass_fix_is_held_until_a_person_applies_it(scene_of: MakeScene) -> None:
    scene = with_reps(scene_of(*spread(22, 11), *sound(23, 60)), 11)
    scene.limits(new_violations_percent=100, flag_changes_percent=100, ramp=20)
    scene.settle()
    scene.go_to(MONDAY)
    scene.run()
    assert len(scene.crm.open_tasks()) == 22
    for number in range(1, 23):
        scene.crm.change(an_id(number), amount=dollars(1))

    held = scene.run()  # 22 resolve, allowed are max(20, 25 % of 60)
    again = scene.run()  # what was resolved then would close its tasks now

    assert held.status is RunStatus.HELD
    assert again.status is RunStatus.HELD
    assert len(scene.crm.open_tasks()) == 22
    row = scene.store.run(held.run_id)
    assert row is not None
    scene.apply(row)
    assert scene.crm.open_tasks() == []
    scene.expect_quiet()


@pytest.mark.promise("B1")
def test_a_mass_fix_stays_held_also_where_the_tasks_stay_open(
    scene_of: MakeScene,
) -> None:
    deals = [
        replace(each, fields={**each.fields, "next_step": EMPTY})
        for each in spread(22, 11)
    ]
    scene = with_reps(scene_of(*deals, *sound(23, 60)), 11)
    asks_more = a_rule("qual-next", require=filled("next_step"))
    scene.pack = replace(
        scene.pack,
        rules=(*scene.pack.rules, asks_more),
        needs=replace(scene.pack.needs, fields=scene.pack.needs.fields | {"next_step"}),
    )
    for deal in sound(23, 60):
        scene.crm.change(deal.id, next_step=deal.fields["amount"])
    scene.limits(new_violations_percent=100, flag_changes_percent=100, ramp=40)
    scene.settle()
    scene.go_to(MONDAY)
    scene.run()
    assert {len(task.rule_ids) for task in scene.crm.open_tasks()} == {2}
    for deal in deals:
        scene.crm.change(deal.id, amount=dollars(1))

    reports = [scene.run() for _ in range(3)]

    assert [report.status for report in reports] == [RunStatus.HELD] * 3
    assert [str(report.body["held"])[2:57] for report in reports] == [
        "resolves_percent: the plan has 22, allowed are 20. Noth"
    ] * 3
    assert {len(task.rule_ids) for task in scene.crm.open_tasks()} == {2}


def test_first_flags_fill_over_several_runs_and_hold_nothing(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*sound(1, 12))
    scene.limits(writes_per_run=5)

    reports = [scene.run() for _ in range(4)]

    assert [count(report, "applied", "flag") for report in reports] == [5, 5, 2, 0]
    assert all(report.status is RunStatus.DONE for report in reports)
    assert {deal.flags.status for deal in scene.crm.deals.values() if deal.flags} == {
        "Clear"
    }


def test_the_worst_lines_come_first(scene_of: MakeScene) -> None:
    scene = with_reps(scene_of(*spread(2, 2)), 2)
    scene.limits(ramp=1)
    worse = a_rule("pros-close", require=filled("close_by"), severity=Severity.CRITICAL)
    scene.pack = replace(
        scene.pack,
        rules=(*scene.pack.rules, worse),
        needs=replace(scene.pack.needs, fields=scene.pack.needs.fields | {"close_by"}),
    )
    scene.crm.change(an_id(1), close_by=date(2026, 12, 1))

    scene.settle()

    assert scene.task().rule_ids == ("pros-close",)
    released = [each for each in scene.violations() if each.released_on]
    assert [(each.deal_id, each.state) for each in released] == [(an_id(2), State.OPEN)]
    assert released[0].owner_id != OWNER
