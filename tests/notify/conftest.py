"""A mail server on this machine, as real as SMTP is."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postbox:
    """Keeps what arrives, and answers as it is told to."""

    port: int = 0
    answer_rcpt: str = "250 OK"
    answer_data: str = "250 OK"
    letters: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (the name aiosmtpd looks for)
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        if self.answer_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_rcpt

    async def handle_DATA(  # noqa: N802  (the name aiosmtpd looks for)
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.letters.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        if self.answer_data == "hang up":
            assert server.transport is not None
            server.transport.close()
        return self.answer_data


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox(_free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


def _free_port() -> int:
    """Return a port that was free a moment ago; aiosmtpd does not look for one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
