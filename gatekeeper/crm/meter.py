"""What a CRM's answers say beside their bodies, and how long they are waited for."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from gatekeeper.ports import ApiUse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait, and whom to trust.

    Attributes:
        ca_file: Authorities to trust instead of the usual ones.
    """

    connect_s: float = 10
    read_s: float = 60
    ca_file: Path | None = None


@dataclass(slots=True)
class CallMeter:
    """The calls of one adapter.

    Attributes:
        now: This machine's clock; without one it is held against no other.
        used: Calls of the day by all integrations, as last reported.
        allowed: Calls of a day.
        clock: The CRM's clock at its last answer, to the second.
        ahead: How far that was ahead of this machine's when the answer came.
    """

    now: Callable[[], datetime] | None = None
    reads: int = 0
    writes: int = 0
    used: int | None = None
    allowed: int | None = None
    clock: datetime | None = None
    ahead: timedelta = timedelta()
    _told: str = ""

    def use(self) -> ApiUse:
        """Return the calls so far and the allowance as last reported."""
        return ApiUse(self.reads, self.writes, self.used, self.allowed)

    def count(self, *, is_write: bool) -> None:
        """Count a call that leaves."""
        if is_write:
            self.writes += 1
        else:
            self.reads += 1

    def note(self, headers: Mapping[str, str]) -> None:
        """Take allowance and clock from an answer's headers."""
        self.note_allowance(headers)
        told = headers.get("Date", "")
        if told == self._told:  # a header of seconds, and many answers in each
            return
        self._told = told
        try:
            self.clock = parsedate_to_datetime(told).astimezone(UTC)
        except (TypeError, ValueError):
            return
        if self.now is not None:
            self.ahead = self.clock - self.now()

    @abstractmethod
    def note_allowance(self, headers: Mapping[str, str]) -> None:
        """Take the allowance from the headers of this CRM."""
