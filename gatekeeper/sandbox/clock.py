"""The sandbox's clock: real time until somebody sets it, then it stands still."""

from __future__ import annotations

import time as time_module
from datetime import UTC, date, datetime, time


class Clock:
    """Tells the CRM's time, in whole seconds as the CRM stamps it."""

    def __init__(self, as_of: datetime | None = None) -> None:
        self._standing: datetime | None = None
        if as_of is not None:
            self.set(as_of)

    def now(self) -> datetime:
        """Return the CRM's time, aware and in UTC."""
        return self._standing or wall_time()

    def set(self, as_of: datetime | None) -> None:
        """Stop the clock at an aware instant; None lets it follow real time again."""
        if as_of is None:
            self._standing = None
            return
        if as_of.tzinfo is None:
            raise ValueError("the sandbox's clock needs a time with a zone")
        self._standing = as_of.astimezone(UTC).replace(microsecond=0)


def wall_time() -> datetime:
    """Return real time in whole seconds: what a client's own clock shows."""
    return datetime.now(UTC).replace(microsecond=0)


def as_of_instant(text: str) -> datetime:
    """Read a date (23:59:59 UTC of that day) or an ISO instant with a zone.

    Raises:
        ValueError: Neither, or an instant without a zone.
    """
    if len(text) == 10:
        day = date.fromisoformat(text)
        return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if instant.tzinfo is None:
        raise ValueError(f"'{text}' names no zone; write {text}Z or a bare date")
    return instant.astimezone(UTC)


class Elapsed:
    """Seconds since it was made: by itself, or standing until it is advanced.

    What comes late (an index, a roll-up) and what refills (a limit) is timed by this,
    so that a standing clock still lets things settle and a test need not sleep.
    """

    def __init__(self, *, standing: bool = False) -> None:
        self._start = time_module.monotonic()
        self._standing = standing
        self._added_s = 0.0

    def now(self) -> float:
        """Return the seconds so far."""
        running = 0.0 if self._standing else time_module.monotonic() - self._start
        return running + self._added_s

    def advance(self, seconds: float) -> None:
        """Let so many seconds have passed."""
        self._added_s += seconds
