"""FieldDefinition of the Tooling API: an admin's view of the fields, tracking included.

Its rows are made up when they are asked for, and the real service makes them up one
object at a time. Source: Tooling API guide, FieldDefinition, "SOQL Limitations".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.soql import parse
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.schema import ObjectType

ENTITIES, FIELDS = "EntityDefinition", "FieldDefinition"
DEAL = "Opportunity"
_MADE_UP = {ENTITIES.casefold(), FIELDS.casefold()}
_SET_UP = {"validationrule"}
_REIFIED = {
    "entitydefinitionid",
    "entitydefinition.qualifiedapiname",
    "entitydefinition.durableid",
    "durableid",
}
_UNFILTERED = "A filter on a reified column is required [EntityDefinitionId,DurableId]"
_NOBODY = "000000000000000AAA"


def check_query(org: Org, soql: str) -> None:
    """Refuse what may not be asked of definitions.

    Raises:
        SalesforceError: MALFORMED_QUERY, or INVALID_TYPE for a user without the
            right to view the set-up.
    """
    query = parse(soql)
    name = str(query.source)
    if name.casefold() not in _MADE_UP | _SET_UP:
        return
    if not org.settings.shows_setup:
        message = f"sObject type '{name}' is not supported."
        raise SalesforceError("INVALID_TYPE", message)
    if name.casefold() in _SET_UP:
        return
    _check_clauses(query, name)
    if name.casefold() == FIELDS.casefold() and not _is_reified(query.where):
        message = (
            "A filter on a reified column is required [EntityDefinitionId,DurableId]"
        )
        raise SalesforceError("MALFORMED_QUERY", message)


def _check_clauses(query: tree.Query, name: str) -> None:
    clauses = {
        "GROUP BY": bool(query.group_by),
        "LIMIT": query.limit is not None,
        "OFFSET": query.offset is not None,
        "COUNT()": any(
            isinstance(each, tree.Field) and isinstance(each.expression, tree.Call)
            for each in query.select
        ),
        "OR": _holds(query.where, tree.Disjunction),
        "NOT": _holds(query.where, tree.Negation),
    }
    for clause, is_there in clauses.items():
        if is_there:
            raise SalesforceError(
                "MALFORMED_QUERY", f"{clause} is not supported on {name}"
            )


def _holds(condition: tree.Condition | None, kind: type) -> bool:
    match condition:
        case None | tree.Comparison():
            return False
        case tree.Group() | tree.Negation():
            return isinstance(condition, kind) or _holds(condition.inner, kind)
        case _:
            parts = condition.parts
            return isinstance(condition, kind) or any(_holds(p, kind) for p in parts)


def _is_reified(condition: tree.Condition | None) -> bool:
    match condition:
        case tree.Comparison():
            is_named = str(condition.left).casefold() in _REIFIED
            return is_named and condition.operator in {"=", "IN"}
        case tree.Conjunction():
            return any(map(_is_reified, condition.parts))
        case tree.Group():
            return _is_reified(condition.inner)
        case _:
            return False


def entity_rows(org: Org) -> Iterator[Row]:
    """Give a row per object."""
    for kind in org.present_kinds():
        yield entity_row(kind)


def entity_row(kind: ObjectType) -> Row:
    """Return the row of one object."""
    return Row(
        Id=_NOBODY,
        DurableId=kind.name,
        QualifiedApiName=kind.name,
        DeveloperName=kind.name.removesuffix("__c"),
        Label=kind.label,
    )


def field_rows(org: Org) -> Iterator[Row]:
    """Give a row per field of every object that somebody may see."""
    for kind in org.present_kinds():
        for field in kind.fields.values():
            if org.is_hidden(kind.name, field.name):
                continue
            name = field.relationship_name or field.name
            yield Row(
                Id=_NOBODY,
                DurableId=f"{kind.name}.{name.removesuffix('__r')}",
                EntityDefinitionId=kind.name,
                QualifiedApiName=field.name,
                Label=field.label,
                IsFieldHistoryTracked=kind.name == DEAL
                and field.name in org.settings.tracked,
            )
