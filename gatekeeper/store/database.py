"""One database: how it is opened, its transactions, and its errors as sentences.

SQLite runs with WAL, full synchronisation and foreign keys; a write transaction takes
the one writer's place at its start, so that it never fails half way through.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from gatekeeper.errors import SetupError, StoreError
from gatekeeper.store.statements import is_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection as SqliteConnection

    from sqlalchemy.engine import URL, Connection, Engine

BUSY_TIMEOUT_S = 60.0
"""How long to wait for the one who writes: the commit of a large org takes its time."""
_ONE_AT_A_TIME = 1735290987
"""A number of ours: locks of one database go by numbers that its programs agree on."""

_REMEDIES = {
    "database is locked": "is in use by another program. Wait until it is done",
    "not a database": "is not a gatekeeper database. Name another file in"
    " GATEKEEPER_DATABASE_URL",
    "malformed": "is damaged. Restore it from a backup, or move it away: tasks in the"
    " CRM are found again by their keys",
    "readonly": "may not be written. Give this user write access to the file and its"
    " folder",
    "unable to open": "cannot be opened. Check that this user may read and write the"
    " file and its folder",
    "disk is full": "cannot grow: the disk is full. Make room and run again",
}


class Database:
    """An engine with explicit reading and writing transactions.

    Attributes:
        name: What to call it in messages; holds no password.
        file: The SQLite file, or None.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.file = _sqlite_file(parsed)
        self.name = str(self.file or parsed.render_as_string(hide_password=True))
        if self.file is not None:
            _create_private(self.file)
        self._engine = _engine(parsed, is_file=self.file is not None)
        self._writer = self._engine.execution_options(is_writer=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with self._sentences(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may write; it commits unless the block raises."""
        with self._sentences(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Open a transaction that reads one moment, whatever others write."""
        reader = self._engine
        if self._engine.dialect.name == "postgresql":
            reader = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with self._sentences(), reader.begin() as connection:
            yield connection

    def check_whole(self) -> None:
        """Look through the pages of a SQLite file; a server looks after its own.

        Raises:
            StoreError: The file is damaged.
        """
        if self.file is None:
            return
        with self.reading() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise StoreError(f"The database {self.name} {_REMEDIES['malformed']}.")

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(_sentence(self.name, error)) from error


def database_now(connection: Connection) -> datetime:
    """Return the database's clock, the only one that leases go by.

    It goes on within a transaction, however long that lasts.
    """
    # The server's current_timestamp stands still from the start of a transaction.
    is_still = is_server(connection)
    clock = func.clock_timestamp() if is_still else func.current_timestamp()
    moment: datetime = connection.execute(select(clock)).scalar_one()
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def wait_alone(connection: Connection) -> None:
    """Wait until no other transaction is past this point; none is while this one lasts.

    In SQLite one transaction writes at a time anyhow.
    """
    if is_server(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise SetupError(
            "GATEKEEPER_DATABASE_URL is no database address. Write it like"
            " sqlite:///gatekeeper.db"
        ) from error
    is_plain = parsed.drivername in ("postgresql", "postgres")
    return parsed.set(drivername="postgresql+psycopg") if is_plain else parsed


def _sqlite_file(url: URL) -> Path | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database)).expanduser()


def _create_private(file: Path) -> None:
    """Create the file so that nobody else could read it at any moment."""
    if not file.parent.is_dir():
        raise StoreError(
            f"The folder {file.parent} for the database does not exist. Create it, or"
            " name another file in GATEKEEPER_DATABASE_URL."
        )
    try:
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database {file} cannot be opened ({error.strerror}). Check that this"
            " user may read and write the file and its folder."
        ) from error


def _engine(url: URL, *, is_file: bool) -> Engine:
    if url.get_backend_name() != "sqlite":
        return _server_engine(url)
    if is_file:
        url = url.set(database=str(_sqlite_file(url)))
        waits = {} if "timeout" in url.query else {"timeout": BUSY_TIMEOUT_S}
        engine = create_engine(url, connect_args=waits)
    else:
        # One connection is the database: a second one would see another, empty one.
        engine = create_engine(
            url, poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _server_engine(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        is_ours = url.get_backend_name() == "postgresql"
        how = ": pip install 'crm-gatekeeper[postgres]'" if is_ours else ""
        raise SetupError(
            f"There is no driver for {url.drivername} databases. Install it{how}, or"
            " use sqlite:///gatekeeper.db in GATEKEEPER_DATABASE_URL."
        ) from error


def _prepare(connection: SqliteConnection, _record: object) -> None:
    # The driver's own transactions begin too late (only at the first change).
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    is_writer = connection.get_execution_options().get("is_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _sentence(name: str, error: DBAPIError) -> str:
    cause = str(error.orig).strip().splitlines()[0] if str(error.orig) else "no answer"
    for sign, remedy in _REMEDIES.items():
        if sign in cause:
            return f"The database {name} {remedy}."
    return (
        f"The database {name} refused a statement ({cause}). Check that it can be"
        " reached and is writable, then run again."
    )
