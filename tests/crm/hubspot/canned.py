"""A small HTTP server that answers what it was told, and remembers what was asked."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from gatekeeper.crm.hubspot.wire.client import Client
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.crm.meter import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOKEN = "pat-test-1"
NOW = "Fri, 20 Nov 2026 14:00:00 GMT"


@dataclass(frozen=True)
class Reply:
    """One answer; `is_cut` drops the connection in place of it."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_cut: bool = False


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: dict[str, object] | None


class Ticks:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


class Portal:
    """What is to be answered, in order; the last answer repeats."""

    def __init__(self) -> None:
        self.replies: list[Reply] = [Reply({"results": []})]
        self.asked: list[Asked] = []
        self.url = ""
        self.ticks = Ticks()

    def answer(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def client(self, attempts: int = 5, read_s: float = 60) -> Client:
        access = Access(TOKEN, self.url, Limits(read_s=read_s), attempts=attempts)
        return Client(access, self.ticks.sleep, self.ticks)


@contextmanager
def portal() -> Iterator[Portal]:
    """Serve on loopback."""
    told = Portal()

    class Desk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            came = self.rfile.read(length)
            place = urlsplit(self.path)
            told.asked.append(
                Asked(
                    self.command,
                    place.path,
                    parse_qs(place.query),
                    dict(self.headers),
                    json.loads(came) if came else None,
                )
            )
            self.reply(told.next())

        do_POST = do_GET  # noqa: N815  (the library's name)

        def reply(self, reply: Reply) -> None:
            if reply.is_cut:
                self.close_connection = True
                return
            body = reply.body
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response_only(reply.status)
            headers = {"Date": NOW, "Content-Length": str(len(raw)), **reply.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
