"""One process over a store of dictionaries and a CRM of records."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from gatekeeper.flow.services import Services
from tests.simulation.core.crm import SimCrm
from tests.simulation.core.store import DictStore
from tests.simulation.org import SCHEMA
from tests.simulation.ports import SteppedStore
from tests.simulation.process import Process, Work

if TYPE_CHECKING:
    from gatekeeper.ports import Run, Store
    from tests.simulation.core.run import DictRun
    from tests.simulation.core.simulator import Simulator
    from tests.simulation.core.tables import Tables
    from tests.simulation.invariants import Episode


@dataclass(eq=False)
class Worker(Process):
    """A process of the stage of `core`."""

    stage: Simulator
    crm: SimCrm = field(init=False)
    tables: Tables = field(init=False)
    run: DictRun | None = None

    def prepare(self) -> None:
        stage = self.stage
        self.tables = stage.tables
        self.crm = SimCrm(
            stage.records,
            self,
            self.session,
            stage.org.batch_size,
            stage.org.page_size,
            SCHEMA,
        )

    def begun(self) -> Work:
        stage = self.stage
        store = DictStore(self.tables, stage.database_now, f"{self.name} (process 1)")
        services = Services(
            self.crm,
            cast("Store", SteppedStore(cast("Store", store), self)),
            stage.host,
            lambda _what, _done, _total: None,
            self.switch.reason,
            self.switch.end_reason,
        )
        return Work(services, stage.pack, SCHEMA)

    def opened(self, run: Run) -> None:
        self.run = cast("DictRun", run)
        super().opened(run)

    def fence_of(self, run: Run) -> int:
        return cast("DictRun", run).fence

    def staged_claims(self, run: Run) -> list[tuple[Episode, int]]:
        staged = cast("DictRun", run).staged
        return [(place, each.version) for place, each in staged.obligations.items()]

    def forget_run(self) -> None:
        if self.run is not None:
            self.run.is_finished = True
