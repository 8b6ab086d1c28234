"""One process of the whole product: a real adapter, the real store, the real flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from gatekeeper.flow.services import Services
from tests.simulation.broken import Broken
from tests.simulation.ports import SteppedStore
from tests.simulation.process import Process, Work
from tests.simulation.whole.crm import NotedCrm

if TYPE_CHECKING:
    from gatekeeper.ports import Crm, Run, Store
    from gatekeeper.store.run import SqlRun
    from tests.simulation.invariants import Episode
    from tests.simulation.whole.simulator import WholeSimulator


@dataclass(eq=False)
class WholeWorker(Process):
    """A process of the stage of `whole`.

    Attributes:
        is_astray: Its settings point at an org to which the database does not belong.
    """

    stage: WholeSimulator
    adapter: Crm = field(init=False)
    crm: NotedCrm = field(init=False)
    run: SqlRun | None = None
    is_astray: bool = field(init=False)

    @property
    def fault_number(self) -> int:
        return self.stage.fault_number

    def prepare(self) -> None:
        stage = self.stage
        world = stage.next_world()
        self.is_astray = world is not stage.world
        line = world.line(self, lambda: stage.poisoned)
        line.is_astray = self.is_astray
        self.adapter = world.connected(line, stage.sleep)
        self.crm = NotedCrm(
            self.adapter, line, world.records, self.session, stage.org.batch_size
        )

    def begun(self) -> Work:
        stage, crm = self.stage, cast("Crm", self.crm)
        store = cast("Store", SteppedStore(cast("Store", stage.database.store), self))
        schema = stage.described(self.adapter)
        services = Services(
            crm,
            store,
            stage.host,
            lambda _what, _done, _total: None,
            self.switch.reason,
            self.switch.end_reason,
        )
        return Work(services, self.session.pack, schema)

    def opened(self, run: Run) -> None:
        self.run = cast("SqlRun", run)
        if self.is_astray:
            raise Broken("W6", "a run began for an org that is not the database's")
        super().opened(run)

    def fence_of(self, run: Run) -> int:
        return cast("SqlRun", run)._lease.fence

    def staged_claims(self, run: Run) -> list[tuple[Episode, int]]:
        return self.stage.database.claims(run.row.number)

    def forget_run(self) -> None:
        if self.run is not None:
            self.run.is_finished = True
