"""What one pull selects, and how its rows become deals: compiled once per request.

Pure: describe comes in as a function. S23: only what rules ask for and a short fixed
list is selected; bodies of notes and mails never are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.columns import (
    Columns,
    deal_place,
    hidden,
    is_mapped,
    pipeline_reader,
    row_place,
)
from gatekeeper.crm.salesforce.deals import DealShape
from gatekeeper.crm.salesforce.derived import derive, of_row
from gatekeeper.crm.salesforce.describe import WireObject
from gatekeeper.crm.salesforce.names import Activity, Source
from gatekeeper.crm.salesforce.past_shape import shape_past
from gatekeeper.crm.salesforce.related import (
    Around,
    Collected,
    CompiledPart,
    Derive,
    Feed,
    activity_of,
    is_note,
)
from gatekeeper.crm.salesforce.soql import Compare
from gatekeeper.crm.salesforce.translate import (
    Fields,
    Reader,
    Tongue,
    WireRow,
    constant,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.catalogue import Catalogue, RelationSpec
    from gatekeeper.core.pack import Needs
    from gatekeeper.crm.salesforce.past import PastShape

Objects = Callable[[str], WireObject | None]
SIBLINGS = "siblings"


@dataclass(frozen=True, slots=True)
class PullShape:
    """A whole pull: the deals, the sources beside them, the collections from these.

    Attributes:
        siblings: Fields of the other deals of the same account; None when no rule
            asks for them.
        past: How history becomes a deal's past; None when no rule asks for it.
    """

    deals: DealShape
    feeds: tuple[Feed, ...]
    collections: tuple[Collected, ...]
    siblings: Fields | None = None
    past: PastShape | None = None


@dataclass(slots=True)
class Shaper:
    """Puts a pull together from what rules need and what describe shows."""

    catalogue: Catalogue
    objects: Objects
    tongue: Tongue
    _feeds: dict[str, Feed] = field(default_factory=dict)

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
        siblings = needs.collections.get(SIBLINGS)
        if siblings is not None:
            columns.select(names.DEAL_OBJECT, ("AccountId",))
            siblings_fields = self._fields(columns, siblings)
        history = shape_past(needs.history, columns, self) if needs.history else None
        collections = tuple(
            self._collected(name, asked)
            for name, asked in sorted(needs.collections.items())
            if name != SIBLINGS
        )
        return PullShape(
            DealShape(
                org,
                url,
                tuple(columns.selected),
                fields,
                self._pipeline(),
                labels,
                len(flags) == len(names.FLAG_FIELDS),
            ),
            tuple(feed for feed in self._feeds.values() if not feed.why_not),
            collections,
            None if siblings is None else siblings_fields,
            history,
        )

    def _fields(self, columns: Columns, asked: frozenset[str]) -> Fields:
        return tuple((name, self._field(columns, name)) for name in sorted(asked))

    def _field(self, columns: Columns, name: str) -> Reader:
        if name == "pipeline" and not is_mapped(self.catalogue.deal.get(name)):
            return self._pipeline()
        return columns.read(deal_place(name, self.catalogue, self.objects))

    def _pipeline(self) -> Reader:
        deal = self.objects(names.DEAL_OBJECT)
        if deal is None or not deal.record_types:
            return constant(names.DEFAULT_PIPELINE)
        if not deal.has("RecordTypeId"):
            return constant(Unavailable(hidden(names.DEAL_OBJECT, "RecordTypeId")))
        return pipeline_reader(deal.record_types)

    def _collected(self, name: str, asked: frozenset[str]) -> Collected:
        relation = self.catalogue.collections.get(name)
        if relation is None:
            return Collected(name, why_not=f"{name} is not read on Salesforce")
        source = relation.sources.get(names.CRM)
        if source is not None:
            feed = self._own_feed(relation, source)
            part = self._part(relation, asked, feed, names.Part(Source.ROLES, {}))
            return Collected(name, (part,), feed.why_not)
        known = names.COLLECTIONS.get(name)
        if known is None:
            return Collected(
                name, why_not=f"{name} is mapped to no Salesforce object in fields.yaml"
            )
        return self._built_in(relation, asked, known)

    def _built_in(
        self,
        relation: RelationSpec,
        asked: frozenset[str],
        known: tuple[names.Part, ...],
    ) -> Collected:
        parts: list[CompiledPart] = []
        for part in known:
            if part.only_without and not self.feed(part.only_without).why_not:
                continue
            feed = self.feed(part.source)
            if feed.why_not:
                if part.is_optional:
                    continue
                return Collected(relation.name, why_not=feed.why_not)
            if not self._tells_subtypes(feed, part.takes):
                return Collected(
                    relation.name, why_not=hidden(feed.object, "TaskSubtype")
                )
            parts.append(self._part(relation, asked, feed, part))
        return Collected(relation.name, tuple(parts))

    def _tells_subtypes(self, feed: Feed, takes: frozenset[Activity] | None) -> bool:
        if takes is None or feed.source != Source.TASKS:
            return True
        is_told = bool(feed.columns.select(feed.object, ("TaskSubtype",)))
        return is_told or Activity.TASK in takes

    def _part(
        self,
        relation: RelationSpec,
        asked: frozenset[str],
        feed: Feed,
        part: names.Part,
    ) -> CompiledPart:
        plain: list[tuple[str, Reader]] = []
        derived: list[tuple[str, Derive]] = []
        for name in sorted(asked):
            spec = relation.fields.get(name)
            what = None if is_mapped(spec) else part.derived.get(name)
            if what is not None:
                simple = of_row(what, feed)
                if simple is not None:
                    plain.append((name, simple))
                else:
                    derived.append((name, derive(what, feed, self.feed)))
                continue
            place = row_place(relation, name, feed.object, part.fields)
            plain.append((name, feed.columns.read(place)))
        keeps = self._keeps(relation.name, feed, part)
        return CompiledPart(feed.source, tuple(plain), tuple(derived), keeps)

    def _keeps(
        self, name: str, feed: Feed, part: names.Part
    ) -> Callable[[WireRow, Around], bool] | None:
        takes = part.takes
        if takes is not None and feed.source == Source.LINKS:
            wanted = Activity.NOTE in takes
            return lambda row, _around: is_note(row) is wanted
        if takes is not None:
            return lambda row, _around: activity_of(row) in takes
        if name == "activities" and feed.source == Source.TASKS:
            mails = self.feed(Source.MAILS)
            mails.columns.select(mails.object, ("ActivityId",))
            return lambda row, around: row["Id"] not in around.mailed()
        return None

    def feed(self, source: Source) -> Feed:
        """Return the feed of a built-in source; made when first asked for."""
        known = self._feeds.get(source)
        if known is None:
            known = self.made(source, source.value, names.PARENT_FIELDS[source])
            if source == Source.LINKS:
                self._read_file_kind(known)
            if source == Source.TASKS and known.columns.objects("Task"):
                self._leave_ours_out(known)
        return known

    def _read_file_kind(self, links: Feed) -> None:
        # Salesforce filters links by ids alone, so notes and files come together.
        links.by_lists = True
        is_told = links.columns.select(links.object, ("ContentDocument.FileType",))
        if not is_told and not links.why_not:
            links.why_not = hidden("ContentDocument", "FileType")

    def _own_feed(self, relation: RelationSpec, source: Mapping[str, str]) -> Feed:
        return self.made(relation.name, source["object"], source["by"])

    def made(self, source: str, object_name: str, by: str) -> Feed:
        """Make the feed of a child object, with why it cannot be read if so."""
        described = self.objects(object_name)
        reference = described.find(by) if described else None
        why_not = ""
        if described is None:
            why_not = f"the integration user may not read {object_name}"
        elif reference is None:
            why_not = hidden(object_name, by)
        feed = Feed(
            source,
            described.name if described else object_name,
            reference.name if reference else by,
            Columns(self.objects, self.tongue),
            include_deleted=object_name in names.ACTIVITY_SOURCES,
            why_not=why_not,
        )
        self._feeds[source] = feed
        return feed

    def _leave_ours_out(self, tasks: Feed) -> None:
        # D13: what we wrote never counts as activity.
        described = self.objects("Task")
        if described is not None and described.has(names.KEY_FIELD):
            tasks.where = Compare(names.KEY_FIELD, "=", None)
