"""How one episode moves from claim to receipt; pure.

A sealed episode (resolving or resolved) never goes back, and an open one has an id.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, Obligation, ObligationState, WriteStatus
from gatekeeper.errors import StoppedError

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.core.model import Change, Receipt

_NOT_DONE = (WriteStatus.REJECTED, WriteStatus.NOT_ATTEMPTED, WriteStatus.LOCKED)


def concerns_row(change: Change, known: Obligation | None) -> bool:
    """Return whether a change is about the task that an episode's row stands for.

    A flag has no row; a surplus copy of a task, with another id in the CRM, is closed
    without sealing the episode of the one that stays.
    """
    if change.action is Action.FLAG:
        return False
    ids = {change.remote_id, None if known is None else known.remote_id} - {None}
    return len(ids) < 2


def claim(task: Change, known: Obligation | None, at: datetime) -> Obligation:
    """Return the row as it stands while the request is under way.

    Args:
        task: The change about to be written.
        known: The row as it stands, or None where there is none.
        at: The moment of the run; a task created now counts as opened then.

    Raises:
        StoppedError: The task to create exists, or its episode is sealed.
    """
    if known is None:
        return _first_claim(task, at)
    version = known.version + 1
    match task.action:
        case Action.CREATE if known.state is ObligationState.INTENT:
            return replace(known, due_on=_due_on(task), version=version)
        case Action.CREATE:
            raise StoppedError(
                f"The task {task.key} of deal {task.deal_id} is"
                f" {known.state.value} already, so it is not created again. Make a"
                " new plan."
            )
        case Action.CLOSE:
            state = ObligationState.RESOLVING
            remote_id = known.remote_id or task.remote_id
            return replace(known, state=state, remote_id=remote_id, version=version)
        case _:
            return replace(known, version=version)


def _first_claim(task: Change, at: datetime) -> Obligation:
    if task.id is None:
        raise ValueError(f"the change {task.key} names no obligation")
    states = {
        Action.CREATE: ObligationState.INTENT,
        Action.CLOSE: ObligationState.RESOLVING,
    }
    return Obligation(
        id=task.id,
        episode=task.episode,
        key=task.key,
        state=states.get(task.action, ObligationState.OPEN),
        remote_id=task.remote_id,
        opened_at=at,
        due_on=_due_on(task),
        raised=task.raised,
        version=1,
    )


def settle(
    task: Change, receipt: Receipt, held: Obligation, at: datetime
) -> Obligation | None:
    """Return the row after the receipt, or None where nothing came into being.

    A create that was refused or not attempted leaves nothing behind, unless it was sent
    before: that one may still turn up, and where a person wipes its reference only the
    row can tell whose it is. A task that was open and is gone was deleted by a person,
    or its deal went: the next run looks it up.
    """
    is_first = task.action is Action.CREATE and held.version == 1
    match receipt.status:
        case WriteStatus.DONE | WriteStatus.ADOPTED:
            return _done(task, receipt, held, at)
        case WriteStatus.GONE if task.action is not Action.UPDATE:
            return replace(held, state=ObligationState.ORPHANED, closed_at=at)
        case status if is_first and status in _NOT_DONE:
            return None
        case _:
            return held


def _done(task: Change, receipt: Receipt, held: Obligation, at: datetime) -> Obligation:
    match task.action:
        case Action.CREATE if receipt.remote_id is None:
            return held  # an open row always has an id: look it up next time
        case Action.CREATE:
            state = ObligationState.OPEN
            return replace(held, state=state, remote_id=receipt.remote_id)
        case Action.CLOSE:
            return replace(held, state=ObligationState.RESOLVED, closed_at=at)
        case _:
            return replace(held, due_on=_due_on(task) or held.due_on)


def _due_on(task: Change) -> date | None:
    day = task.write.get("due_on")
    return date.fromisoformat(day) if isinstance(day, str) else None
