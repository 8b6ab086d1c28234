"""One process of gatekeeper under simulation: a run, a plan or an applied plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from gatekeeper.errors import GatekeeperError, StoreError
from gatekeeper.flow.apply import apply_plan
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.ports import RunKind, RunStatus
from tests.simulation.baton import Killed, Turn
from tests.simulation.core.crm import SimCrm
from tests.simulation.core.org import SCHEMA
from tests.simulation.core.store import DictStore
from tests.simulation.invariants import Session
from tests.simulation.ports import SteppedStore

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import Change
    from gatekeeper.ports import Run, RunRow, Store
    from tests.simulation.core.run import DictRun
    from tests.simulation.core.simulator import Simulator
    from tests.simulation.core.tables import Tables


@dataclass(eq=False)
class Worker:
    """Runs one command, and counts every call it makes as a step.

    Attributes:
        tables: The database it was started on; another may stand there now.
        stop_reason: What the process was told from outside, such as a signal.
        frozen_until: The step before which it gets no turn.
        outcome: How its command ended, for the story.
    """

    sim: Simulator
    name: str
    command: str
    tables: Tables
    session: Session = field(init=False)
    crm: SimCrm = field(init=False)
    turn: Turn = field(init=False)
    run: DictRun | None = None
    stop_reason: str = ""
    frozen_until: int = 0
    dies_after_call: bool = False
    outcome: str = ""

    def __post_init__(self) -> None:
        sim = self.sim
        as_of = sim.host_now()
        day = as_of.astimezone(sim.pack.project.zone).date()
        self.session = Session(self.name, sim.pack, day)
        self.session.is_run = self.command == "run"
        self.crm = SimCrm(
            sim.records,
            self,
            self.session,
            sim.org.batch_size,
            sim.org.page_size,
            SCHEMA,
        )
        self.turn = Turn(self._work)

    # ---- the command ----

    def _work(self) -> None:
        try:
            self.outcome = self._do()
        except GatekeeperError as error:
            self.outcome = f"{type(error).__name__}: {error}"
        except Killed:
            self.outcome = "killed"
            raise

    def _do(self) -> str:
        sim = self.sim
        store = DictStore(self.tables, sim.database_now, f"{self.name} (process 1)")
        services = Services(
            self.crm,
            cast("Store", SteppedStore(cast("Store", store), self)),
            sim.host,
            lambda _what, _done, _total: None,
            lambda: self.stop_reason,
        )
        plan = _latest_plan(store) if self.command == "apply" else None
        if plan is not None:
            return apply_plan(services, sim.pack, plan).status.value
        self.session.is_run = self.command != "plan"
        kind = RunKind.PLAN if self.command == "plan" else RunKind.RUN
        order = RunOrder(sim.host_now(), kind)
        return run_once(services, sim.pack, SCHEMA, order).status.value

    # ---- steps ----

    def begin(self, place: str, faults: Sequence[str] = ()) -> str:
        fault = self.sim.begin(self, place, faults)
        if self.tables is not self.sim.tables and place.startswith(("run.", "store.")):
            raise StoreError("The database does not answer. Start again.")
        return fault

    def end(self, place: str) -> None:
        if self.dies_after_call:
            self.sim.tell("killed after", self.name, place)
            self.die()

    def die(self) -> None:
        """End the process here: nothing of it, not even its clean-up, runs on."""
        if self.run is not None:
            self.run.is_finished = True
        raise Killed

    def hand_back(self) -> None:
        """Let others have a turn."""
        try:
            self.turn.hand_back()
        except Killed:
            self.die()

    def opened(self, run: Run) -> None:
        self.run = cast("DictRun", run)
        self.session.is_stopped = self.run.is_stopped()
        self.sim.watch.granted(self.session, self.run.fence)

    def committed(self, run: Run, name: str, arguments: Sequence[object]) -> None:
        mine, watch = cast("DictRun", run), self.sim.watch
        if name == "intend":
            changes = [each.change for each in arguments[0]]  # type: ignore[attr-defined]
            watch.intended(self.session, changes)
        if name == "commit":
            claims = [
                (place, each.version) for place, each in mine.staged.obligations.items()
            ]
            lines = {
                place: each.violation for place, each in mine.tables.violations.items()
            }
            watch.folded(self.session, lines, claims)
        watch.committed(self.session, mine.tables.obligations)
        if name == "finish":
            watch.ended(self.name)

    def later(self, changes: Sequence[Change], run_number: int) -> None:
        self.sim.later(self, changes, run_number)


def _latest_plan(store: DictStore) -> RunRow | None:
    """Return what a person would apply now: the newest plan, or run that was held."""
    for row in store.runs(limit=5):
        is_held = row.kind is RunKind.RUN and row.status is RunStatus.HELD
        if is_held or (row.kind is RunKind.PLAN and row.finished_at is not None):
            return row
    return None
