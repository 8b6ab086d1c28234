"""The description of rows: what each collection of a deal and its lookups holds.

Pure: definitions come in, `CrmField`s and reasons go out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, Choice, CrmField, Kind
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata.properties import crm_field
from gatekeeper.crm.hubspot.reading.columns import (
    Hop,
    Place,
    find_first,
    hop_of,
    is_mapped,
    place_of,
)
from gatekeeper.crm.hubspot.reading.row_names import (
    COLLECTIONS,
    DERIVED_PATHS,
    LABEL,
    ROLES_OF_DEALS,
    TEAM,
    WHY_NONE,
    Derived,
    Part,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.core.catalogue import Catalogue, FieldSpec, RelationSpec
    from gatekeeper.crm.hubspot.metadata.properties import Properties
    from gatekeeper.crm.hubspot.reading.columns import Kinds

_DERIVED_KINDS = {
    Derived.FULL_NAME: Kind.TEXT,
    Derived.START: Kind.DATETIME,
    Derived.HELD: Kind.YES_NO,
    Derived.DONE: Kind.YES_NO,
    Derived.ROLES: Kind.MULTI_PICKLIST,
    Derived.SENDER_ROLE: Kind.PICKLIST,
    Derived.MET: Kind.DATETIME,
    Derived.HEARD: Kind.DATETIME,
    Derived.CALL_DIRECTION: Kind.PICKLIST,
    Derived.MAIL_DIRECTION: Kind.PICKLIST,
    Derived.KIND: Kind.PICKLIST,
    Derived.NOTHING: Kind.TEXT,
}
_ARE_ROLES = {Derived.ROLES, Derived.SENDER_ROLE}
_TEAM_KINDS = {"name": Kind.TEXT, "user": Kind.USER}
SIBLINGS = "siblings"


def row_fields(
    catalogue: Catalogue, kinds: Kinds, roles: tuple[Choice, ...]
) -> Iterator[tuple[str, CrmField]]:
    """Give every field of every collection, by `meetings.start`.

    Args:
        catalogue: What to look for.
        kinds: The properties of a kind; None where they are hidden.
        roles: The labels a contact may have on a deal.
    """
    for hop, collection in _collections(catalogue):
        for name, spec in collection.fields.items():
            full = f"{_before(hop)}{collection.name}.{name}"
            if collection.name == TEAM and not hop and name in _TEAM_KINDS:
                yield full, _virtual(full, _TEAM_KINDS[name])
                continue
            described = (
                _row_field(part, full, spec, kinds, roles)
                for part in parts_of(collection)
            )
            found = next((each for each in described if each is not None), None)
            if found is not None:
                yield full, found


def _row_field(
    part: Part,
    full: str,
    spec: FieldSpec,
    kinds: Kinds,
    roles: tuple[Choice, ...],
) -> CrmField | None:
    """Describe a field of the rows of one kind; None where they have none of it."""
    is_ours = full.count(".") == 1
    if spec.name in part.derived and not is_mapped(spec):
        what = part.derived[spec.name]
        is_told = is_ours or what not in ROLES_OF_DEALS
        return _derived_field(part, full, spec, roles) if is_told else None
    place = place_of(spec, full, part.kind, part.fields)
    if place.paths == (LABEL,):
        return _virtual(full, Kind.PICKLIST, roles) if is_ours else None
    return shown(place, kinds(part.kind)) if place.paths else None


def parts_of(collection: RelationSpec) -> tuple[Part, ...]:
    """Return the kinds of record a collection takes its rows from."""
    own = collection.sources.get(names.CRM)
    if own is None:
        return COLLECTIONS.get(collection.name, ())
    kind = own.get("object") or own.get("association")
    return (Part(kind, {}),) if kind else ()


def missing_rows(
    catalogue: Catalogue, kinds: Kinds, why_hidden: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Give the collections whose rows cannot be read, and why."""
    for hop, collection in _collections(catalogue):
        why_not = why_missing(collection, hop, kinds, why_hidden)
        if why_not:
            yield f"{_before(hop)}{collection.name}", why_not


def why_missing(
    collection: RelationSpec,
    hop: Hop | None,
    kinds: Kinds,
    why_hidden: Callable[[str], str],
) -> str:
    """Say why a collection's rows cannot be read; "" where they can."""
    if collection.name == TEAM and hop is None:
        return ""
    parts = parts_of(collection)
    if not parts and collection.name != SIBLINGS:
        said = WHY_NONE.get(collection.name, nothing_for(collection.name))
        return said.format(whose=hop.name if hop else "deal")
    needed = [part.kind for part in parts]
    for kind in (hop.record, *needed) if hop else needed:
        if kinds(kind) is None:
            return why_hidden(kind) or f"HubSpot shows no {kind}"
    return ""


def nothing_for(name: str) -> str:
    """Say that a collection leads nowhere."""
    return f"{name} is mapped to no HubSpot object in fields.yaml"


def shown(place: Place, properties: Properties | None) -> CrmField:
    """Describe what a place leads to, or say that it is absent or hidden."""
    found = find_first(properties, place) if properties is not None else None
    if found is not None:
        return crm_field(place.record, found)
    path = f"{place.record}.{place.paths[0]}"
    access = Access.NONE if properties is None else Access.ABSENT
    return CrmField(path, path, "", (), access)


def _collections(catalogue: Catalogue) -> Iterator[tuple[Hop | None, RelationSpec]]:
    """Give every collection of the deal, and of each record it looks up."""
    hops = [hop for each in catalogue.lookups.values() if (hop := hop_of(each))]
    for hop in (None, *hops):
        for collection in catalogue.collections.values():
            if hop is None or collection.name != SIBLINGS:
                yield hop, collection


def _before(hop: Hop | None) -> str:
    return f"{hop.name}." if hop else ""


def _derived_field(
    part: Part, full: str, spec: FieldSpec, roles: tuple[Choice, ...]
) -> CrmField:
    what = part.derived[spec.name]
    path = next(iter(DERIVED_PATHS[what]), names.ID)
    kind = _DERIVED_KINDS[what]
    return CrmField(
        f"{part.kind}.{path}",
        full,
        kind.value,
        (kind,),
        Access.READ,
        spec.choices or (roles if what in _ARE_ROLES else ()),
        restricted=bool(spec.choices),
        filled_by_crm=True,
    )


def _virtual(full: str, kind: Kind, choices: tuple[Choice, ...] = ()) -> CrmField:
    return CrmField(full, full, kind.value, (kind, Kind.TEXT), Access.READ, choices)
