"""A field the CRM keeps no history of: from the first run on, our own runs know it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.history import fields as field_history
from gatekeeper.core.model import (
    Action,
    Answer,
    Finding,
    Line,
    Mode,
    Outcome,
    Standing,
)
from gatekeeper.core.pack import Needs, Position, Reach
from gatekeeper.errors import LeaseHeldError
from gatekeeper.ports import RunKind
from tests.builders import a_deal
from tests.fakes.crm import ORG
from tests.flow.scene import NEEDS, an_id, count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Person
    from tests.flow.scene import MakeScene, Scene


def _changed_lately(deal: Deal, context: Context) -> Answer:
    start = context.now - timedelta(days=3)
    return field_history.has_changed("next_step", deal, context, start)


CHANGED = Line(
    lambda: "next_step changed within last 3 days",
    lambda: (
        _changed_lately,
        lambda _deal, _context: Finding("", Standing.NOT_MET, "Quiet.", "Quiet."),
    ),
)


@pytest.fixture
def scene(scene_of: MakeScene) -> Scene:
    """A rule on the changes of Next Step, which the CRM does not track."""
    return watching(scene_of(a_deal("Proposal", deal_id=an_id(1), next_step="Call")))


def watching(scene: Scene) -> Scene:
    scene.rule(require=CHANGED, reach=Reach.EVERY_STAGE, position=Position.WHILE_IN)
    needs = NEEDS | Needs(frozenset({"next_step"}), history=frozenset({"next_step"}))
    scene.pack = replace(scene.pack, needs=needs)
    return scene


def outcome(scene: Scene) -> Outcome:
    (explained,) = scene.explain(an_id(1)).rules
    return explained.verdict.outcome


def test_our_own_runs_answer_once_they_reach_far_enough(scene: Scene) -> None:
    scene.run()
    assert outcome(scene) is Outcome.CANNOT_TELL
    for _ in range(2):
        scene.wait(days=1)
        scene.run()
    assert outcome(scene) is Outcome.CANNOT_TELL
    scene.wait(days=1)
    report = scene.run()
    assert outcome(scene) is Outcome.FAIL
    assert count(report, "counts", "fail") == 1


def test_a_change_between_two_runs_is_seen_by_the_later_one(scene: Scene) -> None:
    scene.run()
    scene.wait(days=1)
    scene.crm.change(an_id(1), next_step="Send the quote")
    report = scene.run()
    assert count(report, "counts", "pass") == 1
    assert outcome(scene) is Outcome.PASS
    scene.wait(days=2)
    scene.run()
    assert outcome(scene) is Outcome.PASS
    scene.wait(hours=12)  # now the window begins between the two runs
    scene.run()
    assert outcome(scene) is Outcome.CANNOT_TELL
    scene.wait(days=1)
    scene.run()
    assert outcome(scene) is Outcome.FAIL


def test_who_is_erased_changes_no_field(scene_of: MakeScene) -> None:
    """What runs saw of a field that named a person is not known any more."""
    named = a_deal("Proposal", deal_id=an_id(1), next_step="Ann Rep calls")
    scene = watching(scene_of(named))
    scene.run()
    for _ in range(3):
        scene.wait(days=1)
        scene.run()
    assert outcome(scene) is Outcome.FAIL

    scene.store.upkeep.erase_person(ORG, "Ann Rep")

    assert outcome(scene) is Outcome.CANNOT_TELL
    scene.wait(days=1)
    report = scene.run()
    assert outcome(scene) is Outcome.CANNOT_TELL
    assert count(report, "counts", "resolved") == 0


def test_a_plan_judges_by_what_runs_saw_and_adds_nothing(scene: Scene) -> None:
    scene.run()
    scene.wait(days=1)
    scene.crm.change(an_id(1), next_step="Send the quote")
    planned = scene.run(kind=RunKind.PLAN)
    assert count(planned, "counts", "pass") == 1
    known = scene.store.sightings(ORG, [an_id(1)])[an_id(1)]
    assert known["next_step"].changes == ()


@pytest.mark.promise("W8")
def test_what_runs_saw_is_read_where_no_other_can_add_to_it(scene: Scene) -> None:
    """Who asked the CRM for its people before the lease went by an older look."""
    people = scene.crm.people
    refused: list[str] = []

    def asked() -> Mapping[str, Person]:
        scene.crm.people = people  # type: ignore[method-assign]
        with pytest.raises(LeaseHeldError) as held:
            scene.run()
        refused.append(str(held.value))
        return people()

    scene.crm.people = asked  # type: ignore[method-assign]

    scene.run()

    assert len(refused) == 1


def test_a_quiet_night_writes_nothing(scene: Scene) -> None:
    scene.settle()
    scene.expect_quiet()
    scene.wait(days=1)
    scene.expect_quiet()


def test_a_lost_database_loses_only_what_runs_saw(scene: Scene) -> None:
    for _ in range(4):
        scene.run()
        scene.wait(days=1)
    scene.wait(days=-1)
    assert outcome(scene) is Outcome.FAIL
    task = scene.task()

    scene.lose_database()
    scene.run()

    assert outcome(scene) is Outcome.CANNOT_TELL
    assert scene.task() is task


def test_a_hidden_field_or_an_unreadable_deal_ends_the_watch(scene: Scene) -> None:
    scene.project(mode_ceiling=Mode.OBSERVE)
    scene.run()
    scene.wait(days=1)
    scene.crm.hidden.add("next_step")
    scene.run()
    known = scene.store.sightings(ORG, [an_id(1)])[an_id(1)]
    assert known.keys() == {"stage"}
    scene.crm.hidden.clear()
    scene.wait(days=4)
    scene.run()
    assert outcome(scene) is Outcome.CANNOT_TELL


def test_the_crms_own_history_wins_where_it_reaches(scene: Scene) -> None:
    scene.run()
    deal = scene.crm.deals[an_id(1)]
    began = scene.crm.now - timedelta(days=90)
    told = replace(deal.history, complete_since={"next_step": began}, began=began)
    scene.crm.add(replace(deal, history=told))
    assert outcome(scene) is Outcome.FAIL


def test_explaining_an_earlier_day_knows_no_later_change(scene: Scene) -> None:
    for _ in range(5):
        scene.run()
        scene.wait(days=1)
    scene.crm.change(an_id(1), next_step="Send the quote")
    scene.run()
    assert outcome(scene) is Outcome.PASS
    scene.wait(days=-1)
    assert outcome(scene) is Outcome.FAIL


def test_a_plan_is_applied_to_deals_whose_past_only_our_own_runs_know(
    scene: Scene,
) -> None:
    scene.run()
    scene.wait(days=1)
    scene.crm.change(an_id(1), next_step="Mail")
    for _ in range(4):
        scene.run()
        scene.wait(days=1)
    plan = scene.plan()
    assert [each.change.action for each in scene.store.changes(plan.id)] == [
        Action.CREATE,
        Action.FLAG,
    ]
    report = scene.apply(plan)
    assert not report.body.get("dropped")
    assert len(scene.crm.open_tasks()) == 1
