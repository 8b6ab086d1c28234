"""Records of other kinds than deals, each read once per run as far as memory allows.

Companies and contacts belong to many deals, and now and then a quote or a meeting does.
What was read of them is kept for the next batch, up to a bound; then the oldest is let
go and read again when it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.merged import former_ids
from gatekeeper.crm.hubspot.wire.client import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Record
    from gatekeeper.crm.reader import WireRow

MOST_KEPT = 2_000
MOST_SHARED_KEPT = 20_000
SHARED = frozenset({names.COMPANIES, names.CONTACTS})


_ID = itemgetter(names.ID)


def properties_of(record: Record) -> dict[str, object]:
    """Take a record's properties out of it, its id among them."""
    said = record.get("properties")
    values: dict[str, object] = said if isinstance(said, dict) else {}
    values[names.ID] = str(record.get("id"))
    return values


@dataclass(slots=True)
class Records:
    """The records of one pull.

    Attributes:
        columns: Kind of record to the properties that are read of it.
    """

    client: Client
    columns: Mapping[str, tuple[str, ...]]
    _kept: dict[str, dict[str, WireRow]] = field(default_factory=dict)

    def kept(self, kind: str) -> dict[str, WireRow]:
        """Return the records of a kind that were read before and are still here."""
        return dict(self._kept.get(kind, ()))

    def read(self, kind: str, ids: Iterable[str]) -> Mapping[str, WireRow]:
        """Return records by id; one that was archived meanwhile is not among them.

        Raises:
            CrmRejectedError: HubSpot refuses to show such records.
        """
        wanted = list(dict.fromkeys(ids))
        kept = self._kept.setdefault(kind, {})
        fresh = self._fresh(kind, [id_ for id_ in wanted if id_ not in kept])
        found = {id_: kept[id_] for id_ in wanted if id_ in kept} | fresh
        kept.update(fresh)
        most = MOST_SHARED_KEPT if kind in SHARED else MOST_KEPT
        for id_ in list(islice(kept, max(0, len(kept) - most))):
            del kept[id_]
        return found

    def _fresh(self, kind: str, ids: Sequence[str]) -> dict[str, WireRow]:
        wanted = Wanted((*self.columns.get(kind, ()), names.ID))
        records = self.client.records(kind, ids, wanted)
        rows = map(properties_of, records)
        found: dict[str, WireRow] = {_ID(row): row for row in rows}
        if strangers := found.keys() - set(ids):
            found.update(self._merged(kind, sorted(strangers), found))
        return found

    def _merged(
        self, kind: str, survivors: Sequence[str], found: Mapping[str, WireRow]
    ) -> dict[str, WireRow]:
        """Return records under the ids they had before they were merged.

        HubSpot answers a merged record's id with the record it went into, under that
        one's id; what was linked to the old one a moment ago is linked to it now.
        """
        wanted = Wanted((names.ID, names.MERGED))
        rows = map(properties_of, self.client.records(kind, survivors, wanted))
        return {
            id_: found[str(row[names.ID])] for row in rows for id_ in former_ids(row)
        }
