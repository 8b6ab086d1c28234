"""What is old is forgotten in steps; what stands, and the chain, stay whole."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import State
from gatekeeper.ports import RunStatus
from gatekeeper.store.retention import KEPT, Retention
from gatekeeper.store.schema import STAGING
from gatekeeper.store.sql_store import SqlStore
from tests.builders import DEAL_ID, ORG, a_violation
from tests.store.values import (
    a_change,
    an_obligation,
    edit,
    open_run,
    read,
    staged,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.promise("S24")
LONG = timedelta(days=1000)
AT_ONCE = timedelta(days=-1)
OTHER = "006000000000002AAA"


@pytest.fixture
def keeping(database: Path) -> Iterator[Callable[..., SqlStore]]:
    """Open the same database with other periods."""
    opened: list[SqlStore] = []

    def store(**periods: timedelta) -> SqlStore:
        everything = {"values": LONG, "runs": LONG, "audit": LONG}
        kept = Retention(**(everything | periods))
        opened.append(SqlStore(f"sqlite:///{database}", kept))
        return opened[-1]

    yield store
    for each in opened:
        each.close()


def first_run(store: SqlStore) -> None:
    """Leave a violation that stands with its task, and one that was resolved."""
    solved = a_violation(deal_id=OTHER, state=State.RESOLVED)
    with open_run(store) as run:
        run.stage([staged(a_violation()), staged(solved, deal_id=OTHER)])
        write(run, a_change())
        run.finish(RunStatus.DONE, {"run_id": run.row.id})


def later_run(store: SqlStore, database: Path) -> None:
    """Run again when all that is there is ten days old."""
    edit(database, "UPDATE run SET started_at = datetime(started_at, '-10 days')")
    with open_run(store) as run:
        run.commit(is_partial=True, with_tracking=False)
        run.finish(RunStatus.DONE, {})


def test_young_enough_everything_stays(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    store = keeping(values=timedelta(days=11), runs=timedelta(days=11))
    first_run(store)
    later_run(store, database)

    (change,) = store.changes("1")
    assert change.change == a_change()


def test_old_values_go_and_what_was_written_where_stays(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    store = keeping(values=timedelta(days=9))
    first_run(store)
    later_run(store, database)

    (change,) = store.changes("1")
    assert change.change.write == {}
    assert change.change.deal_name == ""
    assert (change.change.key, change.status) == (a_change().key, "done")
    solved = next(store.violations(ORG, ["resolved"]))
    assert (solved.findings, solved.deal_id) == ((), OTHER)
    assert list(store.violations(ORG, ["open"])) == [a_violation()]


def test_old_runs_go_and_what_stands_goes_on(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    store = keeping(runs=timedelta(days=9))
    first_run(store)
    later_run(store, database)

    assert [row.number for row in store.runs(ORG)] == [2]
    assert list(store.changes("1")) == []
    known = store.history(ORG, [DEAL_ID])[DEAL_ID]
    assert len(known.obligations) == 1
    assert list(store.violations(ORG, ["open"])) == [a_violation()]


@pytest.mark.promise("A1")
def test_the_chain_without_its_oldest_rows_is_as_sound_as_before(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    first_run(keeping())
    before = keeping().verify_audit(ORG)
    store = keeping(audit=AT_ONCE)
    later_run(store, database)

    after = store.verify_audit(ORG, before.head)

    assert after.is_sound
    assert after.rows == before.rows + 2  # what was forgotten, and the run's end
    assert (after.forgotten, after.walked) == (3, 2)
    edit(database, "UPDATE audit SET entry = '{}'")
    assert store.verify_audit(ORG).damaged_at == before.rows + 1
    edit(database, "DELETE FROM audit")
    assert store.verify_audit(ORG).damage == "the chain was cut: it had 5 rows"


def test_the_periods_where_no_setting_says_otherwise() -> None:
    days = [each.days for each in (KEPT.values, KEPT.runs, KEPT.audit)]

    assert days == [90, 396, 731]  # three, thirteen and twenty-four months


@pytest.mark.parametrize("days", [9, 11])
def test_what_is_kept_is_kept_to_the_day(
    keeping: Callable[..., SqlStore], database: Path, days: int
) -> None:
    """All is ten days old but the run that forgets."""
    store = keeping(values=timedelta(days=days), runs=timedelta(days=days))
    first_run(store)
    later_run(store, database)

    is_old = days < 10
    assert len(store.runs(ORG)) == (1 if is_old else 2)
    (solved,) = store.violations(ORG, ["resolved"])
    assert (solved.findings == (), solved.fix == "") == (is_old, is_old)


def test_values_go_from_every_old_run_and_from_no_other(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    store = keeping(values=timedelta(days=9))
    first_run(store)
    with open_run(store) as run:
        write(run, a_change(deal_id=OTHER, before={"subject": "s"}))
        run.finish(RunStatus.DONE, {})
    edit(database, "UPDATE run SET started_at = datetime(started_at, '-10 days')")
    with open_run(store) as run:
        write(run, a_change(deal_id="d3", before={"subject": "s"}))
        run.finish(RunStatus.DONE, {})

    told = {
        each.change.deal_id: (dict(each.change.write), dict(each.change.before))
        for number in "123"
        for each in store.changes(number)
    }
    kept = a_change(deal_id="d3")
    assert told == {
        DEAL_ID: ({}, {}),
        OTHER: ({}, {}),
        "d3": (dict(kept.write), {"subject": "s"}),
    }


def test_of_old_runs_nothing_is_left_in_any_table(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    store = keeping(runs=timedelta(days=9))
    first_run(store)
    with open_run(store) as run:
        run.adopt([an_obligation(deal_id="d9")], [a_violation(deal_id="d9")])
        run.stage([staged(obligations=[an_obligation(deal_id="d8")], deal_id="d8")])
        run.propose([], ["k1"])
        run.finish(RunStatus.DONE, {})
    later_run(store, database)

    tables = [*(each.name for each in STAGING), "change", "verdict_count"]
    left = {each: read(database, f"SELECT count(*) FROM {each}") for each in tables}
    assert left == {each: [(0,)] for each in tables}


def test_what_another_org_keeps_is_its_own(
    keeping: Callable[..., SqlStore], database: Path
) -> None:
    store = keeping(values=timedelta(days=9), runs=timedelta(days=9))
    first_run(store)
    edit(database, "PRAGMA foreign_keys = OFF")
    for table in ("change", "run", "violation", "verdict_count", "staged_deal"):
        edit(database, f"UPDATE {table} SET org = 'another'")
    edit(database, "UPDATE org SET org = 'another'")
    edit(database, "UPDATE run SET started_at = datetime(started_at, '-10 days')")
    before = [read(database, f"SELECT * FROM {each}") for each in ("change", "run")]
    edit(database, "UPDATE org SET org = ?", ORG)

    with open_run(store) as run:
        run.commit(is_partial=True, with_tracking=False)
        run.finish(RunStatus.DONE, {})

    theirs = [
        read(database, f"SELECT * FROM {each} WHERE org = 'another'")
        for each in ("change", "run")
    ]
    assert theirs == before
