"""What one pull reads, and how records become deals: compiled once per request.

Pure: HubSpot's definitions come in as a function. Only what rules ask for and a short
fixed list is read; texts of notes and mails never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Person, Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.collect import Collector
from gatekeeper.crm.hubspot.reading.columns import (
    CUSTOM,
    Place,
    hop_of,
    is_mapped,
    nowhere,
    place_of,
)
from gatekeeper.crm.hubspot.reading.deals import DealShape
from gatekeeper.crm.hubspot.reading.feeds import Feeds
from gatekeeper.crm.hubspot.reading.past import shape_past
from gatekeeper.crm.hubspot.reading.row_names import TEAM
from gatekeeper.crm.hubspot.reading.translate import person_of, reader, to_text
from gatekeeper.crm.reader import Reader, constant, moved_by_us

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.core.model import FieldValue
    from gatekeeper.core.pack import Needs
    from gatekeeper.crm.hubspot.metadata.pipelines import Pipelines
    from gatekeeper.crm.hubspot.reading.columns import Columns, Hop, Kinds
    from gatekeeper.crm.hubspot.reading.past import PastShape
    from gatekeeper.crm.hubspot.reading.related import Around, Feed
    from gatekeeper.crm.hubspot.reading.translate import Tongue
    from gatekeeper.crm.reader import Fields, WireRow
    from gatekeeper.crm.related import Collected

SIBLINGS = "siblings"


@dataclass(frozen=True, slots=True)
class PullShape:
    """A whole pull: the deals, the records beside them, the collections from these.

    Attributes:
        columns: Kind of record to the properties that are read of it.
        hops: The lookups whose records are read.
        team: The fields of the deal team's rows; None when no rule asks for it.
        siblings: How the other deals of the same company are read, or why they
            cannot be; None when no rule asks for them.
        past: How history becomes a deal's past; None when no rule asks for it.
    """

    deals: DealShape
    columns: dict[str, tuple[str, ...]]
    hops: tuple[Hop, ...]
    feeds: tuple[Feed, ...]
    collections: tuple[Collected[Around], ...]
    tongue: Tongue
    team: frozenset[str] | None = None
    siblings: SiblingShape | None = None
    past: PastShape | None = None


@dataclass(frozen=True, slots=True)
class SiblingShape:
    """How the other deals of a company are read.

    Attributes:
        hop: The lookup to the company.
        selected: The properties of each.
        why_not: Why they cannot be told; "" where they can.
    """

    hop: Hop
    selected: tuple[str, ...] = ()
    fields: Fields = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Shaper:
    """Puts a pull together from what rules need and what HubSpot shows.

    Attributes:
        now: HubSpot's clock, for what is over.
    """

    catalogue: Catalogue
    kinds: Kinds
    why_hidden: Callable[[str], str]
    tongue: Tongue
    pipelines: Pipelines
    now: datetime

    def shape(self, needs: Needs, org: str, link: str) -> PullShape:
        """Compile a pull.

        Args:
            needs: Fields and collections by canonical name.
            org: Our name of the portal, carried by every deal.
            link: The address of a deal with `{}` for its id.
        """
        feeds = Feeds(self.kinds, self.why_hidden, self.tongue, self.now)
        deals = feeds.columns_of(names.DEALS)
        deals.select(names.FIXED)
        flags = deals.select(names.FLAG_PROPERTIES.values())
        fields = self._fields(deals, feeds, needs.fields)
        past = None
        if needs.history:
            past = shape_past(
                needs.history, needs.fields, self.catalogue, deals, self.pipelines
            )
        collector = Collector(self.catalogue, feeds)
        collections = tuple(
            collector.collected(name, asked)
            for name, asked in sorted(needs.collections.items())
            if name not in {SIBLINGS, TEAM}
        )
        team = needs.collections.get(TEAM)
        if team is not None:
            deals.select((names.COLLABORATORS,))
        siblings = self._siblings(feeds, needs.collections.get(SIBLINGS))
        shape = DealShape(
            org,
            link,
            tuple(deals.selected),
            fields,
            self.pipelines,
            len(flags) == len(names.FLAG_PROPERTIES),
        )
        return PullShape(
            shape,
            {kind: tuple(each.selected) for kind, each in feeds.columns.items()},
            tuple(feeds.hops.values()),
            feeds.readable(),
            collections,
            self.tongue,
            team,
            siblings,
            past,
        )

    def _siblings(
        self, feeds: Feeds, asked: frozenset[str] | None
    ) -> SiblingShape | None:
        hop = hop_of(self.catalogue.lookups[names.ACCOUNT])
        if asked is None or hop is None:
            return None
        why_not = feeds.why_not(hop.record)
        if why_not:
            return SiblingShape(hop, why_not=why_not)
        feeds.follow(hop)
        apart = Feeds(self.kinds, self.why_hidden, self.tongue, self.now)
        own = apart.columns_of(names.DEALS)
        own.select((names.ID, names.STAGE, names.PIPELINE))
        fields = self._fields(own, apart, asked)
        return SiblingShape(hop, tuple(own.selected), fields)

    def _fields(self, deals: Columns, feeds: Feeds, asked: frozenset[str]) -> Fields:
        return tuple((name, self._field(deals, feeds, name)) for name in sorted(asked))

    def _field(self, deals: Columns, feeds: Feeds, name: str) -> Reader:
        if name.startswith(CUSTOM):
            path = name.removeprefix(CUSTOM)
            return _unless_moved(path, deals.read(Place(names.DEALS, (path,))))
        spec = self.catalogue.deal.get(name)
        if not is_mapped(spec):
            if name == "pipeline":
                return Reader(lambda row: row.get(names.PIPELINE), self._pipeline)
            if name in {"is_closed", "is_won"}:
                return self._of_stage(name, deals)
            lookup, dot, leaf = name.partition(".")
            if dot or (lookup in self.catalogue.lookups and lookup != "owner"):
                return self._over(feeds, lookup, leaf)
        place = place_of(spec, name, names.DEALS, names.DEAL)
        read = deals.read(place)
        return _unless_moved(place.paths[0], read) if place.paths else read

    def _pipeline(self, wire: object) -> FieldValue:
        return self.pipelines.names.get(str(wire), str(wire)) if wire else EMPTY

    def _of_stage(self, name: str, deals: Columns) -> Reader:
        """Read from the stage what it says of the deal; HubSpot's own copy lags."""
        stages = self.pipelines.stages
        otherwise = deals.read(
            place_of(self.catalogue.deal[name], name, names.DEALS, names.DEAL)
        )

        def convert(wire: object) -> FieldValue:
            row: WireRow = wire  # type: ignore[assignment]
            stage = stages.get(str(row.get(names.STAGE)))
            if stage is None:
                return otherwise(row)
            return stage.is_closed if name == "is_closed" else stage.is_won

        return Reader(lambda row: row, convert)

    def _over(self, feeds: Feeds, lookup: str, leaf: str) -> Reader:
        """Read a field of a record one hop away, or its id."""
        relation = self.catalogue.lookups.get(lookup)
        full = f"{lookup}.{leaf}" if leaf else lookup
        if relation is None:
            return constant(Unavailable(nowhere(full)))
        if lookup == "owner":
            return self._owner(leaf)
        hop = hop_of(relation)
        if hop is None or feeds.why_not(hop.record):
            why_not = feeds.why_not(hop.record) if hop else nowhere(full)
            return constant(Unavailable(why_not))
        columns = feeds.follow(hop)
        if not leaf:
            return reader(f"{lookup}.{names.ID}", to_text)
        spec = relation.fields.get(leaf)
        built_in = names.LOOKUP_FIELDS.get(lookup, {})
        place = place_of(spec, full, hop.record, built_in)
        return columns.read(
            Place(place.record, place.paths, place.declared, lookup, place.why_not)
        )

    def _owner(self, leaf: str) -> Reader:
        if leaf not in names.OWNER_FIELDS:
            return constant(Unavailable(nowhere(f"owner.{leaf}")))
        find = person_of(self.tongue.people)

        def convert(wire: object) -> FieldValue:
            person = find(wire)
            if not isinstance(person, Person):
                return person
            value: FieldValue | None = getattr(person, leaf)
            return EMPTY if value is None or value == "" else value

        return Reader(lambda row: row.get(names.OWNER), convert)


def _unless_moved(path: str, read: Reader) -> Reader:
    """Leave out what our own writes move (product D13)."""
    if path not in names.MOVED_BY_US:
        return read
    return constant(Unavailable(moved_by_us(path)))
