"""The rules of permission sets: what may be granted, once, and on what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.save import Save
    from gatekeeper.sandbox.state import Row

# Access to activities comes with the user's licence; no set grants it by object.
_WITHOUT_OBJECT_PERMISSIONS = {"Task", "Event"}


def check_field_permission(writer: Writer, save: Save) -> None:
    """Refuse a grant on a field that is not there, cannot be granted or is twice."""
    org, row = writer.org, save.row
    object_name, _, field_name = str(row["Field"]).partition(".")
    kind = org.kind(object_name) if object_name == row["SobjectType"] else None
    field = kind.fields.get(field_name) if kind else None
    grantable = field is not None and field.permissionable and field.nillable
    if not grantable or org.is_hidden(object_name, field_name):
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Field Name: bad value for restricted picklist field: {row['Field']}",
            fields=("Field",),
        )
    _check_once(org, "FieldPermissions", row, ("ParentId", "Field"))
    if row["PermissionsEdit"] and not row["PermissionsRead"]:
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Permission Edit {row['Field']} depends on permission(s): "
            f"Read {row['Field']}",
            fields=("PermissionsEdit",),
        )
    if row["PermissionsEdit"] and not _may_edit(org, row["ParentId"], object_name):
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"Permission Edit {row['Field']} depends on permission(s): "
            f"Edit {object_name}",
            fields=("PermissionsEdit",),
        )


def _may_edit(org: Org, permission_set: object, object_name: str) -> bool:
    return object_name in _WITHOUT_OBJECT_PERMISSIONS or any(
        row["SobjectType"] == object_name and row["PermissionsEdit"]
        for row in org.referencing(
            "ObjectPermissions",
            "ParentId",
            [str(permission_set)],
            include_deleted=False,
        )
    )


def check_object_permission(writer: Writer, save: Save) -> None:
    """Refuse a grant on an object that is not there, twice, or without read."""
    row = save.row
    name = str(row["SobjectType"])
    if writer.org.kind(name) is None or name in _WITHOUT_OBJECT_PERMISSIONS:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            f"Object Type Name: bad value for restricted picklist field: {name}",
            fields=("SobjectType",),
        )
    _check_once(writer.org, "ObjectPermissions", row, ("ParentId", "SobjectType"))
    needs = {
        "PermissionsCreate": "PermissionsRead",
        "PermissionsEdit": "PermissionsRead",
        "PermissionsDelete": "PermissionsEdit",
        "PermissionsViewAllRecords": "PermissionsRead",
        "PermissionsModifyAllRecords": "PermissionsDelete",
    }
    for permission, needed in needs.items():
        if row[permission] and not row[needed]:
            raise SalesforceError(
                "FIELD_INTEGRITY_EXCEPTION",
                f"Permission {_words(permission)} {name} depends on permission(s): "
                f"{_words(needed)} {name}",
                fields=(permission,),
            )


def _words(permission: str) -> str:
    return permission.removeprefix("Permissions").removesuffix("Records")


def derive_permission_set(writer: Writer, save: Save) -> None:
    """Mark a set as an admin's own, and refuse a second one of that name."""
    save.row["IsOwnedByProfile"] = bool(save.row["ProfileId"])
    save.row["IsCustom"] = True
    save.row["Type"] = save.row["Type"] or "Regular"
    for other in writer.org.rows("PermissionSet", include_deleted=False):
        same = str(other["Name"]).casefold() == str(save.row["Name"]).casefold()
        if same and other["Id"] != save.row["Id"]:
            raise SalesforceError(
                "DUPLICATE_DEVELOPER_NAME",
                f"The name {save.row['Name']} is already used by another permission "
                "set.",
                fields=("Name",),
            )


def check_assignment(writer: Writer, save: Save) -> None:
    """Refuse to assign a set to the same user twice."""
    row = save.row
    for other in writer.org.rows("PermissionSetAssignment", include_deleted=False):
        if (other["AssigneeId"], other["PermissionSetId"]) == (
            row["AssigneeId"],
            row["PermissionSetId"],
        ):
            raise SalesforceError(
                "DUPLICATE_VALUE",
                "Duplicate PermissionSetAssignment. Assignee: "
                f"{str(row['AssigneeId'])[:15]}; Permission Set: "
                f"{str(row['PermissionSetId'])[:15]}",
                fields=("AssigneeId", "PermissionSetId"),
            )


def _check_once(org: Org, name: str, row: Row, keys: tuple[str, str]) -> None:
    for other in org.referencing(
        name, "ParentId", [str(row["ParentId"])], include_deleted=False
    ):
        if other["Id"] != row["Id"] and all(other[key] == row[key] for key in keys):
            raise SalesforceError(
                "DUPLICATE_VALUE",
                f"duplicate value found: {', '.join(keys)} duplicates value on record "
                f"with id: {str(other['Id'])[:15]}",
                fields=keys,
            )
