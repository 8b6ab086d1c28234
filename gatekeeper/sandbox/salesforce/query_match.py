"""Find the rows a query selects, through an index where its conditions allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.query_names import Scope, source_type
from gatekeeper.sandbox.salesforce.query_rows import getter
from gatekeeper.sandbox.salesforce.query_semi import (
    check_inner,
    check_links,
    check_outer,
    check_types,
)
from gatekeeper.sandbox.salesforce.query_where import Filter, compile_where

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.sandbox.salesforce.query_names import Row
    from gatekeeper.sandbox.salesforce.query_values import Operand


def matching(scope: Scope, query: tree.Query) -> list[Row]:
    """Return the rows that FROM and WHERE select, in the order of their ids.

    Raises:
        SalesforceError: What the WHERE clause may not hold.
    """
    check_links(scope, query.where)
    if query.where is None:
        return list(_all_rows(scope))
    test = compile_where(scope, query.where, semi_join)
    accepts = test.accepts
    return [row for row in _candidates(scope, test) if accepts(row)]


def _all_rows(scope: Scope) -> Iterable[Row]:
    view = scope.view
    return view.source.rows(scope.type.name, include_deleted=view.include_deleted)


def _candidates(scope: Scope, test: Filter) -> Iterable[Row]:
    """Return the rows worth testing, in the order of their ids."""
    view, name = scope.view, scope.type.name
    if test.ids is None or test.field is None:
        return _all_rows(scope)
    if test.field == "Id":
        found = (view.source.find(name, record_id) for record_id in sorted(test.ids))
        return [row for row in found if row is not None and view.is_shown(name, row)]
    rows = view.source.referencing(
        name, test.field, test.ids, include_deleted=view.include_deleted
    )
    return sorted(rows, key=by_id)


def by_id(row: Row) -> str:
    """Return a row's id, to sort by."""
    return str(row.get("Id"))


def semi_join(
    scope: Scope, comparison: tree.Comparison, operand: Operand
) -> frozenset[str]:
    """Return the ids that the subquery of a semi-join selects.

    Raises:
        SalesforceError: What a semi-join may not hold.
    """
    subquery = comparison.right
    if not isinstance(subquery, tree.Subquery) or comparison.operator not in {
        "IN",
        "NOT IN",
    }:
        raise scope.malformed("unexpected token: 'SELECT'", comparison.at)
    check_outer(scope, comparison, operand)
    query = subquery.query
    view = scope.view
    inner = Scope(view, source_type(view, query.source), query.alias)
    column = check_types(scope, operand, inner, check_inner(scope, inner, query))
    read = getter(view.source, column)
    values = map(read, matching(inner, query))
    return frozenset(value for value in values if isinstance(value, str))
