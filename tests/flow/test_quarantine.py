"""What keeps failing, or is fought over, is left alone; the rest of a run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Receipt, WriteStatus
from gatekeeper.core.quarantine import Cause
from gatekeeper.ports import RunStatus
from tests.builders import dollars
from tests.fakes.crm import ORG, FakeCrm
from tests.flow.scene import an_id, count, lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import Change
    from gatekeeper.ports.crm import MayLeave
    from tests.flow.scene import MakeScene, Scene


pytestmark = pytest.mark.promise("F13")
POISON = an_id(1)


class PoisonCrm(FakeCrm):
    """Refuses every write to one deal, as a validation rule of the org would."""

    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    status = WriteStatus.REJECTED
    attempts = 0

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        good = [each for each in changes if not self._is_poison(each)]
        receipts = iter(super().write(good, run_number, may_leave) if good else ())
        return [
            self._refuse(each) if self._is_poison(each) else next(receipts)
            for each in changes
        ]

    def _is_poison(self, change: Change) -> bool:
        return bool(self.code) and change.deal_id == POISON

    def _refuse(self, change: Change) -> Receipt:
        self.attempts += 1
        return Receipt(change.key, self.status, None, self.code, "No.")


@pytest.fixture
def scene(scene_of: MakeScene) -> Scene:
    # Twenty of these are refused without the share of failures that trips the breaker.
    made = scene_of(*map(lacking, range(1, 16)))
    made.limits(tasks_per_person_per_run=50, tasks_per_person_per_day=50)
    made.crm = PoisonCrm(
        deals=made.crm.deals, users=made.crm.users, pipelines=made.crm.pipelines
    )
    made.plan()
    return made


def poison(scene: Scene) -> PoisonCrm:
    assert isinstance(scene.crm, PoisonCrm)
    return scene.crm


def test_three_refusals_of_one_class_put_a_record_aside(scene: Scene) -> None:
    for _ in range(2):
        scene.run()
        assert scene.store.quarantined(ORG) == []
    scene.run()

    task, flags = sorted(scene.store.quarantined(ORG), key=lambda each: each.subject)
    assert (task.subject, flags.subject) == (f"{POISON}:deal_owner", f"{POISON}:flags")
    assert (task.cause, task.code, task.count) == (Cause.REFUSED, poison(scene).code, 3)
    assert task.reason == "refused 3 times: FIELD_CUSTOM_VALIDATION_EXCEPTION: No."
    assert len(scene.crm.open_tasks()) == 14


def test_a_record_that_three_runs_find_locked_is_put_aside_and_keeps_up_no_other(
    scene: Scene,
) -> None:
    poison(scene).status, poison(scene).code = WriteStatus.LOCKED, "UNABLE_TO_LOCK_ROW"

    first = scene.run()

    assert first.status is RunStatus.PARTIAL
    assert count(first, "applied", "put_off") == 2
    assert count(first, "applied", "unknown") == 0
    assert len(scene.crm.open_tasks()) == 14
    assert first.messages == (
        "Writes put off: 2. Their records were locked, or their requests did not"
        " leave. The next run writes what is still due.",
    )
    scene.run()
    assert scene.store.quarantined(ORG) == []
    scene.run()
    aside = sorted(each.subject for each in scene.store.quarantined(ORG))
    assert aside == [f"{POISON}:deal_owner", f"{POISON}:flags"]


def test_what_is_put_aside_is_not_tried_again_and_is_named(scene: Scene) -> None:
    for _ in range(3):
        scene.run()
    attempts = poison(scene).attempts

    quiet = scene.run()

    assert quiet.status is RunStatus.DONE
    assert poison(scene).attempts == attempts
    assert count(quiet, "plan", "withheld") == 2
    assert quiet.body["quarantined"] == 2
    assert quiet.messages[-1] == (
        "Left alone in this run: 2 writes that were refused, fought over or undone"
        " before. See: gatekeeper quarantine"
    )


def test_released_it_is_tried_again_and_counted_anew(scene: Scene) -> None:
    for _ in range(3):
        scene.run()
    scene.store.release(ORG, POISON)
    poison(scene).code = ""

    scene.run()

    assert len(scene.crm.open_tasks()) == 15
    assert scene.store.quarantined(ORG) == []


def test_refusals_of_another_class_begin_a_new_count(scene: Scene) -> None:
    scene.run()
    scene.run()
    poison(scene).code = "REQUIRED_FIELD_MISSING"

    scene.run()

    assert scene.store.quarantined(ORG) == []


def test_a_write_that_works_forgets_the_refusals_before_it(scene: Scene) -> None:
    scene.run()
    scene.run()
    poison(scene).code = ""
    scene.run()
    poison(scene).code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    scene.crm.set_flags(POISON, status="Clear")

    scene.run()

    assert scene.store.quarantined(ORG) == []


@pytest.mark.promise("F21")
def test_a_flag_people_keep_changing_is_rewritten_three_times_then_left(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    for edit in range(1, 4):
        scene.crm.set_flags(an_id(1), status="Clear")
        assert count(scene.run(), "applied", "flag") == 1, edit
        assert scene.status(an_id(1)) == "Open"
    scene.crm.set_flags(an_id(1), status="Clear")

    left = scene.run()

    assert count(left, "applied", "flag") == 0
    assert scene.status(an_id(1)) == "Clear"
    (entry,) = scene.store.quarantined(ORG)
    assert (entry.subject, entry.cause) == (f"{an_id(1)}:flags", Cause.EDITED)
    assert entry.reason == "people changed it 3 times after it was written"


@pytest.mark.promise("F21")
def test_released_flags_are_written_and_edits_counted_anew(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    for _ in range(4):
        scene.crm.set_flags(an_id(1), status="Clear")
        scene.run()
    scene.store.release(ORG, f"{an_id(1)}:flags")

    assert count(scene.run(), "applied", "flag") == 1
    scene.crm.set_flags(an_id(1), status="Clear")
    assert count(scene.run(), "applied", "flag") == 1
    assert scene.store.quarantined(ORG) == []


@pytest.mark.promise("F21")
def test_our_own_changes_of_a_flag_are_no_edits(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    for amount in (dollars(50_000), EMPTY) * 4:
        scene.crm.change(an_id(1), amount=amount)
        scene.crm.lose = "after"  # nor is one whose answer was lost
        scene.run()
        scene.run()

    assert scene.store.quarantined(ORG) == []


def test_nothing_left_alone_can_be_released(scene: Scene) -> None:
    assert scene.store.release(ORG, POISON) == []
