"""Where the built-in names of rules live in Salesforce: one table, no code.

Pure. A path starts at the deal, at a lookup's record or at a collection's row. Where
several are named the first that the org has counts. `fields.yaml` wins over all of
it, name by name.
"""

from __future__ import annotations

from collections.abc import Mapping

CRM = "salesforce"
API_VERSION = "59.0"
DEAL_OBJECT = "Opportunity"
DEFAULT_PIPELINE = "Default"
KEY_FIELD = "Gatekeeper_Key__c"
REF_FIELD = "Gatekeeper_Ref__c"
PERMISSION_SET = "Gatekeeper_Integration"

Paths = Mapping[str, tuple[str, ...]]

FLAG_FIELDS: Mapping[str, str] = {
    "status": "Gate_Status__c",
    "open_count": "Gate_Open_Count__c",
    "worst_severity": "Gate_Worst_Severity__c",
    "missing": "Gate_Missing__c",
    "open_since": "Gate_Open_Since__c",
    "supported_stage": "Gate_Supported_Stage__c",
}
"""Name of the flag in `core.model.Flags` to our field on the deal (product D10)."""

DEAL: Paths = {
    "id": ("Id",),
    "name": ("Name",),
    "stage": ("StageName",),
    "pipeline": ("RecordTypeId",),
    "owner": ("OwnerId",),
    "account": ("AccountId",),
    "created_on": ("CreatedDate",),
    "created_at": ("CreatedDate",),
    "created_by": ("CreatedById",),
    "close_date": ("CloseDate",),
    "amount": ("Amount",),
    "is_closed": ("IsClosed",),
    "is_won": ("IsWon",),
    "type": ("Type",),
    "lead_source": ("LeadSource",),
    "next_step": ("NextStep",),
    "probability": ("Probability",),
    "forecast_category": ("ForecastCategoryName",),
}

FIXED = (
    *("Id", "Name", "StageName", "OwnerId", "IsClosed", "IsWon", "Amount"),
    *("CloseDate", "RecordTypeId", "CurrencyIsoCode"),
)
"""Pulled for every deal, whatever the rules read; where the org has them."""

STAMPS = frozenset({"LastModifiedDate", "LastModifiedById", "SystemModstamp"})
"""What Salesforce sets with each write of a deal, ours too: evidence of nothing."""
MOVED_BY_US = STAMPS | {
    "LastActivityDate",
    "LastActivityInDays",
    "HasOpenActivity",
    "HasOverdueTask",
}
"""Those, and what Salesforce works out from each task on a deal, ours too."""

LOOKUPS: Mapping[str, str] = {"owner": "OwnerId", "account": "AccountId"}
LOOKUP_FIELDS: Mapping[str, Paths] = {
    "owner": {
        "name": ("Name",),
        "email": ("Email",),
        "is_active": ("IsActive",),
        "manager": ("ManagerId",),
        "team": ("UserRole.Name",),
    },
    "account": {"name": ("Name",)},
}
