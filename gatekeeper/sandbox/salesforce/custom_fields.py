"""Custom fields: from an admin's metadata to a field of an object."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.schema import FieldType, PicklistValue
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.org import Org

_TYPES = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
}
_LENGTHS = {"TextArea": 255, "Picklist": 255, "Email": 80, "Phone": 40, "Url": 255}
_NEEDS = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "Checkbox": ("defaultValue",),
}
_SPANS = {"Text": (1, 255), "LongTextArea": (256, 131_072)}
_UNIQUE = {"Text", "Number", "Email"}
_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9]){0,39}__c\Z")
_ACTIVITY = ("Task", "Event")


def table_of(org: Org, table: str) -> tuple[str, ...]:
    """Return the objects a field of `table` appears on; Activity means two.

    Raises:
        SalesforceError: Fields cannot be added there, `Task` and `Event` included.
    """
    if table == "Activity":
        return _ACTIVITY
    kind = org.kind(table)
    if kind is None or not kind.updateable or kind.name in _ACTIVITY:
        raise SalesforceError(
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Entity Enumeration Or ID: bad value for restricted picklist field: "
            f"{table}",
            fields=("TableEnumOrId",),
        )
    return (kind.name,)


def custom_field(name: str, metadata: Mapping[str, object]) -> FieldType:
    """Return the field that metadata describes.

    Raises:
        SalesforceError: The metadata is incomplete or contradicts itself.
    """
    if not _NAME.match(name):
        raise _invalid(
            f"The Field Name {name} can only contain underscores and alphanumeric "
            "characters. It must be unique, begin with a letter, not include spaces, "
            "not end with an underscore, and not contain two consecutive underscores."
        )
    kind = str(metadata.get("type", ""))
    if kind not in _TYPES:
        raise _invalid(f"Must specify a valid 'type' for the CustomField, not '{kind}'")
    if not metadata.get("label"):
        raise _invalid("Must specify 'label' for a CustomField")
    for needed in _NEEDS.get(kind, ()):
        if metadata.get(needed) is None:
            raise _invalid(f"Must specify '{needed}' for a CustomField of type {kind}")
    _check_key(kind, metadata)
    return _built(name, kind, metadata)


def _check_key(kind: str, metadata: Mapping[str, object]) -> None:
    if (metadata.get("unique") or metadata.get("externalId")) and kind not in _UNIQUE:
        raise _invalid(f"Can not specify 'unique' for a CustomField of type {kind}")
    low, high = _SPANS.get(kind, (0, 0))
    if high and not low <= _whole(metadata, "length") <= high:
        raise _invalid(f"Length of a {kind} field must be between {low} and {high}")


def _built(name: str, kind: str, metadata: Mapping[str, object]) -> FieldType:
    is_long = kind == "LongTextArea"
    numeric = kind in {"Number", "Currency", "Percent"}
    is_key = bool(metadata.get("externalId"))
    default = metadata.get("defaultValue") in (True, "true")
    return FieldType(
        name=name,
        type=_TYPES[kind],
        label=str(metadata["label"]),
        length=_LENGTHS.get(kind, 0 if numeric else _whole(metadata, "length")),
        precision=_whole(metadata, "precision") if numeric else 0,
        scale=_whole(metadata, "scale") if numeric else 0,
        nillable=kind != "Checkbox" and not metadata.get("required"),
        filterable=not is_long,
        sortable=not is_long,
        groupable=not is_long and not numeric and kind != "DateTime",
        custom=True,
        external_id=is_key,
        unique=bool(metadata.get("unique")),
        case_sensitive=bool(metadata.get("caseSensitive")),
        id_lookup=is_key,
        defaulted_on_create=kind == "Checkbox",
        restricted_picklist=_is_restricted(metadata),
        picklist=_choices(metadata) if "icklist" in kind else (),
        default=default if kind == "Checkbox" else None,
    )


def _choices(metadata: Mapping[str, object]) -> tuple[PicklistValue, ...]:
    definition = _mapping(metadata, "valueSet").get("valueSetDefinition")
    values = definition.get("value") if isinstance(definition, dict) else None
    if not isinstance(values, list) or not values:
        raise _invalid("A picklist needs valueSet.valueSetDefinition.value")
    choices = []
    for value in values:
        label = value.get("label") if isinstance(value, dict) else None
        name = value.get("valueName") or value.get("fullName") or label
        if not isinstance(name, str) or not isinstance(label, str):
            raise _invalid("Every picklist value needs a label")
        choices.append(PicklistValue(name, label, default=bool(value.get("default"))))
    return tuple(choices)


def _is_restricted(metadata: Mapping[str, object]) -> bool:
    return bool(_mapping(metadata, "valueSet").get("restricted"))


def _mapping(metadata: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = metadata.get(name)
    return value if isinstance(value, dict) else {}


def _whole(metadata: Mapping[str, object], name: str) -> int:
    try:
        return int(str(metadata.get(name) or 0))
    except ValueError:
        raise _invalid(f"'{name}' must be a whole number") from None


def register_field(org: Org, table: str, field: FieldType, user_id: str) -> str:
    """List a custom field for the Tooling API and return its id."""
    now = stamp(org.now())
    row = Row(
        Id=org.new_id("00N"),
        TableEnumOrId=table,
        DeveloperName=field.name.removesuffix("__c"),
        FullName=f"{table}.{field.name}",
        Length=field.length or None,
        ManageableState="unmanaged",
        CreatedDate=now,
        CreatedById=user_id,
        LastModifiedDate=now,
        LastModifiedById=user_id,
    )
    org.put("CustomField", row)
    return str(row["Id"])


def _invalid(message: str) -> SalesforceError:
    return SalesforceError("FIELD_INTEGRITY_EXCEPTION", message, fields=("Metadata",))
