"""Collections of related rows, filled batch by batch from what came of each deal.

Pure, and the same for every CRM: a source is read once however many collections take
rows from it; a value that no single field holds is worked out from a deal's own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, TypeVar

from gatekeeper.core.model import FieldValue, Row, Unavailable
from gatekeeper.crm.reader import Fields, WireRow, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Around = TypeVar("Around")
"""One deal's child rows, for values that are worked out from several of them."""


@dataclass(slots=True)
class ChildRows(Generic[Around]):
    """The child rows of the deals of one batch.

    Attributes:
        deals: How many deals there are.
        rows: Source to its rows of each deal, in the order of the deals.
        around: Puts together one deal's rows, given source to its rows, and source
            to why its rows did not come.
        lost: Source to why its rows did not come.
        untold: Place of a deal to the sources that did not come for it alone.
    """

    deals: int
    rows: Mapping[str, Sequence[Sequence[WireRow]]]
    around: Callable[[Mapping[str, Sequence[WireRow]], Mapping[str, str]], Around]
    lost: Mapping[str, str]
    untold: Mapping[int, Mapping[str, str]] = attribute(default_factory=dict)
    _arounds: list[Around] = attribute(default_factory=list)

    def of(self, source: str) -> Sequence[Sequence[WireRow]]:
        """Return the rows of a source, deal by deal."""
        return self.rows.get(source) or [()] * self.deals

    def arounds(self) -> Sequence[Around]:
        """Return what is around each deal, put together when first asked for."""
        if not self._arounds:
            by_deal = zip(*self.rows.values(), strict=True) if self.rows else ()
            together = (dict(zip(self.rows, rows, strict=True)) for rows in by_deal)
            self._arounds = [
                self.around(rows, self.lost_of(place))
                for place, rows in enumerate(together)
            ] or [self.around({}, self.lost_of(place)) for place in range(self.deals)]
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
    keeps: Callable[[WireRow, Around], bool] | None = None

    def rows(self, children: ChildRows[Around]) -> list[tuple[Row, ...]]:
        """Return its rows of each deal."""
        wires = self._kept(children)
        together = list(chain.from_iterable(wires))
        if not together:
            return [()] * children.deals
        made = table(self.plain, together)
        for name, derive in self.derived:
            values = (
                derive(wire, around)
                for around, kept in zip(children.arounds(), wires, strict=True)
                for wire in kept
            )
            for row, value in zip(made, values, strict=True):
                row[name] = value
        following = iter(made)
        return [tuple(islice(following, len(kept))) if kept else () for kept in wires]

    def _kept(self, children: ChildRows[Around]) -> Sequence[Sequence[WireRow]]:
        wires, keeps = children.of(self.source), self.keeps
        if keeps is None:
            return wires
        return [
            [wire for wire in rows if keeps(wire, around)]
            for around, rows in zip(children.arounds(), wires, strict=True)
        ]


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
        first, *others = [part.rows(children) for part in self.parts] or [
            [()] * children.deals
        ]
        if not others:
            return first
        together = zip(first, *others, strict=True)
        return (tuple(chain.from_iterable(rows)) for rows in together)
