"""The one socket that listens: the health pages, within bounds, for whoever asks.

A request has so many bytes and seconds, and so many are answered at once; what is
beyond is cut off, so that nobody keeps the worker's threads or memory. All that is no
page is answered in the same words, which repeat nothing of the request.
"""

from __future__ import annotations

import io
import re
import socket
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import structlog

from gatekeeper.errors import SetupError
from gatekeeper.worker.health import PLAIN, SIGNPOST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.worker.health import Health

log = structlog.get_logger(__name__)

MOST_BYTES = 8_192
MOST_AT_ONCE = 16
LONGEST_REQUEST_S = 5.0
_POLL_S = 0.05
_HEAD_ENDS = re.compile(rb"\n\r?\n")


@contextmanager
def serving(health: Health, host: str, port: int) -> Iterator[int]:
    """Serve the pages until the block is left; give the port.

    Raises:
        SetupError: The address cannot be listened on.
    """
    try:
        server = _Server((host, port), _pages(health))
    except OSError as error:
        message = (
            f"The health pages cannot be served on {host}:{port}"
            f" ({error.strerror or error}). Name another address, or off:"
            " GATEKEEPER_HEALTH_ADDRESS"
        )
        raise SetupError(message) from error
    thread = threading.Thread(
        target=server.serve_forever, args=(_POLL_S,), name="health", daemon=True
    )
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """A thread for each request, and no more than so many."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], pages: type[BaseHTTPRequestHandler]
    ) -> None:
        self._free = threading.Semaphore(MOST_AT_ONCE)
        super().__init__(address, pages)

    def process_request(self, request: object, client_address: object) -> None:
        """Answer in a thread of its own where one is free; else hang up."""
        assert isinstance(request, socket.socket)  # noqa: S101  it is a TCP server
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Answer, and free the thread."""
        assert isinstance(request, socket.socket)  # noqa: S101
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Log what broke in a page; a caller who hung up is no news."""
        broke = sys.exception()
        if not isinstance(broke, OSError):
            log.error("health_page_failed", error=type(broke).__name__)


def _pages(health: Health) -> type[BaseHTTPRequestHandler]:
    class Pages(BaseHTTPRequestHandler):
        """Answers GET and HEAD; logs nothing, for probes come every few seconds."""

        server_version = "gatekeeper"
        sys_version = ""

        def setup(self) -> None:
            super().setup()
            self.rfile = io.BytesIO(_head(self.connection))
            self.connection.settimeout(LONGEST_REQUEST_S)

        def do_GET(self) -> None:
            self._answer(*health.page(self.path))

        def do_HEAD(self) -> None:
            self._answer(*health.page(self.path))

        def send_error(
            self, code: int, message: str | None = None, explain: str | None = None
        ) -> None:
            """Tell the way, and nothing of what was wrong."""
            self._answer(code, PLAIN, SIGNPOST)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def _answer(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    return Pages


def _head(connection: socket.socket) -> bytes:
    """Read request line and headers; nothing where they are too long or too late."""
    end = time.monotonic() + LONGEST_REQUEST_S
    head = b""
    while len(head) < MOST_BYTES and (left := end - time.monotonic()) > 0:
        connection.settimeout(left)
        try:
            read = connection.recv(MOST_BYTES - len(head))
        except OSError:  # too late, or hung up
            return b""
        head += read
        if not read or _HEAD_ENDS.search(head):
            return head
    return b""
