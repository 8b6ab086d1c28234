"""Serve recorded answers from memory, in a process of its own.

What is not on the tape yet is fetched from the real server once and remembered. The
tape answers with bytes put together beforehand, so that a client is measured, not it.
"""

from __future__ import annotations

import http.client
import multiprocessing
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import urlopen

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

HOST = "127.0.0.1"
KEPT = (
    *("content-type", "content-encoding", "date", "sforce-limit-info"),
    "sforce-locator",
)
UNDER_WAY = (b'"UploadComplete"', b'"InProgress"')
"""States of a Bulk API job that it leaves again; such an answer is not remembered."""
HOP_BY_HOP = ("host", "connection", "content-length")
END = b"\r\n\r\n"
CONTENTS = "/tape"
"""Where the tape lists what it holds, in the order it was asked for."""


@dataclass(frozen=True)
class Call:
    """One request that the tape knows the answer to."""

    method: str
    url: str
    body: str


def recorded(tape: str) -> list[Call]:
    """Return what the tape at an address holds, in the order it was asked for."""
    with urlopen(f"{tape}{CONTENTS}") as reply:  # noqa: S310  (our own tape)
        calls = orjson.loads(reply.read())
    return [Call(method, f"{tape}{target}", body) for method, target, body in calls]


@contextmanager
def playing(source: str) -> Iterator[str]:
    """Give the address of a tape of `source`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_play, args=(source, theirs), daemon=True)
    process.start()
    theirs.close()  # so that a tape that cannot start is no endless wait
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _play(source: str, told: Connection) -> None:
    with socket.create_server((HOST, 0)) as door:
        url = f"http://{HOST}:{door.getsockname()[1]}"
        tape = _Tape(source, url)
        told.send(url)
        while True:
            client, _ = door.accept()
            threading.Thread(target=tape.serve, args=(client,), daemon=True).start()


class _Tape:
    def __init__(self, source: str, url: str) -> None:
        self._source, self._url = source, url
        self._answers: dict[tuple[bytes, bytes], bytes] = {}

    def serve(self, client: socket.socket) -> None:
        """Answer one connection until its client leaves."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        with client:
            while True:
                while END not in received:
                    more = client.recv(65_536)
                    if not more:
                        return
                    received += more
                head, _, rest = received.partition(END)
                length = _length(head)
                while len(rest) < length:
                    rest += client.recv(65_536)
                client.sendall(self._answer(head, rest[:length]))
                received = rest[length:]

    def _answer(self, head: bytes, body: bytes) -> bytes:
        line = head.partition(b"\r\n")[0]
        if line.split(b" ")[1] == CONTENTS.encode():
            return self._contents()
        asked = (line, body)
        known = self._answers.get(asked)
        if known is None:
            known = self._fetched(head, body)
            is_final = body or not any(state in known for state in UNDER_WAY)
            if is_final:
                self._answers[asked] = known
        return known

    def _contents(self) -> bytes:
        asked = [(*line.split(b" ")[:2], body) for line, body in self._answers]
        content = orjson.dumps([[part.decode() for part in call] for call in asked])
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d" % len(content) + END + content

    def _fetched(self, head: bytes, body: bytes) -> bytes:
        line, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ")
        headers = dict(each.split(": ", 1) for each in lines)
        sent = {k: v for k, v in headers.items() if k.lower() not in HOP_BY_HOP}
        connection = http.client.HTTPConnection(urlsplit(self._source).netloc)
        connection.request(method, path, body or None, sent)
        reply = connection.getresponse()
        content = reply.read().replace(self._source.encode(), self._url.encode())
        kept = [f"{k}: {v}" for k, v in reply.getheaders() if k.lower() in KEPT]
        connection.close()
        first = f"HTTP/1.1 {reply.status} {reply.reason}"
        top = "\r\n".join([first, *kept, f"Content-Length: {len(content)}"])
        return top.encode("latin-1") + END + content


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
