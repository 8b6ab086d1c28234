"""The real store on SQLite in memory, by a clock of ours, copied and put back whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, cast

from sqlalchemy import select

from gatekeeper.store.rows import obligation_of, violation_of
from gatekeeper.store.schema import obligation, violation
from gatekeeper.store.sql_store import SqlStore
from tests.simulation.stage import Ledger

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from gatekeeper.core.model import Obligation, Violation
    from tests.simulation.invariants import Episode, Place, Row


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row of the ledger; one that did not change stays the same object."""

    obligation: Obligation
    fence: int


class MemoryDatabase:
    """One connection is the database; all processes share it, one at a time.

    Attributes:
        now: The database's clock.
        driver: Its one connection.
    """

    now: Callable[[], datetime]

    def __init__(self) -> None:
        self.now = lambda: datetime.now(UTC)
        self.store = SqlStore("sqlite://")
        with self.store._database.reading() as connection:
            found = connection.connection.driver_connection
        self.driver = cast("sqlite3.Connection", found)
        self.driver.create_function("current_timestamp", 0, self._moment)
        self._empty = self.driver.serialize()
        self.stand(None)

    def _moment(self) -> str:
        return self.now().astimezone(UTC).replace(tzinfo=None).isoformat(" ")

    def copied(self) -> bytes:
        return self.driver.serialize()

    def stand(self, copy: bytes | None) -> None:
        """Become a copied database, or an empty one."""
        self.driver.deserialize(self._empty if copy is None else copy)
        self._seen_at = -1
        self._rows: dict[Episode, tuple[tuple[object, ...], Row]] = {}
        self._lines: dict[Place, tuple[tuple[object, ...], Violation]] = {}

    def ledger(self) -> Ledger:
        """Return what stands."""
        if self.driver.total_changes != self._seen_at:
            self._seen_at = self.driver.total_changes
            self._look()
        (fence,) = self.driver.execute("SELECT max(fence) FROM lease").fetchone()
        return Ledger(
            {place: row for place, (_, row) in self._rows.items()},
            {place: line for place, (_, line) in self._lines.items()},
            fence or 0,
        )

    def _look(self) -> None:
        rows, lines = self._rows, self._lines
        self._rows, self._lines = {}, {}
        with self.store._database.reading() as connection:
            for row in connection.execute(select(obligation)):
                place = (row.deal_id, row.role, row.group, row.episode)
                known, was = rows.get(place), tuple(row)
                if known is None or known[0] != was:
                    known = (was, ReadRow(obligation_of(row), row.fence))
                self._rows[place] = known
            for row in connection.execute(select(violation)):
                of, was = (row.deal_id, row.rule_id, row.pipeline), tuple(row)
                line = lines.get(of)
                if line is None or line[0] != was:
                    line = (was, violation_of(row))
                self._lines[of] = line

    def claims(self, run: int) -> list[tuple[Episode, int]]:
        """Return place and version of each row as a run has read it."""
        asked = (
            'SELECT deal_id, role, "group", episode, version'
            " FROM staged_obligation WHERE run = ?"
        )
        found = self.driver.execute(asked, (run,)).fetchall()
        return [
            ((deal, role, group, number), at) for deal, role, group, number, at in found
        ]


@cache
def memory_database() -> MemoryDatabase:
    """Return this process's database; making its tables takes as long as a run."""
    return MemoryDatabase()
