"""Night after night in virtual time: workers, mail, Slack, people, clocks and faults.

The worker, the flow, the store on SQLite in memory and the ways to people are the
product's own; mail and Slack answer over sockets of this machine. A step is a
transaction that begins or is committed, or a letter that leaves: at each a process may
die, and before each another one may have its turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, ClassVar

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.slots import next_slot
from gatekeeper.errors import StoreError
from tests.simulation.clocks import VirtualTime
from tests.simulation.nights.database import night_database
from tests.simulation.nights.org import mended, night_org, spoiled
from tests.simulation.nights.schedule import MAIL, PEOPLE, READING, SLACK
from tests.simulation.nights.watch import Watch, reader_id
from tests.simulation.nights.wire import wires
from tests.simulation.nights.worker import NightWorker

if TYPE_CHECKING:
    from datetime import date

    from gatekeeper.core.pack import RulePack
    from tests.simulation.nights.crm import NightCrm
    from tests.simulation.nights.database import NightDatabase
    from tests.simulation.nights.org import NightOrg
    from tests.simulation.nights.wire import Wires
    from tests.simulation.schedule import Event

STEP = timedelta(milliseconds=50)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
RETRIES = (6, 11, 31, 61)
"""Minutes to the next look of a worker that has something left to do."""
LONGEST_CALM = timedelta(days=12)
MOST_WORKERS = 3


@dataclass(eq=False)
class NightSimulator(VirtualTime):
    """Carries out a schedule; `go` raises `Broken` where a promise is not kept.

    Attributes:
        keys: Content to the person and day for which it was written.
        stop: The kill switch: why nothing may leave.
    """

    name: ClassVar[str] = "nights"
    stop: str = ""
    is_calm: bool = False
    workers: list[NightWorker] = field(default_factory=list)
    keys: dict[str, tuple[str, date]] = field(default_factory=dict)
    org: NightOrg = field(init=False)
    database: NightDatabase = field(init=False)
    wires: Wires = field(init=False)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        seed = self.schedule.seed
        self.org = night_org(seed)
        self.now = self.org.starts_at
        self.wires = wires()
        self.wires.clear()
        self.watch = Watch(self.org.readers, self.wires, self.org.stand_ins)
        self.database = night_database()
        self.database.stand_empty(self)
        draw = Random(f"night turns {seed}")  # noqa: S311  (no secret)
        self._turns = draw.randbytes(self.schedule.steps + 1)
        self._events = list(reversed(self.schedule.events))
        self._mail: list[str] = []
        self._slack: list[str] = []
        self._backup: bytes | None = None
        self._admin_wants = ""
        self._current: NightWorker | None = None
        self._rivals: list[str] = []
        self._started = self._naps = 0

    @property
    def crm(self) -> NightCrm:
        return self.org.crm

    @property
    def pack(self) -> RulePack:
        return self.org.pack

    # ---- the nights with faults, and those without ----------------------------------

    def go(self) -> int:
        """Carry out the schedule and look at its end; returns the number of steps."""
        try:
            while self.step < self.schedule.steps:
                self._turn()
            self._calm_down()
        finally:
            self._kill_all()
        return self.step

    def _turn(self) -> None:
        if self._rivals and len(self.workers) < MOST_WORKERS:
            self._start(self._rivals.pop())
        elif not self.workers:
            self._start("worker")
        awake = [each for each in self.workers if each.wakes_at <= self.now]
        if not awake and self._admin_wants:
            self._looked_after()
        elif not awake:
            self.now = min(each.wakes_at for each in self.workers)
        else:
            self._let(awake[self._byte() % len(awake)])

    def _let(self, worker: NightWorker) -> None:
        """Let a process run until it hands back, and see to it when it ends."""
        self._current = worker
        try:
            worker.turn.go_on()
        finally:
            self._current = None
        if worker.turn.is_over:
            self.workers.remove(worker)
            self.tell(worker.name, "is over:", worker.outcome or "killed")
            if worker.turn.error is not None:
                raise worker.turn.error

    def _start(self, command: str) -> None:
        self._started += 1
        worker = NightWorker(self, f"{command} {self._started}", command)
        self.workers.append(worker)
        self.tell(worker.name, "starts")

    def _kill_all(self) -> None:
        for worker in list(self.workers):
            self._end(worker)

    def _end(self, worker: NightWorker) -> None:
        """Kill a process that waits for its turn."""
        held, self._current = self._current, worker
        worker.is_dead = True
        worker.notifier.forgotten()
        worker.turn.kill()
        self.workers.remove(worker)
        self._current = held

    def _byte(self) -> int:
        return self._turns[min(self.step, self.schedule.steps)]

    def sleeps(self, worker: NightWorker, *, has_work: bool) -> None:
        """Let a worker wait for its next tick: soon, or when something is due.

        Never as late every day, or it would miss a late hour for ever.
        """
        worker.check_alive()
        self._naps += 1
        byte = self._byte() + self._naps - 1
        wait = RETRIES[byte % len(RETRIES)] * MINUTE
        if not has_work:
            here = self.host_now()
            found = (next_slot(each, here) for each in self.org.schedules)
            first = min((each.due_at for each in found if each), default=here + DAY)
            late = 1 if self.is_calm else byte % 50
            wait = min(first - here, DAY) + late * MINUTE
        worker.wakes_at = self.now + wait
        worker.turn.hand_back()

    # ---- one step -----------------------------------------------------------------

    def reads_or_writes(self, *, is_writing: bool) -> None:
        """A transaction of whoever has its turn begins."""
        worker = self._current
        if worker is None:  # the stage itself looks
            return
        if worker.is_gone:  # what tidies up finds nothing there
            raise StoreError("The database does not answer.")
        if is_writing:
            self.step_of(worker, "begin")

    def commits(self) -> None:
        """A writing transaction of whoever has its turn is about to be committed."""
        worker = self._current
        if worker is not None:
            self.step_of(worker, "commit")
            worker.notifier.noted()

    def step_of(self, worker: NightWorker, place: str) -> None:
        """Count a step; what the schedule has for it happens now."""
        worker.check_alive()
        self.step += 1
        self._naps = 0
        self.now += STEP
        if self.is_calm:
            return
        self.tell(f"{worker.name}: {place}")
        if self.step > self.schedule.steps:
            worker.turn.hand_back()  # and is killed
        while self._events and self._events[-1].at <= self.step:
            self._befall(worker, self._events.pop())
        others = len(self.workers) > 1 and place == "begin"
        if others and self._byte() < 80:
            worker.turn.hand_back()

    # ---- wires ----------------------------------------------------------------------

    def fault_for(self, content: str) -> str:
        """Set what goes wrong with a letter, and say it."""
        is_slack = content.startswith("{")
        armed = self._slack if is_slack else self._mail
        fault = armed.pop(0) if armed else ""
        wire = self.wires.slack if is_slack else self.wires.mail
        wire.fault = fault
        return fault

    def clear_faults(self) -> None:
        """Let the wires be sound again."""
        self.wires.mail.fault = self.wires.slack.fault = ""

    # ---- events ---------------------------------------------------------------------

    def _befall(self, worker: NightWorker, event: Event) -> None:
        kind, number = event.kind, event.number
        self.tell(f"EVENT {kind} ({number})")
        if kind in MAIL:
            self._mail.append(kind)
        elif kind in SLACK:
            self._slack.append(kind)
        elif kind in READING:
            self._to_readings(kind, number)
        elif kind in PEOPLE:
            self._to_people(kind, number)
        else:
            self._to_machines(worker, kind, number)

    def _to_readings(self, kind: str, number: int) -> None:
        match kind:
            case "crm away":
                self.crm.away = 1 + number % 4
            case "page lost":
                self.crm.loses_page = True
            case "field hidden" | "field shown":
                self.crm.hidden = {"amount"} if kind == "field hidden" else set()

    def _to_people(self, kind: str, number: int) -> None:
        match kind:
            case "mend":
                mended(self.org, number)
            case "spoil":
                spoiled(self.org, number)
            case "manager leaves":
                self._leaves(number)
            case "manager returns":
                self._return()
            case "stop" | "resume":
                self.stop = "a person said stop" if kind == "stop" else ""
            case _:
                self._rivals.append(kind.partition(" ")[0])

    def _leaves(self, number: int) -> None:
        """Take a manager out of the CRM; one of those who stand in is told instead."""
        who = self.org.managers[number % len(self.org.managers)]
        self.crm.users[who] = replace(self.crm.users[who], is_active=False)
        for audience in Audience:
            reader = reader_id(who, audience)
            if reader in self.watch.readers:
                self.watch.leaves_the_crm(reader)

    def _return(self) -> None:
        """Let everybody who left work here again; what was in between nobody asks."""
        for who in self.org.managers:
            if self.crm.users[who].is_active:
                continue
            self.crm.users[who] = replace(self.crm.users[who], is_active=True)
            for audience in Audience:
                self.watch.excuse(self.now + HOUR, reader_id(who, audience))

    def _to_machines(self, worker: NightWorker, kind: str, number: int) -> None:
        match kind:
            case "kill":
                worker.die()
            case "host off":
                self.now += (1 + number % 96) * HOUR
                for other in [each for each in self.workers if each is not worker]:
                    self._end(other)
                worker.die()
            case "rival":
                self._rivals.append("worker")
            case "signal":
                worker.signal = "a signal"
            case "host clock":
                self.host_skew = (0, 0, 26, -26)[number % 4] * HOUR
            case "database clock":
                self.database_skew = (0, 24)[number % 2] * HOUR
            case _:
                self._admin_wants = kind

    # ---- the database, while nobody is at work --------------------------------------

    def _looked_after(self) -> None:
        """Do what an admin wants done with the database; the worker starts anew."""
        wanted, self._admin_wants = self._admin_wants, ""
        if wanted == "backup":
            self._backup = self.database.copied()
            return
        if self._backup is None:
            return
        self.tell("ADMIN", wanted)
        self._kill_all()
        self.now += 2 * MINUTE  # what a dead process held has run out
        self.database_skew = timedelta()
        if wanted == "database lost":
            self.database.stand_empty(self)
            self.watch.excuse(self.now + HOUR)
        self.database.restore(self._backup)

    # ---- the end --------------------------------------------------------------------

    def _calm_down(self) -> None:
        """Stop the faults, and let everybody get one more digest."""
        self._kill_all()
        self.tell("THE FAULTS STOP")
        self.is_calm = True
        self._mail.clear()
        self._slack.clear()
        self._rivals.clear()
        self._admin_wants = self.stop = ""
        self._return()
        self.crm.away, self.crm.loses_page, self.crm.hidden = 0, False, set()
        self.host_skew = self.database_skew = timedelta()
        self.now += 2 * MINUTE
        since, end = self.now, self.now + LONGEST_CALM
        while self.now < end and not self.watch.all_told_since(since):
            self._turn()
        self.watch.nothing_left_out(since)
