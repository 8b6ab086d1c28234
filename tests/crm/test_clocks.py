"""The clock of a CRM, held against this machine's when an answer comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.crm.hubspot import adapter as hubspot
from gatekeeper.crm.hubspot.wire.patience import Access as HubSpotAccess
from gatekeeper.crm.salesforce import adapter as salesforce
from gatekeeper.crm.salesforce.wire.connection import Access as SalesforceAccess
from gatekeeper.crm.salesforce.wire.login import Credentials
from gatekeeper.ports import Health
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.hubspot.stock import TOKEN, stock_portal
from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, CLIENT_SECRET, stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.crm.hubspot.scene import request

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.ports import Crm
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.salesforce.org import Org

THERE = datetime(2026, 11, 20, 14, tzinfo=UTC)


def to_salesforce(url: str, now: Callable[[], datetime]) -> Crm:
    login = Credentials(client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    return salesforce.connect(SalesforceAccess(url, login), now=now)


def to_hubspot(url: str, now: Callable[[], datetime]) -> Crm:
    return hubspot.connect(HubSpotAccess(TOKEN, url), now=now)


@pytest.mark.promise("F16")
@pytest.mark.parametrize(
    ("stock", "connect", "name"),
    [
        (stock_org, to_salesforce, "Salesforce"),
        (stock_portal, to_hubspot, "HubSpot"),
    ],
)
@pytest.mark.parametrize(
    ("behind", "health", "said"),
    [
        (30, Health.OK, "this machine and {} agree"),
        (31, Health.WARN, "this machine's clock is 31 seconds behind that of {}"),
        (-99, Health.WARN, "this machine's clock is 99 seconds ahead of that of {}"),
    ],
)
def test_a_clock_is_compared_with_the_machines_at_the_answer(
    stock: Callable[[Clock], Org | Portal],
    connect: Callable[[str, Callable[[], datetime]], Crm],
    name: str,
    behind: int,
    health: Health,
    said: str,
) -> None:
    here = THERE - timedelta(seconds=behind)
    with SandboxServer(stock(Clock(as_of_instant(THERE.isoformat())))) as server:
        crm = connect(server.url, lambda: here)
        assert crm.clock_ahead() == timedelta()  # nobody has answered yet
        (clock,) = (each for each in crm.examine(request()) if each.name == "clock")

    assert crm.clock_ahead() == timedelta(seconds=behind)
    assert (clock.health, clock.text) == (health, said.format(name))
