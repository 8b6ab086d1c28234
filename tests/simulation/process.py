"""One process of gatekeeper under simulation: a run, a plan, applied or taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from os import getpid
from typing import TYPE_CHECKING

from gatekeeper.bootstrap.machine import StopSwitch
from gatekeeper.errors import GatekeeperError, StoreError
from gatekeeper.flow.apply import apply_plan
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.undo import undo_run
from gatekeeper.ports import RunKind, RunStatus
from tests.simulation.baton import Killed, Turn
from tests.simulation.invariants import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.services import Services
    from gatekeeper.ports import Run, RunRow, Store
    from tests.simulation.invariants import Episode
    from tests.simulation.stage import Stage


_NOT_SENT = "planned"


@dataclass(frozen=True, slots=True)
class Work:
    """What a command works with once it has begun."""

    services: Services
    pack: RulePack
    schema: CrmSchema


@dataclass(eq=False)
class Process(ABC):
    """Runs one command, and counts every call it makes as a step.

    Attributes:
        era: That of the database it was started on; another may stand there now.
        switch: What tells it to stop, but for the row in the database.
        frozen_until: The step before which it gets no turn.
        outcome: How its command ended, for the story.
        fence: Under which its run writes.
    """

    stage: Stage
    name: str
    command: str
    era: int = field(init=False)
    session: Session = field(init=False)
    turn: Turn = field(init=False)
    switch: StopSwitch = field(init=False)
    frozen_until: int = 0
    dies_after_call: bool = False
    outcome: str = ""

    def __post_init__(self) -> None:
        stage = self.stage
        day = stage.host_now().astimezone(stage.pack.project.zone).date()
        self.era = stage.era
        self.session = Session(self.name, stage.pack, day)
        self.session.is_run = self.command == "run"
        self.session.times_freed = stage.watch.times_freed
        self.switch = StopSwitch(stage.is_set_to_stop, stage.stop_file)
        self.turn = Turn(self._work)
        self.prepare()

    # ---- what it works with ----

    @abstractmethod
    def prepare(self) -> None:
        """Make ready what does not need a call."""

    @abstractmethod
    def begun(self) -> Work:
        """Return what the command works with."""

    @abstractmethod
    def staged_claims(self, run: Run) -> list[tuple[Episode, int]]:
        """Return place and version of each row as a run has read it."""

    @abstractmethod
    def fence_of(self, run: Run) -> int:
        """Return the fence that a run was granted."""

    @abstractmethod
    def forget_run(self) -> None:
        """Let a run that is under way do nothing at its end: its process is gone."""

    # ---- the command ----

    def _work(self) -> None:
        try:
            self.outcome = self._do()
        except GatekeeperError as error:
            said = str(error).replace(f"process {getpid()}", "a process")
            self.outcome = f"{type(error).__name__}: {said}"
        except Killed:
            self.outcome = "killed"
            raise

    def _do(self) -> str:
        work = self.begun()
        if self.command == "undo":
            return self._undo(work)
        plan = _latest_plan(work.services.store) if self.command == "apply" else None
        if plan is not None:
            return apply_plan(work.services, work.pack, plan).status.value
        self.session.is_run = self.session.is_limited = self.command != "plan"
        kind = RunKind.PLAN if self.command == "plan" else RunKind.RUN
        order = RunOrder(self.stage.host_now(), kind)
        return run_once(work.services, work.pack, work.schema, order).status.value

    def _undo(self, work: Work) -> str:
        found = self._undone(work.services.store)
        if found is None:
            return "nothing to take back"
        approved = self.stage.undo_number % 2 == 1
        self.session.undoes = found.id
        self.session.is_run, self.session.is_limited = False, not approved
        undone = undo_run(work.services, work.pack, found, approved=approved)
        return f"{undone.status.value}: took back {found.id}"

    def _undone(self, store: Store) -> RunRow | None:
        """Return one of the last runs that left something to write, if any did."""
        wrote = [
            row
            for row in store.runs(limit=9)
            if row.kind in (RunKind.RUN, RunKind.APPLY)
            and any(
                each.status != RunStatus.PLANNED.value for each in store.changes(row.id)
            )
        ]
        number = self.stage.undo_number // 2
        return wrote[number % len(wrote)] if wrote else None

    # ---- steps ----

    def begin(self, place: str, faults: Sequence[str] = ()) -> str:
        fault = self.stage.begin(self, place, faults)
        is_its_own = self.era == self.stage.era
        if not is_its_own and place.startswith(("run.", "store.")):
            self.forget_run()
            raise StoreError("The database does not answer. Start again.")
        return fault

    def end(self, place: str) -> None:
        if self.dies_after_call:
            self.stage.tell("killed after", self.name, place)
            self.die()

    def die(self) -> None:
        """End the process here: nothing of it, not even its clean-up, runs on."""
        self.forget_run()
        raise Killed

    def hand_back(self) -> None:
        """Let others have a turn."""
        try:
            self.turn.hand_back()
        except Killed:
            self.die()

    def opened(self, run: Run) -> None:
        if run.is_stopped() or self.switch.reason():
            self.session.told_to_stop(allowed=0)
        self.session.spent.calls = 0
        self.stage.watch.granted(self.session, self.fence_of(run))

    def committed(self, run: Run, name: str, arguments: Sequence[object]) -> None:
        watch = self.stage.watch
        self.session.run_id = run.row.id
        stands = self.stage.ledger()
        if name == "release":
            lines, day = arguments
            watch.gauge.released(self.session, list(lines), day, watch.lines)  # type: ignore[call-overload, arg-type]
        if name == "record":
            staged, receipts = arguments
            told = [each.change for each in staged]  # type: ignore[attr-defined]
            watch.told(self.session, told, receipts)  # type: ignore[arg-type]
        if name == "intend":
            changes = [each.change for each in arguments[0]]  # type: ignore[attr-defined]
            watch.intended(self.session, changes)
        if name == "commit":
            watch.folded(self.session, stands.lines, self.staged_claims(run))
        watch.committed(self.session, stands.rows)
        if name == "finish":
            watch.ended(self.name)

    def later(self, arrive: Callable[[], None], keys: Collection[str] = ()) -> None:
        """Let a request of this process arrive some steps from now."""
        self.stage.later(self, arrive, keys)

    def about_to_write(self, keys: Collection[str]) -> None:
        """Say which keys the next requests of this process write."""
        self.stage.about_to_write(keys)


def _latest_plan(store: Store) -> RunRow | None:
    """Return what a person would apply now: the newest plan, or run that was held."""
    for row in store.runs(limit=5):
        is_held = row.kind is RunKind.RUN and row.status is RunStatus.HELD
        if is_held or (row.kind is RunKind.PLAN and row.finished_at is not None):
            return row
    return None
