"""The lease: one run at a time, and a run that lost it commits nothing."""

from __future__ import annotations

import os
import platform
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Action
from gatekeeper.errors import LeaseHeldError, StoppedError
from gatekeeper.ports import NewLine, RunStatus
from gatekeeper.store.database import database_now
from gatekeeper.store.lease import FileLock, runs_on
from gatekeeper.store.schema import lease
from tests.builders import DEAL_ID, NOW, ORG, a_violation
from tests.store.meeting import racers
from tests.store.values import (
    a_change,
    a_receipt,
    an_obligation,
    edit,
    open_run,
    plan_changes,
    read,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.ports import Run
    from gatekeeper.store.sql_store import SqlStore
    from tests.store.conftest import MakeStore

LINE = NewLine(DEAL_ID, "qual-amount", None)
ROOT = Path(__file__).resolve().parents[2]
LONG_AGO = "2001-01-01 00:00:00.000000"
TOMORROW = ("2101-01-01 00:00:00.000000", "2101-01-01 00:01:00.000000")

COMMITS: dict[str, Callable[[Run], object]] = {
    "adopt": lambda run: run.adopt([an_obligation()], []),
    "stage": lambda run: run.stage([staged(a_violation())]),
    "release": lambda run: run.release([LINE], date(2026, 11, 20)),
    "hold back": lambda run: run.hold_back([LINE], "ramp"),
    "propose": lambda run: run.propose([a_change()], []),
    "withhold": lambda run: run.withhold(Action.FLAG, "spread", keep=0),
    "commit": lambda run: run.commit(is_partial=False, with_tracking=True),
    "adopt plan": lambda run: run.adopt_plan(run.row, set()),
    "keep lease": lambda run: run.keep_lease(),
    "finish": lambda run: run.finish(RunStatus.DONE, {}),
}


def expire(database: Path) -> None:
    edit(database, "UPDATE lease SET expires_at = ?", LONG_AGO)


def set_clock_back(database: Path) -> None:
    """Make the lease one of a later time, of a process that left no file lock."""
    edit(
        database,
        "UPDATE lease SET renewed_at = ?, expires_at = ?, has_file_lock = 0",
        *TOMORROW,
    )


@pytest.mark.promise("W9", "F15")
@pytest.mark.parametrize("name", COMMITS)
def test_a_run_that_lost_its_lease_commits_nothing(
    store: SqlStore, database: Path, name: str
) -> None:
    with open_run(store) as lost:
        expire(database)
        with open_run(store) as winner:
            before = _contents(database)
            with pytest.raises(StoppedError, match="lost its lease"):
                COMMITS[name](lost)
            assert _contents(database) == before
            winner.finish(RunStatus.DONE, {})

    assert [row.status for row in store.runs()] == [RunStatus.DONE, RunStatus.FAILED]


@pytest.mark.promise("W9", "F15")
def test_receipts_of_a_run_that_lost_its_lease_are_not_stored(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as lost:
        chunk = plan_changes(lost, a_change())
        lost.intend(chunk)
        expire(database)
        with open_run(store) as winner:
            with pytest.raises(StoppedError):
                lost.record(chunk, [a_receipt(a_change())])

            assert winner.known_keys([a_change().key])[a_change().key].version == 1
            winner.finish(RunStatus.DONE, {})


@pytest.mark.promise("W9")
def test_a_row_claimed_by_another_run_is_not_overwritten(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        chunk = plan_changes(run, a_change())
        run.intend(chunk)
        edit(database, "UPDATE obligation SET fence = fence + 1")

        with pytest.raises(StoppedError, match="Another run changed tasks"):
            run.record(chunk, [a_receipt(a_change())])


def test_a_run_whose_database_was_emptied_under_it_ends_with_a_sentence(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        edit(database, "DELETE FROM lease")

        with pytest.raises(StoppedError, match="emptied or replaced"):
            run.keep_lease()


def test_the_fence_grows_with_every_grant(store: SqlStore, database: Path) -> None:
    for _ in range(3):
        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})

    assert read(database, "SELECT number, fence FROM run ORDER BY number") == [
        (1, 1),
        (2, 2),
        (3, 3),
    ]


def test_a_lease_is_renewed_only_when_it_is_due(
    store: SqlStore, database: Path
) -> None:
    query = "SELECT renewed_at, expires_at FROM lease"
    with open_run(store) as run:
        granted = read(database, query)
        run.keep_lease()
        assert read(database, query) == granted

        edit(database, "UPDATE lease SET renewed_at = ?", LONG_AGO)
        expire(database)
        run.keep_lease()
        (renewed_at, expires_at), (first_renewed_at, _) = (
            read(database, query)[0],
            granted[0],
        )

    assert first_renewed_at <= renewed_at < expires_at


@pytest.mark.promise("W9")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_commit_that_outlasts_the_lease_renews_it_at_its_end(
    store_of: MakeStore, kind: str
) -> None:
    store = store_of(kind)
    with open_run(store) as run:
        with run._writing() as connection:  # type: ignore[attr-defined]
            begun = database_now(connection) - timedelta(seconds=61)
            ended = begun + timedelta(seconds=60)
            lasted = {"renewed_at": begun, "expires_at": ended}
            connection.execute(lease.update().values(lasted))

        with pytest.raises(LeaseHeldError), open_run(store):
            pass
        run.keep_lease()
        run.finish(RunStatus.DONE, {})

    with open_run(store) as following:
        following.finish(RunStatus.DONE, {})


def test_a_lease_given_back_is_not_taken_again_by_who_gave_it(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        ago(database, "renewed_at", 10)
        given = read(database, "SELECT renewed_at FROM lease")
        run.finish(RunStatus.DONE, {})
    ago(database, "renewed_at", 100)

    held = run._lease  # type: ignore[attr-defined]
    with store._database.writing() as connection:
        held.renew(connection)

    assert read(database, "SELECT holder FROM lease") == [("",)]
    assert read(database, "SELECT renewed_at FROM lease") < given


def test_an_expired_lease_that_nobody_took_still_holds(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        expire(database)
        run.stage([staged(a_violation())])
        run.finish(RunStatus.DONE, {})

    assert [row.status for row in store.runs()] == [RunStatus.DONE]


def test_a_holder_without_a_file_lock_is_waited_for(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        edit(database, "UPDATE lease SET has_file_lock = 0")
        with pytest.raises(LeaseHeldError), open_run(store):
            pass
        run.finish(RunStatus.DONE, {})


@pytest.mark.promise("F16")
def test_a_lease_given_back_is_free_also_where_the_clock_has_gone_back(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})
    edit(database, "UPDATE lease SET renewed_at = ?, expires_at = ?", *TOMORROW)

    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})


@pytest.mark.promise("F16")
def test_a_dead_holder_is_not_waited_for_until_a_clock_set_back_has_caught_up(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as dead:
        set_clock_back(database)

        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})
        with pytest.raises(StoppedError):
            dead.keep_lease()


@pytest.mark.promise("F16")
def test_a_living_holder_keeps_its_lease_when_the_clock_goes_back(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        set_clock_back(database)
        run.keep_lease()

        with pytest.raises(LeaseHeldError), open_run(store):
            pass
        run.finish(RunStatus.DONE, {})


@pytest.mark.promise("F14")
def test_of_two_processes_racing_for_the_lease_one_wins(
    store: SqlStore, database: Path
) -> None:
    store.close()
    with racers("race", str(database)) as two:
        answers = []
        for racer in two:
            assert racer.stdout is not None
            answers.append(racer.stdout.readline())
        for racer in two:
            racer.communicate("done\n", timeout=30)

    assert sorted(answers) == ["held\n", "won\n"]
    assert [racer.returncode for racer in two] == [0, 0]
    with open_run(store) as run:
        assert run.row.number == 2


def _contents(database: Path) -> list[object]:
    tables = (
        "run adopted_obligation staged_deal staged_violation change undecided"
        " violation obligation verdict_count rule_seen audit lease"
    )
    return [read(database, f"SELECT * FROM {table}") for table in tables.split()]


def ago(database: Path, column: str, seconds: int) -> None:
    """Put a moment of the lease back by the database's clock."""
    edit(
        database,
        f"UPDATE lease SET {column} = datetime('now', '{-seconds:+d} seconds')",
    )


def test_a_lease_says_who_has_it_and_for_how_long(
    store: SqlStore, database: Path
) -> None:
    columns = "holder, fence, has_file_lock, granted_at, renewed_at, expires_at"
    with open_run(store) as run:
        ((holder, fence, is_locked, *times),) = read(
            database, f"SELECT {columns} FROM lease"
        )
        granted, renewed, expires = map(datetime.fromisoformat, times)
        run.finish(RunStatus.DONE, {})

    assert holder == f"{platform.node()} (process {os.getpid()})"
    assert (fence, is_locked) == (1, 1)
    assert granted == renewed == expires - timedelta(minutes=1)
    rows = read(database, f"SELECT {columns} FROM lease")
    assert [row[:3] for row in rows] == [("", 1, 0)]
    assert datetime.fromisoformat(rows[0][5]) < expires


def test_a_renewed_lease_holds_for_a_minute_from_then(
    store: SqlStore, database: Path
) -> None:
    """It is renewed once a third of its life is over, and once it lies ahead."""
    times = "SELECT renewed_at, expires_at FROM lease"
    with open_run(store) as run:
        ago(database, "renewed_at", 10)
        early = read(database, times)
        run.keep_lease()
        assert read(database, times) == early

        for seconds in (20, -30):
            ago(database, "renewed_at", seconds)
            run.keep_lease()
            renewed, expires = map(datetime.fromisoformat, read(database, times)[0])
            assert expires - renewed == timedelta(minutes=1)
            assert read(database, times) != early
        run.finish(RunStatus.DONE, {})


def test_who_waits_for_a_lease_is_told_its_holder_its_age_and_its_end(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        ago(database, "granted_at", 100)
        edit(database, "UPDATE lease SET holder = 'h (process 7)', has_file_lock = 0")
        with pytest.raises(LeaseHeldError) as held, open_run(store):
            pass
        run.finish(RunStatus.DONE, {})

    told = re.fullmatch(
        rf"Another run of {ORG} is under way: h \(process 7\) has held the lease for"
        r" (\d+) s\. Wait until it ends; should it have died, the lease runs out in"
        r" (\d+) s\.",
        str(held.value),
    )
    assert told is not None
    age_s, rest_s = map(int, told.groups())
    assert 100 <= age_s < 130
    assert 30 < rest_s <= 60


@pytest.mark.parametrize(
    ("after", "holds"),
    [
        (timedelta(microseconds=-1), False),
        (timedelta(), False),
        (timedelta(microseconds=1), True),
        (timedelta(minutes=2), True),
        (timedelta(minutes=2, microseconds=1), False),
    ],
)
def test_a_lease_holds_to_its_end_unless_that_is_beyond_any_life(
    after: timedelta, *, holds: bool
) -> None:
    assert runs_on(NOW + after, NOW) is holds


def test_who_lost_its_lease_or_its_database_is_told_in_a_sentence(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        edit(database, "UPDATE lease SET fence = 2, holder = 'another'")
        with pytest.raises(StoppedError) as lost:
            run.keep_lease()
        edit(database, "UPDATE lease SET holder = ''")
        with pytest.raises(StoppedError) as given_back:
            run.keep_lease()
        edit(database, "DELETE FROM lease")
        with pytest.raises(StoppedError) as emptied:
            run.keep_lease()

    said = (
        f"This run lost its lease of {ORG} to %s and wrote nothing more. Start it again"
        " when the other one is done."
    )
    assert str(lost.value) == said % "another"
    assert str(given_back.value) == said % "another run"
    assert str(emptied.value) == (
        f"The database was emptied or replaced while this run of {ORG} was under way."
        " It wrote nothing more; start it again."
    )


def test_who_lost_the_lease_takes_nothing_from_who_has_it(
    store: SqlStore, database: Path
) -> None:
    with open_run(store):
        edit(database, "UPDATE lease SET fence = 2, holder = 'another'")
        rows = read(database, "SELECT * FROM lease")

    assert read(database, "SELECT * FROM lease") == rows


def test_a_living_holder_with_its_file_lock_is_waited_for(store: SqlStore) -> None:
    with open_run(store) as run:
        with pytest.raises(LeaseHeldError), open_run(store):
            pass
        run.keep_lease()
        run.finish(RunStatus.DONE, {})


def test_the_lease_of_another_org_is_left_alone(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        edit(
            database,
            "INSERT INTO lease SELECT 'another', holder, fence, granted_at, renewed_at,"
            " expires_at, has_file_lock FROM lease",
        )
        theirs = read(database, "SELECT * FROM lease WHERE org = 'another'")
        run.finish(RunStatus.DONE, {})

    assert read(database, "SELECT * FROM lease WHERE org = 'another'") == theirs


def opened(path: Path) -> int:
    """Count what this process has open of a file."""
    files = [each.resolve() for each in Path("/proc/self/fd").iterdir()]
    return files.count(path.resolve())


def test_a_file_lock_is_one_at_a_time_and_leaves_nothing_open(database: Path) -> None:
    path = database.with_name("gatekeeper.db-lease")
    one, other = FileLock(database), FileLock(database)
    assert (one.is_held, other.is_held) == (True, False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert opened(path) == 1

    one.close()
    one.close()
    assert (one.is_held, opened(path)) == (False, 0)
    third = FileLock(database)
    assert third.is_held
    third.close()


def test_where_there_is_no_file_there_is_no_file_lock() -> None:
    none = FileLock(None)
    assert not none.is_held
    none.close()


def test_every_org_has_its_own_lease_row(store: SqlStore, database: Path) -> None:
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})

    assert read(database, "SELECT org, holder FROM lease") == [(ORG, "")]
