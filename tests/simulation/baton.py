"""Workers that take turns: each on a thread of its own, and only one of them ever runs.

A worker runs until it hands the baton back; whoever holds it alone decides who is next.
So a simulation has one order of events, whatever the machine does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Killed(BaseException):
    """The process is gone; nothing of it runs any more."""


def _taken() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(eq=False)
class Turn:
    """One worker's turns.

    Attributes:
        error: What ended it, other than being killed.
    """

    work: Callable[[], None]
    is_over: bool = False
    is_killed: bool = False
    error: BaseException | None = None
    _mine: Lock = field(default_factory=_taken)
    _theirs: Lock = field(default_factory=_taken)
    _thread: Thread | None = None

    def go_on(self) -> None:
        """Let the worker run until it hands back or ends."""
        if self._thread is None:
            self._thread = Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._mine.release()
        self._theirs.acquire()
        if self.is_over:
            self._thread.join()

    def hand_back(self) -> None:
        """Called by the worker: wait until it is its turn again."""
        self._theirs.release()
        self._mine.acquire()
        if self.is_killed:
            raise Killed

    def kill(self) -> None:
        """End the worker where it waits."""
        self.is_killed = True
        if self._thread is None:
            self.is_over = True
        elif not self.is_over:
            self.go_on()

    def _run(self) -> None:
        try:
            self.work()
        except Killed:
            pass
        except BaseException as error:  # noqa: BLE001  (the holder raises it again)
            self.error = error
        finally:
            self.is_over = True
            self._theirs.release()
