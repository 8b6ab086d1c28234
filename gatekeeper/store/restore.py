"""Restoring: the rows of a backup in the place of all that a database holds.

In one transaction, where no run is under way, and nothing of what was there is lost: in
that same transaction it is backed up first, and what was sent since the backup stays
sent.
"""

from __future__ import annotations

import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, text

from gatekeeper.errors import LeaseHeldError, SetupError, StoreError
from gatekeeper.store import audit
from gatekeeper.store.backup import copy_table, write_backup
from gatekeeper.store.codec import canonical_text, digest_of
from gatekeeper.store.columns import metadata
from gatekeeper.store.database import Database, database_now
from gatekeeper.store.lease import FileLock, is_held, vacant
from gatekeeper.store.migrate import migrate, written_revision
from gatekeeper.store.pinned import pinned_org
from gatekeeper.store.schema import HEAD, kill_switch, lease
from gatekeeper.store.schema import org as org_table
from gatekeeper.store.schema import run as run_table
from gatekeeper.store.sent_days import sent_days, stay_sent, take_as_sent
from gatekeeper.store.statements import CHUNK, insert_missing, is_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

    from gatekeeper.store.backup import Rows

_SQLITE = b"SQLite format 3\x00"
"""How a SQLite file begins."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did.

    Attributes:
        rows: Table to number of rows that came from the backup.
        kept: Where what stood before is kept, None where there was nothing.
    """

    rows: Rows
    kept: Path | None


def restore(file: Path, target: Database, keep: Path, *, verify: bool) -> Restored:
    """Put the rows of a backup in the place of all that a database holds.

    Args:
        file: A backup; it stays as it is.
        target: With tables of this program.
        keep: Where to back up what stands there now.
        verify: Read everything back and compare it before it counts.

    Raises:
        SetupError: The file is no backup, or one of another org.
        StoreError: The backup is damaged, or what was read back differs from it.
        LeaseHeldError: A run is under way.
    """
    lock = FileLock(target.file)
    try:
        with (
            _readable(file) as source,
            source.snapshot() as reading,
            target.writing() as writing,
        ):
            _lock_out_writers(writing)
            fences = _fences(writing, lock)
            _refuse_other_org(reading, writing, target.name)
            kept = keep if _holds_runs(writing) else None
            if kept is not None:
                write_backup(writing, kept)
            known = sent_days(writing)
            rows = _replace(reading, writing, fences)
            if verify:
                _compare(reading, writing)
            if kept is None:
                take_as_sent(writing)
            stay_sent(writing, known)
    finally:
        lock.close()
    return Restored(rows, kept)


@contextmanager
def _readable(file: Path) -> Iterator[Database]:
    """Open a copy of a backup, brought to this program's tables and found sound."""
    if not file.is_file():
        message = f"There is no backup {file}."
        raise SetupError(message)
    _refuse_other_file(file)
    with TemporaryDirectory() as folder:
        copy = Path(folder, "backup.db")
        shutil.copy(file, copy)
        with closing(Database(f"sqlite:///{copy}")) as source:
            _refuse_unsound(source, file)
            migrate(source)
            _refuse_damaged_chain(source, file)
            yield source


