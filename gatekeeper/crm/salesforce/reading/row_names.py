"""Where the rows of built-in collections live in Salesforce: one table, no code.

Pure. Paths are those of `names`: they start at the row, the first that the org has
counts, and `fields.yaml` wins over them name by name.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.crm.salesforce.names import Paths


class Derived(StrEnum):
    """A value that no single field holds; `derived.py` works it out."""

    ENDED = "ended"
    ROLES = "roles"
    COMPLETION = "completion"
    CALL_DIRECTION = "call direction"
    MAIL_DIRECTION = "mail direction"
    MAIL_ROLES = "mail roles"
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
    Derived.MAIL_ROLES: ("FromAddress",),
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
    """The child objects that built-in collections are read from."""

    ROLES = "OpportunityContactRole"
    EVENTS = "Event"
    TASKS = "Task"
    MAILS = "EmailMessage"
    LINKS = "ContentDocumentLink"
    LINES = "OpportunityLineItem"
    QUOTES = "Quote"
    TEAM = "OpportunityTeamMember"
    CONTACTS = "Contact"
    ACCOUNT_TEAM = "AccountTeamMember"


BY_DEAL: Mapping[Source, str] = {
    Source.ROLES: "OpportunityId",
    Source.EVENTS: "WhatId",
    Source.TASKS: "WhatId",
    Source.MAILS: "RelatedToId",
    Source.LINKS: "LinkedEntityId",
    Source.LINES: "OpportunityId",
    Source.QUOTES: "OpportunityId",
    Source.TEAM: "OpportunityId",
}
BY_ACCOUNT: Mapping[Source, str] = {
    Source.EVENTS: "AccountId",
    Source.TASKS: "AccountId",
    Source.LINKS: "LinkedEntityId",
    Source.QUOTES: "AccountId",
    Source.CONTACTS: "AccountId",
    Source.ACCOUNT_TEAM: "AccountId",
}
"""The field that points at an account. Salesforce keeps the account of every activity,
those of its deals and contacts included."""
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
_MEMBER: Paths = {
    "name": ("User.Name",),
    "role": ("TeamMemberRole",),
    "user": ("UserId",),
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
                "contact_roles": Derived.MAIL_ROLES,
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
    "team_members": (Part(Source.TEAM, _MEMBER),),
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
            {"contact_roles": Derived.MAIL_ROLES, "kind": Derived.KIND},
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

_WITHOUT_MAILS = replace(COLLECTIONS["emails"][1], only_without=None)
ACCOUNT_COLLECTIONS: Mapping[str, tuple[Part, ...]] = {
    "contacts": (
        Part(
            Source.CONTACTS,
            {"name": ("Name",), "email": ("Email",), "title": ("Title",)},
        ),
    ),
    # A mail hangs on the account or on one of its deals, its task on both.
    "emails": (_WITHOUT_MAILS,),
    "activities": tuple(
        part for part in COLLECTIONS["activities"] if part.source is not Source.MAILS
    ),
    "team_members": (Part(Source.ACCOUNT_TEAM, _MEMBER),),
    **{
        name: COLLECTIONS[name]
        for name in ("meetings", "calls", "tasks", "notes", "files", "quotes")
    },
}
"""What an account has of its own."""
