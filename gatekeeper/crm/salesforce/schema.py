"""The org's description in the catalogue's words: fields, pipelines, rights.

Pure: describe and the stage rows come in, a `CrmSchema` goes out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    Access,
    Choice,
    CrmField,
    CrmSchema,
    Kind,
    Pipeline,
    Stage,
)
from gatekeeper.core.renames import one_bearer
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.columns import (
    Place,
    deal_place,
    find_first,
    hidden,
    is_mapped,
    row_place,
)
from gatekeeper.crm.salesforce.describe import crm_field
from gatekeeper.crm.salesforce.parents import (
    Parent,
    declared_rows,
    parent_of,
    why_none,
)
from gatekeeper.crm.salesforce.row_names import DERIVED_PATHS, Activity, Derived
from gatekeeper.crm.salesforce.shape import SIBLINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue, RelationSpec
    from gatekeeper.crm.salesforce.describe import WireObject

    Objects = Callable[[str], WireObject | None]

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
_DIRECTIONS = (Choice("inbound", "inbound"), Choice("outbound", "outbound"))
_ACTIVITIES = tuple(Choice(kind.value, kind.value) for kind in Activity)


def describe_org(
    catalogue: Catalogue,
    objects: Objects,
    stages: Sequence[Mapping[str, object]],
    *,
    org: str,
    read_at: datetime,
    currency: str,
) -> CrmSchema:
    """Return the schema of an org.

    Args:
        catalogue: What to look for.
        objects: Describe, by object name; None for what the user may not see.
        stages: The rows of OpportunityStage.
        org: Our name of the org.
        read_at: When it was read, by the CRM's clock.
        currency: The one an amount without a code is in.
    """
    deal, task = objects(names.DEAL_OBJECT), objects("Task")
    key = task.find(names.KEY_FIELD) if task else None
    deal_fields = dict(_deal_fields(catalogue, objects))
    return CrmSchema(
        crm=names.CRM,
        org=org,
        read_at=read_at,
        fields={
            **deal_fields,
            **dict(_row_fields(catalogue, objects)),
            **dict(_sibling_fields(catalogue, deal_fields)),
        },
        by_path=native_fields(deal),
        pipelines=pipelines(stages, deal.record_types if deal else {}),
        missing_collections=dict(_missing(catalogue, objects)),
        flags={
            flag: crm_field(names.DEAL_OBJECT, found)
            for flag, path in names.FLAG_FIELDS.items()
            if deal is not None and (found := deal.find(path)) is not None
        },
        strict=key is not None and key.unique and key.external_id,
        currency=currency,
    )


def native_fields(deal: WireObject | None) -> dict[str, CrmField]:
    """Return the deal object's fields by their own name."""
    if deal is None:
        return {}
    return {
        field.name: crm_field(names.DEAL_OBJECT, field)
        for field in deal.fields.values()
    }


