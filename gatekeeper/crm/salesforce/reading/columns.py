"""From a name in a rule to the fields a query selects and the reader of its value.

Pure. Everything is resolved against describe first: a path that the integration user
may not see is never selected, its value is Unavailable with that reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import FieldSpec, Kind
from gatekeeper.core.model import Unavailable
from gatekeeper.crm.reader import Reader, constant
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.describe import Found, WireObject, find_path
from gatekeeper.crm.salesforce.reading.translate import Tongue, converter, money, reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gatekeeper.core.catalogue import Catalogue, RelationSpec

CUSTOM = "custom."


@dataclass(frozen=True, slots=True)
class Place:
    """Where a name leads: an object and the paths to try there, with their kind.

    Attributes:
        kind: None takes the natural kind of what is found.
        why_not: Set where there is no path at all.
    """

    root: str
    paths: tuple[str, ...]
    kind: Kind | None = None
    why_not: str = ""


@dataclass(slots=True)
class Columns:
    """The columns of one query while it is put together.

    Attributes:
        selected: Paths to select, in the order they were asked for.
        objects: Describe, by object name.
    """

    objects: Callable[[str], WireObject | None]
    tongue: Tongue
    selected: dict[str, None] = field(default_factory=dict)

    def select(self, root: str, paths: Iterable[str]) -> tuple[str, ...]:
        """Select those of the paths that exist, as they are; return them."""
        found = [find_path(self.objects, root, path) for path in paths]
        kept = tuple(column.text for column in found if column is not None)
        self.selected.update(dict.fromkeys(kept))
        return kept

    def read(self, place: Place) -> Reader:
        """Select what a place needs and return the reader of its value."""
        if place.why_not:
            return constant(Unavailable(place.why_not))
        column = find_first(self.objects, place)
        if column is None:
            return constant(Unavailable(hidden(place.root, place.paths[0])))
        return self._reader(column, place.kind)

    def _reader(self, column: Found, declared: Kind | None) -> Reader:
        kind = declared or (column.field.kinds() or (Kind.TEXT,))[0]
        self.selected[column.text] = None
        if kind is Kind.MONEY:
            code = self._currency_beside(column)
            return money(column.path, code, self.tongue.currency)
        return reader(column.path, converter(kind, column.field.type, self.tongue))

    def _currency_beside(self, column: Found) -> tuple[str, ...] | None:
        owner = self.objects(column.owner)
        if owner is None or not owner.has("CurrencyIsoCode"):
            return None
        code = (*column.path[:-1], "CurrencyIsoCode")
        self.selected[".".join(code)] = None
        return code


def find_first(
    objects: Callable[[str], WireObject | None], place: Place
) -> Found | None:
    """Return the first path of a place that exists."""
    for path in place.paths:
        column = find_path(objects, place.root, path)
        if column is not None:
            return column
    return None


def hidden(root: str, path: str) -> str:
    """Return why a path cannot be told."""
    return f"the integration user may not read {root}.{path}"


def deal_place(
    name: str,
    catalogue: Catalogue,
    objects: Callable[[str], WireObject | None],
) -> Place:
    """Return where a deal field lives: `amount`, `account.segment`, `custom.X__c`."""
    if name.startswith(CUSTOM):
        return Place(names.DEAL_OBJECT, (name.removeprefix(CUSTOM),))
    lookup, dot, leaf = name.partition(".")
    if dot:
        return _lookup_place(lookup, leaf, catalogue, objects)
    spec = catalogue.deal.get(name)
    if spec is None:
        return _nowhere(name)
    return _place(name, spec, names.DEAL_OBJECT, names.DEAL, "")


def row_place(
    collection: RelationSpec, name: str, root: str, built_in: names.Paths
) -> Place:
    """Return where a field of a collection's rows lives."""
    full = f"{collection.name}.{name}"
    spec = collection.fields.get(name)
    return _nowhere(full) if spec is None else _place(full, spec, root, built_in, "")


def is_mapped(spec: FieldSpec | None) -> bool:
    """Whether fields.yaml names a Salesforce path for it."""
    return spec is not None and names.CRM in spec.paths


def _lookup_place(
    lookup: str,
    leaf: str,
    catalogue: Catalogue,
    objects: Callable[[str], WireObject | None],
) -> Place:
    relation = catalogue.lookups.get(lookup)
    spec = relation.fields.get(leaf) if relation else None
    if relation is None or spec is None:
        return _nowhere(f"{lookup}.{leaf}")
    by = lookup_field(relation)
    if by is None:
        return _nowhere(lookup)
    prefix = _relationship(by, objects)
    if prefix is None:
        return Place(names.DEAL_OBJECT, (), why_not=hidden(names.DEAL_OBJECT, by))
    built_in = names.LOOKUP_FIELDS.get(lookup, {})
    full = f"{lookup}.{leaf}"
    return _place(full, spec, names.DEAL_OBJECT, {full: built_in.get(leaf, ())}, prefix)


def lookup_field(relation: RelationSpec) -> str | None:
    """Return the deal's field that a lookup follows; None where nobody says it."""
    named = relation.sources.get(names.CRM, {}).get("by")
    return named or names.LOOKUPS.get(relation.name)


def _relationship(by: str, objects: Callable[[str], WireObject | None]) -> str | None:
    deal = objects(names.DEAL_OBJECT)
    reference = deal.find(by) if deal else None
    relationship = reference.relationship if reference else None
    return f"{relationship}." if relationship else None


def _place(
    name: str, spec: FieldSpec, root: str, built_in: names.Paths, prefix: str
) -> Place:
    if is_mapped(spec):
        return Place(root, (prefix + spec.paths[names.CRM],), spec.kind)
    key = name if name in built_in else name.rpartition(".")[2]
    paths = () if spec.paths else built_in.get(key, ())
    if not paths:
        return _nowhere(name)
    return Place(root, tuple(prefix + path for path in paths), spec.kind)


def _nowhere(name: str) -> Place:
    return Place(
        names.DEAL_OBJECT,
        (),
        why_not=f"{name} is mapped to no Salesforce field in fields.yaml",
    )


def pipeline_reader(record_types: Mapping[str, str]) -> Reader:
    """Return the reader of a deal's pipeline: the label of its record type."""
    if not record_types:
        return constant(names.DEFAULT_PIPELINE)

    return Reader(
        itemgetter("RecordTypeId"),
        lambda wire: record_types.get(str(wire), names.DEFAULT_PIPELINE),
    )
