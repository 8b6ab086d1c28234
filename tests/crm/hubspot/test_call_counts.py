"""How many calls reading and writing take, counted by the portal that answers them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from math import ceil
from typing import TYPE_CHECKING

import orjson
import pytest

from gatekeeper.core.model import (
    Action,
    Change,
    Deal,
    ObligationId,
    Scalar,
    WriteStatus,
    task_key,
)
from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.ports import PullTotals
from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.importing import load_portal
from gatekeeper.sandbox.hubspot.stock import TOKEN
from tests.crm.hubspot.scene import AS_OF, NOW, Scene, request
from tests.fakes.crm import freely
from tests.hubspot_contract import held_to_contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

OWNER = "6166860"
MOMENT = "2026-11-02T09:00:00.000Z"
COLLECTIONS = {
    "contacts": {"name"},
    "meetings": {"subject"},
    "calls": {"subject"},
    "emails": {"subject"},
    "tasks": {"subject"},
    "notes": {"owner"},
    "line_items": {"total"},
    "quotes": {"name"},
}
KINDS = ("companies", *COLLECTIONS)
READING = {"list", "associations", "batch_read"}


def creations(scene: Scene, deals: Sequence[str]) -> list[Change]:
    return [
        Change(
            Action.CREATE,
            task_key(scene.crm.org(), deal, "deal_owner", "", 1),
            deal,
            "Acme",
            id=ObligationId(deal, "deal_owner"),
            episode=1,
            write={
                "owner_id": OWNER,
                "due_on": "2026-11-25",
                "subject": "Acme: 1 thing missing",
                "body": "1. Amount\n   Fill it in",
            },
            person_id=OWNER,
            rule_ids=("amount-filled",),
        )
        for deal in deals
    ]


def written(
    scene: Scene, changes: Sequence[Change]
) -> tuple[list[str | None], Counter[str]]:
    """Write changes; return the ids of the records and the calls it took."""
    before = Counter(scene.portal.requests)
    receipts = scene.crm.write(changes, run_number=7, may_leave=freely)
    assert {receipt.status for receipt in receipts} == {WriteStatus.DONE}
    ids = [receipt.remote_id for receipt in receipts]
    return ids, Counter(scene.portal.requests) - before


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_each_kind_of_write_takes_a_call_per_hundred_begun(
    scene: Scene, count: int
) -> None:
    bodies = [
        {
            "properties": {"dealname": f"Deal {n}", "dealstage": "qualifiedtobuy"},
            "associations": [],
        }
        for n in range(count)
    ]
    made = scene.people.crm.objects.batch_api
    deals = [
        record.id
        for start in range(0, count, 100)
        for record in made.create(
            "deals", {"inputs": bodies[start : start + 100]}
        ).results
    ]
    # A run knows the portal and its properties before it writes.
    list(scene.crm.own_tasks())
    scene.crm.native_fields()
    calls = ceil(count / 100)

    creates = creations(scene, deals)
    tasks, asked = written(scene, creates)
    # A lost answer is told from a first try by the key, alive and archived; an
    # association counts once a read shows it.
    assert asked == {
        "batch_upsert": calls,
        "associate": calls,
        "batch_read": 2 * calls,
        "associations": calls,
    }

    status: dict[str, Scalar] = {"status": "Open", "open_count": 1}
    flags = [
        Change(Action.FLAG, f"flag:{id_}", id_, "Acme", remote_id=id_, write=status)
        for id_ in deals
    ]
    assert written(scene, flags)[1] == {"batch_update": calls}

    due = {"due_on": "2026-11-26"}
    updates, closes = (
        [
            replace(each, action=action, remote_id=id_, write=write)
            for each, id_ in zip(creates, tasks, strict=True)
        ]
        for action, write in ((Action.UPDATE, due), (Action.CLOSE, {}))
    )
    assert written(scene, updates)[1] == {"batch_update": calls}
    assert written(scene, closes)[1] == {"batch_update": calls}


def own_records(deals: int, has_records: Iterable[int]) -> dict[str, list[object]]:
    """Return a portal of open deals.

    Args:
        has_records: The places of the deals that have one record of each kind.
    """
    open_ = {"dealstage": "qualifiedtobuy", "pipeline": "default"}
    files: dict[str, list[object]] = {
        "deals": [_record(n, dealname=f"Deal {n}", **open_) for n in range(deals)],
        "associations": [],
    }
    for place, kind in enumerate(KINDS, start=1):
        files[kind] = [_record(place * 10**6 + n) for n in has_records]
        files["associations"] += [
            {
                "fromObjectType": "deals",
                "fromObjectId": str(10_000 + n),
                "toObjectType": kind,
                "toObjectId": str(10_000 + place * 10**6 + n),
            }
            for n in has_records
        ]
    return files


def _record(number: int, **values: str) -> dict[str, object]:
    return {
        "id": str(10_000 + number),
        "properties": {"createdate": MOMENT, "hs_lastmodifieddate": MOMENT, **values},
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "archived": False,
    }


def pulled(folder: Path, files: dict[str, list[object]]) -> Iterator[object]:
    """Pull a portal; give the calls first, then the deals in order."""
    for name, rows in files.items():
        (folder / f"{name}.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    settings = {"portal": {"has_all_properties": True}}
    (folder / "manifest.json").write_bytes(orjson.dumps(settings))
    portal = load_portal(folder, Clock(as_of_instant(AS_OF)), Elapsed(standing=True))
    asked, totals = request("account.name", rows=COLLECTIONS), PullTotals()
    with held_to_contract(portal) as server:
        crm = connect(
            Access(TOKEN, server.url),
            now=lambda: NOW,
            sleep=portal.elapsed.advance,
            tick=portal.elapsed.now,
        )
        crm.schema(asked.catalogue)
        crm.people()
        before = Counter(portal.requests)
        deals = [deal for batch in crm.pull(asked, totals) for deal in batch.deals]
        yield Counter(portal.requests) - before
        crm.client.close()
    assert totals.is_complete
    yield from deals


@pytest.mark.parametrize(
    ("deals", "has_records"),
    [
        pytest.param(2_001, range(0, 2_001, 25), id="few records, a deal too many"),
        pytest.param(2_999, range(0, 2_999, 100), id="fewer, and a thousand too many"),
        pytest.param(
            6_500,
            range(0, 6_500, 500),
            id="one here and there in thousands",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            4_001,
            [n for n in range(4_001) if n % 7],
            id="a record of each kind on most deals",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_nine_kinds_of_records_are_read_in_hardly_more_calls_than_pages(
    tmp_path: Path, deals: int, has_records: Sequence[int]
) -> None:
    calls, *came = pulled(tmp_path, own_records(deals, has_records))

    assert isinstance(calls, Counter)
    assert set(calls) <= READING
    pages = ceil(deals / 100) + 9 * ceil(deals / 1_000)
    fewest = pages + 9 * ceil(len(has_records) / 100)
    assert sum(calls.values()) <= fewest * 1.05
    # None of it was spared: each deal has what hangs on it.
    assert len(came) == deals
    for place, deal in enumerate(came):
        assert isinstance(deal, Deal)
        has = place in has_records
        rows = [rows for rows in deal.related.values() if isinstance(rows, tuple)]
        assert [len(each) for each in rows] == [int(has)] * len(COLLECTIONS)
