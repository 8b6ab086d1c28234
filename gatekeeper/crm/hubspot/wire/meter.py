"""What HubSpot's answers say beside their bodies: calls, allowance, clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from gatekeeper.ports import ApiUse

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALLOWED = "X-HubSpot-RateLimit-Daily"
_LEFT = "X-HubSpot-RateLimit-Daily-Remaining"


@dataclass(slots=True)
class Meter:
    """The calls of one adapter."""

    reads: int = 0
    writes: int = 0
    used: int | None = None
    allowed: int | None = None
    clock: datetime | None = None

    def use(self) -> ApiUse:
        """Return the calls so far and the account's allowance as last reported."""
        return ApiUse(self.reads, self.writes, self.used, self.allowed)

    def count(self, *, is_write: bool) -> None:
        """Count a call that leaves."""
        if is_write:
            self.writes += 1
        else:
            self.reads += 1

    def note(self, headers: Mapping[str, str]) -> None:
        """Take allowance and clock from an answer's headers."""
        allowed, left = headers.get(_ALLOWED, ""), headers.get(_LEFT, "")
        if allowed.isdecimal() and left.isdecimal():
            self.allowed, self.used = int(allowed), int(allowed) - int(left)
        try:
            self.clock = parsedate_to_datetime(headers["Date"]).astimezone(UTC)
        except (KeyError, TypeError, ValueError):
            return
