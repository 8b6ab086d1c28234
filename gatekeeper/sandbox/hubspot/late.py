"""What happens later than its cause: roll-ups, and records reaching the index."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.clock import Elapsed


class Late:
    """Work that waits for its moment; done when somebody looks after it."""

    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed
        self._numbers = count()
        self._waiting: list[tuple[float, int, tuple[str, ...]]] = []
        self._work: dict[tuple[str, ...], Callable[[], None]] = {}

    def after(
        self, seconds: float, key: tuple[str, ...], work: Callable[[], None]
    ) -> None:
        """Have work done so many seconds from now; once per key while it waits."""
        if key not in self._work:
            due = self._elapsed.now() + seconds
            heappush(self._waiting, (due, next(self._numbers), key))
        self._work[key] = work

    def settle(self) -> None:
        """Do what is due."""
        now = self._elapsed.now()
        while self._waiting and self._waiting[0][0] <= now:
            key = heappop(self._waiting)[2]
            self._work.pop(key)()
