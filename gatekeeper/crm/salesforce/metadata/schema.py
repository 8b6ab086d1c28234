"""The org's description in the catalogue's words: fields, pipelines, rights.

Pure: describe and the stage rows come in, a `CrmSchema` goes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    Access,
    CrmField,
    CrmSchema,
    Kind,
    Pipeline,
    Stage,
)
from gatekeeper.core.renames import one_bearer
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.describe import crm_field
from gatekeeper.crm.salesforce.metadata.row_schema import (
    found_or_not,
    missing_rows,
    row_fields,
)
from gatekeeper.crm.salesforce.reading.columns import (
    deal_place,
    is_mapped,
)
from gatekeeper.crm.salesforce.reading.past import KEPT
from gatekeeper.crm.salesforce.reading.shape import SIBLINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.crm.salesforce.metadata.describe import WireObject

    Objects = Callable[[str], WireObject | None]

_ALWAYS_KEPT = {"StageName", *KEPT}
KEPT_DAYS = 548
"""18 months: what field history tracking promises to keep. Source: Salesforce help,
"Field History Tracking"."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an org beside its objects.

    Attributes:
        org: Our name of it.
        read_at: When it was described, by the CRM's clock.
        zone: Its default time zone.
        currency: The one an amount without a code is in.
        tracked: The deal's fields whose changes are kept; None where nobody says.
    """

    org: str
    read_at: datetime
    zone: str
    currency: str
    tracked: frozenset[str] | None = None


def describe_org(
    catalogue: Catalogue,
    objects: Objects,
    stages: Sequence[Mapping[str, object]],
    facts: Facts,
) -> CrmSchema:
    """Return the schema of an org.

    Args:
        catalogue: What to look for.
        objects: Describe, by object name; None for what the user may not see.
        stages: The rows of OpportunityStage.
        facts: What else is known.
    """
    deal, task = objects(names.DEAL_OBJECT), objects("Task")
    key = task.find(names.KEY_FIELD) if task else None
    deal_fields = {
        name: _tracking(field, facts.tracked)
        for name, field in _deal_fields(catalogue, objects)
    }
    return CrmSchema(
        crm=names.CRM,
        org=facts.org,
        read_at=facts.read_at,
        fields={
            **deal_fields,
            **dict(row_fields(catalogue, objects)),
            **dict(_sibling_fields(catalogue, deal_fields)),
        },
        by_path={
            name: _tracking(field, facts.tracked)
            for name, field in native_fields(deal).items()
        },
        pipelines=pipelines(stages, deal.record_types if deal else {}),
        missing_collections=dict(missing_rows(catalogue, objects)),
        flags={
            flag: crm_field(names.DEAL_OBJECT, found)
            for flag, path in names.FLAG_FIELDS.items()
            if deal is not None and (found := deal.find(path)) is not None
        },
        strict=key is not None and key.unique and key.external_id,
        currency=facts.currency,
        zone=facts.zone,
    )


def _tracking(field: CrmField, tracked: frozenset[str] | None) -> CrmField:
    """Say of a field of the deal whether its changes are kept."""
    owner, _, name = field.path.rpartition(".")
    if tracked is None or owner != names.DEAL_OBJECT:
        return field
    if name in _ALWAYS_KEPT:
        return replace(field, tracked=True)
    return replace(field, tracked=name in tracked, kept_days=KEPT_DAYS)


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
            yield name, found_or_not(place, objects, is_own=_is_own(name, catalogue))


def _is_own(name: str, catalogue: Catalogue) -> bool:
    lookup, dot, leaf = name.partition(".")
    specs = catalogue.lookups[lookup].fields if dot else catalogue.deal
    return is_mapped(specs.get(leaf if dot else name))


def _pipeline_field(objects: Objects) -> CrmField:
    """The record type's label; an org without record types has one pipeline."""
    deal = objects(names.DEAL_OBJECT)
    is_told = deal is not None and (deal.has("RecordTypeId") or not deal.record_types)
    access = Access.READ if is_told else Access.NONE
    path = f"{names.DEAL_OBJECT}.RecordTypeId"
    return CrmField(path, "Record Type", "reference", (Kind.TEXT,), access)


def _sibling_fields(
    catalogue: Catalogue, fields: Mapping[str, CrmField]
) -> Iterator[tuple[str, CrmField]]:
    """Give the fields of the other deals of the account, which are those of a deal."""
    for name in catalogue.deal:
        if name in fields:
            yield f"{SIBLINGS}.{name}", fields[name]
