"""The audit chain shows any edit, removal or other order."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from gatekeeper.core.model import WriteStatus
from gatekeeper.ports import RunStatus
from gatekeeper.store.audit import append, forget_before
from gatekeeper.store.database import Database
from gatekeeper.store.sql_store import SqlStore
from tests.builders import DEAL_ID, NOW, ORG, OWNER
from tests.store.meeting import meeting_after
from tests.store.values import (
    a_change,
    a_flag,
    a_receipt,
    chain_of,
    edit,
    open_run,
    plan_changes,
    read,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Postgres

OTHER_ORG = "sf:00D000000000009EAA"
LATER = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def chain(store: SqlStore) -> SqlStore:
    """Write seven rows: two writes with their receipts, a finish, the stop row."""
    with open_run(store) as run:
        write(run, a_change())
        write(run, a_flag(), WriteStatus.REJECTED, message="Ann Rep may not do this")
        run.finish(RunStatus.DONE, {})
    store.set_stop(ORG, stopped=True)
    store.set_stop(ORG, stopped=True)  # nothing changed: no row
    store.set_stop(ORG, stopped=False)
    return store


def test_an_untouched_chain_is_sound(chain: SqlStore, database: Path) -> None:
    check = chain.verify_audit(ORG)

    newest = read(database, "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")
    assert (check.rows, check.damaged_at, check.damage) == (7, None, "")
    assert newest == [(check.head,)]
    assert chain.archive.audit_head(ORG) == check.head


def test_an_org_without_history_has_an_empty_chain(store: SqlStore) -> None:
    check = store.verify_audit(ORG)

    assert (check.rows, check.head, check.damaged_at) == (0, "", None)
    assert store.archive.audit_head(ORG) == ""


@pytest.mark.promise("A1", "F40")
@pytest.mark.parametrize(
    ("damage", "position", "said"),
    [
        (
            "UPDATE audit SET entry = replace(entry, 'create', 'update') WHERE seq = 1",
            1,
            "it was edited",
        ),
        ("UPDATE audit SET hash = previous WHERE seq = 4", 4, "it was edited"),
        ("DELETE FROM audit WHERE seq = 3", 3, "rows are missing, or moved"),
        ("DELETE FROM audit WHERE seq = 1", 1, "rows are missing, or moved"),
        ("UPDATE audit SET seq = 99 WHERE seq = 2", 2, "rows are missing, or moved"),
        (
            "UPDATE audit SET entry = (SELECT entry FROM audit WHERE seq = 6)"
            " WHERE seq = 5",
            5,
            "it was edited",
        ),
        (
            "UPDATE audit SET previous = hash WHERE seq = 3",
            3,
            "it does not follow the row before",
        ),
    ],
)
def test_damage_is_found_at_its_position(
    chain: SqlStore, database: Path, damage: str, position: int, said: str
) -> None:
    edit(database, damage)

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (position - 1, position)
    assert check.damage == said


@pytest.mark.promise("A1", "F40")
def test_a_chain_that_does_not_end_in_its_head_is_damaged_at_its_end(
    chain: SqlStore, database: Path
) -> None:
    edit(database, "UPDATE audit_head SET hash = 'ff'")

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (7, 7)
    assert check.damage == "it is not the kept head"


def test_a_long_chain_is_verified_to_its_end(store: SqlStore, database: Path) -> None:
    """300 writes leave 600 rows, more than are read at once."""
    changes = [a_flag(f"d{number:03}") for number in range(300)]
    with open_run(store) as run:
        chunk = plan_changes(run, *changes)
        run.intend(chunk)
        run.record(chunk, [a_receipt(each.change) for each in chunk])
        run.finish(RunStatus.DONE, {})

    check = store.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (601, None)
    with store.upkeep.database.writing() as connection:
        assert forget_before(connection, OTHER_ORG, LATER) == 0
        assert forget_before(connection, ORG, LATER) == 601
        connection.rollback()

    edit(database, "UPDATE audit SET entry = '{}' WHERE seq = 501")
    check = store.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (500, 501)

    edit(database, "UPDATE audit SET entry = '{}' WHERE seq = 5")
    check = store.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (4, 5)


@pytest.mark.promise("F40", "A1")
def test_a_cut_chain_shows_by_its_head(chain: SqlStore, database: Path) -> None:
    edit(database, "DELETE FROM audit WHERE seq > 5")

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (5, 6)
    assert check.damage == "the chain was cut: it had 7 rows"


@pytest.mark.promise("F40", "A1")
def test_a_chain_cut_together_with_its_head_shows_by_one_printed_before(
    chain: SqlStore, database: Path
) -> None:
    whole = chain.verify_audit(ORG)
    edit(database, "DELETE FROM audit WHERE seq > 5")
    edit(
        database,
        "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)",
    )

    assert chain.verify_audit(ORG).is_sound
    check = chain.verify_audit(ORG, whole.head)
    assert (check.damaged_at, check.has_known, check.is_sound) == (None, False, False)


def test_a_head_printed_before_stays_in_a_chain_that_grew(chain: SqlStore) -> None:
    before = chain.verify_audit(ORG)
    chain.set_stop(ORG, stopped=True)

    assert chain.verify_audit(ORG, before.head).is_sound


@pytest.mark.promise("W3")
def test_every_write_has_an_intent_before_its_receipt(
    chain: SqlStore, database: Path
) -> None:
    entries = [
        json.loads(entry)
        for (entry,) in read(database, "SELECT entry FROM audit ORDER BY seq")
    ]

    assert chain.verify_audit(ORG).damaged_at is None
    assert [(each["event"], each.get("key")) for each in entries] == [
        ("intent", a_change().key),
        ("receipt", a_change().key),
        ("intent", f"flag:{DEAL_ID}"),
        ("receipt", f"flag:{DEAL_ID}"),
        ("run_finished", None),
        ("stop_set", None),
        ("stop_cleared", None),
    ]
    assert entries[1]["status"] == "done"


@pytest.mark.promise("A1", "S29")
def test_the_chain_holds_ids_and_counts_and_nobody_by_name(
    chain: SqlStore, database: Path
) -> None:
    entries = str(read(database, "SELECT entry FROM audit"))

    assert chain.verify_audit(ORG).rows == 7
    for personal in ("Ann Rep", "Acme", OWNER, "missing"):
        assert personal not in entries


def test_a_row_is_sealed_by_its_org_place_forerunner_and_entry(
    chain: SqlStore, database: Path
) -> None:
    """Worked out here with nothing of ours but the columns."""
    rows = read(database, "SELECT org, seq, previous, entry, hash FROM audit")

    forerunner = ""
    for place, (org, seq, previous, entry, seal) in enumerate(rows, start=1):
        assert (org, seq, previous) == (ORG, place, forerunner)
        text = f"{ORG}\n{place}\n{forerunner}\n{entry}"
        assert seal == sha256(text.encode()).hexdigest()
        forerunner = seal
    head = read(database, "SELECT org, seq, hash, base_seq, base_hash FROM audit_head")
    assert head == [(ORG, 7, forerunner, 0, "")]


def test_an_entry_says_when_by_the_clock_of_the_database_with_sorted_names(
    chain: SqlStore, database: Path
) -> None:
    entries = [entry for (entry,) in read(database, "SELECT entry FROM audit")]

    for entry in entries:
        told = json.loads(entry)
        assert list(told) == sorted(told)
        at = datetime.fromisoformat(told["at"])
        assert abs(datetime.now(UTC) - at) < timedelta(minutes=5)


def test_the_end_of_a_run_is_told_with_its_counts(
    chain: SqlStore, database: Path
) -> None:
    assert chain_of(database, "run_finished") == [
        {
            "event": "run_finished",
            "run": 1,
            "kind": "run",
            "status": "done",
            "deals": 0,
            "pack": "fp",
        }
    ]


def test_a_head_asked_for_is_known_wherever_it_stands_in_the_chain(
    chain: SqlStore, database: Path
) -> None:
    hashes = [each for (each,) in read(database, "SELECT hash FROM audit")]

    known = [chain.verify_audit(ORG, each).has_known for each in hashes]
    assert known == [True] * 7
    assert chain.verify_audit(ORG).has_known is None
    assert chain.verify_audit(ORG, "ff").has_known is False
    edit(database, "DELETE FROM audit WHERE seq = 4")
    assert chain.verify_audit(ORG, hashes[2]).has_known is True
    assert chain.verify_audit(ORG, hashes[5]).has_known is False


def test_a_chain_whose_rows_are_all_gone_is_damaged_from_the_first(
    chain: SqlStore, database: Path
) -> None:
    edit(database, "DELETE FROM audit")

    check = chain.verify_audit(ORG)
    assert (check.rows, check.head, check.damaged_at) == (0, "", 1)
    assert check.damage == "the chain was cut: it had 7 rows"


def test_rows_without_their_head_are_damaged(chain: SqlStore, database: Path) -> None:
    edit(database, "DELETE FROM audit_head")

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (7, 1)
    assert check.damage == "it is not the kept head"


def test_only_the_rows_at_the_start_that_are_old_go(
    chain: SqlStore, database: Path
) -> None:
    """Rows are of their moment: one at the very moment asked for stays."""
    hashes = [each for (each,) in read(database, "SELECT hash FROM audit")]
    moments = [NOW + timedelta(days=day) for day in (0, 1, 2, 0, 3, 4, 5)]
    for seq, at in enumerate(moments, start=1):
        edit(database, "UPDATE audit SET entry = ? WHERE seq = ?", entry_of(at), seq)

    with chain.upkeep.database.writing() as connection:
        gone = forget_before(connection, ORG, moments[2])
        again = forget_before(connection, ORG, moments[2])

    assert (gone, again) == (2, 0)
    assert [seq for (seq,) in read(database, "SELECT seq FROM audit")] == [*range(3, 9)]
    base = read(database, "SELECT seq, base_seq, base_hash FROM audit_head")
    assert base == [(8, 2, hashes[1])]
    ((newest,),) = read(database, "SELECT entry FROM audit WHERE seq = 8")
    told = json.loads(newest)
    assert (told["event"], told["rows"], told["head"]) == ("forgot", 2, hashes[1])


def test_a_chain_of_which_all_rows_are_old_is_sound_and_goes_on(
    chain: SqlStore,
) -> None:
    before = chain.verify_audit(ORG)
    with chain.upkeep.database.writing() as connection:
        assert forget_before(connection, ORG, LATER) == 7
    assert chain.verify_audit(ORG, before.head).is_sound

    chain.set_stop(ORG, stopped=True)

    check = chain.verify_audit(ORG, before.head)
    assert (check.rows, check.walked, check.is_sound) == (9, 2, True)


@pytest.mark.promise("A1", "F40")
def test_a_start_that_was_cut_off_with_the_head_made_to_fit_is_damage(
    chain: SqlStore, database: Path
) -> None:
    edit(
        database,
        "UPDATE audit_head SET base_seq = 3,"
        " base_hash = (SELECT hash FROM audit WHERE seq = 3)",
    )
    edit(database, "DELETE FROM audit WHERE seq <= 3")

    check = chain.verify_audit(ORG)

    assert (check.rows, check.damaged_at) == (0, 1)
    assert (
        check.damage == "the 3 rows before are gone, and no row says that they may be"
    )


@pytest.mark.promise("A1", "F40")
def test_more_cut_off_than_was_forgotten_is_damage(
    chain: SqlStore, database: Path
) -> None:
    with chain.upkeep.database.writing() as connection:
        forget_before(connection, ORG, LATER)
    chain.set_stop(ORG, stopped=True)
    edit(
        database,
        "UPDATE audit_head SET base_seq = 8,"
        " base_hash = (SELECT hash FROM audit WHERE seq = 8)",
    )
    edit(database, "DELETE FROM audit WHERE seq <= 8")

    assert chain.verify_audit(ORG).damaged_at == 1


@pytest.mark.promise("A1", "F40")
def test_a_chain_that_is_gone_with_its_head_is_damage_where_a_run_has_ended(
    chain: SqlStore, database: Path
) -> None:
    edit(database, "DELETE FROM audit")
    edit(database, "DELETE FROM audit_head")

    for _ in range(2):
        check = chain.verify_audit(ORG)
        assert (check.rows, check.damaged_at) == (0, 1)
        assert check.damage == "it holds nothing of run 1, which has ended"
        with open_run(chain) as run:  # a chain that begins anew hides nothing
            run.finish(RunStatus.DONE, {})


def test_a_run_that_died_before_its_first_write_leaves_the_chain_sound(
    store: SqlStore, database: Path
) -> None:
    """The next run notes that it failed; nothing was written that could be told."""
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})
    edit(database, "UPDATE run SET status = 'running'")
    edit(database, "DELETE FROM audit")
    edit(database, "DELETE FROM audit_head")
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})

    assert [row.status for row in store.runs(ORG)] == ["done", "failed"]
    assert store.verify_audit(ORG).is_sound


def test_the_head_is_written_into_the_log_at_the_end_of_each_run(
    store: SqlStore, database: Path
) -> None:
    with capture_logs() as lines:
        for _ in range(2):
            with open_run(store) as run:
                run.finish(RunStatus.DONE, {})

    hashes = [each for (each,) in read(database, "SELECT hash FROM audit ORDER BY seq")]
    about = {"event": "audit_head", "log_level": "info", "org": ORG}
    assert [each for each in lines if each["event"] == "audit_head"] == [
        {**about, "rows": 1, "head": hashes[0]},
        {**about, "rows": 2, "head": hashes[1]},
    ]


@pytest.mark.promise("A1")
@pytest.mark.parametrize("database_is", ["sqlite", "postgres"])
def test_a_chain_that_grows_while_it_is_verified_is_sound(
    request: pytest.FixtureRequest, tmp_path: Path, database_is: str
) -> None:
    url = f"sqlite:///{tmp_path / 'growing.db'}"
    if database_is == "postgres":
        url = request.getfixturevalue("postgres").fresh()
    is_over = Event()
    with closing(SqlStore(url)) as store, closing(SqlStore(url)) as worker:
        store.set_stop(ORG, stopped=True)

        def grow() -> None:
            while not is_over.is_set():
                for stopped in (False, True):
                    worker.set_stop(ORG, stopped=stopped)

        thread = Thread(target=grow)
        thread.start()
        try:
            checks = [store.verify_audit(ORG) for _ in range(300)]
        finally:
            is_over.set()
            thread.join()

    assert [each.damage for each in checks if not each.is_sound] == []
    assert checks[-1].rows > checks[0].rows


@pytest.mark.promise("A1")
def test_two_that_begin_a_chain_at_once_both_stand_in_it(postgres: Postgres) -> None:
    url = postgres.fresh()

    def begin(event: str) -> None:
        with closing(Database(url)) as database, database.writing() as connection:
            append(connection, ORG, [{"event": event}])

    with meeting_after("SELECT audit_head"), ThreadPoolExecutor(2) as both:
        list(both.map(begin, ["stop_set", "released"]))

    with closing(SqlStore(url)) as store:
        check = store.verify_audit(ORG)
    assert (check.is_sound, check.walked) == (True, 2)


def entry_of(at: datetime) -> str:
    return json.dumps({"at": at.isoformat()})
