"""The store's ports with every call counted as a step; any store may stand behind them.

A transaction may be cut off before or after it is committed, and is held against the
promises once it is.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from gatekeeper.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Run, RunKind, Store

COMMITS = ("disk full", "commit unheard")
WRITING = frozenset(
    {
        "adopt",
        "stage",
        "release",
        "hold_back",
        "propose",
        "withhold",
        "withhold_keys",
        "set_aside",
        "commit",
        "adopt_plan",
        "intend",
        "record",
        "finish",
    }
)


class StoreSteps(Protocol):
    """Counts a call as a step, says what goes wrong at it, and looks at what it did."""

    def begin(self, place: str, faults: Sequence[str] = ()) -> str: ...

    def end(self, place: str) -> None: ...

    def opened(self, run: Run) -> None: ...

    def committed(self, run: Run, name: str, arguments: Sequence[object]) -> None: ...


class SteppedRun:
    """A run whose every call is a step."""

    def __init__(self, run: Run, steps: StoreSteps) -> None:
        self._run, self._steps = run, steps

    def __getattr__(self, name: str) -> object:
        found = getattr(self._run, name)
        if not callable(found):
            return found
        call = (
            self._writing(name, found)
            if name in WRITING
            else self._reading(name, found)
        )
        setattr(self, name, call)
        return call

    def _reading(
        self, name: str, method: Callable[..., object]
    ) -> Callable[..., object]:
        steps, place = self._steps, f"run.{name}"

        def call(*arguments: object, **named: object) -> object:
            steps.begin(place)
            return method(*arguments, **named)

        return call

    def _writing(
        self, name: str, method: Callable[..., object]
    ) -> Callable[..., object]:
        steps, place = self._steps, f"run.{name}"

        def call(*arguments: object, **named: object) -> object:
            fault = steps.begin(place, COMMITS)
            if fault == "disk full":
                raise StoreError("The database cannot be written: the disk is full.")
            answer = method(*arguments, **named)
            steps.committed(self._run, name, arguments)
            steps.end(place)
            if fault == "commit unheard":
                raise StoreError("The database did not answer a commit.")
            return answer

        return call


@dataclass
class SteppedStore:
    """A store whose every call is a step."""

    store: Store
    steps: StoreSteps

    @contextmanager
    def open_run(
        self, org: str, kind: RunKind, as_of: datetime, pack: RulePack
    ) -> Iterator[Run]:
        self.steps.begin("store.open_run")
        with self.store.open_run(org, kind, as_of, pack) as run:
            self.steps.opened(run)
            self.steps.end("store.open_run")
            yield cast("Run", SteppedRun(run, self.steps))

    def __getattr__(self, name: str) -> object:
        method = getattr(self.store, name)

        def call(*arguments: object, **named: object) -> object:
            self.steps.begin(f"store.{name}")
            return method(*arguments, **named)

        setattr(self, name, call)
        return call
