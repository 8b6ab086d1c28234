"""Which tests say that they defend a promise, read from their marks."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TESTS = Path(__file__).parents[1]
MARK = "pytest.mark.promise"


@dataclass(frozen=True, slots=True, order=True)
class Defence:
    """One test.

    Attributes:
        file: Below the folder of tests.
        test: Name of the function.
    """

    file: str
    test: str


def defences(mark: str = MARK) -> dict[str, list[Defence]]:
    """Return the tests of each promise, in the order of their files.

    Args:
        mark: What names promises on a test; another one names something else.
    """
    found: defaultdict[str, set[Defence]] = defaultdict(set)
    for path in TESTS.rglob("test_*.py"):
        file = path.relative_to(TESTS).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for promise, test in marked(tree, mark):
            found[promise].add(Defence(file, test))
    return {promise: sorted(tests) for promise, tests in found.items()}


def on_postgres() -> list[str]:
    """Return the faults that real processes meet on PostgreSQL too."""
    path = TESTS / "e2e" / "test_process_faults.py"
    return sorted(
        {
            promise
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and _has_server(node.decorator_list)
            for promise in _named(node.decorator_list, MARK)
            if promise.startswith("F")
        }
    )


def _has_server(decorators: Iterable[ast.expr]) -> bool:
    return any(ast.unparse(each) in ("on_server", "on_both") for each in decorators)


def marked(tree: ast.Module, mark: str = MARK) -> Iterator[tuple[str, str]]:
    """Yield each promise of a file with the test that defends it."""
    of_all = set(_named(_pytestmark(tree), mark))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for promise in of_all | set(_named(node.decorator_list, mark)):
                yield promise, node.name


def _pytestmark(tree: ast.Module) -> Iterator[ast.expr]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(
            isinstance(each, ast.Name) and each.id == "pytestmark"
            for each in node.targets
        ):
            yield node.value


def _named(expressions: Iterable[ast.expr], mark: str) -> Iterator[str]:
    for expression in expressions:
        for node in ast.walk(expression):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == mark:
                for argument in node.args:
                    yield ast.literal_eval(argument)
