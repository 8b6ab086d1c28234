"""The day's allowance as HubSpot's answers tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.crm.meter import CallMeter

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALLOWED = "X-HubSpot-RateLimit-Daily"
_LEFT = "X-HubSpot-RateLimit-Daily-Remaining"


class Meter(CallMeter):
    """The calls of one adapter."""

    __slots__ = ()

    def note_allowance(self, headers: Mapping[str, str]) -> None:
        """Take the account's allowance from an answer's headers."""
        allowed, left = headers.get(_ALLOWED, ""), headers.get(_LEFT, "")
        if allowed.isdecimal() and left.isdecimal():
            self.allowed, self.used = int(allowed), int(allowed) - int(left)
