"""Ways from a command to what it talks to, on which things get lost."""

from __future__ import annotations

import socket
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT_S = 30
HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive"})


@dataclass
class Detour:
    """A way to a CRM on which one request may be held up.

    Attributes:
        behind: Address of the CRM.
        url: Address of this way.
        holds: Part of the path of the next POST that is held up; "" for none.
        held: The request that is held up: path, headers, body.
    """

    behind: str
    url: str = ""
    holds: str = ""
    held: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def let_go(self) -> requests.Response:
        """Let the held request arrive, although nobody waits for its answer."""
        path, headers, body = self.held.pop()
        address = f"{self.behind}{path}"
        return requests.post(address, body, headers=headers, timeout=TIMEOUT_S)


@contextmanager
def detour(behind: str) -> Iterator[Detour]:
    """Open a way to a CRM until the block is left."""
    way = Detour(behind)

    class Stretch(BaseHTTPRequestHandler):
        """Hands on one connection's requests."""

        protocol_version = "HTTP/1.1"

        def hand_on(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            kept = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
            if way.holds and self.command == "POST" and way.holds in self.path:
                way.holds = ""
                way.held.append((self.path, kept, body))
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            kept["Accept-Encoding"] = "identity"
            address = f"{behind}{self.path}"
            reply = requests.request(
                self.command, address, headers=kept, data=body, timeout=TIMEOUT_S
            )
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                if name.lower() not in HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        do_GET = do_POST = do_PATCH = hand_on  # noqa: N815  (the library's names)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stretch) as server:
        server.daemon_threads = True
        way.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield way
        finally:
            server.shutdown()
            thread.join()


@dataclass
class CutLine:
    """A line to a PostgreSQL server that is cut at a commit.

    Attributes:
        port: Where it begins, on this machine.
        about: What the statements of the transaction name.
        left: Cut at so many such commits from now.
        is_heard: Whether the server hears the commit before the line is cut.
    """

    port: int = 0
    about: bytes = b""
    left: int = 0
    is_heard: bool = True
    cuts: int = 0

    def is_cut_at(self, sent: bytes, transaction: bytes) -> bool:
        """Return whether these bytes are the commit to cut at."""
        if not self.left or b"COMMIT" not in sent or self.about not in transaction:
            return False
        self.left -= 1
        self.cuts += self.left == 0
        return self.left == 0


@contextmanager
def cut_line(unix_socket: str) -> Iterator[CutLine]:
    """Open a line to a server until the block is left."""
    line, is_over = CutLine(), Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as entrance:
        line.port = entrance.getsockname()[1]
        entrance.settimeout(0.1)
        threads: list[Thread] = []

        def admit() -> None:
            while not is_over.is_set():
                with suppress(TimeoutError):
                    client, _ = entrance.accept()
                    threads.append(Thread(target=_speak, args=(line, client)))
                    threads[-1].start()

        def _speak(line: CutLine, client: socket.socket) -> None:
            server = socket.socket(socket.AF_UNIX)
            server.connect(unix_socket)
            hearing = Thread(target=_copy, args=(server, client))
            hearing.start()
            _talk(line, client, server)
            hearing.join()

        admitting = Thread(target=admit)
        admitting.start()
        try:
            yield line
        finally:
            is_over.set()
            admitting.join()
            for thread in threads:
                thread.join()


def _talk(line: CutLine, client: socket.socket, server: socket.socket) -> None:
    """Hand on what the client says until it ends or the line is cut."""
    with closing(client), closing(server), suppress(OSError):
        try:
            _hand_on(line, client, server)
        finally:
            # Whoever waits for an answer of the server stops waiting.
            server.shutdown(socket.SHUT_RDWR)


def _hand_on(line: CutLine, client: socket.socket, server: socket.socket) -> None:
    transaction = b""
    while sent := client.recv(65536):
        transaction = sent if b"BEGIN" in sent else transaction + sent
        if line.is_cut_at(sent, transaction):
            client.shutdown(socket.SHUT_RDWR)
            if line.is_heard:
                server.sendall(sent)
            return
        server.sendall(sent)


def _copy(server: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while answered := server.recv(65536):
            client.sendall(answered)
        client.shutdown(socket.SHUT_RDWR)
