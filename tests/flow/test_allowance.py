"""A run keeps to its share of the CRM's daily calls, and the next one goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gatekeeper.errors import DeferredError
from gatekeeper.ports import ApiUse, RunStatus
from tests.fakes.crm import FakeCrm
from tests.flow.scene import lacking

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.core.model import Change, DealBatch, Receipt
    from gatekeeper.ports import PullRequest, PullTotals
    from gatekeeper.ports.crm import MayLeave
    from tests.flow.scene import MakeScene, Scene


DAY = 1_000  # a run's share is a tenth, 100 calls, of which 80 are for reading


class MeteredCrm(FakeCrm):
    """Tells its allowance; a pull and a write cost as many calls as it is told."""

    pull_costs = 1
    write_costs = 1
    own = 0
    others = 0

    def usage(self) -> ApiUse:
        return ApiUse(self.own, 0, self.own + self.others, DAY)

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        self.own += self.pull_costs
        yield from super().pull(request, totals)

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        receipts = super().write(changes, run_number, may_leave)
        self.own += self.write_costs
        return receipts


@pytest.fixture
def scene(scene_of: MakeScene) -> Scene:
    made = scene_of(lacking())
    made.crm = MeteredCrm(
        deals=made.crm.deals, users=made.crm.users, pipelines=made.crm.pipelines
    )
    made.plan()
    return made


def metered(scene: Scene) -> MeteredCrm:
    assert isinstance(scene.crm, MeteredCrm)
    return scene.crm


@pytest.mark.promise("F10")
def test_a_day_that_others_have_used_is_left_to_them(scene: Scene) -> None:
    crm = metered(scene)
    crm.others = 800
    before = crm.calls["pull"]

    with pytest.raises(DeferredError, match="leaves the rest to the others"):
        scene.run()

    assert crm.calls["pull"] == before
    assert scene.store.runs()[0].status is RunStatus.DEFERRED
    crm.others = 0
    assert scene.run().status is RunStatus.DONE
    assert len(crm.open_tasks()) == 1


def test_reading_ends_where_the_calls_kept_for_writing_begin(scene: Scene) -> None:
    crm = metered(scene)
    crm.pull_costs = 80

    with (
        capture_logs() as lines,
        pytest.raises(DeferredError, match="20 are kept for writing"),
    ):
        scene.run()

    (told,) = (each for each in lines if each["event"] == "run_finished")
    assert (told["status"], told["deals"]) == ("deferred", 1)
    assert crm.requests == []
    crm.pull_costs = 79
    assert scene.run().status is RunStatus.DONE


def test_writing_ends_with_the_share_and_the_next_run_writes_the_rest(
    scene: Scene,
) -> None:
    crm = metered(scene)
    crm.pull_costs, crm.write_costs = 79, 21

    with capture_logs() as lines:
        report = scene.run()

    (told,) = (each for each in lines if each["event"] == "run_finished")
    assert (told["status"], told["applied"]["create"]) == ("deferred", 1)
    assert report.status is RunStatus.DEFERRED
    assert "100 of the 100 calls it may make" in " ".join(report.messages)
    assert len(crm.open_tasks()) == 1  # the task is written, its deal's flags wait
    assert len(crm.requests) == 1
    crm.write_costs = 1
    assert scene.run().status is RunStatus.DONE
    scene.expect_quiet()


def test_an_undo_over_the_share_says_that_the_same_undo_goes_on(scene: Scene) -> None:
    crm = metered(scene)
    written = scene.run()
    crm.write_costs = 100

    stopped = scene.undo(written)

    assert stopped.status is RunStatus.DEFERRED
    (told,) = (text for text in stopped.messages if "it may make" in text)
    assert told.endswith("goes back when the same undo is started again.")
    crm.write_costs = 1
    assert scene.undo(written).status is RunStatus.DONE
    assert crm.open_tasks() == []
