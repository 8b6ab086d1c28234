"""What one deal's collections are made from: records of other kinds, by association.

Pure. A kind is read once however many collections take rows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, FieldValue
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.links import Links
from gatekeeper.crm.hubspot.reading.row_names import LABEL
from gatekeeper.crm.reader import WireRow
from gatekeeper.crm.related import Laid

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.crm.hubspot.reading.columns import Columns, Hop


@dataclass(slots=True)
class Feed:
    """Records of one kind that hang on a deal, or on a record it looks up.

    Attributes:
        key: `meetings`, or `account.meetings`.
        columns: Of the kind; shared by all its feeds.
        hop: The lookup whose record they hang on; None for the deal itself.
        label: Only associations with this label count; "" for all.
        splits: A property of several ids, each of which is a row; "" for none.
        has_people: The contacts on each record are read too.
        why_not: Why they cannot be read; "" where they can.
    """

    key: str
    record: str
    columns: Columns
    hop: Hop | None = None
    label: str = ""
    splits: str = ""
    has_people: bool = False
    why_not: str = ""


@dataclass(slots=True)
class Around:
    """One deal's related records while its collections are put together.

    Attributes:
        rows: Feed to this deal's records of it.
        now: HubSpot's clock, for what is over.
        lost: Feed to why its records did not come.
        people: Feed to the contacts on each of its records.
    """

    rows: Mapping[str, Sequence[WireRow]]
    now: datetime
    lost: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    _roles: dict[str, frozenset[str]] | None = None
    _senders: dict[str, frozenset[str]] | None = None

    def roles(self) -> Mapping[str, frozenset[str]]:
        """Contact id to roles on this deal; contacts without one aside."""
        if self._roles is None:
            self._roles = self._by(lambda row: str(row[names.ID]))
        return self._roles

    def senders(self) -> Mapping[str, frozenset[str]]:
        """Mail address of a contact of this deal to the contact's roles."""
        if self._senders is None:
            self._senders = self._by(lambda row: address(row.get("email")))
        return self._senders

    def on(self, feed: str, record: object) -> frozenset[str]:
        """Return the ids of the contacts on one record of a feed."""
        return self.people.get(feed, {}).get(str(record), frozenset())

    def roles_of(self, contacts: Iterable[str]) -> FieldValue:
        """Return the roles of some contacts on this deal; EMPTY without any."""
        known = self.roles()
        return frozenset().union(*(known.get(each, ()) for each in contacts)) or EMPTY

    def _by(self, key_of: Callable[[WireRow], str]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for row in self.rows.get(names.CONTACTS, ()):
            key, role = key_of(row), row.get(LABEL)
            if key and role:
                found[key] = found.get(key, frozenset()) | {str(role)}
        return found


Derive = Callable[[WireRow, Around], FieldValue]
Records = Mapping[str, WireRow]
RowsOf = Callable[[Sequence[Links], Records], Laid]
"""Makes rows of the associations of each deal and of the records they lead to."""


def address(wire: object) -> str:
    """Return a mail address as it is compared."""
    return str(wire or "").strip().casefold()


def takes_labels(feed: Feed) -> bool:
    """Whether the labels of its associations make a difference to its rows."""
    return bool(feed.label) or _is_role(feed)


def _is_role(feed: Feed) -> bool:
    return feed.record == names.CONTACTS and feed.hop is None


def rows_of(feed: Feed) -> RowsOf:
    """Return what makes rows of a feed's records."""
    is_role = _is_role(feed)
    rows = split(feed.splits) if feed.splits else labelled if is_role else plain
    if not feed.label:
        return rows

    def with_label(linked: Sequence[Links], records: Records) -> Laid:
        named = [
            {id_: each for id_, each in links.items() if feed.label in each}
            for links in linked
        ]
        return rows(named, records)

    return with_label


def plain(linked: Sequence[Links], records: Records) -> Laid:
    """Return a row per record."""
    rows = list(map(records.get, chain.from_iterable(linked)))
    if None not in rows:
        return Laid(rows, list(map(len, linked)))  # type: ignore[arg-type]
    there = [[row for id_ in links if (row := records.get(id_))] for links in linked]
    return Laid.of(there)


def labelled(linked: Sequence[Links], records: Records) -> Laid:
    """Return a row per label of each record; one where it has none.

    So a contact with two roles on a deal is two rows, as on Salesforce.
    """
    return Laid.of(
        [
            [
                {**records[id_], LABEL: label}
                for id_, labels in links.items()
                if id_ in records
                for label in labels or (None,)
            ]
            for links in linked
        ]
    )


def split(name: str) -> RowsOf:
    """Return what makes a row of every id that a property of the records holds."""
    return lambda linked, records: Laid.of(
        [
            [
                records[id_]
                for id_ in links
                if id_ in records and (ids := records[id_].get(name))
                for each in str(ids).split(";")
                if each
            ]
            for links in linked
        ]
    )
