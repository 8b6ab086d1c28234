"""Values of related rows that no single property of HubSpot holds.

Pure: one compiled function per value, made once per pull. What they need is selected
when they are made; where the portal does not have it they say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, FieldValue, Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.columns import absent
from gatekeeper.crm.hubspot.reading.related import Around, Derive, Feed, address
from gatekeeper.crm.hubspot.reading.row_names import (
    ACTIVITIES,
    AT,
    DERIVED_PATHS,
    START,
    Derived,
)
from gatekeeper.crm.hubspot.reading.translate import to_moment, to_text
from gatekeeper.crm.reader import Reader, constant

if TYPE_CHECKING:
    from gatekeeper.crm.hubspot.reading.feeds import Feeds
    from gatekeeper.crm.reader import Convert, WireRow

_NOT_HELD = frozenset({"CANCELED", "CANCELLED", "NO_SHOW"})
_DONE = "COMPLETED"
_INBOUND_MAIL = "INCOMING_EMAIL"


def of_row(what: Derived, feed: Feed, now: datetime) -> Reader | None:
    """Return the reader of a value its own row decides, or None where it takes more.

    Args:
        what: The value.
        feed: The source of the rows; what they need is selected.
        now: HubSpot's clock, for what is over.
    """
    if what is Derived.KIND:
        return constant(ACTIVITIES[feed.record])
    if what is Derived.NOTHING:
        return constant(EMPTY)
    convert = _held(now) if what is Derived.HELD else _OF_ROW.get(what)
    if convert is None:
        return None
    paths = DERIVED_PATHS[what]
    if not feed.columns.select(paths):
        return constant(Unavailable(absent(feed.record, paths[0])))
    return Reader(_itself, convert, list)


def derive(what: Derived, feed: Feed, feeds: Feeds) -> Derive:
    """Return the function of a derived value, and select what it needs.

    Args:
        what: The value.
        feed: The source of the rows it is worked out for.
        feeds: Gives other sources of the same deals, read from then on.
    """
    paths = DERIVED_PATHS[what]
    if paths and not feed.columns.select(paths):
        return _always(Unavailable(absent(feed.record, paths[0])))
    derive_value, needed = _JOINED[what](feed, feeds)
    why_not = next((each.why_not for each in needed if each.why_not), "")
    if why_not:
        return _always(Unavailable(why_not))
    return _unless_lost(derive_value, tuple(each.key for each in needed))


def _always(value: FieldValue) -> Derive:
    return lambda _row, _around: value


def _itself(row: WireRow) -> object:
    return row


def _unless_lost(derive_value: Derive, sources: tuple[str, ...]) -> Derive:
    """Say why a value cannot be told where records it rests on did not come."""

    def unless_lost(row: WireRow, around: Around) -> FieldValue:
        if around.lost:
            for source in sources:
                if source in around.lost:
                    return Unavailable(around.lost[source])
        return derive_value(row, around)

    return unless_lost


def _held(now: datetime) -> Convert:
    def held(wire: object) -> FieldValue:
        """Tell whether a meeting took place: it is over, and was not called off."""
        row: WireRow = wire  # type: ignore[assignment]
        if str(row.get("hs_meeting_outcome") or "").upper() in _NOT_HELD:
            return False
        end = to_moment(row.get("hs_meeting_end_time") or row.get(AT))
        return end <= now if isinstance(end, datetime) else end

    return held


def _start(wire: object) -> FieldValue:
    """Return when a meeting begins: HubSpot dates one without a start by its entry."""
    row: WireRow = wire  # type: ignore[assignment]
    return to_moment(row.get(START) or row.get(AT))


def _full_name(wire: object) -> FieldValue:
    row: WireRow = wire  # type: ignore[assignment]
    words = (str(row.get(part) or "").strip() for part in ("firstname", "lastname"))
    return " ".join(word for word in words if word) or EMPTY


def _is_done(wire: object) -> FieldValue:
    row: WireRow = wire  # type: ignore[assignment]
    status = to_text(row.get("hs_task_status"))
    return status.upper() == _DONE if isinstance(status, str) else status


def _call_direction(wire: object) -> FieldValue:
    row: WireRow = wire  # type: ignore[assignment]
    said = to_text(row.get("hs_call_direction"))
    return said.casefold() if isinstance(said, str) else said


def _mail_direction(wire: object) -> FieldValue:
    row: WireRow = wire  # type: ignore[assignment]
    said = to_text(row.get("hs_email_direction"))
    if not isinstance(said, str):
        return said
    return "inbound" if said.upper() == _INBOUND_MAIL else "outbound"


Joined = tuple[Derive, Sequence[Feed]]


def _contacts(feeds: Feeds) -> Feed:
    feed = feeds.of(names.CONTACTS)
    feed.columns.select(("email",))
    return feed


def _took_part(activities: Feed, feeds: Feeds) -> Joined:
    """The deal's roles of everybody on a meeting, a call, a mail, a task or a note."""
    activities.has_people = True

    def roles_on(row: WireRow, around: Around) -> FieldValue:
        return around.roles_of(around.on(activities.key, row[names.ID]))

    return roles_on, [_contacts(feeds), people_of(activities)]


