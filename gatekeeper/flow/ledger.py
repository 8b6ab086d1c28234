"""Bring the store's obligations and the tasks in the CRM to one account.

Runs before anything is judged: own tasks the store does not know are adopted, tasks
the store holds as open and the CRM no longer shows open are looked up by key. The
answer is kept beside the run and staged with each deal; nothing is written here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from gatekeeper.core.model import Obligation, ObligationState, OwnTask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set
    from zoneinfo import ZoneInfo

    from gatekeeper.core.model import ObligationId, TaskHint, Violation
    from gatekeeper.ports import Crm, Run


@dataclass(slots=True)
class Ledger:
    """Own tasks by deal, and what the CRM taught us about obligations.

    Attributes:
        tasks: Open own tasks by deal.
        settled: Obligations as the CRM proves them, where the store says otherwise.
        adopted: By deal the tasks that the store did not know and that prove lines:
            open ones, and those a person closed although something is missing.
        loose: Open own tasks that hang on no deal, by the one they were made for: a
            person took them off it, or it was deleted.
        is_behind: Tasks tell of runs that the store does not know.
    """

    tasks: defaultdict[str, list[OwnTask]] = field(
        default_factory=lambda: defaultdict(list)
    )
    settled: defaultdict[str, dict[ObligationId, Obligation]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    adopted: defaultdict[str, list[OwnTask]] = field(
        default_factory=lambda: defaultdict(list)
    )
    loose: defaultdict[str, list[OwnTask]] = field(
        default_factory=lambda: defaultdict(list)
    )
    is_behind: bool = False

    def settle(self, obligation: Obligation) -> None:
        """Note what the CRM proves; of two episodes the higher one counts."""
        of_deal = self.settled[obligation.id.deal_id]
        known = of_deal.get(obligation.id)
        if known is None or obligation.episode >= known.episode:
            of_deal[obligation.id] = obligation

    def date_closings(
        self, deal_id: str, known: Iterable[Violation], zone: ZoneInfo
    ) -> None:
        """Date what people closed no earlier than the lines that stood by then.

        A clock that ran ahead dated those lines later than now; they would count as
        newer than their closing, and the task would come back at once.

        Args:
            deal_id: Of which deal.
            known: Its lines as the runs before this one left them.
            zone: In which the days are counted on which lines were let in.
        """
        stood_by = [moment for line in known for moment in _dates(line, zone)]
        of_deal = self.settled.get(deal_id, {})
        for each in list(of_deal.values()) if stood_by else ():
            if each.state is ObligationState.CLOSED_BY_PERSON and each.closed_at:
                closed_at = max(each.closed_at, *stood_by)
                of_deal[each.id] = replace(each, closed_at=closed_at)


def _dates(line: Violation, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when a line opened, and the start of the day on which it was let in."""
    if line.opened_at is not None:
        yield line.opened_at
    if line.released_on is not None:
        yield datetime.combine(line.released_on, time.min, zone).astimezone(UTC)


def read_ledger(crm: Crm, run: Run, now: datetime) -> Ledger:
    """Read every open own task, adopt unknown ones, look up those that left.

    Args:
        crm: Where the tasks stand.
        run: What the store knows, under the run's lease.
        now: When a person's closing is noticed.
    """
    ledger = Ledger()
    seen: set[str] = set()
    strange: list[OwnTask] = []
    highest = 0
    for page in crm.own_tasks():
        known = run.known_keys([task.key for task in page])
        for task in page:
            obligation = known.get(task.key)
            if obligation is None:
                strange.append(task)
            elif not task.is_loose:  # else it counts as missing
                seen.add(task.key)
                _recognise(task, obligation, ledger)
            highest = max(highest, task.run_number)
    seen.update(task.key for task in strange)
    _go_beyond(highest, run, ledger)
    _adopt(run, ledger, strange, now)
    _look_up(crm, run, ledger, seen, now)
    return ledger