def stage_labels(stages: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Return stage value to label, of inactive stages too."""
    return {str(row["ApiName"]): str(row["MasterLabel"]) for row in stages}


def pipelines(
    stages: Sequence[Mapping[str, object]], record_types: Mapping[str, str]
) -> tuple[Pipeline, ...]:
    """Return the org's pipelines: a record type each, with the org's active stages.

    Args:
        stages: Rows of OpportunityStage in any order; sort orders have gaps.
        record_types: Id to label; empty where the org has none.
    """
    active = sorted(
        (row for row in stages if row["IsActive"]),
        key=lambda row: (_rank(row), _sort_order(row)),
    )
    ordered = tuple(map(_stage, active))
    labels = sorted(set(record_types.values())) or [names.DEFAULT_PIPELINE]
    return tuple(one_bearer(Pipeline(label, ordered)) for label in labels)


def _rank(row: Mapping[str, object]) -> int:
    if not row["IsClosed"]:
        return 0
    return 1 if row["IsWon"] else 2


def _sort_order(row: Mapping[str, object]) -> float:
    order = row["SortOrder"]
    return float(order) if isinstance(order, int | float) else float("inf")


def _stage(row: Mapping[str, object]) -> Stage:
    label, value = str(row["MasterLabel"]), str(row["ApiName"])
    # A record holds the API name; records of old imports hold the label. A stage gets
    # its first label for API name, and keeps that when it is relabelled.
    return Stage(
        name=label,
        values=tuple(dict.fromkeys((value, label))),
        is_closed=row["IsClosed"] is True,
        is_won=row["IsWon"] is True,
        id=str(row["Id"]),
        former=(value,),
    )


def _deal_fields(
    catalogue: Catalogue, objects: Objects
) -> Iterator[tuple[str, CrmField]]:
    wanted = [*catalogue.deal]
    for lookup in catalogue.lookups.values():
        wanted += [f"{lookup.name}.{leaf}" for leaf in lookup.fields]
    for name in wanted:
        place = deal_place(name, catalogue, objects)
        if name == "pipeline" and not is_mapped(catalogue.deal[name]):
            yield name, _pipeline_field(objects)
        elif place.paths:
            yield name, _found_or_not(place, objects, is_own=_is_own(name, catalogue))


def _is_own(name: str, catalogue: Catalogue) -> bool:
    lookup, dot, leaf = name.partition(".")
    specs = catalogue.lookups[lookup].fields if dot else catalogue.deal
    return is_mapped(specs.get(leaf if dot else name))


def _row_fields(
    catalogue: Catalogue, objects: Objects
) -> Iterator[tuple[str, CrmField]]:
    for parent, collection in _collections(catalogue, objects):
        sources = _sources(collection, parent, objects)
        for name, spec in collection.fields.items():
            full = f"{parent.hop}{collection.name}.{name}"
            for root, paths, derived in sources:
                if name in derived and not is_mapped(spec):
                    yield full, _derived_field(root, full, derived[name])
                    break
                place = row_place(collection, name, root, paths)
                if place.paths:
                    own = is_mapped(spec)
                    yield full, _found_or_not(place, objects, is_own=own)
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


def _found_or_not(place: Place, objects: Objects, *, is_own: bool) -> CrmField:
    found = find_first(objects, place)
    if found is not None:
        return crm_field(found.owner, found.field)
    # Describe does not tell "absent" from "hidden". Every org has the standard
    # fields behind the built-in names, so one of these can only be hidden.
    path = f"{place.root}.{place.paths[0]}"
    access = Access.ABSENT if is_own else Access.NONE
    return CrmField(path, path, "", (), access)


def _pipeline_field(objects: Objects) -> CrmField:
    """The record type's label; an org without record types has one pipeline."""
    deal = objects(names.DEAL_OBJECT)
    is_told = deal is not None and (deal.has("RecordTypeId") or not deal.record_types)
    access = Access.READ if is_told else Access.NONE
    path = f"{names.DEAL_OBJECT}.RecordTypeId"
    return CrmField(path, "Record Type", "reference", (Kind.TEXT,), access)


def _derived_field(root: str, full: str, what: Derived) -> CrmField:
    choices: tuple[Choice, ...] = ()
    if what in {Derived.CALL_DIRECTION, Derived.MAIL_DIRECTION}:
        choices = _DIRECTIONS
    if what is Derived.KIND:
        choices = _ACTIVITIES
    path = next(iter(DERIVED_PATHS[what]), "Id")
    kind = _DERIVED_KINDS[what]
    return CrmField(
        f"{root}.{path}",
        full,
        kind.value,
        (kind,),
        Access.READ,
        choices,
        restricted=bool(choices),
        filled_by_crm=True,
    )


def _missing(catalogue: Catalogue, objects: Objects) -> Iterator[tuple[str, str]]:
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


def _sibling_fields(
    catalogue: Catalogue, fields: Mapping[str, CrmField]
) -> Iterator[tuple[str, CrmField]]:
    """Give the fields of the other deals of the account, which are those of a deal."""
    for name in catalogue.deal:
        if name in fields:
            yield f"{SIBLINGS}.{name}", fields[name]
