"""Mutants of what runs when a function is called: other code in a living function.

The tests are imported and gathered once for a module. Each mutant gets a child of that
process, in which the functions of the module are given the mutant's code, or a table of
it is worked out anew, and the tests that run the line run at once. Caches are emptied;
what else was computed while the tests were gathered was computed by unchanged code, so
that a test which looks at nothing else notices no fault.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

import pytest

from tests.mutation import trial
from tests.mutation.reach import FAST, QUIET, repeatable
from tests.mutation.tables import caches_of_ours

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.mutation.mutants import Module
    from tests.mutation.trial import Case

START_S = 2.0


def replacements(before: CodeType, after: CodeType) -> dict[CodeType, CodeType] | None:
    """Pair the code of each function with that of the mutant.

    Returns:
        None where a living function cannot take the other code: the mutant has other
        functions, or one that looks elsewhere for a variable.
    """
    pairs = list(_pairs(before, after))
    found = dict(pairs)
    is_even = len(found) == len(pairs) and all(
        old is not None
        and new is not None
        and (old.co_qualname, old.co_freevars) == (new.co_qualname, new.co_freevars)
        for old, new in pairs
    )
    return found if is_even else None


def _pairs(before: CodeType, after: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    yield before, after
    inner = [
        [each for each in code.co_consts if isinstance(each, CodeType)]
        for code in (before, after)
    ]
    if len(inner[0]) != len(inner[1]):
        yield before, before  # a second pair for one code: not even
        return
    for old, new in zip(*inner, strict=True):
        yield from _pairs(old, new)


@dataclass
class Court:
    """A pytest plugin that tries mutants once the tests are gathered.

    Attributes:
        survived: The numbers of those that no test noticed.
    """

    module: Module
    cases: Sequence[Case]
    jobs: int
    survived: Sequence[int] = ()

    def pytest_configure(self) -> None:
        repeatable()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        before = self.module.code()
        living, caches = self._living(before), caches_of_ours()
        by_name = {each.nodeid: each for each in session.items}

        def judge(case: Case) -> int:
            case.put()
            for cache in caches:
                cache.cache_clear()
            if case.table is not None:
                if not case.table.is_renewed(self.module):
                    return 1
            else:
                found = replacements(before, self.module.code())
                if found is None:
                    return trial.BROKEN
                for each in living:
                    each.__code__ = found[each.__code__]
            return _run(
                session, {by_name[name]: cost for name, cost in case.tests.items()}
            )

        self.survived = trial.survivors(
            self.cases, judge, start_s=START_S, jobs=self.jobs
        )
        return True

    def _living(self, before: CodeType) -> list[FunctionType]:
        own = {code for code, _ in _pairs(before, before)}
        path = sys.modules[self.module.name].__file__
        found = [
            each
            for each in gc.get_objects()
            if type(each) is FunctionType and each.__code__.co_filename == path
        ]
        strange = [each for each in found if each.__code__ not in own]
        needs_some = any(case.table is None for case in self.cases)
        if strange or (needs_some and not found):
            text = f"{path} is not what was imported: {strange}"
            raise RuntimeError(text)
        return found


def _run(session: pytest.Session, tests: Mapping[pytest.Item, float]) -> int:
    following = [*tests, None][1:]
    for (one, cost), then in zip(tests.items(), following, strict=True):
        trial.allow(START_S + trial.PATIENCE * cost)
        one.config.hook.pytest_runtest_protocol(item=one, nextitem=then)
        if session.testsfailed:
            return 1
    return 0


def survivors(
    module: Module, cases: Sequence[Case], jobs: int, folder: Path
) -> list[int]:
    """Try the mutants of one module in a process that has gathered their tests.

    Raises:
        RuntimeError: That process fell over.
    """
    if not cases:
        return []
    told = folder / "survived"
    told.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        code = trial.BROKEN
        try:
            code = _sit(Court(module, cases, jobs), told)
        finally:
            os._exit(code)
    os.waitpid(child, 0)
    if not told.exists():
        text = f"the mutants of {module.path} could not be tried"
        raise RuntimeError(text)
    found: list[int] = json.loads(told.read_text("utf-8"))
    return found


def _sit(court: Court, told: Path) -> int:
    names = {name for case in court.cases for name in case.tests}
    files = sorted({name.partition("::")[0] for name in names})
    options = [*QUIET, *FAST, "-s", "--tb=no", "-p", "no:cov", *files]
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    code = int(pytest.main(options, plugins=[court]))
    if code == 0:
        told.write_text(json.dumps(list(court.survived)), encoding="utf-8")
    return code
