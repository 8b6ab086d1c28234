"""Collections of related rows, filled batch by batch from what came of each deal.

Pure, and the same for every CRM: a source is read once however many collections take
rows from it; a value that no single field holds is worked out from a deal's own rows.
The rows of a batch lie one after the other and are read column by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from functools import reduce
from itertools import accumulate, chain, compress, pairwise, repeat
from operator import add
from typing import TYPE_CHECKING, Generic, TypeVar

from gatekeeper.core.model import FieldValue, Row, Unavailable
from gatekeeper.crm.reader import Fields, WireRow, add_column, table

if TYPE_CHECKING:
    from typing import Self

Around = TypeVar("Around")
"""One deal's child rows, for values that are worked out from several of them."""
Each = TypeVar("Each")


@dataclass(frozen=True, slots=True)
class Laid:
    """Rows of the deals of one batch, laid one after the other.

    Attributes:
        rows: Those of the first deal, then those of the second.
        counts: How many each deal has.
    """

    rows: Sequence[WireRow]
    counts: Sequence[int]

    @classmethod
    def of(cls, by_deal: Sequence[Sequence[WireRow]]) -> Self:
        """Lay out the rows of each deal."""
        return cls(list(chain.from_iterable(by_deal)), list(map(len, by_deal)))

    def bounds(self) -> Iterable[tuple[int, int]]:
        """Return where the rows of each deal begin and end."""
        return pairwise(accumulate(self.counts, initial=0))

    def by_deal(self) -> list[Sequence[WireRow]]:
        """Return the rows of each deal."""
        return [self.rows[start:end] for start, end in self.bounds()]

    def where(self, kept: Sequence[bool]) -> Laid:
        """Return its rows without those that are not kept."""
        if all(kept):
            return self
        counts = [sum(kept[start:end]) for start, end in self.bounds()]
        return Laid(list(compress(self.rows, kept)), counts)

    def each(self, of_deal: Iterable[Each]) -> Iterable[Each]:
        """Return for each row what its deal has."""
        return chain.from_iterable(map(repeat, of_deal, self.counts))


Keeps = Callable[[Laid, "ChildRows[Around]"], Sequence[bool]]
"""Which rows of a source a collection takes."""


@dataclass(slots=True)
class ChildRows(Generic[Around]):
    """The child rows of the deals of one batch.

    Attributes:
        deals: How many deals there are.
        rows: Source to its rows, in the order of the deals.
        around: Puts together one deal's rows, given source to its rows, and source
            to why its rows did not come.
        lost: Source to why its rows did not come.
        untold: Place of a deal to the sources that did not come for it alone.
    """

    deals: int
    rows: Mapping[str, Laid]
    around: Callable[[Mapping[str, Sequence[WireRow]], Mapping[str, str]], Around]
    lost: Mapping[str, str]
    untold: Mapping[int, Mapping[str, str]] = attribute(default_factory=dict)
    _arounds: list[Around] = attribute(default_factory=list)

    def of(self, source: str) -> Laid:
        """Return the rows of a source."""
        return self.rows.get(source) or Laid((), [0] * self.deals)

    def arounds(self) -> Sequence[Around]:
        """Return what is around each deal, put together when first asked for."""
        if not self._arounds:
            sources = [laid.by_deal() for laid in self.rows.values()]
            by_deal = zip(*sources, strict=True) if sources else repeat((), self.deals)
            self._arounds = [
                self.around(
                    dict(zip(self.rows, rows, strict=True)), self.lost_of(place)
                )
                for place, rows in enumerate(by_deal)
            ]
        return self._arounds

    def lost_of(self, place: int) -> Mapping[str, str]:
        """Return source to why its rows did not come for one deal."""
        untold = self.untold.get(place)
        return {**untold, **self.lost} if untold else self.lost


@dataclass(frozen=True, slots=True)
class CompiledPart(Generic[Around]):
    """How a collection takes the rows of one source."""

    source: str
    plain: Fields
    derived: tuple[tuple[str, Callable[[WireRow, Around], FieldValue]], ...]
    keeps: Keeps[Around] | None = None

    def rows(self, children: ChildRows[Around]) -> list[tuple[Row, ...]]:
        """Return its rows of each deal."""
        laid = children.of(self.source)
        if self.keeps is not None:
            laid = laid.where(self.keeps(laid, children))
        if not laid.rows:
            return [()] * children.deals
        made = table(self.plain, laid.rows)
        for name, derive in self.derived:
            around = laid.each(children.arounds())
            add_column(made, name, map(derive, laid.rows, around))
        rows: tuple[Row, ...] = tuple(made)
        return [rows[start:end] for start, end in laid.bounds()]


@dataclass(frozen=True, slots=True)
class Collected(Generic[Around]):
    """One collection, ready to be filled for deal after deal."""

    name: str
    parts: tuple[CompiledPart[Around], ...] = ()
    why_not: str = ""

    def of(
        self, children: ChildRows[Around]
    ) -> Sequence[tuple[Row, ...] | Unavailable]:
        """Return the rows of each deal, or why they cannot be told."""
        lost = children.lost
        whys = (lost[part.source] for part in self.parts if part.source in lost)
        reason = self.why_not or next(whys, "")
        if reason:
            return [Unavailable(reason)] * children.deals
        rows: list[tuple[Row, ...] | Unavailable] = list(self._rows(children))
        for place, reasons in children.untold.items():
            for part in self.parts:
                if part.source in reasons:
                    rows[place] = Unavailable(reasons[part.source])
        return rows

    def _rows(self, children: ChildRows[Around]) -> Iterable[tuple[Row, ...]]:
        none: Iterable[tuple[Row, ...]] = [()] * children.deals
        parts = [part.rows(children) for part in self.parts]
        return reduce(lambda some, more: map(add, some, more), parts, none)
