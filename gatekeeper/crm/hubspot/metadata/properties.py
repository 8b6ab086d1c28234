"""What HubSpot says of its own properties, read into values.

Pure. A property that is not found here is never asked for: HubSpot leaves an unknown
one out of its answers without a word, which must not look like an empty one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatekeeper.core.catalogue import Access, Choice, CrmField, Kind

KINDS: Mapping[str, tuple[Kind, ...]] = {
    "string": (Kind.TEXT, Kind.PICKLIST, Kind.EMAIL, Kind.URL, Kind.REFERENCE),
    "phone_number": (Kind.TEXT,),
    "json": (Kind.TEXT,),
    "object_coordinates": (Kind.TEXT,),
    "enumeration": (Kind.PICKLIST, Kind.TEXT),
    "bool": (Kind.YES_NO,),
    "number": (Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.REFERENCE),
    "date": (Kind.DATE, Kind.DATETIME),
    "datetime": (Kind.DATETIME, Kind.DATE),
}
"""The kinds a property of each type may be declared as, the natural one first."""

_ID_KINDS = (Kind.REFERENCE, Kind.TEXT)


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a kind of record.

    Attributes:
        field_type: How HubSpot shows it: `checkbox` is a multi-select.
        is_person: Its values are owners' ids.
        is_user: Its values are users' ids, which are not owners' ids.
        is_percentage: 0.2 in it means 20 %.
        is_unique: HubSpot refuses a second record with the same value.
    """

    name: str
    label: str
    type: str
    field_type: str = ""
    choices: tuple[Choice, ...] = ()
    is_currency: bool = False
    is_percentage: bool = False
    is_person: bool = False
    is_user: bool = False
    is_unique: bool = False
    is_calculated: bool = False
    is_read_only: bool = False

    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds a rule's field may be declared as to read this one."""
        natural = KINDS.get(self.type, (Kind.TEXT,))
        if self.name == "hs_object_id":
            return _ID_KINDS
        if self.is_person or self.is_user:
            return (Kind.USER, Kind.REFERENCE, Kind.TEXT)
        if self.field_type == "checkbox":
            return (Kind.MULTI_PICKLIST, *natural)
        if self.type == "enumeration" and self.field_type == "booleancheckbox":
            return (Kind.YES_NO, *natural)
        if self.is_currency:
            return (Kind.MONEY, Kind.NUMBER)
        if self.is_percentage:
            return (Kind.PERCENT, Kind.NUMBER)
        return natural


Properties = Mapping[str, Property]


def read_properties(rows: list[dict[str, object]]) -> dict[str, Property]:
    """Read the definitions of one kind of record, by name."""
    return {found.name: found for found in map(_property, rows)}


def crm_field(kind: str, found: Property) -> CrmField:
    """Return a property in the words of the catalogue."""
    writable = not (found.is_read_only or found.is_calculated)
    return CrmField(
        path=f"{kind}.{found.name}",
        label=found.label,
        native_type=found.type,
        kinds=found.kinds(),
        access=Access.WRITE if writable else Access.READ,
        choices=found.choices,
        restricted=found.type in {"enumeration", "bool"} and bool(found.choices),
        filled_by_crm=found.is_calculated or found.is_read_only,
    )


def _property(row: Mapping[str, object]) -> Property:
    changes = row.get("modificationMetadata")
    hint, name = row.get("numberDisplayHint"), str(row.get("name") or "")
    return Property(
        name=name,
        label=str(row.get("label") or name),
        type=str(row.get("type") or ""),
        field_type=str(row.get("fieldType") or ""),
        choices=_choices(row.get("options")),
        is_currency=row.get("showCurrencySymbol") is True or hint == "currency",
        # A probability is a share of one in every portal, whatever it is shown as.
        is_percentage=hint == "percentage" or name.endswith("_probability"),
        is_person=row.get("referencedObjectType") == "OWNER"
        or name.endswith("owner_id"),
        is_user=name.endswith("_by_user_id"),
        is_unique=row.get("hasUniqueValue") is True,
        is_calculated=row.get("calculated") is True,
        is_read_only=isinstance(changes, dict) and changes.get("readOnlyValue") is True,
    )


def _choices(options: object) -> tuple[Choice, ...]:
    if not isinstance(options, list):
        return ()
    rows = [option for option in options if isinstance(option, dict)]
    return tuple(
        Choice(
            str(option.get("value")),
            str(option.get("label") or option.get("value")),
            option.get("hidden") is not True,
        )
        for option in sorted(rows, key=_place)
    )


def _place(option: Mapping[str, object]) -> int:
    order = option.get("displayOrder")
    return order if isinstance(order, int) and order >= 0 else 1_000_000
