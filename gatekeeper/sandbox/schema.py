"""What a CRM object is made of: field types, object types and their relations.

Plain values without HTTP. A dialect fills them from its catalogue of standard
objects, the loader narrows them to what a folder of records carries, and set-up
calls add custom fields.

Stored values are wire values: text, numbers, booleans and None as JSON has them,
dates as `2026-11-30`, date-times as `2026-11-20T23:59:58.000+0000` (always UTC, so
they sort as text).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One choice of a picklist."""

    value: str
    label: str
    active: bool = True
    default: bool = False


@dataclass(frozen=True, slots=True)
class FieldType:
    """One field of an object.

    `type` is Salesforce's word in describe: id, string, textarea, email, phone, url,
    picklist, multipicklist, combobox, boolean, int, double, currency, percent, date,
    datetime, reference, address.
    """

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    custom: bool = False
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    id_lookup: bool = False
    name_field: bool = False
    defaulted_on_create: bool = False
    calculated: bool = False
    permissionable: bool = True
    restricted_picklist: bool = False
    picklist: tuple[PicklistValue, ...] = ()
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    child_name: str | None = None
    cascade_delete: bool = False
    compound_field: str | None = None
    default: object = None
    optional: bool = False
    """Whether the field exists only where the org's settings call for it."""


@dataclass(frozen=True, slots=True)
class ChildRelation:
    """Rows of `child` whose `field` points here; `name` is None where it has none."""

    child: str
    field: str
    name: str | None
    cascade_delete: bool = False


@dataclass(slots=True)
class ObjectType:
    """One object: its fields by canonical name, in describe order."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: dict[str, FieldType]
    children: list[ChildRelation] = field(default_factory=list)
    custom: bool = False
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    optional: bool = False
    _folded: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def find(self, name: str) -> FieldType | None:
        """Return the field of that name in any case, or None."""
        if len(self._folded) != len(self.fields):
            self._folded = {known.casefold(): known for known in self.fields}
        known = self._folded.get(name.casefold())
        return None if known is None else self.fields[known]
