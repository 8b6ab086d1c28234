"""Writes in batches of a hundred: one receipt per change, in order.

Outcomes are matched on our own key, for HubSpot answers in an order of its own. Nothing
is retried blindly: what neither came back nor failed by name is looked up by its key,
and what has no answer at all is unknown, for the next run to look up. A batch refused
as a whole is repeated in halves until the culprit stands alone. A write that met
another one is decided anew by a read, and then sent once more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    LIMITED,
    Action,
    Change,
    OwnTask,
    Receipt,
    WriteStatus,
)
from gatekeeper.crm.batches import batches
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.wire.refusals import OVER_LIMIT
from gatekeeper.crm.hubspot.writing.conflicts import Reread, in_conflict
from gatekeeper.crm.hubspot.writing.sending import (
    UNSAID,
    Order,
    Receipts,
    Sender,
    all_of,
)
from gatekeeper.errors import (
    CrmRejectedError,
    StopError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.crm.hubspot.reading.tasks import Tasks
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.writing.linking import Linker
    from gatekeeper.crm.hubspot.writing.records import Forms

MOST_RECORDS = 100
_KIND = {Action.FLAG: names.DEALS}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the changes of one run.

    Attributes:
        tasks: Reads our tasks.
        linker: Ties new tasks to their deals.
        is_strict: HubSpot enforces the key; else a deal's tasks are looked through
            before one is created.
    """

    client: Client
    forms: Forms
    tasks: Tasks
    linker: Linker
    is_strict: bool

    @property
    def sender(self) -> Sender:
        """Sends the requests."""
        return Sender(self.client)

    def write(self, changes: Sequence[Change]) -> list[Receipt]:
        """Write each kind of change in requests of its own."""
        receipts: dict[int, Receipt] = {}
        for places in batches(changes, MOST_RECORDS):
            chunk = [changes[place] for place in places]
            done = self._kind(chunk[0].action, chunk)
            self._note(chunk, done)
            receipts.update((at, done[changes[at].key]) for at in places)
        return [receipts[place] for place in range(len(changes))]

    def _note(self, chunk: Sequence[Change], done: Receipts) -> None:
        shadows = self.forms.shadows
        if shadows is None:
            return
        for change in chunk:
            receipt = done[change.key]
            if receipt.status not in {WriteStatus.DONE, WriteStatus.ADOPTED}:
                continue
            if change.action is Action.FLAG:
                text = shadows.text(change.deal_id)
                if text is not None:
                    shadows.written(change.deal_id, text)
            elif receipt.remote_id:
                shadows.note(change, receipt.remote_id)

    def _kind(self, kind: Action, chunk: list[Change]) -> Receipts:
        if kind is Action.CREATE:
            return self._create(chunk)
        return self._update(_KIND.get(kind, names.TASKS), chunk)

    def _create(self, chunk: list[Change]) -> Receipts:
        """Create what is not there yet, and tie all of it to its deals."""
        try:
            known = self._find(chunk)
        except (StopError, CrmRejectedError) as error:
            code = LIMITED if isinstance(error, OVER_LIMIT) else ""
            return all_of(chunk, WriteStatus.NOT_ATTEMPTED, str(error), code)
        absent = [change for change in chunk if change.key not in known]
        receipts = self._made(absent) if absent else {}
        for key, task in known.items():
            receipts[key] = Receipt(key, WriteStatus.ADOPTED, task.remote_id)
        alive = [
            change
            for change in chunk
            if receipts[change.key].remote_id
            and not (change.key in known and known[change.key].is_deleted)
        ]
        receipts.update(self.linker.tie(alive, receipts))
        self._close_without_deal(alive, receipts)
        return receipts

    def _close_without_deal(self, chunk: list[Change], receipts: Receipts) -> None:
        """Leave nobody with a task whose deal went while it was written.

        As far as it can be: nothing finds a task again that hangs on no deal.
        """
        closings = [
            replace(
                change,
                action=Action.CLOSE,
                remote_id=receipts[change.key].remote_id,
                write={},
            )
            for change in chunk
            if receipts[change.key].status is WriteStatus.GONE
        ]
        if closings:
            self._update(names.TASKS, closings)

    def _find(self, chunk: list[Change]) -> dict[str, OwnTask]:
        keys = {change.key for change in chunk}
        if self.is_strict:
            return self.tasks.by_key(sorted(keys), looks=False)
        deals = list(dict.fromkeys(change.deal_id for change in chunk))
        found = {**self.tasks.by_key(sorted(keys)), **self.tasks.of_deals(deals)}
        return {key: task for key, task in found.items() if key in keys}

    def _made(self, chunk: list[Change]) -> Receipts:
        receipts = self.sender.send(self._creating(), chunk)
        if met := in_conflict(chunk, receipts):
            receipts |= self._made_afterall_of(met)
        return self._settled(chunk, receipts)

    def _creating(self) -> Order:
        if self.is_strict:
            return Order(names.TASKS, "upsert", self.forms.upserted)
        return Order(names.TASKS, "create", self.forms.created)

    def _made_afterall_of(self, chunk: list[Change]) -> Receipts:
        """Look for tasks whose creation met another write; create what is absent."""
        try:
            known = self._find(chunk)
        except (StopError, CrmRejectedError):
            return {}
        found = {
            key: Receipt(key, WriteStatus.ADOPTED, task.remote_id)
            for key, task in known.items()
        }
        absent = [change for change in chunk if change.key not in known]
        return found | self.sender.send_anyway(self._creating(), absent)

    def _update(self, kind: str, chunk: list[Change]) -> Receipts:
        order = Order(kind, "update", self.forms.updated)
        receipts = self.sender.send(order, chunk)
        if met := in_conflict(chunk, receipts):
            receipts |= self._updated_afterall_of(order, met)
        return receipts

    def _updated_afterall_of(self, order: Order, chunk: list[Change]) -> Receipts:
        """Read records whose change met another one; write what is still to be done."""
        reread = Reread(self.client, self.forms, self.tasks)
        is_deals = order.kind == names.DEALS
        try:
            decided = reread.deals(chunk) if is_deals else reread.tasks_of(chunk)
        except (StopError, CrmRejectedError):
            return {}
        return decided.receipts | self.sender.send_anyway(order, decided.due)

    def _settled(self, chunk: list[Change], receipts: Receipts) -> Receipts:
        """Look up what an answer left out: it may be there all the same."""
        unsaid = [key for key, receipt in receipts.items() if receipt.code == UNSAID]
        if not unsaid:
            return receipts
        try:
            known = self._find([change for change in chunk if change.key in unsaid])
        except (StopError, CrmRejectedError):
            return receipts
        found = {
            key: Receipt(key, WriteStatus.DONE, task.remote_id)
            for key, task in known.items()
        }
        return {**receipts, **found}
