"""Values of related rows that no single field of Salesforce holds.

Pure: one compiled function per value, made once per pull. What they need is selected
when they are made; where the integration user may not see it they say so.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, FieldValue, Unavailable
from gatekeeper.crm.salesforce.columns import hidden
from gatekeeper.crm.salesforce.names import DERIVED_PATHS, Activity, Derived, Source
from gatekeeper.crm.salesforce.related import (
    Around,
    Derive,
    Feed,
    activity_of,
    address_of,
    latest_of,
)
from gatekeeper.crm.salesforce.translate import (
    Convert,
    Reader,
    WireRow,
    constant,
    to_moment,
    to_moment_of_day,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_KINDS = {
    Source.EVENTS: Activity.MEETING,
    Source.MAILS: Activity.EMAIL,
    Source.LINKS: Activity.NOTE,
}
_DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}
_START = ("StartDateTime", "ActivityDateTime", "ActivityDate")


def derive(what: Derived, feed: Feed, feed_of: Callable[[Source], Feed]) -> Derive:
    """Return the function of a derived value, and select what it needs.

    Args:
        what: The value.
        feed: The source of the rows it is worked out for.
        feed_of: Gives another source of the same deals, read from then on.
    """
    paths = DERIVED_PATHS[what]
    kept = feed.columns.select(feed.object, paths)
    if paths and not kept:
        return _always(Unavailable(hidden(feed.object, paths[0])))
    if what is Derived.ENDED:
        return _ended(kept[0])
    if what in _ROLE_READERS:
        return _with_roles(feed_of(Source.ROLES), _ROLE_READERS[what])
    if what is Derived.MET:
        return _last_met(feed_of(Source.EVENTS))
    return _last_heard(feed_of(Source.MAILS), feed_of(Source.TASKS))


def of_row(what: Derived, feed: Feed) -> Reader | None:
    """Return the reader of a value its own row decides, or None where it takes more."""
    if what is not Derived.KIND and what not in _OF_ROW:
        return None
    paths = DERIVED_PATHS[what]
    if paths and not feed.columns.select(feed.object, paths):
        return constant(Unavailable(hidden(feed.object, paths[0])))
    if what is not Derived.KIND:
        return Reader(_itself, _OF_ROW[what])
    if feed.source != Source.TASKS:
        return constant(_KINDS[Source(feed.source)].value)
    feed.columns.select(feed.object, ("TaskSubtype",))
    return Reader(activity_of, str)


def completion(wire: object) -> FieldValue:
    """When a task was done; its due date where no moment is kept (language A41)."""
    if not isinstance(wire, dict) or not wire.get("IsClosed", True):
        return EMPTY
    moment = to_moment(wire.get("CompletedDateTime"))
    return to_moment_of_day(wire.get("ActivityDate")) if moment is EMPTY else moment


def _always(value: FieldValue) -> Derive:
    return lambda _row, _around: value


def _moment_at(name: str) -> Callable[[object], FieldValue]:
    return to_moment_of_day if name == "ActivityDate" else to_moment


def _ended(name: str) -> Derive:
    read = _moment_at(name)

    def has_ended(row: WireRow, around: Around) -> FieldValue:
        end = read(row[name])
        return end <= around.now if isinstance(end, datetime) else end

    return has_ended


def _with_roles(roles: Feed, derive_role: Derive) -> Derive:
    kept = roles.columns.select(roles.object, ("ContactId", "Role", "Contact.Email"))
    if roles.why_not:
        return _always(Unavailable(roles.why_not))
    if {"ContactId", "Role"} - set(kept):
        return _always(Unavailable(hidden(roles.object, "Role")))
    if derive_role is _sender_role and "Contact.Email" not in kept:
        return _always(Unavailable(hidden("Contact", "Email")))
    return derive_role


def _roles(row: WireRow, around: Around) -> FieldValue:
    return around.roles().get(str(row["WhoId"]), EMPTY)


def _sender_role(row: WireRow, around: Around) -> FieldValue:
    address = str(row["FromAddress"] or "").strip().casefold()
    roles = around.senders().get(address, EMPTY)
    return min(roles) if isinstance(roles, frozenset) else roles


def _last_met(events: Feed) -> Derive:
    kept = events.columns.select(events.object, ("WhoId", *_START))
    if events.why_not or len(kept) < 2:
        return _always(Unavailable(events.why_not or hidden(events.object, "WhoId")))
    start = kept[1]
    read = _moment_at(start)

    def last_met(row: WireRow, around: Around) -> FieldValue:
        contact = row["ContactId"]
        starts = [
            read(event[start])
            for event in around.rows.get(Source.EVENTS, ())
            if contact and event["WhoId"] == contact
        ]
        return _past(starts, around.now)

    return last_met


def _last_heard(mails: Feed, tasks: Feed) -> Derive:
    mails.columns.select(mails.object, ("Incoming", "FromAddress", "MessageDate"))
    tasks.columns.select(
        tasks.object,
        ("WhoId", "TaskSubtype", "CallType", *DERIVED_PATHS[Derived.COMPLETION]),
    )
    if tasks.why_not:
        return _always(Unavailable(tasks.why_not))

    def last_heard(row: WireRow, around: Around) -> FieldValue:
        address, contact = address_of(row), row["ContactId"]
        heard = [
            to_moment(mail.get("MessageDate"))
            for mail in around.rows.get(Source.MAILS, ())
            if mail.get("Incoming")
            and address
            and str(mail.get("FromAddress") or "").strip().casefold() == address
        ]
        heard += [
            completion(task)
            for task in around.rows.get(Source.TASKS, ())
            if task.get("CallType") == "Inbound" and task.get("WhoId") == contact
        ]
        return _past(heard, around.now)

    return last_heard


def _past(moments: list[FieldValue], now: datetime) -> FieldValue:
    return latest_of([m for m in moments if isinstance(m, datetime) and m <= now])


def _call_direction(wire: object) -> FieldValue:
    direction = wire.get("CallType") if isinstance(wire, dict) else None
    return _DIRECTIONS.get(str(direction), EMPTY)


def _mail_direction(wire: object) -> FieldValue:
    is_incoming = isinstance(wire, dict) and wire.get("Incoming") is True
    return "inbound" if is_incoming else "outbound"


def _itself(row: WireRow) -> object:
    return row


_ROLE_READERS = {Derived.ROLES: _roles, Derived.SENDER_ROLE: _sender_role}
_OF_ROW: Mapping[Derived, Convert] = {
    Derived.COMPLETION: completion,
    Derived.CALL_DIRECTION: _call_direction,
    Derived.MAIL_DIRECTION: _mail_direction,
}
