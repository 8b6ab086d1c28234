"""The rows of a collection, by what their condition answers, into closures.

Rows for which the condition is true count. An unknown row does not; of a row that the
condition leaves open the CRM did not say enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable
from gatekeeper.language.compiler.readers import NO_ROW

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.tree import typed


class Asker(Protocol):
    """Deal, context, and inside a `where` the row at hand -> an answer."""

    def __call__(self, deal: Deal, ctx: Context, row: Row = NO_ROW, /) -> Answer:
        """Decide; never raises."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The rows of a collection by what their condition answered.

    Attributes:
        counted: The condition is true.
        passed_over: It is false.
        unknown: It is unknown since a value is empty.
        open: The CRM did not say; `reason` tells of one of them.
    """

    counted: tuple[Row, ...]
    passed_over: tuple[Row, ...] = ()
    unknown: tuple[Row, ...] = ()
    open: tuple[Row, ...] = ()
    reason: Unavailable | None = None

    @property
    def total(self) -> int:
        """How many rows the deal has."""
        return sum(map(len, (self.counted, self.passed_over, self.unknown, self.open)))


RowsReader = Callable[[Deal, "Context"], "Sorted | Unavailable"]


def not_read(collection: str) -> Unavailable:
    """Return what stands for rows that the deal came without."""
    return Unavailable(f"{collection} were not read")


def everyone(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
    """Count every row."""
    return True


def rows_closure(node: typed.Rows, tree: Tree) -> RowsReader:
    """Compile rows with their condition."""
    name, missing = node.collection, not_read(node.collection)
    asks = everyone if node.where is None else tree.test(node.where)

    def sort(deal: Deal, ctx: Context) -> Sorted | Unavailable:
        rows = deal.related.get(name, missing)
        if isinstance(rows, Unavailable):
            return rows
        return _sorted(rows, asks, deal, ctx)

    return sort


def _sorted(rows: tuple[Row, ...], asks: Asker, deal: Deal, ctx: Context) -> Sorted:
    counted: list[Row] = []
    passed_over: list[Row] = []
    unknown: list[Row] = []
    still_open: list[Row] = []
    reason: Unavailable | None = None
    for row in rows:
        answer = asks(deal, ctx, row)
        if answer is True:
            counted.append(row)
        elif answer is False:
            passed_over.append(row)
        elif answer is EMPTY:
            unknown.append(row)
        else:
            still_open.append(row)
            reason = answer if isinstance(answer, Unavailable) else reason
    return Sorted(
        tuple(counted), tuple(passed_over), tuple(unknown), tuple(still_open), reason
    )
