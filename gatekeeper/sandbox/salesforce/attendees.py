"""Who is on an activity: rows of EventRelation, TaskRelation, EmailMessageRelation.

In an org with Shared Activities the rows hold everybody and everything an activity is
related to, `WhoId` and `WhatId` included; in one without they hold invitees alone and
tasks have none. Source: Object Reference, EventRelation and TaskRelation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.salesforce.save import Save

MOST_CONTACTS = 50
_ACTIVITY = {"EventRelation": "EventId", "TaskRelation": "TaskId"}
_RELATION = {"Event": "EventRelation", "Task": "TaskRelation"}
_PEOPLE = ("003", "00Q")
_OBJECTS = {"003": "Contact", "00Q": "Lead", "005": "User"}


def derive_relation(writer: Writer, save: Save) -> None:
    """Fill in what a relation says of itself; refuse one too many."""
    org, row = writer.org, save.row
    name = "EventRelation" if row["EventId"] else "TaskRelation"
    related = str(row["RelationId"])
    if not org.settings.shares_activities:
        row["IsInvitee"] = True
        return
    row["IsWhat"] = not related.startswith((*_PEOPLE, "005"))
    row["IsParent"] = related.startswith(_PEOPLE) or bool(row["IsWhat"])
    if (
        save.is_new
        and len(_people(org, name, str(row[_ACTIVITY[name]]))) >= MOST_CONTACTS
    ):
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION",
            f"You can relate at most {MOST_CONTACTS} contacts to an activity.",
            fields=("RelationId",),
        )


def after_relation(writer: Writer, before: Row | None, row: Row | None) -> None:
    """Count who is on the activity; the first to come is its `WhoId`."""
    changed = row or before
    if changed is None or not writer.org.settings.shares_activities:
        return
    activity = "Event" if changed["EventId"] else "Task"
    relation = _RELATION[activity]
    activity_id = str(changed[_ACTIVITY[relation]])
    held = writer.org.find(activity, activity_id)
    if held is None:
        return
    people = _people(writer.org, relation, activity_id)
    who = held["WhoId"] if held["WhoId"] in people else next(iter(people), None)
    counted = Row(held, WhoCount=len(people))
    counted.pop("WhoId", None)
    if who is not None:
        counted["WhoId"] = who
    writer.org.put(activity, counted)


def after_shared(writer: Writer, before: Row | None, row: Row | None) -> None:
    """Keep the rows of an activity's own `WhoId` and `WhatId`."""
    if row is None or not writer.org.settings.shares_activities:
        return
    activity = "Event" if str(row["Id"]).startswith("00U") else "Task"
    for field in ("WhoId", "WhatId"):
        old = before[field] if before is not None else None
        if row[field] != old:
            _replace(writer, activity, row, (old, row[field]))
    people = _people(writer.org, _RELATION[activity], str(row["Id"]))
    what = int(row["WhatId"] is not None)
    writer.org.put(activity, Row(row, WhoCount=len(people), WhatCount=what))


def _replace(
    writer: Writer, activity: str, row: Row, change: tuple[object, object]
) -> None:
    org, name, (old, new) = writer.org, _RELATION[activity], change
    field = _ACTIVITY[name]
    for each in list(_rows(org, name, str(row["Id"]))):
        if old is not None and each["RelationId"] == old:
            org.remove(name, str(each["Id"]))
    if new is None or new in {
        each["RelationId"] for each in _rows(org, name, str(row["Id"]))
    }:
        return
    now, is_what = stamp(org.now()), not str(new).startswith(_PEOPLE)
    made = Row(
        Id=org.new_id(org.kinds[name].key_prefix),
        RelationId=new,
        IsWhat=is_what,
        IsDeleted=False,
        CreatedDate=now,
        CreatedById=writer.session.user_id,
        LastModifiedDate=now,
        LastModifiedById=writer.session.user_id,
        SystemModstamp=now,
    )
    made[field] = row["Id"]
    if name == "EventRelation":
        made["IsParent"], made["IsInvitee"] = True, False
    org.put(name, made)


def _rows(org: Org, name: str, activity_id: str) -> list[Mapping[str, object]]:
    return list(
        org.referencing(name, _ACTIVITY[name], [activity_id], include_deleted=False)
    )


def _people(org: Org, name: str, activity_id: str) -> dict[object, None]:
    """Return the contacts and leads on an activity, the first first."""
    found = sorted(_rows(org, name, activity_id), key=lambda row: str(row["Id"]))
    ids = (each["RelationId"] for each in found)
    return dict.fromkeys(each for each in ids if str(each).startswith(_PEOPLE))


def derive_mail_relation(writer: Writer, save: Save) -> None:
    """Say what a mail's relation is to, and fill in the address of a person."""
    row = save.row
    related = str(row["RelationId"] or "")
    if not related and not row["RelationAddress"]:
        raise SalesforceError(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [RelationAddress]",
            fields=("RelationAddress",),
        )
    object_name = _OBJECTS.get(related[:3])
    if object_name is None:
        return
    row["RelationObjectType"] = object_name
    person = writer.org.find(object_name, related)
    if person is not None and row["RelationAddress"] is None and person["Email"]:
        row["RelationAddress"] = person["Email"]
