"""The rows of runs: what one is opened and ended with, and how it is found again."""

from __future__ import annotations

import fcntl
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Outcome, WriteStatus
from gatekeeper.errors import SetupError, StopError
from gatekeeper.ports import RunKind, RunStatus
from gatekeeper.store.sql_store import SqlStore
from tests.builders import DEAL_ID, NOW, ORG, a_pack, a_rule, a_violation
from tests.store.meeting import meeting_after
from tests.store.values import (
    a_change,
    a_flag,
    an_obligation,
    edit,
    open_run,
    read,
    staged,
    write,
)

if TYPE_CHECKING:
    from tests.postgres import Postgres

OTHER = "sf:00D000000000009EAA"
OPEN_FILES = Path("/proc/self/fd")
tells_open_files = pytest.mark.skipif(
    not OPEN_FILES.exists(), reason="this system does not tell which files are open"
)


def done(store: SqlStore, times: int = 1) -> None:
    for _ in range(times):
        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})


def copied(database: Path, **columns: str) -> None:
    """Put a copy of the first run beside it, as another program might."""
    names = [name for _, name, *_ in read(database, "PRAGMA table_info(run)")]
    values = ", ".join(columns.get(each, f'"{each}"') for each in names)
    first = f"FROM run WHERE number = 1 AND org = '{ORG}'"
    edit(database, f"INSERT INTO run SELECT {values} {first}")


def test_a_run_is_opened_with_everything_it_is_known_by(
    store: SqlStore, database: Path
) -> None:
    pack = replace(a_pack(a_rule("b", logic="l1"), a_rule("a")), revision="8db1")
    done(store)
    with open_run(store, RunKind.PLAN, pack):
        names = (
            "org number kind status as_of finished_at deals pack report logics fence"
            " revision"
        )
        query = f"SELECT {', '.join(names.split())} FROM run WHERE number = 2"
        (opened,) = read(database, query)
        ((id_, started_at),) = read(
            database, "SELECT id, started_at FROM run WHERE number = 2"
        )

    logics = '{"b":"l1","a":"logic of a"}'
    as_of = "2026-11-20 14:00:00.000000"
    assert opened == (
        *(ORG, 2, "plan", "running", as_of, None, 0, "fp", "{}", logics, 2, "8db1"),
    )
    assert id_ == f"r-{datetime.fromisoformat(started_at):%Y%m%d}-0002"


def test_what_was_left_running_has_failed_once_the_next_run_begins(
    store: SqlStore, database: Path
) -> None:
    done(store, 2)
    edit(
        database,
        "UPDATE run SET status = 'running', finished_at = NULL WHERE number = 2",
    )
    ended = read(database, "SELECT finished_at FROM run WHERE number = 1")

    done(store)

    statuses = read(database, "SELECT status FROM run ORDER BY number")
    assert statuses == [("done",), ("failed",), ("done",)]
    assert read(database, "SELECT finished_at FROM run WHERE number = 1") == ended
    ((left_at, next_at),) = read(
        database,
        "SELECT a.finished_at, b.started_at FROM run a, run b"
        " WHERE a.number = 2 AND b.number = 3",
    )
    assert left_at == next_at


def test_a_run_of_another_org_is_not_touched(store: SqlStore, database: Path) -> None:
    done(store)
    copied(database, org=f"'{OTHER}'", status="'running'", number="41")

    done(store)

    rows = read(database, "SELECT org, number, status FROM run ORDER BY number")
    assert rows == [(ORG, 1, "done"), (ORG, 2, "done"), (OTHER, 41, "running")]


def test_the_report_of_a_run_is_its_own(store: SqlStore, database: Path) -> None:
    done(store)
    with open_run(store) as run:
        run.stage([staged()])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.HELD, {"n": 1})

    query = "SELECT status, report, deals FROM run ORDER BY number"
    assert read(database, query) == [("done", "{}", 0), ("held", '{"n":1}', 1)]


