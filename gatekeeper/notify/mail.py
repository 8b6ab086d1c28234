"""A rendered digest as one mail: the same values give the same bytes.

The Message-ID is made of org, recipient, local day and kind of digest, so that a mail
that came twice is one mail (promises D1). No text from the CRM reaches a header
unbounded or with a control character, and an address that is more than an address is
refused (S13).
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from email import message_from_string
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.wording import plain
from gatekeeper.errors import SetupError
from gatekeeper.notify.render import CHART

if TYPE_CHECKING:
    from datetime import date, datetime

    from gatekeeper.core.model import Person
    from gatekeeper.notify.render import Rendered

MOST_HEADER = 200
_POLICY = SMTP.clone(max_line_length=998)  # an id must not be folded
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a mail carries besides its content.

    Attributes:
        sender: The address it comes from.
        day: The recipient's local day it is for.
        at: When its content was made.
        audience: The kind of digest; somebody may have several on a day.
    """

    org: str
    sender: str
    day: date
    at: datetime
    audience: Audience = Audience.MANAGER

    def slot(self, who: Person) -> str:
        """Return what is one for a person, a day and a kind of digest."""
        return self._short(who.id, self.day.isoformat())

    def thread(self, who: Person) -> str:
        """Return what all mails of one kind to a person have in common."""
        return self._short(who.id, "thread")

    def _short(self, *parts: str) -> str:
        # What managers get has no kind in its ids: they are older than the others.
        kind = () if self.audience is Audience.MANAGER else (self.audience.value,)
        whole = "\x1f".join((self.org, *parts, *kind)).encode()
        return base64.b32encode(hashlib.sha256(whole).digest()).decode().lower()[:26]


def is_address(text: str | None) -> bool:
    """Whether mail can go there: one plain address and nothing else."""
    return bool(text) and _ADDRESS.fullmatch(text or "") is not None


def message_of(rendered: Rendered, who: Person, stamp: Stamp) -> EmailMessage:
    """Put one digest into a mail for one person.

    Raises:
        SetupError: The person has no usable address.
    """
    if not is_address(who.email):
        why = f"{plain(who.name, MOST_HEADER)} has no address mail can go to."
        raise SetupError(why)
    message = EmailMessage(policy=_POLICY)
    for name, value in _headers(rendered, who, stamp).items():
        message[name] = value
    slot = stamp.slot(who)
    message.set_content(rendered.text, cte="quoted-printable")
    _add_html(message, rendered, slot)
    message.set_boundary(f"gk1-either-{slot}")
    return message


def parsed(content: str) -> EmailMessage:
    """Read back a mail that was written as text."""
    message = message_from_string(content, policy=_POLICY)
    if not isinstance(message, EmailMessage):
        msg = "the policy of our mails makes messages of another kind"
        raise TypeError(msg)
    return message


def message_id(who: Person, stamp: Stamp) -> str:
    """Return the one id of what this person is sent of that kind for that day."""
    return f"<gk1-{stamp.slot(who)}@{_host(stamp)}>"


def _headers(rendered: Rendered, who: Person, stamp: Stamp) -> dict[str, object]:
    return {
        "From": Address("gatekeeper", addr_spec=stamp.sender),
        "To": Address(plain(who.name, MOST_HEADER), addr_spec=who.email),
        "Subject": plain(rendered.subject, MOST_HEADER),
        "Date": format_datetime(stamp.at),
        "Message-ID": message_id(who, stamp),
        "References": f"<gk1-{stamp.thread(who)}@{_host(stamp)}>",
        "List-Unsubscribe": f"<mailto:{stamp.sender}?subject=unsubscribe>",
        "Auto-Submitted": "auto-generated",
    }


def _add_html(message: EmailMessage, rendered: Rendered, slot: str) -> None:
    """Add the HTML, and its picture under an id no other mail uses."""
    cid = f"{CHART}-{slot}"
    html = rendered.html.replace(f"cid:{CHART}", f"cid:{cid}")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    if not rendered.chart:
        return
    *_, page = message.iter_parts()
    if isinstance(page, EmailMessage):
        page.add_related(
            rendered.chart, "image", "png", cid=f"<{cid}>", disposition="inline"
        )
        page.set_boundary(f"gk1-page-{slot}")


def _host(stamp: Stamp) -> str:
    return stamp.sender.rpartition("@")[2]
