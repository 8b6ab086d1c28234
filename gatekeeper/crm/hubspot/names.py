"""Where the built-in names of rules live in HubSpot: one table, no code.

Pure. A path is the name of a property. Where several are named the first that the
portal has counts. `fields.yaml` wins over all of it, name by name.
"""

from __future__ import annotations

from collections.abc import Mapping

CRM = "hubspot"
DEALS = "deals"
TASKS = "tasks"
COMPANIES = "companies"
CONTACTS = "contacts"
KEY_PROPERTY = "gatekeeper_key"
REF_PROPERTY = "gatekeeper_ref"
SHADOW_PROPERTY = "gatekeeper_tasks"
GROUP = "gatekeeper"
TASK_TO_DEAL = 216
"""The type of a task's association with its deal. Source: HubSpot's default ids."""

Paths = Mapping[str, tuple[str, ...]]

FLAG_PROPERTIES: Mapping[str, str] = {
    "status": "gatekeeper_status",
    "open_count": "gatekeeper_open_count",
    "worst_severity": "gatekeeper_worst_severity",
    "missing": "gatekeeper_missing",
    "open_since": "gatekeeper_open_since",
    "supported_stage": "gatekeeper_supported_stage",
}
"""Name of the flag in `core.model.Flags` to our property of the deal (product D10)."""

ID = "hs_object_id"
STAGE = "dealstage"
PIPELINE = "pipeline"
OWNER = "hubspot_owner_id"
CURRENCY = "deal_currency_code"
CREATED = "createdate"
ACCOUNT = "account"
COLLABORATORS = "hs_all_collaborator_owner_ids"
MERGED = "hs_merged_object_ids"

DEAL: Paths = {
    "id": (ID,),
    "name": ("dealname",),
    "stage": (STAGE,),
    "pipeline": (PIPELINE,),
    "owner": (OWNER,),
    "created_on": (CREATED,),
    "created_at": (CREATED,),
    "created_by": ("hs_created_by_user_id",),
    "close_date": ("closedate",),
    "amount": ("amount",),
    "is_closed": ("hs_is_closed",),
    "is_won": ("hs_is_closed_won",),
    "type": ("dealtype",),
    "lead_source": ("hs_analytics_source",),
    "next_step": ("hs_next_step",),
    "probability": ("hs_deal_stage_probability",),
    "forecast_category": ("hs_manual_forecast_category",),
}

FIXED = (
    *(ID, "dealname", STAGE, PIPELINE, OWNER, "amount", "closedate"),
    *(CURRENCY, CREATED, MERGED, SHADOW_PROPERTY),
)
"""Pulled for every deal, whatever the rules read; where the portal has them."""

LOOKUPS: Mapping[str, Mapping[str, str]] = {
    ACCOUNT: {"association": COMPANIES, "label": "Primary"}
}
"""The lookup that follows an association; `owner` is a person and follows none."""
LOOKUP_FIELDS: Mapping[str, Paths] = {ACCOUNT: {"name": ("name",)}}
OWNER_FIELDS = ("name", "email", "is_active", "team")
"""What an owner has."""
WHY_NOT: Mapping[str, str] = {
    "owner.manager": "HubSpot knows no manager of an owner; people.yaml names who is"
    " asked where owed_by says owner_manager",
    "team_members.role": "HubSpot gives the collaborators of a deal no roles;"
    " people.yaml names who is asked by address",
    "files.name": "HubSpot shows what is attached to activities without its name",
    "files.kind": "HubSpot shows what is attached to activities without its kind",
}
"""Built-in names that no property can be given, and why; not mapped, not read."""
MOVED_BY_US = frozenset(
    {
        "hs_lastmodifieddate",
        "hs_updated_by_user_id",
        "notes_last_updated",
        "notes_next_activity_date",
        "hs_notes_next_activity",
        "hs_is_stalled",
        "hs_is_stalled_after_timestamp",
    }
)
"""What HubSpot works out from every write of a deal and every task on it, ours too."""
