"""The store on SQLite in memory, with a step where a transaction begins or commits."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import event

from tests.simulation.whole.database import MemoryDatabase

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from tests.simulation.nights.simulator import NightSimulator


class NightDatabase(MemoryDatabase):
    """One database for all processes of a stage, one stage at a time."""

    stage: NightSimulator | None = None

    def __init__(self) -> None:
        super().__init__()
        engine = self.store._database._engine
        event.listen(engine, "begin", self._begins, insert=True)
        event.listen(engine, "commit", self._commits, insert=True)

    def stand_empty(self, stage: NightSimulator) -> None:
        """Become the empty database of a stage."""
        self.stage, self.now = stage, stage.database_now
        self.stand(None)

    def restore(self, copy: bytes) -> None:
        """Let an admin restore a backup, as the command does."""
        with TemporaryDirectory() as folder:
            file = Path(folder, "backup.db")
            file.write_bytes(copy)
            keep = Path(folder, "before.db")
            self.store.upkeep.restore(file, keep, verify=False)

    def _begins(self, connection: Connection) -> None:
        # A process that is gone reads nothing either.
        if self.stage is not None:
            self.stage.reads_or_writes(is_writing=_is_writing(connection))

    def _commits(self, connection: Connection) -> None:
        if self.stage is not None and _is_writing(connection):
            self.stage.commits()


def _is_writing(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get("is_writer", False))


@cache
def night_database() -> NightDatabase:
    """Return this process's database; making its tables takes as long as a night."""
    return NightDatabase()