def test_digits_are_a_number_and_anything_else_the_start_of_an_id(
    store: SqlStore, database: Path
) -> None:
    done(store, 3)
    for number, name in enumerate(("r-1", "r-12", "x_y"), start=1):
        edit(database, "UPDATE run SET id = ? WHERE number = ?", name, number)

    found = {
        name: row and row.number
        for name in ("r-1", "r-12", "r-", "2", "002", "x", "x_", "r_12", "%2", "²")
        if (row := store.run(name)) or True
    }
    assert found == {
        "r-1": 1,  # an id that is whole goes before those that begin with it
        "r-12": 2,
        "r-": None,
        "2": 2,
        "002": 2,
        "x": 3,
        "x_": 3,
        "r_12": None,  # a sign that stands for any in queries stands for itself
        "%2": None,
        "²": None,
    }


def test_a_number_beyond_any_run_is_no_number(store: SqlStore, database: Path) -> None:
    done(store, 2)
    edit(database, "UPDATE run SET id = '1234567890-1' WHERE number = 1")
    edit(database, "UPDATE run SET id = '123456789-1' WHERE number = 2")

    ten_digits = store.run("1234567890")
    assert ten_digits is not None
    assert ten_digits.number == 1
    assert store.run("123456789") is None  # nine are the number of a run


def test_what_two_runs_are_called_by_finds_none(
    store: SqlStore, database: Path
) -> None:
    done(store)
    copied(database, org=f"'{OTHER}'", number="1")

    assert store.run("1") is None
    assert store.run("r-") is None


def test_the_latest_are_listed_by_number_and_then_by_org(
    store: SqlStore, database: Path
) -> None:
    done(store, 2)
    copied(database, org="'a'")
    copied(database, org="'b'", number="9")

    assert [row.number for row in store.runs()] == [9, 2, 1, 1]
    assert [row.number for row in store.runs(limit=3)] == [9, 2, 1]
    assert [row.number for row in store.runs("b")] == [9]
    latest = store.run("latest")
    assert latest is not None
    assert latest.number == 9
    done(store, 19)
    assert len(store.runs(ORG)) == 20


def test_a_run_of_another_org_is_told_where_it_may_go(
    store: SqlStore, database: Path
) -> None:
    done(store)

    with pytest.raises(SetupError) as refused, open_run(store, org=OTHER):
        pass

    assert str(refused.value) == (
        f"The database {database} belongs to {ORG}, but the CRM is {OTHER}. Point"
        " GATEKEEPER_DATABASE_URL at another database, or the CRM settings at"
        f" {ORG}."
    )
    assert [row.number for row in store.runs()] == [1]
    with pytest.raises(SetupError) as told:
        store.upkeep.check_org(OTHER)
    assert str(told.value) == str(refused.value)
    store.upkeep.check_org(ORG)


@pytest.mark.promise("F19")
def test_of_two_first_runs_at_once_one_org_has_the_database(postgres: Postgres) -> None:
    url = postgres.fresh()

    def run_first(org: str) -> str:
        with closing(SqlStore(url)) as store:
            try:
                with open_run(store, org=org) as run:
                    run.finish(RunStatus.DONE, {})
            except SetupError as refused:
                return str(refused)
        return "done"

    with meeting_after("SELECT org.org"), ThreadPoolExecutor(2) as both:
        told = list(both.map(run_first, [ORG, OTHER]))

    with closing(SqlStore(url)) as store:
        pinned = store.pinned_org()
    winner = told.index("done")
    assert pinned == (ORG, OTHER)[winner]
    assert f"belongs to {pinned}, but the CRM is" in told[1 - winner]


def test_a_database_without_a_run_suits_any_org(store: SqlStore) -> None:
    store.upkeep.check_org(ORG)
    store.upkeep.check_org(OTHER)

    assert store.pinned_org() is None


# ---- what a run counted --------------------------------------------------------------


def test_how_many_deals_a_run_read_is_told_from_its_commit_on_and_where_it_failed(
    store: SqlStore,
) -> None:
    """One that is killed while it writes has ended, as far as its row tells."""

    def told() -> list[int]:
        return [each.deals for each in store.runs()]

    with open_run(store) as run:
        run.stage([staged(deal_id="d1")])
        assert told() == [0]
        run.commit(is_partial=False, with_tracking=True)
        assert told() == [1]
        run.stage([staged(deal_id="d2")])
        run.finish(RunStatus.DONE, {})
    with open_run(store) as cut:
        cut.stage([staged(deal_id=each) for each in ("d1", "d2", "d3")])
        cut.finish(RunStatus.FAILED, {})

    assert told() == [3, 2]


