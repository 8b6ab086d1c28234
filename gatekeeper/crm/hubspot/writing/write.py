"""Writes in batches of a hundred: one receipt per change, in order.

Outcomes are matched on our own key, for HubSpot answers in an order of its own. Nothing
is retried blindly: what neither came back nor failed by name is looked up by its key,
and what has no answer at all is unknown, for the next run to look up. A batch refused
as a whole is repeated in halves until the culprit stands alone.
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
from gatekeeper.crm.hubspot.wire.refusals import NOT_FOUND, OVER_LIMIT
from gatekeeper.errors import (
    CrmRejectedError,
    GatekeeperError,
    StopError,
    Transient,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gatekeeper.crm.hubspot.reading.tasks import Tasks
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Batch, Failure, Record
    from gatekeeper.crm.hubspot.writing.linking import Linker
    from gatekeeper.crm.hubspot.writing.records import Forms

MOST_RECORDS = 100
_KIND = {Action.FLAG: names.DEALS}
Receipts = dict[str, Receipt]


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
            return _all(chunk, WriteStatus.NOT_ATTEMPTED, str(error), code)
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
        if self.is_strict:
            receipts = self._sent(names.TASKS, "upsert", chunk, self.forms.upserted)
        else:
            receipts = self._sent(names.TASKS, "create", chunk, self.forms.created)
        return self._settled(chunk, receipts)

    def _update(self, kind: str, chunk: list[Change]) -> Receipts:
        return self._sent(kind, "update", chunk, self.forms.updated)

    def _sent(
        self,
        kind: str,
        verb: str,
        chunk: list[Change],
        form: Callable[[Change], Record],
    ) -> Receipts:
        try:
            batch = self.client.write(kind, verb, [form(change) for change in chunk])
        except CrmRejectedError as error:
            if len(chunk) == 1:
                return _all(chunk, _refused(error.code), str(error), error.code)
            middle = len(chunk) // 2
            return {
                **self._sent(kind, verb, chunk[:middle], form),
                **self._sent(kind, verb, chunk[middle:], form),
            }
        except (Transient, StopError) as error:
            return _unanswered(chunk, error)
        return _matched(chunk, batch)

    def _settled(self, chunk: list[Change], receipts: Receipts) -> Receipts:
        """Look up what an answer left out: it may be there all the same."""
        unsaid = [key for key, receipt in receipts.items() if receipt.code == _UNSAID]
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


_UNSAID = "NOT_IN_ANSWER"


def _matched(chunk: Sequence[Change], batch: Batch) -> Receipts:
    """Give each change its outcome, told by our key or the record's id."""
    rows = {name: row for row in batch.rows for name in _names_of(row)}
    failures = {name: each for each in batch.failures for name in _about(each)}
    found: Receipts = {}
    for change in chunk:
        key, id_ = change.key, change.remote_id or ""
        row = rows.get(key) or rows.get(f"id {id_}")
        failure = failures.get(key) or failures.get(id_)
        if row is not None:
            is_there = row.get("new") is False
            status = WriteStatus.ADOPTED if is_there else WriteStatus.DONE
            found[key] = Receipt(key, status, str(row.get("id")))
        elif failure is not None:
            status = _refused(failure.code)
            found[key] = Receipt(
                key, status, change.remote_id, failure.code, failure.message
            )
        else:
            text = "HubSpot's answer says nothing of this record"
            found[key] = Receipt(
                key, WriteStatus.UNKNOWN, change.remote_id, _UNSAID, text
            )
    return found


def _names_of(row: Mapping[str, object]) -> Iterable[str]:
    yield f"id {row.get('id')}"
    said = row.get("properties")
    key = said.get(names.KEY_PROPERTY) if isinstance(said, dict) else None
    if key:
        yield str(key)
    if row.get("objectWriteTraceId"):
        yield str(row["objectWriteTraceId"])


def _about(failure: Failure) -> Iterable[str]:
    for name in ("objectWriteTraceId", "ids", "id"):
        yield from failure.context.get(name, ())


def _refused(code: str) -> WriteStatus:
    return WriteStatus.GONE if code == NOT_FOUND else WriteStatus.REJECTED


def _unanswered(chunk: Sequence[Change], error: GatekeeperError) -> Receipts:
    if isinstance(error, Transient) and error.outcome_unknown:
        return _all(chunk, WriteStatus.UNKNOWN, str(error), "NO_ANSWER")
    code = LIMITED if isinstance(error, OVER_LIMIT) else "NOT_SENT"
    return _all(chunk, WriteStatus.NOT_ATTEMPTED, str(error), code)


def _all(
    chunk: Sequence[Change], status: WriteStatus, message: str, code: str = ""
) -> Receipts:
    return {
        change.key: Receipt(change.key, status, change.remote_id, code, message)
        for change in chunk
    }
