"""Ties new tasks to their deals, until a read shows it.

Associating twice changes nothing, so it is repeated whenever a task was created or
found; a task that cannot be tied is not done, and the same create is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Change, Receipt, WriteStatus
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.links import read_links
from gatekeeper.crm.hubspot.writing.records import deal_type
from gatekeeper.errors import CrmRejectedError, StopError, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client

TRIES = 3
PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Linker:
    """Ties tasks to deals."""

    client: Client

    def tie(
        self, changes: Sequence[Change], receipts: Mapping[str, Receipt]
    ) -> dict[str, Receipt]:
        """Tie the tasks of some changes, and return the receipts that differ for it.

        Args:
            changes: Whose tasks exist.
            receipts: Say which task each has.
        """
        loose = {str(receipts[each.key].remote_id): each for each in changes}
        why, code = "HubSpot does not show the task on its deal yet", "NOT_ASSOCIATED"
        for attempt in range(TRIES):
            if attempt:
                self.client.sleep(PAUSE_S)
            try:
                loose = self._still_loose(loose)
            except (Transient, StopError) as error:
                why, code = str(error), "NO_ANSWER"
            except CrmRejectedError as error:
                why, code = str(error), error.code
                break
            if not loose:
                return {}
        return {
            change.key: replace(
                receipts[change.key],
                status=WriteStatus.UNKNOWN,
                code=code,
                message=why,
            )
            for change in loose.values()
        }

    def _still_loose(self, loose: Mapping[str, Change]) -> dict[str, Change]:
        """Tie tasks to their deals and return those that a read does not show so."""
        if not loose:
            return {}
        self.client.link(
            [
                {
                    "from": {"id": task},
                    "to": {"id": change.deal_id},
                    "types": [deal_type()],
                }
                for task, change in loose.items()
            ]
        )
        links = read_links(self.client, names.TASKS, names.DEALS, list(loose))
        return {
            task: change
            for task, change in loose.items()
            if change.deal_id not in {link.to for link in links[task]}
        }
