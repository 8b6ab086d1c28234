"""Sends changes in one request, and matches what comes back on our own keys.

A batch refused as a whole is repeated in halves until the culprit stands alone; what
has no answer is unknown, and never sent again here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import LIMITED, Change, Receipt, WriteStatus
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.wire.refusals import CONFLICT, NOT_FOUND, OVER_LIMIT
from gatekeeper.errors import (
    CrmRejectedError,
    GatekeeperError,
    StopError,
    Transient,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Batch, Failure

Receipts = dict[str, Receipt]


@dataclass(frozen=True, slots=True)
class Order:
    """One kind of request, and how it puts a change."""

    kind: str
    verb: str
    form: Callable[[Change], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends changes."""

    client: Client

    def send(self, order: Order, chunk: list[Change]) -> Receipts:
        """Send changes; those that met another write wait to be read again."""
        try:
            return self._answered(order, chunk)
        except CrmRejectedError as error:
            if error.code == CONFLICT:
                return all_of(chunk, WriteStatus.REJECTED, str(error), CONFLICT)
            return self._halved(order, chunk, error)

    def send_anyway(self, order: Order, chunk: list[Change]) -> Receipts:
        """Send changes; what meets another write now is refused."""
        if not chunk:
            return {}
        try:
            return self._answered(order, chunk)
        except CrmRejectedError as error:
            return self._halved(order, chunk, error)

    def _halved(
        self, order: Order, chunk: list[Change], error: CrmRejectedError
    ) -> Receipts:
        if len(chunk) == 1:
            return all_of(chunk, _refused(error.code), str(error), error.code)
        middle = len(chunk) // 2
        return {
            **self.send_anyway(order, chunk[:middle]),
            **self.send_anyway(order, chunk[middle:]),
        }

    def _answered(self, order: Order, chunk: list[Change]) -> Receipts:
        try:
            inputs = [order.form(change) for change in chunk]
            batch = self.client.write(order.kind, order.verb, inputs)
        except (Transient, StopError) as error:
            return _unanswered(chunk, error)
        return _matched(chunk, batch)


UNSAID = "NOT_IN_ANSWER"
"""Code of a receipt: the answer to a batch says nothing of the record."""


def _matched(chunk: Sequence[Change], batch: Batch) -> Receipts:
    """Give each change its outcome, told by our key or the record's id."""
    rows = {name: row for row in batch.rows for name in _names_of(row)}
    failures = {name: each for each in batch.failures for name in _about(each)}
    found: Receipts = {}
    for change in chunk:
        key, id_ = change.key, change.remote_id or ""
        row = rows.get(key) or rows.get(f"id {id_}")
        failure = failures.get(key) or failures.get(id_)
        named = (row.get("id") or id_) if row is not None else None
        if row is not None and named:
            is_there = row.get("new") is False
            status = WriteStatus.ADOPTED if is_there else WriteStatus.DONE
            found[key] = Receipt(key, status, str(named))
        elif failure is not None:
            status = _refused(failure.code)
            found[key] = Receipt(
                key, status, change.remote_id, failure.code, failure.message
            )
        else:
            text = "HubSpot's answer says nothing of this record"
            found[key] = Receipt(
                key, WriteStatus.UNKNOWN, change.remote_id, UNSAID, text
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
        return all_of(chunk, WriteStatus.UNKNOWN, str(error), "NO_ANSWER")
    code = LIMITED if isinstance(error, OVER_LIMIT) else "NOT_SENT"
    return all_of(chunk, WriteStatus.NOT_ATTEMPTED, str(error), code)


def all_of(
    chunk: Sequence[Change], status: WriteStatus, message: str, code: str = ""
) -> Receipts:
    """Return one outcome for all of some changes."""
    return {
        change.key: Receipt(change.key, status, change.remote_id, code, message)
        for change in chunk
    }
