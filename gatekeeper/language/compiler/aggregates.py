"""Values gathered over rows into closures: count, sum, min, max, latest, earliest.

A row whose condition or value the CRM left open leaves the whole value open; of a
count it is known that it is no smaller than the rows that surely count.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Deal, Row, Unavailable, whole
from gatekeeper.language.compiler.closures import OUT_OF_RANGE, unknown_of
from gatekeeper.language.compiler.one_field import COMPARED
from gatekeeper.language.compiler.readers import NO_ROW, Reader
from gatekeeper.language.compiler.rows import not_read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.tree import typed

    Counter = Callable[[Deal, Context], int | Unavailable]

_TAKE: dict[str, Callable[..., object]] = {
    "count": lambda values: whole(len(values)),
    "sum": lambda values: sum(values, Decimal(0)),
    "min": min,
    "max": max,
    "latest": max,
    "earliest": min,
}
_OF_NOTHING: dict[str, object] = {"count": whole(0), "sum": whole(0)}
"""What there is over no rows; else it is empty (language B5, rule 7)."""


def aggregate_closure(node: typed.Aggregate, tree: Tree) -> Reader:
    """Compile `count`, `sum`, `min`, `max`, `latest` or `earliest`."""
    if node.of is not None:
        return _gathered(node, tree.value(node.of), tree)
    counted = count_closure(node, tree)

    def count(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        found = counted(deal, ctx)
        return whole(found) if isinstance(found, int) else found

    return count


def _gathered(node: typed.Aggregate, of: Reader, tree: Tree) -> Reader:
    """Take the values of the rows together; empty ones are passed over."""
    counting, take = _counting(node.rows, tree), _TAKE[node.function]
    nothing = _OF_NOTHING.get(node.function, EMPTY)
    usual = COMPARED.get(node.kind) if node.kind else None

    def gather(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        rows = counting(deal, ctx)
        if type(rows) is Unavailable:
            return rows
        values = []
        for each in rows:
            value = of(deal, ctx, each)
            if value.__class__ is usual:
                values.append(value)
            elif value.__class__ is Unavailable:
                return value
            elif value is not EMPTY:
                values.append(value)
        try:
            return take(values) if values else nothing
        except (ArithmeticError, TypeError):
            return OUT_OF_RANGE

    return gather


def _counting(
    node: typed.Rows, tree: Tree
) -> Callable[[Deal, Context], Sequence[Row] | Unavailable]:
    """Compile which rows count."""
    name, missing = node.collection, not_read(node.collection)
    if node.where is None:
        return lambda deal, ctx: deal.related.get(name, missing)
    asks = tree.test(node.where)

    def counting(deal: Deal, ctx: Context) -> Sequence[Row] | Unavailable:
        rows = deal.related.get(name, missing)
        if type(rows) is Unavailable:
            return rows
        counted = []
        for each in rows:
            answer = asks(deal, ctx, each)
            if answer is True:
                counted.append(each)
            elif answer is not False and answer is not EMPTY:
                return unknown_of(answer)
        return counted

    return counting


def count_closure(node: typed.Aggregate, tree: Tree) -> Counter:
    """Compile how many rows count."""
    name, where = node.rows.collection, node.rows.where
    missing = not_read(name)
    if where is not None:
        return _counted_where(name, tree.test(where), missing)

    def length(deal: Deal, ctx: Context) -> int | Unavailable:
        rows = deal.related.get(name, missing)
        return rows if type(rows) is Unavailable else len(rows)

    return length


def _counted_where(name: str, asks: Asker, missing: Unavailable) -> Counter:
    def count(deal: Deal, ctx: Context) -> int | Unavailable:
        rows = deal.related.get(name, missing)
        if type(rows) is Unavailable:
            return rows
        counted, doubt = 0, None
        for each in rows:
            answer = asks(deal, ctx, each)
            if answer is True:
                counted += 1
            elif answer is not False and answer is not EMPTY:
                doubt = answer
        return counted if doubt is None else replace(doubt, at_least=whole(counted))

    return count
