"""Asks before a request that writes leaves: the kill switch reaches every one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _always() -> None:
    """Let everything leave: what a person ordered is not asked about again."""


@dataclass(slots=True)
class Permission:
    """What stands between an adapter and its wire.

    Attributes:
        ask: Called right before each request that writes, repeats included; raises
            where it must not leave.
    """

    ask: Callable[[], None] = _always

    @contextmanager
    def asking(self, may_leave: Callable[[], None]) -> Iterator[None]:
        """Ask `may_leave` as long as the block lasts."""
        before, self.ask = self.ask, may_leave
        try:
            yield
        finally:
            self.ask = before
