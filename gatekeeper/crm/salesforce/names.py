"""Where the built-in names of rules live in Salesforce: one table, no code.

Pure. A path starts at the deal, at a lookup's record or at a collection's row. Where
several are named the first that the org has counts. `fields.yaml` wins over all of
it, name by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

CRM = "salesforce"
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


class Derived(StrEnum):
    """A value that no single field holds; `related.py` works it out."""

    ENDED = "ended"
    ROLES = "roles"
    COMPLETION = "completion"
    CALL_DIRECTION = "call direction"
    MAIL_DIRECTION = "mail direction"
    SENDER_ROLE = "sender role"
    MET = "met"
    HEARD = "heard"
    KIND = "kind"


DERIVED_PATHS: Mapping[Derived, tuple[str, ...]] = {
    Derived.ENDED: ("EndDateTime", "ActivityDateTime", "ActivityDate"),
    Derived.ROLES: ("WhoId",),
    Derived.COMPLETION: ("IsClosed", "CompletedDateTime", "ActivityDate"),
    Derived.CALL_DIRECTION: ("CallType",),
    Derived.MAIL_DIRECTION: ("Incoming",),
    Derived.SENDER_ROLE: ("FromAddress",),
    Derived.MET: ("ContactId",),
    Derived.HEARD: ("ContactId", "Contact.Email"),
    Derived.KIND: (),
}
"""What each needs of its own row, the first path being indispensable."""


class Activity(StrEnum):
    """What a row of an activity object is in the words of rules."""

    MEETING = "meeting"
    CALL = "call"
    EMAIL = "email"
    TASK = "task"
    NOTE = "note"


class Source(StrEnum):
    """The child objects of a deal that built-in collections are read from."""

    ROLES = "OpportunityContactRole"
    EVENTS = "Event"
    TASKS = "Task"
    MAILS = "EmailMessage"
    LINKS = "ContentDocumentLink"
    LINES = "OpportunityLineItem"
    QUOTES = "Quote"
    TEAM = "OpportunityTeamMember"


PARENT_FIELDS: Mapping[Source, str] = {
    Source.ROLES: "OpportunityId",
    Source.EVENTS: "WhatId",
    Source.TASKS: "WhatId",
    Source.MAILS: "RelatedToId",
    Source.LINKS: "LinkedEntityId",
    Source.LINES: "OpportunityId",
    Source.QUOTES: "OpportunityId",
    Source.TEAM: "OpportunityId",
}
NOTE_TYPE = "SNOTE"
ACTIVITY_SOURCES = frozenset({"Task", "Event", "EmailMessage"})
"""Their old rows are archived: only queryAll shows them."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one source that a collection takes.

    Attributes:
        takes: The kinds it takes, of tasks; notes or (none) files, of links.
        only_without: It is left out where that source can be read.
    """

    source: Source
    fields: Paths
    derived: Mapping[str, Derived] = field(default_factory=dict)
    takes: frozenset[Activity] | None = None
    only_without: Source | None = None
    is_optional: bool = False


_START = ("StartDateTime", "ActivityDateTime", "ActivityDate")
_EVENT: Paths = {
    "subject": ("Subject",),
    "owner": ("OwnerId",),
    "created_at": ("CreatedDate",),
    "modified_at": ("LastModifiedDate",),
}
_MAILED: Paths = {**_EVENT, "owner": ("CreatedById",)}
_LINKED: Paths = {
    "owner": ("ContentDocument.OwnerId",),
    "created_at": ("ContentDocument.CreatedDate",),
    "title": ("ContentDocument.Title",),
}
_NOTES = frozenset({Activity.NOTE})
_TOOK_PART, _AT = {"contact_roles": Derived.ROLES}, {"at": Derived.COMPLETION}

COLLECTIONS: Mapping[str, tuple[Part, ...]] = {
    "contacts": (
        Part(
            Source.ROLES,
            {
                "name": ("Contact.Name",),
                "email": ("Contact.Email",),
                "title": ("Contact.Title",),
                "role": ("Role",),
                "is_primary": ("IsPrimary",),
            },
            {"last_met_at": Derived.MET, "last_heard_at": Derived.HEARD},
        ),
    ),
    "meetings": (
        Part(
            Source.EVENTS,
            {**_EVENT, "start": _START, "end": DERIVED_PATHS[Derived.ENDED]},
            {**_TOOK_PART, "completed": Derived.ENDED},
        ),
    ),
    "calls": (
        Part(
            Source.TASKS,
            {**_EVENT, "outcome": ("CallDisposition",)},
            {**_TOOK_PART, **_AT, "direction": Derived.CALL_DIRECTION},
            takes=frozenset({Activity.CALL}),
        ),
    ),
    "emails": (
        Part(
            Source.MAILS,
            {**_MAILED, "at": ("MessageDate",)},
            {
                "direction": Derived.MAIL_DIRECTION,
                "from_role": Derived.SENDER_ROLE,
                "contact_roles": Derived.SENDER_ROLE,
            },
            is_optional=True,
        ),
        Part(
            Source.TASKS,
            _EVENT,
            {**_TOOK_PART, **_AT},
            takes=frozenset({Activity.EMAIL}),
            only_without=Source.MAILS,
        ),
    ),
    "tasks": (
        Part(
            Source.TASKS,
            {
                **_EVENT,
                "due_on": ("ActivityDate",),
                "status": ("Status",),
                "is_closed": ("IsClosed",),
            },
            _TOOK_PART,
            takes=frozenset({Activity.TASK}),
        ),
    ),
    "notes": (Part(Source.LINKS, _LINKED, takes=_NOTES),),
    "files": (
        Part(
            Source.LINKS,
            {
                "name": ("ContentDocument.Title",),
                "kind": ("ContentDocument.FileType",),
                "added_at": ("ContentDocument.CreatedDate",),
            },
            takes=frozenset(),
        ),
    ),
    "line_items": (
        Part(
            Source.LINES,
            {
                "product": ("Product2.Name", "Name"),
                "quantity": ("Quantity",),
                "unit_price": ("UnitPrice",),
                "total": ("TotalPrice",),
            },
        ),
    ),
    "quotes": (
        Part(
            Source.QUOTES,
            {
                "name": ("Name",),
                "status": ("Status",),
                "expires_on": ("ExpirationDate",),
                "total": ("GrandTotal", "TotalPrice"),
            },
        ),
    ),
    "team_members": (
        Part(
            Source.TEAM,
            {"name": ("User.Name",), "role": ("TeamMemberRole",), "user": ("UserId",)},
        ),
    ),
    "activities": (
        Part(
            Source.EVENTS,
            {**_EVENT, "at": _START},
            {**_TOOK_PART, "kind": Derived.KIND},
        ),
        Part(Source.TASKS, _EVENT, {**_TOOK_PART, **_AT, "kind": Derived.KIND}),
        Part(
            Source.MAILS,
            {**_MAILED, "at": ("MessageDate",)},
            {"contact_roles": Derived.SENDER_ROLE, "kind": Derived.KIND},
            is_optional=True,
        ),
        Part(
            Source.LINKS,
            {
                **_LINKED,
                "subject": ("ContentDocument.Title",),
                "at": ("ContentDocument.CreatedDate",),
                "modified_at": ("ContentDocument.LastModifiedDate",),
            },
            {"kind": Derived.KIND},
            takes=_NOTES,
            is_optional=True,
        ),
    ),
}
