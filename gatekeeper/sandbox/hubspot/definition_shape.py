"""How property definitions and groups look on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input
from gatekeeper.sandbox.hubspot.kinds import Option

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.call import Input
    from gatekeeper.sandbox.hubspot.kinds import Group, Property

Body = dict[str, object]


def property_body(each: Property) -> Body:
    """Return a definition as answers have it."""
    body: Body = {
        "updatedAt": each.updated_at,
        "createdAt": each.created_at,
        "name": each.name,
        "label": each.label,
        "type": each.type,
        "fieldType": each.field_type,
        "description": each.description,
        "groupName": each.group,
        "options": [_option_body(option) for option in each.options],
        "displayOrder": each.display_order,
        "calculated": each.calculated,
        "externalOptions": each.external_options,
        "archived": each.archived_at is not None,
        "hasUniqueValue": each.unique,
        "hidden": each.hidden,
        "hubspotDefined": each.hubspot_defined,
        "modificationMetadata": {
            "archivable": not each.hubspot_defined,
            "readOnlyDefinition": each.hubspot_defined,
            "readOnlyValue": each.read_only,
        },
        "formField": each.form_field,
        "dataSensitivity": "non_sensitive",
        "referencedObjectType": each.referenced_object_type,
        "archivedAt": each.archived_at,
    }
    return {key: value for key, value in body.items() if value is not None}


def group_body(group: Group) -> Body:
    """Return a group as answers have it."""
    return {
        "name": group.name,
        "label": group.label,
        "displayOrder": group.display_order,
        "archived": group.archived,
    }


def options_in(given: Input) -> tuple[Option, ...]:
    """Return the options a body gives.

    Raises:
        HubSpotError: One is malformed, or a value occurs twice.
    """
    listed = given.get("options") or []
    if not isinstance(listed, list) or not all(isinstance(o, dict) for o in listed):
        raise invalid_input("'options' must be a list of objects")
    options = tuple(_option(each, place) for place, each in enumerate(listed))
    if len({option.value for option in options}) != len(options):
        raise HubSpotError("Property option values must be unique")
    return options


def _option(given: Input, place: int) -> Option:
    value, label, order = (given.get(n) for n in ("value", "label", "displayOrder"))
    if not isinstance(value, str) or not isinstance(label, str):
        raise invalid_input("an option needs 'value' and 'label'")
    return Option(
        value,
        label,
        order if isinstance(order, int) else place,
        given.get("hidden") is True,
        str(given.get("description") or ""),
    )


def _option_body(option: Option) -> Body:
    return {
        "label": option.label,
        "value": option.value,
        "description": option.description,
        "displayOrder": option.display_order,
        "hidden": option.hidden,
    }
