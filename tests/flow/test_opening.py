"""One line of the log for each run, whatever its end."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003  (a dataclass reads it)
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from gatekeeper.bootstrap import StopSwitch
from gatekeeper.errors import CrmUnreachableError, GatekeeperError, LeaseHeldError
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.undo import undo_run
from gatekeeper.ports import RunKind, RunStatus
from tests.builders import ORG, a_deal
from tests.fakes.crm import FakeCrm
from tests.flow.scene import an_id, lacking
from tests.store.values import edit
from tests.test_machine import Seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.core.model import DealBatch, OwnTask
    from gatekeeper.ports import PullRequest, PullTotals, RunRow
    from tests.flow.scene import Scene


def lines_of(act: Callable[[], object]) -> list[Mapping[str, Any]]:
    """Return the lines on runs that were logged, also where it ended with an error."""
    with capture_logs() as lines:
        try:
            act()
        except GatekeeperError as error:
            lines.append({"event": "error", "text": str(error)})
    return [each for each in lines if each["event"] == "run_finished"]


def test_a_run_that_is_done_tells_its_counts(scene_of: Callable[..., Scene]) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    (plan,) = lines_of(scene.plan)

    (run,) = lines_of(scene.run)

    assert (plan["kind"], plan["status"]) == ("plan", "planned")
    assert (run["kind"], run["status"], run["complete"]) == ("run", "done", True)
    assert run["run_id"] == scene.store.runs(ORG)[0].id
    assert run["deals"] == 2
    assert (run["counts"]["pass"], run["counts"]["fail"]) == (1, 1)
    assert run["plan"]["create"] == run["applied"]["create"] == 1
    assert run["api"]["writes"] > 0
    assert run["duration_s"] >= 0


@pytest.mark.promise("W9")
def test_a_run_that_the_crm_makes_wait_keeps_its_lease(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of(lacking())
    seconds = Seconds()
    switch = StopSwitch(is_set=False, file=None, nap=seconds.nap, tick=seconds.tick)
    own_tasks = scene.crm.own_tasks

    def waited() -> Iterator[Sequence[OwnTask]]:
        past = "2026-01-01 00:00:00.000000"
        edit(scene.file, "UPDATE lease SET renewed_at = ?, expires_at = ?", past, past)
        switch.sleep(21)
        with pytest.raises(LeaseHeldError):
            scene.store.upkeep.erase_person(ORG, "carl@acme.example")
        return own_tasks()

    scene.crm.own_tasks = waited  # type: ignore[method-assign]
    services = replace(scene.services, keeping=switch.keeping)
    schema = scene.crm.schema(scene.pack.catalogue)

    report = run_once(
        services, scene.pack, schema, RunOrder(scene.crm.now, RunKind.PLAN)
    )

    assert report.status is RunStatus.PLANNED


def test_a_held_run_tells_that_nothing_was_written(
    scene_of: Callable[..., Scene],
) -> None:
    """Three tasks for one person are more than two."""
    scene = scene_of(lacking(1), lacking(2), lacking(3))
    scene.limits(tasks_per_person_per_run=2)
    scene.plan()

    (run,) = lines_of(scene.run)

    assert (run["status"], run["counts"]["open"]) == ("held", 3)
    assert set(run["applied"].values()) == {0}


def test_a_partial_run_tells_that_it_is_not_complete(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of(*(lacking(number) for number in range(1, 5)))
    scene.plan()
    scene.crm.page_size, scene.crm.fails_at_page = 2, 1

    (run,) = lines_of(scene.run)

    assert (run["status"], run["complete"], run["deals"]) == ("partial", False, 2)


@dataclass
class Dropped(FakeCrm):
    """A CRM that is gone once the first page came; before that, something happens."""

    meanwhile: Callable[[], None] = lambda: None

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        for batch in super().pull(request, totals):
            yield batch
            self.meanwhile()
            raise CrmUnreachableError("Acme does not answer.")


def dropping(scene: Scene) -> Dropped:
    """Put a CRM into the scene that is gone after two deals of four."""
    scene.crm = Dropped(users=scene.crm.users, pipelines=scene.crm.pipelines)
    scene.crm.page_size = 2
    for number in range(1, 5):
        scene.crm.add(lacking(number))
    return scene.crm


def test_a_run_that_fails_amid_its_reading_tells_how_far_it_came(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of()
    dropping(scene)

    (run,) = lines_of(scene.run)

    assert (run["status"], run["deals"]) == ("failed", 2)
    assert "counts" not in run
    assert "Acme" not in str(run)


def test_a_run_whose_lease_was_taken_tells_that_it_failed(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of()

    def robbed() -> None:
        with scene.store._database.writing() as connection:
            connection.exec_driver_sql("UPDATE lease SET fence = fence + 1")

    dropping(scene).meanwhile = robbed

    (run,) = lines_of(scene.run)

    assert run["status"] == "failed"


def test_applying_and_undoing_have_their_line_too(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of(lacking())
    plan = scene.plan()

    (applied,) = lines_of(lambda: scene.apply(plan))
    (undone,) = lines_of(lambda: undo_run(scene.services, scene.pack, latest(scene)))

    assert (applied["kind"], applied["applied"]["create"]) == ("apply", 1)
    assert applied["plan_id"] == plan.id
    assert (undone["kind"], undone["applied"]["close"]) == ("undo", 1)
    assert undone["undone"] == applied["run_id"]


def latest(scene: Scene) -> RunRow:
    return scene.store.runs(ORG)[0]


def test_a_run_that_could_not_begin_has_none(scene_of: Callable[..., Scene]) -> None:
    scene = scene_of(lacking())

    with (
        scene.store.open_run(ORG, RunKind.RUN, scene.crm.now, scene.pack),
        capture_logs() as lines,
        pytest.raises(LeaseHeldError),
    ):
        scene.run()

    assert [each for each in lines if each["event"] == "run_finished"] == []
