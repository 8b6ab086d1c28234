"""Compare what a run wrote with what stands there now, and plan the way back.

Pure. Only what the run wrote is touched, and only where the present value still is
what it wrote; everything else is left alone, with the reason. A task it opened is
closed with our stamp, a text or date it changed is put back, a flag gets the value it
had. A task it closed stays closed: a sealed episode is never opened again. Where the
values that it wrote are not kept any more, a task it opened is closed only where no
part of it was changed, and nothing else goes back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, Change, Flags, TaskPart, alike, short_hash
from gatekeeper.core.wording import bounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import OwnTask, Scalar

_NAMES = {
    TaskPart.OWNER: "owner",
    TaskPart.DUE: "due date",
    TaskPart.SUBJECT: "subject",
    TaskPart.BODY: "text",
}

_UNREADABLE = "the deal or its flags cannot be read"
_FORGOTTEN = "what it wrote is not kept any more (GATEKEEPER_KEEP_VALUES_DAYS)"


@dataclass(frozen=True, slots=True)
class UndoneRun:
    """The run whose writes go back."""

    id: str
    number: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a run before it wrote into the same task.

    Attributes:
        is_sure: It was carried out. Without an answer it may not stand, nor does a
            create that only found its task there.
    """

    change: Change
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """Something a run wrote that stays as it is.

    Attributes:
        what: `task` or `flags`.
    """

    deal_id: str
    deal_name: str
    what: str
    reason: str


Step = Change | LeftAlone | None
"""What to do about one write: put it back, leave it and say why, or nothing at all."""


def undo_task(
    wrote: Change,
    run: UndoneRun,
    task: OwnTask | None,
    earlier: Sequence[Earlier],
    *,
    is_sure: bool = True,
) -> Step:
    """Plan the way back for a task.

    Args:
        wrote: What the run did to it.
        run: The run.
        task: As it stands now; None where there is none.
        earlier: What runs before it wrote into the same task, the latest first.
        is_sure: The write was answered. A create without an answer may not have tied
            its task to the deal; else a person took it off.
    """
    if wrote.action is Action.CLOSE:
        return _left(wrote, "a closed task stays closed; what is missing comes anew")
    is_update = wrote.action is Action.UPDATE
    is_known = is_update and bool(wrote.write)
    back = _as_before(wrote, task, earlier) if is_known and task else None
    if isinstance(back, Change) and task and _stands(back, task):
        return None
    why = _stays(wrote, run, task, is_sure=is_sure)
    if why or task is None:
        return _left(wrote, why)
    if not is_update:
        return _closed_again(wrote, run, task)
    return back or _left(wrote, _FORGOTTEN)


def _stays(
    wrote: Change, run: UndoneRun, task: OwnTask | None, *, is_sure: bool
) -> str:
    """Say why a task is not touched, or ""."""
    if task is None:
        return "the CRM does not show the task"
    if task.is_deleted:
        return "a person deleted the task"
    if task.is_closed:
        return "it is closed already" if task.sealed else "a person closed the task"
    if task.is_moved or (task.is_loose and is_sure):
        return "a person took it off its deal"
    if task.run_number < run.number:
        return "this run did not write it"
    if task.run_number > run.number:
        return f"run {task.run_number} changed it since; undo that one first"
    edited = [part for part in _written_by(wrote) if _is_edited(task, part)]
    if edited:
        return f"a person changed its {', '.join(_NAMES[part] for part in edited)}"
    return ""


def _stands(back: Change, task: OwnTask) -> bool:
    """Whether a task already is as it was."""
    return back.hashes == {part.value: task.written.get(part, "") for part in TaskPart}


def _written_by(wrote: Change) -> list[TaskPart]:
    """Return the parts a change wrote; all of them where that is not known any more."""
    if not wrote.write:
        return list(TaskPart)
    return [part for part in TaskPart if part.column in wrote.write]


def _is_edited(task: OwnTask, part: TaskPart) -> bool:
    return task.actual.get(part) != task.written.get(part)


