"""Collections of related rows, filled batch by batch from what came of each deal.

Pure, and the same for every CRM: a source is read once however many collections take
rows from it; a value that no single field holds is worked out from a deal's own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from gatekeeper.core.model import FieldValue, Row, Unavailable
from gatekeeper.crm.reader import Fields, WireRow, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class HasRows(Protocol):
    """One deal's child rows while its collections are put together."""

    @property
    def rows(self) -> Mapping[str, Sequence[WireRow]]:
        """Source to this deal's rows of it."""
        ...


Around = TypeVar("Around", bound=HasRows)


@dataclass(frozen=True, slots=True)
class CompiledPart(Generic[Around]):
    """How a collection takes the rows of one source."""

    source: str
    plain: Fields
    derived: tuple[tuple[str, Callable[[WireRow, Around], FieldValue]], ...]
    keeps: Callable[[WireRow, Around], bool] | None = None

    def rows(self, deals: Sequence[Around]) -> list[list[Row]]:
        """Return its rows of each of some deals."""
        wires = [self._kept(around) for around in deals]
        made = table(self.plain, list(chain.from_iterable(wires)))
        for name, derive in self.derived:
            values = (
                derive(wire, around)
                for around, kept in zip(deals, wires, strict=True)
                for wire in kept
            )
            for row, value in zip(made, values, strict=True):
                row[name] = value
        following = iter(made)
        return [list(islice(following, len(kept))) for kept in wires]

    def _kept(self, around: Around) -> Sequence[WireRow]:
        wires, keeps = around.rows.get(self.source, ()), self.keeps
        if keeps is None:
            return wires
        return [wire for wire in wires if keeps(wire, around)]


@dataclass(frozen=True, slots=True)
class Collected(Generic[Around]):
    """One collection, ready to be filled for deal after deal."""

    name: str
    parts: tuple[CompiledPart[Around], ...] = ()
    why_not: str = ""

    def of(
        self, deals: Sequence[Around], lost: Mapping[str, str]
    ) -> list[tuple[Row, ...] | Unavailable]:
        """Return the rows of each of some deals, or why they cannot be told.

        Args:
            deals: The deals' child rows.
            lost: Source to why its rows did not come.
        """
        reasons = (lost[part.source] for part in self.parts if part.source in lost)
        reason = self.why_not or next(reasons, "")
        if reason:
            return [Unavailable(reason)] * len(deals)
        parts = [part.rows(deals) for part in self.parts]
        if not parts:
            return [()] * len(deals)
        return [tuple(chain.from_iterable(rows)) for rows in zip(*parts, strict=True)]
