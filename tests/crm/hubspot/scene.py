"""A HubSpot portal behind a real server, the adapter before it, and its people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from hubspot import HubSpot
from urllib3.util.retry import Retry

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.pack import Needs
from gatekeeper.crm.hubspot.adapter import HubSpotCrm, connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.auth import Token
from gatekeeper.sandbox.hubspot.stock import PERSON_TOKEN, TOKEN, stock_portal
from gatekeeper.sandbox.server import SandboxServer
from tests.hubspot_contract import BUNDLE, Recorder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import tzinfo

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.core.model import Deal
    from gatekeeper.sandbox.hubspot.portal import Portal

AS_OF = "2026-11-20T14:00:00Z"
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
SINCE = date(2026, 10, 21)
FEW_SCOPES = frozenset(
    {
        "crm.objects.deals.read",
        "crm.objects.owners.read",
        "crm.schemas.deals.read",
    }
)


def request(
    *fields: str,
    rows: dict[str, set[str]] | None = None,
    history: set[str] | None = None,
    pipelines: tuple[str, ...] = (),
    catalogue: Catalogue = BUILT_IN,
) -> PullRequest:
    """Say what a pull is for."""
    collections = {name: frozenset(asked) for name, asked in (rows or {}).items()}
    needs = Needs(frozenset(fields), collections, frozenset(history or ()))
    return PullRequest(needs, catalogue, pipelines, SINCE)


@dataclass
class Scene:
    """A portal, its server, and the adapter; waiting moves the portal's own time.

    Attributes:
        is_odd: The portal answers outside its contract on purpose.
    """

    portal: Portal
    url: str
    recorder: Recorder
    is_odd: bool = False
    people: Any = field(init=False)
    crm: HubSpotCrm = field(init=False)

    def __post_init__(self) -> None:
        self.people = HubSpot(
            access_token=PERSON_TOKEN, host=self.url, retry=Retry(0, redirect=0)
        )
        self.crm = self.join()

    def join(
        self,
        token: str = TOKEN,
        attempts: int = 5,
        zones: Mapping[str, tzinfo] | None = None,
    ) -> HubSpotCrm:
        """Return an adapter of its own."""
        return connect(
            Access(token, self.url, attempts=attempts),
            now=lambda: NOW,
            zones=zones,
            sleep=self.portal.elapsed.advance,
            tick=self.portal.elapsed.now,
        )

    def join_with(self, *scopes: str) -> HubSpotCrm:
        """Return an adapter whose token has these scopes beside the least ones."""
        text = f"pat-few-{len(scopes)}"
        self.portal.tokens.add(Token(text, FEW_SCOPES | set(scopes), 7, 1))
        return self.join(text)

    def make(self, kind: str, **values: str) -> str:
        """Let a person make a record, and return its id."""
        body = {"properties": values, "associations": []}
        return str(self.people.crm.objects.basic_api.create(kind, body).id)

    def deal(self, name: str = "Acme", **values: str) -> str:
        given = {"dealname": name, "dealstage": "qualifiedtobuy", **values}
        return self.make("deals", **given)

    def change(self, kind: str, id_: str, **values: str) -> None:
        """Let a person change a record."""
        body = {"properties": values}
        self.people.crm.objects.basic_api.update(kind, id_, body)

    def archive(self, kind: str, id_: str) -> None:
        """Let a person delete a record."""
        self.people.crm.objects.basic_api.archive(kind, id_)

    def link(self, source: str, id_: str, target: str, to: str, type_id: int) -> None:
        """Let a person associate two records."""
        types = [
            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}
        ]
        body = {"inputs": [{"from": {"id": id_}, "to": {"id": to}, "types": types}]}
        self.people.crm.associations.v4.batch_api.create(source, target, body)

    def role(self, deal: str, contact: str, *labels: str) -> None:
        """Let a person say what a contact is on a deal."""
        links, pair = self.portal.links, ("deals", "contacts")
        with self.portal.lock:
            types = [
                (links.labelled(pair, label) or links.define(pair, label)).id
                for label in labels
            ]
            links.add(pair, deal, contact, [links.default(pair).id, *types])

    def at(self, moment: str) -> None:
        """Let it be another moment in the portal."""
        self.portal.clock.set(as_of_instant(moment))

    def settle(self, seconds: float = 60) -> None:
        """Let the index and the roll-ups catch up."""
        self.portal.elapsed.advance(seconds)

    def pulled(
        self, asked: PullRequest, crm: HubSpotCrm | None = None
    ) -> dict[str, Deal]:
        """Return the deals of a complete pull by name."""
        totals = PullTotals()
        batches = (crm or self.crm).pull(asked, totals)
        found = {deal.name: deal for batch in batches for deal in batch.deals}
        assert totals.is_complete, totals
        return found


@contextmanager
def hubspot_scene(*, is_set_up: bool = True) -> Iterator[Scene]:
    """Serve a stock portal, every exchange held against HubSpot's contract."""
    portal = stock_portal(Clock(as_of_instant(AS_OF)), Elapsed(standing=True))
    recorder = Recorder()
    with SandboxServer(portal, observe=recorder) as server:
        scene = Scene(portal, server.url, recorder)
        if is_set_up:
            scene.crm.set_up(lambda _what, _done, _total: None)
        yield scene
        scene.crm.client.close()
    if BUNDLE.exists() and not scene.is_odd:
        assert recorder.violations() == []
