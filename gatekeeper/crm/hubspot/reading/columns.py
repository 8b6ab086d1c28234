"""From a name in a rule to the property that is read and the reader of its value.

Pure. Everything is resolved against HubSpot's own definitions first: a property that
does not exist is never asked for, its value is Unavailable with that reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata.properties import Properties, Property
from gatekeeper.crm.hubspot.reading.row_names import LABEL
from gatekeeper.crm.hubspot.reading.translate import (
    Tongue,
    converter,
    money,
    reader,
    to_text,
)
from gatekeeper.crm.reader import constant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.catalogue import FieldSpec, RelationSpec
    from gatekeeper.crm.reader import Reader

CUSTOM = "custom."
Kinds = Callable[[str], Properties | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name leads: a kind of record and the properties to try there.

    Attributes:
        declared: None takes the natural kind of what is found.
        hop: The lookup whose record it is; "" for the row itself.
        why_not: Set where there is no property at all.
    """

    record: str
    paths: tuple[str, ...]
    declared: Kind | None = None
    hop: str = ""
    why_not: str = ""


@dataclass(slots=True)
class Columns:
    """The properties of one kind of record that are read.

    Attributes:
        record: The kind.
        selected: Their names, in the order they were asked for.
    """

    record: str
    properties: Properties
    tongue: Tongue
    selected: dict[str, None] = field(default_factory=dict)

    def select(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Read those of the properties that exist; return them."""
        kept = tuple(path for path in paths if path in self.properties)
        self.selected.update(dict.fromkeys(kept))
        return kept

    def read(self, place: Place) -> Reader:
        """Select what a place needs and return the reader of its value."""
        if place.why_not:
            return constant(Unavailable(place.why_not))
        if place.paths == (LABEL,) and LABEL not in self.properties:
            return reader(LABEL, to_text)
        found = find_first(self.properties, place)
        if found is None:
            return constant(Unavailable(absent(place.record, place.paths[0])))
        kind = place.declared or found.kinds()[0]
        self.selected[found.name] = None
        path = f"{place.hop}.{found.name}" if place.hop else found.name
        if kind is Kind.MONEY:
            return money(path, self._currency_beside(place.hop), self.tongue.currency)
        return reader(path, converter(kind, found, self.tongue))

    def _currency_beside(self, hop: str) -> str | None:
        code = next((each for each in _CURRENCIES if each in self.properties), None)
        if code is None:
            return None
        self.selected[code] = None
        return f"{hop}.{code}" if hop else code


_CURRENCIES = (names.CURRENCY, "hs_currency", "hs_line_item_currency_code")


def find_first(properties: Properties, place: Place) -> Property | None:
    """Return the first property of a place that exists."""
    return next((properties[path] for path in place.paths if path in properties), None)


def absent(record: str, path: str) -> str:
    """Return why a property cannot be told."""
    return f"this portal has no property {record}.{path}"


def nowhere(name: str) -> str:
    """Return why a name cannot be told at all."""
    why_not = names.WHY_NOT.get(".".join(name.split(".")[-2:]))
    return why_not or f"{name} is mapped to no HubSpot property in fields.yaml"


def is_mapped(spec: FieldSpec | None) -> bool:
    """Whether fields.yaml names a HubSpot property for it."""
    return spec is not None and names.CRM in spec.paths


def place_of(
    spec: FieldSpec | None, full: str, record: str, built_in: names.Paths
) -> Place:
    """Return where a field of the deal, a lookup or a row lives.

    Args:
        spec: What the catalogue says of it; None for a name nobody declared.
        full: Its whole name, for sentences.
        record: The kind of record that has it.
        built_in: Leaf name to the properties of that kind.
    """
    if spec is None:
        return Place(record, (), why_not=nowhere(full))
    if is_mapped(spec):
        return Place(record, (spec.paths[names.CRM],), spec.kind)
    paths = () if spec.paths else built_in.get(spec.name, ())
    why_not = "" if paths else nowhere(full)
    return Place(record, paths, spec.kind, why_not=why_not)


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop from a deal to a record that it is associated with.

    Attributes:
        name: The lookup: `account`.
        record: The kind of record there.
        label: Only this label of the association counts; "" for any.
        by: The deal's property that holds the record's id, where there is one.
    """

    name: str
    record: str
    label: str = ""
    by: str = ""


def hop_of(relation: RelationSpec) -> Hop | None:
    """Return the hop a lookup makes; None where nobody says how."""
    said = relation.sources.get(names.CRM) or names.LOOKUPS.get(relation.name)
    if said is None:
        return None
    record = said.get("association") or said.get("object") or ""
    if not record:
        return None
    return Hop(relation.name, record, said.get("label", ""), said.get("by", ""))
