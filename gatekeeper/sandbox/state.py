"""The records of a CRM, held in one place; knows no HTTP and no CRM's rules.

Rows are never changed in place: a write replaces the row, so an answer being paged
keeps what it saw and a transaction can put the old rows back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping


SortKey = Callable[[str], str]
"""What ids are ordered by."""
Stored = MutableMapping[str, object]
"""A record as a table holds it. Reading a field it does not hold gives None."""


def as_text(record_id: str) -> str:
    """Order ids letter by letter."""
    return record_id


def as_number(record_id: str) -> str:
    """Order ids of digits alone by their value."""
    return record_id.zfill(20)


class Row(dict[str, object]):
    """One record. A field it does not hold is None: empty fields take no room."""

    __slots__ = ()

    def __missing__(self, key: str) -> None:
        return None


class PackedRow(MutableMapping[str, object]):
    """One record of many alike: its values alone, in places all of them share.

    It takes a third of the room of a Row and reads a little slower; an org of
    hundreds of thousands of imported records is made of these.
    """

    __slots__ = ("_places", "_values")

    def __init__(self, places: dict[str, int], values: list[object]) -> None:
        self._places = places
        self._values = values

    def __getitem__(self, key: str) -> object:
        place = self._places.get(key, -1)
        return self._values[place] if 0 <= place < len(self._values) else None

    def __setitem__(self, key: str, value: object) -> None:
        place = self._places.setdefault(key, len(self._places))
        missing = place + 1 - len(self._values)
        if missing > 0:
            self._values.extend([None] * missing)
        self._values[place] = value

    def __delitem__(self, key: str) -> None:
        self[key] = None

    def __iter__(self) -> Iterator[str]:
        return (key for key in self._places if self[key] is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Table:
    """The rows of one object by id, with indexes that are built when first asked."""

    def __init__(self, sort_key: SortKey = as_text) -> None:
        self._sort_key = sort_key
        self._rows: dict[str, Stored] = {}
        self._order: list[str] | None = None
        self._indexes: dict[str, defaultdict[object, dict[str, None]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, record_id: str) -> Stored | None:
        """Return the row with that id, deleted or not."""
        return self._rows.get(record_id)

    def put(self, record_id: str, row: Stored | None) -> Stored | None:
        """Replace a row (None removes it for good) and return the one before."""
        before = self._rows.get(record_id)
        if row is None:
            self._rows.pop(record_id, None)
            self._order = None
        else:
            if before is None:
                self._order = None
            self._rows[record_id] = row
        for field, index in self._indexes.items():
            _reindex(index, field, record_id, (before, row))
        return before

    def fill(self, rows: Mapping[str, Stored]) -> None:
        """Add many rows at once, before anybody reads."""
        self._rows.update(rows)
        self._order = None
        self._indexes.clear()

    def in_order(self) -> list[Stored]:
        """Return all rows by id; the list is the caller's."""
        return [self._rows[record_id] for record_id in self.ids()]

    def starting_at(self, record_id: str) -> Iterator[Stored]:
        """Yield the rows by id from the first that is not before this id."""
        ids, key = self.ids(), self._sort_key
        start = bisect_left(ids, key(record_id), key=key)
        return (self._rows[ids[place]] for place in range(start, len(ids)))

    def ids(self) -> list[str]:
        """Return all ids in their order; the list is the table's own."""
        if self._order is None:
            self._order = sorted(self._rows, key=self._sort_key)
        return self._order

    def matching(self, field: str, values: Collection[object]) -> Iterator[Stored]:
        """Yield the rows whose field holds one of the values, by index.

        A text that ends with `~` after the field's name is no field: `Key__c~` asks
        for the same field without regard to case.
        """
        index = self._indexes.get(field)
        if index is None:
            index = self._indexes[field] = defaultdict(dict)
            for record_id, row in self._rows.items():
                _reindex(index, field, record_id, (None, row))
        for value in values:
            for record_id in list(index.get(_folded(field, value), ())):
                yield self._rows[record_id]


def _folded(field: str, value: object) -> object:
    return value.casefold() if field.endswith("~") and isinstance(value, str) else value


def _reindex(
    index: defaultdict[object, dict[str, None]],
    field: str,
    record_id: str,
    change: tuple[Stored | None, Stored | None],
) -> None:
    before, after = change
    column = field.removesuffix("~")
    old = _folded(field, before[column]) if before is not None else None
    new = _folded(field, after[column]) if after is not None else None
    if old is not None and old != new:
        index[old].pop(record_id, None)
    if new is not None:
        index[new][record_id] = None


class Transaction:
    """A block of writes; dooming it takes them back when the block ends."""

    __slots__ = ("is_doomed",)

    def __init__(self) -> None:
        self.is_doomed = False

    def doom(self) -> None:
        """Have the block's writes taken back."""
        self.is_doomed = True


class State:
    """All tables of one CRM, and the journal that lets a transaction be undone."""

    def __init__(self, sort_key: SortKey = as_text) -> None:
        self.tables: defaultdict[str, Table] = defaultdict(lambda: Table(sort_key))
        self._journal: list[tuple[str, str, Stored | None]] | None = None

    def put(self, table: str, record_id: str, row: Stored | None) -> None:
        """Write one row; inside a transaction it can be taken back."""
        before = self.tables[table].put(record_id, row)
        if self._journal is not None:
            self._journal.append((table, record_id, before))

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Undo every write of the block if it raises or is doomed. Blocks nest."""
        outer = self._journal
        journal: list[tuple[str, str, Stored | None]] = []
        self._journal = journal
        transaction = Transaction()
        try:
            yield transaction
        except BaseException:
            self._undo(journal)
            raise
        else:
            if transaction.is_doomed:
                self._undo(journal)
            elif outer is not None:
                outer.extend(journal)
        finally:
            self._journal = outer

    def _undo(self, journal: list[tuple[str, str, Stored | None]]) -> None:
        for table, record_id, before in reversed(journal):
            self.tables[table].put(record_id, before)
