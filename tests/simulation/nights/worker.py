"""A process of some night: the worker, or a command that a person gives beside it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.errors import CrmUnreachableError, GatekeeperError
from gatekeeper.flow.digest import Desk
from gatekeeper.flow.post import Post
from gatekeeper.flow.readers import send_all
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.ports import RunKind
from gatekeeper.worker.digests import DigestDuty
from gatekeeper.worker.duty import Workplace
from gatekeeper.worker.metrics import Metrics
from gatekeeper.worker.runs import RunDuty
from gatekeeper.worker.shift import Ledger, Shift
from tests.builders import ORG
from tests.simulation.baton import Killed, Turn
from tests.simulation.nights.post import WatchedPost
from tests.simulation.nights.watch import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gatekeeper.core.pack import Project
    from gatekeeper.flow.post import Sent
    from gatekeeper.flow.report import RunReport
    from tests.simulation.nights.simulator import NightSimulator


@dataclass(eq=False)
class NightWorker:
    """One process; every transaction it begins or commits is a step.

    Attributes:
        command: "worker", "run" or "send".
        wakes_at: Until then it waits for its next tick.
        signal: Why it is to end, "" as long as it is not.
        outcome: How it ended, for the story.
    """

    stage: NightSimulator
    name: str
    command: str
    wakes_at: datetime = NEVER
    signal: str = ""
    is_dead: bool = False
    outcome: str = ""
    turn: Turn = field(init=False)
    notifier: WatchedPost = field(init=False)

    def __post_init__(self) -> None:
        self.turn = Turn(self._work)
        self.notifier = WatchedPost(self)

    def now(self) -> datetime:
        """Tell the time as the host has it."""
        return self.stage.host_now()

    def die(self) -> None:
        """End the process here: nothing of it, not even its clean-up, runs on."""
        if not self.is_dead:
            self.is_dead = True
            self.notifier.forgotten()
        raise Killed

    def check_alive(self) -> None:
        """Let a process that is gone do nothing more."""
        if self.is_gone:
            self.die()

    @property
    def is_gone(self) -> bool:
        return self.is_dead or self.turn.is_killed

    # ---- what it does ----

    def _work(self) -> None:
        try:
            match self.command:
                case "worker":
                    self._ticks()
                case "run":
                    self._run()
                case "send":
                    self._send()
            self.outcome = "ended"
        except GatekeeperError as error:
            self.outcome = f"{type(error).__name__}: {error}"

    def _ticks(self) -> None:
        shifts = self._shifts()
        while not self.signal:
            for shift in shifts:
                shift.tick()
            self.stage.sleeps(self, has_work=any(each.failures for each in shifts))

    def _run(self) -> None:
        with self.place() as place:
            order = RunOrder(place.services.crm.server_time(), RunKind.RUN)
            report = run_once(place.services, place.pack, place.schema, order)
            self.ran(place, report)

    def _send(self) -> None:
        if not self.stage.watch.knows(self.now()):
            return  # after a loss a person asks first who had the day's digest
        with self.place() as place:
            for sent in send_all(place.desk, place.post())[0]:
                self.sent(place, sent)

    def _shifts(self) -> list[Shift]:
        stage, store = self.stage, self.stage.database.store
        ledger = Ledger(
            lambda: ORG, store.slots, self, lambda: bool(self.signal), Metrics()
        )
        runs = Shift(
            RunDuty(
                self.project,
                lambda: 0,
                self.place,
                lambda most: store.runs(ORG, most),
                self.ran,
            ),
            ledger,
        )
        letters = DigestDuty(
            self.project,
            lambda: 0,
            self.place,
            lambda: store.archive.last_told(ORG),
            lambda: runs.failures > 0,
            self.sent,
            lambda _place, _untold: None,
        )
        stage.tell(self.name, "is ready")
        return [runs, Shift(letters, ledger)]

    # ---- what it works with ----

    def project(self) -> Project:
        return self.stage.pack.project

    @contextmanager
    def place(self) -> Iterator[Workplace]:
        stage = self.stage
        crm, store, pack = stage.crm, stage.database.store, stage.pack
        if crm.away:
            crm.away -= 1
            raise CrmUnreachableError("The CRM does not answer.")
        crm.now = stage.now
        schema = replace(crm.schema(pack.catalogue))
        services = Services(
            crm,
            store,
            self,
            lambda _what, _done, _total: None,
            lambda: stage.stop,
            lambda: self.signal,
        )
        desk = Desk(store.archive, crm, pack, schema)
        yield Workplace(services, pack, schema, desk, self._post)

    def _post(self) -> Post:
        stage = self.stage
        outbox = stage.database.store.outbox
        self.notifier.begin()
        return Post(
            ORG, stage.pack, outbox, self.notifier, self.now(), lambda: stage.stop
        )

    # ---- what it tells ----

    def ran(self, _place: Workplace, report: RunReport) -> None:
        self.stage.tell(self.name, report.run_id, report.status.value)
        if not self.stage.crm.showed_all:
            self.stage.watch.blind.add(report.run_id)

    def sent(self, _place: Workplace, sent: Sent) -> None:
        what = sent.delivery.value if sent.delivery else "nothing"
        self.stage.tell(self.name, sent.who.id, sent.day, what, sent.why)
