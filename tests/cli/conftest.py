"""A command line in a folder of its own, and sandboxes for it to talk to."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.salesforce.stock import stock_org
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from tests.cli.program import Program, log_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gatekeeper.sandbox.salesforce.org import Org

AS_OF = "2026-11-20"


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    return Program(tmp_path, capsys)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "org"
    seed_org(40, 1, date(2026, 11, 20), folder)
    return folder


@pytest.fixture
def org(seeded: Path) -> Org:
    return load_org(seeded, Clock(as_of_instant(AS_OF)))


@pytest.fixture
def bare_org() -> Org:
    """A stock org without a single deal."""
    return stock_org(Clock(as_of_instant(AS_OF)))


@pytest.fixture
def started(program: Program, org: Org) -> Iterator[Program]:
    """The default pack beside a login to a seeded org; our fields are there."""
    assert program("init").code == 0
    with SandboxServer(org) as server:
        log_in(server.url)
        assert program("setup-crm", "--yes").code == 0
        yield program


@pytest.fixture
def enforcing(started: Program) -> Program:
    """The same with the ceiling raised and every rule seen once by a plan."""
    started.enforce()
    assert started("plan").code == 0
    return started
