"""What hangs on the deals of a batch, read kind by kind.

What cannot be read is said: a kind that fails makes its collections Unavailable from
there on, and the pull incomplete.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.derived import people_key
from gatekeeper.crm.hubspot.reading.links import Links, choose, read_links
from gatekeeper.crm.hubspot.reading.related import Around, rows_of
from gatekeeper.crm.related import ChildRows
from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.crm.hubspot.reading.columns import Hop
    from gatekeeper.crm.hubspot.reading.records import Records
    from gatekeeper.crm.hubspot.reading.related import Feed
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.reader import WireRow

UNREADABLE = (CrmRejectedError, CrmUnreachableError)
Rows = Sequence[Sequence["WireRow"]]
People = Mapping[str, frozenset[str]]
Read = tuple[Mapping[str, Links], Mapping[str, "WireRow"]]


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

    def children(
        self, feeds: Sequence[Feed], deals: Sequence[WireRow], now: datetime
    ) -> ChildRows[Around]:
        """Return the records of each feed, deal by deal."""
        self._read.clear()
        ids = [str(deal[names.ID]) for deal in deals]
        rows: dict[str, Rows] = {}
        people: dict[str, People] = {}
        for feed in feeds:
            if feed.key not in self.lost:
                parents = _parents(feed.hop, deals) if feed.hop else ids
                rows[feed.key] = self._rows(feed, parents)
                if feed.has_people:
                    people[feed.key] = self._people(feed, rows[feed.key])
        self.without.update(dict.fromkeys(self.lost, len(deals)))
        return ChildRows(
            len(deals),
            rows,
            lambda own: Around(own, now, self.lost, people),
            self.lost,
        )

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

    def _rows(self, feed: Feed, parents: Sequence[str]) -> Rows:
        """Return the records of a feed, parent by parent."""
        try:
            links, records = self._linked(feed, parents)
        except UNREADABLE as error:
            self._lose(feed.key, feed.record, error)
            return [()] * len(parents)
        rows = rows_of(feed)
        by_parent = {id_: rows(each, records) for id_, each in links.items() if each}
        return [by_parent.get(id_, ()) for id_ in parents]

    def _linked(self, feed: Feed, parents: Sequence[str]) -> Read:
        """Return the associations of a feed and the records they lead to.

        A kind is read once per batch, however many feeds are made of it.
        """
        key = (feed.hop.name if feed.hop else "", feed.record)
        if key not in self._read:
            source = feed.hop.record if feed.hop else names.DEALS
            ids = list(dict.fromkeys(id_ for id_ in parents if id_))
            links = read_links(self.client, source, feed.record, ids) if ids else {}
            linked = chain.from_iterable(links.values())
            records = self.records.read(feed.record, linked)
            if feed.record == names.TASKS:
                records = _without_ours(records)
            self._read[key] = links, records
        return self._read[key]

    def _people(self, feed: Feed, rows: Rows) -> People:
        """Return the contacts on each record of a feed."""
        ids = list(dict.fromkeys(str(row[names.ID]) for each in rows for row in each))
        try:
            links = (
                read_links(self.client, feed.record, names.CONTACTS, ids) if ids else {}
            )
        except UNREADABLE as error:
            self._lose(people_key(feed.key), names.CONTACTS, error)
            return {}
        return {id_: frozenset(each) for id_, each in links.items()}

    def _lose(self, key: str, record: str, error: Exception) -> None:
        self.lost[key] = f"{record} could not be read"
        self.errors[key] = str(error)


def _without_ours(tasks: Mapping[str, WireRow]) -> Mapping[str, WireRow]:
    # D13: what we wrote never counts as activity.
    return {
        id_: task for id_, task in tasks.items() if not task.get(names.KEY_PROPERTY)
    }


def _parents(hop: Hop, deals: Sequence[WireRow]) -> list[str]:
    """Return the id of the record that each deal looks up; "" without one."""
    there = (deal.get(hop.name) for deal in deals)
    return [str(each[names.ID]) if isinstance(each, dict) else "" for each in there]
