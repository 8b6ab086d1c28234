"""The machine a command runs on: its clock, and what tells it to stop."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gatekeeper.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONGEST_NAP_S = 0.2
"""How long a signal waits until a wait ends for it."""
KEEP_EVERY_S = 20.0
"""How often a wait renews the lease it goes on under, which lives for a minute."""


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the aware present."""
        return datetime.now(UTC)


@dataclass(slots=True)
class StopSwitch:
    """Says why writing must stop: a setting, a file, or a signal; waits until then.

    Attributes:
        nap: Waits the given seconds, a fraction of one.
        tick: Tells seconds that never go back.
    """

    is_set: bool
    file: Path | None
    signalled: list[int] = field(default_factory=list)
    nap: Callable[[float], None] = time.sleep
    tick: Callable[[], float] = time.monotonic
    _keep: Callable[[], None] | None = field(default=None, init=False)
    _kept_at: float = field(default=0.0, init=False)

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
            StoppedError: One came, or what is kept was lost.
        """
        end = self.tick() + seconds
        while (left := end - self.tick()) > 0:
            if reason := self.end_reason():
                raise StoppedError(f"Stopped: {reason} while waiting for the CRM.")
            self._keep_where_due()
            self.nap(min(left, LONGEST_NAP_S))

    @contextmanager
    def keeping(self, keep: Callable[[], None]) -> Iterator[None]:
        """Call something every 20 s of waiting, from here to the end of the block."""
        self._keep, self._kept_at = keep, self.tick()
        try:
            yield
        finally:
            self._keep = None

    def _keep_where_due(self) -> None:
        if self._keep is not None and self.tick() - self._kept_at >= KEEP_EVERY_S:
            self._kept_at = self.tick()
            self._keep()

    def listen(self) -> None:
        """Let SIGTERM and SIGINT end a run after the request under way."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda got, _frame: self._got(got))

    def _got(self, number: int) -> None:
        if self.signalled:
            raise KeyboardInterrupt
        self.signalled.append(number)
