"""Our fields in the org, and the right to use them: planned, shown, then made.

Safe to repeat: what exists is left as it is. A field made by API is invisible to
everybody until a permission set grants it, so the set, its grants and its assignment
to the user we run as belong to it. It never grants delete, nor anything system-wide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.wire.soql import AllOf, Among, Compare, Select, render
from gatekeeper.crm.salesforce.writing.own_fields import (
    ALL_RIGHTS,
    OBJECT_RIGHTS,
    OWN_FIELDS,
    SET_LABEL,
    OwnField,
)
from gatekeeper.crm.steps import Step, carry_out, exists, stopped
from gatekeeper.errors import CrmAuthError, CrmRejectedError, Transient
from gatekeeper.ports import PlannedField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.crm.salesforce.metadata.org import Org
    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.ports import Progress

_EXISTS = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})


def planned(client: Client, org: Org) -> tuple[PlannedField, ...]:
    """Return what `set_up` would do; every action `exists` when it is done.

    Raises:
        CrmAuthError: The user may not look at the org's set-up.
    """
    return tuple(step.plan for step in _Setup(client, org).steps())


def set_up(client: Client, org: Org, progress: Progress) -> tuple[PlannedField, ...]:
    """Make what is missing and return what was done.

    Raises:
        CrmAuthError: The user may not do it; what was made until then stays and is
            found the next time.
    """
    return carry_out(_Setup(client, org).steps(), progress)


class _Setup:
    """What is there, and the steps to what should be."""

    def __init__(self, client: Client, org: Org) -> None:
        self._client = client
        self._org = org
        self._set_id = ""
        self._fields: set[tuple[str, str]] = set()
        self._grants: dict[str, Mapping[str, object]] = {}
        self._objects: dict[str, Mapping[str, object]] = {}
        self._is_assigned = False

    def steps(self) -> list[Step]:
        """Read the present state and return every step in its order."""
        try:
            self._look()
        except CrmRejectedError as error:
            raise _not_allowed(error) from error
        return [
            *map(self._field_step, OWN_FIELDS),
            self._set_step(),
            *(
                self._object_step(name, rights)
                for name, rights in OBJECT_RIGHTS.items()
            ),
            *map(self._grant_step, OWN_FIELDS),
            self._assign_step(),
        ]

    def _look(self) -> None:
        self._fields = self._made_fields()
        found = self._rows("PermissionSet", ("Id",), "Name", names.PERMISSION_SET)
        if not found:
            return
        self._set_id = str(found[0]["Id"])
        rights = tuple(f"Permissions{right}" for right in ALL_RIGHTS)
        grants = self._rows(
            "FieldPermissions",
            ("Id", "Field", "PermissionsRead", "PermissionsEdit"),
            "ParentId",
            self._set_id,
        )
        objects = self._rows(
            "ObjectPermissions",
            ("Id", "SobjectType", *rights),
            "ParentId",
            self._set_id,
        )
        self._grants = {str(row["Field"]): row for row in grants}
        self._objects = {str(row["SobjectType"]): row for row in objects}
        self._is_assigned = self._assigned()

    def _made_fields(self) -> set[tuple[str, str]]:
        wanted = tuple(own.name.removesuffix("__c") for own in OWN_FIELDS)
        select = Select(
            ("Id", "DeveloperName", "TableEnumOrId"),
            "CustomField",
            Among("DeveloperName", wanted),
        )
        answer = self._client.get("tooling/query/", q=render(select))
        rows = answer.get("records") if isinstance(answer, dict) else None
        return {
            (
                names.DEAL_OBJECT
                if row["TableEnumOrId"] == names.DEAL_OBJECT
                else "Activity",
                f"{row['DeveloperName']}__c",
            )
            for row in (rows if isinstance(rows, list) else [])
        }

    def _assigned(self) -> bool:
        user = self._client.user_id()
        if user is None:
            return False
        select = Select(
            ("Id",),
            "PermissionSetAssignment",
            AllOf(
                (
                    Compare("PermissionSetId", "=", self._set_id),
                    Compare("AssigneeId", "=", user),
                )
            ),
        )
        return bool(self._client.query(select).rows)

    def _rows(
        self, source: str, fields: tuple[str, ...], by: str, value: str
    ) -> list[dict[str, object]]:
        select = Select(fields, source, Compare(by, "=", value))
        return self._client.query(select).rows

    def _field_step(self, own: OwnField) -> Step:
        if (own.table, own.name) in self._fields:
            return exists(own.full_name, own.purpose)
        body = {"FullName": own.full_name, "Metadata": own.definition}
        return Step(
            PlannedField(own.full_name, "create", own.purpose),
            lambda: self._post("tooling/sobjects/CustomField/", body),
        )

    def _set_step(self) -> Step:
        what = "Permission set with exactly the rights below"
        if self._set_id:
            return exists(names.PERMISSION_SET, what)

        def make() -> None:
            body = {"Name": names.PERMISSION_SET, "Label": SET_LABEL}
            described = self._org.described("PermissionSet")
            if described is not None and described.has("PermissionsEditTask"):
                body["PermissionsEditTask"] = True  # type: ignore[assignment]
            self._set_id = self._post("sobjects/PermissionSet/", body)

        return Step(PlannedField(names.PERMISSION_SET, "create", what), make)

    def _object_step(self, name: str, rights: tuple[str, ...]) -> Step:
        full, what = f"{names.PERMISSION_SET}: {name}", ", ".join(rights)
        wanted = {f"Permissions{right}": True for right in rights}
        there = self._objects.get(name)
        if there is not None and all(there[right] for right in wanted):
            return exists(full, what)
        plan = PlannedField(full, "grant", what)
        if there is not None:
            path = f"sobjects/ObjectPermissions/{there['Id']}"
            return Step(plan, lambda: self._patch(path, wanted))
        return Step(
            plan,
            lambda: self._post(
                "sobjects/ObjectPermissions/",
                {"ParentId": self._set_id, "SobjectType": name}
                | {f"Permissions{right}": right in rights for right in ALL_RIGHTS},
            ),
        )

    def _grant_step(self, own: OwnField) -> Step:
        full, there = (
            f"{names.PERMISSION_SET}: {own.grant}",
            self._grants.get(own.grant),
        )
        wanted = {"PermissionsRead": True, "PermissionsEdit": True}
        if there is not None and all(there[right] for right in wanted):
            return exists(full, "Read, Edit")
        plan = PlannedField(full, "grant", "Read, Edit")
        if there is not None:
            path = f"sobjects/FieldPermissions/{there['Id']}"
            return Step(plan, lambda: self._patch(path, wanted))
        return Step(
            plan,
            lambda: self._post(
                "sobjects/FieldPermissions/",
                {
                    "ParentId": self._set_id,
                    "SobjectType": own.granted_on,
                    "Field": own.grant,
                    **wanted,
                },
            ),
        )

    def _assign_step(self) -> Step:
        full, user = f"{names.PERMISSION_SET}: user", self._client.user_id()
        if self._is_assigned:
            return exists(full, "assigned to the user gatekeeper runs as")
        if user is None:
            what = "assign it by hand: a session id does not say whose it is"
            return Step(PlannedField(full, "assign", what), None)

        def assign() -> None:
            body = {"PermissionSetId": self._set_id, "AssigneeId": user}
            self._post("sobjects/PermissionSetAssignment/", body)

        what = "to the user gatekeeper runs as"
        return Step(PlannedField(full, "assign", what), assign)

    def _post(self, path: str, body: Mapping[str, object]) -> str:
        answer = self._sent("POST", path, body)
        return str(answer.get("id") or "") if isinstance(answer, dict) else ""

    def _patch(self, path: str, body: Mapping[str, object]) -> None:
        self._sent("PATCH", path, body)

    def _sent(self, method: str, path: str, body: Mapping[str, object]) -> object:
        try:
            return self._client.send(method, path, body)
        except CrmRejectedError as error:
            if error.code in _EXISTS:
                return None
            raise _not_allowed(error) from error
        except Transient as error:
            raise stopped(error) from error


def _not_allowed(error: CrmRejectedError) -> CrmAuthError:
    return CrmAuthError(
        f"Salesforce refuses the set-up: {error} ({error.code}). Run it once as an "
        "admin, or deploy the files in deploy/salesforce."
    )
