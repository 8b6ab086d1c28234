"""Two that use one database at once, and where they meet in it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Barrier, current_thread
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Thread


@contextmanager
def meeting_after(statement: str) -> Iterator[None]:
    """Let two threads go on only when both sent a statement that begins so."""
    gate = Barrier(2)
    arrived: set[Thread] = set()

    def meet(_connection: Connection, _cursor: object, sent: str, *_: object) -> None:
        if sent.startswith(statement) and current_thread() not in arrived:
            arrived.add(current_thread())
            gate.wait(timeout=30)

    event.listen(Engine, "after_cursor_execute", meet)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", meet)
    assert len(arrived) == gate.parties


@contextmanager
def amid(statement: str, act: Callable[[], None]) -> Iterator[None]:
    """Let another act right after the first statement that begins so."""
    waiting = [act]

    def interrupt(
        _connection: Connection, _cursor: object, sent: str, *_: object
    ) -> None:
        if sent.startswith(statement) and waiting:
            waiting.pop()()

    event.listen(Engine, "after_cursor_execute", interrupt)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", interrupt)
    assert not waiting