def _refuse_other_file(file: Path) -> None:
    """Make sure that a file can be read and is a database, whoever's.

    Raises:
        SetupError: It is not.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_SQLITE))
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}. Nothing was changed."
        raise SetupError(message) from error
    if head != _SQLITE:
        raise _no_backup(file)


def _refuse_unsound(source: Database, file: Path) -> None:
    """Make sure that a copy of a backup is whole and that this program knows it.

    Raises:
        SetupError: Another program wrote it.
        StoreError: It is damaged, or a newer gatekeeper wrote it.
    """
    try:
        source.check_whole()
        with source.reading() as connection:
            revision = written_revision(connection)
    except StoreError as error:
        message = f"{file} is damaged; nothing was changed. Use another backup."
        raise StoreError(message) from error
    if revision is None:
        raise _no_backup(file)
    if revision > HEAD:
        message = (
            f"{file} was written by a newer gatekeeper (schema {revision}, this program"
            f" knows {HEAD}); nothing was changed. Restore it with that version."
        )
        raise StoreError(message)


def _no_backup(file: Path) -> SetupError:
    return SetupError(
        f"{file} is no backup; nothing was changed. Name a file that `gatekeeper"
        " backup` wrote."
    )


def _refuse_damaged_chain(source: Database, file: Path) -> None:
    with source.reading() as connection:
        orgs = connection.execute(select(org_table.c.org)).scalars().all()
    for org in orgs:
        check = audit.verify(source, org)
        if not check.is_sound:
            message = (
                f"The audit chain in {file} is damaged at row {check.damaged_at}:"
                f" {check.damage}. Nothing was changed; use another backup."
            )
            raise StoreError(message)


def _refuse_other_org(reading: Connection, writing: Connection, name: str) -> None:
    pinned, saved = pinned_org(writing), pinned_org(reading)
    if pinned and saved and pinned != saved:
        message = (
            f"The backup is of {saved}, but the database {name} belongs to"
            f" {pinned}. Point GATEKEEPER_DATABASE_URL at the database of {saved}, or"
            " at an empty one."
        )
        raise SetupError(message)


def _holds_runs(writing: Connection) -> bool:
    return writing.execute(select(run_table.c.id).limit(1)).first() is not None


def _lock_out_writers(writing: Connection) -> None:
    """Let others read and not write until the transaction ends.

    What they wrote after what stands there was backed up would be lost. In SQLite one
    transaction writes at a time anyhow.
    """
    if is_server(writing):
        # A run's transactions begin with its lease, and a stop with its switch: who
        # is amid one is waited for, and not the other way round.
        first = (lease, kill_switch)
        others = (each for each in metadata.sorted_tables if each not in first)
        tables = ", ".join(f'"{table.name}"' for table in (*first, *others))
        writing.execute(text(f"LOCK TABLE {tables} IN EXCLUSIVE MODE"))


def _replace(
    reading: Connection, writing: Connection, fences: Mapping[str, int]
) -> Rows:
    stopped = [row._asdict() for row in writing.execute(select(kill_switch))]
    for table in reversed(metadata.sorted_tables):
        writing.execute(delete(table))
    rows = {
        table.name: copy_table(reading, writing, table)
        for table in metadata.sorted_tables
    }
    # Who still holds an old lease must not commit into what was restored, also where
    # the backup knows of no lease; and what a person stopped stays stopped.
    now = database_now(writing)
    insert_missing(writing, lease, [vacant(org, now) for org in fences])
    for org, fence in fences.items():
        raised = lease.update().where(lease.c.org == org, lease.c.fence <= fence)
        writing.execute(raised.values(fence=fence + 1))
    free = {"holder": "", "expires_at": now, "has_file_lock": False}
    writing.execute(lease.update().values(free))
    insert_missing(writing, kill_switch, stopped)
    return rows


def _fences(writing: Connection, lock: FileLock) -> dict[str, int]:
    """Return the fence of each org.

    Raises:
        LeaseHeldError: A run is under way.
    """
    now = database_now(writing)
    rows = writing.execute(select(lease).with_for_update()).all()
    for row in rows:
        if is_held(row, now, lock):
            message = (
                f"A run of {row.org} is under way: {row.holder}. Wait until it ends,"
                " then restore."
            )
            raise LeaseHeldError(message)
    return {row.org: row.fence for row in rows}


def _compare(reading: Connection, writing: Connection) -> None:
    """Compare all that is not about who runs now.

    Raises:
        StoreError: Something differs; nothing is changed.
    """
    for table in metadata.sorted_tables:
        if table in (lease, kill_switch):
            continue
        if _sum(reading, table) != _sum(writing, table):
            message = (
                f"What was read back of {table.name} differs from the backup. Nothing"
                " was changed; check the database."
            )
            raise StoreError(message)


def _sum(connection: Connection, table: Table) -> int:
    """Return a sum over all rows that knows no order."""
    # The option is the statement's: a connection would keep it for what follows.
    rows = connection.execute(select(table), execution_options={"yield_per": CHUNK})
    return sum(int(digest_of(canonical_text(row._asdict())), 16) for row in rows)
