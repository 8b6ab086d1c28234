"""What the flow needs of a way to people, and of what remembers what went there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.digest.recipients import Audience

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.core.model import Person


NO_BUSINESS_DAY = "no business day"
"""Why nothing is sent on a day on which that person does not work."""


class Delivery(StrEnum):
    """What is known of one letter.

    `LATER` was not delivered and may be tried again; `UNKNOWN` may have been, and is
    repeated once with the same bytes (product section 7).
    """

    SENT = "sent"
    REFUSED = "refused"
    LATER = "later"
    UNKNOWN = "unknown"

    @property
    def is_known(self) -> bool:
        """Whether it is settled what became of it: it is never sent again."""
        return self in (Delivery.SENT, Delivery.REFUSED)


class Line(StrEnum):
    """How the line to the other side was, whoever the letter was for."""

    FINE = "fine"
    BROKEN = "broken"  # it ended in the middle, perhaps because of that letter
    DOWN = "down"  # it was not there, or refused us all


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, and what the other side said."""

    delivery: Delivery
    detail: str = ""
    line: Line = Line.FINE


@dataclass(frozen=True, slots=True)
class Posted:
    """The one digest of one kind for one person and local day, as far as it got.

    Attributes:
        content: The very bytes, as text; "" once it is known what became of them.
        tried: How often it may have left.
        audience: The kind of digest.
    """

    person_id: str
    day: date
    delivery: Delivery
    made_at: datetime
    tried: int = 0
    content: str = ""
    detail: str = ""
    audience: Audience = Audience.MANAGER


class Notifier(Protocol):
    """One way to people, for one performance of sending."""

    def why_not(self, who: Person) -> str:
        """Say why that person cannot be sent anything; "" where they can.

        Returns:
            The end of a sentence that begins with the person's name.
        """

    def write(self, digest: AnyDigest, day: date) -> str:
        """Return what is sent: the same digest and day give the same text.

        Raises:
            SetupError: The person cannot be reached this way.
        """

    def send(self, content: str) -> Outcome:
        """Send it; nothing is raised for what the other side does.

        Where the other side cannot be reached at all, nobody waits for it again: what
        follows is put off untried.
        """


class Outbox(Protocol):
    """Remembers what was sent, so that nothing known is sent twice (promises D1)."""

    def posting(self, org: str) -> AbstractContextManager[None]:
        """Send under the lease of the org, so that no other process sends too.

        Inside, `keep` raises `StoppedError` once the lease is lost.

        Raises:
            LeaseHeldError: A run, or another sending, is under way.
        """

    def posted(
        self, org: str, person_id: str, day: date, audience: Audience
    ) -> Posted | None:
        """Return what is known of a person's digest of a day and kind."""

    def keep(self, org: str, posted: Posted) -> None:
        """Write it in place of what was known."""
