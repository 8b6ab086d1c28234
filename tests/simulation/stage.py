"""One simulated stretch of time: workers, people and faults in one order of events.

A step is one call that leaves a process: of a port or over the wire. Time is virtual,
and everything follows from the schedule, so the same schedule gives the same stretch to
the last step. What stands on the stage, which CRM and which database, is the matter of
each simulator.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from os import getpid
from pathlib import Path
from random import Random
from signal import SIGTERM
from tempfile import gettempdir
from typing import TYPE_CHECKING, ClassVar

from tests.simulation.actors import act
from tests.simulation.clocks import VirtualTime
from tests.simulation.ending import expect_settled
from tests.simulation.invariants import Watch, same_person_day
from tests.simulation.org import edited, lacks, org_of, unlimited
from tests.simulation.schedule import FAULTS, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from gatekeeper.core.model import Violation
    from gatekeeper.core.pack import RulePack
    from tests.simulation.actors import Office
    from tests.simulation.invariants import Episode, Place, Row
    from tests.simulation.org import OrgPlan
    from tests.simulation.process import Process
    from tests.simulation.records import Held, SimTask
    from tests.simulation.schedule import Event

STEP = timedelta(milliseconds=50)
GAPS = tuple(
    timedelta(seconds=each)
    for each in (1, 70, 70, 3600, 8 * 3600, 86_400, 86_400, 3 * 86_400, 9 * 86_400)
)
STOP_FORMS = ("row", "file", "setting")
"""How a person says stop; the command `stop` writes the row."""
COMMANDS = ("run",) * 6 + ("plan", "apply") * 2
LONGEST_LATE = 120
_PEOPLE_KINDS = frozenset(PEOPLE)
_FAULT_KINDS = frozenset(FAULTS)


@dataclass(frozen=True, slots=True)
class Ledger:
    """What stands in a database.

    Attributes:
        fence: The newest that was granted; 0 for none.
    """

    rows: Mapping[Episode, Row]
    lines: Mapping[Place, Violation]
    fence: int


@dataclass(frozen=True, slots=True)
class _Late:
    """A request on its way.

    Attributes:
        due: The step at which it arrives at the latest.
        name: Of the process that sent it.
        keys: It arrives as soon as somebody is about to write one of these.
    """

    due: int
    name: str
    arrive: Callable[[], None]
    keys: frozenset[str]


@dataclass
class Host:
    """The clock of the machines on which workers run."""

    stage: Stage

    def now(self) -> datetime:
        return self.stage.host_now()


@dataclass(eq=False)
class Stage(VirtualTime, ABC):
    """Carries out a schedule; `go` raises `Broken` where a promise is not kept.

    Attributes:
        name: Of the stage, by which `schedule` knows what is played there.
        era: Counts the databases that stood here, one in place of the other.
        fault_number: The number of the event that is the present fault.
        is_set_to_stop: GATEKEEPER_STOP is set for processes that start.
        undo_number: Says which run an undo takes back, and whether it is approved.
    """

    name: ClassVar[str]

    workers: list[Process] = field(default_factory=list)
    org: OrgPlan = field(init=False)
    watch: Watch = field(init=False)
    records: Held = field(init=False)
    office: Office = field(init=False)
    pack: RulePack = field(init=False)
    all_rules: RulePack = field(init=False)
    era: int = 0
    lost_database: bool = False
    is_calm: bool = False
    fault_number: int = 0
    undo_number: int = 0
    is_set_to_stop: bool = False

    def __post_init__(self) -> None:
        seed = self.schedule.seed
        self.org = org_of(seed)
        self.watch = Watch(
            lacks,
            self.database_now,
            self._task,
            undisturbed=self._is_undisturbed,
            step=lambda: self.step,
        )
        self.host = Host(self)
        draw = Random(f"turns {seed}")  # noqa: S311  (no secret depends on it)
        self._turns = draw.randbytes(self.schedule.steps + 1)
        self._commands = draw.randbytes(self.schedule.steps + 1)
        self._events = list(reversed(self.schedule.events))
        self._armed: list[Event] = []
        self._late: list[_Late] = []
        self._backups: list[object] = []
        self._started = 0
        self._rival_wanted = self._undo_wanted = False
        self._disturbed = 0
        self._stubborn: int | None = None
        self.stop_file = Path(gettempdir()) / f"simulation-{getpid()}.stop"
        self.stop_file.unlink(missing_ok=True)
        self.set_the_stage()
        self.pack = self.all_rules

    # ---- what stands on it ----

    def befalls_here(self, kind: str, number: int) -> bool:
        """Let an event of this stage alone happen; False where it is none of them."""
        return False

    @abstractmethod
    def set_the_stage(self) -> None:
        """Set `records`, `office` and `all_rules`."""

    @abstractmethod
    def process(self, name: str, command: str) -> Process:
        """Return a process that is about to start."""

    @abstractmethod
    def ledger(self) -> Ledger:
        """Return what stands in the present database."""

    @abstractmethod
    def copy_of_database(self) -> object:
        """Return what `stand` makes the same database of."""

    @abstractmethod
    def stand(self, copy: object) -> None:
        """Put a copied database, or an empty one (None), in the place of the last."""

    @abstractmethod
    def set_stop(self, *, stopped: bool) -> None:
        """Set the stop row of the present database, or clear it."""

    @abstractmethod
    def release_all(self) -> None:
        """Let nothing be left alone any more."""

    def begin_day(self) -> None:
        """Some hours have passed; a CRM counts the calls of its day anew."""

    @abstractmethod
    def show_all(self) -> None:
        """Let everything in the CRM be seen."""

    def _task(self, key: str) -> SimTask | None:
        return self.records.holder(key)

    def _is_undisturbed(self, deal_id: str, since: int) -> bool:
        last = max(self._disturbed, self.records.disturbed.get(deal_id, 0))
        return last < since

    # ---- the stretch with faults, and the end without -------------------------------

    def go(self) -> int:
        """Carry out the schedule and look at its end; returns the number of steps."""
        try:
            while self.step < self.schedule.steps:
                self._turn()
            self._calm_down()
            expect_settled(self)
        finally:
            for worker in self.workers:
                worker.turn.kill()
            self.stop_file.unlink(missing_ok=True)
        return self.step

    def _turn(self) -> None:
        awake = [each for each in self.workers if each.frozen_until <= self.step]
        if not awake or (self._rival_wanted and len(self.workers) < 3):
            self._rival_wanted = False
            self._start()
            return
        number = self._turns[min(self.step, self.schedule.steps)]
        self.give_turn(awake[number % len(awake)])

    def _start(self) -> None:
        byte = self._commands[self._started % len(self._commands)]
        if not self.workers:
            self._wait(GAPS[byte % len(GAPS)])
        elif all(each.frozen_until > self.step for each in self.workers):
            self._wait(timedelta(seconds=62))
        command = COMMANDS[byte // len(GAPS) % len(COMMANDS)]
        if self._undo_wanted:
            command, self._undo_wanted = "undo", False
        self.give_turn(self.started(command))

    def started(self, command: str) -> Process:
        """Start a process."""
        self._started += 1
        self._insist()
        worker = self.process(f"worker {self._started}", command)
        self.workers.append(worker)
        self.tell(worker.name, "starts:", command)
        return worker

    def _insist(self) -> None:
        """Let somebody stubborn write into the flags of a deal whatever we write."""
        deals = self.office.deals()
        if self._stubborn is not None and deals:
            deal = deals[self._stubborn % len(deals)]
            self.office.edit_flag(deal, self._started)

    def give_turn(self, worker: Process) -> None:
        """Let a worker run until it hands back, and see to it when it ends."""
        worker.turn.go_on()
        if not worker.turn.is_over:
            return
        self.workers.remove(worker)
        self.tell(worker.name, "ends:", worker.outcome)
        if not worker.outcome.startswith("killed"):
            self.watch.ended(worker.name)
        if worker.turn.error is not None:
            raise worker.turn.error

    def _wait(self, gap: timedelta) -> None:
        if gap > timedelta(hours=1):
            self._deliver(list(self._late))
            self.begin_day()
        self.now += gap

    # ---- one step -----------------------------------------------------------------

    def begin(self, worker: Process, place: str, faults: Sequence[str]) -> str:
        """A worker is about to make a call; returns what goes wrong at it."""
        self.step += 1
        self.records.step = self.step
        self.now += STEP
        if self.is_calm:
            return ""
        if self.step > self.schedule.steps:
            worker.hand_back()  # and is killed
        self.tell(f"{worker.name}: {place}")
        self._deliver([each for each in self._late if each.due <= self.step])
        events = self._events
        while events and events[-1].at <= self.step:
            self._befall(worker, place, events.pop())
        others = len(self.workers) > 1 or self._rival_wanted
        if worker.frozen_until > self.step or (others and self._turns[self.step] < 80):
            worker.hand_back()
        return self._fault(place, faults)

    def _fault(self, place: str, faults: Sequence[str]) -> str:
        for event in self._armed if faults else ():
            if event.kind in faults:
                self._armed.remove(event)
                self.fault_number = event.number
                self.tell(f"FAULT {event.kind} at {place}")
                return event.kind
        return ""

    def later(
        self, worker: Process, arrive: Callable[[], None], keys: Collection[str] = ()
    ) -> None:
        """Let a request arrive some steps from now; its answer is lost.

        It arrives sooner where somebody is about to write one of the keys.
        """
        due = self.step + 3 + self._turns[self.step] % LONGEST_LATE
        self._late.append(_Late(due, worker.name, arrive, frozenset(keys)))

    def about_to_write(self, keys: Collection[str]) -> None:
        """Let the late requests arrive that were kept back for one of these keys."""
        self._deliver([each for each in self._late if not each.keys.isdisjoint(keys)])

    def _deliver(self, due: Sequence[_Late]) -> None:
        for each in due:
            self._late.remove(each)
            self.tell(f"a late request of {each.name} arrives")
            each.arrive()

    # ---- events ---------------------------------------------------------------------

    def _befall(self, worker: Process, place: str, event: Event) -> None:
        kind, number = event.kind, event.number
        if kind in _FAULT_KINDS:
            self._armed.append(event)
            return
        self.tell(f"EVENT {kind} ({number})")
        if self._is_said(kind, number):
            return
        if kind in _PEOPLE_KINDS and act(self.office, kind, number):
            pass
        elif not (
            self.befalls_here(kind, number) or self._clocks_and_databases(kind, number)
        ):
            self._to_worker(worker, place, kind, number)

    def _is_said(self, kind: str, number: int) -> bool:
        """Let a person tell gatekeeper something; False where it is none of that."""
        match kind:
            case "rules":
                self._disturbed = self.step
                self.watch.freed()  # another logic frees what was taken back
                self.pack = edited(self.pack, number, self.all_rules)
            case "stop":
                self._press_stop(number)
            case "resume":
                self._resume()
            case "release":
                self.release()
            case "stubborn":
                self._stubborn = number
            case _:
                return False
        return True

    def _press_stop(self, number: int) -> None:
        """Say stop by the row in the database, by the file, or by the setting."""
        form = STOP_FORMS[number % len(STOP_FORMS)]
        self.tell("stop by the", form)
        match form:
            case "row":
                self.set_stop(stopped=True)
            case "file":
                self.stop_file.touch()
            case "setting":  # processes that run read it when they began
                self.is_set_to_stop = True
                return
        for worker in self.workers:
            if form == "file" or worker.era == self.era:
                worker.session.told_to_stop(allowed=1)

    def release(self) -> None:
        """Let everything be written again."""
        self.release_all()
        self.watch.released()

    def _resume(self) -> None:
        self.set_stop(stopped=False)
        self.stop_file.unlink(missing_ok=True)
        self.is_set_to_stop = False
        for worker in self.workers:
            worker.session.is_stopped = False

    def _to_worker(self, worker: Process, place: str, kind: str, number: int) -> None:
        match kind:
            case "kill before":
                self.tell("killed before", worker.name, place)
                worker.die()
            case "kill after":
                worker.dies_after_call = True
            case "freeze":
                worker.frozen_until = self.step + 5 + number % 90
            case "rival":
                self._rival_wanted = True
            case "undo":
                self._undo_wanted, self.undo_number = True, number
            case "signal":
                worker.switch.signalled.append(SIGTERM)
                worker.session.told_to_stop(allowed=1)

    def _clocks_and_databases(self, kind: str, number: int) -> bool:
        match kind:
            case "host clock":
                hours = (-23, 0, 23, 0, 25, 0)[number % 6]  # beyond a day: a replay
                self.host_skew = timedelta(hours=hours, seconds=40)
            case "database clock":
                self.watch.holder = ""
                self.database_skew = timedelta(hours=(0, 24)[number % 2])
            case "slow":
                self.now += timedelta(seconds=20 + number % 60)
            case "backup":
                self._backups = [*self._backups[-2:], self.copy_of_database()]
            case "restore" if self._backups:
                self._swap(self._backups[number % len(self._backups)])
            case "empty database":
                self._swap(None)
            case _:
                return kind == "restore"
        return True

    def _swap(self, copy: object) -> None:
        """Put another database where the last one stood."""
        self.stand(copy)
        self.lost_database = True
        self.stands_anew()

    def stands_anew(self) -> None:
        """Another database stands here; processes on the last one get no answer."""
        self.era += 1
        self._disturbed = self.step
        stands = self.ledger()
        self.watch.swapped(stands.rows, stands.lines, stands.fence)
        self.records.per_day.clear()

    # ---- the end ------------------------------------------------------------------

    def _calm_down(self) -> None:
        """Stop the faults: no worker runs, everything can be seen, clocks are right."""
        for worker in list(self.workers):
            worker.turn.kill()
        self.workers.clear()
        self._deliver(list(self._late))
        self.is_calm = True
        if not self.lost_database:
            limit = self.pack.project.limits.tasks_per_person_per_day
            same_person_day(self.records.per_day, limit)
        self.tell("THE FAULTS STOP")
        self._stubborn = None
        self.show_all()
        self.host_skew = self.database_skew = timedelta()
        self.watch.holder = ""
        self._resume()
        self.release()
        self.pack = unlimited(self.pack)
        if not self.records.deals:  # an org without a deal is held for a person
            self.office.new_deal(self.schedule.seed)

    def clean(self, command: str = "run") -> str:
        """Let one command go through undisturbed; returns how it ended."""
        self.now += timedelta(seconds=70)
        worker = self.started(command)
        while not worker.turn.is_over:
            self.give_turn(worker)
        return worker.outcome

    def lose_database(self) -> None:
        """Lose everything the ledger knows."""
        self._swap(None)
