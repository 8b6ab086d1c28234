"""A backup is all there is, and restoring it is all or nothing, on both databases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Action
from gatekeeper.errors import LeaseHeldError, SetupError, StoreError
from gatekeeper.ports import RunStatus
from gatekeeper.store.sql_store import SqlStore
from tests.builders import DEAL_ID, ORG, a_violation
from tests.store.values import a_change, edit, open_run, read, staged, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    MakeStore = Callable[[str], SqlStore]


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


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nothing_is_restored_while_a_run_is_under_way(
    store_of: MakeStore, tmp_path: Path, kind: str
) -> None:
    store = store_of(kind)
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    with open_run(store) as run:
        with pytest.raises(LeaseHeldError, match="is under way"):
            store.upkeep.restore(
                tmp_path / "old.db", tmp_path / "kept.db", verify=False
            )
        run.finish(RunStatus.DONE, {})

    assert len(store.runs(ORG)) == 2


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


def test_a_file_that_is_there_is_not_overwritten(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    (tmp_path / "backup.db").write_text("mine")

    with pytest.raises(SetupError, match="is there already"):
        store.upkeep.back_up(tmp_path / "backup.db")

    assert (tmp_path / "backup.db").read_text() == "mine"


def damaged_page(file: Path) -> None:
    """Spoil the pages after the first, as a bad disk does."""
    raw = bytearray(file.read_bytes())
    raw[4096:] = b"\xff" * (len(raw) - 4096)
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


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (damaged_page, "is no sound backup; nothing was changed"),
        (edited_audit, "is damaged at row 2: it was edited"),
        (no_database, "is no sound backup; nothing was changed"),
        (another_programs, "belongs to another program"),
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

    with pytest.raises(StoreError, match=said):
        store.upkeep.restore(file, tmp_path / "kept.db", verify=True)

    assert facts(store) == before
    assert not (tmp_path / "kept.db").exists()


def test_a_backup_of_another_org_is_refused(
    store_of: MakeStore, tmp_path: Path
) -> None:
    store = store_of("sqlite")
    ran(store)
    store.upkeep.back_up(tmp_path / "old.db")
    other = store_of("other")
    with open_run(other, org="sf:00D000000000009EAA") as run:
        run.finish(RunStatus.DONE, {})

    with pytest.raises(SetupError, match="belongs to sf:00D000000000009EAA"):
        other.upkeep.restore(tmp_path / "old.db", tmp_path / "kept.db", verify=False)


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