def adopt_hinted(
    crm: Crm, run: Run, ledger: Ledger, hints: Iterable[TaskHint], now: datetime
) -> None:
    """Adopt the tasks that deals name and that no list of open tasks showed.

    A deal's word only says where to look: what counts is the task as it is read. The
    word is written once the task was tied to the deal, so that one which hangs on no
    deal was taken off by a person: that closed it.
    """
    named = {hint.key(crm.org()): hint for hint in hints}
    ids = {key: hint.remote_id for key, hint in named.items()}
    found = crm.tasks_by_key(list(named), ids)
    tasks = [
        replace(
            task,
            id=named[key].id,
            episode=named[key].episode,
            is_closed=task.is_closed or task.is_loose,
            is_loose=False,
        )
        for key, task in found.items()
    ]
    _go_beyond(max((task.run_number for task in tasks), default=0), run, ledger)
    _adopt(run, ledger, tasks, now)


def _go_beyond(highest: int, run: Run, ledger: Ledger) -> None:
    """Let the run have a number above those that tasks tell of."""
    ledger.is_behind |= highest >= run.row.number
    run.number_after(highest)


def _adopt(run: Run, ledger: Ledger, tasks: Iterable[OwnTask], now: datetime) -> None:
    """Take over tasks that the store does not know."""
    proved: list[Obligation] = []
    for task in tasks:
        if task.id is None:
            continue
        proved.append(_proved(task, task.id, now))
        if _is_open(task):
            _file(task, ledger, task.id.deal_id)
        if not task.sealed:
            ledger.adopted[task.id.deal_id].append(task)
    run.adopt(proved, ())


def _look_up(crm: Crm, run: Run, ledger: Ledger, seen: Set[str], now: datetime) -> None:
    """Settle what the store holds as unfinished and the CRM did not show."""
    missing = [each for each in run.open_obligations() if each.key not in seen]
    if not missing:
        return
    ids = {each.key: each.remote_id for each in missing if each.remote_id}
    found = crm.tasks_by_key([each.key for each in missing], ids)
    for obligation in missing:
        seen_now = found.get(obligation.key)
        task = _counting(obligation, seen_now)
        if seen_now is not None and task is None:
            who, episode = obligation.id, obligation.episode
            loose = replace(seen_now, id=who, episode=episode)
            ledger.loose[who.deal_id].append(loose)
        settled = _settle(obligation, task, now)
        if settled is not None:
            ledger.settle(settled)
        if task is not None and _is_open(task):
            _file(task, ledger, obligation.id.deal_id)


def _recognise(task: OwnTask, obligation: Obligation, ledger: Ledger) -> None:
    """File a task that the store knows, also where a person destroyed its reference."""
    if task.id is None:
        task = replace(task, id=obligation.id, episode=obligation.episode)
    _file(task, ledger, obligation.id.deal_id)
    if obligation.state is ObligationState.INTENT or not obligation.remote_id:
        ledger.settle(_opened(obligation, task))


def _is_open(task: OwnTask) -> bool:
    return not (task.is_closed or task.is_deleted)


def _file(task: OwnTask, ledger: Ledger, deal_id: str) -> None:
    ledger.tasks[deal_id].append(task)


def _opened(obligation: Obligation, task: OwnTask) -> Obligation:
    is_over = obligation.state not in (ObligationState.INTENT, ObligationState.OPEN)
    return replace(
        obligation,
        remote_id=task.remote_id,
        state=obligation.state if is_over else ObligationState.OPEN,
    )


def _proved(task: OwnTask, who: ObligationId, now: datetime) -> Obligation:
    """Return the obligation of a task that the store did not know."""
    intent = Obligation(
        id=who,
        episode=task.episode,
        key=task.key,
        state=ObligationState.INTENT,
        remote_id=task.remote_id,
        opened_at=task.created_at,
        due_on=task.due_on,
    )
    if task.sealed:
        return replace(intent, state=ObligationState.RESOLVED)
    return _settle(intent, task, now) or intent


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
    if _is_open(task):
        return _opened(obligation, task)
    is_ours = task.sealed or state is ObligationState.RESOLVING
    return replace(
        obligation,
        remote_id=task.remote_id,
        closed_at=now,
        state=ObligationState.RESOLVED if is_ours else ObligationState.CLOSED_BY_PERSON,
    )
