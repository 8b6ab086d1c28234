"""Which tests run which line, and how long each computes, on unchanged code."""

from __future__ import annotations

import ast
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import pytest
from coverage import CoverageData
from hypothesis import Phase, settings

from tests.mutation.mutants import name_of
from tests.mutation.tables import caches_of_ours

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

QUIET = ("-q", "--no-header", "-p", "no:xdist", "-W", "ignore::pytest.PytestWarning")
FAST = ("-m", "not slow and not timed")
BUDGET_S = 6.0
"""The tests of one mutant compute about so many seconds at most."""


def repeatable() -> None:
    """Let hypothesis try the same values in every run of a test, and shrink none."""
    settings.register_profile(
        "mutation",
        settings.get_profile("gatekeeper"),
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
    )
    settings.load_profile("mutation")


class Timing:
    """A pytest plugin that writes how long each test computed.

    What is remembered from test to test is forgotten, so that each runs its own lines.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seconds: dict[str, float] = {}
        self._caches = caches_of_ours()

    def pytest_configure(self) -> None:
        repeatable()

    def pytest_collection_finish(self) -> None:
        self._caches = caches_of_ours()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        for cache in self._caches:
            cache.cache_clear()
        begun = process_time()
        ran = yield
        self._seconds[item.nodeid] = process_time() - begun
        return ran

    def pytest_sessionfinish(self) -> None:
        lines = (f"{spent:.4f} {name}" for name, spent in self._seconds.items())
        self._path.write_text("\n".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class Reach:
    """What the unchanged code showed.

    Attributes:
        seconds: Of each test that passed, by its name.
        lines: Of each file, line to the tests that ran it; "" for what ran while the
            tests were gathered.
        imports: Of each file of tests, the modules that it names in its imports.
        depths: By path, how many lines of it each test runs, once that was asked for.
        runners: By paths, the tests that run any line of them, once asked for.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, frozenset[str]]]
    imports: dict[str, frozenset[str]] = field(default_factory=dict)
    depths: dict[str, Counter[str]] = field(default_factory=dict)
    runners: dict[tuple[str, ...], frozenset[str]] = field(default_factory=dict)

    def is_run(self, path: str, lines: Sequence[int]) -> bool:
        """Whether any test runs a line, or the gathering of tests does."""
        return bool(self._direct(path, lines))

    def tests_of(
        self, path: str, lines: Sequence[int], users: Iterable[str]
    ) -> dict[str, float]:
        """Give the tests that may notice a fault, the quickest first.

        A line that runs while tests are gathered may be noticed by every test that runs
        it again, whose file imports the module, or that runs a line of it or of one
        that uses it, in this order.

        Args:
            path: Of the module.
            lines: Where the fault is: the first of these that any test ran.
            users: Paths of the modules that import this one, over others or not.

        Returns:
            What each takes on unchanged code, in seconds, about `BUDGET_S` together.
        """
        direct = self._direct(path, lines)
        chosen = dict.fromkeys(sorted(direct - {""}, key=self._cost))
        if "" in direct:
            groups = self._importers(path), self._runners([path]), self._runners(users)
            for others in groups:
                chosen |= dict.fromkeys(sorted(others, key=self._cost))
        return self._affordable(chosen)

    def tests_that_run(self, path: str, lines: Sequence[int]) -> dict[str, float]:
        """Give the tests that run the first of some lines that is run at all.

        Those that run most of the module come first: they are about it.
        """
        return self._affordable(self._nearest(path, self._direct(path, lines) - {""}))

    def tests_of_lines(
        self, path: str, lines: Mapping[str, Iterable[int]]
    ) -> dict[str, float]:
        """Give the tests that run any of some lines, then those that import a module.

        Args:
            path: Of the module.
            lines: By the path of each file.
        """
        found = (self._direct(file, (line,)) for file in lines for line in lines[file])
        chosen = self._nearest(path, frozenset[str]().union(*found) - {""})
        chosen += sorted(self._importers(path), key=self._cost)
        return self._affordable(dict.fromkeys(chosen))

    def _direct(self, path: str, lines: Sequence[int]) -> frozenset[str]:
        known = self.lines.get(path, {})
        return next((known[line] for line in lines if line in known), frozenset())

    def _importers(self, path: str) -> frozenset[str]:
        own = name_of(path)
        doors = {own, own.rpartition(".")[0]}  # a package shows what its modules hold
        files = {each for each, names in self.imports.items() if doors & names}
        return frozenset(
            each for each in self.seconds if each.partition("::")[0] in files
        )

    def _runners(self, paths: Iterable[str]) -> frozenset[str]:
        key = tuple(paths)
        if key not in self.runners:
            known = [self.lines[path] for path in key if path in self.lines]
            found = (names for lines in known for names in lines.values())
            self.runners[key] = frozenset[str]().union(*found) - {""}
        return self.runners[key]

    def _nearest(self, path: str, names: Iterable[str]) -> list[str]:
        depths = self._depths(path)
        return sorted(names, key=lambda name: (-depths[name], self._cost(name)))

    def _depths(self, path: str) -> Counter[str]:
        """Count the lines of a module that each test runs."""
        if path not in self.depths:
            lines = self.lines.get(path, {}).values()
            self.depths[path] = Counter(name for names in lines for name in names)
        return self.depths[path]

    def _cost(self, name: str) -> tuple[float, str]:
        return self.seconds.get(name, 0.0), name

    def _affordable(self, names: Iterable[str]) -> dict[str, float]:
        chosen: dict[str, float] = {}
        left = BUDGET_S
        for name in names:
            cost = self._cost(name)[0]
            left -= cost
            if chosen and left < 0:
                break
            chosen[name] = cost
        return chosen


def measure(folders: Sequence[str], room: Path) -> Reach:
    """Run the tests of some folders under coverage, in a process of their own.

    Raises:
        RuntimeError: They do not pass as the code stands.
    """
    room.mkdir(parents=True, exist_ok=True)
    traces, times = room / "traces", room / "seconds"
    traces.unlink(missing_ok=True)
    child = os.fork()
    if not child:
        os.environ["COVERAGE_FILE"] = str(traces)
        watched = ["--cov=gatekeeper", "--cov-context=test", "--cov-report="]
        code = pytest.main([*QUIET, *FAST, *watched, *folders], plugins=[Timing(times)])
        os._exit(int(code))
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status):
        text = f"the tests in {' '.join(folders)} do not pass as the code stands"
        raise RuntimeError(text)
    seconds = _seconds(times)
    files = {name.partition("::")[0] for name in seconds}
    return Reach(seconds, _lines(traces), {each: _imports(each) for each in files})


def _imports(path: str) -> frozenset[str]:
    tree = ast.parse(Path(path).read_text("utf-8"))
    return frozenset(
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
    )


def _seconds(path: Path) -> dict[str, float]:
    pairs = (line.split(" ", 1) for line in path.read_text("utf-8").splitlines())
    return {name: float(spent) for spent, name in pairs}


def _lines(traces: Path) -> dict[str, dict[int, frozenset[str]]]:
    kept = CoverageData(str(traces))
    kept.read()
    return {
        str(Path(path).relative_to(Path.cwd())): {
            line: frozenset(name.rpartition("|")[0] for name in names)
            for line, names in kept.contexts_by_lineno(path).items()
        }
        for path in kept.measured_files()
    }
