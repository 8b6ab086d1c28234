"""Answer aggregate queries: COUNT, SUM, AVG, MIN, MAX with or without GROUP BY."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.query_functions import FUNCTIONS, date_function
from gatekeeper.sandbox.salesforce.query_order import comparable, sort_by
from gatekeeper.sandbox.salesforce.query_rows import getter

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.query_names import Column, Getter, Row, Scope

Fold = Callable[[list[object]], object]

AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")

_NUMBERS = {"int", "double", "currency", "percent"}
_UNCOUNTABLE = {"boolean", "textarea", "multipicklist", "address", "encryptedstring"}


@dataclass(frozen=True, slots=True)
class Output:
    """One column of the answer: its key, what it reads of a row, how it folds.

    `fold` is None for a column that is grouped by.
    """

    key: str
    expression: tree.Expression
    read: Getter
    fold: Fold | None


def is_aggregate(query: tree.Query) -> bool:
    """Whether the answer is of AggregateResult rows."""
    if query.group_by:
        return True
    return any(
        isinstance(selected, tree.Field)
        and isinstance(selected.expression, tree.Call)
        and selected.expression.argument is not None
        and selected.expression.function.upper() in AGGREGATES
        for selected in query.select
    )


def aggregate(
    scope: Scope, query: tree.Query, rows: Sequence[Row]
) -> list[dict[str, object]]:
    """Return the rows of an aggregate query, ordered, before LIMIT and OFFSET.

    Raises:
        SalesforceError: A field that is neither grouped nor aggregated, or one that
            does not support it.
    """
    outputs = _outputs(scope, query)
    groups = _groups(query, [_read_group(scope, key) for key in query.group_by], rows)
    orders = [(_order_output(scope, query, order), order) for order in query.order_by]
    records = [_record(outputs, members) for members in groups]
    pairs = list(zip(records, groups, strict=True))
    for output, order in reversed(orders):
        keyed: list[Row] = [
            {"key": _value(output, members), "pair": pair}
            for pair, members in ((pair, pair[1]) for pair in pairs)
        ]
        sort_by(keyed, lambda row: row["key"], order)
        pairs = [row["pair"] for row in keyed]  # type: ignore[misc]
    return [record for record, _ in pairs]


def _groups(
    query: tree.Query, reads: list[Getter], rows: Sequence[Row]
) -> list[list[Row]]:
    if not query.group_by:
        return [list(rows)]
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(read(row) for read in reads), []).append(row)
    return list(groups.values())


def _record(outputs: list[Output], members: list[Row]) -> dict[str, object]:
    record: dict[str, object] = {"attributes": {"type": "AggregateResult"}}
    for output in outputs:
        record[output.key] = _value(output, members)
    return record


def _value(output: Output, members: list[Row]) -> object:
    if output.fold is None:
        return output.read(members[0])
    values = [output.read(row) for row in members]
    return output.fold([value for value in values if value is not None])


def _outputs(scope: Scope, query: tree.Query) -> list[Output]:
    outputs: list[Output] = []
    unnamed = 0
    for selected in query.select:
        if not isinstance(selected, tree.Field):
            raise scope.malformed("unexpected token: '('", query.source.at)
        output = _output(scope, query, selected.expression)
        key = selected.alias or output.key
        if not key:
            key, unnamed = f"expr{unnamed}", unnamed + 1
        if any(known.key == key for known in outputs):
            raise scope.malformed(f"duplicate alias: {key}", selected.expression.at)
        outputs.append(Output(key, output.expression, output.read, output.fold))
    return outputs


def _output(scope: Scope, query: tree.Query, expression: tree.Expression) -> Output:
    """Return a column of the answer; its key is empty where an alias must be made."""
    if isinstance(expression, tree.Call) and expression.function.upper() in AGGREGATES:
        return _folded(scope, expression)
    grouped = [_spelling(key) for key in query.group_by]
    if _spelling(expression) not in grouped:
        shown = (
            expression.function
            if isinstance(expression, tree.Call)
            else str(expression)
        )
        message = f"Field must be grouped or aggregated: {shown}"
        raise scope.malformed(message, expression.at)
    read = _read_group(scope, expression)
    if isinstance(expression, tree.Call):
        return Output("", expression, read, None)
    return Output(scope.column(expression).field.name, expression, read, None)


def _spelling(expression: tree.Expression) -> tuple[str, ...]:
    if isinstance(expression, tree.Path):
        return tuple(part.casefold() for part in expression.parts)
    inner = () if expression.argument is None else _spelling(expression.argument)
    return (expression.function.casefold(), "(", *inner)


def _read_group(scope: Scope, key: tree.Expression) -> Getter:
    if isinstance(key, tree.Call):
        if key.function.upper() not in FUNCTIONS:
            raise scope.malformed(f"unexpected token: '{key.function}'", key.at)
        return date_function(scope, key).read
    column = scope.column(key)
    if not column.field.groupable:
        message = f"field '{column.field.name}' can not be grouped in a query call"
        raise scope.refuse("MALFORMED_QUERY", message, key.at)
    return getter(scope.view.source, column)


def _folded(scope: Scope, call: tree.Call) -> Output:
    function = call.function.upper()
    if not isinstance(call.argument, tree.Path):
        raise scope.malformed("unexpected token: ')'", call.at)
    column = scope.column(call.argument)
    kind = column.field.type
    supported = (
        kind in _NUMBERS if function in {"SUM", "AVG"} else kind not in _UNCOUNTABLE
    )
    if not supported:
        message = (
            f"field {column.field.name} does not support aggregate operator {function}"
        )
        raise scope.malformed(message, call.at)
    return Output("", call, getter(scope.view.source, column), _fold(function, column))


def _fold(function: str, column: Column) -> Fold:
    whole = column.field.type == "int"
    folds: dict[str, Fold] = {
        "COUNT": len,
        "COUNT_DISTINCT": lambda values: len(set(map(_folded_text, values))),
        "SUM": lambda values: _total(values, whole=whole),
        "AVG": lambda values: (
            _total(values, whole=False) / len(values) if values else None
        ),
        "MIN": lambda values: _shown(min(values, key=_rank, default=None), column),
        "MAX": lambda values: _shown(max(values, key=_rank, default=None), column),
    }
    return folds[function]


def _folded_text(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _rank(value: object) -> tuple[float, str]:
    if isinstance(value, int | float):
        return (float(value), "")
    return (0.0, str(value).casefold())


def _shown(value: object, column: Column) -> object:
    if isinstance(value, int) and column.field.type != "int":
        return float(value)
    return value


def _total(values: list[object], *, whole: bool) -> float:
    total = sum(value for value in values if isinstance(value, int | float))
    return total if whole else float(total)


def _order_output(scope: Scope, query: tree.Query, order: tree.Order) -> Output:
    output = _output(scope, query, order.expression)
    if output.fold is not None or isinstance(order.expression, tree.Call):
        return output
    column = scope.column(order.expression)
    return Output("", output.expression, comparable(column.field, output.read), None)
