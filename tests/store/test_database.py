"""Opening a database: private, durable, and every refusal one clear sentence."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime, timedelta
from shutil import rmtree
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import StatementError

from gatekeeper.errors import SetupError, StoreError
from gatekeeper.ports import RunKind, RunStatus
from gatekeeper.store.database import Database, database_now
from gatekeeper.store.sql_store import SqlStore
from tests.builders import ORG
from tests.store.values import PACK, edit, open_run, read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Postgres


def opening(url: str) -> str:
    """Return what is said when a database cannot be opened."""
    with pytest.raises(StoreError) as caught:
        SqlStore(url)
    assert caught.value.exit_code == 3
    return str(caught.value)


@pytest.mark.promise("S25")
def test_the_file_and_its_companions_are_private_under_any_umask(
    tmp_path: Path,
) -> None:
    before = os.umask(0)
    try:
        store = SqlStore(f"sqlite:///{tmp_path / 'gatekeeper.db'}")
        with open_run(store):
            modes = {
                each.name: stat.S_IMODE(each.stat().st_mode)
                for each in tmp_path.iterdir()
            }
        store.close()
    finally:
        os.umask(before)

    assert modes == dict.fromkeys(
        [
            "gatekeeper.db",
            "gatekeeper.db-lease",
            "gatekeeper.db-wal",
            "gatekeeper.db-shm",
        ],
        0o600,
    )


def test_writes_are_durable_and_references_hold(store: SqlStore) -> None:
    with store._database.reading() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]

    assert pragmas == ["wal", 2, 1, 60_000]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'nowhere' / 'gatekeeper.db'}"

    assert opening(url) == (
        f"The folder {tmp_path / 'nowhere'} for the database does not exist. Create it,"
        " or name another file in GATEKEEPER_DATABASE_URL."
    )


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    assert opening(f"sqlite:///{tmp_path}") == (
        f"The database {tmp_path} cannot be opened (Is a directory). Check that this"
        " user may read and write the file and its folder."
    )


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, but long enough to have a header " * 9)
    before = file.read_bytes()

    assert opening(f"sqlite:///{file}") == (
        f"The database {file} is not a gatekeeper database. Name another file in"
        " GATEKEEPER_DATABASE_URL."
    )
    assert file.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(database: Path) -> None:
    edit(database, "CREATE TABLE recipes (name TEXT)")

    assert opening(f"sqlite:///{database}") == (
        f"The database {database} belongs to another program. Name another one in"
        " GATEKEEPER_DATABASE_URL."
    )
    assert read(database, "SELECT name FROM sqlite_master") == [("recipes",)]


def test_a_database_somebody_else_holds_is_waited_for_and_then_named(
    store: SqlStore, database: Path
) -> None:
    impatient = SqlStore(f"sqlite:///{database}?timeout=0.05")
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught, open_run(impatient):
            pass
        other.execute("ROLLBACK")
    impatient.close()

    assert str(caught.value) == (
        f"The database {database} is in use by another program. Wait until it is done."
    )
    assert store.runs() == []


def test_a_damaged_page_is_said_to_be_damaged(database: Path) -> None:
    SqlStore(f"sqlite:///{database}").close()
    pages = database.read_bytes()
    database.write_bytes(pages[:100] + b"\xff" * (len(pages) - 100))

    assert opening(f"sqlite:///{database}") == (
        f"The database {database} is damaged. Restore it from a backup, or move it"
        " away: tasks in the CRM are found again by their keys."
    )


def test_a_write_the_file_system_refuses_is_one_sentence(
    store: SqlStore, database: Path
) -> None:
    with store._database.reading() as connection:
        connection.exec_driver_sql("PRAGMA query_only = ON")

    with pytest.raises(StoreError) as caught:
        store.set_stop(ORG, stopped=True)

    assert str(caught.value) == (
        f"The database {database} may not be written. Give this user write access to"
        " the file and its folder."
    )


def test_an_address_that_is_none_is_a_matter_of_settings() -> None:
    with pytest.raises(SetupError) as caught:
        SqlStore("gatekeeper.db")

    assert str(caught.value) == (
        "GATEKEEPER_DATABASE_URL is no database address. Write it like"
        " sqlite:///gatekeeper.db"
    )


def test_a_database_kind_without_a_driver_is_a_matter_of_settings() -> None:
    said = (
        "There is no driver for %s databases. Install it%s, or use"
        " sqlite:///gatekeeper.db in GATEKEEPER_DATABASE_URL."
    )
    with pytest.raises(SetupError) as odd:
        SqlStore("oddsql://somewhere/gatekeeper")
    with pytest.raises(SetupError) as ours:
        SqlStore("postgresql+oddpg://somewhere/gatekeeper")

    assert str(odd.value) == said % ("oddsql", "")
    how = ": pip install 'crm-gatekeeper[postgres]'"
    assert str(ours.value) == said % ("postgresql+oddpg", how)


@pytest.mark.promise("S02")
def test_a_password_in_the_address_is_never_shown() -> None:
    with pytest.raises((SetupError, StoreError)) as caught:
        SqlStore("postgresql+pg8000://ann:canary@127.0.0.1:1/gatekeeper")

    assert "canary" not in str(caught.value)


def test_a_relative_file_lies_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    SqlStore("sqlite:///gatekeeper.db").close()

    assert (tmp_path / "gatekeeper.db").is_file()


def test_two_stores_share_one_file(store: SqlStore, database: Path) -> None:
    other = SqlStore(f"sqlite:///{database}")
    with open_run(store) as run:
        assert not run.is_stopped()
        other.set_stop(ORG, stopped=True)
        assert run.is_stopped()
    other.close()


def test_a_lease_that_cannot_be_opened_is_named(
    store: SqlStore, database: Path
) -> None:
    lease = database.with_name("gatekeeper.db-lease")
    lease.mkdir()

    with pytest.raises(StoreError) as caught, open_run(store):
        pass

    assert str(caught.value) == (
        f"The lease file {lease} cannot be opened (Is a directory). Check that this"
        " user may write in that folder."
    )


def test_a_statement_that_is_refused_says_what_the_database_says(
    store: SqlStore, database: Path
) -> None:
    edit(database, "DROP TABLE kill_switch")

    with pytest.raises(StoreError) as caught:
        store.set_stop(ORG, stopped=True)

    assert str(caught.value) == (
        f"The database {database} refused a statement (no such table: kill_switch)."
        " Check that it can be reached and is writable, then run again."
    )


def test_a_moment_without_a_zone_is_never_stored(store: SqlStore) -> None:
    naive = datetime(2026, 11, 20, 14)  # noqa: DTZ001  that is what is refused
    with (
        pytest.raises(StatementError, match="2026-11-20 14:00:00 has no zone"),
        store.open_run(ORG, RunKind.RUN, naive, PACK),
    ):
        pass


def test_a_full_disk_is_said_to_be_full(store: SqlStore, database: Path) -> None:
    """SQLite may be given a bound of pages; it is told in the words of a full disk."""
    with store.upkeep.database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    with pytest.raises(StoreError) as caught, open_run(store) as run:
        run.finish(RunStatus.DONE, {"text": "x" * 100_000})

    assert str(caught.value) == (
        f"The database {database} cannot grow: the disk is full. Make room and run"
        " again."
    )


def test_a_file_whose_folder_has_gone_cannot_be_opened(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    folder.mkdir()
    store = SqlStore(f"sqlite:///{folder / 'gatekeeper.db'}")
    store.close()
    rmtree(folder)

    with pytest.raises(StoreError) as caught:
        store.runs()

    assert str(caught.value) == (
        f"The database {folder / 'gatekeeper.db'} cannot be opened. Check that this"
        " user may read and write the file and its folder."
    )


@pytest.mark.promise("S02")
@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_server_is_called_by_its_address_without_the_password(scheme: str) -> None:
    url = f"{scheme}://ann:canary@127.0.0.1:1/gatekeeper"
    with closing(Database(url)) as server:
        assert server.file is None
        assert server.name == "postgresql+psycopg://ann:***@127.0.0.1:1/gatekeeper"
        server.check_whole()  # a server looks after its own
        with pytest.raises(StoreError) as caught, server.reading():
            pass

    assert str(caught.value).startswith(f"The database {server.name} refused a state")
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_one_for_all_threads(url: str) -> None:
    found: list[str | None] = []
    with closing(SqlStore(url)) as store:
        assert store.upkeep.database.file is None
        store.upkeep.database.check_whole()
        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})
        other = Thread(target=lambda: found.append(store.pinned_org()))
        other.start()
        other.join()

    assert found == [ORG]


def test_a_file_in_the_home_folder_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    with closing(Database("sqlite:///~/g.db")) as opened:
        assert (opened.file, opened.name) == (tmp_path / "g.db", f"{tmp_path}/g.db")
        with opened.reading() as connection:
            now = database_now(connection)

    assert (tmp_path / "g.db").exists()
    assert not (tmp_path / "~").exists()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_what_was_begun_and_broke_off_leaves_nothing(
    store: SqlStore, database: Path
) -> None:
    def begin() -> None:
        with store.upkeep.database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO org VALUES ('x', '2026-11-20')")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        begin()

    assert read(database, "SELECT * FROM org") == []


def test_who_writes_has_the_one_place_from_the_start(
    store: SqlStore, database: Path
) -> None:
    """Who only reads has not, so that others may write meanwhile."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
        with store.upkeep.database.reading():
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        with (
            store.upkeep.database.writing(),
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("BEGIN IMMEDIATE")


def test_the_clock_of_a_file_is_that_of_this_machine(store: SqlStore) -> None:
    now = store.upkeep.now()

    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_the_clock_of_a_server_goes_on_within_a_transaction(postgres: Postgres) -> None:
    with closing(Database(postgres.fresh())) as server, server.reading() as connection:
        begun, later = database_now(connection), database_now(connection)

    assert begun < later
