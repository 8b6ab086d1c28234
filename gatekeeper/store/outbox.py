"""Digests sent and not: one row per org, person, local day and kind."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sqlalchemy import select

from gatekeeper.errors import StoreError
from gatekeeper.ports import Delivery, Posted
from gatekeeper.store.lease import FileLock, grant
from gatekeeper.store.schema import digest
from gatekeeper.store.statements import put_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from gatekeeper.core.digest.recipients import Audience
    from gatekeeper.store.database import Database
    from gatekeeper.store.lease import Lease


class SqlOutbox:
    """Implements `ports.Outbox`; see there for what each method promises."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lease: Lease | None = None

    @contextmanager
    def posting(self, org: str) -> Iterator[None]:
        """Send under the lease of the org."""
        lock = FileLock(self._database.file)
        try:
            with self._database.writing() as connection:
                self._lease = grant(connection, org, lock)
            try:
                yield
            finally:
                lease, self._lease = self._lease, None
                # What ended the sending must not be hidden by a database that is gone.
                with suppress(StoreError), self._database.writing() as connection:
                    lease.release(connection)
        finally:
            lock.close()

    def posted(
        self, org: str, person_id: str, day: date, audience: Audience
    ) -> Posted | None:
        """Return what is known of a person's digest of a day and kind."""
        columns = digest.c
        query = select(digest).where(
            columns.org == org,
            columns.person_id == person_id,
            columns.day == day,
            columns.audience == audience.value,
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        return Posted(
            person_id=row.person_id,
            day=row.day,
            delivery=Delivery(row.delivery),
            made_at=row.made_at,
            tried=row.tried,
            content=row.content,
            detail=row.detail,
            audience=audience,
        )

    def keep(self, org: str, posted: Posted) -> None:
        """Write it in place of what was known."""
        row = {
            "org": org,
            "person_id": posted.person_id,
            "day": posted.day,
            "delivery": posted.delivery.value,
            "made_at": posted.made_at,
            "tried": posted.tried,
            "content": posted.content,
            "detail": posted.detail,
            "audience": posted.audience.value,
        }
        with self._database.writing() as connection:
            if self._lease is not None:
                self._lease.check(connection)
            put_rows(connection, digest, [row])
