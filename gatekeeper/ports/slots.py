"""What scheduled work needs to be done once a day, however often it is begun.

A slot is claimed before its work and closed after it. A claim that was never closed is
work that somebody began: whoever claims the slot next is told since when, and may look
whether that work came to its end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from gatekeeper.core.slots import Due, Slot


class SlotState(StrEnum):
    """How a slot stands."""

    CLAIMED = "claimed"
    DONE = "done"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Job:
    """What is done on a schedule.

    Attributes:
        kind: `run`, `digest`, ..
        subject: Whom or what it is for; "" where there is one only.
    """

    kind: str
    subject: str = ""


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One day of a job.

    Attributes:
        claimed_at: By the database's clock; when the work was first begun.
        ended_at: None until the slot is closed.
        note: What came of it: a run's id, or the day it was merged into.
        merged: The earlier days that were merged into it, oldest first, whoever
            claimed it at the time.
    """

    job: Job
    day: date
    state: SlotState
    due_at: datetime
    claimed_at: datetime
    ended_at: datetime | None = None
    note: str = ""
    merged: tuple[Slot, ...] = ()


class Slots(Protocol):
    """Which days of which jobs are used; commits by itself."""

    def last(self, org: str, job: Job) -> date | None:
        """Return the last day that is done or merged."""

    def used(self, org: str, kind: str) -> Mapping[str, date]:
        """Return subject to the last day that is done or merged, of one kind.

        Where none is yet, it is the day before the first that was begun: from that one
        on no day is left out.
        """

    def lost_until(self, org: str, kind: str) -> datetime | None:
        """Return up to when nobody knows what was done of a kind; None where all is.

        After a database was lost and an old one restored: a job that has no day yet
        may have had them all.
        """

    def last_done(self, org: str) -> Mapping[str, datetime]:
        """Return kind to when a day's work of that kind was last done."""

    def claim(self, org: str, job: Job, due: Due) -> SlotRow | None:
        """Claim the day that is due, and merge the days it takes along.

        Returns:
            The claim, with the moment of the first one where the work was begun before;
            None where the day, or a later one, is used already.
        """

    def close(self, org: str, job: Job, day: date, note: str) -> None:
        """Note that a claimed day's work is done; a second time changes nothing."""
