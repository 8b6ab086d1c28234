"""One mutant against its tests, in a child of its own that no file knows of."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.util import spec_from_loader
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.mutation.reach import QUIET, repeatable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    from tests.mutation.mutants import Module, Mutant

PATIENCE = 5
"""A mutant may take so many times as long as its tests, and START_S on top."""
START_S = 20.0
NO_TESTS = int(pytest.ExitCode.NO_TESTS_COLLECTED)
NOT_USED = 99
"""The code of a trial in which nothing imported the mutant."""


def name_of(path: str) -> str:
    """Return the name under which the module of a file is imported."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


class Planted(MetaPathFinder, Loader):
    """Gives one module other code than its file holds."""

    def __init__(self, name: str, path: str, code: CodeType) -> None:
        self._name, self._path, self._code = name, path, code
        self.is_used = False

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        spec = spec_from_loader(fullname, self, origin=self._path)
        if spec is not None:
            spec.has_location = True
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        self.is_used = True
        exec(self._code, module.__dict__)  # noqa: S102  (a mutant of our own code)


class Selection:
    """A pytest plugin that runs the named tests only, in the order given."""

    def __init__(self, names: Sequence[str]) -> None:
        self._order = {name: place for place, name in enumerate(names)}

    def pytest_configure(self) -> None:
        repeatable()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order),
            key=lambda item: self._order[item.nodeid],
        )


@dataclass
class Trial:
    """A mutant under test."""

    mutant: Mutant
    child: int
    deadline: float

    def outcome(self) -> bool | None:
        """Whether the tests noticed; None while they run."""
        child, status = os.waitpid(self.child, os.WNOHANG)
        if child:
            code = os.waitstatus_to_exitcode(status)
            if code in {NO_TESTS, NOT_USED}:
                text = f"nothing ran against line {self.mutant.line} ({code})"
                raise RuntimeError(text)
            return code != 0
        if monotonic() < self.deadline:
            return None
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        return True


def forget(names: Sequence[str]) -> None:
    """Let modules be imported afresh, also where their package holds them by name."""
    for name in sorted(names, reverse=True):  # a package after what is in it
        package, _, own = name.rpartition(".")
        if sys.modules.pop(name, None) is not None:
            vars(sys.modules[package]).pop(own, None)


def begin(
    module: Module,
    mutant: Mutant,
    names: Sequence[str],
    stale: Sequence[str],
    seconds: float,
) -> Trial:
    """Start the tests against a mutant.

    Args:
        module: Its tree.
        mutant: The fault.
        names: The tests to run, in order; the first that fails ends the trial.
        stale: The modules to import afresh: the one that changes and what uses it.
        seconds: What the tests take on unchanged code.
    """
    child = os.fork()
    if not child:
        os._exit(_judge(module, mutant, names, stale))
    return Trial(mutant, child, monotonic() + START_S + PATIENCE * seconds)


def _judge(
    module: Module, mutant: Mutant, names: Sequence[str], stale: Sequence[str]
) -> int:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    forget(stale)
    mutant.put()
    planted = Planted(name_of(module.path), module.path, module.code())
    sys.meta_path.insert(0, planted)
    files = dict.fromkeys(each.partition("::")[0] for each in names)
    options = [*QUIET, "-x", "-p", "no:cov", *files]
    code = int(pytest.main(options, plugins=[Selection(names)]))
    return code if planted.is_used else NOT_USED
