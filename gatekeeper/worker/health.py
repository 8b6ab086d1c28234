"""Pages for those who look after the process: is it alive, ready, and at what.

Neither `/livez` nor `/readyz` asks the CRM or the mail server: no worker is restarted
because somebody else is down.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from gatekeeper.errors import GatekeeperError, SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import timedelta

    from gatekeeper.worker.metrics import Metrics
    from gatekeeper.worker.scheduler import Pulse

PLAIN = "text/plain; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
LONGEST_REQUEST_S, POLL_S = 10.0, 0.05


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
        return HTTPStatus.NOT_FOUND, PLAIN, b"Pages: /livez /readyz /metrics\n"

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


@contextmanager
def serving(health: Health, host: str, port: int) -> Iterator[int]:
    """Serve the pages until the block is left; give the port.

    Raises:
        SetupError: The address cannot be listened on.
    """
    try:
        server = ThreadingHTTPServer((host, port), _handler(health))
    except OSError as error:
        message = (
            f"The health pages cannot be served on {host}:{port}"
            f" ({error.strerror or error}). Name another address, or off:"
            " GATEKEEPER_HEALTH_ADDRESS"
        )
        raise SetupError(message) from error
    server.daemon_threads = True
    thread = threading.Thread(
        target=server.serve_forever, args=(0.05,), name="health", daemon=True
    )
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        """Answers GET and HEAD; logs nothing, for probes come every few seconds."""

        timeout = LONGEST_REQUEST_S
        server_version = "gatekeeper"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer(with_content=True)

        def do_HEAD(self) -> None:
            self._answer(with_content=False)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _answer(self, *, with_content: bool) -> None:
            status, kind, content = health.page(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if with_content:
                self.wfile.write(content)

    return Pages
