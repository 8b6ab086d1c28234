"""A backup is all there is, and restoring it is all or nothing, on both databases."""

from __future__ import annotations

import os
import platform
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from alembic import command

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.model import Action
from gatekeeper.core.slots import Due, Schedule, Slot
from gatekeeper.errors import LeaseHeldError, SetupError, StoppedError, StoreError
from gatekeeper.ports import Delivery, Job, Posted, RunStatus
from gatekeeper.store.database import Database
from gatekeeper.store.migrate import alembic_config
from gatekeeper.store.schema import lease, slot
from gatekeeper.store.sent_days import LOST
from gatekeeper.store.sql_store import SqlStore
from gatekeeper.worker.duty import Appointment
from gatekeeper.worker.shift import used_days
from tests.builders import DEAL_ID, ORG, a_violation
from tests.store.meeting import amid
from tests.store.values import a_change, edit, open_run, read, staged, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import MakeStore


DAY = timedelta(days=1)
ANN = Job("digest", "ann")
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (16, 17, 18))
NINE = datetime(2026, 11, 16, 9, tzinfo=UTC)


def ran(store: SqlStore, *, closes: bool = False) -> None:
    """Run once: a violation stands and its task is open; or it is closed again."""
    with open_run(store) as run:
        run.stage([staged(a_violation())])
        if closes:
            write(run, a_change(Action.CLOSE, remote_id="00T000000000001AAA"))
        else:
            write(run, a_change())
        run.finish(RunStatus.DONE, {"run_id": run.row.id})


def facts(store: SqlStore) -> list[object]:
    return [
        [row.id for row in store.runs(ORG)],
        list(store.violations(ORG)),
        store.history(ORG, [DEAL_ID]),
        store.verify_audit(ORG),
        store.pinned_org(),
    ]


@pytest.mark.promise("F17")
@pytest.mark.parametrize("source", ["sqlite", "postgres"])
@pytest.mark.parametrize("target", ["other", "postgres"])
def test_a_restored_backup_is_what_was_there(
    store_of: MakeStore, tmp_path: Path, source: str, target: str
) -> None:
    store = store_of(source)
    ran(store)
    before = facts(store)
    file, keep = tmp_path / "backup.db", tmp_path / "kept.db"

    rows = store.upkeep.back_up(file)
    ran(store, closes=True)
    other = store_of(target)
    done = other.upkeep.restore(file, keep, verify=True)

    assert done.rows == rows
    assert rows["obligation"] == rows["violation"] == 1
    assert done.kept is None
    assert facts(other) == before
    assert list(before[1]) == [a_violation()]  # type: ignore[call-overload]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_stood_there_before_is_kept_beside(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    ran(store, closes=True)
    newer = facts(store)

    done = store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=False)

    assert done.kept == tmp_path / "kept.db"
    assert facts(store) != newer
    store.upkeep.restore(tmp_path / "kept.db", tmp_path / "kept2.db", verify=True)
    assert facts(store) == newer


class KeptFile(type(Path())):  # type: ignore[misc]
    """Where a restore keeps what stood there; a worker begins right after it did."""

    worker: Thread

    def rename(self, target: Path) -> Path:
        done = Path(self).rename(target)
        KeptFile.worker.start()
        KeptFile.worker.join(timeout=1)
        return done


