"""An org's rows are neither read nor written by what is done for another one (S25)."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, literal, select

from gatekeeper.core.model import EMPTY, State
from gatekeeper.store.columns import metadata
from gatekeeper.store.retention import KEPT, forget
from gatekeeper.store.schema import org as pins
from gatekeeper.store.sql_store import SqlStore
from tests.builders import a_deal, dollars
from tests.fakes.crm import ORG
from tests.flow.scene import a_scene, an_id, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from tests.flow.scene import Scene

LONG_BEFORE = datetime(2001, 1, 1, tzinfo=UTC)
LONG_AFTER = datetime(2099, 1, 1, tzinfo=UTC)
TWIN = "sf:00D0000000000TWINA"
RUN_ID = re.compile(r"r-\d{8}-")
"""A run's id begins with its day."""
COPIED = [table for table in metadata.sorted_tables if table is not pins]


@pytest.fixture(params=["sqlite", "postgres"])
def a_full_scene(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[str], Scene]]:
    """Make orgs that have seen everything a store keeps rows of."""
    with ExitStack() as made:

        def make(name: str) -> Scene:
            folder = tmp_path / name
            folder.mkdir()
            scene = a_scene(folder, lacking(1), lacking(2), lacking(3))
            if request.param == "postgres":
                scene.store.close()
                scene.store = SqlStore(request.getfixturevalue("postgres").fresh())
            made.callback(scene.store.close)
            written = scene.settle()
            scene.crm.add(a_deal("Proposal", deal_id=an_id(1), amount=dollars("5")))
            scene.run()
            scene.undo(written)
            return scene

        yield make


def rows_of(scene: Scene, org: str) -> dict[str, Sequence[Row[tuple[object, ...]]]]:
    with scene.store._database.reading() as connection:
        return {
            table.name: connection.execute(
                select(table).where(table.c.org == org).order_by(*table.primary_key)
            ).all()
            for table in COPIED
        }


def add_twin(scene: Scene) -> None:
    """Give another org the very rows of this one, under the same ids."""
    with scene.store._database.writing() as connection:
        for table in COPIED:
            columns = [literal(TWIN).label("org"), *list(table.c)[1:]]
            copied = select(*columns).where(table.c.org == ORG)
            connection.execute(table.insert().from_select(list(table.c), copied))


def answers(scene: Scene) -> str:
    """What the store says of the org, in one text without ids of days."""
    store = scene.store
    deals = [an_id(number) for number in (1, 2, 3)]
    said = [
        [(row.number, row.status, row.deals) for row in store.runs(ORG)],
        list(store.violations(ORG, [each.value for each in State])),
        store.history(ORG, deals),
        store.sightings(ORG, deals),
        sorted(store.seen_logics(ORG)),
        sorted(each.subject for each in store.quarantined(ORG)),
        store.verify_audit(ORG).rows,
        store.archive.counts(ORG),
        [repr(each) for each in store.outcomes(ORG, LONG_BEFORE)],
    ]
    return RUN_ID.sub("", repr(said))


def work_on(scene: Scene) -> list[str]:
    """Do with the org what changes rows of every kind, and say what came of it."""
    said = [answers(scene)]
    scene.store.set_stop(ORG, stopped=True)
    scene.store.set_stop(ORG, stopped=False)
    said.append(repr(sorted(scene.store.release(ORG, an_id(2)))))
    scene.crm.add(a_deal("Proposal", deal_id=an_id(3), amount=dollars("7")))
    scene.crm.add(a_deal("Proposal", deal_id=an_id(1), amount=EMPTY))
    for _ in range(2):
        report = scene.run()
        counted = (report.body[name] for name in ("counts", "plan", "applied"))
        said.append(json.dumps([report.status, *counted], default=str))
    upkeep = scene.store.upkeep
    said.append(repr(upkeep.export_person(ORG, "Ann Rep").keys()))
    said.append(repr(upkeep.erase_person(ORG, "Ann Rep")))
    with scene.store._database.writing() as connection:
        forget(connection, ORG, LONG_AFTER, KEPT)
    said.append(answers(scene))
    return said


def count_rows(scene: Scene) -> dict[str, int]:
    with scene.store._database.reading() as connection:
        return {
            table.name: connection.execute(
                select(func.count()).select_from(table).where(table.c.org == ORG)
            ).scalar_one()
            for table in COPIED
        }


@pytest.mark.promise("S25")
def test_a_twin_under_the_same_ids_is_neither_seen_nor_touched(
    a_full_scene: Callable[[str], Scene],
) -> None:
    alone, scene = a_full_scene("alone"), a_full_scene("beside a twin")
    full = {name for name, rows in count_rows(scene).items() if rows}
    assert {"run", "violation", "obligation", "change", "audit", "flag"} <= full
    add_twin(scene)
    before = rows_of(scene, TWIN)
    assert sum(map(len, before.values())) == sum(count_rows(scene).values())

    assert work_on(scene) == work_on(alone)

    assert rows_of(scene, TWIN) == before
