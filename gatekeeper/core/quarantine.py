"""What is left alone until a person or a rule says otherwise, and how it comes to that.

Pure. A subject is the task of one role on a deal, or the flags of a deal. It is
quarantined when the CRM refused it three times alike or three times found it locked,
when people changed our flags three times after we wrote them, or when a person undid
what a run wrote there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, WriteStatus, alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from gatekeeper.core.model import Change, ObligationId, Receipt, Scalar

TIMES = 3
"""Refusals of one class, or edits of our flags, after which a subject is left alone."""
_DONE = (WriteStatus.DONE, WriteStatus.ADOPTED)
_REFUSED = (WriteStatus.REJECTED, WriteStatus.LOCKED)
_NOT_DONE = (*_REFUSED, WriteStatus.NOT_ATTEMPTED)


class Cause(StrEnum):
    """Why something is left alone."""

    REFUSED = "refused"
    EDITED = "edited"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One subject that is left alone, or on its way there.

    Attributes:
        subject: `DEAL:flags`, `DEAL:ROLE` or `DEAL:ROLE:RULE`.
        code: The CRM's error code, or the id of the run that was undone.
        count: Refusals or edits so far.
        logics: For what was undone: rule id to logic as it was then; when one of them
            changes, the subject is free again.
        since: When it was set or counted last; None before it is stored.
    """

    subject: str
    deal_id: str
    deal_name: str
    cause: Cause
    code: str = ""
    count: int = 1
    message: str = ""
    logics: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None

    @property
    def is_set(self) -> bool:
        """Whether the subject is left alone already."""
        return self.cause is Cause.UNDONE or self.count >= TIMES

    @property
    def reason(self) -> str:
        """Say why, for a plan and a list."""
        match self.cause:
            case Cause.REFUSED:
                return f"refused {self.count} times: {self.code}: {self.message}"
            case Cause.EDITED:
                return f"people changed it {self.count} times after it was written"
            case Cause.UNDONE:
                return f"{self.code} was undone here"

    def is_told_by(self, known: Quarantine | None) -> bool:
        """Whether what is stored says the same, whenever that was."""
        return known is not None and replace(known, since=self.since) == self

    def is_outdated(self, logics: Mapping[str, str]) -> bool:
        """Whether a rule it was undone for has another logic now, or has left.

        Args:
            logics: Rule id to logic of the rules in force.
        """
        return any(logics.get(rule) != logic for rule, logic in self.logics.items())


def task_subject(task: ObligationId) -> str:
    """Return the subject of a deal's task for one role."""
    return ":".join(filter(None, (task.deal_id, task.role, task.group)))


def subject_of(change: Change) -> str:
    """Return what a change is about."""
    if change.action is Action.FLAG or change.id is None:
        return f"{change.deal_id}:flags"
    return task_subject(change.id)


def after_receipt(
    known: Quarantine | None, change: Change, receipt: Receipt
) -> Quarantine | None:
    """Count a refusal; a write that worked forgets those before it.

    Args:
        known: What is counted of the subject so far.
        change: What was written.
        receipt: What became of it.

    Returns:
        What is counted now, None for nothing.
    """
    if known is not None and known.is_set:
        return known
    if receipt.status in _DONE:
        return None
    if receipt.status not in _REFUSED:
        return known
    refused = Quarantine(
        subject_of(change),
        change.deal_id,
        change.deal_name,
        Cause.REFUSED,
        receipt.code,
        message=receipt.message,
    )
    if known is None or (known.cause, known.code) != (Cause.REFUSED, receipt.code):
        return refused
    return replace(refused, count=known.count + 1)


def untouched(changes: Iterable[Change], receipts: Iterable[Receipt]) -> set[str]:
    """Return the subjects of which surely nothing was written."""
    spared: set[str] = set()
    touched: set[str] = set()
    for change, receipt in zip(changes, receipts, strict=True):
        kept = spared if receipt.status in _NOT_DONE else touched
        kept.add(subject_of(change))
    return spared - touched


@dataclass(frozen=True, slots=True)
class Written:
    """What we last wrote into the flags of a deal.

    Attributes:
        values: By name of the flag; those whose write has no answer are absent.
        edits: How often people changed one before it was written again.
    """

    values: Mapping[str, Scalar] = field(default_factory=dict)
    edits: int = 0

    def before(self, change: Change) -> Written:
        """Return what is known while a write is under way; counts an edit."""
        is_edited = any(
            name in self.values and not alike(self.values[name], stands)
            for name, stands in change.before.items()
        )
        kept = {
            name: value
            for name, value in self.values.items()
            if name not in change.write
        }
        return Written(kept, self.edits + is_edited)

    def after(self, change: Change, receipt: Receipt) -> Written:
        """Return what is known once the answer is there."""
        if receipt.status not in _DONE:
            return self
        return replace(self, values={**self.values, **change.write})

    def war(self, change: Change) -> Quarantine | None:
        """Return the end of a war of edits, where there was one."""
        if self.edits < TIMES:
            return None
        return Quarantine(
            subject_of(change),
            change.deal_id,
            change.deal_name,
            Cause.EDITED,
            count=self.edits,
        )
