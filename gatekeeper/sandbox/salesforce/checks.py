"""The refusals of a whole record: required fields, references, uniqueness, owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.values import malformed_id

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.schema import FieldType, ObjectType
    from gatekeeper.sandbox.state import Row, Stored

LOCKED = "unable to obtain exclusive access to this record or 1 records: {}"


def check_fault(writer: Writer, kind: ObjectType, row: Row) -> None:
    """Refuse the record if a fault is ordered for it."""
    fault = writer.org.faults.take_record(writer.route)
    if fault is None:
        return
    record_id = str(row["Id"])
    if fault.kind == "lock_row":
        raise SalesforceError(
            "UNABLE_TO_LOCK_ROW", LOCKED.format(row["WhatId"] or record_id), fields=()
        )
    if fault.kind == "inactive_owner":
        raise _inactive(kind, str(row["OwnerId"]))
    raise SalesforceError(
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "A validation rule of this org refuses the record",
        fields=(),
    )


def check_required(kind: ObjectType, before: Row | None, row: Row) -> None:
    """Refuse a record without a required value.

    A value that was missing already (an imported record) does not hinder a change.
    """
    missing = [
        field.name
        for field in kind.fields.values()
        if not field.nillable
        and field.type != "id"
        and (field.createable or field.updateable)
        and row[field.name] is None
        and (before is None or before[field.name] is not None)
    ]
    if missing:
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            f"Required fields are missing: [{', '.join(missing)}]",
            fields=tuple(missing),
        )


def check_references(
    org: Org, kind: ObjectType, row: Row, given: frozenset[str]
) -> None:
    """Refuse references to what is not there, and owners that may not own."""
    for field in kind.fields.values():
        value = row[field.name]
        if field.type == "reference" and field.name in given and value is not None:
            _check_reference(org, field, str(value))
    owner = row["OwnerId"]
    if "OwnerId" in given and isinstance(owner, str) and owner.startswith("005"):
        _check_owner(org, kind, owner)


def _check_reference(org: Org, field: FieldType, record_id: str) -> None:
    candidates = [
        kind
        for name in field.reference_to
        if (kind := org.kind(name)) is not None and kind.key_prefix == record_id[:3]
    ]
    if not candidates:
        raise malformed_id(field, record_id)
    row = org.find(candidates[0].name, record_id)
    if row is None:
        raise SalesforceError(
            "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=()
        )
    if row["IsDeleted"]:
        raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted", fields=())


def _check_owner(org: Org, kind: ObjectType, owner: str) -> None:
    user = org.find("User", owner)
    if user is None:
        return
    if user["IsActive"] is not True:
        raise _inactive(kind, owner)
    if user["UserType"] not in {None, "Standard"}:
        raise SalesforceError(
            "OP_WITH_INVALID_USER_TYPE_EXCEPTION",
            "Operation not valid for this user type",
            fields=("OwnerId",),
        )


def _inactive(kind: ObjectType, owner: str) -> SalesforceError:
    return SalesforceError(
        "INACTIVE_OWNER_OR_USER",
        f"operation performed with inactive user [{owner[:15]}] as owner of "
        f"{kind.label.lower()}",
        fields=("OwnerId",),
    )


def check_unique(org: Org, object_name: str, row: Row) -> None:
    """Refuse a value another live record holds in a unique field.

    Records in the bin do not count, archived ones do.
    """
    kind = org.kind(object_name)
    for field in kind.fields.values() if kind else ():
        value = row[field.name]
        if not field.unique or value is None:
            continue
        for other in holders(org, object_name, field, str(value)):
            if other["Id"] != row["Id"]:
                raise duplicate(field.name, str(other["Id"]))


def holders(org: Org, object_name: str, field: FieldType, value: str) -> list[Stored]:
    """Return the live records that hold a key, by the field's own idea of case."""
    column = field.name if field.case_sensitive else f"{field.name}~"
    rows = org.state.tables[object_name].matching(column, [value])
    return [row for row in rows if not row["IsDeleted"]]


def duplicate(field: str, holder: str) -> SalesforceError:
    """Return the refusal of a key that a record holds already."""
    return SalesforceError(
        "DUPLICATE_VALUE",
        f"duplicate value found: {field} duplicates value on record with id: "
        f"{holder[:15]}",
        fields=(),
    )
