"""Run a SOQL statement over the records of an org.

Knows nothing of HTTP: the caller turns pages of an answer into replies and keeps
the locators. A whole answer is a list of rows by reference; a record is written only
when its page is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.query_aggregate import aggregate, is_aggregate
from gatekeeper.sandbox.salesforce.query_answer import (
    Paging,
    QueryAnswer,
    as_is,
    envelope,
)
from gatekeeper.sandbox.salesforce.query_match import by_id, matching, semi_join
from gatekeeper.sandbox.salesforce.query_names import (
    Records,
    Row,
    Scope,
    Session_contra,
    View,
    child_relation,
    source_type,
)
from gatekeeper.sandbox.salesforce.query_order import compile_order
from gatekeeper.sandbox.salesforce.query_select import (
    Record,
    Shape,
    add_field,
    add_typeof,
    compile_shape,
    flat_columns,
)
from gatekeeper.sandbox.salesforce.query_where import compile_where
from gatekeeper.sandbox.salesforce.soql import Statement, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Paging", "QueryAnswer", "run_query"]

MAX_CHILDREN = 20
MAX_OFFSET = 2_000


@dataclass(frozen=True, slots=True)
class _Child:
    """A compiled child subquery: `answer` gives the rows of one parent."""

    key: str
    answer: Callable[[str], QueryAnswer]


def run_query(
    org: Records[Session_contra],
    session: Session_contra,
    soql: str,
    *,
    include_deleted: bool,
    version: str = "59.0",
) -> QueryAnswer:
    """Answer one statement.

    Args:
        org: The records and what each session may see of them.
        session: Who asks.
        soql: The statement as sent.
        include_deleted: True for queryAll: deleted and archived rows too.
        version: The API version of the request, for the `url` of each record.

    Raises:
        SalesforceError: What the real service refuses, in its words.
    """
    query = parse(soql)
    view = View(
        Statement(soql),
        org,
        lambda name: org.visible(session, name),
        session.zone,
        include_deleted,
        version,
    )
    if query.all_rows:
        raise SalesforceError("MALFORMED_QUERY", "ALL ROWS not allowed in this context")
    scope = Scope(view, source_type(view, query.source), query.alias)
    if query.offset is not None and query.offset > MAX_OFFSET:
        message = f"Maximum SOQL offset allowed is {MAX_OFFSET}"
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", message)
    if is_count(query):
        return _count(scope, query)
    if is_aggregate(query):
        return _aggregated(scope, query)
    return _selected(scope, query)


def is_count(query: tree.Query) -> bool:
    """Whether the statement is SELECT COUNT()."""
    selected = query.select[0]
    return (
        isinstance(selected, tree.Field)
        and isinstance(selected.expression, tree.Call)
        and selected.expression.function.upper() == "COUNT"
        and selected.expression.argument is None
    )


def _count(scope: Scope, query: tree.Query) -> QueryAnswer:
    if len(query.select) > 1 or query.group_by:
        raise scope.malformed("unexpected token: ','", query.source.at)
    if query.order_by:
        message = "Count query cannot have order by"
        raise scope.malformed(message, query.order_by[0].expression.at)
    total = len(_cut(query, matching(scope, query)))
    return QueryAnswer(total, (), as_is, scope.type.name)


def _aggregated(scope: Scope, query: tree.Query) -> QueryAnswer:
    records = aggregate(scope, query, matching(scope, query))
    rows: Sequence[Row] = records[query.offset or 0 :][: query.limit]
    return QueryAnswer(len(rows), rows, as_is, scope.type.name)


def _selected(scope: Scope, query: tree.Query) -> QueryAnswer:
    shape = Shape(scope.type)
    write = _writer(scope, query, shape)
    sort = compile_order(scope, query.order_by)
    rows = matching(scope, query)
    sort(rows)
    kept = _cut(query, rows)
    return QueryAnswer(
        len(kept), kept, write, scope.type.name, tuple(flat_columns(shape))
    )


def _cut(query: tree.Query, rows: list[Row]) -> list[Row]:
    if query.offset is None and query.limit is None:
        return rows
    return rows[query.offset or 0 :][: query.limit]


def _writer(
    scope: Scope, query: tree.Query, shape: Shape
) -> Callable[[Row, Paging], Record]:
    """Fill the shape with what the statement selects, and return its writer."""
    children: list[_Child] = []
    for selected in query.select:
        match selected:
            case tree.Field():
                add_field(scope, shape, selected)
            case tree.Typeof():
                add_typeof(scope, shape, selected)
            case tree.Subquery():
                children.append(_child(scope, selected.query))
    _check_children(scope, query, children)
    write = compile_shape(scope.view, shape)
    if not children:
        return lambda row, _paging: write(row)

    def with_children(row: Row, paging: Paging) -> Record:
        record = write(row)
        for child in children:
            record[child.key] = envelope(child.answer(by_id(row)), paging)
        return record

    return with_children


def _check_children(scope: Scope, query: tree.Query, children: list[_Child]) -> None:
    if len(children) > MAX_CHILDREN:
        message = (
            "SOQL query cannot contain more than "
            f"{MAX_CHILDREN} parent-to-child relationships"
        )
        raise scope.malformed(message, query.source.at)
    keys = [child.key for child in children]
    for key in keys:
        if keys.count(key) > 1:
            message = f"duplicate field selected: {key}"
            raise scope.refuse("INVALID_FIELD", message, query.source.at)


def _child(scope: Scope, query: tree.Query) -> _Child:
    """Compile a child subquery once; it is answered per parent row."""
    view = scope.view
    relation = child_relation(scope, query.source)
    inner_type = view.visible(relation.child)
    if is_count(query) or is_aggregate(query) or query.all_rows:
        raise scope.malformed("unexpected token: '('", query.source.at)
    if inner_type is None:
        raise scope.refuse(
            "INVALID_TYPE",
            f"sObject type '{relation.child}' is not supported.",
            query.source.at,
        )
    inner = Scope(view, inner_type, query.alias)
    write = _writer(inner, query, Shape(inner_type))
    sort = compile_order(inner, query.order_by)
    accepts = _acceptance(inner, query)

    def answer(parent_id: str) -> QueryAnswer:
        found = view.source.referencing(
            relation.child,
            relation.field,
            [parent_id],
            include_deleted=view.include_deleted,
        )
        rows = [row for row in found if accepts(row)]
        rows.sort(key=by_id)
        sort(rows)
        kept = _cut(query, rows)
        return QueryAnswer(len(kept), kept, write, relation.child)

    return _Child(relation.name or relation.child, answer)


def _acceptance(scope: Scope, query: tree.Query) -> Callable[[Row], bool]:
    if query.where is None:
        return lambda _row: True
    return compile_where(scope, query.where, semi_join).accepts
