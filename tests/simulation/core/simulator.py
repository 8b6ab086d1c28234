"""The run over a store of dictionaries and a CRM of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.builders import NOW, ORG
from tests.simulation.core.office import RecordsOffice
from tests.simulation.core.records import Records, copied_tasks
from tests.simulation.core.tables import Tables
from tests.simulation.core.worker import Worker
from tests.simulation.schedule import CORE
from tests.simulation.stage import Ledger, Stage

if TYPE_CHECKING:
    from gatekeeper.core.model import Violation
    from tests.simulation.invariants import Place


@dataclass(eq=False)
class Simulator(Stage):
    """The stage of `core`."""

    name = CORE

    records: Records = field(init=False)
    tables: Tables = field(default_factory=Tables)

    def set_the_stage(self) -> None:
        self.all_rules = self.org.pack
        self.records = Records(self.watch, self.org.is_hubspot, lambda: self.now)
        self.records.deals.update(self.org.deals)
        self.records.users.update(self.org.users)
        for task in copied_tasks(self.org, NOW):
            self.records.add_task(task)
        self.office = RecordsOffice(self.records)

    def process(self, name: str, command: str) -> Worker:
        return Worker(self, name, command)

    def ledger(self) -> Ledger:
        tables = self.tables
        lines: dict[Place, Violation] = {
            place: each.violation for place, each in tables.violations.items()
        }
        return Ledger(
            tables.obligations, lines, tables.lease.fence if tables.lease else 0
        )

    def copy_of_database(self) -> Tables:
        return self.tables.copied()

    def stand(self, copy: object) -> None:
        self.tables = copy.copied() if isinstance(copy, Tables) else Tables()

    def set_stop(self, *, stopped: bool) -> None:
        (self.tables.stops.add if stopped else self.tables.stops.discard)(ORG)

    def release_all(self) -> None:
        left_alone = self.tables.quarantine.items()
        self.tables.release([subject for subject, each in left_alone if each.is_set])

    def show_all(self) -> None:
        self.records.hidden.clear()
        self.records.unreadable.clear()
