"""Write one record under every rule: valid values, unique ones, what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot import rollups
from gatekeeper.sandbox.hubspot.derived import derived_values
from gatekeeper.sandbox.hubspot.errors import (
    HubSpotError,
    Problem,
    invalid_properties,
    not_found,
)
from gatekeeper.sandbox.hubspot.linking import unlink
from gatekeeper.sandbox.hubspot.portal import ARCHIVED, CREATED
from gatekeeper.sandbox.hubspot.values import checked
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.hubspot.history import Source
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored


def create(
    portal: Portal, kind: ObjectKind, given: Mapping[str, str], source: Source
) -> Stored:
    """Make a record.

    Raises:
        HubSpotError: A value is invalid, required or taken.
    """
    values = _valid(portal, kind, given, {})
    missing = [name for name in kind.required if not values.get(name)]
    if missing:
        raise HubSpotError(
            f"Error creating {kind.word}. Some required properties were not set.",
            context={"properties": missing},
        )
    if kind.name == "deals":
        values.setdefault("pipeline", "default")
    now, record_id = portal.stamp(), portal.new_id(kind)
    if kind.created in kind.properties:
        values.setdefault(kind.created, now)
    row = Row({"hs_object_id": record_id, CREATED: now})
    changes = values | derived_values(portal, kind, {}, values)
    return portal.change(kind, row, changes, source)


def update(
    portal: Portal,
    kind: ObjectKind,
    row: Stored,
    given: Mapping[str, str],
    source: Source,
) -> Stored:
    """Change a record; every write moves its modification date.

    Raises:
        HubSpotError: A value is invalid or taken.
    """
    values = _valid(portal, kind, given, row)
    changes = values | derived_values(portal, kind, row, values)
    changed = portal.change(kind, row, changes, source)
    rollups.activity_changed(portal, kind.name, str(row["hs_object_id"]))
    return changed


def archive(portal: Portal, kind: ObjectKind, record_id: str) -> None:
    """Put a record into the bin; one that is not there is no error."""
    row = portal.live(kind, record_id)
    if row is None:
        return
    archived = Row(row)
    archived[ARCHIVED] = portal.stamp()
    portal.put(kind, str(row["hs_object_id"]), archived)
    rollups.activity_changed(portal, kind.name, record_id)


def purge(portal: Portal, kind: ObjectKind, record_id: str) -> None:
    """Remove a record for good: it is in no list, archived or not, nor any link."""
    row = portal.find(kind, record_id)
    if row is None:
        return
    own_id = str(row["hs_object_id"])
    for other in portal.kinds:
        for to_id in list(portal.links.of((kind.name, other), own_id)):
            unlink(portal, (kind.name, other), (own_id, to_id))
    portal.history.forget(kind, own_id)
    portal.state.put(kind.name, own_id, None)


def find_record(
    portal: Portal, kind: ObjectKind, key: str, id_property: str | None
) -> Stored:
    """Return the record of an id, or of a unique value, unless it is archived.

    Raises:
        HubSpotError: There is none, or the property's values are not unique.
    """
    row = look_up(portal, kind, key, id_property)
    if row is None or row[ARCHIVED]:
        raise not_found()
    return row


def look_up(
    portal: Portal, kind: ObjectKind, key: str, id_property: str | None
) -> Stored | None:
    """Return the record of an id or a unique value, an archived one too.

    Raises:
        HubSpotError: The property's values are not unique.
    """
    if id_property is None or id_property == "hs_object_id":
        return portal.find(kind, key)
    definition = kind.shown(id_property)
    email = kind.name == "contacts" and id_property == "email"
    if definition is None or not (definition.unique or email):
        raise HubSpotError(
            f"Property '{id_property}' is not a unique property of {kind.word}"
        )
    found = list(portal.holding(kind, id_property, _folded(email, key)))
    return min(found, key=lambda row: bool(row[ARCHIVED]), default=None)


def _folded(email: bool, key: str) -> str:  # noqa: FBT001 - it is the value itself
    return key.lower() if email else key


def _valid(
    portal: Portal,
    kind: ObjectKind,
    given: Mapping[str, str],
    before: Mapping[str, object],
) -> dict[str, str]:
    values, problems = checked(portal, kind, given, before)
    if kind.name == "contacts" and "email" in values:
        values["email"] = values["email"].lower()
    own_id = str(before.get("hs_object_id") or "")
    for name, value in values.items():
        taken = _taken(portal, kind, (name, value), own_id)
        if taken and name == "email":
            raise HubSpotError(
                f"Contact already exists. Existing ID: {taken}", "CONFLICT", 409
            )
        if taken:
            text = (
                f"Cannot set PropertyValueCoordinates{{portalId="
                f"{portal.settings.portal_id}, objectTypeId={kind.type_id}, "
                f"propertyName={name}, value={value}}} on {own_id or 'new object'}. "
                f"{taken} already has that value."
            )
            problems.append(Problem(name, "CONFLICTING_UNIQUE_VALUE", text))
    if problems:
        raise invalid_properties(problems, portal.settings.portal_id)
    return values


def _taken(
    portal: Portal, kind: ObjectKind, wanted: tuple[str, str], own_id: str
) -> str:
    """Return the id of another record that holds a value that must be unique."""
    name, value = wanted
    definition = kind.properties[name]
    if not value or not (
        definition.unique or (kind.name, name) == ("contacts", "email")
    ):
        return ""
    for row in portal.holding(kind, name, value):
        if row["hs_object_id"] != own_id and not row[ARCHIVED]:
            return str(row["hs_object_id"])
    return ""
