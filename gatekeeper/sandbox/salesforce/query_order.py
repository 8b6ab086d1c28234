"""Put rows in the order of ORDER BY: empty first unless said, text without case."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.query_rows import getter
from gatekeeper.sandbox.salesforce.soql_tree import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.sandbox.salesforce.query_names import Getter, Row, Scope
    from gatekeeper.sandbox.salesforce.soql_tree import Order
    from gatekeeper.sandbox.schema import FieldType


def compile_order(scope: Scope, orders: Sequence[Order]) -> Callable[[list[Row]], None]:
    """Return what sorts a list of rows in place; rows alike stay as they are.

    Raises:
        SalesforceError: INVALID_FIELD for a field that cannot be sorted.
    """
    keys = [(_sort_key(scope, order), order) for order in orders]

    def sort(rows: list[Row]) -> None:
        for read, order in reversed(keys):
            sort_by(rows, read, order)

    return sort


def sort_by(rows: list[Row], read: Getter, order: Order) -> None:
    """Sort in place by one key; rows alike keep their order."""
    empty: list[Row] = []
    full: list[tuple[object, Row]] = []
    for row in rows:
        value = read(row)
        if value is None:
            empty.append(row)
        else:
            full.append((value, row))
    full.sort(key=itemgetter(0), reverse=order.descending)
    ordered = [row for _, row in full]
    rows[:] = ordered + empty if order.nulls_last else empty + ordered


def _sort_key(scope: Scope, order: Order) -> Getter:
    if isinstance(order.expression, Call):
        raise scope.malformed("unexpected token: '('", order.expression.at)
    column = scope.column(order.expression)
    field = column.field
    if not field.sortable:
        message = f"field '{field.name}' can not be sorted in a query call"
        raise scope.refuse("INVALID_FIELD", message, order.expression.at)
    read = getter(scope.view.source, column)
    return comparable(field, read)


def comparable(field: FieldType, read: Getter) -> Getter:
    """Return the reader of a field's value as it sorts."""
    if field.type in {"id", "reference"}:
        return read
    if field.type == "picklist" and field.picklist:
        ranks: dict[object, int] = {
            choice.value: rank for rank, choice in enumerate(field.picklist)
        }

        def ranked(row: Row) -> object:
            value = read(row)
            if value is None:
                return None
            return (ranks.get(value, len(ranks)), str(value).casefold())

        return ranked

    def folded(row: Row) -> object:
        value = read(row)
        return value.casefold() if isinstance(value, str) else value

    return folded
