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
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.ahead import Ahead
from gatekeeper.crm.hubspot.reading.beside import way_of
from gatekeeper.crm.hubspot.reading.derived import people_key
from gatekeeper.crm.hubspot.reading.links import choose
from gatekeeper.crm.hubspot.reading.related import Around, rows_of
from gatekeeper.crm.hubspot.wire.client import MOST_LINKED, MOST_LISTED, MOST_READ
from gatekeeper.crm.related import ChildRows, Laid

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
Reasons = dict[str, str]
"""Feed or lookup to why it is not known."""
_NONE: Links = {}


@dataclass(slots=True)
class Window:
    """Some thousand deals on their way.

    Attributes:
        loose: How many kinds of request may be half filled beside those for the
            records that deals themselves lead to.
        links: Way to the associations of each deal, or of each record looked up.
        untold: Way to why the associations of single ones of these are not known.
    """

    beside: Beside
    loose: int = 0
    links: dict[Way, dict[str, Links]] = field(default_factory=dict)
    untold: dict[Way, dict[str, str]] = field(default_factory=dict)
    _deals: int = 0
    _linked: dict[str, set[str]] = field(default_factory=dict)
    _people: dict[str, People] = field(default_factory=dict)
    _unmet: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _aheads: dict[str, Ahead[WireRow]] = field(default_factory=dict)

    def take_in(self, deals: Sequence[WireRow]) -> None:
        """Read what some more deals are associated with."""
        ids = _ids(deals)
        self._deals += len(ids)
        for kind in self.beside.kinds():
            found = self._read_links((None, kind), ids)
            linked = self._linked.setdefault(kind, set())
            linked.update(chain.from_iterable(found.values()))

    def _read_links(self, way: Way, ids: Sequence[str]) -> Mapping[str, Links]:
        found = self.beside.links(way, ids)
        self.links.setdefault(way, {}).update(found.links)
        if found.untold:
            self.untold.setdefault(way, {}).update(found.untold)
        return found.links

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
            untold = self.untold.get((None, hop.record), {})
            for deal, there in zip(deals, found, strict=True):
                why = lost or untold.get(str(deal[names.ID]))
                deal[hop.name] = Unavailable(why) if why else there
        for feed in self.beside.readable():
            way = way_of(feed)
            if feed.hop and way not in self.links:
                parents = dict.fromkeys(filter(None, _parents(feed.hop, deals)))
                self._read_links(way, list(parents))

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
                found = self.beside.people(feed, records)
                met = {
                    id_: frozenset(each) for id_, each in found.links.items() if each
                }
                self._people[feed.key] = met
                self._unmet[feed.key] = found.untold
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
        untold = self._untold(deals, rows)
        self.beside.count(untold.values(), len(deals))
        return ChildRows(
            len(deals),
            rows,
            lambda own, lost: Around(own, now, lost, people),
            lost,
            untold,
        )

    def _untold(
        self, deals: Sequence[Row], rows: Mapping[str, Laid]
    ) -> dict[int, Reasons]:
        """Return place of a deal to what is not known of it alone, and why."""
        untold: dict[int, Reasons] = {}
        if not self.untold and not any(self._unmet.values()):
            return untold
        whys = {hop.name: _whys_of_lookup(hop, deals) for hop in self.beside.hops}
        for feed in self.beside.readable():
            whys[feed.key] = self._whys(feed, deals)
            unmet = self._unmet.get(feed.key, {})
            whys[people_key(feed.key)] = _whys_met(rows[feed.key].by_deal(), unmet)
        for key, reasons in whys.items():
            for place, why in enumerate(reasons):
                if why and key not in self.beside.lost:
                    untold.setdefault(place, {})[key] = why
        return untold

    def _whys(self, feed: Feed, deals: Sequence[Row]) -> list[str]:
        """Return why a feed is not known, deal by deal; "" where it is."""
        untold = self.untold.get(way_of(feed), {})
        if feed.hop is None:
            return [untold.get(id_, "") for id_ in _ids(deals)]
        there = zip(
            _parents(feed.hop, deals), _whys_of_lookup(feed.hop, deals), strict=True
        )
        return [why or untold.get(parent, "") for parent, why in there]

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
    ) -> Laid:
        """Return the records of a feed, those of the first deal first."""
        links = self.links.get(way_of(feed), {})
        parents = _parents(feed.hop, deals) if feed.hop else _ids(deals)
        return rows_of(feed)([links.get(id_, _NONE) for id_ in parents], records)


_ID = itemgetter(names.ID)


def _ids(deals: Sequence[WireRow]) -> list[str]:
    return list(map(_ID, deals))


def _whys_of_lookup(hop: Hop, deals: Sequence[Row]) -> list[str]:
    """Return why the record of a lookup is not known; "" where it is."""
    there = (deal.get(hop.name) for deal in deals)
    return [each.reason if isinstance(each, Unavailable) else "" for each in there]


def _whys_met(rows: Iterable[Sequence[WireRow]], unmet: Mapping[str, str]) -> list[str]:
    """Return why the contacts on a deal's records are not known; "" where they are."""
    return [
        next((why for row in each if (why := unmet.get(str(row[names.ID])))), "")
        for each in rows
    ]


def _parents(hop: Hop, deals: Sequence[WireRow]) -> list[str]:
    """Return the id of the record that each deal looks up; "" without one."""
    there = (deal.get(hop.name) for deal in deals)
    return [str(each[names.ID]) if isinstance(each, dict) else "" for each in there]