def people_of(activities: Feed) -> Feed:
    """Return what stands for the contacts on a feed's records, as `lost` knows them."""
    return Feed(people_key(activities.key), names.CONTACTS, activities.columns)


def people_key(feed: str) -> str:
    """Return the name under which the contacts on a feed's records are kept."""
    return f"{feed} people"


def _from(_mails: Feed, feeds: Feeds) -> Joined:
    """The role of a mail's sender, told by the address."""

    def sender_role(row: WireRow, around: Around) -> FieldValue:
        sender = address(row.get("hs_email_from_email"))
        return min(around.senders().get(sender, ()), default=EMPTY)

    return sender_role, [_contacts(feeds)]


def _last_met(_contacts_of: Feed, feeds: Feeds) -> Joined:
    meetings = feeds.of("meetings")
    meetings.columns.select((START, AT))
    meetings.has_people = True

    def last_met(row: WireRow, around: Around) -> FieldValue:
        contact = str(row[names.ID])
        starts = [
            _start(meeting)
            for meeting in around.rows.get(meetings.key, ())
            if contact in around.on(meetings.key, meeting[names.ID])
        ]
        return _past(starts, around.now)

    return last_met, [meetings, people_of(meetings)]


def _last_heard(_contacts_of: Feed, feeds: Feeds) -> Joined:
    mails, calls = feeds.of("emails"), feeds.of("calls")
    mails.columns.select((AT, "hs_email_direction", "hs_email_from_email"))
    calls.columns.select((AT, "hs_call_direction"))
    calls.has_people = True

    def last_heard(row: WireRow, around: Around) -> FieldValue:
        sender, contact = address(row.get("email")), str(row[names.ID])
        heard = [
            to_moment(mail.get(AT))
            for mail in around.rows.get(mails.key, ())
            if sender
            and _mail_direction(mail) == "inbound"
            and address(mail.get("hs_email_from_email")) == sender
        ]
        heard += [
            to_moment(call.get(AT))
            for call in around.rows.get(calls.key, ())
            if _call_direction(call) == "inbound"
            and contact in around.on(calls.key, call[names.ID])
        ]
        return _past(heard, around.now)

    return last_heard, [mails, calls, people_of(calls)]


def _past(moments: Sequence[FieldValue], now: datetime) -> FieldValue:
    known = [m for m in moments if isinstance(m, datetime) and m <= now]
    return max(known, default=EMPTY)


_JOINED: Mapping[Derived, Callable[[Feed, Feeds], Joined]] = {
    Derived.ROLES: _took_part,
    Derived.SENDER_ROLE: _from,
    Derived.MET: _last_met,
    Derived.HEARD: _last_heard,
}
"""Values joined from several sources, each with the feeds it rests on."""
_OF_ROW: Mapping[Derived, Callable[[object], FieldValue]] = {
    Derived.FULL_NAME: _full_name,
    Derived.START: _start,
    Derived.DONE: _is_done,
    Derived.CALL_DIRECTION: _call_direction,
    Derived.MAIL_DIRECTION: _mail_direction,
}
