"""Nobody waits for a server that did not answer the one before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.ports import Delivery, Line, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_BROKEN = 3
"""So many letters in a row break a line only where it is the line that is broken."""


@dataclass(slots=True)
class Breaker:
    """Puts letters off, untried, once the line is down; for one performance.

    Attributes:
        why: What the line said when it went down; "" while it is up.
    """

    why: str = ""
    _broken: int = 0

    def guard(self, attempt: Callable[[], Outcome]) -> Outcome:
        """Make the attempt and see how the line is, or put it off."""
        if self.why:
            return Outcome(Delivery.LATER, f"not tried: {self.why}", Line.DOWN)
        outcome = attempt()
        self._broken = self._broken + 1 if outcome.line is Line.BROKEN else 0
        if outcome.line is Line.DOWN or self._broken >= MOST_BROKEN:
            self.why = outcome.detail
        return outcome
