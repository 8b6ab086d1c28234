"""Writes of one record under every rule of the API: create, update, upsert, delete.

No HTTP. A write either happens whole, with all the server derives from it, or raises
a `SalesforceError` and leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import checks, triggers, validation_rules
from gatekeeper.sandbox.salesforce.errors import SalesforceError, not_found
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.salesforce.values import stored
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.session import Session
    from gatekeeper.sandbox.schema import ObjectType


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes where, and under which route's faults."""

    org: Org
    session: Session
    route: str


def create(writer: Writer, object_name: str, values: Mapping[str, object]) -> str:
    """Insert a record and return its id.

    Raises:
        SalesforceError: The record is refused.
    """
    org = writer.org
    kind = _visible(writer, object_name)
    if not kind.createable:
        raise SalesforceError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            f"entity type cannot be inserted: {kind.label}",
        )
    given = _given(kind, values, creating=True)
    row = Row({name: value for name, value in given.items() if value is not None})
    for field in kind.fields.values():
        if row[field.name] is None and field.default is not None:
            row[field.name] = field.default
    now = stamp(org.now())
    if "OwnerId" in kind.fields and row["OwnerId"] is None:
        row["OwnerId"] = writer.session.user_id
    row["Id"] = org.new_id(kind.key_prefix)
    if "CreatedDate" in kind.fields:
        row.update(CreatedDate=now, CreatedById=writer.session.user_id)
    if "IsDeleted" in kind.fields:
        row["IsDeleted"] = False
    _stamp(kind, row, writer.session.user_id, now)
    _save(writer, kind, None, row, frozenset(given))
    return str(row["Id"])


def update(
    writer: Writer, object_name: str, record_id: str, values: Mapping[str, object]
) -> None:
    """Change a record.

    Raises:
        SalesforceError: The record is absent, deleted, or the change refused.
    """
    kind = _visible(writer, object_name)
    before = existing(writer.org, kind, record_id)
    if not kind.updateable:
        raise SalesforceError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            f"entity type cannot be updated: {kind.label}",
        )
    given = _given(kind, values, creating=False)
    row = Row(before)
    for name, value in given.items():
        if value is None:
            row.pop(name, None)
        else:
            row[name] = value
    _stamp(kind, row, writer.session.user_id, stamp(writer.org.now()))
    _save(writer, kind, before, row, frozenset(given))


def delete(writer: Writer, object_name: str, record_id: str) -> None:
    """Move a record to the bin, with the children that die with it.

    Raises:
        SalesforceError: The record is absent, deleted, or cannot be deleted.
    """
    kind = _visible(writer, object_name)
    before = existing(writer.org, kind, record_id)
    if not kind.deletable:
        raise SalesforceError(
            "INSUFFICIENT_ACCESS_OR_READONLY",
            f"entity type cannot be deleted: {kind.label}",
        )
    with writer.org.state.transaction():
        _bin(writer, kind, Row(before))


def existing(org: Org, kind: ObjectType, record_id: str) -> Row:
    """Return the live row with that id.

    Raises:
        SalesforceError: NOT_FOUND or ENTITY_IS_DELETED, both with status 404.
    """
    row = org.find(kind.name, record_id)
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", 404, ())
    return Row(row)


def _bin(writer: Writer, kind: ObjectType, before: Row) -> None:
    org = writer.org
    record_id = str(before["Id"])
    if "IsDeleted" in kind.fields:
        gone = Row(before)
        gone["IsDeleted"] = True
        gone["SystemModstamp"] = stamp(org.now())
        org.put(kind.name, gone)
    else:
        org.remove(kind.name, record_id)
    for relation in kind.children:
        child = org.kind(relation.child)
        if not relation.cascade_delete or child is None:
            continue
        for row in list(
            org.referencing(
                child.name, relation.field, [record_id], include_deleted=False
            )
        ):
            _bin(writer, child, Row(row))
    triggers.after(writer, kind.name, before, None)


def _visible(writer: Writer, object_name: str) -> ObjectType:
    kind = writer.org.visible(writer.session, object_name)
    if kind is None:
        raise not_found()
    return kind


def _given(
    kind: ObjectType, values: Mapping[str, object], *, creating: bool
) -> dict[str, object]:
    """Return the request's values by canonical name, as rows hold them."""
    given: dict[str, object] = {}
    refused: list[str] = []
    for name, raw in values.items():
        field = kind.find(name)
        if field is None:
            raise SalesforceError(
                "INVALID_FIELD",
                f"No such column '{name}' on sobject of type {kind.name}",
            )
        if not (field.createable if creating else field.updateable):
            refused.append(field.name)
        given[field.name] = stored(field, raw) if not refused else None
    if refused:
        raise SalesforceError(
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            f"Unable to create/update fields: {', '.join(refused)}. Please check the "
            "security settings of this field and verify that it is read/write for "
            "your profile or permission set.",
            fields=tuple(refused),
        )
    return given


def _stamp(kind: ObjectType, row: Row, user_id: str, now: str) -> None:
    fresh = {
        "LastModifiedDate": now,
        "LastModifiedById": user_id,
        "SystemModstamp": now,
    }
    row.update({name: value for name, value in fresh.items() if name in kind.fields})


def _save(
    writer: Writer,
    kind: ObjectType,
    before: Row | None,
    row: Row,
    given: frozenset[str],
) -> None:
    checks.check_fault(writer, kind, row)
    checks.check_required(kind, before, row)
    checks.check_references(writer.org, kind, row, given)
    triggers.derive(writer, kind.name, triggers.Save(before, row, given))
    validation_rules.check_rules(writer.org, kind, before, row)
    checks.check_unique(writer.org, kind.name, row)
    with writer.org.state.transaction():
        writer.org.put(kind.name, row)
        triggers.after(writer, kind.name, before, row)
