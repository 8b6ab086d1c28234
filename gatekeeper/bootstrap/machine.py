"""The machine a command runs on: its clock, and what tells it to stop."""

from __future__ import annotations

import signal
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatekeeper.errors import StoppedError

if TYPE_CHECKING:
    from pathlib import Path


LONGEST_NAP_S = 0.2
"""How long a signal waits until a wait ends for it."""


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the aware present."""
        return datetime.now(UTC)


@dataclass(slots=True)
class StopSwitch:
    """Says why writing must stop: a setting, a file, or a signal."""

    is_set: bool
    file: Path | None
    signalled: list[int] = field(default_factory=list)

    def reason(self) -> str:
        """Return the reason, or ""."""
        if self.is_set:
            return "GATEKEEPER_STOP is set"
        if self.file is not None and self.file.exists():
            return f"the file {self.file} exists"
        return self.end_reason()

    def end_reason(self) -> str:
        """Name the signal that came, or return ""."""
        if self.signalled:
            return f"signal {signal.Signals(self.signalled[0]).name} came"
        return ""

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond a signal.

        Raises:
            StoppedError: One came.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if reason := self.end_reason():
                raise StoppedError(f"Stopped: {reason} while waiting for the CRM.")
            time.sleep(min(left, LONGEST_NAP_S))

    def listen(self) -> None:
        """Let SIGTERM and SIGINT end a run after the request under way."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: self._got(got))

    def _got(self, number: int) -> None:
        if self.signalled:
            raise KeyboardInterrupt
        self.signalled.append(number)