@pytest.mark.promise("W9", "F17")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_run_that_begins_amid_a_restore_is_neither_lost_nor_mixed_in(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    ran(store, closes=True)
    begun: list[str] = []

    def work() -> None:
        with open_run(store) as run:
            begun.append(run.row.id)
            run.finish(RunStatus.DONE, {})

    KeptFile.worker = Thread(target=work)
    keep = KeptFile(tmp_path / "kept.db")
    store.upkeep.restore(tmp_path / "old.db", keep, verify=True)
    KeptFile.worker.join(timeout=30)

    with closing(SqlStore(f"sqlite:///{tmp_path / 'kept.db'}")) as kept:
        assert [row.number for row in kept.runs(ORG)] == [2, 1]
    assert [row.number for row in store.runs(ORG)] == [2, 1]
    assert store.runs(ORG)[0].id == begun[0]
    assert store.verify_audit(ORG).is_sound


@pytest.mark.promise("F17")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_stop_that_is_pressed_amid_a_restore_holds(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    store.upkeep.back_up(tmp_path / "blank.db")
    ran(store)
    KeptFile.worker = Thread(target=lambda: store.set_stop(ORG, stopped=True))
    keep = KeptFile(tmp_path / "kept.db")

    store.upkeep.restore(tmp_path / "blank.db", keep, verify=True)
    KeptFile.worker.join(timeout=30)

    assert store.verify_audit(ORG).is_sound
    with open_run(store) as run:
        assert run.is_stopped()


@pytest.mark.promise("W9", "F17")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_who_held_the_lease_before_a_restore_commits_nothing_after_it(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    ran(store, closes=True)
    store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=False)

    with open_run(store) as run:
        fence = run._lease.fence  # type: ignore[attr-defined]
        run.finish(RunStatus.DONE, {})

    assert fence == 4  # two runs, the restore, this run


@pytest.mark.promise("W9", "F17")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_who_held_a_lease_that_the_backup_does_not_know_commits_nothing_after_it(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    store.upkeep.back_up(tmp_path / "blank.db")
    with open_run(store) as paused:  # the first run ever
        with store._database.writing() as connection:  # its lease runs out
            ended = {"expires_at": lease.c.renewed_at, "has_file_lock": False}
            connection.execute(lease.update().values(ended))
        store.upkeep.restore(tmp_path / "blank.db", tmp_path / "kept.db", verify=True)
        with open_run(store) as run:
            with pytest.raises(StoppedError):
                paused.keep_lease()
            run.finish(RunStatus.DONE, {})

        fence = run._lease.fence  # type: ignore[attr-defined]
        assert fence == 3  # the paused run, the restore, this run


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nothing_is_restored_while_a_run_is_under_way(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    with open_run(store) as run:
        with pytest.raises(LeaseHeldError) as held:
            store.upkeep.restore(
                tmp_path / "old.db", tmp_path / "kept.db", verify=False
            )
        run.finish(RunStatus.DONE, {})

    holder = f"{platform.node()} (process {os.getpid()})"
    assert str(held.value) == (
        f"A run of {ORG} is under way: {holder}. Wait until it ends, then restore."
    )
    assert len(store.runs(ORG)) == 2


def digested(store: SqlStore, day: date, due_at: datetime) -> None:
    """Send Ann's digest of a day."""
    due = Due(Slot(day, due_at))
    store.slots.claim(ORG, ANN, due)
    store.outbox.keep(ORG, Posted("ann", day, Delivery.SENT, due_at))
    store.slots.close(ORG, ANN, day, "sent")


@pytest.mark.promise("F17", "D1")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_digests_sent_since_a_backup_stay_sent_after_it_is_restored(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    digested(store, MONDAY, NINE)
    store.slots.claim(ORG, ANN, Due(Slot(TUESDAY, NINE + DAY)))
    store.upkeep.back_up(tmp_path / "old.db")
    digested(store, TUESDAY, NINE + DAY)
    digested(store, WEDNESDAY, NINE + 2 * DAY)

    store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    assert store.slots.used(ORG, "digest") == {"ann": WEDNESDAY}
    known = [
        store.outbox.posted(ORG, "ann", day, Audience.MANAGER)
        for day in (TUESDAY, WEDNESDAY)
    ]
    assert [each.delivery for each in known if each] == [Delivery.SENT] * 2


@pytest.mark.promise("F17", "D1")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_where_the_database_was_lost_the_days_since_the_backup_count_as_used(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    """Of a digest that was due 30 hours ago the next one was due six hours ago."""
    store = store_of("sqlite")
    ran(store)
    due_at = datetime.now(UTC) - timedelta(hours=30)
    digested(store, due_at.date(), due_at)
    store.slots.claim(ORG, Job("run"), Due(Slot(due_at.date(), due_at)))
    store.slots.close(ORG, Job("run"), due_at.date(), "r-1")
    store.upkeep.back_up(tmp_path / "old.db")
    lost = store_of(f"other {kind}" if kind == "sqlite" else kind)

    lost.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    assert lost.slots.used(ORG, "digest") == {"ann": due_at.date() + DAY}
    assert lost.slots.used(ORG, "run") == {"": due_at.date()}  # is made late


@pytest.mark.promise("F17", "D1")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_first_digest_that_was_lost_with_the_database_is_not_sent_again(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    """The backup knows of no digest; one due an hour ago may have been sent since."""
    store = store_of("sqlite")
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    lost = store_of(f"other {kind}" if kind == "sqlite" else kind)
    lost.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)
    noon = datetime.now(UTC).replace(hour=12, minute=0)
    due_before = Schedule(time(11), ZoneInfo("UTC"))
    due_later = Schedule(time(14), ZoneInfo("UTC"))
    with lost.upkeep.database.writing() as connection:
        is_lost = slot.c.kind == LOST
        connection.execute(slot.update().where(is_lost).values(due_at=noon))

    found = used_days(
        lost.slots,
        ORG,
        [
            Appointment(Job("digest", "ann"), due_before),
            Appointment(Job("digest", "bea"), due_later),
            Appointment(Job("run"), due_before),
        ],
        noon + timedelta(hours=3),
    )

    assert found == {Job("digest", "ann"): noon.date()}
    assert lost.slots.lost_until(ORG, "run") is None
    assert store.slots.lost_until(ORG, "digest") is None


@pytest.mark.promise("F38")
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_restore_that_begins_amid_a_stop_waits_for_it(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    done: list[object] = []

    def restore() -> None:
        keep = tmp_path / "kept.db"
        done.append(store.upkeep.restore(tmp_path / "old.db", keep, verify=True))

    admin = Thread(target=restore)

    def begin() -> None:
        admin.start()
        admin.join(timeout=1)

    with amid("DELETE FROM kill_switch", begin):
        store.set_stop(ORG, stopped=True)
    admin.join(timeout=30)

    assert len(done) == 1
    with open_run(store) as run:
        assert run.is_stopped()
        run.finish(RunStatus.STOPPED, {})


@pytest.mark.promise("F38")
def test_what_a_person_stopped_stays_stopped(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    store.set_stop(ORG, stopped=True)

    store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    with open_run(store) as run:
        assert run.is_stopped()
        run.finish(RunStatus.STOPPED, {})


@pytest.mark.promise("S25")
def test_a_backup_is_a_file_for_its_owner_alone(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    ran(store)

    store.upkeep.back_up(tmp_path / "backup.db")

    assert (tmp_path / "backup.db").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.glob("backup.db*")] == ["backup.db"]


def test_a_backup_into_a_folder_that_is_not_there_says_so(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")

    with pytest.raises(SetupError) as refused:
        store.upkeep.back_up(tmp_path / "none" / "backup.db")

    assert str(refused.value) == (
        f"The folder {tmp_path / 'none'} for the backup does not exist. Create it, or"
        " name another file."
    )


def test_a_file_that_is_there_is_not_overwritten(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    (tmp_path / "backup.db").write_text("mine")

    with pytest.raises(SetupError) as refused:
        store.upkeep.back_up(tmp_path / "backup.db")

    assert str(refused.value) == (
        f"{tmp_path / 'backup.db'} is there already. Name another file for the backup."
    )

    assert (tmp_path / "backup.db").read_text() == "mine"


@pytest.mark.promise("F17")
def test_of_two_backups_at_once_into_one_file_one_is_refused_and_the_other_whole(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store, file = store_of("sqlite"), tmp_path / "backup.db"
    ran(store)
    written: list[int] = []

    def other() -> None:
        written.append(store.upkeep.back_up(file)["run"])

    with (
        amid("SELECT rule_seen", other),
        pytest.raises(SetupError, match=r"backup\.db is there already"),
    ):
        store.upkeep.back_up(file)

    assert written == [1]
    assert [each.name for each in tmp_path.glob("backup.db*")] == ["backup.db"]
    assert read(file, "SELECT count(*) FROM run") == [(1,)]


def damaged_page(file: Path) -> None:
    """Spoil the pages after the first, as a bad disk does."""
    raw = bytearray(file.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
    file.write_bytes(raw)


def damaged_index(file: Path) -> None:
    """Spoil one page that copying the rows never reads."""
    ((root,),) = read(
        file, "SELECT max(rootpage) FROM sqlite_master WHERE type = 'index'"
    )
    raw = bytearray(file.read_bytes())
    raw[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    file.write_bytes(raw)


def edited_audit(file: Path) -> None:
    edit(file, "UPDATE audit SET entry = '{}' WHERE seq = 2")


def no_database(file: Path) -> None:
    file.write_text("This is a letter, not a database. " * 200)


def another_programs(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.commit()


def nothing(file: Path) -> None:
    file.write_bytes(b"")


def without_tables(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.commit()


def newer(file: Path) -> None:
    edit(file, "UPDATE alembic_version SET version_num = '9999'")


UNREADABLE = Path("/proc/self/mem")
NO_BACKUP = (
    "old.db is no backup; nothing was changed. Name a file that `gatekeeper backup`"
    " wrote."
)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged_page, "old.db is damaged; nothing was changed. Use another backup."),
        (damaged_index, "old.db is damaged; nothing was changed. Use another backup."),
        (
            newer,
            r"old.db was written by a newer gatekeeper \(schema 9999, this program"
            r" knows \d{4}\); nothing was changed. Restore it with that version.$",
        ),
        (edited_audit, "is damaged at row 2: it was edited"),
        (no_database, NO_BACKUP),
        (nothing, NO_BACKUP),
        (another_programs, NO_BACKUP),
        (without_tables, NO_BACKUP),
    ],
)
def test_a_spoilt_backup_changes_nothing(
    store_of: MakeStore,
    tmp_path: Path,
    spoil: Callable[[Path], None],
    said: str,
) -> None:
    store = store_of("sqlite")
    ran(store)
    file = tmp_path / "old.db"
    store.upkeep.back_up(file)
    before = facts(store)
    spoil(file)

    with pytest.raises((StoreError, SetupError), match=said) as refused:
        store.upkeep.restore(file, tmp_path / "kept.db", verify=True)

    assert "GATEKEEPER_DATABASE_URL" not in str(refused.value)
    assert refused.value.exit_code == (2 if said is NO_BACKUP else 3)
    assert facts(store) == before
    assert not (tmp_path / "kept.db").exists()


@pytest.mark.promise("F37")
def test_a_backup_of_an_older_version_is_brought_forward_and_stays_as_it_is(
    store_of: MakeStore, tmp_path: Path
) -> None:
    file, store = tmp_path / "old.db", store_of("sqlite")
    with closing(Database(f"sqlite:///{file}")) as old, old.writing() as connection:
        command.upgrade(alembic_config(connection), "0006")
        connection.exec_driver_sql(
            "INSERT INTO digest VALUES"
            " ('org', 'bea', '2026-11-16', 'sent', '2026-11-16 12:00:00', 1, '', 'ok')"
        )

    store.upkeep.restore(file, tmp_path / "kept.db", verify=True)

    known = store.outbox.posted("org", "bea", MONDAY, Audience.MANAGER)
    assert known is not None
    assert known.detail == "ok"
    assert read(file, "SELECT version_num FROM alembic_version") == [("0006",)]


def test_a_backup_of_another_org_is_refused(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    other = store_of("other")
    with open_run(other, org="sf:00D000000000009EAA") as run:
        run.finish(RunStatus.DONE, {})

    with pytest.raises(SetupError) as refused:
        other.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=False)

    assert str(refused.value) == (
        f"The backup is of {ORG}, but the database {tmp_path / 'other.db'} belongs to"
        " sf:00D000000000009EAA. Point GATEKEEPER_DATABASE_URL at the database of"
        f" {ORG}, or at an empty one."
    )


@pytest.mark.promise("F28")
def test_a_damaged_database_is_found_before_anything_is_read(
    store: SqlStore, database: Path
) -> None:
    ran(store)
    store.close()
    raw = bytearray(database.read_bytes())
    pages = read(database, "SELECT max(rootpage) FROM sqlite_master")
    last = int(pages[0][0])  # the root of some table or index that nothing reads first
    raw[(last - 1) * 4096 : last * 4096] = b"\xff" * 4096
    database.write_bytes(raw)

    reopened = SqlStore(f"sqlite:///{database}")
    with pytest.raises(StoreError, match="is damaged"):
        ran(reopened)
    reopened.close()


def test_a_backup_that_is_not_there_is_named(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")

    with pytest.raises(SetupError) as refused:
        store.upkeep.restore(tmp_path / "none.db", tmp_path / "kept.db", verify=True)

    assert str(refused.value) == f"There is no backup {tmp_path / 'none.db'}."


@pytest.mark.skipif(not UNREADABLE.is_file(), reason="Linux shows memory as a file")
def test_a_backup_that_cannot_be_read_is_refused_with_the_systems_word(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")

    with pytest.raises(SetupError) as refused:
        store.upkeep.restore(UNREADABLE, tmp_path / "kept.db", verify=True)

    assert str(refused.value) == (
        f"{UNREADABLE} cannot be read: Input/output error. Nothing was changed."
    )


@pytest.mark.parametrize("verify", [True, False])
def test_what_is_read_back_otherwise_than_it_was_written_is_not_kept(
    store_of: MakeStore, tmp_path: Path, *, verify: bool
) -> None:
    """A trigger of the database's owner changes what is written into it."""
    store = store_of("sqlite")
    ran(store)
    file = tmp_path / "old.db"
    store.upkeep.back_up(file)
    edit(
        tmp_path / "sqlite.db",
        "CREATE TRIGGER meddle AFTER INSERT ON violation BEGIN"
        " UPDATE violation SET waiting = 'elsewhere'; END",
    )
    before = facts(store)

    if verify:
        with pytest.raises(StoreError, match="What was read back of violation differs"):
            store.upkeep.restore(file, tmp_path / "kept.db", verify=True)
        assert facts(store) == before
    else:
        store.upkeep.restore(file, tmp_path / "kept.db", verify=False)
        assert facts(store) != before


LEASE = "SELECT holder, fence, has_file_lock FROM lease"


def test_after_a_restore_the_lease_is_free_and_its_fence_above_both(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store, file = store_of("sqlite"), tmp_path / "sqlite.db"
    ran(store)
    ran(store, closes=True)
    store.upkeep.back_up(tmp_path / "second.db")
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})
    edit(
        file,
        "UPDATE lease SET holder = 'dead', has_file_lock = 1,"
        " expires_at = datetime('now', '+40 seconds')",
    )

    store.upkeep.restore(tmp_path / "second.db", tmp_path / "kept.db", verify=True)

    assert read(file, LEASE) == [("", 4, 0)]  # the third run had the third
    ((left_s,),) = read(
        file, "SELECT strftime('%s', expires_at) - strftime('%s', 'now') FROM lease"
    )
    assert left_s <= 0
    fresh = store_of("fresh")
    fresh.upkeep.restore(tmp_path / "second.db", tmp_path / "none.db", verify=True)
    assert read(tmp_path / "fresh.db", LEASE) == [("", 2, 0)]  # that of the backup
    with open_run(fresh, org=ORG) as run:
        run.finish(RunStatus.DONE, {})


def test_a_holder_without_a_file_lock_is_waited_for_until_its_lease_runs_out(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store, file = store_of("sqlite"), tmp_path / "sqlite.db"
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    held = "UPDATE lease SET holder = 'h', has_file_lock = 0, expires_at = datetime"
    edit(file, f"{held}('now', '+40 seconds')")
    with pytest.raises(LeaseHeldError, match=f"A run of {ORG} is under way: h"):
        store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)
    assert not (tmp_path / "kept.db").exists()
    edit(file, f"{held}('now', '-1 seconds')")

    store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    assert read(file, LEASE) == [("", 2, 0)]


@pytest.mark.promise("F16")
@pytest.mark.parametrize(
    ("holder", "ahead"), [("", "+30 seconds"), ("", "+1 day"), ("h", "+1 day")]
)
def test_a_lease_dated_by_a_clock_that_has_gone_back_since_stops_no_restore(
    store_of: MakeStore, tmp_path: Path, holder: str, ahead: str
) -> None:
    """One given back holds nothing, and none reaches a day beyond now."""
    store, file = store_of("sqlite"), tmp_path / "sqlite.db"
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    given = "UPDATE lease SET holder = ?, has_file_lock = 0, expires_at = datetime"
    edit(file, f"{given}('now', ?)", holder, ahead)

    store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    assert read(file, LEASE) == [("", 2, 0)]


def test_what_a_backup_that_broke_off_left_is_not_in_the_way(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    ran(store)
    (tmp_path / "backup.db.part").write_text("half of a file")

    rows = store.upkeep.back_up(tmp_path / "backup.db")

    assert (rows["run"], rows["lease"], rows["digest"]) == (1, 1, 0)
    assert [each.name for each in tmp_path.glob("*.part")] == ["backup.db.part"]
    assert read(tmp_path / "backup.db", "SELECT count(*) FROM run") == [(1,)]


def test_a_damaged_chain_in_a_backup_is_named_with_its_row(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store, file = store_of("sqlite"), tmp_path / "old.db"
    ran(store)
    store.upkeep.back_up(file)
    edited_audit(file)

    with pytest.raises(StoreError) as refused:
        store.upkeep.restore(file, tmp_path / "kept.db", verify=True)

    assert str(refused.value) == (
        f"The audit chain in {file} is damaged at row 2: it was edited. Nothing was"
        " changed; use another backup."
    )


def test_the_stop_of_a_backup_and_that_of_now_both_hold(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    ran(store)
    store.set_stop(ORG, stopped=True)
    store.upkeep.back_up(tmp_path / "old.db")
    store.set_stop(ORG, stopped=False)

    store.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    with open_run(store) as run:
        assert run.is_stopped()


def test_more_rows_than_go_at_once_are_restored_and_compared(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store, file = store_of("sqlite"), tmp_path / "sqlite.db"
    ran(store)
    edit(
        file,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)"
        " INSERT INTO rule_seen SELECT 'o', i, 'l' FROM n",
    )
    rows = store.upkeep.back_up(tmp_path / "old.db")
    other = store_of("other")

    done = other.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=True)

    assert done.rows == rows
    query = "SELECT count(DISTINCT rule_id) FROM rule_seen WHERE org = 'o'"
    assert read(tmp_path / "other.db", query) == [(2100,)]
