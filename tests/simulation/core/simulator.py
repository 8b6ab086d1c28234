"""One simulated stretch of time: workers, people and faults in one order of events.

A step is one call of a port. Time is virtual, and everything follows from the schedule,
so the same schedule gives the same stretch to the last step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from tests.builders import NOW, ORG
from tests.simulation.actors import act
from tests.simulation.core.ending import expect_settled
from tests.simulation.core.office import RecordsOffice
from tests.simulation.core.org import edited, lacks, org_of, unlimited
from tests.simulation.core.records import Records, SimTask, copied_tasks
from tests.simulation.core.tables import Tables
from tests.simulation.core.worker import Worker
from tests.simulation.invariants import Watch, same_person_day
from tests.simulation.schedule import FAULTS, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import Change
    from gatekeeper.core.pack import RulePack
    from tests.simulation.schedule import Event, Schedule

STEP = timedelta(milliseconds=50)
GAPS = tuple(
    timedelta(seconds=each)
    for each in (1, 70, 70, 3600, 8 * 3600, 86_400, 86_400, 3 * 86_400, 9 * 86_400)
)
COMMANDS = ("run",) * 6 + ("plan", "apply") * 2
LONGEST_LATE = 120
_PEOPLE_KINDS = frozenset(PEOPLE)
_FAULT_KINDS = frozenset(FAULTS)


@dataclass
class Host:
    """The clock of the machines on which workers run."""

    sim: Simulator

    def now(self) -> datetime:
        return self.sim.host_now()


@dataclass(eq=False)
class Simulator:
    """Carries out a schedule; `go` raises `Broken` where a promise is not kept.

    Attributes:
        story: What happened, in words, where anybody asked for it.
    """

    schedule: Schedule
    story: list[str] | None = None
    now: datetime = NOW
    step: int = 0
    tables: Tables = field(default_factory=Tables)
    workers: list[Worker] = field(default_factory=list)
    watch: Watch = field(init=False)
    records: Records = field(init=False)
    pack: RulePack = field(init=False)
    host_skew: timedelta = timedelta()
    database_skew: timedelta = timedelta()
    lost_database: bool = False
    is_calm: bool = False

    def __post_init__(self) -> None:
        seed = self.schedule.seed
        self.org = org_of(seed)
        self.pack = self.all_rules = self.org.pack
        self.watch = Watch(
            lacks,
            self.database_now,
            self._task,
            undisturbed=self._is_undisturbed,
        )
        self.records = Records(self.watch, self.org.is_hubspot, lambda: self.now)
        self.records.deals.update(self.org.deals)
        self.records.users.update(self.org.users)
        for task in copied_tasks(self.org, NOW):
            self.records.add_task(task)
        self.office = RecordsOffice(self.records)
        self.host = Host(self)
        draw = Random(f"turns {seed}")  # noqa: S311  (no secret depends on it)
        self._turns = draw.randbytes(self.schedule.steps + 1)
        self._commands = draw.randbytes(self.schedule.steps + 1)
        self._events = list(reversed(self.schedule.events))
        self._armed: list[Event] = []
        self._late: list[tuple[int, Worker, Sequence[Change], int]] = []
        self._backups: list[Tables] = []
        self._started = 0
        self._rival_wanted = False
        self._disturbed = 0

    def _task(self, key: str) -> SimTask | None:
        return self.records.holder(key)

    def _is_undisturbed(self, deal_id: str, since: int) -> bool:
        last = max(self._disturbed, self.records.disturbed.get(deal_id, 0))
        return last < since

    def host_now(self) -> datetime:
        return self.now + self.host_skew

    def database_now(self) -> datetime:
        return self.now + self.database_skew

    def tell(self, *words: object) -> None:
        if self.story is not None:
            when = f"{self.now:%a %d %b %H:%M:%S}"
            self.story.append(f"{self.step:5} {when}  {' '.join(map(str, words))}")

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
        self.give_turn(self.started(COMMANDS[byte // len(GAPS) % len(COMMANDS)]))

    def started(self, command: str) -> Worker:
        """Start a process."""
        self._started += 1
        worker = Worker(self, f"worker {self._started}", command, self.tables)
        self.workers.append(worker)
        self.tell(worker.name, "starts:", command)
        return worker

    def give_turn(self, worker: Worker) -> None:
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
            self._deliver(everything=True)
        self.now += gap

    # ---- one step -----------------------------------------------------------------

    def begin(self, worker: Worker, place: str, faults: Sequence[str]) -> str:
        """A worker is about to make a call; returns what goes wrong at it."""
        self.step += 1
        self.records.step = self.step
        self.now += STEP
        if self.is_calm:
            return ""
        if self.step > self.schedule.steps:
            worker.hand_back()  # and is killed
        self.tell(f"{worker.name}: {place}")
        self._deliver(everything=False)
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
                self.tell(f"FAULT {event.kind} at {place}")
                return event.kind
        return ""

    def later(self, worker: Worker, changes: Sequence[Change], run_number: int) -> None:
        """Let a request arrive some steps from now; its answer is lost."""
        due = self.step + 3 + self._turns[self.step] % LONGEST_LATE
        self._late.append((due, worker, changes, run_number))

    def _deliver(self, *, everything: bool) -> None:
        due = [each for each in self._late if everything or each[0] <= self.step]
        for each in due:
            self._late.remove(each)
            _, worker, changes, run_number = each
            self.tell(f"a late request of {worker.name} arrives")
            for change in changes:
                self.records.apply(change, run_number, worker.session)

    # ---- events ---------------------------------------------------------------------

    def _befall(self, worker: Worker, place: str, event: Event) -> None:
        kind, number = event.kind, event.number
        if kind in _FAULT_KINDS:
            self._armed.append(event)
            return
        self.tell(f"EVENT {kind} ({number})")
        if kind == "rules":
            self._disturbed = self.step
            self.pack = edited(self.pack, number, self.all_rules)
        elif kind in ("stop", "resume"):
            self._stop(pressed=kind == "stop")
        elif kind in _PEOPLE_KINDS:
            act(self.office, kind, number)
        elif not self._clocks_and_databases(kind, number):
            self._to_worker(worker, place, kind, number)

    def _stop(self, *, pressed: bool) -> None:
        (self.tables.stops.add if pressed else self.tables.stops.discard)(ORG)
        for worker in self.workers:
            worker.session.is_stopped = pressed and worker.tables is self.tables
            worker.session.after_stop = 0

    def _to_worker(self, worker: Worker, place: str, kind: str, number: int) -> None:
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
            case "signal":
                worker.stop_reason = "a signal"
                worker.session.is_stopped = True

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
                self._backups = [*self._backups[-2:], self.tables.copied()]
            case "restore" if self._backups:
                self._stand(self._backups[number % len(self._backups)].copied())
            case "empty database":
                self._stand(Tables())
            case _:
                return kind == "restore"
        return True

    def _stand(self, tables: Tables) -> None:
        """Put another database where the last one stood."""
        self.tables, self.lost_database = tables, True
        self._disturbed = self.step
        lines = {place: each.violation for place, each in tables.violations.items()}
        fence = tables.lease.fence if tables.lease else 0
        self.watch.swapped(tables.obligations, lines, fence)
        self.records.per_day.clear()

    # ---- the end ------------------------------------------------------------------

    def _calm_down(self) -> None:
        """Stop the faults: no worker runs, everything can be seen, clocks are right."""
        for worker in list(self.workers):
            worker.turn.kill()
        self.workers.clear()
        self._deliver(everything=True)
        self.is_calm = True
        if not self.lost_database:
            limit = self.pack.project.limits.tasks_per_person_per_day
            same_person_day(self.records.per_day, limit)
        self.tell("THE FAULTS STOP")
        self.records.hidden.clear()
        self.records.unreadable.clear()
        self.host_skew = self.database_skew = timedelta()
        self.watch.holder = ""
        self.tables.stops.clear()
        left_alone = self.tables.quarantine.items()
        self.tables.release([subject for subject, each in left_alone if each.is_set])
        self.pack = unlimited(self.pack)
        if not self.records.deals:  # an org without a deal is held for a person
            self.office.new_deal(self.schedule.seed)

    def clean_run(self) -> str:
        """Let one run go through undisturbed; returns how it ended."""
        self.now += timedelta(seconds=70)
        worker = self.started("run")
        while not worker.turn.is_over:
            self.give_turn(worker)
        return worker.outcome

    def forget_database(self) -> None:
        """Lose everything the ledger knows."""
        self._stand(Tables())
