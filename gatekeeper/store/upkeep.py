"""What an admin does with all the rows: back up, restore, take a person out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.store import backup, erasure, person, pinned, restore
from gatekeeper.store.database import database_now
from gatekeeper.store.lease import FileLock, grant
from gatekeeper.store.migrate import check_tables

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gatekeeper.store.database import Database
    from gatekeeper.store.restore import Restored


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The rows of one database."""

    database: Database

    def now(self) -> datetime:
        """Return the database's own clock; for a file it is this machine's."""
        with self.database.reading() as connection:
            return database_now(connection)

    def check_tables(self) -> None:
        """Make sure that the tables are still those of this program.

        Raises:
            StoreError: They are not, or the database cannot be read.
        """
        check_tables(self.database)

    def check_org(self, org: str) -> None:
        """Make sure that the database belongs to an org, or to none yet.

        Raises:
            SetupError: It belongs to another one.
        """
        with self.database.reading() as connection:
            pinned.check_org(connection, org, self.database.name)

    def back_up(self, file: Path) -> Mapping[str, int]:
        """Write all rows into a new file; see `store.backup`."""
        return backup.back_up(self.database, file)

    def restore(self, file: Path, keep: Path, *, verify: bool) -> Restored:
        """Put a backup in the place of all rows; see `store.restore`."""
        return restore.restore(file, self.database, keep, verify=verify)

    def export_person(self, org: str, who: str) -> Mapping[str, Sequence[object]]:
        """Return every row that knows a person, by table; see `store.person`."""
        with self.database.reading() as connection:
            known = person.known_as(connection, org, who)
            return person.export(connection, org, known)

    def erase_person(self, org: str, who: str) -> Mapping[str, int]:
        """Put nobody in the place of a person in every row, and count these.

        Raises:
            LeaseHeldError: A run is under way, which may write the name down again.
        """
        lock = FileLock(self.database.file)
        try:
            with self.database.writing() as connection:
                lease = grant(connection, org, lock)
                known = person.known_as(connection, org, who)
                changed = erasure.erase(connection, org, known)
                lease.release(connection)
        finally:
            lock.close()
        return changed
