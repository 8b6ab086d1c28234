"""What Salesforce allows of semi-joins (`IN (SELECT ...)`), and its refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.query_names import Column, Scope
    from gatekeeper.sandbox.salesforce.query_values import Operand
    from gatekeeper.sandbox.schema import FieldType

MAX_SEMI_JOINS = 2

_NOT_INNER = {
    "ActivityHistory",
    "Attachment",
    "ContentDocumentLink",
    "Event",
    "Note",
    "OpenActivity",
    "Task",
}
_LINKS = "ContentDocumentLink"
_BY_ID = {"=", "IN"}


def check_placement(scope: Scope, where: tree.Condition) -> None:
    """Refuse semi-joins beyond two, under OR, or inside parentheses.

    Raises:
        SalesforceError: MALFORMED_QUERY.
    """
    joins = [found for found in _comparisons(where) if _is_join(found)]
    if len(joins) > MAX_SEMI_JOINS:
        message = f"Maximum {MAX_SEMI_JOINS} semi join sub-selects are allowed"
        raise scope.malformed(message, joins[MAX_SEMI_JOINS].at)
    for join in joins:
        _check_one(scope, where, join)


def check_links(scope: Scope, where: tree.Condition | None) -> None:
    """Refuse to list file links but by the ids of their files or records.

    Raises:
        SalesforceError: MALFORMED_QUERY.
    """
    if scope.type.name != _LINKS:
        return
    bare = None if where is None else _bare(where)
    parts = bare.parts if isinstance(bare, tree.Conjunction) else (bare,)
    ways = [_by_ids(_bare(part)) for part in parts if part is not None]
    if not any(ways):
        message = (
            "Implementation restriction: ContentDocumentLink requires a filter by a "
            "single Id on ContentDocumentId or LinkedEntityId using the equals "
            "operator or multiple Id's using the IN operator."
        )
        raise SalesforceError("MALFORMED_QUERY", message)
    if where is None or "linkedentityid=" in ways:
        return
    for comparison in _comparisons(where):
        if not _is_on_id(scope, comparison):
            message = (
                "Implementation restriction: filtering on non-id fields is only "
                "permitted when filtering by ContentDocumentLink.LinkedEntityId using "
                "the equals operator."
            )
            raise SalesforceError("MALFORMED_QUERY", message)


def _by_ids(condition: tree.Condition) -> str:
    """Return the field and operator if a condition names a link's ids."""
    if not isinstance(condition, tree.Comparison):
        return ""
    field = str(condition.left).casefold()
    named = field in {"contentdocumentid", "linkedentityid"}
    return field + condition.operator if named and condition.operator in _BY_ID else ""


def _is_on_id(scope: Scope, comparison: tree.Comparison) -> bool:
    left = comparison.left
    if not isinstance(left, tree.Path):
        return False
    return scope.column(left).field.type in {"id", "reference"}


def _check_one(scope: Scope, where: tree.Condition, join: tree.Comparison) -> None:
    top = where
    while isinstance(top, tree.Group):
        top = top.inner
    if isinstance(top, tree.Disjunction):
        message = "Semi join sub-selects are not allowed with the 'OR' operator"
        raise scope.malformed(message, join.at)
    parts = top.parts if isinstance(top, tree.Conjunction) else (top,)
    if join not in [_bare(part) for part in parts]:
        message = (
            "Semi join sub-selects are only allowed at the top level WHERE "
            "expressions and not in nested WHERE expressions."
        )
        raise scope.malformed(message, join.at)


def _bare(condition: tree.Condition) -> tree.Condition:
    while isinstance(condition, tree.Group):
        condition = condition.inner
    return condition


def _is_join(comparison: tree.Comparison) -> bool:
    return isinstance(comparison.right, tree.Subquery)


def _comparisons(condition: tree.Condition) -> Iterator[tree.Comparison]:
    match condition:
        case tree.Comparison():
            yield condition
        case tree.Group() | tree.Negation():
            yield from _comparisons(condition.inner)
        case _:
            for part in condition.parts:
                yield from _comparisons(part)


def check_outer(scope: Scope, comparison: tree.Comparison, operand: Operand) -> None:
    """Refuse a left side that is no id of the object itself.

    Raises:
        SalesforceError: MALFORMED_QUERY.
    """
    left = comparison.left
    if operand.kind != "id":
        message = (
            "The left operand field in the where expression for outer query should "
            f"be an id field, cannot use: '{operand.label}'"
        )
        raise scope.malformed(message, comparison.at)
    if not operand.is_direct:
        message = (
            f"The left operand '{left}' cannot have more than one level of "
            "relationships"
        )
        raise scope.malformed(message, comparison.at)


def check_inner(scope: Scope, inner: Scope, query: tree.Query) -> tree.Path:
    """Return the one field a semi-join selects.

    Raises:
        SalesforceError: MALFORMED_QUERY for what a semi-join may not hold.
    """
    at = query.source.at
    if inner.type.name in _NOT_INNER:
        message = (
            f"Entity '{inner.type.name}' is not supported for semi join inner selects"
        )
        raise scope.malformed(message, at)
    if inner.type.name == scope.type.name:
        message = "The inner and outer selects should not be on the same object type"
        raise scope.malformed(message, at)
    if query.where is not None and any(map(_is_join, _comparisons(query.where))):
        message = "Nesting of semi join sub-selects is not supported"
        raise scope.malformed(message, at)
    _check_clauses(scope, query)
    selected = query.select[0]
    if len(query.select) != 1 or not isinstance(selected, tree.Field):
        message = "Semi join sub-selects can only query one field"
        raise scope.malformed(message, at)
    if not isinstance(selected.expression, tree.Path) or selected.alias is not None:
        message = "Semi join sub-selects can only query id fields"
        raise scope.malformed(message, at)
    return selected.expression


def _check_clauses(scope: Scope, query: tree.Query) -> None:
    clauses = {
        "GROUP": bool(query.group_by),
        "ORDER": bool(query.order_by),
        "LIMIT": query.limit is not None,
        "OFFSET": query.offset is not None,
        "ALL": query.all_rows,
    }
    for word, present in clauses.items():
        if present:
            raise scope.malformed(f"unexpected token: '{word}'", query.source.at)


def check_types(
    scope: Scope, operand: Operand, inner: Scope, path: tree.Path
) -> Column:
    """Return the selected column; refuse ids of one object compared with another's.

    Raises:
        SalesforceError: MALFORMED_QUERY.
    """
    column = inner.column(path)
    if column.field.type not in {"id", "reference"}:
        message = (
            "Semi join sub-selects can only query id fields, cannot use: "
            f"'{column.field.name}'"
        )
        raise scope.malformed(message, path.at)
    if column.hops:
        message = (
            f"The inner select field '{path}' cannot have more than one level of "
            "relationships"
        )
        raise scope.malformed(message, path.at)
    outer = operand.field
    if outer is None or not _targets(outer, scope.type.name) & _targets(
        column.field, inner.type.name
    ):
        message = (
            f"The selected field '{path}' in the subquery and the left operand field "
            f"in the where expression in the outer query '{operand.label}' should "
            "point to the same object type"
        )
        raise scope.malformed(message, operand.at)
    return column


def _targets(field: FieldType, owner: str) -> set[str]:
    return {owner} if field.type == "id" else set(field.reference_to)
