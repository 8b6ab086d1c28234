"""The description of rows: what each collection of a deal and its parents holds.

Pure: describe comes in, `CrmField`s and reasons go out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, Choice, CrmField, Kind
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.describe import crm_field
from gatekeeper.crm.salesforce.reading.columns import (
    Place,
    find_first,
    hidden,
    is_mapped,
    row_place,
)
from gatekeeper.crm.salesforce.reading.parents import (
    Objects,
    Parent,
    declared_rows,
    parent_of,
    why_none,
)
from gatekeeper.crm.salesforce.reading.row_names import (
    DERIVED_PATHS,
    Derived,
    Source,
)
from gatekeeper.crm.salesforce.reading.shape import SIBLINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.catalogue import Catalogue, FieldSpec, RelationSpec

_DERIVED_KINDS = {
    Derived.ENDED: Kind.YES_NO,
    Derived.ROLES: Kind.MULTI_PICKLIST,
    Derived.MAIL_ROLES: Kind.MULTI_PICKLIST,
    Derived.SENDER_ROLE: Kind.PICKLIST,
    Derived.COMPLETION: Kind.DATETIME,
    Derived.MET: Kind.DATETIME,
    Derived.HEARD: Kind.DATETIME,
    Derived.CALL_DIRECTION: Kind.PICKLIST,
    Derived.MAIL_DIRECTION: Kind.PICKLIST,
    Derived.KIND: Kind.PICKLIST,
}
_ARE_ROLES = {Derived.ROLES, Derived.MAIL_ROLES, Derived.SENDER_ROLE}


def row_fields(
    catalogue: Catalogue, objects: Objects
) -> Iterator[tuple[str, CrmField]]:
    """Give every field of every collection, by `meetings.start`."""
    for parent, collection in _collections(catalogue, objects):
        sources = _sources(collection, parent, objects)
        for name, spec in collection.fields.items():
            full = f"{parent.hop}{collection.name}.{name}"
            for root, paths, derived in sources:
                if name in derived and not is_mapped(spec):
                    yield full, _derived_field(root, full, spec, derived[name], objects)
                    break
                place = row_place(collection, name, root, paths)
                if place.paths:
                    own = is_mapped(spec)
                    yield full, found_or_not(place, objects, is_own=own)
                    break


def _collections(
    catalogue: Catalogue, objects: Objects
) -> Iterator[tuple[Parent, RelationSpec]]:
    """Give every collection of the deal, and of each record it looks up."""
    for hop in ("", *catalogue.lookups):
        parent = parent_of(hop, catalogue, objects)
        for collection in catalogue.collections.values():
            yield parent, collection


def _sources(
    collection: RelationSpec, parent: Parent, objects: Objects
) -> list[tuple[str, names.Paths, Mapping[str, Derived]]]:
    """Return object, paths and derived names of each part of a collection."""
    own = collection.sources.get(names.CRM)
    if own is not None:
        rows = declared_rows(own, parent, objects)
        return [] if rows.why_not else [(rows.object, {}, {})]
    parts = () if parent.why_not else parent.parts.get(collection.name, ())
    return [(part.source.value, part.fields, part.derived) for part in parts]


def found_or_not(place: Place, objects: Objects, *, is_own: bool) -> CrmField:
    """Describe what a place leads to, or say that it is absent or hidden."""
    found = find_first(objects, place)
    if found is not None:
        return crm_field(found.owner, found.field)
    # Describe does not tell "absent" from "hidden". Every org has the standard
    # fields behind the built-in names, so one of these can only be hidden.
    path = f"{place.root}.{place.paths[0]}"
    access = Access.ABSENT if is_own else Access.NONE
    return CrmField(path, path, "", (), access)


def _derived_field(
    root: str, full: str, spec: FieldSpec, what: Derived, objects: Objects
) -> CrmField:
    path = next(iter(DERIVED_PATHS[what]), "Id")
    kind = _DERIVED_KINDS[what]
    return CrmField(
        f"{root}.{path}",
        full,
        kind.value,
        (kind,),
        Access.READ,
        spec.choices or (_roles(objects) if what in _ARE_ROLES else ()),
        restricted=bool(spec.choices),
        filled_by_crm=True,
    )


def _roles(objects: Objects) -> tuple[Choice, ...]:
    """Return the roles that contacts have on deals."""
    described = objects(Source.ROLES)
    role = described.find("Role") if described else None
    return role.choices if role else ()


def missing_rows(catalogue: Catalogue, objects: Objects) -> Iterator[tuple[str, str]]:
    """Give the collections whose rows cannot be read, and why."""
    for parent, collection in _collections(catalogue, objects):
        if collection.name == SIBLINGS:
            continue
        why_not = _why_missing(collection, parent, objects)
        if why_not:
            yield f"{parent.hop}{collection.name}", why_not


def _why_missing(collection: RelationSpec, parent: Parent, objects: Objects) -> str:
    own = collection.sources.get(names.CRM)
    if own is not None:
        return declared_rows(own, parent, objects).why_not
    parts = parent.parts.get(collection.name, ())
    if parent.why_not or not parts:
        return parent.why_not or why_none(collection.name, parent)
    for part in parts:
        name, by = part.source.value, parent.by[part.source]
        described = objects(name)
        if part.is_optional or (described is not None and described.find(by)):
            continue
        if described is None:
            return f"the integration user may not read {name}"
        return hidden(name, by)
    return ""
