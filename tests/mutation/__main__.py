"""Put small faults into modules and see which the tests notice.

`python -m tests.mutation gatekeeper/core/calendar.py ...`: at most 300 mutants of each
module, picked by a seed, each against the tests that run its line, in a child process.
A table that only functions look at is tried against the tests that run a line which
names it, any other line that runs when its module is imported against the tests that
run anything of the module or of one that uses it. Scores are kept in `.build/mutants`,
module by module, so that a long run may be stopped; they hold while the module stays as
it is. With `--again` what survived is tried once more, against the tests of now.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from time import monotonic

import grimp

from tests.mutation import (
    afresh,
    in_place,
    mutants,
    reach,
    report,
    tables,
    trial,
)

ROOM = Path(".build/mutants")
FOLDERS = {
    "core": ("tests/core", "tests/language"),
    "language": ("tests/language",),
    "pack": ("tests/pack",),
    "flow": ("tests/flow",),
    "store": ("tests/store", "tests/contracts"),
}
"""The tests of a room; those that a line is not run by are left out anyhow."""
PRELOADED = ("lark", "re2", "pydantic", "yaml", "pytest_cov", "hypothesis.strategies")


def wanted(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("modules", nargs="+", help="files or folders of modules")
    parser.add_argument("--most", type=int, default=300, help="mutants of a module")
    parser.add_argument("--seed", type=int, default=1, help="which of them")
    parser.add_argument("--jobs", type=int, default=2, help="children at a time")
    parser.add_argument("--again", action="store_true", help="try survivors once more")
    parser.add_argument("--tests", nargs="+", help="in place of all those of the room")
    return parser.parse_args(arguments)


def paths_of(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        path = Path(name)
        inside = sorted(path.rglob("*.py")) if path.is_dir() else [path]
        found += [str(each) for each in inside]
    return found


@dataclass(frozen=True)
class Bench:
    """What the mutants of every module are tried with."""

    known: reach.Reach
    graph: grimp.ImportGraph
    options: argparse.Namespace

    def try_out(self, module: mutants.Module, numbers: tuple[int, ...]) -> list[int]:
        """Give the numbers of the mutants that no test noticed."""
        users = self.graph.find_downstream_modules(module.name)
        paths = [f"{each.replace('.', '/')}.py" for each in sorted(users)]
        known = tables.tables_of(module, paths)
        cases = [self._case(known, number, paths) for number in numbers]
        swapped = [case for case in cases if case.is_in_place]
        rest = [case for case in cases if case.tests and not case.is_in_place]
        jobs = self.options.jobs
        judge = partial(afresh.judge, module, (module.name, *users))
        left = in_place.survivors(module, swapped, jobs, ROOM)
        left += trial.survivors(rest, judge, start_s=afresh.START_S, jobs=jobs)
        return sorted(left + [case.number for case in cases if not case.tests])

    def _case(self, known: tables.Tables, number: int, users: list[str]) -> trial.Case:
        module, mutant = known.module, known.module.mutants[number]
        table = known.around(mutant)
        if table and (tests := self.known.tests_of_lines(module.path, table.lines)):
            return trial.Case(number, mutant, tests, table, is_in_place=True)
        lines = mutant.line, mutant.statement
        tests = self.known.tests_that_run(module.path, lines)
        if tests and mutant.is_called and _is_swappable(module, mutant):
            return trial.Case(number, mutant, tests, is_in_place=True)
        tests = self.known.tests_of(module.path, lines, users)
        return trial.Case(number, mutant, tests)

    def score(self, path: str, earlier: report.Score | None) -> report.Score:
        """Try the mutants of one module, or what survived of them earlier."""
        module = mutants.read(path, Path(path).read_text("utf-8"))
        chosen = module.sample(self.options.most, self.options.seed)
        numbers = chosen
        if earlier is not None:
            numbers = tuple(each.number for each in earlier.survivors)
        started = monotonic()
        left = self.try_out(module, numbers)
        return report.Score(
            path,
            version_of(path),
            len(module.mutants),
            len(chosen),
            len(chosen) - len(left),
            monotonic() - started,
            tuple(self._survivor(module, number) for number in left),
        )

    def _survivor(self, module: mutants.Module, number: int) -> report.Survivor:
        mutant = module.mutants[number]
        has_tests = self.known.is_run(module.path, (mutant.line, mutant.statement))
        return report.Survivor(number, mutant.line, mutant.was, mutant.now, has_tests)


def _is_swappable(module: mutants.Module, mutant: mutants.Mutant) -> bool:
    before = module.code()
    with mutant.tried():
        return in_place.replacements(before, module.code()) is not None


def version_of(path: str) -> str:
    """Return what changes with the module or with the faults that are made."""
    texts = Path(path).read_bytes() + Path(mutants.__file__).read_bytes()
    return hashlib.sha256(texts).hexdigest()[:12]


def preload() -> None:
    """Import once what every child needs and no mutant changes."""
    for name in PRELOADED:
        import_module(name)
    for room in ("core", "language"):
        for path in sorted(Path("gatekeeper", room).rglob("*.py")):
            import_module(mutants.name_of(str(path)))


def try_all(
    paths: list[str], scored: dict[str, report.Score], options: argparse.Namespace
) -> None:
    """Score modules, from the ground up or what survived."""
    rooms = {path.split("/")[1] for path in paths}
    folders = sorted({folder for room in rooms for folder in FOLDERS[room]})
    known = reach.measure(options.tests or folders, ROOM)
    bench = Bench(known, grimp.build_graph("gatekeeper", cache_dir=None), options)
    preload()
    for path in paths:
        found = bench.score(path, scored.get(path))
        report.keep(found, ROOM)
        cost = f"{found.killed} of {found.tried}, {found.seconds:.0f} s"
        sys.stderr.write(f"{path}: {cost}\n")


def main(arguments: list[str]) -> None:
    options = wanted(arguments)
    paths = paths_of(options.modules)
    ROOM.mkdir(parents=True, exist_ok=True)
    kept = {each.module: each for each in report.kept(ROOM)}
    scored = {
        path: kept[path]
        for path in paths
        if path in kept and kept[path].version == version_of(path)
    }
    left = [path for path in paths if path not in scored or options.again]
    left = [path for path in left if path not in scored or scored[path].survivors]
    if left:
        try_all(left, scored, options)
    text = report.table([each for each in report.kept(ROOM) if each.module in paths])
    (ROOM / "table.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    main(sys.argv[1:])
