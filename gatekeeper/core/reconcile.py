"""Compare a deal as it should be with the deal as it is, and plan the difference.

Pure: the same values give the same changes, and once they are applied the next call
plans nothing. Each part of a task is compared three ways (should be, last written,
stands there now): what a person changed since our last write is left.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    Action,
    Change,
    Flags,
    ObligationState,
    TaskPart,
    alike,
    short_hash,
)
from gatekeeper.core.wording import bounded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.desire import DesiredState, WantedTask
    from gatekeeper.core.model import (
        Dossier,
        Obligation,
        ObligationId,
        OwnTask,
        Scalar,
    )

_OVER = (
    ObligationState.RESOLVED,
    ObligationState.RESOLVING,
    ObligationState.ORPHANED,
)


@dataclass(frozen=True, slots=True)
class DealPlan:
    """The writes for one deal; every own key is changed, equal or undecided.

    Attributes:
        left: Parts of tasks that a person changed and that therefore stay, as
            `key:part`.
    """

    changes: tuple[Change, ...] = ()
    undecided: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def reconcile(
    desired: DesiredState,
    dossier: Dossier,
    obligations: Mapping[ObligationId, Obligation],
) -> DealPlan:
    """Plan the writes that turn the deal as it is into `desired`.

    Closing needs evidence: only a task whose obligation is in `desired.cleared`, or
    whose episode is over, is closed. A task adopted in this run closes only when
    every rule it lists passed. Anything else neither wanted nor cleared is undecided.
    """
    if not dossier.is_readable:
        return DealPlan(undecided=tuple(task.key for task in _open(dossier.tasks)))
    copies: defaultdict[str, list[OwnTask]] = defaultdict(list)
    for task in sorted(_open(dossier.tasks), key=lambda task: task.remote_id):
        copies[task.key].append(task)
    changes: list[Change] = []
    left: list[str] = []
    for wanted in desired.wanted:
        planned, stays = _wanted(
            wanted, copies.pop(wanted.key, []), dossier, obligations
        )
        changes.extend(planned)
        left.extend(stays)
    undecided: list[str] = []
    for key, tasks in copies.items():
        if _is_cleared(tasks[0], desired, dossier, obligations):
            reason = desired.ended.get(tasks[0].id) if tasks[0].id else None
            changes.extend(
                _close_saying(task, dossier, reason)
                if reason
                else _close(task, dossier, "all done")
                for task in tasks
            )
        elif not tasks[0].sealed:
            undecided.append(key)
    changes.extend(_flag_change(desired.flags, dossier))
    changes.sort(key=lambda change: (change.key, change.action))
    return DealPlan(tuple(changes), tuple(sorted(undecided)), tuple(sorted(left)))


# ---- tasks ----------------------------------------------------------------------


def _wanted(
    wanted: WantedTask,
    copies: list[OwnTask],
    dossier: Dossier,
    obligations: Mapping[ObligationId, Obligation],
) -> tuple[list[Change], list[str]]:
    """Create what is absent, update the lowest id, close surplus copies.

    A loose task is finished by its create, which finds it by its key.
    """
    if all(task.is_loose for task in copies):
        may_create = _may_create(wanted, obligations)
        return ([_create(wanted, dossier)] if may_create else []), []
    kept, *surplus = copies
    changes, left = _update(wanted, kept, dossier)
    changes.extend(_close(task, dossier, "a copy") for task in surplus)
    return changes, left


def _open(tasks: Iterable[OwnTask]) -> list[OwnTask]:
    return [task for task in tasks if not (task.is_closed or task.is_deleted)]


def _may_create(
    wanted: WantedTask, obligations: Mapping[ObligationId, Obligation]
) -> bool:
    """Never create what the store holds as open: its task was not shown, not lost."""
    known = obligations.get(wanted.id)
    return (
        known is None
        or known.episode != wanted.episode
        or known.state is ObligationState.INTENT
    )


def _create(wanted: WantedTask, dossier: Dossier) -> Change:
    text = wanted.text
    return Change(
        Action.CREATE,
        wanted.key,
        dossier.deal_id,
        dossier.name,
        id=wanted.id,
        episode=wanted.episode,
        write={
            "owner_id": text.owner_id,
            "due_on": text.due_on.isoformat(),
            "subject": text.subject,
            "body": "\n".join(text.body),
        },
        hashes={part.value: each for part, each in text.hashes().items()},
        inputs=dossier.inputs,
        rule_ids=wanted.rule_ids,
        new_rule_ids=wanted.new_rule_ids,
        person_id=text.owner_id,
        raised=wanted.raised,
        reason="something is missing",
    )


def _update(
    wanted: WantedTask, actual: OwnTask, dossier: Dossier
) -> tuple[list[Change], list[str]]:
    """Write the parts that should differ and that nobody touched since our last write.

    Returns the change, if any, and `key:part` for each part left to a person.
    """
    values = _create(wanted, dossier).write
    hashes = wanted.text.hashes()
    stale = [part for part, each in hashes.items() if actual.written.get(part) != each]
    free = [
        part for part in stale if actual.actual.get(part) == actual.written.get(part)
    ]
    left = [f"{actual.key}:{part}" for part in stale if part not in free]
    if not free:
        return [], left
    change = Change(
        Action.UPDATE,
        actual.key,
        dossier.deal_id,
        dossier.name,
        id=wanted.id,
        episode=wanted.episode,
        remote_id=actual.remote_id,
        write={part.column: values[part.column] for part in free},
        hashes={
            part.value: hashes[part] if part in free else actual.written.get(part, "")
            for part in TaskPart
        },
        inputs=dossier.inputs,
        rule_ids=wanted.rule_ids,
        new_rule_ids=wanted.new_rule_ids,
        person_id=wanted.text.owner_id if TaskPart.OWNER in free else actual.owner_id,
        reason=f"{', '.join(part.value for part in free)} changed",
    )
    return [change], left


def _is_cleared(
    task: OwnTask,
    desired: DesiredState,
    dossier: Dossier,
    obligations: Mapping[ObligationId, Obligation],
) -> bool:
    if task.sealed or task.id is None:
        return False
    known = obligations.get(task.id)
    if known is not None and known.episode == task.episode and known.state in _OVER:
        return True
    if known is not None and known.episode > task.episode:
        return True
    if task.id not in desired.cleared:
        return False
    if task.key in dossier.adopted:
        return bool(task.rule_ids) and set(task.rule_ids) <= set(dossier.passed)
    return True


def _close(task: OwnTask, dossier: Dossier, reason: str) -> Change:
    return Change(
        Action.CLOSE,
        task.key,
        dossier.deal_id,
        dossier.name,
        id=task.id,
        episode=task.episode,
        remote_id=task.remote_id,
        hashes={part.value: each for part, each in task.written.items()},
        inputs=dossier.inputs,
        rule_ids=task.rule_ids,
        reason=reason,
    )


def _close_saying(task: OwnTask, dossier: Dossier, reason: str) -> Change:
    """Close a task that nobody fulfilled; an untouched text says why."""
    close = _close(task, dossier, reason)
    if task.actual.get(TaskPart.BODY) != task.written.get(TaskPart.BODY):
        return close
    body = "\n".join(bounded(["Nothing is asked here any more.", *reason.split("\n")]))
    hashes = {**close.hashes, TaskPart.BODY.value: short_hash(body)}
    return replace(close, write={"body": body}, hashes=hashes)


# ---- flags ----------------------------------------------------------------------


def _flag_change(wanted: Flags, dossier: Dossier) -> list[Change]:
    actual = dossier.flags
    if actual is None:
        return []
    write: dict[str, Scalar] = {}
    before: dict[str, Scalar] = {}
    for each in fields(Flags):
        should, stands = getattr(wanted, each.name), getattr(actual, each.name)
        if not alike(should, stands):
            write[each.name] = _scalar(should)
            before[each.name] = _scalar(stands)
    if not write:
        return []
    return [
        Change(
            Action.FLAG,
            f"flag:{dossier.deal_id}",
            dossier.deal_id,
            dossier.name,
            remote_id=dossier.deal_id,
            write=write,
            before=before,
            inputs=dossier.inputs,
            fills_empty=all(value is None for value in before.values()),
            reason=f"gate status {wanted.status or 'emptied'}",
        )
    ]


def _scalar(value: Scalar | date) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value
