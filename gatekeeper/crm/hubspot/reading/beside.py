"""What is asked for beside deals: associations, and the records they lead to.

What cannot be read is said: a kind that fails makes its collections Unavailable from
there on, and the pull incomplete.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.derived import people_key
from gatekeeper.crm.hubspot.reading.links import Linked, tell_links
from gatekeeper.crm.hubspot.reading.related import takes_labels
from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.crm.hubspot.reading.columns import Hop
    from gatekeeper.crm.hubspot.reading.records import Records
    from gatekeeper.crm.hubspot.reading.related import Feed
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.reader import WireRow

UNREADABLE = (CrmRejectedError, CrmUnreachableError)
Way = tuple["Hop | None", str]
"""Whose associations are read, None for the deals' own, and with which kind."""


def way_of(feed: Feed) -> Way:
    """Return how a feed's records are reached."""
    return feed.hop, feed.record


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
    hops: Sequence[Hop]
    feeds: Sequence[Feed]
    lost: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    without: Counter[str] = field(default_factory=Counter)

    def kinds(self) -> list[str]:
        """Return the kinds that deals themselves lead to, those lost aside."""
        looked_up = [hop.record for hop in self.hops if hop.name not in self.lost]
        fed = [feed.record for feed in self.readable() if feed.hop is None]
        return list(dict.fromkeys(looked_up + fed))

    def readable(self) -> list[Feed]:
        """Return the feeds that are not lost."""
        return [feed for feed in self.feeds if feed.key not in self.lost]

    def links(self, way: Way, ids: Sequence[str]) -> Linked:
        """Return the associations of deals, or of the records they look up."""
        hop, kind = way
        source = hop.record if hop else names.DEALS
        labelled = self._asks_for_labels(way)
        try:
            return tell_links(self.client, source, kind, ids, labelled=labelled)
        except UNREADABLE as error:
            keys = [feed.key for feed in self.readable() if way_of(feed) == way]
            if hop is None:
                keys += [hop.name for hop in self.hops if hop.record == kind]
            self._lose(keys, kind, error)
            return Linked()

    def people(self, feed: Feed, ids: Sequence[str]) -> Linked:
        """Return the contacts on each of a feed's records."""
        try:
            return tell_links(
                self.client, feed.record, names.CONTACTS, ids, labelled=False
            )
        except UNREADABLE as error:
            self._lose([people_key(feed.key)], names.CONTACTS, error)
            return Linked()

    def looked_up(self, hop: Hop, ids: Sequence[str]) -> Mapping[str, WireRow]:
        """Return the records that deals look up, by id."""
        try:
            return self.records.read(hop.record, ids)
        except UNREADABLE as error:
            self._lose([hop.name], hop.record, error)
            return {}

    def fed(self, kind: str, ids: Sequence[str]) -> Mapping[str, WireRow]:
        """Return records for the feeds of a kind, by id."""
        try:
            found = self.records.read(kind, ids)
        except UNREADABLE as error:
            keys = [feed.key for feed in self.readable() if feed.record == kind]
            self._lose(keys, kind, error)
            return {}
        return _without_ours(found) if kind == names.TASKS else found

    def _asks_for_labels(self, way: Way) -> bool:
        hop, kind = way
        if hop is None and any(each.record == kind for each in self.hops):
            return True
        return any(takes_labels(feed) for feed in self.feeds if way_of(feed) == way)

    def count(self, untold: Iterable[Mapping[str, str]], deals: int) -> None:
        """Count the deals of a batch that lack something, and keep why.

        Args:
            untold: Deal by deal the sources that are not known of it alone, and why.
            deals: How many the batch has, each without what is lost.
        """
        self.without.update(dict.fromkeys(self.lost, deals))
        for reasons in untold:
            self.without.update(dict.fromkeys(reasons, 1))
            self.errors.update({**reasons, **self.errors})

    def _lose(self, keys: Sequence[str], kind: str, error: Exception) -> None:
        """Give up feeds and lookups, and what hangs on the records of these."""
        hung = [feed.key for feed in self.feeds if feed.hop and feed.hop.name in keys]
        for key in (*keys, *hung):
            self.lost.setdefault(key, f"{kind} could not be read")
            self.errors.setdefault(key, str(error))


def _without_ours(tasks: Mapping[str, WireRow]) -> Mapping[str, WireRow]:
    # D13: what we wrote never counts as activity.
    return {
        id_: task for id_, task in tasks.items() if not task.get(names.KEY_PROPERTY)
    }
