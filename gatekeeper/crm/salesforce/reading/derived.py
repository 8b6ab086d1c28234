"""Values of related rows that no single field of Salesforce holds.

Pure: one compiled function per value, made once per pull. What they need is selected
when they are made; where the integration user may not see it they say so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, FieldValue, Unavailable
from gatekeeper.crm.reader import Convert, Reader, WireRow, constant
from gatekeeper.crm.salesforce.reading.columns import hidden
from gatekeeper.crm.salesforce.reading.feeds import PEOPLE, Feeds, wanting
from gatekeeper.crm.salesforce.reading.related import (
    Around,
    Derive,
    Feed,
    activity_of,
    address_of,
    latest_of,
)
from gatekeeper.crm.salesforce.reading.row_names import (
    DERIVED_PATHS,
    Activity,
    Derived,
    Source,
)
from gatekeeper.crm.salesforce.reading.translate import to_moment, to_moment_of_day

if TYPE_CHECKING:
    from collections.abc import Mapping


_NOBODY: frozenset[object] = frozenset()
Joined = tuple[Derive, Sequence[Feed]]
_KINDS: dict[str, Activity] = {
    Source.EVENTS: Activity.MEETING,
    Source.MAILS: Activity.EMAIL,
    Source.LINKS: Activity.NOTE,
}
_DIRECTIONS = {"Inbound": "inbound", "Outbound": "outbound"}
_START = ("StartDateTime", "ActivityDateTime", "ActivityDate")


def derive(what: Derived, feed: Feed, feeds: Feeds) -> Derive:
    """Return the function of a derived value, and select what it needs.

    Args:
        what: The value.
        feed: The source of the rows it is worked out for.
        feeds: Gives other sources of the same deals, read from then on.
    """
    paths = DERIVED_PATHS[what]
    if paths and not feed.columns.select(feed.object, paths):
        return _always(Unavailable(hidden(feed.object, paths[0])))
    derive_value, needed = _JOINED[what](feed, feeds)
    why_not = next((each.why_not for each in needed if each.why_not), "")
    if why_not:
        return _always(Unavailable(why_not))
    return _unless_lost(derive_value, tuple(each.source for each in needed))


def of_row(what: Derived, feed: Feed, now: datetime) -> Reader | None:
    """Return the reader of a value its own row decides, or None where it takes more.

    Args:
        what: The value.
        feed: The source of the rows; what they need is selected.
        now: Salesforce's clock, for what is over.
    """
    if what is Derived.KIND:
        return _kind(feed)
    if what is not Derived.ENDED and what not in _OF_ROW:
        return None
    paths = DERIVED_PATHS[what]
    kept = feed.columns.select(feed.object, paths)
    if not kept:
        return constant(Unavailable(hidden(feed.object, paths[0])))
    if what is Derived.ENDED:
        return Reader(itemgetter(kept[0]), _ended(kept[0], now))
    return Reader(_itself, _OF_ROW[what], list)


def _kind(feed: Feed) -> Reader:
    if feed.object != Source.TASKS:
        return constant(_KINDS[feed.object].value)
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


def _ended(name: str, now: datetime) -> Convert:
    read = _moment_at(name)

    def has_ended(wire: object) -> FieldValue:
        end = read(wire)
        return end <= now if isinstance(end, datetime) else end

    return has_ended


def _unless_lost(derive_value: Derive, sources: tuple[str, ...]) -> Derive:
    """Say why a value cannot be told where rows it rests on did not come."""

    def unless_lost(row: WireRow, around: Around) -> FieldValue:
        if around.lost:
            for source in sources:
                if source in around.lost:
                    return Unavailable(around.lost[source])
        return derive_value(row, around)

    return unless_lost


def _roles_feed(feeds: Feeds, *paths: str) -> Feed:
    return wanting(feeds.built_in(Source.ROLES), "ContactId", "Role", *paths)


def _took_part(activities: Feed, feeds: Feeds) -> Joined:
    """The roles of everybody on a meeting, a call or a task."""
    roles, people = _roles_feed(feeds), feeds.people(activities)
    who = wanting(activities, "WhoId")
    source, activity = _key(people), PEOPLE[activities.object].activity

    def roles_on(row: WireRow, around: Around) -> FieldValue:
        on_it = around.people(source, activity).get(row["Id"], _NOBODY)
        return around.roles_of({row["WhoId"], *on_it})

    return roles_on, [who, roles, *_those(people)]


def _key(feed: Feed | None) -> str:
    return feed.source if feed else ""


def _those(feed: Feed | None) -> list[Feed]:
    return [feed] if feed else []


def _on_mail(mails: Feed, feeds: Feeds) -> Joined:
    """The roles of the sender and of everybody a mail went to."""
    roles, people = _roles_feed(feeds, "Contact.Email"), feeds.people(mails)
    source, activity = _key(people), PEOPLE[Source.MAILS].activity

    def roles_on(row: WireRow, around: Around) -> FieldValue:
        on_it = around.people(source, activity).get(row["Id"], _NOBODY)
        sender = around.senders().get(_address(row), frozenset())
        known = around.roles_of(on_it)
        return (sender | known if isinstance(known, frozenset) else sender) or EMPTY

    return roles_on, [roles, *_those(people)]


def _from(_mails: Feed, feeds: Feeds) -> Joined:
    """The role of a mail's sender, told by the address."""

    def sender_role(row: WireRow, around: Around) -> FieldValue:
        return min(around.senders().get(_address(row), ()), default=EMPTY)

    return sender_role, [_roles_feed(feeds, "Contact.Email")]


