"""Associations of a portal: which records belong together, and under what labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.sandbox.state import State

Pair = tuple[str, str]
"""Plural names of the object types a link leads from and to."""
DEFINED = "HUBSPOT_DEFINED"
OWN = "USER_DEFINED"
_FIRST_OWN_ID = 36
# From, to, id that way, id back, label. Source: HubSpot's association type ids.
_STANDARD: tuple[tuple[str, str, int, int, str | None], ...] = (
    ("deals", "contacts", 3, 4, None),
    ("deals", "companies", 341, 342, None),
    ("deals", "companies", 5, 6, "Primary"),
    ("deals", "tasks", 215, 216, None),
    ("deals", "calls", 205, 206, None),
    ("deals", "emails", 209, 210, None),
    ("deals", "meetings", 211, 212, None),
    ("deals", "notes", 213, 214, None),
    ("deals", "line_items", 19, 20, None),
    ("deals", "quotes", 63, 64, None),
    ("contacts", "companies", 279, 280, None),
    ("contacts", "companies", 1, 2, "Primary"),
    ("contacts", "tasks", 203, 204, None),
    ("contacts", "calls", 193, 194, None),
    ("contacts", "emails", 197, 198, None),
    ("contacts", "meetings", 199, 200, None),
    ("contacts", "notes", 201, 202, None),
    ("companies", "tasks", 191, 192, None),
    ("companies", "calls", 181, 182, None),
    ("companies", "emails", 185, 186, None),
    ("companies", "meetings", 187, 188, None),
    ("companies", "notes", 189, 190, None),
    ("quotes", "line_items", 67, 68, None),
    ("quotes", "contacts", 69, 70, None),
    ("quotes", "companies", 71, 72, None),
)


@dataclass(frozen=True, slots=True)
class LinkType:
    """One kind of association in one direction; `back` is its id the other way."""

    id: int
    back: int
    label: str | None = None
    category: str = DEFINED

    def body(self) -> dict[str, object]:
        """Return the type as answers have it."""
        return {"category": self.category, "typeId": self.id, "label": self.label}


class Links:
    """All associations; each is kept in both directions."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._types: dict[Pair, dict[int, LinkType]] = {}
        self._next_id = _FIRST_OWN_ID
        for source, target, there, back, label in _STANDARD:
            self._define((source, target), LinkType(there, back, label))

    def types(self, pair: Pair) -> Mapping[int, LinkType]:
        """Return what links of these object types may be, by id."""
        return self._types.get(pair, {})

    def default(self, pair: Pair) -> LinkType:
        """Return the type without a label."""
        return next(type_ for type_ in self._types[pair].values() if not type_.label)

    def labelled(self, pair: Pair, label: str) -> LinkType | None:
        """Return the type of that label."""
        found = (type_ for type_ in self.types(pair).values() if type_.label == label)
        return next(found, None)

    def define(self, pair: Pair, label: str, inverse: str | None = None) -> LinkType:
        """Add a label of the account; the way back has an id of its own."""
        type_ = LinkType(self._next_id, self._next_id + 1, label, OWN)
        self._next_id += 2
        self._define(pair, type_, inverse or label)
        return type_

    def rename(self, pair: Pair, type_id: int, label: str) -> None:
        """Change a label of the account."""
        old = self._types[pair][type_id]
        self._types[pair][type_id] = LinkType(old.id, old.back, label, old.category)

    def undefine(self, pair: Pair, type_id: int) -> None:
        """Take a label of the account away, and off every link that has it."""
        back = self._types[pair].pop(type_id).back
        self._types[pair[::-1]].pop(back, None)
        table = self._state.tables[_table(pair)]
        for from_id in [from_id for from_id, _ in self._all(pair)]:
            for to_id, held in list((table.get(from_id) or {}).items()):
                if isinstance(held, frozenset) and type_id in held:
                    self.remove(pair, from_id, to_id, {type_id})

    def _define(self, pair: Pair, type_: LinkType, inverse: str | None = None) -> None:
        self._types.setdefault(pair, {})[type_.id] = type_
        way_back = LinkType(
            type_.back, type_.id, inverse or type_.label, type_.category
        )
        self._types.setdefault((pair[1], pair[0]), {})[type_.back] = way_back

    # Links

    def of(self, pair: Pair, from_id: str) -> Mapping[str, frozenset[int]]:
        """Return the ids a record is linked to, with the ids of the links' types."""
        row = self._state.tables[_table(pair)].get(from_id)
        return cast("Mapping[str, frozenset[int]]", row or {})

    def add(
        self, pair: Pair, from_id: str, to_id: str, type_ids: Iterable[int]
    ) -> None:
        """Link two records; a label comes on top of the type without one.

        A second primary company takes the mark off the first.
        """
        wanted = {*type_ids, self.default(pair).id}
        types = self._types[pair]
        for type_id in wanted:
            if types[type_id].label == "Primary":
                self._only(pair, from_id, type_id)
        held = self.of(pair, from_id).get(to_id, frozenset())
        self._put(pair, from_id, to_id, held | wanted)

    def remove(
        self,
        pair: Pair,
        from_id: str,
        to_id: str,
        type_ids: Iterable[int] | None = None,
    ) -> None:
        """Take labels off a link, or the link away."""
        held = self.of(pair, from_id).get(to_id, frozenset())
        self._put(
            pair, from_id, to_id, held - set(held if type_ids is None else type_ids)
        )

    def fill(
        self, pair: Pair, links: Mapping[str, Mapping[str, frozenset[int]]]
    ) -> None:
        """Add many links at once, both ways, before anybody reads."""
        back: dict[str, Row] = {}
        turned: dict[frozenset[int], frozenset[int]] = {}
        for from_id, targets in links.items():
            for to_id, type_ids in targets.items():
                if type_ids not in turned:
                    turned[type_ids] = self._back(pair, type_ids)
                back.setdefault(to_id, Row())[from_id] = turned[type_ids]
        tables = self._state.tables
        for way, rows in ((pair, links), (pair[::-1], back)):
            table = tables[_table(way)]
            known = ((record_id, table.get(record_id)) for record_id in rows)
            table.fill(
                {each: Row({**(old or {}), **rows[each]}) for each, old in known}
            )

    def _only(self, pair: Pair, from_id: str, type_id: int) -> None:
        for other, held in list(self.of(pair, from_id).items()):
            if type_id in held:
                self.remove(pair, from_id, other, {type_id})

    def _put(self, pair: Pair, from_id: str, to_id: str, held: frozenset[int]) -> None:
        self._put_one_way(pair, from_id, to_id, held)
        self._put_one_way(pair[::-1], to_id, from_id, self._back(pair, held))

    def _put_one_way(
        self, pair: Pair, from_id: str, to_id: str, held: frozenset[int]
    ) -> None:
        row = Row(self.of(pair, from_id))
        row.pop(to_id, None)
        if held:
            row[to_id] = held
        self._state.put(_table(pair), from_id, row)

    def _back(self, pair: Pair, type_ids: Iterable[int]) -> frozenset[int]:
        types = self._types[pair]
        return frozenset(types[type_id].back for type_id in type_ids)

    def _all(self, pair: Pair) -> list[tuple[str, Mapping[str, object]]]:
        table = self._state.tables[_table(pair)]
        return [(from_id, table.get(from_id) or {}) for from_id in table.ids()]


def _table(pair: Pair) -> str:
    return f"{pair[0]}>{pair[1]}"
