"""The past values of properties, read for deals whose dates do not tell enough."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model.history import NO_HISTORY
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.ahead import Ahead
from gatekeeper.crm.hubspot.reading.beside import UNREADABLE
from gatekeeper.crm.hubspot.reading.past import VERSIONS
from gatekeeper.crm.hubspot.wire.client import MOST_WITH_HISTORY, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.model import History
    from gatekeeper.crm.hubspot.reading.past import PastShape
    from gatekeeper.crm.hubspot.wire.client import Client

Row = dict[str, object]


@dataclass(slots=True)
class Versions:
    """The past of the deals of one window.

    Attributes:
        shape: None where no rule asks for the past.
        problems: What went wrong, for the report.
    """

    client: Client
    shape: PastShape | None
    problems: list[str]
    _ahead: Ahead[object] = field(init=False)

    def __post_init__(self) -> None:
        self._ahead = Ahead(self._read, MOST_WITH_HISTORY)

    def want(self, batches: Sequence[Sequence[Row]]) -> None:
        """See which deals of the batches to come need it."""
        past = self.shape
        if past is not None:
            for rows in batches:
                needy = filter(past.needs_versions, rows)
                self._ahead.want(str(row[names.ID]) for row in needy)

    def give(self, rows: Sequence[Row]) -> list[History]:
        """Return the past of the deals of the next batch."""
        if self.shape is None:
            return [NO_HISTORY] * len(rows)
        found = self._ahead.give()
        for row in rows:
            if (versions := found.get(str(row[names.ID]))) is not None:
                row[VERSIONS] = versions
        return list(map(self.shape.of, rows))

    def _read(self, ids: Sequence[str]) -> Mapping[str, object]:
        properties = self.shape.properties if self.shape else ()
        wanted = Wanted((), properties)
        try:
            return {
                str(record.get("id")): record.get(VERSIONS)
                for record in self.client.records(names.DEALS, ids, wanted)
            }
        except UNREADABLE as error:
            self.problems.append(f"The history of deals could not be read: {error}")
            return {}
