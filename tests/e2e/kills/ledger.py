"""A look into the database beside the command, and the passing of a lease's time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.exc import OperationalError

from gatekeeper.core.model import ObligationState
from gatekeeper.store.schema import lease, obligation, org

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
PATIENCE_S = 0.2


class Ledger:
    """The database of a workspace."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    @property
    def is_server(self) -> bool:
        """Whether the database is no file."""
        return self._engine.dialect.name == "postgresql"

    def keys(self) -> set[str]:
        """Return the keys of all tasks that some run meant to write."""
        with self._engine.begin() as connection:
            return set(connection.execute(select(obligation.c.key)).scalars())

    def sealed(self) -> frozenset[str]:
        """Return the keys of episodes that are over and never come back."""
        is_over = obligation.c.state.in_(
            [ObligationState.RESOLVING, ObligationState.RESOLVED]
        )
        with self._engine.begin() as connection:
            query = select(obligation.c.key).where(is_over)
            return frozenset(connection.execute(query).scalars())

    def intents(self) -> int:
        """Count the tasks of which no run knows whether they were written."""
        query = select(func.count()).where(obligation.c.state == ObligationState.INTENT)
        with self._engine.begin() as connection:
            return connection.execute(query).scalar_one()

    def tied(self) -> int:
        """Count the tasks that stand in the CRM as far as the ledger knows."""
        is_tied = (
            obligation.c.state == ObligationState.OPEN,
            obligation.c.remote_id.is_not(None),
        )
        with self._engine.begin() as connection:
            return connection.execute(select(func.count()).where(*is_tied)).scalar_one()

    def pin(self, name: str) -> None:
        """Say that the database belongs to another org."""
        with self._engine.begin() as connection:
            connection.execute(update(org).values(org=name))

    def holder(self) -> str:
        """Return who holds the lease; "" where nobody does."""
        with self._engine.begin() as connection:
            return str(connection.execute(select(lease.c.holder)).scalar_one())

    def let_lease_run_out(self) -> bool:
        """Let the lease be over, as after a minute; False where it is being written."""
        try:
            with self._engine.begin() as connection:
                self._hurry(connection)
                connection.execute(update(lease).values(expires_at=LONG_AGO))
        except OperationalError:
            return False
        return True

    def close(self) -> None:
        """Give back connections."""
        self._engine.dispose()

    def _hurry(self, connection: Connection) -> None:
        patience = f"{PATIENCE_S * 1000:.0f}"
        if self.is_server:
            connection.execute(text(f"SET LOCAL lock_timeout = {patience}"))
        else:
            connection.execute(text(f"PRAGMA busy_timeout = {patience}"))
