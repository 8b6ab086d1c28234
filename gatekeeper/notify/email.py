"""Mail through a server: TLS, login, and what became of each mail.

A refused mail is refused, a busy server is asked again later, and where the answer to
the content never came the outcome is unknown, which is neither.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gatekeeper.core.wording import plain

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

TLS_PORT = 465
SUBMISSION_PORT = 587
PERMANENT = 500


class Delivery(StrEnum):
    """What is known of one mail."""

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one mail, and what the server said."""

    delivery: Delivery
    detail: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """How mail leaves.

    Attributes:
        is_tls: TLS from the first byte (smtps); otherwise STARTTLS, which only a
            server on this machine may lack.
        ca_file: Authorities to trust instead of the usual ones.
    """

    host: str
    port: int
    is_tls: bool
    user: str = ""
    password: str = ""
    timeout_s: float = 30
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"

    @property
    def is_here(self) -> bool:
        """Whether it runs on this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def server_at(
    url: str, timeout_s: float = 30, ca_file: Path | None = None
) -> MailServer:
    """Read `smtp://USER:PASSWORD@HOST:PORT`, or `smtps://`; the settings checked it."""
    parts = urlsplit(url)
    is_tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (TLS_PORT if is_tls else SUBMISSION_PORT),
        is_tls=is_tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        timeout_s=timeout_s,
        ca_file=ca_file,
    )


def send(server: MailServer, message: EmailMessage) -> Outcome:
    """Hand one mail to the server; nothing is raised for what a server may do."""
    try:
        connection = _connected(server)
    except (smtplib.SMTPException, OSError) as error:
        return _failed(error)
    try:
        return _handed_over(connection, message)
    finally:
        connection.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context(cafile=server.ca_file)
    where = (server.host, server.port)
    if server.is_tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            *where, timeout=server.timeout_s, context=context
        )
    else:
        connection = smtplib.SMTP(*where, timeout=server.timeout_s)
    try:
        connection.ehlo_or_helo_if_needed()
        if not server.is_tls and not (server.is_here and not _offers_tls(connection)):
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _offers_tls(connection: smtplib.SMTP) -> bool:
    return connection.has_extn("starttls")


def _handed_over(connection: smtplib.SMTP, message: EmailMessage) -> Outcome:
    sender, recipient = (
        message[name].addresses[0].addr_spec for name in ("From", "To")
    )
    try:
        for code, answer in (connection.mail(sender), connection.rcpt(recipient)):
            if code not in (250, 251):
                return _answered(code, answer)
    except (smtplib.SMTPException, OSError) as error:
        return _failed(error)
    try:
        code, answer = connection.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        return _answered(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        # The content was on its way: it may have been taken.
        return Outcome(Delivery.UNKNOWN, _said(error))
    return _answered(code, answer)


def _answered(code: int, answer: bytes | str) -> Outcome:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    said = plain(f"{code} {text}", 200)
    if code == 250:
        return Outcome(Delivery.SENT, said)
    refused = code >= PERMANENT
    return Outcome(Delivery.REFUSED if refused else Delivery.LATER, said)


def _failed(error: Exception) -> Outcome:
    """Judge what went wrong before any content left: it was not delivered."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, error.smtp_error)
    lasting = (ssl.SSLError, smtplib.SMTPNotSupportedError)
    is_lasting = isinstance(error, lasting)
    return Outcome(Delivery.REFUSED if is_lasting else Delivery.LATER, _said(error))


def _said(error: Exception) -> str:
    return plain(f"{type(error).__name__}: {error}", 200)
