"""A mail server on this machine that keeps what it is sent, and sends nothing on."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass(slots=True)
class Letterbox:
    """What arrived, each mail as it was sent.

    Attributes:
        url: Where it takes mail, as GATEKEEPER_SMTP_URL says it.
    """

    url: str
    mails: list[bytes] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802  (the name aiosmtpd calls)
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one mail."""
        content = envelope.content or b""
        self.mails.append(content if isinstance(content, bytes) else content.encode())
        return "250 OK"


@contextmanager
def letterbox() -> Iterator[Letterbox]:
    """Take mail until the block is left."""
    port = _free_port()
    box = Letterbox(f"smtp://{HOST}:{port}")
    server = Controller(box, hostname=HOST, port=port)
    server.start()
    try:
        yield box
    finally:
        server.stop()


def _free_port() -> int:
    """Return a port nobody listens on; the controller itself cannot choose one."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])
