"""The keys of a deal as a test writes them, each with what it gives. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, FieldValue, Person, Row
from gatekeeper.pack.source.nodes import Node, Scalar, Table
from gatekeeper.pack.testing.rows import follows, read_rows, unknown_field
from gatekeeper.pack.testing.values import is_empty, read_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.catalogue import RelationSpec
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.rows import World

HISTORY, PIPELINE, STAGE = "history", "pipeline", "stage"
LATER = frozenset({HISTORY, PIPELINE, STAGE})
"""Keys whose meaning rests on others: read when the deal is put together."""


@dataclass(frozen=True, slots=True)
class Part:
    """What stands under one key.

    Attributes:
        key: Where it is written.
        node: What is written.
        fields: The fields it gives, those of a record one hop away included.
        related: The rows it gives, by collection.
    """

    key: Scalar
    node: Node
    fields: dict[str, FieldValue] = field(default_factory=dict)
    related: dict[str, tuple[Row, ...]] = field(default_factory=dict)


Sketch = Mapping[str, Part]
"""A deal by key; what is changed on it replaces whole keys."""


def read_sketch(
    reader: Reader, world: World, pairs: Iterable[tuple[Scalar, Node]]
) -> dict[str, Part]:
    """Read the keys of a deal or of a change to it; mistakes are noted."""
    return {key.text: _part(reader, world, key, node) for key, node in pairs}


def fields_of(sketch: Sketch) -> dict[str, FieldValue]:
    """Return the fields a sketch gives."""
    return {
        name: value for part in sketch.values() for name, value in part.fields.items()
    }


def related_of(sketch: Sketch) -> dict[str, tuple[Row, ...]]:
    """Return the rows a sketch gives, by collection."""
    return {
        name: rows for part in sketch.values() for name, rows in part.related.items()
    }


def _part(reader: Reader, world: World, key: Scalar, node: Node) -> Part:
    part = Part(key, node)
    name, catalogue = key.text, world.catalogue
    lookup, _, inner = name.partition(".")
    if follows(reader, key):
        return part
    if name in catalogue.collections:
        spec = catalogue.collections[name]
        part.related[name] = read_rows(reader, world, spec, node)
    elif name in catalogue.lookups:
        _lookup(reader, world, part)
    elif inner and lookup in catalogue.lookups:
        spec = catalogue.lookups[lookup]
        _inner(reader, world, part, spec, (replace(key, text=inner), node))
    elif lookup == "custom" and inner:
        kind = world.kinds.get(name)
        part.fields[name] = world.read(reader, name, node, kind)
    elif name in catalogue.deal and name not in LATER:
        kind = catalogue.deal[name].kind
        part.fields[name] = world.read(reader, name, node, kind)
    elif name not in LATER:
        names = (*catalogue.deal, *catalogue.lookups, *catalogue.collections)
        unknown_field(reader, key, "the deal", names)
    return part


# ---- one hop away --------------------------------------------------------------------


def _lookup(reader: Reader, world: World, part: Part) -> None:
    """Read one hop to another record: a map, or its name alone."""
    name, node = part.key.text, part.node
    spec = world.catalogue.lookups[name]
    is_user = world.catalogue.deal[name].kind is Kind.USER
    if is_empty(node):
        return
    if is_user:
        value = read_value(reader, name, node, Kind.USER, world.tongue)
        part.fields[name] = value
        part.fields.update(person_fields(name, value))
    else:
        part.fields[name] = _reference(name, node)
    if isinstance(node, Table):
        for pair in node.pairs:
            _inner(reader, world, part, spec, pair)
    elif isinstance(node, Scalar) and not is_user and "name" in spec.fields:
        part.fields[f"{name}.name"] = node.text.strip()


def _reference(name: str, node: Node) -> FieldValue:
    """Say that it points somewhere: at the name that is written, if one is."""
    if isinstance(node, Table):
        inner = node.get("name")
        return inner.text if isinstance(inner, Scalar) else name
    return node.text if isinstance(node, Scalar) else EMPTY


def person_fields(name: str, value: FieldValue) -> dict[str, FieldValue]:
    """Return what a user under a name brings along."""
    if not isinstance(value, Person):
        return {}
    return {
        f"{name}.name": value.name,
        f"{name}.email": value.email or EMPTY,
        f"{name}.is_active": value.is_active,
        f"{name}.team": value.team or EMPTY,
    }


def _inner(
    reader: Reader,
    world: World,
    part: Part,
    lookup: RelationSpec,
    pair: tuple[Scalar, Node],
) -> None:
    """Read one field, or the rows, of a record one hop away."""
    key, node = pair
    full = f"{lookup.name}.{key.text}"
    if key.text in lookup.fields:
        kind = lookup.fields[key.text].kind
        part.fields[full] = world.read(reader, full, node, kind)
    elif key.text in world.catalogue.collections:
        spec = world.catalogue.collections[key.text]
        part.related[full] = read_rows(reader, world, spec, node)
    else:
        names = (*lookup.fields, *world.catalogue.collections)
        unknown_field(reader, key, f"the {lookup.name}", names)