def _address(mail: WireRow) -> str:
    return str(mail.get("FromAddress") or "").strip().casefold()


def _last_met(_roles: Feed, feeds: Feeds) -> Joined:
    events = wanting(feeds.built_in(Source.EVENTS), "WhoId")
    starts_at = events.columns.select(events.object, _START)
    people = feeds.people(events)
    if not starts_at:
        events = wanting(events, _START[0])
    start = next(iter(starts_at), "")
    read = _moment_at(start)
    source, activity = _key(people), PEOPLE[Source.EVENTS].activity

    def last_met(row: WireRow, around: Around) -> FieldValue:
        contact, met = row["ContactId"], around.people(source, activity)
        starts = [
            read(event[start])
            for event in around.rows.get(Source.EVENTS, ())
            if contact
            and (event["WhoId"] == contact or contact in met.get(event["Id"], ()))
        ]
        return _past(starts, around.now)

    return last_met, [events, *_those(people)]


def _last_heard(_roles: Feed, feeds: Feeds) -> Joined:
    mails = feeds.built_in(Source.MAILS)
    mails = wanting(mails, "Incoming", "FromAddress", "MessageDate")
    tasks = wanting(feeds.built_in(Source.TASKS), "WhoId", "CallType")
    tasks.columns.select(tasks.object, DERIVED_PATHS[Derived.COMPLETION])
    people = feeds.people(tasks)
    source, activity = _key(people), PEOPLE[Source.TASKS].activity

    def last_heard(row: WireRow, around: Around) -> FieldValue:
        address, contact = address_of(row), row["ContactId"]
        on_it = around.people(source, activity)
        heard = [
            to_moment(mail.get("MessageDate"))
            for mail in around.rows.get(Source.MAILS, ())
            if mail.get("Incoming") and address and _address(mail) == address
        ]
        heard += [
            completion(task)
            for task in around.rows.get(Source.TASKS, ())
            if task.get("CallType") == "Inbound"
            and (task.get("WhoId") == contact or contact in on_it.get(task["Id"], ()))
        ]
        return _past(heard, around.now)

    return last_heard, [tasks, mails, *_those(people)]


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


_JOINED: Mapping[Derived, Callable[[Feed, Feeds], Joined]] = {
    Derived.ROLES: _took_part,
    Derived.MAIL_ROLES: _on_mail,
    Derived.SENDER_ROLE: _from,
    Derived.MET: _last_met,
    Derived.HEARD: _last_heard,
}
"""Values joined from several sources, each with the feeds it rests on."""
_OF_ROW: Mapping[Derived, Convert] = {
    Derived.COMPLETION: completion,
    Derived.CALL_DIRECTION: _call_direction,
    Derived.MAIL_DIRECTION: _mail_direction,
}
