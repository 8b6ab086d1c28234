"""The machine a command runs on: its clock, and what tells it to stop."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


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
        if self.signalled:
            return f"signal {signal.Signals(self.signalled[0]).name} came"
        return ""

    def listen(self) -> None:
        """Let SIGTERM and SIGINT end a run after the request under way."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: self._got(got))

    def _got(self, number: int) -> None:
        if self.signalled:
            raise KeyboardInterrupt
        self.signalled.append(number)
