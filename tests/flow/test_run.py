"""Runs one after another: what they write, what they leave, what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    EMPTY,
    Flags,
    Mode,
    Resolution,
    State,
    task_key,
)
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.ports import RunKind, RunStatus
from tests.builders import OWNER, a_deal, dollars
from tests.fakes.crm import ORG
from tests.flow.scene import FRIDAY, MANAGER, MONDAY, an_id, count, lacking

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene


FLAGS_OF_ONE_OPEN = Flags(
    status="Open",
    open_count=1,
    worst_severity="medium",
    open_since=date(2026, 11, 20),
)


def without_text(flags: Flags | None) -> Flags:
    assert flags is not None
    return Flags(
        flags.status, flags.open_count, flags.worst_severity, None, flags.open_since
    )


# ---- the main road -----------------------------------------------------------


@pytest.mark.promise("W8")
def test_a_second_run_writes_nothing_the_same_day_and_the_next(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(), a_deal("Proposal", deal_id=an_id(2)))

    first = scene.settle()

    assert first.body["applied"] == {
        "create": 1,
        "update": 0,
        "close": 0,
        "flag": 2,
        "rejected": 0,
        "unknown": 0,
        "put_off": 0,
    }
    task = scene.task()
    assert (task.id.deal_id, task.parts["owner_id"]) == (an_id(1), OWNER)
    assert task.key == task_key(ORG, an_id(1), "deal_owner", "", 1)
    assert without_text(scene.crm.deals[an_id(1)].flags) == FLAGS_OF_ONE_OPEN
    scene.expect_quiet()
    scene.go_to(MONDAY)
    scene.expect_quiet()


def test_progress_is_shown_from_before_the_first_page_to_the_last(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    told: list[tuple[str, int, int | None]] = []
    services = replace(scene.services, progress=lambda *step: told.append(step))
    schema = scene.crm.schema(scene.pack.catalogue)

    run_once(services, scene.pack, schema, RunOrder(scene.crm.now, RunKind.PLAN))

    assert told == [("deals", 0, None), ("deals", 1, 1)]


def test_a_task_closes_itself_once_nothing_is_missing(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.crm.change(an_id(1), amount=dollars(5))

    report = scene.run()

    assert (task.is_closed, task.sealed) == (True, True)
    assert count(report, "counts", "resolved") == 1
    assert scene.violations() == []
    (resolved,) = scene.violations("resolved")
    assert resolved.resolution is Resolution.FIXED
    flags = scene.crm.deals[an_id(1)].flags
    assert flags is not None
    assert (flags.status, flags.open_count, flags.open_since) == ("Clear", 0, None)
    scene.expect_quiet()


@pytest.mark.promise("W4")
def test_what_fails_again_gets_a_new_task_and_keeps_its_first_date(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.run()
    scene.go_to(MONDAY)
    scene.crm.change(an_id(1), amount=EMPTY)

    scene.run()

    assert scene.task().key == task_key(ORG, an_id(1), "deal_owner", "", 2)
    assert scene.violation().first_seen == FRIDAY
    scene.expect_quiet()


# ---- who may write -----------------------------------------------------------


@pytest.mark.parametrize("ceiling", [Mode.OBSERVE, Mode.WARN])
def test_below_enforce_violations_are_tracked_and_nothing_is_written(
    scene_of: MakeScene, ceiling: Mode
) -> None:
    scene = scene_of(lacking(), mode_ceiling=ceiling)

    reports = [scene.run(), scene.run()]

    assert [report.status for report in reports] == [RunStatus.DONE] * 2
    assert (scene.violation().state, scene.violation().mode) == (State.OPEN, ceiling)
    assert scene.crm.requests == []
    assert reports[1].body["mode_ceiling"] == ceiling.value


def test_lowering_the_ceiling_writes_nothing_not_even_closings(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    written = len(scene.crm.requests)
    scene.project(mode_ceiling=Mode.WARN)
    scene.crm.change(an_id(1), amount=dollars(5))

    scene.run()

    assert len(scene.crm.requests) == written
    assert not scene.task().is_closed


def test_the_first_run_of_a_rule_only_watches(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())

    scene.run()

    assert scene.crm.open_tasks() == []
    assert scene.violation().waiting == "first run of this rule"
    scene.run()
    assert scene.task().rule_ids == ("qual-amount",)


def test_a_stored_plan_is_the_observed_run(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())

    plan = scene.plan()

    assert plan.status is RunStatus.PLANNED
    assert scene.crm.requests == []
    assert scene.violations() == []
    scene.run()
    assert scene.task().rule_ids == ("qual-amount",)


def test_after_a_change_of_logic_only_new_violations_wait(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    scene.rule(logic="other")
    scene.crm.change(an_id(2), amount=EMPTY)

    scene.run()

    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(1)]
    old, new = scene.violations()
    assert (old.waiting, new.waiting) == ("", "first run of this rule")


def test_lowering_a_rule_closes_its_tasks_as_not_enforced(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.rule(mode=Mode.WARN)

    scene.run()

    assert task.is_closed
    assert scene.crm.deals[an_id(1)].flags == Flags()
    scene.expect_quiet()


def test_a_line_in_grace_waits_and_opens_when_grace_is_over(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.rule(grace=Grace(1, Unit.BUSINESS_DAYS))

    scene.settle()

    assert scene.violation().state is State.PENDING
    assert scene.crm.deals[an_id(1)].flags == Flags(
        "Pending", 0, supported_stage="Qualification"
    )
    scene.go_to(MONDAY)  # the last day of grace is still pending
    scene.expect_quiet()
    scene.wait(days=1)
    scene.run()
    assert scene.violation().state is State.OPEN
    assert scene.task().created_at == MONDAY + timedelta(days=1)
    scene.expect_quiet()


# ---- people ------------------------------------------------------------------


@pytest.mark.promise("W7", "F20")
def test_what_a_person_edited_is_left_and_still_closes_itself(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    task.parts |= {"subject": "Ask Ann", "due_on": "2027-01-04", "owner_id": MANAGER}
    scene.expect_quiet()
    scene.crm.change(an_id(1), amount=dollars(5))

    scene.run()

    assert task.is_closed
    assert task.parts["subject"] == "Ask Ann"


@pytest.mark.promise("W7", "F20")
def test_a_task_closed_by_hand_rests_and_comes_back_as_the_next_episode(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.task().is_closed = True

    scene.run()

    assert scene.crm.open_tasks() == []
    assert scene.violation().state is State.OPEN
    scene.wait(days=6)  # Thursday: four business days later
    scene.expect_quiet()
    scene.wait(days=1)
    scene.run()
    task = scene.task()
    assert task.key == task_key(ORG, an_id(1), "deal_owner", "", 2)
    scene.expect_quiet()


@pytest.mark.promise("W1", "F20")
def test_a_deleted_task_is_not_made_again_the_same_week(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.task().is_deleted = True

    scene.run()

    assert scene.crm.open_tasks() == []
    scene.expect_quiet()


def test_an_untouched_task_follows_the_deal_to_its_new_owner(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.hand_over(an_id(1), MANAGER)

    scene.run()

    assert scene.task().parts["owner_id"] == MANAGER
    scene.expect_quiet()


@pytest.mark.promise("F20", "W7")
def test_a_reassigned_task_stays_with_its_person_when_the_deal_moves(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.task().parts["owner_id"] = MANAGER
    scene.crm.users[an_id(9)] = scene.crm.users[MANAGER]
    scene.crm.hand_over(an_id(1), an_id(9))

    report = scene.run()

    assert scene.task().parts["owner_id"] == MANAGER
    assert report.messages == (
        "Parts of tasks that people changed, left as they are: 1.",
    )


@pytest.mark.promise("F22")
def test_an_inactive_owner_falls_to_the_manager(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.crm.retire(OWNER)

    scene.settle()

    assert scene.task().parts["owner_id"] == MANAGER
    scene.expect_quiet()


def test_a_line_that_nobody_owes_is_open_unassigned_and_listed(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.crm.users.clear()

    report = scene.settle()

    assert scene.crm.stored == {}
    assert scene.violation().state is State.OPEN
    assert report.messages == (
        "Deals with open lines that nobody owes: 1. Give their owners an active"
        " manager, or set fallback: in people.yaml.",
    )
    scene.expect_quiet()
