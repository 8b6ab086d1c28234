"""Writes that met another write of the same record: HubSpot did nothing of them (409).

Such a record is read again before it is written once more: what stands there by now
needs no write, and what a person wrote meanwhile is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Receipt, WriteStatus
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.crm.hubspot.wire.refusals import CONFLICT, NOT_FOUND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.core.model import Change, OwnTask
    from gatekeeper.crm.hubspot.reading.tasks import Tasks
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Record
    from gatekeeper.crm.hubspot.writing.records import Forms
    from gatekeeper.crm.hubspot.writing.sending import Receipts

_FLAGS = Wanted((*names.FLAG_PROPERTIES.values(), names.SHADOW_PROPERTY))


@dataclass(frozen=True, slots=True)
class Decided:
    """What a second look says of changes.

    Attributes:
        receipts: Of those that need no write any more, or can have none.
        due: Those to be written, as far as nobody else did.
    """

    receipts: Receipts
    due: list[Change]


@dataclass(frozen=True, slots=True)
class Reread:
    """Reads records again whose change met another write."""

    client: Client
    forms: Forms
    tasks: Tasks

    def deals(self, chunk: Sequence[Change]) -> Decided:
        """Decide changes of flags: they are absolute, so what differs is due."""
        ids = [str(change.remote_id) for change in chunk]
        records = {
            str(record["id"]): record
            for record in self.client.records(names.DEALS, ids, _FLAGS)
        }
        receipts = _gone(each for each in chunk if str(each.remote_id) not in records)
        due: list[Change] = []
        for change, id_ in zip(chunk, ids, strict=True):
            if id_ not in records:
                continue
            if _stands(self.forms.updated(change), records[id_]):
                receipts[change.key] = Receipt(change.key, WriteStatus.DONE, id_)
            else:
                due.append(change)
        return Decided(receipts, due)

    def tasks_of(self, chunk: Sequence[Change]) -> Decided:
        """Decide changes of tasks: what a person wrote meanwhile is left."""
        ids = {change.key: str(change.remote_id) for change in chunk}
        known = {
            key: task
            for key, task in self.tasks.by_key(list(ids), ids, looks=False).items()
            if not task.is_deleted
        }
        there = [change for change in chunk if change.key in known]
        due = [without_theirs(change, known[change.key]) for change in there]
        return Decided(_gone(each for each in chunk if each.key not in known), due)


def in_conflict(
    chunk: Iterable[Change], receipts: Mapping[str, Receipt]
) -> list[Change]:
    """Return the changes that met another write."""
    return [change for change in chunk if receipts[change.key].code == CONFLICT]


def without_theirs(change: Change, task: OwnTask) -> Change:
    """Return a change without the parts of its task that a person wrote meanwhile."""
    theirs = {
        part.column
        for part, known in task.actual.items()
        if known not in {task.written.get(part), change.hashes.get(part)}
    }
    kept = {name: value for name, value in change.write.items() if name not in theirs}
    return replace(change, write=kept)


def _stands(wanted: Record, record: Record) -> bool:
    """Return whether a deal has the values that are to be written."""
    asked, said = wanted["properties"], record.get("properties")
    if not isinstance(asked, dict) or not isinstance(said, dict):
        return False
    return all((said.get(name) or "") == value for name, value in asked.items())


def _gone(changes: Iterable[Change]) -> Receipts:
    text = "The record went while it was written"
    return {
        each.key: Receipt(each.key, WriteStatus.GONE, each.remote_id, NOT_FOUND, text)
        for each in changes
    }
