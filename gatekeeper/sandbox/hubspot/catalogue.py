"""The object types every portal has, with the properties HubSpot defines on them.

`catalogue.tsv` has one property per line: object, name, label, type, field type,
group, flags, options (`value=label|...`). Flags: `c` calculated, `r` read-only value,
`x` choices kept elsewhere, `o` refers to an owner, `h` hidden.
Source: HubSpot's object definition pages.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.kinds import (
    ENGAGEMENTS,
    EPOCH,
    Group,
    ObjectKind,
    Option,
    Property,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_MADE, _CHANGED = "hs_createdate", "hs_lastmodifieddate"
# Name, singular, id, when made, when changed, default and required properties.
_OBJECTS = (
    (
        "deals",
        "deal",
        "0-3",
        "createdate",
        _CHANGED,
        "amount closedate dealname dealstage pipeline",
        "dealname dealstage",
    ),
    (
        "contacts",
        "contact",
        "0-1",
        "createdate",
        "lastmodifieddate",
        "email firstname lastname",
        "",
    ),
    ("companies", "company", "0-2", "createdate", _CHANGED, "domain name", ""),
    (
        "line_items",
        "line item",
        "0-8",
        "createdate",
        _CHANGED,
        "amount quantity hs_product_id",
        "",
    ),
    ("quotes", "quote", "0-14", _MADE, _CHANGED, "", "hs_title hs_expiration_date"),
)
_ENGAGEMENT_IDS = {
    "tasks": "0-27",
    "notes": "0-46",
    "meetings": "0-47",
    "calls": "0-48",
    "emails": "0-49",
}


def standard_kinds() -> dict[str, ObjectKind]:
    """Return fresh object types by their plural names."""
    kinds = {
        kind.name: kind for kind in (*_crm_objects(), *map(_engagement, ENGAGEMENTS))
    }
    for name, definition in _definitions():
        kind = kinds[name]
        kind.properties[definition.name] = definition
        label = definition.group.replace("information", " information").capitalize()
        kind.groups.setdefault(definition.group, Group(definition.group, label))
    return kinds


def _crm_objects() -> Iterator[ObjectKind]:
    for name, singular, type_id, created, modified, defaults, required in _OBJECTS:
        yield ObjectKind(
            name,
            singular,
            type_id,
            created,
            modified,
            tuple(defaults.split()),
            tuple(required.split()),
            scope=name,
        )


def _engagement(name: str) -> ObjectKind:
    return ObjectKind(
        name,
        name.removesuffix("s"),
        _ENGAGEMENT_IDS[name],
        _MADE,
        _CHANGED,
        (),
        ("hs_timestamp",),
        scope="contacts",
    )


@cache
def _definitions() -> tuple[tuple[str, Property], ...]:
    text = files(__package__).joinpath("catalogue.tsv").read_text(encoding="utf-8")
    return tuple(map(_definition, text.splitlines()))


def _definition(line: str) -> tuple[str, Property]:
    kind, name, label, type_, field_type, group, *rest = line.split("\t")
    flags = rest[0] if rest else ""
    options = rest[1].split("|") if len(rest) > 1 else []
    pairs = [option.partition("=") for option in options]
    definition = Property(
        name,
        label,
        type_,
        field_type,
        group,
        tuple(
            Option(value, text, place) for place, (value, _, text) in enumerate(pairs)
        ),
        calculated="c" in flags,
        external_options="x" in flags,
        hidden="h" in flags,
        hubspot_defined=True,
        read_only="r" in flags,
        referenced_object_type="OWNER" if "o" in flags else None,
        created_at=EPOCH,
        updated_at=EPOCH,
    )
    return kind, definition
