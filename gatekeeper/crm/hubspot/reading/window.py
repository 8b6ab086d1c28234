"""Deals whose associations are read before any record of theirs is.

A read of associations takes a thousand deals and one of records a hundred, whichever
deals they hang on. So a window takes in deals by the thousand until the requests it
would send half filled are few beside the others; then their records are read, batch by
batch. Many rows make a window short and few make it long, so that it holds little.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.ahead import Ahead
from gatekeeper.crm.hubspot.reading.beside import way_of
from gatekeeper.crm.hubspot.reading.links import choose
from gatekeeper.crm.hubspot.reading.related import Around, rows_of
from gatekeeper.crm.hubspot.wire.client import MOST_LINKED, MOST_LISTED, MOST_READ
from gatekeeper.crm.related import ChildRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from gatekeeper.crm.hubspot.reading.beside import Beside, Way
    from gatekeeper.crm.hubspot.reading.columns import Hop
    from gatekeeper.crm.hubspot.reading.links import Links
    from gatekeeper.crm.hubspot.reading.related import Feed
    from gatekeeper.crm.reader import WireRow

MOST_TAKEN_IN = 20_000
"""Deals of a window, however little hangs on them."""
WHOLE_PER_HALF_FILLED = 25
"""Requests that must be sent anyway for each that may be sent half filled.

The promise is a twentieth more than the fewest.
"""
Row = dict[str, object]
People = Mapping[str, frozenset[str]]
_NONE: Links = {}


@dataclass(slots=True)
class Window:
    """Some thousand deals on their way.

    Attributes:
        loose: How many kinds of request may be half filled beside those for the
            records that deals themselves lead to.
        links: Way to the associations of each deal, or of each record looked up.
    """

    beside: Beside
    loose: int = 0
    links: dict[Way, dict[str, Links]] = field(default_factory=dict)
    _deals: int = 0
    _linked: dict[str, set[str]] = field(default_factory=dict)
    _people: dict[str, People] = field(default_factory=dict)
    _aheads: dict[str, Ahead[WireRow]] = field(default_factory=dict)

    def take_in(self, deals: Sequence[WireRow]) -> None:
        """Read what some more deals are associated with."""
        ids = _ids(deals)
        self._deals += len(ids)
        for kind in self.beside.kinds():
            found = self.beside.links((None, kind), ids)
            self.links.setdefault((None, kind), {}).update(found)
            linked = self._linked.setdefault(kind, set())
            linked.update(chain.from_iterable(found.values()))

    def is_full(self) -> bool:
        """Whether it is time to read its records, and not to take in more deals."""
        sizes = [len(ids) for ids in self._linked.values()]
        half_filled = self.loose + sum(size % MOST_READ > 0 for size in sizes)
        whole = self._deals // MOST_LISTED + sum(size // MOST_READ for size in sizes)
        whole += len(sizes) * (self._deals // MOST_LINKED)
        is_worth_it = half_filled * WHOLE_PER_HALF_FILLED <= whole
        return is_worth_it or self._deals >= MOST_TAKEN_IN

    def follow(self, deals: Sequence[Row]) -> None:
        """Put the record of each lookup into its deals, and see what hangs on it."""
        for hop in self.beside.hops:
            found = self._looked_up(hop, deals)
            lost = self.beside.lost.get(hop.name)
            for deal, there in zip(deals, found, strict=True):
                deal[hop.name] = Unavailable(lost) if lost else there
        for feed in self.beside.readable():
            way = way_of(feed)
            if feed.hop and way not in self.links:
                parents = dict.fromkeys(filter(None, _parents(feed.hop, deals)))
                self.links[way] = dict(self.beside.links(way, list(parents)))

    def split(self, deals: Sequence[Row], most: int) -> list[Sequence[Row]]:
        """Return its deals as batches, whose records are wanted in this order.

        Args:
            deals: All of the window; their lookups were followed.
            most: Deals of a batch.
        """
        batches = [deals[start : start + most] for start in range(0, len(deals), most)]
        for feed in self.beside.readable():
            if feed.has_people:
                records = list(self._records(feed, deals))
                self._people[feed.key] = self.beside.people(feed, records)
        self._aheads = self._wanted(batches)
        return batches

    def children(self, deals: Sequence[Row], now: datetime) -> ChildRows[Around]:
        """Return what hangs on the deals of the next batch.

        Args:
            deals: Of the batch.
            now: HubSpot's clock.
        """
        found = {kind: ahead.give() for kind, ahead in self._aheads.items()}
        rows = {
            feed.key: self._rows(feed, deals, found[feed.record])
            for feed in self.beside.readable()
        }
        lost, people = dict(self.beside.lost), self._people
        self.beside.without.update(dict.fromkeys(lost, len(deals)))
        around = partial(Around, now=now, lost=lost, people=people)
        return ChildRows(len(deals), rows, around, lost)

    def _looked_up(self, hop: Hop, deals: Sequence[Row]) -> Iterable[WireRow | None]:
        """Return the record that each deal looks up."""
        links = self.links.get((None, hop.record), {})
        chosen = [choose(links.get(id_, _NONE), hop.label) for id_ in _ids(deals)]
        found = self.beside.looked_up(hop, [to for to in chosen if to])
        return [found.get(to) if to else None for to in chosen]

    def _wanted(self, batches: Sequence[Sequence[Row]]) -> dict[str, Ahead[WireRow]]:
        """Return what reads the records of each kind, told of what is wanted."""
        feeds: dict[str, dict[Way, Feed]] = {}
        for feed in self.beside.readable():
            feeds.setdefault(feed.record, {})[way_of(feed)] = feed
        aheads: dict[str, Ahead[WireRow]] = {}
        for kind, reached in feeds.items():
            read = partial(self.beside.fed, kind)
            ahead = Ahead(read, MOST_READ, self.beside.records.kept(kind))
            for batch in batches:
                each = (self._records(feed, batch) for feed in reached.values())
                ahead.want(chain.from_iterable(each))
            aheads[kind] = ahead
        return aheads

    def _records(self, feed: Feed, deals: Sequence[Row]) -> Iterable[str]:
        """Return the ids of the records that a feed's way leads to."""
        links = self.links.get(way_of(feed), {})
        parents = _parents(feed.hop, deals) if feed.hop else _ids(deals)
        known = (links.get(id_, _NONE) for id_ in parents)
        return dict.fromkeys(chain.from_iterable(known))

    def _rows(
        self, feed: Feed, deals: Sequence[Row], records: Mapping[str, WireRow]
    ) -> list[Sequence[WireRow]]:
        """Return the records of a feed, deal by deal."""
        rows, links = rows_of(feed), self.links.get(way_of(feed), {})
        if feed.hop is None:
            known = (links.get(id_) for id_ in _ids(deals))
            return [rows(each, records) if each else () for each in known]
        parents = _parents(feed.hop, deals)
        by_parent = {
            id_: rows(each, records) for id_ in set(parents) if (each := links.get(id_))
        }
        return [by_parent.get(id_, ()) for id_ in parents]


def _ids(deals: Sequence[WireRow]) -> list[str]:
    return [str(deal[names.ID]) for deal in deals]


def _parents(hop: Hop, deals: Sequence[WireRow]) -> list[str]:
    """Return the id of the record that each deal looks up; "" without one."""
    there = (deal.get(hop.name) for deal in deals)
    return [str(each[names.ID]) if isinstance(each, dict) else "" for each in there]
