"""Mutants of what runs when a module is imported: the module and its users anew."""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.util import spec_from_loader
from typing import TYPE_CHECKING

import pytest

from tests.mutation.reach import QUIET, repeatable
from tests.mutation.trial import NOT_USED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    from tests.mutation.mutants import Module
    from tests.mutation.trial import Case

START_S = 12.0
"""What importing and gathering may take, in seconds of computing."""
AT_FIRST = 3
"""So many files of tests are gathered first; most mutants go no further."""
NO_TESTS = int(pytest.ExitCode.NO_TESTS_COLLECTED)


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


def forget(names: Sequence[str]) -> None:
    """Let modules be imported afresh, also where their package holds them by name."""
    for name in sorted(names, reverse=True):  # a package after what is in it
        package, _, own = name.rpartition(".")
        if sys.modules.pop(name, None) is not None:
            vars(sys.modules[package]).pop(own, None)


def judge(module: Module, stale: Sequence[str], case: Case) -> int:
    """Run the tests with the mutant imported instead of the module.

    Args:
        module: Its tree, which is changed.
        stale: The modules to import afresh: the one that changes and what uses it.
        case: The mutant and its tests; the first that fails ends the trial.
    """
    forget(stale)
    case.put()
    planted = Planted(module.name, module.path, module.code())
    sys.meta_path.insert(0, planted)
    files = list(dict.fromkeys(each.partition("::")[0] for each in case.tests))
    for some in (files[:AT_FIRST], files[AT_FIRST:]):
        if some and (code := _run(some, list(case.tests))):
            return code
    return 0 if planted.is_used else NOT_USED


def _run(files: Sequence[str], names: Sequence[str]) -> int:
    options = [*QUIET, "-x", "--tb=no", "-p", "no:cov", *files]
    code = int(pytest.main(options, plugins=[Selection(names)]))
    return NOT_USED if code == NO_TESTS else code
