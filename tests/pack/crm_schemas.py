"""A CRM's description, small enough to be read in a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gatekeeper.core.catalogue import (
    Access,
    CrmField,
    CrmSchema,
    Kind,
    Pipeline,
    Stage,
)

READ_AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)

ENTERPRISE = Pipeline(
    "Enterprise",
    (
        Stage("Needs Analysis", ("Needs Analysis",)),
        Stage("Value Proposition", ("Value Proposition",)),
        Stage("Discovery", ("Discovery",)),
        Stage("Proposal", ("Proposal",)),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Closed Lost", ("Closed Lost",), is_closed=True),
    ),
)
COMMERCIAL = Pipeline(
    "Commercial",
    (
        Stage("Trial", ("Trial",)),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
    ),
)


def crm_field(path: str, native: str, *kinds: Kind, access=Access.WRITE) -> CrmField:
    return CrmField(path, path.partition(".")[2], native, kinds, access)


FIELDS = {
    "amount": crm_field("Opportunity.Amount", "currency", Kind.MONEY),
    "close_date": crm_field("Opportunity.CloseDate", "date", Kind.DATE),
    "next_step": crm_field("Opportunity.NextStep", "text", Kind.TEXT),
    "stage": crm_field("Opportunity.StageName", "picklist", Kind.STAGE),
}


def a_schema(*pipelines: Pipeline, **changes) -> CrmSchema:
    """Describe an org; keyword arguments replace what `CrmSchema` holds."""
    schema = CrmSchema(
        crm="salesforce",
        org="sf:00D000000000001EAA",
        read_at=READ_AT,
        fields=FIELDS,
        by_path={},
        pipelines=pipelines or (ENTERPRISE,),
    )
    return replace(schema, **changes)


def with_access(name: str, access: Access) -> dict[str, CrmField]:
    """Return the fields with another access to one of them."""
    return {**FIELDS, name: replace(FIELDS[name], access=access)}
