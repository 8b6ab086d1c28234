"""The wall clock, and who is told of long work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """The wall clock, so that only bootstrap names it."""

    def now(self) -> datetime:
        """Return the aware present."""


class Progress(Protocol):
    """Told of long work."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Note that `done` of `total` (None where unknown) are through."""
