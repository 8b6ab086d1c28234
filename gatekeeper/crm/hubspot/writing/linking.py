"""Ties new tasks to their deals, until a read shows it.

Associating twice changes nothing, so it is repeated until it shows. A task that was
there before is asked for its deal first, which spares the write where it is tied; one
that cannot be tied is not done, and the same create is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import LIMITED, Change, Receipt, WriteStatus
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.links import read_links
from gatekeeper.crm.hubspot.wire.refusals import NOT_FOUND, OVER_LIMIT
from gatekeeper.crm.hubspot.writing.records import deal_type
from gatekeeper.errors import CrmRejectedError, StopError, StoppedError, Transient

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Set

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Record

    ByTask = Mapping[str, Change]

TRIES = 3
PAUSE_S = 2.0
_GONE = "The deal went while its task was written"


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
            receipts: Say which task each has, and whether it was there before.
        """
        found = {
            str(receipt.remote_id)
            for receipt in receipts.values()
            if receipt.status is WriteStatus.ADOPTED
        }
        loose = {str(receipts[each.key].remote_id): each for each in changes}
        gone: dict[str, Change] = {}
        why, code = "HubSpot does not show the task on its deal yet", "NOT_ASSOCIATED"
        for attempt in range(TRIES):
            if attempt:
                self.client.sleep(PAUSE_S)
            try:
                loose = self._untied(loose, found)
                gone |= self._without_deal(loose)
                loose = self._loose(_less(loose, gone.keys()))
            except (*OVER_LIMIT, StoppedError) as error:
                is_limit = isinstance(error, OVER_LIMIT)
                why, code = str(error), LIMITED if is_limit else "NOT_SENT"
                break
            except (Transient, StopError) as error:
                why, code = str(error), "NO_ANSWER"
            except CrmRejectedError as error:
                why, code = str(error), error.code
                break
            if not loose:
                break
        unknown = _receipts(loose, receipts, WriteStatus.UNKNOWN, code, why)
        return unknown | _receipts(gone, receipts, WriteStatus.GONE, NOT_FOUND, _GONE)

    def _untied(self, tasks: ByTask, found: Set[str]) -> dict[str, Change]:
        """Leave out those found before that hang on their deals already."""
        standing = {task: each for task, each in tasks.items() if task in found}
        return _less(tasks, standing.keys() - self._loose(standing).keys())

    def _without_deal(self, tasks: ByTask) -> dict[str, Change]:
        """Tie tasks to their deals; return those whose deal is there no more."""
        if not tasks:
            return {}
        batch = self.client.link([_link(task, each) for task, each in tasks.items()])
        failed = {
            task
            for failure in batch.failures
            if failure.code == NOT_FOUND
            for task in failure.context.get("fromObjectId", ())
        }
        return {task: each for task, each in tasks.items() if task in failed}

    def _loose(self, tasks: ByTask) -> dict[str, Change]:
        """Return those of some tasks that HubSpot does not show on their deals."""
        if not tasks:
            return {}
        links = read_links(self.client, names.TASKS, names.DEALS, list(tasks))
        return {
            task: change
            for task, change in tasks.items()
            if change.deal_id not in links[task]
        }


def _less(tasks: ByTask, without: Set[str]) -> dict[str, Change]:
    return {task: each for task, each in tasks.items() if task not in without}


def _link(task: str, change: Change) -> Record:
    return {
        "from": {"id": task},
        "to": {"id": change.deal_id},
        "types": [deal_type()],
    }


def _receipts(
    tasks: ByTask,
    receipts: Mapping[str, Receipt],
    status: WriteStatus,
    code: str,
    message: str,
) -> dict[str, Receipt]:
    return {
        each.key: replace(receipts[each.key], status=status, code=code, message=message)
        for each in tasks.values()
    }
