"""Two that use one database at once, and where they meet in it."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Barrier, current_thread
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Thread

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def meeting_after(statement: str) -> Iterator[None]:
    """Let two threads go on only when both sent a statement that begins so."""
    gate = Barrier(2)
    arrived: set[Thread] = set()

    def meet(_connection: Connection, _cursor: object, sent: str, *_: object) -> None:
        if sent.startswith(statement) and current_thread() not in arrived:
            arrived.add(current_thread())
            gate.wait(timeout=30)

    with _told_of("after_cursor_execute", meet):
        yield
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

    with _told_of("after_cursor_execute", interrupt):
        yield
    assert not waiting


@contextmanager
def before_the_first_write(act: Callable[[], None]) -> Iterator[None]:
    """Let another act between the look at a database and the writing in it."""
    waiting = [act]

    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("is_writer") and waiting:
            waiting.pop()()

    with _told_of("begin", begin):
        yield
    assert not waiting


@contextmanager
def _told_of(what: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(Engine, what, listener)
    try:
        yield
    finally:
        event.remove(Engine, what, listener)


@contextmanager
def racers(*arguments: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Start `tests.store.child` twice, and let both go at the same moment."""
    command = [sys.executable, "-m", "tests.store.child", *arguments]
    pipe = subprocess.PIPE
    with ExitStack() as started:
        found = [
            started.enter_context(
                subprocess.Popen(  # noqa: S603
                    command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=ROOT
                )
            )
            for _ in range(2)
        ]
        for each in found:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        for each in found:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()
        yield found
