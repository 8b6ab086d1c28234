"""Mutants of tables: another value under a living name of a module.

A table (a set of words, a pattern, a number) that nothing but functions looks at is
worked out anew in the living module, where importing it and its users afresh would
take seconds. The tests that may notice are those that run a line which names it.
"""

from __future__ import annotations
import __future__

import ast
import gc
import sys
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutation.mutants import CALLED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from tests.mutation.mutants import Module, Mutant

TYPES = {"annotation", "returns"}


@dataclass(frozen=True)
class Table:
    """A name that a module gives to a value when it is imported.

    Attributes:
        lines: Of each file, the lines in functions that name it.
    """

    name: str
    statement: ast.stmt
    lines: dict[str, frozenset[int]]

    def is_renewed(self, module: Module) -> bool:
        """Work the value out from the tree as it stands, for all who know the old.

        Returns:
            False where it cannot be worked out: an import would fail.
        """
        own = vars(sys.modules[module.name])
        old = own[self.name]
        try:
            exec(self._code(module.path), own)  # noqa: S102  (our own code)
        except Exception:  # noqa: BLE001  (whatever a fault brings about)
            return False
        for each in list(sys.modules.values()):
            if vars(each).get(self.name) is old:
                vars(each)[self.name] = own[self.name]
        return True

    def _code(self, path: str) -> CodeType:
        tree = ast.fix_missing_locations(ast.Module([self.statement], []))
        flags = __future__.annotations.compiler_flag
        code: CodeType = compile(tree, path, "exec", flags, dont_inherit=True)
        return code


@dataclass(frozen=True)
class Tables:
    """The tables of one module.

    Attributes:
        module: Whose they are.
        trees: By path, its tree and those of the modules that use it.
        lines: By table, the lines in functions that name it, once asked for.
    """

    module: Module
    trees: dict[str, ast.Module]
    lines: dict[str, dict[str, frozenset[int]]] = field(default_factory=dict)

    def around(self, mutant: Mutant) -> Table | None:
        """Give the table that a mutant is in, if only functions look at it."""
        for each in self.module.tree.body:
            last = each.end_lineno or each.lineno
            if each.lineno <= mutant.statement <= last and (name := _named_by(each)):
                return None if name in self._early else self._table(name, each)
        return None

    @cached_property
    def _early(self) -> set[str]:
        """The names that are looked at when a module is imported."""
        return {name for tree in self.trees.values() for name in _names_at_import(tree)}

    def _table(self, name: str, statement: ast.stmt) -> Table:
        if name not in self.lines:
            self.lines[name] = {
                path: _lines_naming(name, tree) for path, tree in self.trees.items()
            }
        return Table(name, statement, self.lines[name])


def tables_of(module: Module, users: Iterable[str]) -> Tables:
    """Read what is needed to know who looks at the tables of a module."""
    files = (Path(path) for path in users)
    known = [each for each in files if each.exists()]  # the others are packages
    trees = {str(path): ast.parse(path.read_text("utf-8")) for path in known}
    return Tables(module, {**trees, module.path: module.tree})


def caches_of_ours() -> list[_lru_cache_wrapper[object]]:
    """Find the functions of ours that remember their answers."""
    found = (each for each in gc.get_objects() if isinstance(each, _lru_cache_wrapper))
    return [each for each in found if each.__module__.startswith("gatekeeper.")]


def _named_by(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
    return None


def _names_at_import(node: ast.AST) -> Iterator[str]:
    for part, value in ast.iter_fields(node):
        if part in TYPES or (isinstance(node, CALLED) and part == "body"):
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.AST):
                yield from _read_by(each)
                yield from _names_at_import(each)


def _read_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name):
            yield name


def _lines_naming(name: str, tree: ast.Module) -> frozenset[int]:
    """Give the lines in functions that name a table; a statement is its first line."""
    inside = [
        node
        for function in ast.walk(tree)
        if isinstance(function, CALLED)
        for node in ast.walk(function)
    ]
    simple = [
        node
        for node in inside
        if isinstance(node, ast.expr)
        or (isinstance(node, ast.stmt) and not hasattr(node, "body"))
    ]
    return frozenset(
        node.lineno
        for node in simple
        if any(name in _read_by(each) for each in ast.walk(node))
    )
