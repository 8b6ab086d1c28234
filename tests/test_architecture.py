"""The floors of the house, its sizes and its words, read off the source."""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pytest
from importlinter.cli import lint_imports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

ROOT = Path(__file__).resolve().parents[1]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
# "manager" is missing here: an owner has one, in sales as in the CRM.
WORDS_NOT_USED = frozenset(
    {"data", "info", "item", "obj", "result", "process", "handle"}
    | {"util", "utils", "helper", "helpers", "common", "misc", "sync"}
)
ROOMLESS = frozenset({"structlog"})  # every floor from 4 up may log
CLOCKS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today"})
ENVIRONMENT = frozenset({"os.environ", "os.getenv", "environ", "getenv"})


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    """The text of every module by its path."""
    paths = sorted((ROOT / "gatekeeper").rglob("*.py"))
    return {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
    }


def test_no_import_breaks_a_contract(capsys: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(str(ROOT / "pyproject.toml"), no_cache=True)

    assert code == 0, capsys.readouterr().out


def test_imports_go_one_way() -> None:
    """Those inside functions count; those for types alone do not."""
    graph = grimp.build_graph(
        "gatekeeper", exclude_type_checking_imports=True, cache_dir=None
    )
    imports = {
        name: graph.find_modules_directly_imported_by(name) for name in graph.modules
    }
    importers = {
        name: graph.find_modules_that_directly_import(name) for name in graph.modules
    }
    in_circles = _without_ends(imports, _without_ends(importers, graph.modules))

    assert sorted(in_circles) == []


def _without_ends(edges: Mapping[str, set[str]], among: Set[str]) -> Set[str]:
    """Take away what leads to nothing, until each leads to one that is left."""
    left = set(among)
    while ends := {name for name in left if not edges[name] & left}:
        left -= ends
    return left


def test_every_library_has_its_room() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    housed = {
        library
        for contract in contracts
        for library in contract.get("protected_modules", ())
    }
    graph = grimp.build_graph(
        "gatekeeper", include_external_packages=True, cache_dir=None
    )
    libraries = {name for name in graph.modules if graph.is_module_squashed(name)}

    assert libraries - sys.stdlib_module_names - ROOMLESS - housed == set()


def test_a_module_fits_the_eye(modules: dict[str, str]) -> None:
    sizes = {path: text.count("\n") for path, text in modules.items()}

    assert _over(LONGEST_MODULE, sizes) == ""


def test_a_function_fits_the_eye(modules: dict[str, str]) -> None:
    sizes = {
        f"{path}:{function.lineno} {function.name}": _code_lines(function)
        for path, text in modules.items()
        for function in _functions(ast.parse(text))
    }

    assert _over(LONGEST_FUNCTION, sizes) == ""


def test_names_say_what_they_name(modules: dict[str, str]) -> None:
    vague = {
        f"{path}: {name}"
        for path, text in modules.items()
        for name in {Path(path).stem, *_defined_names(ast.parse(text))}
        if name in WORDS_NOT_USED
    }

    assert "\n".join(sorted(vague)) == ""


def test_the_environment_is_read_in_one_place(modules: dict[str, str]) -> None:
    """Beside the settings library: whether it is needed, and what libraries go by."""
    readers = {
        path for path, text in modules.items() if ENVIRONMENT & _names_used(text)
    }

    assert readers == {
        "gatekeeper/cli/console.py",
        "gatekeeper/cli/main.py",
        "gatekeeper/settings/load.py",
    }


def test_only_bootstrap_and_the_sandbox_ask_the_clock(modules: dict[str, str]) -> None:
    askers = {path for path, text in modules.items() if CLOCKS & _names_used(text)}

    assert {path for path in askers if "/sandbox/" not in path} <= {
        "gatekeeper/bootstrap/machine.py"
    }


def test_every_module_says_what_it_is_for(modules: dict[str, str]) -> None:
    silent = {
        path for path, text in modules.items() if not ast.get_docstring(ast.parse(text))
    }

    assert silent == set()


def _over(ceiling: int, sizes: dict[str, int]) -> str:
    """List what is too long, one a line, so that a failure shows all of it."""
    return "".join(
        f"\n{where} has {lines} lines"
        for where, lines in sorted(sizes.items())
        if lines > ceiling
    )


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function) is not None:
        words = function.body[0]
        lines -= (words.end_lineno or 0) - words.lineno + 1
    return lines


def _defined_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()):
                yield name


def _names_used(text: str) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Attribute(value=ast.Name(id=left), attr=right):
                names.add(f"{left}.{right}")
            case ast.ImportFrom(module="os", names=imported):
                names.update(alias.name for alias in imported)
    return names
