"""The real ways to people, watched: what is written for whom, and what leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.notify.email import Mailer, server_at
from gatekeeper.notify.slack import SlackPost
from gatekeeper.notify.ways import Ways
from gatekeeper.ports import Delivery
from tests.builders import ORG
from tests.notify.digests import HOST
from tests.simulation.nights.watch import reader_id
from tests.simulation.nights.wire import CLOSED_PORT

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person
    from gatekeeper.ports import Notifier, Outcome
    from tests.simulation.nights.worker import NightWorker

SENDER = "gatekeeper@acme.example"


@dataclass(eq=False)
class WatchedPost:
    """Implements `ports.Notifier` by the product's own, on the wires of the stage.

    Attributes:
        settles: The letter whose end is known and not noted yet, and whether it came.
    """

    worker: NightWorker
    settles: tuple[tuple[str, date], bool] | None = None
    _ways: dict[int, Notifier] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin a performance: what was found out about servers is forgotten."""
        self._ways.clear()

    def why_not(self, who: Person) -> str:
        return self._way().why_not(who)

    def write(self, digest: AnyDigest, day: date) -> str:
        content = self._way().write(digest, day)
        reader = reader_id(digest.who.id, digest.audience)
        self.worker.stage.keys[content] = (reader, day)
        if self.worker.command == "send":
            self.worker.stage.watch.written_by_hand(reader, day)
        return content

    def send(self, content: str) -> Outcome:
        stage, key = self.worker.stage, self.worker.stage.keys[content]
        stage.step_of(self.worker, "send")
        stage.watch.leaves(key, content)
        fault = stage.fault_for(content)
        outcome = self._way(CLOSED_PORT if fault == "nobody listens" else 0).send(
            content
        )
        stage.clear_faults()
        stage.tell(self.worker.name, "sends", *key, fault, outcome.delivery.value)
        stage.watch.look_at_wires()
        if outcome.delivery.is_known:
            self.settles = key, outcome.delivery is Delivery.SENT
        elif outcome.delivery is Delivery.UNKNOWN:
            stage.watch.perhaps(key)
        stage.step_of(self.worker, "sent")
        return outcome

    def noted(self) -> None:
        """A transaction of the process was committed."""
        if self.settles is not None:
            key, is_sent = self.settles
            self.worker.stage.watch.known(key, is_sent=is_sent)
        self.settles = None

    def forgotten(self) -> None:
        """The process is gone: what it knew and did not note, nobody knows."""
        if self.settles is not None:
            self.worker.stage.watch.perhaps(self.settles[0])
        self.settles = None

    def _way(self, port: int = 0) -> Notifier:
        if port not in self._ways:
            self._ways[port] = self._made(port)
        return self._ways[port]

    def _made(self, port: int) -> Notifier:
        stage = self.worker.stage
        people, usual = stage.pack.people, stage.pack.project.zone

        def zone_of(who: Person) -> tzinfo:
            return people.zone(who, usual)

        def url_of(deal_id: str) -> str:
            return f"{HOST}/{deal_id}"

        server = server_at(f"smtp://127.0.0.1:{port or stage.wires.mail.port}", 5)
        mail = Mailer(ORG, server, SENDER, url_of, zone_of)
        slack = SlackPost(
            ORG, "xoxb", people.slack, url_of, zone_of, stage.wires.slack.url, 5
        )
        return Ways(mail, slack)
