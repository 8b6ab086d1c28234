"""What the pages say to those who look after the process: alive, ready, at what.

Neither `/livez` nor `/readyz` asks the CRM or the mail server: no worker is restarted
because somebody else is down.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from gatekeeper.errors import GatekeeperError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from gatekeeper.worker.metrics import Metrics
    from gatekeeper.worker.scheduler import Pulse

PLAIN = "text/plain; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
SIGNPOST = b"Pages: /livez /readyz /metrics\n"
"""All that anybody is told who asked for anything else."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the pages show.

    Attributes:
        stale: The age from which on ticks are taken to have stopped.
        checks: Name to what it says is wrong, "" where nothing is.
    """

    pulse: Pulse
    stale: timedelta
    checks: Mapping[str, Callable[[], str]]
    metrics: Metrics

    def page(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, content type and content of a page."""
        match path.partition("?")[0]:
            case "/livez":
                return self._live()
            case "/readyz":
                return self._ready()
            case "/metrics":
                return HTTPStatus.OK, PROMETHEUS, self.metrics.page()
        return HTTPStatus.NOT_FOUND, PLAIN, SIGNPOST

    def _live(self) -> tuple[HTTPStatus, str, bytes]:
        age = self.pulse.age
        status = HTTPStatus.OK if age < self.stale else HTTPStatus.SERVICE_UNAVAILABLE
        return status, PLAIN, f"last tick {age.total_seconds():.0f} s ago\n".encode()

    def _ready(self) -> tuple[HTTPStatus, str, bytes]:
        found = {name: _looked(check) for name, check in self.checks.items()}
        lines = [f"{name}: {wrong or 'ok'}\n" for name, wrong in found.items()]
        is_bad = any(found.values())
        status = HTTPStatus.SERVICE_UNAVAILABLE if is_bad else HTTPStatus.OK
        return status, PLAIN, "".join(lines).encode()


def _looked(check: Callable[[], str]) -> str:
    try:
        return check()
    except GatekeeperError as error:
        return str(error).partition("\n")[0]
