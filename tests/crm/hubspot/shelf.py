"""A portal of any shape that only counts: what hangs on its deals follows a pattern.

It stands where the client is and gives what HubSpot would, in HubSpot's page sizes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.envelope import Associations, Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.crm.hubspot.wire.client import Wanted
    from gatekeeper.crm.hubspot.wire.envelope import Record

OPEN, CLOSED = "qualifiedtobuy", "closedlost"
MOST_LISTED = MOST_READ = 100
MOST_LINKED = 1_000


@dataclass(frozen=True)
class Spread:
    """How the records of a kind are spread over the deals.

    Attributes:
        every: Each so many-th deal has some.
        rows: How many a deal has that has some.
        shared_by: So many deals that follow each other have the same.
    """

    every: int
    rows: int = 1
    shared_by: int = 1

    def of(self, deal: int) -> list[int]:
        """Return the records of a deal."""
        if deal % self.every:
            return []
        first = deal // self.every // self.shared_by * self.rows
        return list(range(1 + first, 1 + first + self.rows))


@dataclass
class Shelf:
    """The portal.

    Attributes:
        deals: All unarchived ones.
        closed_every: Each so many-th was closed long ago; 0 for none.
        calls: What was asked, counted.
    """

    deals: int
    kinds: Mapping[str, Spread]
    closed_every: int = 0
    calls: Counter[str] = field(default_factory=Counter)

    def is_open(self, deal: int) -> bool:
        """Whether a deal is in the pull."""
        return not self.closed_every or deal % self.closed_every != 1

    def open_deals(self) -> list[int]:
        """Return the deals that a pull keeps."""
        return [deal for deal in range(self.deals) if self.is_open(deal)]

    def fewest(self) -> int:
        """Return the calls that a pull of all of it takes at least."""
        kept = self.open_deals()
        calls = max(1, ceil(self.deals / MOST_LISTED))
        for spread in self.kinds.values():
            related = {to for deal in kept for to in spread.of(deal)}
            calls += ceil(len(kept) / MOST_LINKED) + ceil(len(related) / MOST_READ)
        return calls

    def page(self, _kind: str, _wanted: Wanted, after: str = "") -> Page:
        """Return a page of deals."""
        self.calls["list"] += 1
        start = int(after or 0)
        end = min(start + MOST_LISTED, self.deals)
        following = str(end) if end < self.deals else ""
        return Page([self._deal(deal) for deal in range(start, end)], following)

    def links(
        self, _source: str, target: str, inputs: Sequence[Record]
    ) -> Associations:
        """Return what up to a thousand deals are associated with."""
        assert 0 < len(inputs) <= MOST_LINKED
        self.calls["associations"] += 1
        rows: list[Record] = []
        without: list[str] = []
        for each in inputs:
            id_ = str(each["id"])
            to = self.kinds[target].of(int(id_) - 1)
            types = [{"label": "Primary" if target == "companies" else None}]
            ends = [{"toObjectId": id_, "associationTypes": types} for id_ in to]
            if ends:
                rows.append({"from": {"id": id_}, "to": ends})
            else:
                without.append(id_)
        return Associations(rows, without, ())

    def records(
        self, kind: str, ids: Sequence[str], _wanted: Wanted
    ) -> Iterator[Record]:
        """Stream named records, a hundred a call."""
        for start in range(0, len(ids), MOST_READ):
            self.calls[f"read {kind}"] += 1
            for id_ in ids[start : start + MOST_READ]:
                yield {"id": id_, "properties": {}}

    def _deal(self, deal: int) -> Record:
        stage = OPEN if self.is_open(deal) else CLOSED
        values = {"dealstage": stage, "closedate": "2020-01-31T00:00:00Z"}
        return {"id": str(deal + 1), "properties": values}
