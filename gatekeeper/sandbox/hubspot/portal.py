"""One HubSpot portal: its objects, records, people and settings.

No HTTP. Everything a portal holds is reached from here; `lock` makes one request or
one import at a time see and change it. A record is a row of its properties by name;
what is no property starts with `@`: when it was made, changed and archived.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from random import Random
from threading import RLock
from typing import TYPE_CHECKING
from uuid import UUID

from gatekeeper.sandbox.clock import Clock, Elapsed
from gatekeeper.sandbox.faults import Faults
from gatekeeper.sandbox.hubspot.auth import Tokens
from gatekeeper.sandbox.hubspot.catalogue import standard_kinds
from gatekeeper.sandbox.hubspot.fault_menu import HUBSPOT_FAULTS
from gatekeeper.sandbox.hubspot.history import History
from gatekeeper.sandbox.hubspot.index import SearchIndex
from gatekeeper.sandbox.hubspot.late import Late
from gatekeeper.sandbox.hubspot.links import Links
from gatekeeper.sandbox.hubspot.rates import Rates
from gatekeeper.sandbox.hubspot.settings import PortalSettings
from gatekeeper.sandbox.hubspot.times import stamp
from gatekeeper.sandbox.state import Row, State, Stored, as_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gatekeeper.sandbox.hubspot.history import Source
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.hubspot.owners import Owner
    from gatekeeper.sandbox.hubspot.pipelines import Pipeline

CREATED = "@created"
ARCHIVED = "@archived"
MERGED_INTO = "@merged"


class Portal:
    """The portal itself: reads and writes without any rule."""

    def __init__(
        self, clock: Clock | None = None, elapsed: Elapsed | None = None
    ) -> None:
        self.clock = clock or Clock()
        self.elapsed = elapsed or Elapsed()
        self.lock = RLock()
        self.state = State(as_number)
        self.kinds = standard_kinds()
        self.settings = PortalSettings()
        self.pipelines: defaultdict[str, dict[str, Pipeline]] = defaultdict(dict)
        self.owners: dict[str, Owner] = {}
        self.links = Links(self.state)
        self.tokens = Tokens(self.clock)
        self.faults = Faults(HUBSPOT_FAULTS)
        self.rates = Rates(self.clock, self.elapsed, self.settings)
        self.late = Late(self.elapsed)
        self.index = SearchIndex(self.late)
        self.history = History(self.state)
        self.requests: Counter[str] = Counter()
        self.random = Random(1)  # noqa: S311 - a sandbox, no secret
        self._words = _words(self.kinds)
        self._last_ids: dict[str, int] = {}

    def now(self) -> datetime:
        """Return the portal's time, aware and in UTC."""
        return self.clock.now()

    def stamp(self) -> str:
        """Return the portal's time as it is stored."""
        return stamp(self.now())

    def correlation_id(self) -> str:
        """Return the id of one request."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    # Objects and records

    def kind(self, word: str) -> ObjectKind | None:
        """Return the object type of a plural, a singular or a `0-N` id."""
        return self.kinds.get(self._words.get(word.lower(), ""))

    def find(self, kind: ObjectKind, record_id: str) -> Stored | None:
        """Return the record of that id, archived ones too.

        The id of a record that was merged leads to the one it went into.
        """
        row = self.state.tables[kind.name].get(record_id)
        while row is not None and row[MERGED_INTO]:
            row = self.state.tables[kind.name].get(str(row[MERGED_INTO]))
        return row

    def live(self, kind: ObjectKind, record_id: str) -> Stored | None:
        """Return the record of that id unless it is archived."""
        row = self.find(kind, record_id)
        return None if row is None or row[ARCHIVED] else row

    def holding(self, kind: ObjectKind, name: str, value: str) -> Iterator[Stored]:
        """Yield the records whose property holds this value, archived ones too."""
        found = self.state.tables[kind.name].matching(name, [value])
        return (row for row in found if not row[MERGED_INTO])

    def listed(
        self, kind: ObjectKind, after: str, *, archived: bool
    ) -> Iterator[Stored]:
        """Yield the records from this id on, by id: archived ones, or all others."""
        for row in self.state.tables[kind.name].starting_at(after):
            if bool(row[ARCHIVED]) == archived and not row[MERGED_INTO]:
                yield row

    def put(self, kind: ObjectKind, record_id: str, row: Row) -> None:
        """Store a record, replacing the one before."""
        self.state.put(kind.name, record_id, row)

    def change(
        self,
        kind: ObjectKind,
        before: Stored,
        changes: Mapping[str, str],
        source: Source,
    ) -> Stored:
        """Write values onto a record, with their history and its modification date.

        Args:
            kind: The record's object type.
            before: The record as it is; one that is not stored yet is stored now.
            changes: The new values, valid and complete.
            source: Who changes them.
        """
        record_id, now = str(before["hs_object_id"]), self.stamp()
        stored = self.state.tables[kind.name].get(record_id)
        row = Row(before)
        row.update(changes)
        row[kind.modified] = now
        self.history.note(kind, record_id, changes, (now, source))
        self.put(kind, record_id, row)
        lag_s = self.random.uniform(*self.settings.index_lag_s)
        self.index.changed((kind.name, record_id), stored, row, lag_s)
        return row

    def new_id(self, kind: ObjectKind) -> str:
        """Return an id above all others of this type."""
        if kind.name not in self._last_ids:
            known = (int(str(row["hs_object_id"])) for row in self._rows(kind))
            self._last_ids[kind.name] = max(known, default=0)
        step = self.random.randint(1, 9)
        self._last_ids[kind.name] = max(self._last_ids[kind.name], 10**9) + step
        return str(self._last_ids[kind.name])

    def _rows(self, kind: ObjectKind) -> list[Stored]:
        return self.state.tables[kind.name].in_order()

    def shuffled(self, bodies: list[dict[str, object]]) -> list[dict[str, object]]:
        """Return the bodies in no order, as batch answers come."""
        if self.settings.shuffles:
            self.random.shuffle(bodies)
        return bodies


def _words(kinds: dict[str, ObjectKind]) -> dict[str, str]:
    words: dict[str, str] = {}
    for kind in kinds.values():
        singular = kind.singular.replace(" ", "_")
        for word in (kind.name, singular, kind.type_id):
            words[word] = kind.name
    return words
