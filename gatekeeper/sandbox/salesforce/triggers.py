"""What the server derives from a write, object by object.

`derive` fills the record being saved, `after` writes what follows from it elsewhere.
A derived value that was imported stands until the write that would change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import (
    activities,
    attendees,
    numbered,
    permissions,
    sales,
)
from gatekeeper.sandbox.salesforce.save import Save

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.state import Row

__all__ = ["Save", "after", "derive"]


def _person(writer: Writer, save: Save) -> None:
    names = (save.row["FirstName"], save.row["LastName"])
    if {"FirstName", "LastName"} & save.given:
        save.row["Name"] = " ".join(str(name) for name in names if name)


def _after_activity(writer: Writer, before: Row | None, row: Row | None) -> None:
    activities.after_activity(writer, before, row)
    attendees.after_shared(writer, before, row)


_DERIVED: dict[str, Callable[[Writer, Save], None]] = {
    "Contact": _person,
    "Lead": _person,
    "User": _person,
    "Opportunity": sales.derive_opportunity,
    "OpportunityLineItem": sales.derive_line_item,
    "Task": activities.derive_task,
    "Event": activities.derive_event,
    "EventRelation": attendees.derive_relation,
    "TaskRelation": attendees.derive_relation,
    "EmailMessageRelation": attendees.derive_mail_relation,
    "Case": numbered.derive_case,
    "Quote": numbered.derive_quote,
    "FieldPermissions": permissions.check_field_permission,
    "ObjectPermissions": permissions.check_object_permission,
    "PermissionSet": permissions.derive_permission_set,
    "PermissionSetAssignment": permissions.check_assignment,
}
_AFTER: dict[str, Callable[[Writer, Row | None, Row | None], None]] = {
    "Opportunity": sales.after_opportunity,
    "OpportunityLineItem": sales.after_line_item,
    "OpportunityContactRole": sales.after_contact_role,
    "Task": _after_activity,
    "Event": _after_activity,
    "EventRelation": attendees.after_relation,
    "TaskRelation": attendees.after_relation,
}


def derive(writer: Writer, object_name: str, save: Save) -> None:
    """Fill in what the server computes on the record itself.

    Raises:
        SalesforceError: The object has a rule of its own and the record breaks it.
    """
    if object_name in _DERIVED:
        _DERIVED[object_name](writer, save)


def after(
    writer: Writer, object_name: str, before: Row | None, row: Row | None
) -> None:
    """Write what follows elsewhere; `row` is None when the record was deleted."""
    if object_name in _AFTER:
        _AFTER[object_name](writer, before, row)
