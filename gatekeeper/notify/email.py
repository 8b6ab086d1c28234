"""Mail through a server: TLS, login, and what became of each mail.

A refused mail is refused, a busy server is asked again later, and where the answer to
the content never came the outcome is unknown, which is neither.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from gatekeeper.core.wording import plain
from gatekeeper.notify.breaker import Breaker
from gatekeeper.notify.mail import Stamp, is_address, message_of, parsed
from gatekeeper.notify.render import render
from gatekeeper.ports import Delivery, Line, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, tzinfo
    from pathlib import Path

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person

TLS_PORT = 465
SUBMISSION_PORT = 587
PERMANENT = 500
CLOSING = 421  # the server hangs up whatever it was asked (RFC 5321, 3.8)


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


@dataclass(slots=True)
class Mailer:
    """Implements `ports.Notifier` by mail.

    Once the server could not be reached, or broke off several times in a row, nobody
    else waits for it: all further mails of this performance are put off.

    Attributes:
        sender: The address mail comes from.
        url_of: Deal id to the page people open.
        zone_of: Where a person is.
    """

    org: str
    server: MailServer
    sender: str
    url_of: Callable[[str], str]
    zone_of: Callable[[Person], tzinfo]
    _breaker: Breaker = field(default_factory=Breaker, init=False, repr=False)

    def why_not(self, who: Person) -> str:
        """Say why that person gets no mail."""
        return "" if is_address(who.email) else "has no address mail can go to"

    def write(self, digest: AnyDigest, day: date) -> str:
        """Return the mail, the same text for the same digest and day.

        Raises:
            SetupError: The person has no usable address.
        """
        zone = self.zone_of(digest.who)
        rendered = render(digest, self.url_of, self.url_of("0"), zone)
        stamp = Stamp(self.org, self.sender, day, digest.as_of, digest.audience)
        return message_of(rendered, digest.who, stamp).as_string()

    def send(self, content: str) -> Outcome:
        """Hand it to the server, unless that is known to be down."""
        return self._breaker.guard(lambda: send(self.server, content))


def send(server: MailServer, content: str) -> Outcome:
    """Hand one mail to the server; nothing is raised for what a server may do."""
    try:
        connection = _connected(server)
    except (smtplib.SMTPException, OSError) as error:
        return _unreached(error)
    try:
        return _handed_over(connection, content)
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


def _handed_over(connection: smtplib.SMTP, content: str) -> Outcome:
    message = parsed(content)
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
        code, answer = connection.data(content)
    except smtplib.SMTPDataError as error:
        return _answered(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        # The content was on its way: it may have been taken.
        return Outcome(Delivery.UNKNOWN, _said(error), Line.BROKEN)
    return _answered(code, answer)


def _answered(code: int, answer: bytes | str) -> Outcome:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    said = plain(f"{code} {text}", 200)
    if code == 250:
        return Outcome(Delivery.SENT, said)
    refused = code >= PERMANENT
    line = Line.BROKEN if code == CLOSING else Line.FINE
    return Outcome(Delivery.REFUSED if refused else Delivery.LATER, said, line)


def _unreached(error: Exception) -> Outcome:
    """Judge what failed before any mail was named: it is no mail's fault.

    A wrong password or certificate is mended by a person, and then all of them leave.
    """
    return Outcome(Delivery.LATER, _said(error), Line.DOWN)


def _failed(error: Exception) -> Outcome:
    """Judge what went wrong before any content left: it was not delivered."""
    return Outcome(Delivery.LATER, _said(error), Line.BROKEN)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answered(error.smtp_code, error.smtp_error).detail
    return plain(f"{type(error).__name__}: {error}", 200)
