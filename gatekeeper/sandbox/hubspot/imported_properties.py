"""Which properties a portal has whose records were loaded."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.kinds import ENGAGEMENTS, EPOCH, Option, Property

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind

_KEPT = {
    "deals": {"dealname", "dealstage", "pipeline"},
    "quotes": {"hs_title", "hs_expiration_date"},
}
_TYPES = (
    ("bool", "booleancheckbox", re.compile(r"(true|false)\Z")),
    ("number", "number", re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?\Z")),
    ("date", "date", re.compile(r"\d{4}-\d\d-\d\d\Z")),
    ("datetime", "date", re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z\Z")),
)
_TRUTHS = (Option("true", "True"), Option("false", "False", 1))
_MOST_OPTIONS = 100


def define_columns(
    kind: ObjectKind, records: Sequence[Mapping[str, object]], *, narrow: bool
) -> frozenset[str]:
    """Let an object type have the properties its records carry.

    Args:
        kind: The object type.
        records: The properties of its records.
        narrow: It shall have no others. Engagements keep HubSpot's own all the same:
            nobody can take those away.

    Returns:
        The names the records carry.
    """
    columns = frozenset().union(*records) if records else frozenset()
    for name in columns:
        used = {str(each[name]) for each in records if each.get(name) is not None}
        known = kind.properties.get(name)
        if known is None:
            kind.properties[name] = _inferred(kind, name, used)
        elif known.options and known.type == "enumeration":
            kind.properties[name] = _widened(known, used)
    if narrow and records and kind.name not in ENGAGEMENTS:
        kept = columns | {*kind.always, "hubspot_owner_id", *_KEPT.get(kind.name, ())}
        for name in kind.properties.keys() - kept:
            del kind.properties[name]
    return columns


def _inferred(kind: ObjectKind, name: str, used: set[str]) -> Property:
    group = next(iter(kind.groups))
    own = name.startswith("hs_")
    type_, field_type = next(
        (
            (type_, field_type)
            for type_, field_type, pattern in _TYPES
            if used and all(map(pattern.match, used))
        ),
        ("string", "text"),
    )
    return Property(
        name,
        name.replace("_", " ").capitalize(),
        type_,
        field_type,
        group,
        _TRUTHS if type_ == "bool" else (),
        calculated=own,
        hubspot_defined=own,
        read_only=own,
        created_at=EPOCH,
        updated_at=EPOCH,
    )


def _widened(known: Property, used: set[str]) -> Property:
    """Return the definition with the values that records hold beside its options."""
    values = {part for text in used for part in text.split(";") if part}
    new = sorted(values - {option.value for option in known.options})
    if not 0 < len(new) <= _MOST_OPTIONS:
        return known
    start = len(known.options)
    added = (Option(value, value, start + place) for place, value in enumerate(new))
    return replace(known, options=(*known.options, *added))
