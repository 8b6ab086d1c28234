"""From the name of a collection to what fills it: its sources, columns and filters.

Pure; compiled once per pull.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.crm.related import Collected, CompiledPart, Keeps
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading.columns import (
    Columns,
    hidden,
    is_mapped,
    row_place,
)
from gatekeeper.crm.salesforce.reading.derived import derive, of_row
from gatekeeper.crm.salesforce.reading.parents import Parent, parent_of, why_none
from gatekeeper.crm.salesforce.reading.related import (
    Around,
    Derive,
    Feed,
    activity_of,
    is_note,
)
from gatekeeper.crm.salesforce.reading.row_names import Activity, Part, Source

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Catalogue, RelationSpec
    from gatekeeper.crm.reader import Reader
    from gatekeeper.crm.related import ChildRows, Laid
    from gatekeeper.crm.salesforce.reading.feeds import Feeds

_DECLARED = Part(Source.ROLES, {})


@dataclass(frozen=True, slots=True)
class Collector:
    """Compiles collections.

    Attributes:
        deals: The columns of the deal query; they gain the ids of parents.
    """

    catalogue: Catalogue
    feeds: Feeds
    deals: Columns

    def collected(self, name: str, asked: frozenset[str]) -> Collected[Around]:
        """Compile one collection.

        Args:
            name: `meetings`, or of a parent `account.meetings`.
            asked: The fields of its rows; none are asked where rows only count.
        """
        hop, _, own = name.rpartition(".")
        relation = self.catalogue.collections.get(own)
        parent = parent_of(hop, self.catalogue, self.feeds.objects)
        if relation is None or parent.why_not:
            return Collected(name, why_not=parent.why_not or _unknown(name))
        self.deals.select(names.DEAL_OBJECT, (parent.column,))
        source = relation.sources.get(names.CRM)
        if source is not None:
            feed = self.feeds.declared(own, source, parent)
            part = self._part(relation, asked, feed, _DECLARED)
            return Collected(name, (part,), feed.why_not)
        known = parent.parts.get(own, ())
        if not known:
            return Collected(name, why_not=why_none(own, parent))
        return self._built_in(name, relation, asked, (parent, known))

    def _built_in(
        self,
        name: str,
        relation: RelationSpec,
        asked: frozenset[str],
        known: tuple[Parent, tuple[Part, ...]],
    ) -> Collected[Around]:
        parent, wanted = known
        parts: list[CompiledPart[Around]] = []
        for part in wanted:
            if part.only_without and self._can_read(part.only_without, parent):
                continue
            feed = self.feeds.built_in(part.source, parent)
            if feed.why_not:
                if part.is_optional:
                    continue
                return Collected(name, why_not=feed.why_not)
            if not _tells_subtypes(feed, part.takes):
                return Collected(name, why_not=hidden(feed.object, "TaskSubtype"))
            compiled = self._part(relation, asked, feed, part)
            keeps = self._keeps(part, wanted)
            parts.append(replace(compiled, keeps=keeps))
        return Collected(name, tuple(parts))

    def _can_read(self, source: Source, parent: Parent) -> bool:
        return not self.feeds.built_in(source, parent).why_not

    def _part(
        self, relation: RelationSpec, asked: frozenset[str], feed: Feed, part: Part
    ) -> CompiledPart[Around]:
        plain: list[tuple[str, Reader]] = []
        derived: list[tuple[str, Derive]] = []
        for name in sorted(asked):
            spec = relation.fields.get(name)
            what = None if is_mapped(spec) else part.derived.get(name)
            if what is None:
                place = row_place(relation, name, feed.object, part.fields)
                plain.append((name, feed.columns.read(place)))
            elif (simple := of_row(what, feed, self.feeds.now)) is not None:
                plain.append((name, simple))
            else:
                derived.append((name, derive(what, feed, self.feeds)))
        return CompiledPart(feed.source, tuple(plain), tuple(derived))

    def _keeps(self, part: Part, beside: tuple[Part, ...]) -> Keeps[Around] | None:
        """Return which rows of a source belong to a collection; None for all."""
        takes = part.takes
        if takes is not None and part.source is Source.LINKS:
            wanted = Activity.NOTE in takes
            return lambda laid, _: [is_note(row) is wanted for row in laid.rows]
        if takes is not None:
            return lambda laid, _: [activity_of(row) in takes for row in laid.rows]
        is_beside = any(other.source is Source.MAILS for other in beside)
        if part.source is Source.TASKS and is_beside:
            mails = self.feeds.built_in(Source.MAILS)
            mails.columns.select(mails.object, ("ActivityId",))
            return _has_no_mail
        return None


def _has_no_mail(tasks: Laid, children: ChildRows[Around]) -> list[bool]:
    """Tell of each task whether Salesforce keeps no mail of its deal beside it."""
    mails, places = children.of(Source.MAILS), range(children.deals)
    activities = [row.get("ActivityId") for row in mails.rows]
    beside = set(zip(mails.each(places), activities, strict=True))
    ids = [row["Id"] for row in tasks.rows]
    return [one not in beside for one in zip(tasks.each(places), ids, strict=True)]


def _unknown(name: str) -> str:
    return f"{name} is not read on Salesforce"


def _tells_subtypes(feed: Feed, takes: frozenset[Activity] | None) -> bool:
    if takes is None or feed.object != Source.TASKS:
        return True
    is_told = bool(feed.columns.select(feed.object, ("TaskSubtype",)))
    return is_told or Activity.TASK in takes
