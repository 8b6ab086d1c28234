"""The compiled tree of one line: each node's closure, made once and asked for again.

The explanation of a line asks this tree for the closures of the line's parts, so a
text is made of the very answers that decided.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.compiler.aggregates import aggregate_closure
from gatekeeper.language.compiler.conditions import test_closure
from gatekeeper.language.compiler.rows import rows_closure
from gatekeeper.language.compiler.values import value_closure

if TYPE_CHECKING:
    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.compiler.rows import Asker, RowsReader
    from gatekeeper.language.tree import typed


class Tree:
    """Closures by node; a node lives as long as the tree that holds it."""

    __slots__ = ("_kept", "_rows", "_tests", "_values")

    def __init__(self) -> None:
        self._tests: dict[int, Asker] = {}
        self._values: dict[int, Reader] = {}
        self._rows: dict[int, RowsReader] = {}
        self._kept: list[object] = []

    def test(self, node: typed.Test) -> Asker:
        """The closure that answers a condition."""
        found = self._tests.get(id(node))
        if found is None:
            found = self._tests[id(node)] = test_closure(node, self)
            self._kept.append(node)
        return found

    def value(self, node: typed.Value) -> Reader:
        """The closure that gives a value."""
        found = self._values.get(id(node))
        if found is None:
            found = self._values[id(node)] = value_closure(node, self)
            self._kept.append(node)
        return found

    def rows(self, node: typed.Rows) -> RowsReader:
        """The closure that sorts the rows of a collection by their condition."""
        found = self._rows.get(id(node))
        if found is None:
            found = self._rows[id(node)] = rows_closure(node, self)
            self._kept.append(node)
        return found

    def aggregate(self, node: typed.Aggregate) -> Reader:
        """The closure that gathers a value over rows."""
        return aggregate_closure(node, self)
