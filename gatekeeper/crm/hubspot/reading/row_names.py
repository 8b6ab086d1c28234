"""Where the rows of built-in collections live in HubSpot: one table, no code.

Pure. A path is a property of the row's own kind; the first that the portal has counts,
and `fields.yaml` wins over them name by name. `label` is the label of the row's
association with the deal. Texts of notes and mails are never read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.crm.hubspot.names import Paths

LABEL = "label"
ATTACHED = "hs_attachment_ids"
AT = "hs_timestamp"
START = "hs_meeting_start_time"


class Derived(StrEnum):
    """A value that no single property holds; `derived.py` works it out."""

    FULL_NAME = "full name"
    START = "start"
    HELD = "held"
    DONE = "done"
    ROLES = "roles"
    CALL_DIRECTION = "call direction"
    MAIL_DIRECTION = "mail direction"
    SENDER_ROLE = "sender role"
    MET = "met"
    HEARD = "heard"
    KIND = "kind"
    NOTHING = "nothing"


DERIVED_PATHS: Mapping[Derived, tuple[str, ...]] = {
    Derived.FULL_NAME: ("firstname", "lastname"),
    Derived.START: (START, AT),
    Derived.HELD: ("hs_meeting_end_time", AT, "hs_meeting_outcome"),
    Derived.DONE: ("hs_task_status",),
    Derived.ROLES: (),
    Derived.CALL_DIRECTION: ("hs_call_direction",),
    Derived.MAIL_DIRECTION: ("hs_email_direction",),
    Derived.SENDER_ROLE: ("hs_email_from_email",),
    Derived.MET: (),
    Derived.HEARD: ("email",),
    Derived.KIND: (),
    Derived.NOTHING: (),
}
"""What each needs of its own row, as far as the portal has it."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one kind that a collection takes.

    Attributes:
        splits: A property with several ids, each of which is a row; "" where a record
            is one row.
    """

    kind: str
    fields: Paths
    derived: Mapping[str, Derived] = field(default_factory=dict)
    splits: str = ""


_MADE: Paths = {
    "owner": ("hubspot_owner_id",),
    "created_at": ("hs_createdate",),
    "modified_at": ("hs_lastmodifieddate",),
}
_TOOK_PART = {"contact_roles": Derived.ROLES}
_MEETING: Paths = {**_MADE, "subject": ("hs_meeting_title",)}
_CALL: Paths = {**_MADE, "subject": ("hs_call_title",), "at": (AT,)}
_EMAIL: Paths = {**_MADE, "subject": ("hs_email_subject",), "at": (AT,)}
_TASK: Paths = {**_MADE, "subject": ("hs_task_subject",)}
_KIND = {**_TOOK_PART, "kind": Derived.KIND}
TEAM = "team_members"

COLLECTIONS: Mapping[str, tuple[Part, ...]] = {
    "contacts": (
        Part(
            "contacts",
            {"email": ("email",), "title": ("jobtitle",), "role": (LABEL,)},
            {
                "name": Derived.FULL_NAME,
                "last_met_at": Derived.MET,
                "last_heard_at": Derived.HEARD,
            },
        ),
    ),
    "meetings": (
        Part(
            "meetings",
            {
                **_MEETING,
                "end": ("hs_meeting_end_time",),
                "outcome": ("hs_meeting_outcome",),
            },
            {**_TOOK_PART, "start": Derived.START, "completed": Derived.HELD},
        ),
    ),
    "calls": (
        Part(
            "calls",
            {**_CALL, "outcome": ("hs_call_disposition",)},
            {**_TOOK_PART, "direction": Derived.CALL_DIRECTION},
        ),
    ),
    "emails": (
        Part(
            "emails",
            _EMAIL,
            {
                **_TOOK_PART,
                "direction": Derived.MAIL_DIRECTION,
                "from_role": Derived.SENDER_ROLE,
            },
        ),
    ),
    "tasks": (
        Part(
            "tasks",
            {**_TASK, "due_on": (AT,), "status": ("hs_task_status",)},
            {**_TOOK_PART, "is_closed": Derived.DONE},
        ),
    ),
    "notes": (Part("notes", _MADE),),
    # Files hang on what was logged. Their names are kept by another API, with a scope
    # of its own: that there are files is told, how they are called is not.
    "files": tuple(
        Part(kind, {"added_at": (AT,)}, splits=ATTACHED)
        for kind in ("notes", "emails", "meetings", "calls", "tasks")
    ),
    "line_items": (
        Part(
            "line_items",
            {
                "product": ("name",),
                "quantity": ("quantity",),
                "unit_price": ("price",),
                "total": ("amount",),
            },
        ),
    ),
    "quotes": (
        Part(
            "quotes",
            {
                "name": ("hs_title",),
                "status": ("hs_status",),
                "expires_on": ("hs_expiration_date",),
                "total": ("hs_quote_amount",),
            },
        ),
    ),
    "activities": (
        Part("meetings", _MEETING, {**_KIND, "at": Derived.START}),
        Part("calls", _CALL, _KIND),
        Part("emails", _EMAIL, _KIND),
        Part("tasks", {**_TASK, "at": (AT,)}, _KIND),
        # A note has no subject in HubSpot: it is empty, not unknown.
        Part("notes", {**_MADE, "at": (AT,)}, {**_KIND, "subject": Derived.NOTHING}),
    ),
}
"""What a deal, a company or any other record has of its own."""

ACTIVITIES = {
    "meetings": "meeting",
    "calls": "call",
    "emails": "email",
    "tasks": "task",
    "notes": "note",
}
"""Kind of record to its word in rules."""
OF_DEALS_ALONE = frozenset({LABEL})
ROLES_OF_DEALS = frozenset(
    {Derived.ROLES, Derived.SENDER_ROLE, Derived.MET, Derived.HEARD}
)
"""What is told by the roles of contacts on a deal, which other records do not know."""
WHY_NONE = {
    TEAM: "HubSpot keeps no team of {whose}",
}
