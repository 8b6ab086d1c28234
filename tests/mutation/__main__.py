"""Put small faults into modules and see which the tests notice.

`python -m tests.mutation gatekeeper/core/calendar.py ...`: at most 300 mutants of each
module, picked by a seed, each against the tests that run its line, in a child process.
Scores are kept in `.build/mutants`, module by module, so that a long run may be
stopped; modules scored before are left out until their file there is deleted.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

import grimp

from tests.mutation import mutants, reach, report, trial

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOM = Path(".build/mutants")
BUDGET_S = 15.0
PAUSE_S = 0.01
FOLDERS = {
    "core": ("tests/core", "tests/language"),
    "language": ("tests/language",),
    "pack": ("tests/pack",),
}
"""The tests of a room; those that a line is not run by are left out anyhow."""
PRELOADED = ("lark", "re2", "pydantic", "yaml", "pytest_cov", "hypothesis.strategies")


def wanted(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="+", help="files or folders of modules")
    parser.add_argument("--most", type=int, default=300, help="mutants of a module")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    parser.add_argument("--jobs", type=int, default=2, help="children at a time")
    return parser.parse_args(arguments)


def paths_of(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        path = Path(name)
        inside = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found += [str(each) for each in inside]
    return found


@dataclass
class Trials:
    """The mutants of one module on their way through the tests."""

    module: mutants.Module
    known: reach.Reach
    stale: Sequence[str]
    waiting: list[mutants.Mutant]
    running: list[trial.Trial] = field(default_factory=list)
    survivors: list[report.Survivor] = field(default_factory=list)

    def begin_next(self) -> None:
        mutant = self.waiting.pop(0)
        lines = mutant.line, mutant.statement
        names = self.known.tests_of(self.module.path, lines, BUDGET_S)
        if not names:
            self.survivors.append(survivor(mutant, has_tests=False))
            return
        spent = sum(self.known.seconds[each] for each in names)
        self.running.append(trial.begin(self.module, mutant, names, self.stale, spent))

    def collect(self) -> None:
        for one in list(self.running):
            is_noticed = one.outcome()
            if is_noticed is not None:
                self.running.remove(one)
            if is_noticed is False:
                self.survivors.append(survivor(one.mutant, has_tests=True))


def score(
    path: str, known: reach.Reach, graph: grimp.ImportGraph, options: argparse.Namespace
) -> report.Score:
    """Try the mutants of one module."""
    module = mutants.read(path, Path(path).read_text("utf-8"))
    name = trial.name_of(path)
    chosen = list(module.sample(options.most, options.seed))
    stale = (name, *graph.find_downstream_modules(name))
    tried, started = len(chosen), monotonic()
    trials = Trials(module, known, stale, chosen)
    while trials.waiting or trials.running:
        while trials.waiting and len(trials.running) < options.jobs:
            trials.begin_next()
        trials.collect()
        sleep(PAUSE_S)
    survivors = sorted(trials.survivors, key=lambda each: (each.line, each.was))
    return report.Score(
        path,
        len(module.mutants),
        tried,
        tried - len(survivors),
        monotonic() - started,
        tuple(survivors),
    )


def survivor(mutant: mutants.Mutant, *, has_tests: bool) -> report.Survivor:
    return report.Survivor(mutant.line, mutant.was, mutant.now, has_tests)


def preload() -> None:
    """Import once what every child needs and no mutant changes."""
    for name in PRELOADED:
        import_module(name)
    for room in ("core", "language"):
        for path in sorted(Path("gatekeeper", room).rglob("*.py")):
            import_module(trial.name_of(str(path)))


def try_all(paths: list[str], options: argparse.Namespace) -> None:
    """Score modules that have no score yet."""
    rooms = {path.split("/")[1] for path in paths}
    folders = sorted({folder for room in rooms for folder in FOLDERS[room]})
    known = reach.measure(folders, ROOM)
    graph = grimp.build_graph("gatekeeper", cache_dir=None)
    preload()
    for path in paths:
        found = score(path, known, graph, options)
        report.keep(found, ROOM)
        cost = f"{found.killed} of {found.tried}, {found.seconds:.0f} s"
        sys.stderr.write(f"{path}: {cost}\n")


def main(arguments: list[str]) -> None:
    options = wanted(arguments)
    paths = paths_of(options.modules)
    ROOM.mkdir(parents=True, exist_ok=True)
    scored = {each.module for each in report.kept(ROOM)}
    if fresh := [path for path in paths if path not in scored]:
        try_all(fresh, options)
    text = report.table([each for each in report.kept(ROOM) if each.module in paths])
    (ROOM / "table.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    main(sys.argv[1:])