def _closed_again(wrote: Change, run: UndoneRun, task: OwnTask) -> Change:
    lines = ["Nothing is asked here any more.", f"{run.id} was undone."]
    body = "\n".join(bounded(lines))
    hashes = {part.value: each for part, each in task.written.items()}
    return Change(
        Action.CLOSE,
        wrote.key,
        wrote.deal_id,
        wrote.deal_name,
        id=wrote.id,
        episode=wrote.episode,
        remote_id=task.remote_id,
        write={"body": body},
        hashes={**hashes, TaskPart.BODY.value: short_hash(body)},
        rule_ids=wrote.rule_ids,
        reason=f"undo of {run.id}",
    )


def _as_before(wrote: Change, task: OwnTask, earlier: Sequence[Earlier]) -> Step:
    """Write the parts as they were; none of them where one is not known any more."""
    parts = _written_by(wrote)
    write: dict[str, Scalar] = {}
    hashes = {part.value: task.written.get(part, "") for part in TaskPart}
    rule_ids = task.rule_ids
    for part in parts:
        column = part.column
        last = next((each for each in earlier if column in each.change.write), None)
        if last is None or not last.is_sure:
            return _left(wrote, f"its {_NAMES[part]} of before is not known any more")
        before = last.change
        write[column] = before.write[column]
        hashes[part.value] = before.hashes.get(part.value, "")
        if part is TaskPart.BODY:
            rule_ids = before.rule_ids
    owner = write.get("owner_id", task.owner_id)
    return Change(
        Action.UPDATE,
        wrote.key,
        wrote.deal_id,
        wrote.deal_name,
        id=wrote.id,
        episode=wrote.episode,
        remote_id=task.remote_id,
        write=write,
        hashes=hashes,
        rule_ids=rule_ids,
        person_id=None if owner is None else str(owner),
        reason="undo: as it was before",
    )


def undo_flags(
    wrote: Change, run: UndoneRun, flags: Flags | None, *, is_anothers: bool = False
) -> list[Step]:
    """Plan the way back for the flags of a deal, each by itself.

    Args:
        wrote: What the run wrote, and what stood there before.
        run: The run.
        flags: As they stand now; None where the deal or its flags cannot be read.
        is_anothers: The run's own write has no answer, and a later run wrote them, or
            may have.
    """
    if flags is None or not wrote.write:
        return [_left(wrote, _FORGOTTEN if flags else _UNREADABLE)]
    present = {each.name: _scalar(getattr(flags, each.name)) for each in fields(Flags)}
    back: dict[str, Scalar] = {}
    others: list[str] = []
    for name, value in wrote.write.items():
        before = wrote.before.get(name)
        if alike(present[name], before):
            continue
        if alike(present[name], value):
            back[name] = before
        else:
            others.append(name)
    if back and is_anothers:
        return [
            _left(wrote, "a later run wrote them, or may have; undo that one first")
        ]
    steps: list[Step] = []
    if others:
        steps.append(_left(wrote, f"changed since: {', '.join(sorted(others))}"))
    if back:
        steps.append(_flags_back(wrote, run, back))
    return steps


def _flags_back(wrote: Change, run: UndoneRun, back: dict[str, Scalar]) -> Change:
    return Change(
        Action.FLAG,
        wrote.key,
        wrote.deal_id,
        wrote.deal_name,
        remote_id=wrote.deal_id,
        write=back,
        before={name: wrote.write[name] for name in back},
        # What the run filled for the first time counts as a write only, both ways.
        fills_empty=wrote.fills_empty,
        reason=f"undo of {run.id}",
    )


def _left(wrote: Change, reason: str) -> LeftAlone:
    what = "flags" if wrote.action is Action.FLAG else "task"
    return LeftAlone(wrote.deal_id, wrote.deal_name, what, reason)


def _scalar(value: Scalar | date) -> Scalar:
    return value.isoformat() if isinstance(value, date) else value
