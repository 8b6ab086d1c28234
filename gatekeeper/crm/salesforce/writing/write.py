"""Writes through sObject Collections: one receipt per change, in order.

A task is looked up by its key before it is made: the unique key keeps two from living
at once, but not one from being made again that a person put into the bin. Nothing is
retried blindly. A refusal that names its record is that record's; a row lock is tried
once more after a pause; a chunk that an org's own automation failed is repeated in
halves until the culprit stands alone; an answer that did not come leaves every record
of that request unknown, for the next run to look up by key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, Change, OwnTask, Receipt, WriteStatus
from gatekeeper.crm.batches import batches
from gatekeeper.crm.salesforce.names import KEY_FIELD
from gatekeeper.crm.salesforce.wire import refusals
from gatekeeper.errors import (
    CrmRejectedError,
    DeferredError,
    GatekeeperError,
    StopError,
    Transient,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.crm.salesforce.writing.records import Forms, WireRecord

PATH = "composite/sobjects"
MOST_RECORDS = 200
LOCK_PAUSE_S = 2.0
_TASK_ID = re.compile(r"\b00T[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?\b")
_REFERENCES = frozenset({"OwnerId"})


@dataclass(frozen=True, slots=True)
class Saved:
    """What one record's row in an answer says.

    Attributes:
        code: "" for success.
        is_whole: The request was refused, not this record.
    """

    remote_id: str | None
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the changes of one run.

    Attributes:
        find: Reads our tasks by key, deleted and archived ones too.
    """

    client: Client
    forms: Forms
    find: Callable[[Sequence[str]], Mapping[str, OwnTask]]

    def write(self, changes: Sequence[Change]) -> list[Receipt]:
        """Write each kind of change in a request of its own."""
        receipts: dict[int, Receipt] = {}
        for places in batches(changes, MOST_RECORDS):
            chunk = [changes[place] for place in places]
            method = "POST" if chunk[0].action is Action.CREATE else "PATCH"
            receipts.update(zip(places, self._kind(method, chunk), strict=True))
        return [receipts[place] for place in range(len(changes))]

    def _kind(self, method: str, chunk: list[Change]) -> list[Receipt]:
        return self._create(chunk) if method == "POST" else self._sent(method, chunk)

    def _create(self, chunk: list[Change]) -> list[Receipt]:
        """Create what is not there: the key of a task in the bin counts as free."""
        try:
            known = self.find([change.key for change in chunk])
        except (StopError, CrmRejectedError) as error:
            return _all(chunk, WriteStatus.NOT_ATTEMPTED, message=str(error))
        absent = [change for change in chunk if change.key not in known]
        made = self._sent("POST", absent) if absent else []
        sent = iter(self._adopted(absent, made))
        return [
            _adopt(change, known[change.key]) if change.key in known else next(sent)
            for change in chunk
        ]

    def _sent(self, method: str, chunk: list[Change]) -> list[Receipt]:
        saved = self._saved(method, chunk)
        if _is_known_not_done(saved):
            self.client.sleep(LOCK_PAUSE_S)
            saved = self._saved(method, chunk)
        if isinstance(saved, list):
            saved = self._unlocked(method, chunk, saved)
        if isinstance(saved, list):
            saved = self._halved(method, chunk, saved)
        if isinstance(saved, GatekeeperError):
            return _request_failed(chunk, saved)
        return [_receipt(change, row) for change, row in zip(chunk, saved, strict=True)]

    def _saved(self, method: str, chunk: list[Change]) -> list[Saved] | GatekeeperError:
        records: list[WireRecord] = [self.forms.record(change) for change in chunk]
        try:
            answer = self.client.send(
                method, PATH, {"allOrNone": False, "records": records}
            )
        except CrmRejectedError as error:
            refused = Saved(None, error.code, str(error), is_whole=True)
            return [refused for _ in chunk]
        except (Transient, StopError) as error:
            return error
        rows = answer if isinstance(answer, list) else []
        if len(rows) != len(chunk):
            return Transient(
                f"{len(rows)} answers came for {len(chunk)} records",
                outcome_unknown=True,
            )
        return [_read_saved(row) for row in rows]

    def _unlocked(
        self, method: str, chunk: list[Change], saved: list[Saved]
    ) -> list[Saved]:
        """Repeat the records that were locked, once; the others keep what they have."""
        locked = [
            place for place, row in enumerate(saved) if row.code == refusals.LOCKED
        ]
        if not locked:
            return saved
        self.client.sleep(LOCK_PAUSE_S)
        return self._merged(method, chunk, saved, locked)

    def _halved(
        self, method: str, chunk: list[Change], saved: list[Saved]
    ) -> list[Saved]:
        failed = [
            place
            for place, row in enumerate(saved)
            if row.code == refusals.AUTOMATION_FAILED
        ]
        if not failed or len(chunk) == 1:
            return saved
        middle = (len(failed) + 1) // 2
        for half in (failed[:middle], failed[middle:]):
            if half:
                saved = self._merged(method, chunk, saved, half)
        return saved

    def _merged(
        self, method: str, chunk: list[Change], saved: list[Saved], places: list[int]
    ) -> list[Saved]:
        part = [chunk[place] for place in places]
        again = self._saved(method, part)
        if isinstance(again, GatekeeperError):
            again = [_unanswered(again) for _ in part]
        else:
            again = self._halved(method, part, again)
        merged = list(saved)
        for place, row in zip(places, again, strict=True):
            merged[place] = row
        return merged

    def _adopted(self, chunk: list[Change], receipts: list[Receipt]) -> list[Receipt]:
        taken = {
            change.key
            for change, receipt in zip(chunk, receipts, strict=True)
            if receipt.code == refusals.DUPLICATE and KEY_FIELD in receipt.message
        }
        if not taken:
            return receipts
        try:
            known = self.find(sorted(taken))
        except (StopError, CrmRejectedError) as error:
            return [
                Receipt(change.key, WriteStatus.UNKNOWN, message=str(error))
                if change.key in taken
                else receipt
                for change, receipt in zip(chunk, receipts, strict=True)
            ]
        return [
            _adopt(change, known.get(change.key), receipt.message)
            if change.key in taken
            else receipt
            for change, receipt in zip(chunk, receipts, strict=True)
        ]


