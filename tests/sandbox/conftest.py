"""A sandbox to talk to: an org in memory and, where asked, a real server before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.stock import stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.org import Org

AS_OF = "2026-11-20T10:00:00Z"


@pytest.fixture
def org() -> Org:
    return stock_org(Clock(as_of_instant(AS_OF)))


@pytest.fixture
def server(org: Org) -> Iterator[SandboxServer]:
    with SandboxServer(org) as running:
        yield running


@pytest.fixture
def client(server: SandboxServer) -> Iterator[Client]:
    with Client(server.url) as logged_in:
        yield logged_in
