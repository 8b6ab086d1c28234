"""The search index: each record reaches it in its own time after a change."""

from __future__ import annotations

from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.sandbox.hubspot.late import Late
    from gatekeeper.sandbox.state import Stored


class SearchIndex:
    """What search sees: the records as they are, but for those still on their way."""

    def __init__(self, late: Late) -> None:
        self._late = late
        self._numbers = count()
        self._older: defaultdict[str, dict[str, Stored | None]] = defaultdict(dict)
        self._on_way: defaultdict[tuple[str, str], int] = defaultdict(int)

    def changed(
        self, place: tuple[str, str], before: Stored | None, after: Stored, lag_s: float
    ) -> None:
        """Let a change reach the index after so many seconds.

        Args:
            place: The record's object type and id.
            before: The record as it was, None where it is new.
            after: The record as it is now.
            lag_s: This change's own delay.
        """
        kind, record_id = place
        self._older[kind].setdefault(record_id, before)
        self._on_way[place] += 1
        key = ("index", *place, str(next(self._numbers)))
        self._late.after(lag_s, key, lambda: self._arrive(place, after))

    def _arrive(self, place: tuple[str, str], after: Stored) -> None:
        kind, record_id = place
        self._on_way[place] -= 1
        if self._on_way[place]:
            self._older[kind][record_id] = after
        else:
            del self._on_way[place]
            self._older[kind].pop(record_id, None)

    def shown(self, kind: str, rows: Iterable[Stored]) -> Iterator[Stored]:
        """Yield of these records, as they are, what the index has of them."""
        older = self._older[kind]
        if not older:
            yield from rows
            return
        for row in rows:
            seen = older.get(str(row["hs_object_id"]), row)
            if seen is not None:
                yield seen
