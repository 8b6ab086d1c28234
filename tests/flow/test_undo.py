"""Undo takes back what a run wrote where it still stands, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Flags, Mode, Person
from gatekeeper.errors import SetupError, StoreError
from gatekeeper.ports import RunKind, RunStatus
from tests.builders import OWNER, a_deal, dollars
from tests.fakes.crm import ORG
from tests.flow.scene import MANAGER, an_id, count, lacking
from tests.store.values import edit

if TYPE_CHECKING:
    from gatekeeper.flow.report import RunReport
    from tests.flow.scene import MakeScene


pytestmark = pytest.mark.promise("W11")


def left_alone(report: RunReport) -> list[tuple[str, str, str]]:
    listed = report.body["left_alone"]
    assert isinstance(listed, list)
    return [(each["deal_id"], each["what"], each["reason"]) for each in listed]


def test_tasks_are_closed_with_our_stamp_and_flags_are_emptied_again(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    written = scene.settle()

    undone = scene.undo(written)

    assert undone.status is RunStatus.DONE, undone.messages
    assert count(undone, "applied", "close") == 2
    assert count(undone, "applied", "flag") == 2
    assert left_alone(undone) == []
    assert scene.crm.open_tasks() == []
    assert all(task.sealed for task in scene.crm.stored.values())
    assert [deal.flags for deal in scene.crm.deals.values()] == [Flags(), Flags()]
    task = next(iter(scene.crm.stored.values()))
    assert task.parts["body"] == (
        f"Nothing is asked here any more.\n{written.run_id} was undone."
    )


@pytest.mark.promise("W2")
def test_an_undo_that_dies_before_its_intent_leaves_nothing_alone(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    edit(
        scene.file,
        "CREATE TRIGGER dies BEFORE UPDATE ON change WHEN NEW.status = 'intent'"
        " BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    )
    with pytest.raises(StoreError, match="disk full"):
        scene.undo(written)
    edit(scene.file, "DROP TRIGGER dies")
    assert scene.store.quarantined(ORG) == []
    scene.crm.add(a_deal("Proposal", deal_id=an_id(1)))  # the work is done

    scene.run()

    assert scene.crm.open_tasks() == []


def test_the_next_run_leaves_alone_what_was_undone_and_says_so(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    scene.undo(written)

    again = scene.run()

    assert scene.crm.open_tasks() == []
    assert count(again, "applied", "create") == 0
    assert count(again, "plan", "withheld") == 2
    reasons = {each.withheld for each in scene.changes(again)}
    assert reasons == {f"quarantined: {written.run_id} was undone here"}


def test_released_the_next_run_opens_the_next_episode(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.undo(scene.settle())

    freed = scene.store.release(ORG, an_id(1))

    assert sorted(freed) == [f"{an_id(1)}:deal_owner", f"{an_id(1)}:flags"]
    scene.run()
    assert scene.task().episode == 2
    assert scene.status(an_id(1)) == "Open"


def test_another_logic_of_the_rule_lets_runs_at_it_again(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.undo(scene.settle())
    scene.rule(title="Amount known")
    scene.run()
    assert scene.crm.open_tasks() == []

    scene.rule(logic="another")
    scene.plan()
    scene.run()

    assert scene.task().episode == 2
    assert scene.store.quarantined(ORG) == []


def test_undo_twice_is_undo_once(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    scene.undo(written)
    requests = len(scene.crm.requests)

    again = scene.undo(written)

    assert again.status is RunStatus.DONE
    assert len(scene.crm.requests) == requests
    assert left_alone(again) == [(an_id(1), "task", "it is closed already")]


@pytest.mark.promise("S24")
def test_nothing_of_an_erased_person_goes_back_nor_what_stood_there_earlier(
    scene_of: MakeScene,
) -> None:
    """Of three owners of a task, the one of before the last is erased."""
    carl = "005000000000003AAA"
    scene = scene_of(lacking())
    scene.crm.users[carl] = Person(carl, "Carl Clerk", "carl@acme.example")
    scene.settle()
    for owner in (MANAGER, carl):
        scene.wait(days=1)
        scene.crm.hand_over(an_id(1), owner)
        written = scene.run()
        assert count(written, "applied", "update") == 1
    scene.store.upkeep.erase_person(ORG, MANAGER)

    undone = scene.undo(written)

    assert count(undone, "applied", "update") == 0
    assert left_alone(undone) == [
        (an_id(1), "task", "its owner of before is not known any more")
    ]
    assert scene.task().parts["owner_id"] == carl


@pytest.mark.promise("F39")
def test_what_people_did_since_stays_and_is_listed(scene_of: MakeScene) -> None:
    scene = scene_of(*map(lacking, range(1, 6)))
    written = scene.settle()
    tasks = {task.id.deal_id: task for task in scene.crm.open_tasks()}
    tasks[an_id(1)].is_closed = True
    tasks[an_id(2)].parts["due_on"] = "2026-12-24"
    tasks[an_id(3)].is_deleted = True
    scene.crm.set_flags(an_id(4), status="Waived")

    undone = scene.undo(written)

    assert sorted(left_alone(undone)) == [
        (an_id(1), "task", "a person closed the task"),
        (an_id(2), "task", "a person changed its due date"),
        (an_id(3), "task", "a person deleted the task"),
        (an_id(4), "flags", "changed since: status"),
    ]
    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(2)]
    assert tasks[an_id(2)].parts["due_on"] == "2026-12-24"
    assert not tasks[an_id(1)].sealed
    assert scene.crm.deals[an_id(4)].flags == Flags(status="Waived")
    assert scene.crm.deals[an_id(5)].flags == Flags()


@pytest.mark.promise("F20")
def test_a_task_that_a_person_took_off_its_deal_stays_and_is_listed(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    task = scene.task()
    task.is_loose = True

    undone = scene.undo(written)

    assert left_alone(undone) == [(an_id(1), "task", "a person took it off its deal")]
    assert not task.is_closed


def test_a_task_whose_create_was_cut_off_before_it_was_tied_is_undone_too(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = "after"
    written = scene.run()
    scene.task().is_loose = True

    scene.undo(written)

    assert scene.crm.open_tasks() == []


def test_a_changed_owner_becomes_who_it_was(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    before, lines = dict(scene.task().parts), scene.task().rule_ids
    scene.crm.hand_over(an_id(1), MANAGER)
    changed = scene.run()
    assert scene.task().parts["owner_id"] == MANAGER

    undone = scene.undo(changed)

    assert count(undone, "applied", "update") == 1
    assert (scene.task().parts, scene.task().rule_ids) == (before, lines)
    requests = len(scene.crm.requests)
    assert left_alone(scene.undo(changed)) == []
    assert len(scene.crm.requests) == requests


def test_a_run_that_others_built_on_is_undone_after_them(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    first = scene.settle()
    scene.crm.hand_over(an_id(1), MANAGER)
    scene.run()

    undone = scene.undo(first)

    why = "run 3 changed it since; undo that one first"
    assert (an_id(1), "task", why) in left_alone(undone)
    assert scene.task().parts["owner_id"] == MANAGER


def test_a_task_the_run_closed_stays_closed(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(50_000))
    closed = scene.run()
    assert count(closed, "applied", "close") == 1

    undone = scene.undo(closed)

    why = "a closed task stays closed; what is missing comes anew"
    assert left_alone(undone) == [(an_id(1), "task", why)]
    assert scene.crm.open_tasks() == []
    assert scene.status(an_id(1)) == "Open"  # the flags of before are back


def test_a_task_whose_answer_was_lost_is_undone_too(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = "after"
    written = scene.run()
    assert count(written, "applied", "unknown") == 1

    undone = scene.undo(written)

    assert count(undone, "applied", "close") == 1
    assert scene.crm.open_tasks() == []


def test_a_task_the_run_only_found_is_not_its_own(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = "after"
    scene.run()
    found = scene.run()

    with pytest.raises(SetupError, match="wrote nothing that could go back"):
        scene.undo(found)

    assert len(scene.crm.open_tasks()) == 1


def test_what_a_create_would_have_written_into_a_task_it_found_is_not_put_back(
    scene_of: MakeScene,
) -> None:
    """The first create had no answer and hung on no deal; the second one tied it."""
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = "after"
    scene.run()
    scene.task().is_loose = True
    scene.crm.hand_over(an_id(1), MANAGER)
    tied = scene.run()
    assert (count(tied, "applied", "create"), scene.task().is_loose) == (1, False)
    assert scene.task().parts["owner_id"] == OWNER
    changed = scene.run()
    assert scene.task().parts["owner_id"] == MANAGER

    undone = scene.undo(changed)

    why = "its owner of before is not known any more"
    assert (an_id(1), "task", why) in left_alone(undone)


AGAIN = "What was not put back goes back when the same undo is started again."
ANOTHERS = "a later run wrote them, or may have; undo that one first"


def test_flags_whose_write_was_lost_and_that_a_later_run_wrote_stay(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.set_flags(an_id(1), status="Clear")
    scene.crm.lose = "before"
    lost = scene.run()
    scene.run()
    assert scene.status(an_id(1)) == "Open"

    undone = scene.undo(lost)

    assert left_alone(undone) == [(an_id(1), "flags", ANOTHERS)]
    assert scene.status(an_id(1)) == "Open"


@pytest.mark.promise("W11")
def test_flags_stay_of_which_two_runs_do_not_know_whether_they_wrote_them(
    scene_of: MakeScene,
) -> None:
    """The later one did; undoing the later one takes them back."""
    scene = scene_of(lacking())
    scene.settle()
    scene.crm.set_flags(an_id(1), status="Clear")
    scene.crm.lose = "before"
    lost = scene.run()
    scene.crm.lose = "after"
    later = scene.run()

    assert left_alone(scene.undo(lost)) == [(an_id(1), "flags", ANOTHERS)]
    assert scene.status(an_id(1)) == "Open"
    scene.undo(later)
    assert scene.status(an_id(1)) == "Clear"


@pytest.mark.promise("F38")
def test_an_undo_obeys_the_kill_switch_and_goes_on_later(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    requests = len(scene.crm.requests)
    scene.stop = "GATEKEEPER_STOP is set"

    stopped = scene.undo(written)

    assert stopped.status is RunStatus.STOPPED
    assert len(scene.crm.requests) == requests
    assert stopped.messages == (f"Stopped: GATEKEEPER_STOP is set. {AGAIN}",)
    assert scene.store.quarantined(ORG) == []
    scene.stop = ""
    assert scene.undo(written).status is RunStatus.DONE
    assert scene.crm.open_tasks() == []


def test_an_undo_that_is_stopped_leaves_alone_what_it_touched_and_nothing_else(
    scene_of: MakeScene,
) -> None:
    """Both tasks go back in the first request; the flags would in the second."""
    scene = scene_of(lacking(1), lacking(2))
    written = scene.settle()

    def press() -> None:
        scene.stop = "GATEKEEPER_STOP is set"

    scene.crm.before_write.append(press)

    stopped = scene.undo(written)

    assert stopped.status is RunStatus.STOPPED
    assert (count(stopped, "applied", "close"), scene.crm.open_tasks()) == (2, [])
    aside = sorted(each.subject for each in scene.store.quarantined(ORG))
    assert aside == [f"{an_id(1)}:deal_owner", f"{an_id(2)}:deal_owner"]
    scene.stop = ""
    scene.crm.change(an_id(1), amount=dollars(50_000))
    scene.run()
    assert (scene.status(an_id(1)), scene.status(an_id(2))) == ("Clear", "Open")
    assert scene.crm.open_tasks() == []


def test_after_an_undo_that_came_to_nothing_runs_go_on_as_before(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    scene.stop = "GATEKEEPER_STOP is set"
    scene.undo(written)
    scene.stop = ""
    scene.crm.change(an_id(1), amount=dollars(50_000))

    scene.run()

    assert (scene.crm.open_tasks(), scene.status(an_id(1))) == ([], "Clear")


def test_what_people_fought_over_is_left_alone_for_that_after_an_undo_too(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    for _ in range(3):
        scene.crm.set_flags(an_id(1), status="Clear")
        last = scene.run()
    (fought,) = scene.store.quarantined(ORG)

    scene.undo(last)

    assert scene.store.quarantined(ORG) == [fought]


@pytest.mark.promise("B1")
def test_an_undo_over_a_limit_waits_for_a_person(scene_of: MakeScene) -> None:
    scene = scene_of(*map(lacking, range(1, 6)))
    written = scene.settle()
    requests = len(scene.crm.requests)
    scene.limits(writes_per_run=3)

    held = scene.undo(written)

    assert held.status is RunStatus.HELD
    assert len(scene.crm.requests) == requests
    assert held.messages[0] == (
        "writes_per_run: the undo has 5, allowed are 3. Nothing was written; look at"
        f" it: gatekeeper runs show {held.run_id} --changes; then: gatekeeper undo"
        f" {written.run_id} --approve"
    )
    assert scene.store.quarantined(ORG) == []
    scene.undo(written, approved=True)
    assert scene.crm.open_tasks() == []


def test_flags_beyond_the_writes_of_a_run_go_back_when_it_is_started_again(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 6)))
    written = scene.settle()
    scene.limits(writes_per_run=7)

    part = scene.undo(written)

    assert count(part, "applied", "flag") == 2
    assert count(part, "plan", "withheld") == 3
    scene.undo(written)
    assert {deal.flags for deal in scene.crm.deals.values()} == {Flags()}


@pytest.mark.promise("W3")
def test_every_write_of_an_undo_has_its_intent_and_its_receipt(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())

    undone = scene.undo(scene.settle())

    assert {each.status for each in scene.changes(undone)} == {"done"}
    assert scene.store.verify_audit(ORG).damaged_at is None
    assert scene.store.runs(ORG)[0].kind is RunKind.UNDO


def test_a_plan_wrote_nothing_to_undo(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())

    with pytest.raises(SetupError, match="is a plan: it wrote nothing"):
        scene.undo(scene.run(kind=RunKind.PLAN))


def test_a_run_that_wrote_nothing_is_not_undone_and_leaves_no_run_behind(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 4)))
    scene.settle()
    quiet = scene.run()
    scene.limits(writes_per_run=0)
    scene.crm.change(an_id(1), amount=dollars(5))
    held = scene.run()
    assert held.status is RunStatus.HELD
    runs = scene.store.runs(ORG)

    for report in (quiet, held):
        with pytest.raises(SetupError) as refused:
            scene.undo(report)
        assert str(refused.value) == (
            f"{report.run_id} wrote nothing that could go back. See: gatekeeper runs"
            f" show {report.run_id} --changes"
        )

    assert scene.store.runs(ORG) == runs


def test_a_way_back_without_an_answer_is_unfinished_and_is_said(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    scene.crm.lose = "before"

    undone = scene.undo(written)

    assert undone.status is RunStatus.PARTIAL
    assert undone.messages == (f"Writes without an answer: 1. {AGAIN}",)


def test_under_a_lower_ceiling_an_undo_writes_nothing_either(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    written = scene.settle()
    scene.project(mode_ceiling=Mode.OBSERVE)

    with pytest.raises(SetupError, match="an undo neither"):
        scene.undo(written)


def test_a_deal_that_is_gone_is_named(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2), amount=EMPTY))
    written = scene.settle()
    scene.crm.delete_deal(an_id(2))

    undone = scene.undo(written)

    why = "the deal or its flags cannot be read"
    assert (an_id(2), "flags", why) in left_alone(undone)


@pytest.mark.promise("W7", "S24")
def test_of_a_run_whose_values_are_forgotten_all_that_stays_is_told(
    scene_of: MakeScene,
) -> None:
    """Values are kept for 90 days; the run is 91 days old."""
    scene = scene_of(lacking(1), lacking(2))
    written = scene.settle()
    edit(scene.file, "UPDATE run SET started_at = datetime(started_at, '-91 days')")
    scene.run()
    edited, untouched = sorted(scene.crm.open_tasks(), key=lambda each: each.key)
    edited.parts["subject"] = "Call Ann first"

    undone = scene.undo(written)

    forgotten = "what it wrote is not kept any more (GATEKEEPER_KEEP_VALUES_DAYS)"
    assert sorted(left_alone(undone)) == sorted(
        [
            (edited.id.deal_id, "task", "a person changed its subject"),
            (an_id(1), "flags", forgotten),
            (an_id(2), "flags", forgotten),
        ]
    )
    assert (edited.is_closed, untouched.sealed) == (False, True)
    assert edited.parts["subject"] == "Call Ann first"
    assert (scene.status(an_id(1)), scene.status(an_id(2))) == ("Open", "Open")
