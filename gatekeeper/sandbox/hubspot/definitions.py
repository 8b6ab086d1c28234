"""Property definitions and their groups: read, create, change, archive."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.batch_answer import batch_answer
from gatekeeper.sandbox.hubspot.call import Answer, Input, id_of
from gatekeeper.sandbox.hubspot.definition_shape import (
    group_body,
    options_in,
    property_body,
)
from gatekeeper.sandbox.hubspot.errors import (
    ErrorDetail,
    HubSpotError,
    invalid_input,
    not_found,
)
from gatekeeper.sandbox.hubspot.kinds import ENGAGEMENTS, Group, ObjectKind, Property
from gatekeeper.sandbox.hubspot.routing import Route
from gatekeeper.sandbox.hubspot.scopes import Need

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Call

Body = dict[str, object]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}\Z")
_FIELD_TYPES = {
    "string": {"text", "textarea", "html", "file", "phonenumber"},
    "number": {"number"},
    "date": {"date"},
    "datetime": {"date"},
    "enumeration": {"select", "radio", "checkbox", "booleancheckbox"},
    "bool": {"booleancheckbox"},
}
_MOST_UNIQUE = 10
_PROPERTIES = "/crm/v3/properties/{type}"
_CHANGEABLE = {
    "label": "label",
    "description": "description",
    "fieldType": "field_type",
    "type": "type",
    "groupName": "group",
    "displayOrder": "display_order",
    "hidden": "hidden",
    "formField": "form_field",
}


def list_properties(call: Call) -> Answer:
    """Answer all definitions of an object type: archived ones, or all others."""
    archived = call.flag("archived")
    shown = [
        property_body(each)
        for each in call.kind.properties.values()
        if bool(each.archived_at) == archived
    ]
    return Answer(body={"results": shown})


def read_property(call: Call) -> Answer:
    """Answer one definition."""
    found = call.kind.properties.get(call.params["name"])
    if found is None or bool(found.archived_at) != call.flag("archived"):
        raise not_found(f"Property '{call.params['name']}' does not exist")
    return Answer(body=property_body(found))


def read_properties(call: Call) -> Answer:
    """Answer several definitions."""
    names = [id_of(each, "name") for each in call.inputs()]
    known = [call.kind.shown(name) for name in names]
    missing = [name for name, each in zip(names, known, strict=True) if each is None]
    error = not_found(
        "Could not get some properties, they may be deleted or not exist."
    )
    error.context = {"name": missing}
    return batch_answer(
        call.portal,
        [property_body(each) for each in known if each],
        [error.batch_entry()] if missing else [],
    )


def create_property(call: Call) -> Answer:
    """Define a property."""
    return Answer(201, property_body(_define(call, call.json())))


def create_properties(call: Call) -> Answer:
    """Define several properties, each on its own."""
    made, errors = [], []
    for each in call.inputs():
        try:
            made.append(property_body(_define(call, each)))
        except HubSpotError as error:
            errors.append(error.batch_entry(name=[str(each.get("name"))]))
    return batch_answer(call.portal, made, errors, 201)


def update_property(call: Call) -> Answer:
    """Change a definition; given options replace the whole list."""
    kind, given = call.kind, call.json()
    old = kind.shown(call.params["name"])
    if old is None:
        raise not_found(f"Property '{call.params['name']}' does not exist")
    if old.hubspot_defined:
        raise HubSpotError(f"Property '{old.name}' is defined by HubSpot and read only")
    changes = {ours: given[key] for key, ours in _CHANGEABLE.items() if key in given}
    for name, value in changes.items():
        if type(value) is not type(getattr(old, name)):
            raise invalid_input(f"the '{name}' of a property is of another type")
    new = replace(old, updated_at=call.portal.stamp(), **changes)  # type: ignore[arg-type]
    if "options" in given:
        new = replace(new, options=options_in(given))
    _check(kind, new)
    kind.properties[old.name] = new
    return Answer(body=property_body(new))


def archive_property(call: Call) -> Answer:
    """Archive a definition; its name stays taken."""
    _archive(call, call.params["name"])
    return Answer(204)


def archive_properties(call: Call) -> Answer:
    """Archive several definitions."""
    for each in call.inputs():
        _archive(call, id_of(each, "name"))
    return Answer(204)


def _archive(call: Call, name: str) -> None:
    found = call.kind.shown(name)
    if found is None:
        raise not_found(f"Property '{name}' does not exist")
    if found.hubspot_defined:
        raise HubSpotError(f"Property '{name}' is defined by HubSpot and read only")
    call.kind.properties[name] = replace(found, archived_at=call.portal.stamp())


def _define(call: Call, given: Input) -> Property:
    kind, now = call.kind, call.portal.stamp()
    missing = [
        name
        for name in ("name", "label", "type", "fieldType", "groupName")
        if not isinstance(given.get(name), str) or not given[name]
    ]
    if missing:
        details = (ErrorDetail(f"{name} must be set", "", None) for name in missing)
        raise HubSpotError(
            f"Invalid input: {', '.join(missing)} must be set", errors=tuple(details)
        )
    name = str(given["name"])
    if name in kind.properties:
        raise _exists(f"A property named '{name}' already exists.")
    refused = kind.name in ENGAGEMENTS and not call.portal.settings.unique_tasks
    definition = Property(
        name,
        str(given["label"]),
        str(given["type"]),
        str(given["fieldType"]),
        str(given["groupName"]),
        options_in(given),
        str(given.get("description") or ""),
        unique=given.get("hasUniqueValue") is True and not refused,
        hidden=given.get("hidden") is True,
        form_field=given.get("formField") is True,
        display_order=_order(given),
        created_at=now,
        updated_at=now,
    )
    _check(kind, definition)
    kind.properties[name] = definition
    return definition


def _check(kind: ObjectKind, definition: Property) -> None:
    if not _NAME.match(definition.name):
        raise HubSpotError(
            f"Property name '{definition.name}' is invalid: it must start with a "
            "letter and hold lower-case letters, digits and underscores only"
        )
    if definition.field_type not in _FIELD_TYPES.get(definition.type, ()):
        raise HubSpotError(
            f"Invalid fieldType '{definition.field_type}' for type '{definition.type}'"
        )
    if definition.group not in kind.groups:
        raise HubSpotError(f"Property group '{definition.group}' does not exist")
    if definition.type == "enumeration" and not definition.options:
        raise HubSpotError(f"Property '{definition.name}' must have options")
    if definition.unique:
        unique = [p for p in kind.properties.values() if p.unique and not p.archived_at]
        if len(unique) >= _MOST_UNIQUE and definition.name not in kind.properties:
            raise HubSpotError(
                f"{kind.word} has {_MOST_UNIQUE} unique properties already, the most "
                "there may be",
                "LIMIT_EXCEEDED",
            )


def list_groups(call: Call) -> Answer:
    """Answer all groups of an object type."""
    return Answer(body={"results": [group_body(g) for g in call.kind.groups.values()]})


def read_group(call: Call) -> Answer:
    """Answer one group."""
    return Answer(body=group_body(_group(call)))


def create_group(call: Call) -> Answer:
    """Make a group."""
    given = call.json()
    name, label = id_of(given, "name"), id_of(given, "label")
    if name in call.kind.groups:
        raise _exists(f"A property group named '{name}' already exists.")
    group = call.kind.groups[name] = Group(name, label, _order(given))
    return Answer(201, group_body(group))


def update_group(call: Call) -> Answer:
    """Change a group."""
    old, given = _group(call), call.json()
    label = str(given.get("label") or old.label)
    group = replace(old, label=label, display_order=_order(given))
    call.kind.groups[old.name] = group
    return Answer(body=group_body(group))


def archive_group(call: Call) -> Answer:
    """Remove a group that holds nothing."""
    group = _group(call)
    if any(each.group == group.name for each in call.kind.properties.values()):
        raise HubSpotError(f"Property group '{group.name}' is not empty")
    del call.kind.groups[group.name]
    return Answer(204)


def _group(call: Call) -> Group:
    group = call.kind.groups.get(call.params["name"])
    if group is None:
        raise not_found(f"Property group '{call.params['name']}' does not exist")
    return group


def _order(given: Input) -> int:
    order = given.get("displayOrder")
    return order if isinstance(order, int) else -1


def _exists(message: str) -> HubSpotError:
    return HubSpotError(message, "OBJECT_ALREADY_EXISTS", 409)


_ONE, _GROUPS = f"{_PROPERTIES}/{{name}}", f"{_PROPERTIES}/groups"
_ONE_GROUP, _BATCH = f"{_GROUPS}/{{name}}", f"{_PROPERTIES}/batch"
PROPERTY_ROUTES = tuple(
    Route("properties", method, path, handler, need)
    for method, path, handler, need in (
        ("GET", _PROPERTIES, list_properties, Need.SCHEMA_READ),
        ("POST", _PROPERTIES, create_property, Need.SCHEMA_WRITE),
        ("GET", _GROUPS, list_groups, Need.SCHEMA_READ),
        ("POST", _GROUPS, create_group, Need.SCHEMA_WRITE),
        ("GET", _ONE_GROUP, read_group, Need.SCHEMA_READ),
        ("PATCH", _ONE_GROUP, update_group, Need.SCHEMA_WRITE),
        ("DELETE", _ONE_GROUP, archive_group, Need.SCHEMA_WRITE),
        ("POST", f"{_BATCH}/read", read_properties, Need.SCHEMA_READ),
        ("POST", f"{_BATCH}/create", create_properties, Need.SCHEMA_WRITE),
        ("POST", f"{_BATCH}/archive", archive_properties, Need.SCHEMA_WRITE),
        ("GET", _ONE, read_property, Need.SCHEMA_READ),
        ("PATCH", _ONE, update_property, Need.SCHEMA_WRITE),
        ("DELETE", _ONE, archive_property, Need.SCHEMA_WRITE),
    )
)
