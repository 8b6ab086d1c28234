"""Deals that a person merges into another while they are being listed.

Pure. HubSpot gives the survivor a new id, so it comes at the end of the list, after
the deals it was made of; it names them, and so what was read of those is taken back.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.crm.reader import WireRow

Row = dict[str, object]


def former_ids(row: WireRow) -> Iterable[str]:
    """Return the ids of the records that were merged into one, itself left out."""
    said = str(row.get(names.MERGED) or "")
    own = row.get(names.ID)
    return (id_ for id_ in said.split(";") if id_ and id_ != own)


@dataclass(slots=True)
class Gathered:
    """Listed deals on their way into batches; their ids ascend.

    Attributes:
        rows: Those that wait for a batch.
        seen: How many of them, from the first on, were asked about already.
        gone: Deals of earlier batches that were merged into another since.
    """

    rows: list[Row] = field(default_factory=list)
    seen: int = 0
    gone: set[str] = field(default_factory=set)
    _given: array[int] = field(default_factory=lambda: array("q"))

    def add(self, page: Iterable[Row], taken: Iterable[Row]) -> None:
        """Take in a page.

        Args:
            page: What was listed.
            taken: Its deals in scope; they wait for a batch.
        """
        for row in page:
            if row.get(names.MERGED):
                self._replace(set(former_ids(row)))
        self.rows += taken

    def waiting(self) -> int:
        """Return how many of them nothing was asked about yet."""
        return len(self.rows) - self.seen

    def see(self, most: int) -> list[Row]:
        """Return the next of them to ask about."""
        rows = self.rows[self.seen : self.seen + most]
        self.seen += len(rows)
        return rows

    def give_out(self, most: int) -> tuple[list[Row], list[str]]:
        """Hand over the next deals, and say which of those before are gone."""
        rows, self.rows = self.rows[:most], self.rows[most:]
        self.seen = max(0, self.seen - most)
        gone, self.gone = sorted(self.gone), set()
        self._given.extend(int(str(row[names.ID])) for row in rows)
        return rows, gone

    def _replace(self, ids: set[str]) -> None:
        stays = [row[names.ID] not in ids for row in self.rows]
        self.seen = sum(stays[: self.seen])
        self.rows = list(compress(self.rows, stays))
        self.gone.update(filter(self._is_given, ids))

    def _is_given(self, id_: str) -> bool:
        if not id_.isdecimal():
            return False
        place = bisect_left(self._given, int(id_))
        return place < len(self._given) and self._given[place] == int(id_)
