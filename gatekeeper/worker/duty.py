"""What a worker does on a schedule: when, for whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, time

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.slots import Due, Schedule
    from gatekeeper.flow.digest import Desk
    from gatekeeper.flow.post import Post
    from gatekeeper.flow.services import Services
    from gatekeeper.ports import Job


@dataclass(frozen=True, slots=True)
class Appointment:
    """A job and when it is due.

    Attributes:
        who: For whom it is, in a word for people; "" for everybody.
        until: As for `core.slots.due`: until when late work is still wanted.
    """

    job: Job
    schedule: Schedule
    who: str = ""
    until: time | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A day of a job that this worker has taken on.

    Attributes:
        since: By the database's clock, when anybody first took it on.
    """

    job: Job
    due: Due
    since: datetime


Ended = tuple[Claim, str]
"""A claim whose work is done, and what came of it."""


class Duty(Protocol):
    """One kind of scheduled work."""

    @property
    def kind(self) -> str:
        """What the ledger calls it."""

    def edition(self) -> object:
        """Return what it goes by; once that is another, waiting is over."""

    def appointments(self) -> Sequence[Appointment]:
        """Return every job with its schedule.

        Raises:
            PackError: The rules have mistakes; nothing is to be done.
        """

    def waits(self, due: Due, now: datetime) -> bool:
        """Whether work that is due is better done a little later."""

    def perform(self, claims: Sequence[Claim]) -> Iterator[Ended]:
        """Do the work; a claim that is not given back stays to be done.

        Raises:
            GatekeeperError: What is not given back yet could not be done now.
        """


@dataclass(frozen=True, slots=True)
class Workplace:
    """Rules, CRM and database as one piece of work finds them.

    Attributes:
        desk: What digests are made from.
        post: Makes what sending them needs.
    """

    services: Services
    pack: RulePack
    schema: CrmSchema
    desk: Desk
    post: Callable[[], Post]


class Opening(Protocol):
    """Opens a workplace for one piece of work, and puts it away."""

    def __call__(self) -> AbstractContextManager[Workplace]:
        """Open it.

        Raises:
            StopError: The rules have mistakes, or CRM or database are out of reach.
        """
