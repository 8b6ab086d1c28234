"""What time does to records: late ones appear, deleted ones are purged for good."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.activities import instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gatekeeper.sandbox.salesforce.org import Org

BIN_LIFETIME = timedelta(days=15)


class LateRecords:
    """Records that are committed but not to be seen before a given time.

    Real orgs show this: a stamp is taken while the transaction runs, the record
    appears when it ends, after others with a later stamp.
    """

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}

    def hold_back(self, record_id: str, until: datetime) -> None:
        """Show the record from that time on only."""
        self._until[record_id] = until

    def is_held(self, record_id: str, now: datetime) -> bool:
        """Tell whether the record is not to be seen yet."""
        until = self._until.get(record_id)
        return until is not None and now < until

    def shown(
        self, rows: Iterable[Mapping[str, object]], now: datetime
    ) -> list[Mapping[str, object]]:
        """Return the rows that are to be seen."""
        if not self._until:
            return list(rows)
        return [row for row in rows if not self.is_held(str(row["Id"]), now)]


def purge(org: Org, *, everything: bool = False) -> int:
    """Remove from the bin what has been there for 15 days, or everything.

    Returns:
        How many records no call will ever see again.
    """
    limit = org.now() - BIN_LIFETIME
    gone = [
        (kind.name, str(row["Id"]))
        for kind in org.present_kinds()
        for row in org.state.tables[kind.name].in_order()
        if row["IsDeleted"]
        and (everything or instant(str(row["SystemModstamp"])) <= limit)
    ]
    for name, record_id in gone:
        org.remove(name, record_id)
    return len(gone)