def test_what_is_withheld_counts_as_that_alone(store: SqlStore) -> None:
    first, second, third = (a_change(deal_id=each) for each in ("d1", "d2", "d5"))
    fills = [a_flag("d3", fills_empty=True), a_flag("d4", fills_empty=True)]
    with open_run(store) as run:
        run.propose([first, second, third, *fills], ["k1", "k2"])
        run.withhold_keys({second.key: "w", fills[1].key: "w"})

        totals = run.totals()
    assert totals.actions == {"create": 2, "flag": 1}
    assert totals.per_person == {first.person_id: 2}
    assert (totals.first_fills, totals.withheld, totals.undecided) == (1, 2, 2)
    assert totals.resolved == 0


def test_a_run_cut_short_before_it_judged_tells_nothing_of_rules(
    store: SqlStore,
) -> None:
    """One that judged and found nothing to judge does, and so does one cut later."""
    pack = a_pack(a_rule("a", logic="l1"))
    endings = [
        (RunStatus.DONE, 0),
        (RunStatus.STOPPED, 0),
        (RunStatus.DEFERRED, 0),
        (RunStatus.STOPPED, 2),
        (RunStatus.DEFERRED, 1),
        (RunStatus.FAILED, 1),
    ]
    for status, deals in endings:
        with open_run(store, pack=pack) as run:
            failed = {"a": Outcome.FAIL}
            names = [f"d{number}" for number in range(deals)]
            run.stage([staged(deal_id=each, outcomes=failed) for each in names])
            run.commit(is_partial=False, with_tracking=True)
            run.finish(status, {})

    told = [dict(each.counts) for each in store.outcomes(ORG, NOW)]
    assert told == [{}, {("a", "fail"): 2}, {("a", "fail"): 1}]


def test_what_was_written_before_is_of_this_org_and_these_keys_and_not_refused(
    store: SqlStore,
) -> None:
    for status in (WriteStatus.REJECTED, WriteStatus.DONE):
        with open_run(store) as run:
            write(run, a_change(), status)
            run.finish(RunStatus.DONE, {})

    key = a_change().key
    assert store.written_before(ORG, [key], 2) == {}
    (wrote,) = store.written_before(ORG, [key], 3)[key]
    assert (wrote.change, wrote.status) == (a_change(), "done")
    assert store.written_before(OTHER, [key], 3) == {}


def test_the_latest_twenty_runs_are_listed_where_nobody_says_how_many(
    store: SqlStore,
) -> None:
    done(store, 21)

    assert [row.number for row in store.runs(ORG)] == list(range(21, 1, -1))


def test_what_a_run_is_adopting_is_not_history_before_its_commit(
    store: SqlStore,
) -> None:
    with open_run(store) as first:
        first.adopt([an_obligation()], [a_violation()])

        assert store.history(ORG, [DEAL_ID]) == {}
        assert first.history([DEAL_ID])[DEAL_ID].violations


def test_after_a_run_the_lock_beside_the_file_is_free(
    store: SqlStore, database: Path
) -> None:
    """Also for another program, which would take the lease to be a live one's."""
    done(store)

    with database.with_name(f"{database.name}-lease").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@tells_open_files
def test_a_closed_store_holds_no_file_open(store: SqlStore, database: Path) -> None:
    done(store)
    assert database.name in _open_files()

    store.close()

    assert database.name not in _open_files()


@tells_open_files
def test_a_store_that_cannot_be_brought_forward_holds_no_file_open(
    store: SqlStore, database: Path
) -> None:
    done(store)
    store.close()
    edit(database, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StopError):
        SqlStore(f"sqlite:///{database}")

    assert database.name not in _open_files()


def _open_files() -> set[str]:
    """Return the names of the files that this process holds open."""
    return {path.resolve().name for path in OPEN_FILES.iterdir() if path.exists()}