def _read_saved(row: object) -> Saved:
    if not isinstance(row, dict):
        return Saved(None, "UNREADABLE_ANSWER", "the answer has no row for this record")
    remote_id = str(row["id"]) if row.get("id") else None
    if row.get("success") is True:
        return Saved(remote_id)
    errors = row.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    fields = first.get("fields") if isinstance(first, dict) else None
    return Saved(
        remote_id,
        str(first.get("statusCode") or first.get("errorCode") or "UNKNOWN_EXCEPTION"),
        " ".join(str(first.get("message") or "").split()),
        tuple(map(str, fields)) if isinstance(fields, list) else (),
    )


def _receipt(change: Change, row: Saved) -> Receipt:
    if not row.code:
        return Receipt(change.key, WriteStatus.DONE, row.remote_id or change.remote_id)
    status = _status(change, row)
    return Receipt(change.key, status, change.remote_id, row.code, row.message)


def _status(change: Change, row: Saved) -> WriteStatus:
    match row.code:
        case "UNREADABLE_ANSWER" | "NO_ANSWER":
            return WriteStatus.UNKNOWN
        case "NOT_SENT" | refusals.LIMIT:
            return WriteStatus.NOT_ATTEMPTED
        case refusals.LOCKED:
            return WriteStatus.LOCKED
        case _ if row.is_whole:
            return WriteStatus.REJECTED
        case refusals.CROSS_REFERENCE:
            is_gone = not _REFERENCES & set(row.fields)
            return WriteStatus.GONE if is_gone else WriteStatus.REJECTED
        case code if code in refusals.GONE:
            return WriteStatus.GONE
        case _:
            return WriteStatus.REJECTED


def _is_known_not_done(saved: list[Saved] | GatekeeperError) -> bool:
    """Whether the request as a whole was turned away before it did anything."""
    return isinstance(saved, Transient) and not saved.outcome_unknown


def _unanswered(error: GatekeeperError) -> Saved:
    if isinstance(error, DeferredError):
        return Saved(None, refusals.LIMIT, str(error))
    is_unknown = isinstance(error, Transient) and error.outcome_unknown
    return Saved(None, "NO_ANSWER" if is_unknown else "NOT_SENT", str(error))


def _request_failed(chunk: list[Change], error: GatekeeperError) -> list[Receipt]:
    row = _unanswered(error)
    return [_receipt(change, row) for change in chunk]


def _all(chunk: list[Change], status: WriteStatus, *, message: str) -> list[Receipt]:
    return [
        Receipt(change.key, status, change.remote_id, message=message)
        for change in chunk
    ]


def _adopt(change: Change, task: OwnTask | None, message: str = "") -> Receipt:
    if task is not None:
        return Receipt(change.key, WriteStatus.ADOPTED, task.remote_id)
    # Salesforce names the record that holds the key even where we may not read it.
    named = _TASK_ID.search(message)
    return Receipt(
        change.key,
        WriteStatus.ADOPTED,
        named[0] if named else None,
        "PRESENT_NOT_VISIBLE",
        "present, not visible",
    )
