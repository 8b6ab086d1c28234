"""A write that met another one (409) is decided by a read, then sent once more."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Action, Change, TaskPart, WriteStatus, short_hash
from gatekeeper.crm.hubspot.adapter import HubSpotCrm, connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.server import SandboxServer
from tests.crm.hubspot.others import Others
from tests.crm.hubspot.scene import NOW
from tests.crm.hubspot.test_writing import create, flag, order, shown, task, write
from tests.fakes.crm import freely

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.crm.hubspot.scene import Scene

UPSERT = "/crm/v3/objects/tasks/batch/upsert"
TASKS = "/crm/v3/objects/tasks/batch/update"
DEALS = "/crm/v3/objects/deals/batch/update"
DONE, GONE, REJECTED = WriteStatus.DONE, WriteStatus.GONE, WriteStatus.REJECTED


@contextmanager
def with_others(scene: Scene) -> Iterator[tuple[HubSpotCrm, Others]]:
    """Let others work in the portal between our calls."""
    others = Others(scene.portal)
    elapsed = scene.portal.elapsed
    with SandboxServer(scene.portal, observe=others) as server:
        crm = connect(
            Access(TOKEN, server.url),
            now=lambda: NOW,
            sleep=elapsed.advance,
            tick=elapsed.now,
        )
        yield crm, others
        crm.client.close()
    assert others.left() == 0


def changed(scene: Scene, made: Change, **write: str) -> Change:
    """Return an update of a task that is there."""
    known = task(scene, made)
    assert known is not None
    hashes = {part.value: each for part, each in known.written.items()}
    hashes |= {TaskPart.SUBJECT.value: short_hash(write.get("subject", ""))}
    return replace(
        made,
        action=Action.UPDATE,
        remote_id=known.remote_id,
        write=write,
        hashes=hashes,
    )


@pytest.mark.promise("W1")
@pytest.mark.parametrize("fault", ["conflict:1:after=1", "409:1"])
@pytest.mark.parametrize("route", ["batch_upsert", "batch_update"])
def test_a_conflict_passes_when_the_write_is_sent_once_more(
    scene: Scene, route: str, fault: str
) -> None:
    deals = [scene.deal(f"Deal {number}") for number in range(3)]
    if route == "batch_upsert":
        changes = [create(scene, deal) for deal in deals]
    else:
        changes = [flag(deal, status="Open") for deal in deals]
    order(scene, f"{route}:{fault}")
    before = Counter(scene.portal.requests)

    assert [each.status for each in write(scene, *changes)] == [DONE] * 3

    asked = Counter(scene.portal.requests) - before
    assert asked[route] == 2
    scene.settle()
    tasks = [task for page in scene.crm.own_tasks() for task in page]
    assert len(tasks) == (3 if route == "batch_upsert" else 0)


@pytest.mark.parametrize("fault", ["conflict", "409"])
@pytest.mark.parametrize("route", ["batch_upsert", "batch_update"])
def test_a_conflict_that_stays_is_a_refusal_of_its_records(
    scene: Scene, route: str, fault: str
) -> None:
    deals = [scene.deal(f"Deal {number}") for number in range(4)]
    if route == "batch_upsert":
        changes = [create(scene, deal) for deal in deals]
    else:
        changes = [flag(deal, status="Open") for deal in deals]
    order(scene, f"{route}:{fault}")
    before = Counter(scene.portal.requests)

    receipts = write(scene, *changes)

    assert {(each.status, each.code) for each in receipts} == {(REJECTED, "CONFLICT")}
    # Once for all; then once more, and as a whole refused in halves: 4, 2 x 2, 4 x 1.
    asked = Counter(scene.portal.requests) - before
    assert asked[route] == (2 if fault == "conflict" else 1 + 1 + 2 + 4)


@pytest.mark.promise("W1")
def test_a_task_that_somebody_made_at_that_moment_is_adopted_and_tied(
    scene: Scene,
) -> None:
    change = create(scene, scene.deal())
    made: list[str] = []
    with with_others(scene) as (crm, others):
        order(scene, "batch_upsert:409:1")
        values = {"gatekeeper_key": change.key, "hs_timestamp": "2026-11-25T22:00:00Z"}
        others.after(UPSERT, 1, lambda: made.append(others.create("tasks", **values)))

        (receipt,) = crm.write([change], run_number=7, may_leave=freely)

    assert (receipt.status, receipt.remote_id) == (WriteStatus.ADOPTED, made[0])
    known = task(scene, change)
    assert known is not None
    assert not known.is_loose
    assert scene.portal.requests["batch_upsert"] == 1 + 2  # two of the set-up's probe


@pytest.mark.promise("W8")
def test_flags_that_stand_by_then_are_not_written_again(scene: Scene) -> None:
    there, lost, other = (scene.deal(name) for name in ("A", "B", "C"))
    flags = [flag(deal, status="Open") for deal in (there, lost, other)]
    with with_others(scene) as (crm, others):
        order(scene, "batch_update:409:1")
        open_ = {"gatekeeper_status": "Open"}
        others.after(DEALS, 1, lambda: others.change("deals", there, **open_))
        others.after(DEALS, 1, lambda: others.archive("deals", lost))

        receipts = crm.write(flags, run_number=7, may_leave=freely)

        assert [each.status for each in receipts] == [DONE, GONE, DONE]
        assert others.answered[DEALS] == 2
    for deal in (there, other):
        assert shown(scene, "deals", deal, *open_)["gatekeeper_status"] == "Open"


@pytest.mark.promise("W7")
def test_what_a_person_wrote_at_that_moment_is_left_and_the_rest_is_written(
    scene: Scene,
) -> None:
    kept, lost = create(scene, scene.deal("A")), create(scene, scene.deal("B"))
    write(scene, kept, lost)
    updates = [
        changed(scene, each, subject="Two things missing", due_on="2026-11-24")
        for each in (kept, lost)
    ]
    ids = [str(each.remote_id) for each in updates]
    with with_others(scene) as (crm, others):
        order(scene, "batch_update:409:1")
        mine = {"hs_task_subject": "Mine now"}
        others.after(TASKS, 1, lambda: others.change("tasks", ids[0], **mine))
        others.after(TASKS, 1, lambda: others.archive("tasks", ids[1]))

        receipts = crm.write(updates, run_number=8, may_leave=freely)

    assert [each.status for each in receipts] == [DONE, GONE]
    found = shown(scene, "tasks", ids[0], "hs_task_subject", "hs_timestamp")
    assert found["hs_task_subject"] == "Mine now"
    assert found["hs_timestamp"] == "2026-11-24T22:00:00.000Z"
