"""What stands behind the client libraries: a CRM of the sandbox, and its people."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from gatekeeper.pack.load import read_pack
from gatekeeper.sandbox.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from datetime import datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.load import Draft
    from gatekeeper.ports import Crm
    from tests.simulation.actors import Office
    from tests.simulation.whole.line import Line, Steps
    from tests.simulation.whole.mirror import Mirror

PLENTY = 10**9
"""Calls of a day that no simulation makes."""
RULES = Path(__file__).parent / "rules"


class World(Protocol):
    """A CRM in this process."""

    @property
    def id(self) -> str:
        """Of the org, as gatekeeper names it."""

    @property
    def rules(self) -> RulePack:
        """Compiled against this CRM."""

    @property
    def records(self) -> Mirror: ...

    @property
    def office(self) -> Office: ...

    def line(self, steps: Steps, poisoned: Callable[[], Container[str]]) -> Line:
        """Return a process's line to it, over which some deals are never written."""

    def become_another(self) -> None:
        """Be another org, by its id."""

    def connected(self, line: Line, sleep: Callable[[float], None]) -> Crm:
        """Return a process's adapter, its client library included."""

    def described(self, crm: Crm) -> CrmSchema:
        """Return its description, as if this adapter had read it."""

    def allow(self, calls: int) -> None:
        """Let so many calls be made in a day, and begin one."""

    def calm(self) -> None:
        """Let everything be seen and nothing be cut into small pages."""


class VirtualClock(Clock):
    """Tells the time of a simulation, in whole seconds."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._now = now

    def now(self) -> datetime:
        return self._now().replace(microsecond=0)


@cache
def draft(crm: str) -> Draft:
    """Return the rules as read for a CRM."""
    return read_pack(RULES / crm)


@cache
def broken() -> Draft:
    """Return rules with a mistake in them, as read."""
    return read_pack(RULES / "broken")
