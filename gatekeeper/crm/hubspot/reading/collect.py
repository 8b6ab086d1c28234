"""From the name of a collection to what fills it: its feeds, columns and filters.

Pure; compiled once per pull.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Person, Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata.row_schema import (
    nothing_for,
    parts_of,
    why_missing,
)
from gatekeeper.crm.hubspot.reading.columns import hop_of, is_mapped, nowhere, place_of
from gatekeeper.crm.hubspot.reading.derived import derive, of_row
from gatekeeper.crm.hubspot.reading.row_names import LABEL, ROLES_OF_DEALS
from gatekeeper.crm.reader import constant
from gatekeeper.crm.related import Collected, CompiledPart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.catalogue import Catalogue, RelationSpec
    from gatekeeper.core.model import FieldValue, Row
    from gatekeeper.crm.hubspot.reading.feeds import Feeds
    from gatekeeper.crm.hubspot.reading.related import Around, Derive, Feed
    from gatekeeper.crm.hubspot.reading.row_names import Part
    from gatekeeper.crm.reader import Reader, WireRow


@dataclass(frozen=True, slots=True)
class Collector:
    """Compiles collections."""

    catalogue: Catalogue
    feeds: Feeds

    def collected(self, name: str, asked: frozenset[str]) -> Collected[Around]:
        """Compile one collection.

        Args:
            name: `meetings`, or of a lookup's record `account.meetings`.
            asked: The fields of its rows; none are asked where rows only count.
        """
        lookup, _, own = name.rpartition(".")
        relation = self.catalogue.collections.get(own)
        followed = self.catalogue.lookups.get(lookup)
        hop = hop_of(followed) if followed else None
        if relation is None or (lookup and hop is None):
            return Collected(name, why_not=nothing_for(name))
        feeds = self.feeds
        why_not = why_missing(relation, hop, feeds.kinds, feeds.why_hidden)
        if why_not:
            return Collected(name, why_not=why_not)
        label = relation.sources.get(names.CRM, {}).get("label", "")
        found = [
            (feeds.of(part.kind, hop, label, part.splits), part)
            for part in parts_of(relation)
        ]
        for feed, _ in found:
            if feed.why_not:
                return Collected(name, why_not=feed.why_not)
        parts = [self._part(relation, asked, feed, part) for feed, part in found]
        return Collected(name, tuple(parts))

    def _part(
        self, relation: RelationSpec, asked: frozenset[str], feed: Feed, part: Part
    ) -> CompiledPart[Around]:
        plain: list[tuple[str, Reader]] = []
        derived: list[tuple[str, Derive]] = []
        for name in sorted(asked):
            spec = relation.fields.get(name)
            full = f"{relation.name}.{name}"
            what = None if is_mapped(spec) else part.derived.get(name)
            if what is None:
                place = place_of(spec, full, feed.record, part.fields)
                if place.paths == (LABEL,) and feed.hop is not None:
                    plain.append((name, _of_deals_alone(full, feed)))
                else:
                    plain.append((name, feed.columns.read(place)))
            elif feed.hop is not None and what in ROLES_OF_DEALS:
                plain.append((name, _of_deals_alone(full, feed)))
            elif (simple := of_row(what, feed, self.feeds.now)) is not None:
                plain.append((name, simple))
            else:
                derived.append((name, derive(what, feed, self.feeds)))
        return CompiledPart(feed.key, tuple(plain), tuple(derived))


def _of_deals_alone(full: str, feed: Feed) -> Reader:
    whose = feed.hop.name if feed.hop else ""
    text = f"{full} is told by a deal's contacts; of an {whose} HubSpot knows none"
    return constant(Unavailable(text))


def team_rows(
    deal: WireRow, asked: frozenset[str], people: Mapping[str, Person]
) -> tuple[Row, ...] | Unavailable:
    """Return the collaborators of a deal as rows.

    Args:
        deal: Its properties.
        asked: The fields of a row.
        people: All owners by id.
    """
    if names.COLLABORATORS not in deal:
        return Unavailable(f"this portal has no property deals.{names.COLLABORATORS}")
    ids = str(deal[names.COLLABORATORS] or "").split(";")
    return tuple(
        {name: _of_member(name, people.get(id_), id_) for name in asked}
        for id_ in ids
        if id_
    )


def _of_member(name: str, person: Person | None, id_: str) -> FieldValue:
    if name == "role":
        return Unavailable(nowhere(f"team_members.{name}"))
    if person is None:
        return Unavailable(f"HubSpot shows no owner {id_}")
    match name:
        case "name":
            return person.name or EMPTY
        case "user":
            return person
        case _:
            return Unavailable(nowhere(f"team_members.{name}"))
