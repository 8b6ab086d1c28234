"""What hangs on the deals of a batch, read kind by kind.

What cannot be read is said: a kind that fails makes its collections Unavailable from
there on, and the pull incomplete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.derived import people_key
from gatekeeper.crm.hubspot.reading.links import Link, choose, read_links
from gatekeeper.crm.hubspot.reading.related import Around, labelled, split
from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.crm.hubspot.reading.columns import Hop
    from gatekeeper.crm.hubspot.reading.records import Records
    from gatekeeper.crm.hubspot.reading.related import Feed
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.reader import WireRow

UNREADABLE = (CrmRejectedError, CrmUnreachableError)
Rows = Mapping[str, Sequence["WireRow"]]
People = Mapping[str, frozenset[str]]
Read = tuple[Mapping[str, list[Link]], Mapping[str, "WireRow"]]


@dataclass(slots=True)
class Beside:
    """The records beside the deals of one pull.

    Attributes:
        lost: Feed or lookup to why its records are not to be had any more.
        errors: The same, with what HubSpot said.
        without: Feed to the number of deals that lack it.
    """

    client: Client
    records: Records
    lost: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    without: Counter[str] = field(default_factory=Counter)
    _read: dict[tuple[str, str], Read] = field(default_factory=dict)

    def follow(self, hops: Sequence[Hop], deals: Sequence[dict[str, object]]) -> None:
        """Put the record of each lookup into its deals."""
        for hop in hops:
            found = self._looked_up(hop, deals)
            for deal in deals:
                if hop.name in self.lost:
                    deal[hop.name] = Unavailable(self.lost[hop.name])
                else:
                    deal[hop.name] = found.get(str(deal[names.ID]))

    def around(
        self, feeds: Sequence[Feed], deals: Sequence[WireRow], now: datetime
    ) -> list[Around]:
        """Return what is around each deal."""
        self._read.clear()
        rows: dict[str, Rows] = {}
        people: dict[str, People] = {}
        for feed in feeds:
            if feed.key not in self.lost:
                rows[feed.key] = self._rows(feed, deals)
                if feed.has_people:
                    people[feed.key] = self._people(feed, rows[feed.key])
        self.without.update(dict.fromkeys(self.lost, len(deals)))
        if not rows:
            return [Around({}, now, self.lost) for _ in deals]
        return [
            Around(
                {key: each.get(str(deal[names.ID]), ()) for key, each in rows.items()},
                now,
                self.lost,
                people,
            )
            for deal in deals
        ]

    def _looked_up(
        self, hop: Hop, deals: Sequence[WireRow]
    ) -> Mapping[str, WireRow | None]:
        """Return the one record a lookup leads to, by deal."""
        if hop.name in self.lost:
            return {}
        ids = [str(deal[names.ID]) for deal in deals]
        try:
            links = read_links(self.client, names.DEALS, hop.record, ids)
            chosen = {id_: choose(links[id_], hop.label) for id_ in ids}
            found = self.records.read(
                hop.record, [id_ for id_ in chosen.values() if id_]
            )
        except UNREADABLE as error:
            self._lose(hop.name, hop.record, error)
            return {}
        return {id_: found.get(to) if to else None for id_, to in chosen.items()}

    def _rows(self, feed: Feed, deals: Sequence[WireRow]) -> Rows:
        """Return the records of a feed by the id of their deal."""
        parents = {str(deal[names.ID]): _parent(feed, deal) for deal in deals}
        source = feed.hop.record if feed.hop else names.DEALS
        ids = list(dict.fromkeys(id_ for id_ in parents.values() if id_))
        try:
            links, found = self._linked(feed, source, ids)
        except UNREADABLE as error:
            self._lose(feed.key, feed.record, error)
            return {}
        by_parent: dict[str, list[WireRow]] = {}
        for id_, each in links.items():
            known = [(found[link.to], link.labels) for link in each if link.to in found]
            by_parent[id_] = [
                row
                for record, labels in known
                for row in _as_rows(feed, record, labels)
            ]
        return {deal: by_parent.get(id_, []) for deal, id_ in parents.items()}

    def _linked(self, feed: Feed, source: str, ids: Sequence[str]) -> Read:
        """Return the associations of a feed and the records they lead to.

        A kind is read once per batch, however many feeds are made of it.
        """
        key = (feed.hop.name if feed.hop else "", feed.record)
        if key not in self._read:
            fresh = read_links(self.client, source, feed.record, ids) if ids else {}
            all_ids = (link.to for each in fresh.values() for link in each)
            self._read[key] = fresh, self.records.read(feed.record, all_ids)
        links, found = self._read[key]
        if not feed.label:
            return links, found
        labelled_so = {
            id_: [link for link in each if feed.label in link.labels]
            for id_, each in links.items()
        }
        return labelled_so, found

    def _people(self, feed: Feed, rows: Rows) -> People:
        """Return the contacts on each record of a feed."""
        ids = list(
            dict.fromkeys(str(row[names.ID]) for each in rows.values() for row in each)
        )
        try:
            links = (
                read_links(self.client, feed.record, names.CONTACTS, ids) if ids else {}
            )
        except UNREADABLE as error:
            self._lose(people_key(feed.key), names.CONTACTS, error)
            return {}
        return {id_: frozenset(link.to for link in each) for id_, each in links.items()}

    def _lose(self, key: str, record: str, error: Exception) -> None:
        self.lost[key] = f"{record} could not be read"
        self.errors[key] = str(error)


def _as_rows(feed: Feed, record: WireRow, labels: tuple[str, ...]) -> Sequence[WireRow]:
    """Return what a record is to a deal: mostly one row."""
    if feed.splits:
        return split(record, feed.splits)
    is_role = feed.record == names.CONTACTS and feed.hop is None
    return labelled(record, labels) if is_role else (record,)


def _parent(feed: Feed, deal: WireRow) -> str:
    """Return the id of the record that a feed's records hang on; "" without one."""
    if feed.hop is None:
        return str(deal[names.ID])
    there = deal.get(feed.hop.name)
    return str(there[names.ID]) if isinstance(there, dict) else ""
