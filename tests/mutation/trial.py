"""One mutant against its tests, in a child of its own that no file knows of."""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import dataclass
from math import ceil
from time import monotonic, process_time, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from tests.mutation.mutants import Mutant
    from tests.mutation.tables import Table

PATIENCE = 5
"""A mutant may compute so many times as long as its tests, beside what it starts."""
WAITING = 10
"""A child that waits for something without computing may take so many times as long."""
MEMORY = 3 << 30
PAUSE_S = 0.002
NOT_USED = 99
"""The code of a trial in which nothing imported the mutant."""
BROKEN = 98
"""The code of a trial that fell over before the tests could run."""
CONTROL_S = 5.0


@dataclass(frozen=True)
class Case:
    """A mutant and the tests that may notice it, the first to run first.

    Attributes:
        mutant: None for the control: unchanged code, tried in the same way.
        tests: What each takes on unchanged code, in seconds.
        table: The table of the module that it is in, where that can be renewed.
        is_in_place: It is tried in the living module.
    """

    number: int
    mutant: Mutant | None
    tests: Mapping[str, float]
    table: Table | None = None
    is_in_place: bool = False

    @property
    def seconds(self) -> float:
        """What all its tests take."""
        return sum(self.tests.values())

    def put(self) -> None:
        """Change the tree for good."""
        if self.mutant is not None:
            self.mutant.put()


def control_of(cases: Iterable[Case]) -> Case:
    """Take the quickest case and so many more as cost little, without their mutants."""
    tests: dict[str, float] = {}
    for case in sorted(cases, key=lambda case: case.seconds):
        if tests and sum(tests.values()) + case.seconds > CONTROL_S:
            break
        tests |= case.tests
    return Case(-1, None, tests)


@dataclass(frozen=True)
class Trial:
    """A mutant under test."""

    case: Case
    child: int
    deadline: float

    def outcome(self) -> bool | None:
        """Whether the tests noticed; None while they run."""
        child, status = os.waitpid(self.child, os.WNOHANG)
        if child:
            code = os.waitstatus_to_exitcode(status)
            if code in {NOT_USED, BROKEN}:
                text = f"nothing ran against mutant {self.case.number} ({code})"
                raise RuntimeError(text)
            return code != 0
        if monotonic() < self.deadline:
            return None
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        return True


def survivors(
    cases: Sequence[Case], judge: Callable[[Case], int], *, start_s: float, jobs: int
) -> list[int]:
    """Try mutants, so many at a time; give the numbers of those that nobody noticed.

    Args:
        cases: What to try.
        judge: Runs in the child; 0 where every test passed against the mutant.
        start_s: What a child may compute beside its tests.
        jobs: Children at a time.

    Raises:
        RuntimeError: Tests fail in this way against unchanged code too.
    """
    if not cases:
        return []
    control = control_of(cases)
    waiting, running, left = [control, *cases], list[Trial](), list[int]()
    while waiting or running:
        while waiting and len(running) < jobs:
            running.append(_begin(waiting.pop(0), judge, start_s))
        for one in list(running):
            is_noticed = one.outcome()
            if is_noticed is not None:
                running.remove(one)
            if is_noticed is False:
                left.append(one.case.number)
        sleep(PAUSE_S)
    if control.number not in left:
        text = f"unchanged code fails {', '.join(control.tests)}"
        raise RuntimeError(text)
    return [number for number in left if number != control.number]


def _begin(case: Case, judge: Callable[[Case], int], start_s: float) -> Trial:
    limit_s = start_s + PATIENCE * case.seconds
    child = os.fork()
    if not child:
        code = BROKEN
        try:
            _fence()
            allow(limit_s)
            code = judge(case)
        finally:
            os._exit(code)
    return Trial(case, child, monotonic() + WAITING * limit_s)


def allow(more_s: float) -> None:
    """End this process once it has computed for so many seconds from now."""
    limit = ceil(process_time() + more_s)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _fence() -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
