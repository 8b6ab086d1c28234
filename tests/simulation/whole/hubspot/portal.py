"""A HubSpot portal of the sandbox with the people and the deals of a seed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import orjson

from gatekeeper.core.model import EMPTY, ObligationId, task_key
from gatekeeper.crm.hubspot.adapter import HubSpotCrm, connect
from gatekeeper.crm.hubspot.names import KEY_PROPERTY, REF_PROPERTY
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.crm.marker import Marker, encode
from gatekeeper.sandbox.clock import Clock, Elapsed
from gatekeeper.sandbox.hubspot.kinds import Property
from gatekeeper.sandbox.hubspot.owners import Owner
from gatekeeper.sandbox.hubspot.stock import PERSON_TOKEN, TOKEN, stock_portal
from gatekeeper.sandbox.server import front_of
from gatekeeper.sandbox.wire import Request
from tests.builders import NOW
from tests.simulation.org import LAST_RESORT, MANAGER, OTHER_REP, REP
from tests.simulation.whole.wire import ADDRESS, local_pool
from tests.simulation.whole.world import VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gatekeeper.core.model import Deal, Person
    from gatekeeper.sandbox.hubspot.portal import Portal
    from tests.simulation.whole.wire import Exchange

COLUMNS = {"budget": "budget", "next_step": "hs_next_step", "need": "need"}
STAGES = {
    "Prospecting": "appointmentscheduled",
    "Qualification": "qualifiedtobuy",
    "Proposal": "decisionmakerboughtin",
    "Closed Won": "closedwon",
    "Closed Lost": "closedlost",
}
OWNERS = {REP: "7000001", OTHER_REP: "7000002", MANAGER: "7000003"} | {
    LAST_RESORT: "7000004"
}
"""An owner's id is a number there."""
ACCESS = Access(TOKEN, ADDRESS, attempts=3)


class _Standing(Elapsed):
    """Seconds of a simulation, for what comes late and what refills."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(standing=True)
        self._now = now

    def now(self) -> float:
        return (self._now() - NOW).total_seconds()


def connected(
    exchange: Exchange,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> HubSpotCrm:
    """Return the adapter with its client library before an exchange."""
    crm = connect(ACCESS, now=now, sleep=sleep, tick=_Standing(now).now)
    crm.client.door.connections = local_pool(exchange)
    return crm


@cache
def _set_up_portal() -> Portal:
    """Return a portal with our properties in it, made once."""
    portal = stock_portal(Clock(NOW), Elapsed(standing=True))
    for name in ("budget", "need"):
        made = Property(name, name, "string", "text", "dealinformation")
        portal.kinds["deals"].properties[name] = made
    crm = connected(front_of(portal).answer, lambda: NOW, lambda _seconds: None)
    crm.set_up(lambda _what, _done, _total: None)
    return portal


def portal_like_new(now: Callable[[], datetime]) -> Portal:
    """Return a portal of its own that is set up."""
    pattern = _set_up_portal()
    portal = stock_portal(VirtualClock(now), _Standing(now))
    portal.settings.allowance = replace(portal.settings.allowance, daily=10**9)
    for name, kind in pattern.kinds.items():
        own = portal.kinds[name]
        own.properties, own.groups = dict(kind.properties), dict(kind.groups)
    return portal


class Hand:
    """A person at the portal's screen: its API, with a token of their own."""

    def __init__(self, portal: Portal) -> None:
        self._answer = front_of(portal).answer

    def __call__(
        self, method: str, path: str, body: object = None
    ) -> dict[str, object]:
        """Return what HubSpot answers; {} where it refuses."""
        headers = {
            "authorization": f"Bearer {PERSON_TOKEN}",
            "content-type": "application/json",
        }
        content = b"" if body is None else orjson.dumps(body)
        reply = self._answer(Request(method, path, "", headers, content, ADDRESS))
        if reply.status >= 300 or not reply.content:
            return {} if reply.status >= 300 else {"done": True}
        answer: dict[str, object] = orjson.loads(reply.content)
        return answer


def settle(portal: Portal, people: Mapping[str, Person]) -> dict[str, Person]:
    """Let the people of a seed work in a portal; returns them by their ids there."""
    found: dict[str, Person] = {}
    for person in people.values():
        id_ = OWNERS[person.id]
        first, _, last = person.name.partition(" ")
        portal.owners[id_] = Owner(id_, person.email, first, last, int(id_))
        found[id_] = replace(person, id=id_, manager_id=None)
    return found


def make_deal(hand: Hand, deal: Deal) -> str:
    """Let a person make a deal."""
    values = {
        "dealname": deal.name,
        "dealstage": STAGES[deal.stage],
        "pipeline": "default",
        "closedate": f"{deal.fields['close_date']}T00:00:00.000Z",
        "hubspot_owner_id": OWNERS[str(deal.owner_id)],
    }
    for name, column in COLUMNS.items():
        value = deal.fields.get(name, EMPTY)
        values[column] = "" if value is EMPTY else str(value)
    made = hand("POST", "/crm/v3/objects/deals", {"properties": values})
    return str(made["id"])


def copy_tasks(hand: Hand, deal_ids: list[str]) -> None:
    """Make tasks as a copied portal brings them: our marker, another portal's key."""
    for deal_id in deal_ids:
        who = ObligationId(deal_id, "deal_owner")
        values = {
            "hs_task_subject": "Old",
            "hs_task_body": "Old",
            "hs_timestamp": "2026-11-20T17:00:00.000Z",
            "hs_task_status": "NOT_STARTED",
            KEY_PROPERTY: task_key("hs:9", deal_id, who.role, who.group, 1),
            REF_PROPERTY: encode(Marker(who, 1, run_number=1)),
        }
        link = {
            "to": {"id": deal_id},
            "types": [
                {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}
            ],
        }
        body = {"properties": values, "associations": [link]}
        assert hand("POST", "/crm/v3/objects/tasks", body)
