"""A mail server and a Slack behind real sockets; both answer as the schedule has it.

They stand for as long as the process does; each simulation begins with empty ones.
"""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

CLOSED_PORT = 1
REFUSALS = {
    "mail turned away": ("MAIL", "421 too busy"),
    "mail greylisted": ("RCPT", "451 greylisted, come back"),
    "mail refused": ("RCPT", "550 no such user"),
    "mail put off": ("DATA", "452 disk full"),
}
ERRORS = {
    "slack limited": (429, "ratelimited"),
    "slack broken, lost": (503, "internal_error"),
    "slack broken, posted": (503, "internal_error"),
    "slack cut, posted": (200, "cut"),
    "slack without channel": (200, "channel_not_found"),
}
TAKEN = ("", "mail cut, taken")
"""Faults with which a mail arrives all the same."""


@dataclass
class MailWire:
    """Takes mail.

    Attributes:
        port: Where it listens.
        fault: What goes wrong with the mail under way; "" for nothing.
        arrived: Every mail that was taken, whatever the sender heard of it.
    """

    port: int = 0
    fault: str = ""
    arrived: list[bytes] = field(default_factory=list)

    def _answer(self, verb: str) -> str:
        at, answer = REFUSALS.get(self.fault, ("", ""))
        return answer if at == verb else "250 OK"

    async def handle_MAIL(  # noqa: N802  (the name aiosmtpd looks for)
        self, _server: SMTP, _session: Session, envelope: Envelope, who: str, *_: object
    ) -> str:
        answer = self._answer("MAIL")
        if answer.startswith("250"):
            envelope.mail_from = who
        return answer

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, who: str, *_: object
    ) -> str:
        answer = self._answer("RCPT")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(who)
        return answer

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        if self.fault in TAKEN:
            self.arrived.append(envelope.content)
        if self.fault.startswith("mail cut"):
            assert server.transport is not None
            server.transport.close()
        return self._answer("DATA")


@dataclass
class SlackWire:
    """Slack's Web API: keeps what is posted.

    Attributes:
        fault: What goes wrong with the message under way; "" for nothing.
        posted: Every message that was posted, whatever the sender heard of it.
    """

    url: str = ""
    fault: str = ""
    posted: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Return status and body; None for a connection that is cut."""
        if method == "conversations.open":
            return 200, {"ok": True, "channel": {"id": f"D-{body['users']}"}}
        if method == "conversations.history":
            if self.fault == "slack history hidden":
                return 200, {"ok": False, "error": "missing_scope"}
            mine = [e for e in self.posted if e["channel"] == body["channel"]]
            return 200, {"ok": True, "messages": mine}
        status, error = ERRORS.get(self.fault, (200, ""))
        if not error or "posted" in self.fault:
            self.posted.append(body)
        if self.fault.startswith("slack cut"):
            return status, None
        return status, {"ok": not error, "error": error, "ts": "1"}


@dataclass(frozen=True)
class Wires:
    """What leads to people."""

    mail: MailWire
    slack: SlackWire

    def clear(self) -> None:
        """Forget everything that came before."""
        self.mail.arrived.clear()
        self.slack.posted.clear()
        self.mail.fault = self.slack.fault = ""


@cache
def wires() -> Wires:
    """Return the servers of this process; they listen until it ends."""
    mail, slack = MailWire(_free_port()), SlackWire()
    Controller(mail, hostname="127.0.0.1", port=mail.port).start()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _door(slack))
    threading.Thread(target=server.serve_forever, args=(60,), daemon=True).start()
    slack.url = f"http://127.0.0.1:{server.server_port}/api/"
    return Wires(mail, slack)


def _door(slack: SlackWire) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            is_json = "json" in self.headers["Content-Type"]
            forms = {name: value[0] for name, value in parse_qs(text).items()}
            body = json.loads(text) if is_json else forms
            status, answer = slack.answer(self.path.rpartition("/")[2], body)
            if answer is None:
                self.close_connection = True
                return
            whole = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(whole)))
            self.end_headers()
            self.wfile.write(whole)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Door


def _free_port() -> int:
    """Return a port that was free a moment ago; aiosmtpd does not look for one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
