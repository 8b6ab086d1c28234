"""A portal to talk to: in memory, or behind a real server with the real client.

Every exchange of a test that uses the server is held against HubSpot's contract when
the test ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot import HubSpot
from urllib3.util.retry import Retry

from gatekeeper.sandbox.clock import Clock, Elapsed, as_of_instant
from gatekeeper.sandbox.hubspot.stock import PERSON_TOKEN, TOKEN, stock_portal
from gatekeeper.sandbox.server import SandboxServer
from tests.hubspot_contract import held_to_contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.hubspot.portal import Portal

AS_OF = "2026-11-20T10:00:00Z"


@pytest.fixture
def portal() -> Portal:
    return stock_portal(Clock(as_of_instant(AS_OF)), Elapsed(standing=True))


@pytest.fixture
def server(portal: Portal) -> Iterator[SandboxServer]:
    with held_to_contract(portal) as running:
        yield running


@pytest.fixture
def odd_server(portal: Portal) -> Iterator[SandboxServer]:
    """A server whose exchanges are outside the contract on purpose."""
    with SandboxServer(portal) as running:
        yield running


def connect(url: str, token: str = TOKEN) -> Any:
    return HubSpot(access_token=token, host=url, retry=Retry(0, redirect=0))


@pytest.fixture
def client(server: SandboxServer) -> Any:
    return connect(server.url)


@pytest.fixture
def person(server: SandboxServer) -> Any:
    """A client whose writes are a person's at the screen."""
    return connect(server.url, PERSON_TOKEN)
