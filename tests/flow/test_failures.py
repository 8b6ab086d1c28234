"""Lost answers, lost databases, refusals, stops: never a second task, never silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    EMPTY,
    Action,
    Change,
    Person,
    Receipt,
    Resolution,
    State,
    WriteStatus,
)
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.errors import DeferredError, LeaseHeldError, SetupError
from gatekeeper.ports import RunKind, RunStatus
from tests.builders import a_deal, dollars
from tests.fakes.crm import ORG, FakeCrm
from tests.flow.scene import FRIDAY, QUIET, UNANSWERED, an_id, count, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.ports.crm import MayLeave
    from tests.flow.scene import MakeScene, Scene


# ---- lost answers ------------------------------------------------------------


@pytest.mark.promise("W1", "W3", "F05", "F06")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_write_without_an_answer_is_looked_up_and_never_doubled(
    scene_of: MakeScene, when: str
) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = when

    first = scene.run()
    scene.run()

    assert count(first, "applied", "unknown") == 1
    assert first.status is not RunStatus.DONE
    assert first.messages[-1] == UNANSWERED
    assert len(scene.crm.stored) == 1
    scene.expect_quiet()


@pytest.mark.promise("F05", "F06")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_closing_without_an_answer_is_finished_by_the_next_run(
    scene_of: MakeScene, when: str
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.crm.lose = when

    scene.run()
    scene.run()

    assert (task.is_closed, task.sealed) == (True, True)
    scene.expect_quiet()


@pytest.mark.promise("W4")
def test_a_sealed_episode_is_never_reopened(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    first = scene.task()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.crm.lose = "before"
    scene.run()  # the closing was sent and got lost
    scene.crm.change(an_id(1), amount=EMPTY)

    scene.run()
    scene.run()

    assert (first.is_closed, first.sealed) == (True, True)
    assert scene.task().episode == 2
    scene.expect_quiet()


# ---- lost databases ----------------------------------------------------------


@pytest.mark.promise("W10", "F18")
def test_after_the_loss_of_the_database_tasks_are_adopted_and_nothing_is_written(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.lose_database()
    scene.wait(hours=2)
    written = len(scene.crm.requests)

    report = scene.run()

    assert len(scene.crm.requests) == written
    assert report.body["recovery"] is True
    assert report.body["plan"] == QUIET
    standing = scene.violation()
    assert (standing.first_seen, standing.waiting) == (FRIDAY, "")
    scene.expect_quiet()


@pytest.mark.promise("W10", "F17")
def test_after_a_restore_the_numbers_of_runs_go_on_where_the_tasks_say(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.crm.change(an_id(2), amount=dollars(5))
    scene.settle()
    scene.store.close()
    backup = scene.file.read_bytes()
    scene.open_store()
    for _ in range(4):
        scene.run()
    scene.crm.change(an_id(2), amount=EMPTY)
    scene.run()
    latest = max(task.run_number for task in scene.crm.open_tasks())
    scene.lose_database()
    scene.store.close()
    scene.file.write_bytes(backup)
    scene.open_store()
    scene.crm.change(an_id(1), amount=dollars(5))

    restored, then = scene.run(), scene.run()

    assert latest == 7
    numbers = [row.number for row in scene.store.runs()]
    assert numbers[:3] == [9, 8, 2]
    assert [restored.run_id[-4:], then.run_id[-4:]] == ["0008", "0009"]
    assert [each.body["recovery"] for each in (restored, then)] == [True, False]
    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(2)]
    assert {task.run_number for task in scene.crm.stored.values()} == {7, 8}


@pytest.mark.promise("W5")
def test_an_adopted_task_closes_on_a_pass_of_what_it_lists(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.lose_database()
    scene.crm.change(an_id(1), amount=dollars(5))

    scene.run()

    assert task.is_closed
    scene.expect_quiet()


@pytest.mark.promise("W5")
def test_an_adopted_task_of_a_deal_that_no_rule_holds_any_more_waits_a_run(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.lose_database()
    scene.crm.move(an_id(1), "Prospecting")

    scene.run()
    was_open = not task.is_closed
    scene.run()

    assert was_open
    assert task.is_closed
    scene.expect_quiet()


@pytest.mark.promise("W5", "F18")
@pytest.mark.parametrize("grace", [None, Grace(3, Unit.DAYS)])
def test_a_task_adopted_while_its_deal_could_not_be_read_proves_its_lines_later(
    scene_of: MakeScene, grace: Grace | None
) -> None:
    """Whether the field is hidden by then, or its rule would grant a grace anew."""
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.lose_database()
    deal = scene.crm.deals.pop(an_id(1))
    scene.run()
    scene.crm.add(deal)
    if grace is None:
        scene.crm.hidden.add("amount")
    else:
        scene.rule(grace=grace)

    scene.run()

    assert not task.is_closed
    standing = scene.violation()
    assert (standing.state, standing.first_seen) == (State.OPEN, FRIDAY)
    scene.crm.hidden.clear()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.run()
    assert task.is_closed
    scene.expect_quiet()


@pytest.mark.promise("W7")
def test_a_task_closed_by_us_is_not_raised_under_its_old_key_after_a_loss(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.run()
    scene.lose_database()
    scene.crm.change(an_id(1), amount=EMPTY)

    scene.settle()
    scene.run()
    scene.run()

    assert [task.episode for task in scene.crm.open_tasks()] == [2]
    scene.expect_quiet()


# ---- refusals ----------------------------------------------------------------


class RefusingCrm(FakeCrm):
    """Refuses what its validation rule names, and defers once its allowance is up.

    Attributes:
        code: With it the writes of one action are refused; "" for none.
    """

    code = ""
    action = Action.CREATE
    defers_after: int | None = None

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        if self.defers_after is not None and len(self.requests) >= self.defers_after:
            message = "Salesforce allows no more calls today."
            raise DeferredError(message)
        if self.code and changes[0].action is self.action:
            self.requests.append(tuple(changes))
            return [
                Receipt(each.key, WriteStatus.REJECTED, None, self.code, "No.")
                for each in changes
            ]
        return super().write(changes, run_number, may_leave)


def refusing(scene: Scene) -> RefusingCrm:
    crm = RefusingCrm(
        deals=scene.crm.deals,
        users=scene.crm.users,
        pipelines=scene.crm.pipelines,
        stored=scene.crm.stored,
    )
    scene.crm = crm
    return crm


@pytest.mark.promise("F13")
def test_one_refused_task_does_not_keep_the_others_from_being_written(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*[lacking(number) for number in range(1, 10)])
    scene.crm.users["005000000000009AAA"] = Person("005000000000009AAA", "Gone Soon")
    scene.crm.hand_over(an_id(9), "005000000000009AAA")
    plan = scene.plan()
    scene.crm.users.pop("005000000000009AAA")  # left between plan and writing

    report = scene.apply(plan)

    assert count(report, "applied", "create") == 8
    assert count(report, "applied", "rejected") == 1
    scene.run()
    assert len(scene.crm.open_tasks()) == 9  # the manager got it


@pytest.mark.promise("W2", "F13")
def test_a_task_whose_closing_is_refused_for_ever_does_not_hide_the_one_after_it(
    scene_of: MakeScene,
) -> None:
    """Else a run would make the second one again, and be stopped each time."""
    scene = scene_of(lacking())
    crm = refusing(scene)
    scene.settle()
    first = scene.task()
    crm.code, crm.action = "LOCKED", Action.CLOSE
    crm.change(an_id(1), amount=dollars(5))
    scene.run()
    first.is_loose = True  # HubSpot: an admin took the association away
    crm.change(an_id(1), amount=EMPTY)
    scene.run()
    (second,) = [each for each in crm.open_tasks() if each is not first]

    second.is_closed = True
    reports = [scene.run() for _ in range(3)]

    assert [each.status for each in reports] == [RunStatus.DONE] * 3
    assert crm.open_tasks() == [first]


@pytest.mark.promise("B1")
def test_the_error_breaker_stops_writing_and_keeps_the_rest_for_the_next_run(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*[lacking(number) for number in range(1, 7)])
    crm = refusing(scene)
    scene.plan()
    crm.code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"

    report = scene.run()

    assert report.status is RunStatus.STOPPED
    assert report.messages[0].startswith(
        "error breaker: 6 of 6 writes failed, 6 in a row with"
        " FIELD_CUSTOM_VALIDATION_EXCEPTION."
    )
    assert len(crm.requests) == 1
    crm.code = ""
    scene.run()
    assert len(crm.open_tasks()) == 6
    scene.expect_quiet()


@pytest.mark.promise("F10")
def test_a_used_up_allowance_defers_the_rest(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    crm = refusing(scene)
    scene.plan()
    crm.defers_after = 1

    report = scene.run()

    assert report.status is RunStatus.DEFERRED
    assert len(crm.open_tasks()) == 1
    assert count(report, "applied", "flag") == 0
    crm.defers_after = None
    assert scene.run().status is RunStatus.DONE
    scene.expect_quiet()


# ---- stops -------------------------------------------------------------------


def test_the_kill_switch_stops_before_the_next_write(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.stop = "GATEKEEPER_STOP is set"

    report = scene.run()

    assert report.status is RunStatus.STOPPED
    assert scene.crm.requests == []
    assert report.messages == (
        "Stopped: GATEKEEPER_STOP is set. What was not written waits for the next run.",
    )
    scene.stop = ""
    scene.run()
    assert len(scene.crm.open_tasks()) == 1


class StoppedMidway(FakeCrm):
    """Has somebody press the switch once a write was asked for and has not left."""

    press: Callable[[], None] = staticmethod(lambda: None)

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        self.press()
        return super().write(changes, run_number, may_leave)


@pytest.mark.promise("F38")
def test_a_stop_between_intent_and_request_lets_nothing_leave(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    crm = StoppedMidway(
        deals=scene.crm.deals, users=scene.crm.users, pipelines=scene.crm.pipelines
    )
    scene.crm = crm
    scene.plan()
    crm.press = lambda: scene.store.set_stop(ORG, stopped=True)

    stopped = scene.run()

    assert stopped.status is RunStatus.STOPPED
    assert crm.requests == []
    assert crm.open_tasks() == []
    scene.store.set_stop(ORG, stopped=False)
    crm.press = lambda: None
    assert scene.run().status is RunStatus.DONE
    assert len(crm.open_tasks()) == 1


def test_the_stop_row_stops_runs_until_somebody_lets_them_go_on(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.store.set_stop(ORG, stopped=True)

    assert scene.run().status is RunStatus.STOPPED

    assert scene.crm.requests == []
    scene.store.set_stop(ORG, stopped=False)
    assert scene.run().status is RunStatus.DONE
    assert len(scene.crm.open_tasks()) == 1


@pytest.mark.promise("F14")
def test_a_second_run_of_the_same_org_is_refused_and_reads_nothing(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    calls = scene.crm.calls["pull"]

    with (
        scene.store.open_run(ORG, RunKind.RUN, FRIDAY, scene.pack),
        pytest.raises(LeaseHeldError, match="Another run of"),
    ):
        scene.run()

    assert scene.crm.calls["pull"] == calls


@pytest.mark.promise("F19")
def test_a_database_of_one_org_refuses_another(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.org_id = "sf:00D000000000002EAA"

    with pytest.raises(SetupError, match="00D000000000001EAA"):
        scene.run()


@pytest.mark.promise("F19", "W6")
def test_tasks_of_a_copied_org_are_foreign_and_left_alone(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    copied = scene.task()
    scene.lose_database()
    scene.crm.org_id = "sf:00D000000000002EAA"
    scene.crm.deals[an_id(1)] = replace(
        scene.crm.deals[an_id(1)], org="sf:00D000000000002EAA"
    )
    before = (dict(copied.parts), copied.is_closed)

    scene.run()

    assert (dict(copied.parts), copied.is_closed) == before


# ---- replays -----------------------------------------------------------------


def test_a_replay_writes_nothing_and_touches_nothing(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    standing = scene.violations()
    written = len(scene.crm.requests)
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.crm.change(an_id(2), amount=EMPTY)

    report = scene.run(scene.crm.now - timedelta(days=30))

    assert report.status is RunStatus.REPLAY
    assert len(scene.crm.requests) == written
    assert scene.violations() == standing
    replayed = list(scene.store.violations(ORG, ["open"], report.run_id))
    assert [each.deal_id for each in replayed] == [an_id(2)]
    resolved = scene.violations("resolved")
    assert resolved == []
    assert Resolution.FIXED not in {each.resolution for each in replayed}
