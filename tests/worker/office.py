"""A worker in a world of its own: one org, one database, a clock set by hand."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.core.timetable import Times, Timetable
from gatekeeper.flow.digest import Desk
from gatekeeper.flow.post import Post
from gatekeeper.ports import Delivery, Outcome, RunKind, RunStatus
from gatekeeper.worker.digests import DigestDuty
from gatekeeper.worker.duty import Workplace
from gatekeeper.worker.metrics import Metrics
from gatekeeper.worker.runs import RunDuty
from gatekeeper.worker.shift import Ledger, Shift
from tests.fakes.crm import ORG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from gatekeeper.core.digest.recipients import Untold
    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.model import Person
    from gatekeeper.core.pack import Project
    from gatekeeper.core.slots import Due
    from gatekeeper.flow.post import Sent
    from gatekeeper.flow.report import RunReport
    from gatekeeper.ports import Job, RunRow, SlotRow
    from tests.flow.scene import Scene

MONDAY_MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)  # 04:00 in New York
TEN_MINUTES = timedelta(minutes=10)
USUAL = Timetable(Times((time(5),)), Times((time(7),)))


class Kill(BaseException):
    """The process ends here, as by SIGKILL: nothing after it is done."""


@dataclass
class Clock:
    """The worker's clock."""

    at: datetime = MONDAY_MORNING

    def now(self) -> datetime:
        return self.at


@dataclass
class Steps:
    """Counts the steps between which a process may be killed, and kills at some."""

    deadly: set[int] = field(default_factory=set)
    taken: int = 0

    def take(self) -> None:
        self.taken += 1
        if self.taken in self.deadly:
            raise Kill


@dataclass
class Courier:
    """Takes letters, and answers what it is told to; then all is well again."""

    steps: Steps
    answers: list[Outcome] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)

    def why_not(self, who: Person) -> str:
        return self.reasons.get(who.id, "")

    def write(self, digest: AnyDigest, day: date) -> str:
        whole = digest.whole if isinstance(digest, RulesDigest) else digest
        self.digests.append(whole)
        told = f"{day} {digest.who.name}: run {whole.truth.run_id}"
        is_first = digest.audience is Audience.MANAGER
        return told if is_first else f"{told} for {digest.audience}"

    def send(self, content: str) -> Outcome:
        self.steps.take()
        self.letters.append(content)
        self.steps.take()
        return self.answers.pop(0) if self.answers else Outcome(Delivery.SENT)


@dataclass
class Slots:
    """The store's slots, with a step before and after each commit."""

    scene: Scene
    steps: Steps

    def last(self, org: str, job: Job) -> date | None:
        return self.scene.store.slots.last(org, job)

    def used(self, org: str, kind: str) -> Mapping[str, date]:
        return self.scene.store.slots.used(org, kind)

    def lost_until(self, org: str, kind: str) -> datetime | None:
        return self.scene.store.slots.lost_until(org, kind)

    def last_done(self, org: str) -> Mapping[str, datetime]:
        return self.scene.store.slots.last_done(org)

    def claim(self, org: str, job: Job, due: Due) -> SlotRow | None:
        self.steps.take()
        row = self.scene.store.slots.claim(org, job, due)
        self.steps.take()
        return row

    def close(self, org: str, job: Job, day: date, note: str) -> None:
        self.steps.take()
        self.scene.store.slots.close(org, job, day, note)
        self.steps.take()


@dataclass
class Office:
    """The scene, its worker, and what the worker has done.

    Attributes:
        project: As the file of the rules says it; a mistake in them is raised.
        edition: Changes with the files.
    """

    scene: Scene
    timetable: Timetable = USUAL
    clock: Clock = field(default_factory=Clock)
    steps: Steps = field(default_factory=Steps)
    edition: int = 0
    mistake: Exception | None = None
    fault: Exception | None = None
    is_ending: bool = False
    signal: str = ""
    opened: int = 0
    after_run: Callable[[], None] = lambda: None
    sent: list[Sent] = field(default_factory=list)
    untold: list[Sequence[Untold]] = field(default_factory=list)
    reports: list[RunReport] = field(default_factory=list)
    courier: Courier = field(init=False)
    runs: Shift = field(init=False)
    digests: Shift = field(init=False)

    def __post_init__(self) -> None:
        self.courier = Courier(self.steps)
        self.start()

    def start(self) -> None:
        """Begin as a new process does: with nothing in mind."""
        slots = Slots(self.scene, self.steps)
        ledger = Ledger(
            lambda: ORG, slots, self.clock, lambda: self.is_ending, Metrics()
        )
        runs = RunDuty(
            self.project,
            lambda: self.edition,
            self.place,
            self.latest,
            self.ran,
        )
        self.runs = Shift(runs, ledger)
        digests = DigestDuty(
            self.project,
            lambda: self.edition,
            self.place,
            lambda: self.scene.store.archive.last_told(ORG),
            lambda: self.runs.failures > 0,
            lambda _place, sent: self.sent.append(sent),
            lambda _place, untold: self.untold.append(untold),
        )
        self.digests = Shift(digests, ledger)

    def project(self) -> Project:
        if self.mistake is not None:
            raise self.mistake
        return replace(self.scene.pack.project, schedule=self.timetable)

    def ran(self, _place: Workplace, report: RunReport) -> None:
        self.reports.append(report)
        self.after_run()

    def latest(self, most: int) -> Sequence[RunRow]:
        return self.scene.store.runs(ORG, most)

    @contextmanager
    def place(self) -> Iterator[Workplace]:
        self.steps.take()
        self.opened += 1
        if self.fault is not None:
            raise self.fault
        scene = self.scene
        scene.crm.now = self.clock.at
        schema = scene.crm.schema(scene.pack.catalogue)
        services = replace(
            scene.services, clock=self.clock, end_reason=lambda: self.signal
        )
        archive, outbox = scene.store.archive, scene.store.outbox
        desk = Desk(archive, scene.crm, scene.pack, schema)
        post = Post(
            ORG,
            scene.pack,
            outbox,
            self.courier,
            self.clock.now(),
            services.stop_reason,
        )
        yield Workplace(services, scene.pack, schema, desk, lambda: post)
        self.steps.take()

    # ---- time goes by ----

    def tick(self) -> None:
        """Tick once; a kill starts the worker anew at the next tick."""
        try:
            self.runs.tick()
            self.digests.tick()
        except Kill:
            self.start()

    def go(self, until: datetime, step: timedelta = TEN_MINUTES) -> None:
        """Tick until then."""
        while self.clock.at < until:
            self.tick()
            self.clock.at += step

    # ---- what was done ----

    def done_runs(self) -> list[date]:
        """The local days of the runs that came to their end, oldest first."""
        zone = self.scene.pack.project.zone
        return sorted(
            row.as_of.astimezone(zone).date()
            for row in self.scene.store.runs(ORG, 1000)
            if row.kind is RunKind.RUN and row.status is RunStatus.DONE
        )

    def letter_days(self) -> list[str]:
        return [letter.partition(" ")[0] for letter in self.courier.letters]
