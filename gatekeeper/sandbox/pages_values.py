"""How a stored value looks on a record page: a readable date, a name to follow.

Text stays text: the templates escape it, and nothing a record holds becomes a link but
references to other records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.schema import FieldType, ObjectType

Row = Mapping[str, object]

PAGED = ("Opportunity", "Account", "Contact", "Task", "Event", "User")
"""Objects whose records have a page."""
NUMBERS = {"currency", "double", "int", "percent"}
_LONG = 80


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as text, where it leads, and how it wants to be set."""

    text: str
    href: str = ""
    is_number: bool = False
    is_long: bool = False
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A field's label beside its value."""

    label: str
    value: Shown


EMPTY = Shown("", tone="empty")


def record_href(object_name: str, record_id: str) -> str:
    """Return the address a Salesforce org gives a record."""
    return f"/lightning/r/{object_name}/{record_id}/view"


def shown(org: Org, field: FieldType, value: object) -> Shown:
    """Return a field's value as a page shows it."""
    if value is None or value == "":
        return EMPTY
    if field.type == "reference":
        return reference(org, field, str(value))
    if field.type == "boolean":
        return Shown("Yes" if value else "No")
    if field.type in NUMBERS and isinstance(value, int | float):
        suffix = "%" if field.type == "percent" else ""
        return Shown(number(value) + suffix, is_number=True)
    if field.type in {"date", "datetime"}:
        return Shown(moment(str(value)), tone="brief")
    text = str(value)
    return Shown(text, is_long=len(text) > _LONG or "\n" in text)


def reference(org: Org, field: FieldType, record_id: str) -> Shown:
    """Return a reference as the name of what it points to."""
    for target in field.reference_to:
        row = org.find(target, record_id) if org.kind(target) else None
        if row is not None:
            href = record_href(target, record_id) if target in PAGED else ""
            return Shown(record_name(org, target, row), href)
    return Shown(record_id)


def link(org: Org, object_name: str, row: Row) -> Shown:
    """Return a record's name as a link to its page."""
    href = record_href(object_name, str(row.get("Id")))
    return Shown(record_name(org, object_name, row), href)


def record_name(org: Org, object_name: str, row: Row) -> str:
    """Return what a record is called; its id where it has no name."""
    kind = org.kind(object_name)
    fields = kind.fields.values() if kind is not None else ()
    for candidate in fields:
        if candidate.name_field and row.get(candidate.name):
            return str(row.get(candidate.name))
    return str(row.get("Name") or row.get("Id"))


def facts(org: Org, kind: ObjectType, row: Row, names: tuple[str, ...]) -> list[Fact]:
    """Return the named fields of a row, those the org has."""
    return [
        Fact(_label(field), shown(org, field, row.get(name)))
        for name in names
        if (field := kind.fields.get(name)) is not None
        and not org.is_hidden(kind.name, name)
    ]


def _label(field: FieldType) -> str:
    return "Record ID" if field.type == "id" else field.label.removesuffix(" ID")


def number(value: float) -> str:
    """Return a number with thousands separated and no idle decimals."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def moment(stored: str) -> str:
    """Return a stored date or date-time the way people write one."""
    if len(stored) == 10:
        day = date.fromisoformat(stored)
        return f"{day.day} {day:%b %Y}"
    at = datetime.strptime(stored, "%Y-%m-%dT%H:%M:%S.%f%z")
    return f"{at.day} {at:%b %Y, %H:%M}"
