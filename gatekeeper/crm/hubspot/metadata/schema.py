"""The portal's description in the catalogue's words: fields, pipelines, rights.

Pure: definitions and pipelines come in, a `CrmSchema` goes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    Access,
    Choice,
    CrmField,
    CrmSchema,
    Kind,
)
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata.properties import crm_field
from gatekeeper.crm.hubspot.metadata.row_schema import (
    missing_rows,
    row_fields,
    shown,
)
from gatekeeper.crm.hubspot.reading.columns import hop_of, is_mapped, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue, RelationSpec
    from gatekeeper.crm.hubspot.metadata.pipelines import Pipelines
    from gatekeeper.crm.hubspot.metadata.properties import Properties
    from gatekeeper.crm.hubspot.reading.columns import Kinds

SIBLINGS = "siblings"
_OWNER_KINDS = {
    "name": Kind.TEXT,
    "email": Kind.EMAIL,
    "is_active": Kind.YES_NO,
    "team": Kind.TEXT,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a portal beside its properties.

    Attributes:
        org: Our name of it.
        read_at: When it was described, by HubSpot's clock.
        zone: The account's time zone.
        currency: The company's.
        roles: The labels a contact may have on a deal.
    """

    org: str
    read_at: datetime
    zone: str
    currency: str
    pipelines: Pipelines
    roles: tuple[str, ...] = ()


def describe_portal(
    catalogue: Catalogue, kinds: Kinds, why_hidden: Callable[[str], str], facts: Facts
) -> CrmSchema:
    """Return the schema of a portal.

    Args:
        catalogue: What to look for.
        kinds: The properties of a kind; None where they are hidden.
        why_hidden: Says why they are.
        facts: What else is known.
    """
    deals, tasks = kinds(names.DEALS) or {}, kinds(names.TASKS) or {}
    key = tasks.get(names.KEY_PROPERTY)
    own = dict(_deal_fields(catalogue, kinds))
    roles = tuple(Choice(label, label) for label in facts.roles)
    rows = dict(row_fields(catalogue, kinds, roles))
    return CrmSchema(
        crm=names.CRM,
        org=facts.org,
        read_at=facts.read_at,
        fields={
            **own,
            **rows,
            **{
                f"{SIBLINGS}.{name}": own[name]
                for name in catalogue.deal
                if name in own
            },
        },
        by_path=native_fields(deals),
        pipelines=facts.pipelines.pipelines,
        missing_collections=dict(missing_rows(catalogue, kinds, why_hidden)),
        missing_fields={
            name: why for name, why in names.WHY_NOT.items() if name not in rows
        },
        flags={
            flag: crm_field(names.DEALS, deals[path])
            for flag, path in names.FLAG_PROPERTIES.items()
            if path in deals
        },
        strict=key is not None and key.is_unique,
        currency=facts.currency,
        zone=facts.zone,
    )


def native_fields(deals: Properties) -> dict[str, CrmField]:
    """Return the deal's properties by their own name."""
    return {
        found.name: replace(crm_field(names.DEALS, found), tracked=True)
        for found in deals.values()
    }


def _deal_fields(catalogue: Catalogue, kinds: Kinds) -> Iterator[tuple[str, CrmField]]:
    deals = kinds(names.DEALS) or {}
    for name, spec in catalogue.deal.items():
        if name in catalogue.lookups and name != "owner" and not is_mapped(spec):
            found = _reference(catalogue, name, kinds)
            if found is not None:
                yield name, found
            continue
        place = place_of(spec, name, names.DEALS, names.DEAL)
        if place.paths:
            # HubSpot keeps the past of every property of a deal.
            yield name, replace(shown(place, deals), tracked=True)
    yield from _owner_fields()
    for lookup in catalogue.lookups.values():
        yield from _lookup_fields(lookup, kinds)


def _lookup_fields(
    lookup: RelationSpec, kinds: Kinds
) -> Iterator[tuple[str, CrmField]]:
    hop = hop_of(lookup)
    if hop is None:
        return
    built_in = names.LOOKUP_FIELDS.get(lookup.name, {})
    for leaf, spec in lookup.fields.items():
        full = f"{lookup.name}.{leaf}"
        place = place_of(spec, full, hop.record, built_in)
        if place.paths:
            yield full, shown(place, kinds(hop.record))


def _owner_fields() -> Iterator[tuple[str, CrmField]]:
    for leaf, kind in _OWNER_KINDS.items():
        full = f"owner.{leaf}"
        yield full, CrmField(full, full, "owner", (kind,), Access.READ)


def _reference(catalogue: Catalogue, name: str, kinds: Kinds) -> CrmField | None:
    hop = hop_of(catalogue.lookups[name])
    if hop is None:
        return None
    access = Access.READ if kinds(hop.record) is not None else Access.NONE
    kept = (Kind.REFERENCE, Kind.TEXT)
    return CrmField(f"{names.DEALS}.{hop.record}", name, "association", kept, access)
