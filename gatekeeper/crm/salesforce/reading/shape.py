"""What one pull selects, and how its rows become deals: compiled once per request.

Pure: describe comes in as a function. S23: only what rules ask for and a short fixed
list is selected; bodies of notes and mails never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.crm.reader import Fields, Reader, constant, moved_by_us
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading.collect import Collector
from gatekeeper.crm.salesforce.reading.columns import (
    Columns,
    deal_place,
    hidden,
    is_mapped,
    pipeline_reader,
)
from gatekeeper.crm.salesforce.reading.deals import DealShape
from gatekeeper.crm.salesforce.reading.feeds import Feeds
from gatekeeper.crm.salesforce.reading.past_shape import shape_past

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.core.pack import Needs
    from gatekeeper.crm.related import Collected
    from gatekeeper.crm.salesforce.reading.parents import Objects
    from gatekeeper.crm.salesforce.reading.past import PastShape
    from gatekeeper.crm.salesforce.reading.related import Around, Feed
    from gatekeeper.crm.salesforce.reading.translate import Tongue

SIBLINGS = "siblings"
ACCOUNT = "AccountId"


@dataclass(frozen=True, slots=True)
class PullShape:
    """A whole pull: the deals, the sources beside them, the collections from these.

    Attributes:
        siblings: How the other deals of the same account are read; None when no rule
            asks for them.
        past: How history becomes a deal's past; None when no rule asks for it.
    """

    deals: DealShape
    feeds: tuple[Feed, ...]
    collections: tuple[Collected[Around], ...]
    siblings: SiblingShape | None = None
    past: PastShape | None = None


@dataclass(frozen=True, slots=True)
class SiblingShape:
    """How the other deals of an account are read.

    Attributes:
        selected: Paths of their query.
        why_not: Why they cannot be told; "" where they can.
    """

    selected: tuple[str, ...]
    fields: Fields
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Shaper:
    """Puts a pull together from what rules need and what describe shows.

    Attributes:
        now: Salesforce's clock, for what is over.
    """

    catalogue: Catalogue
    objects: Objects
    tongue: Tongue
    now: datetime

    def shape(
        self, needs: Needs, org: str, url: str, labels: Mapping[str, str]
    ) -> PullShape:
        """Compile a pull.

        Args:
            needs: Fields and collections by canonical name.
            org: Our name of the org, carried by every deal.
            url: Its address, for links.
            labels: Stage value to label.
        """
        columns = Columns(self.objects, self.tongue)
        columns.select(names.DEAL_OBJECT, names.FIXED)
        flags = columns.select(names.DEAL_OBJECT, names.FLAG_FIELDS.values())
        fields = self._fields(columns, needs.fields)
        feeds = Feeds(self.objects, self.tongue, self.now)
        past = None
        if needs.history:
            past = shape_past(needs.history, columns, self.catalogue, feeds)
        collector = Collector(self.catalogue, feeds, columns)
        collections = tuple(
            collector.collected(name, asked)
            for name, asked in sorted(needs.collections.items())
            if name != SIBLINGS
        )
        siblings = self._siblings(columns, needs.collections.get(SIBLINGS))
        deals = DealShape(
            org,
            url,
            tuple(columns.selected),
            fields,
            self._pipeline(),
            labels,
            len(flags) == len(names.FLAG_FIELDS),
        )
        return PullShape(deals, feeds.readable(), collections, siblings, past)

    def _siblings(
        self, deals: Columns, asked: frozenset[str] | None
    ) -> SiblingShape | None:
        if asked is None:
            return None
        if not deals.select(names.DEAL_OBJECT, (ACCOUNT,)):
            return SiblingShape((), (), hidden(names.DEAL_OBJECT, ACCOUNT))
        own = Columns(self.objects, self.tongue)
        own.select(names.DEAL_OBJECT, ("Id", ACCOUNT))
        fields = self._fields(own, asked)
        return SiblingShape(tuple(own.selected), fields)

    def _fields(self, columns: Columns, asked: frozenset[str]) -> Fields:
        return tuple((name, self._field(columns, name)) for name in sorted(asked))

    def _field(self, columns: Columns, name: str) -> Reader:
        if name == "pipeline" and not is_mapped(self.catalogue.deal.get(name)):
            return self._pipeline()
        place = deal_place(name, self.catalogue, self.objects)
        if place.root == names.DEAL_OBJECT and names.STAMPS.intersection(place.paths):
            return constant(Unavailable(moved_by_us(place.paths[0])))
        return columns.read(place)

    def _pipeline(self) -> Reader:
        deal = self.objects(names.DEAL_OBJECT)
        if deal is None or not deal.record_types:
            return constant(names.DEFAULT_PIPELINE)
        if not deal.has("RecordTypeId"):
            return constant(Unavailable(hidden(names.DEAL_OBJECT, "RecordTypeId")))
        return pipeline_reader(deal.record_types)
