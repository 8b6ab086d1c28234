"""The past of deals: rows of the two history objects as stints and changes.

Pure. `OpportunityHistory` is kept for every deal without any setting, from the deal's
creation on, so it is complete where its first row is as old as the deal.
`OpportunityFieldHistory` is kept for fields an administrator chose; nobody says since
when, so only the oldest row of the whole org proves from when on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    FieldChange,
    FieldValue,
    History,
    Money,
    Stint,
    by_field,
)
from gatekeeper.crm.salesforce.reading.translate import to_moment, to_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.crm.reader import Convert, Reader, WireRow
    from gatekeeper.crm.salesforce.metadata.describe import WireField

STAGES = "OpportunityHistory"
CHANGES = "OpportunityFieldHistory"
BY = "OpportunityId"
KEPT = {
    "Amount": "Amount",
    "CloseDate": "CloseDate",
    "Probability": "Probability",
    "ForecastCategoryName": "ForecastCategory",
}
"""Field of the deal to the field of `OpportunityHistory` that keeps its values."""

AT_ONCE = timedelta(minutes=5)
"""A first row so much younger than its deal still is the one of its creation."""

_ID_LENGTHS = (15, 18)


def name_in_history(field: WireField) -> str:
    """Return what `OpportunityFieldHistory` calls a field: a lookup's without Id."""
    is_lookup = field.type == "reference" and field.relationship
    return str(field.relationship) if is_lookup else field.name


@dataclass(frozen=True, slots=True)
class Tracked:
    """A field of which `OpportunityFieldHistory` may hold changes.

    Attributes:
        name: Canonical.
        path: What that object calls it: the field's own name, a lookup's without Id.
        is_lookup: Each change comes twice, with names and with ids; ids count.
    """

    name: str
    path: str
    kind: Kind
    convert: Convert
    is_lookup: bool = False

    def takes(self, row: WireRow) -> bool:
        """Whether the row holds values of the field itself."""
        if row.get("Field") != self.path:
            return False
        values = [row.get("OldValue"), row.get("NewValue")]
        return not self.is_lookup or all(map(_is_id_or_none, values))

    def value(self, wire: object, currency: str) -> FieldValue:
        """Read one of the values, which come without a type of their own."""
        if wire is None or wire == "":
            return EMPTY
        if self.kind in {Kind.NUMBER, Kind.PERCENT, Kind.MONEY}:
            number = _number(wire)
            is_money = self.kind is Kind.MONEY and isinstance(number, Decimal)
            return Money(number, currency) if is_money else number  # type: ignore[arg-type]
        if self.kind is Kind.DATE and isinstance(wire, str):
            wire = wire[:10]
        if self.kind is Kind.YES_NO and isinstance(wire, str):
            wire = wire.casefold() == "true"
        return self.convert(wire)


def _is_id_or_none(value: object) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, str)
        and len(value) in _ID_LENGTHS
        and value.isalnum()
        and value[:1] in {"0", "a"}
    )


def _number(wire: object) -> FieldValue:
    if not isinstance(wire, str):
        return to_number(wire)
    try:
        return Decimal(wire)
    except InvalidOperation:
        return EMPTY


@dataclass(slots=True)
class PastShape:
    """How the history rows of a deal become its past.

    Attributes:
        person: Reads a user's id.
        kept: Canonical name to the reader of its value in a row of the stages.
        tracked: The other fields that rules ask about.
        since: Canonical name to the oldest proof that changes are tracked.
        currency: Of deals that name none.
    """

    person: Convert
    kept: tuple[tuple[str, Reader], ...]
    tracked: tuple[Tracked, ...]
    currency: str
    since: dict[str, datetime] = field(default_factory=dict)

    def of(
        self,
        row: WireRow,
        rows: Mapping[str, Sequence[WireRow]],
        lost: Mapping[str, str],
    ) -> History:
        """Return the past of one deal.

        Args:
            row: Of the deal query, with its creation.
            rows: Source to this deal's rows of it.
            lost: Sources whose rows did not come.
        """
        entries = _in_order(rows.get(STAGES, ()))
        created = to_moment(row.get("CreatedDate"))
        first = _moment(entries[0]) if entries else None
        # A loaded deal may be younger than the history that was loaded with it.
        known = [each for each in (created, first) if isinstance(each, datetime)]
        began = min(known, default=None)
        complete = dict(self.since) if CHANGES not in lost else {}
        if began is not None and first is not None and STAGES not in lost:
            start = began if first - began <= AT_ONCE else first
            complete |= dict.fromkeys((name for name, _ in self.kept), start)
            if entries[-1].get("StageName") == row.get("StageName"):
                complete[STAGE] = start
        stints = tuple(self._stints(entries))
        if stints and complete.get(STAGE) == began and began is not None:
            stints = (replace(stints[0], entered=began), *stints[1:])
        kept, tracked = self._kept_changes(entries), self._tracked_changes(row, rows)
        return History(stints, by_field(chain(kept, tracked)), complete, began)

    def _stints(self, entries: Sequence[WireRow]) -> Iterator[Stint]:
        """Give one stint per run of rows with the same stage."""
        entered = [
            entry
            for place, entry in enumerate(entries)
            if place == 0 or entries[place - 1]["StageName"] != entry["StageName"]
        ]
        ends: list[datetime | None] = [*map(_moment, entered[1:]), None]
        for entry, left in zip(entered, ends, strict=False):
            stage, by = str(entry["StageName"] or ""), self._by(entry)
            yield Stint(stage, _moment(entry), left, by)

    def _kept_changes(self, entries: Sequence[WireRow]) -> Iterator[FieldChange]:
        for before, after in pairwise(entries):
            for name, read in self.kept:
                old, new = read(before), read(after)
                if old != new:
                    by = self._by(after)
                    yield FieldChange(name, _moment(after), old, new, by)

    def _tracked_changes(
        self, row: WireRow, rows: Mapping[str, Sequence[WireRow]]
    ) -> Iterator[FieldChange]:
        currency = str(row.get("CurrencyIsoCode") or self.currency)
        for entry in _in_order(rows.get(CHANGES, ())):
            for each in self.tracked:
                if not each.takes(entry):
                    continue
                old, new = (
                    each.value(entry.get(key), currency)
                    for key in ("OldValue", "NewValue")
                )
                by = self._by(entry)
                yield FieldChange(each.name, _moment(entry), old, new, by)

    def _by(self, entry: WireRow) -> FieldValue:
        return self.person(entry.get("CreatedById"))


def _in_order(rows: Sequence[WireRow]) -> list[WireRow]:
    """Sort rows by time; ids tell the order within a moment. Odd times are left out."""
    told = [row for row in rows if isinstance(to_moment(row["CreatedDate"]), datetime)]
    return sorted(told, key=lambda row: (_moment(row), str(row["Id"])))


def _moment(row: WireRow) -> datetime:
    moment = to_moment(row["CreatedDate"])
    if not isinstance(moment, datetime):
        raise TypeError(moment)
    return moment
