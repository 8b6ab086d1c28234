"""The lease of an org: one run at a time, by the database's clock.

Granting raises the fence by one; whoever comes back with an old fence has lost the
lease and commits nothing. The CRM's own uniqueness protects it from the rest.
"""

from __future__ import annotations

import fcntl
import os
import platform
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select, update

from gatekeeper.errors import LeaseHeldError, StoppedError, StoreError
from gatekeeper.store.database import database_now
from gatekeeper.store.schema import lease
from gatekeeper.store.statements import insert_missing

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow

LIFE = timedelta(seconds=60)
RENEWAL = timedelta(seconds=20)


class FileLock:
    """A lock beside a SQLite file that the system drops when its process dies.

    Attributes:
        is_held: Whether this run has it; always False where there is no file.
    """

    def __init__(self, database_file: Path | None) -> None:
        self._descriptor: int | None = None
        self.is_held = False
        if database_file is not None:
            self._take(database_file.with_name(database_file.name + "-lease"))

    def _take(self, path: Path) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"The lease file {path} cannot be opened ({error.strerror}). Check that"
                " this user may write in that folder."
            ) from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # somebody has it, or the file system has no locks
            self.close()
        else:
            self.is_held = True

    def close(self) -> None:
        """Give the lock back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None
        self.is_held = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write the rows of one org, as long as its fence is current."""

    org: str
    fence: int

    def check(self, connection: Connection) -> None:
        """Make sure this transaction may commit, and renew the lease where due.

        Raises:
            StoppedError: Another run has taken over.
        """
        row = _locked_row(connection, self.org)
        if row is None:
            raise StoppedError(
                f"The database was emptied or replaced while this run of {self.org} was"
                " under way. It wrote nothing more; start it again."
            )
        if row.fence != self.fence:
            raise StoppedError(
                f"This run lost its lease of {self.org} to"
                f" {row.holder or 'another run'} and wrote nothing more. Start it again"
                " when the other one is done."
            )
        self.renew(connection)

    def renew(self, connection: Connection) -> None:
        """Renew the lease where due, in a transaction that has checked it."""
        now, renewed_at = database_now(connection), lease.c.renewed_at
        is_due = or_(renewed_at <= now - RENEWAL, renewed_at > now)
        self._set(connection, is_due, renewed_at=now, expires_at=now + LIFE)

    def release(self, connection: Connection) -> None:
        """Give the lease back; the next run may start at once."""
        now = database_now(connection)
        self._set(connection, holder="", expires_at=now, has_file_lock=False)

    def _set(
        self, connection: Connection, *where: ColumnElement[bool], **values: object
    ) -> None:
        """Change the row as long as it is ours; one given back is nobody's."""
        fence, holder = lease.c.fence, lease.c.holder
        mine = and_(lease.c.org == self.org, fence == self.fence, holder != "", *where)
        connection.execute(update(lease).where(mine).values(**values))


def grant(connection: Connection, org: str, lock: FileLock) -> Lease:
    """Take the lease where it is free, has run out, or its holder has died.

    Raises:
        LeaseHeldError: Another run of the org is under way.
    """
    insert_missing(connection, lease, [vacant(org, database_now(connection))])
    row = _locked_row(connection, org)
    assert row is not None, "it was put there a moment ago"  # noqa: S101
    now = database_now(connection)  # whoever had the row locked may have renewed it
    if is_held(row, now, lock):
        raise LeaseHeldError(_held_by(row, now))
    granted = Lease(org, row.fence + 1)
    values = {
        "holder": f"{platform.node()} (process {os.getpid()})",
        "fence": granted.fence,
        "granted_at": now,
        "renewed_at": now,
        "expires_at": now + LIFE,
        "has_file_lock": lock.is_held,
    }
    connection.execute(update(lease).where(lease.c.org == org).values(**values))
    return granted


def is_held(row: AnyRow, now: datetime, lock: FileLock) -> bool:
    """Return whether somebody holds the lease of a row and lives, as far as known."""
    holder_died = row.has_file_lock and lock.is_held
    return bool(row.holder) and runs_on(row.expires_at, now) and not holder_died


def runs_on(expires_at: datetime, now: datetime) -> bool:
    """Return whether a lease still holds by a clock that may have been set.

    No lease reaches far beyond its life: one that does was granted by a clock that has
    gone back since. Its holder, if it lives, renews it at its next commit.
    """
    return now < expires_at <= now + 2 * LIFE


def vacant(org: str, now: datetime) -> dict[str, object]:
    """Return the row of a lease that nobody ever had."""
    return {
        "org": org,
        "holder": "",
        "fence": 0,
        "granted_at": now,
        "renewed_at": now,
        "expires_at": now,
        "has_file_lock": False,
    }


def _held_by(row: AnyRow, now: datetime) -> str:
    age_s = int((now - row.granted_at).total_seconds())
    rest_s = int((row.expires_at - now).total_seconds())
    return (
        f"Another run of {row.org} is under way: {row.holder} has held the lease for"
        f" {age_s} s. Wait until it ends; should it have died, the lease runs out in"
        f" {rest_s} s."
    )


def _locked_row(connection: Connection, org: str) -> AnyRow | None:
    query = select(lease).where(lease.c.org == org).with_for_update()
    return connection.execute(query).one_or_none()
