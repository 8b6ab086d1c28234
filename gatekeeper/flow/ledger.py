"""Bring the store's obligations and the tasks in the CRM to one account.

Runs before anything is judged: own tasks the store does not know are adopted, tasks
the store holds as open and the CRM no longer shows open are looked up by key. The
answer is kept beside the run and staged with each deal; nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Obligation, ObligationState, OwnTask

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gatekeeper.core.model import ObligationId
    from gatekeeper.ports import Crm, Run


@dataclass(slots=True)
class Ledger:
    """Own tasks by deal, and what the CRM taught us about obligations.

    Attributes:
        tasks: Open own tasks by deal.
        settled: Obligations as the CRM proves them, where the store says otherwise.
        adopted: Keys of open tasks that the store did not know.
        is_behind: Tasks tell of runs that the store does not know.
    """

    tasks: defaultdict[str, list[OwnTask]] = field(
        default_factory=lambda: defaultdict(list)
    )
    settled: defaultdict[str, dict[ObligationId, Obligation]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    adopted: set[str] = field(default_factory=set)
    is_behind: bool = False

    def adopted_tasks(self, deal_id: str) -> list[OwnTask]:
        """Return the deal's open tasks that the store did not know."""
        return [
            task for task in self.tasks.get(deal_id, ()) if task.key in self.adopted
        ]

    def settle(self, obligation: Obligation) -> None:
        """Note what the CRM proves; of two episodes the higher one counts."""
        of_deal = self.settled[obligation.id.deal_id]
        known = of_deal.get(obligation.id)
        if known is None or obligation.episode >= known.episode:
            of_deal[obligation.id] = obligation


def read_ledger(crm: Crm, run: Run, now: datetime) -> Ledger:
    """Read every open own task, adopt unknown ones, look up those that left.

    Args:
        crm: Where the tasks stand.
        run: What the store knows, under the run's lease.
        now: When a person's closing is noticed.
    """
    ledger = Ledger()
    seen: set[str] = set()
    highest = 0
    unknown: list[Obligation] = []
    for page in crm.own_tasks():
        seen.update(task.key for task in page)
        highest = max([highest, *(task.run_number for task in page)])
        unknown += _take_in(page, ledger, run)
    ledger.is_behind = highest >= run.row.number
    run.number_after(highest)
    run.adopt(unknown, ())
    missing = [each for each in run.open_obligations() if each.key not in seen]
    found = crm.tasks_by_key([each.key for each in missing]) if missing else {}
    for obligation in missing:
        task = _counting(obligation, found.get(obligation.key))
        settled = _settle(obligation, task, now)
        if settled is not None:
            ledger.settle(settled)
        if task is not None and not (task.is_closed or task.is_deleted):
            _file(task, ledger, obligation.id.deal_id)
    return ledger


def _take_in(page: Iterable[OwnTask], ledger: Ledger, run: Run) -> list[Obligation]:
    """File the tasks of a page; those the store does not know are given back."""
    tasks = list(page)
    known = run.known_keys([task.key for task in tasks])
    unknown: list[Obligation] = []
    for task in tasks:
        obligation = known.get(task.key)
        if obligation is not None:
            _file(_named(task, obligation), ledger, obligation.id.deal_id)
            if obligation.state is ObligationState.INTENT or not obligation.remote_id:
                ledger.settle(_opened(obligation, task))
        elif task.id is not None:
            _file(task, ledger, task.id.deal_id)
            ledger.adopted.add(task.key)
            unknown.append(_adopted(task, task.id))
    return unknown


def _file(task: OwnTask, ledger: Ledger, deal_id: str) -> None:
    ledger.tasks[deal_id].append(task)


def _named(task: OwnTask, obligation: Obligation) -> OwnTask:
    """Know a task by its key where a person destroyed its reference field."""
    if task.id is not None:
        return task
    return replace(task, id=obligation.id, episode=obligation.episode)


def _opened(obligation: Obligation, task: OwnTask) -> Obligation:
    is_over = obligation.state not in (ObligationState.INTENT, ObligationState.OPEN)
    return replace(
        obligation,
        remote_id=task.remote_id,
        state=obligation.state if is_over else ObligationState.OPEN,
    )


def _adopted(task: OwnTask, obligation_id: ObligationId) -> Obligation:
    state = ObligationState.RESOLVED if task.sealed else ObligationState.OPEN
    return Obligation(
        id=obligation_id,
        episode=task.episode,
        key=task.key,
        state=state,
        remote_id=task.remote_id,
        opened_at=task.created_at,
        due_on=task.due_on,
    )


def _counting(obligation: Obligation, task: OwnTask | None) -> OwnTask | None:
    """Leave out a task that a person took off its deal: that closed it."""
    if task is None or not task.is_loose:
        return task
    return None if obligation.state is ObligationState.OPEN else task


def _settle(
    obligation: Obligation, task: OwnTask | None, now: datetime
) -> Obligation | None:
    """Say what became of an obligation whose task is not among the open ones.

    An intent without a task, or with one that hangs on no deal yet, stays an intent:
    it is sent again with the same key. A task that is gone for good was deleted by a
    person and then purged.
    """
    state = obligation.state
    if task is not None and task.is_loose and state is ObligationState.INTENT:
        return None
    if task is None:
        if state is ObligationState.INTENT:
            return None
        if state is ObligationState.RESOLVING:
            return replace(obligation, state=ObligationState.RESOLVED, closed_at=now)
        return replace(
            obligation, state=ObligationState.CLOSED_BY_PERSON, closed_at=now
        )
    if not (task.is_closed or task.is_deleted):
        return _opened(obligation, task)
    is_ours = task.sealed or state is ObligationState.RESOLVING
    return replace(
        obligation,
        remote_id=task.remote_id,
        closed_at=now,
        state=ObligationState.RESOLVED if is_ours else ObligationState.CLOSED_BY_PERSON,
    )
