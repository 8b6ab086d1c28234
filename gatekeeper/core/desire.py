"""Say which tasks and flags a deal should have, and in which words.

Pure. Only lines that are open, enforced and released count, so a task and the flags
of its deal always tell the same. Texts hold nothing that changes with time alone
(language A35): a quiet night writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import (
    Flags,
    Mode,
    ObligationId,
    ObligationState,
    Outcome,
    State,
    TaskText,
    task_key,
)
from gatekeeper.core.pack import Grouping
from gatekeeper.core.wording import body_of, missing_of, subject_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Dossier, Obligation, OwnTask, Violation
    from gatekeeper.core.pack import RulePack


@dataclass(frozen=True, slots=True)
class WantedTask:
    """One task that should stand open.

    Attributes:
        raised: How often it was raised again after a person closed it.
        severity_rank: Of its worst line, for the order of writing.
    """

    id: ObligationId
    episode: int
    key: str
    text: TaskText
    rule_ids: tuple[str, ...]
    new_rule_ids: tuple[str, ...] = ()
    raised: int = 0


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What one deal should look like.

    Attributes:
        cleared: Obligations with evidence that nothing is owed any more.
        flags: What our fields should say; all None empties them.
        unassigned: Roles that owe something and have nobody.
    """

    wanted: tuple[WantedTask, ...] = ()
    cleared: frozenset[ObligationId] = frozenset()
    flags: Flags = field(default_factory=Flags)
    unassigned: tuple[str, ...] = ()


def desire(
    dossier: Dossier,
    violations: Sequence[Violation],
    obligations: Mapping[ObligationId, Obligation],
    pack: RulePack,
    context: Context,
) -> DesiredState:
    """Derive a deal's tasks and flags from its violations.

    Args:
        dossier: The deal as read in this run; it must be readable.
        violations: All live ones and those resolved in this run.
        obligations: The latest episode of each.
        pack: For due dates, roles and grouping.
        context: Today and the business calendar.
    """
    lines = released(violations)
    owed = _owed(lines, pack.project.grouping)
    wanted: list[WantedTask] = []
    unassigned: list[str] = []
    for obligation_id, owed_lines in owed.items():
        person = dossier.people.get(obligation_id.role)
        if person is None:
            unassigned.append(obligation_id.role)
            continue
        episode = _episode(obligations.get(obligation_id), pack, context)
        if episode is not None:
            planner = _Planner(dossier, pack, context)
            wanted.append(planner.task(obligation_id, episode, person, owed_lines))
    return DesiredState(
        wanted=tuple(wanted),
        cleared=frozenset(obligations.keys() - owed.keys()),
        flags=_flags(dossier, violations, lines, context),
        unassigned=tuple(unassigned),
    )


def released(violations: Iterable[Violation]) -> list[Violation]:
    """Return the open lines that may stand in a task, worst and oldest first."""
    lines = [
        each
        for each in violations
        if each.state is State.OPEN
        and each.mode is Mode.ENFORCE
        and each.released_on is not None
    ]
    return sorted(
        lines, key=lambda each: (-each.severity.rank, each.first_seen, each.rule_id)
    )


def _owed(
    lines: Iterable[Violation], grouping: Grouping
) -> dict[ObligationId, list[Violation]]:
    owed: defaultdict[ObligationId, list[Violation]] = defaultdict(list)
    for line in lines:
        group = line.rule_id if grouping is Grouping.RULE else ""
        owed[ObligationId(line.deal_id, line.role, group)].append(line)
    return dict(owed)


# ---- episodes -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Episode:
    number: int
    raised: int
    known: Obligation | None


def _episode(
    latest: Obligation | None, pack: RulePack, context: Context
) -> _Episode | None:
    """Choose the episode whose task is wanted; None while a person's closing rests."""
    if latest is None:
        return _Episode(1, 0, None)
    if latest.state in (ObligationState.INTENT, ObligationState.OPEN):
        return _Episode(latest.episode, latest.raised, latest)
    if latest.state is ObligationState.CLOSED_BY_PERSON:
        if not _may_raise_again(latest, pack, context):
            return None
        return _Episode(latest.episode + 1, latest.raised + 1, None)
    return _Episode(latest.episode + 1, 0, None)


def _may_raise_again(latest: Obligation, pack: RulePack, context: Context) -> bool:
    """Respect a person's closing for `reopen_after`, at most `reopen_times`."""
    project = pack.project
    if latest.closed_at is None or latest.raised >= project.reopen_times:
        return False
    closed_on = local_date(latest.closed_at, context.zone)
    return context.calendar.between(closed_on, context.today) >= project.reopen_after


# ---- one task -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Planner:
    dossier: Dossier
    pack: RulePack
    context: Context

    def task(
        self,
        obligation_id: ObligationId,
        episode: _Episode,
        person_id: str,
        lines: list[Violation],
    ) -> WantedTask:
        standing = _standing_task(self.dossier.tasks, episode, obligation_id)
        listed = standing.rule_ids if standing is not None else ()
        new = tuple(each.rule_id for each in lines if each.rule_id not in listed)
        text = TaskText(
            owner_id=person_id,
            due_on=self._due_on(standing, lines, new),
            subject=subject_of(self.dossier.name, self.dossier.stage, len(lines)),
            body=body_of(lines, self.dossier),
        )
        org = self.dossier.org
        key = task_key(
            org,
            obligation_id.deal_id,
            obligation_id.role,
            obligation_id.group,
            episode.number,
        )
        return WantedTask(
            obligation_id,
            episode.number,
            key,
            text,
            rule_ids=tuple(each.rule_id for each in lines),
            new_rule_ids=new,
            raised=episode.raised,
        )

    def _due_on(
        self,
        standing: OwnTask | None,
        lines: list[Violation],
        new: tuple[str, ...],
    ) -> date:
        """Take the earliest line at creation; later lines may only bring it forward."""
        due_in = {rule.id: rule.due_in for rule in self.pack.rules}
        calendar, today = self.context.calendar, self.context.today

        def due(rule_ids: Iterable[str]) -> list[date]:
            return [calendar.add(today, due_in.get(each, 3)) for each in rule_ids]

        if standing is None or standing.due_on is None:
            return min(due(each.rule_id for each in lines))
        earliest = calendar.add(today, 1)
        return min([standing.due_on, *(max(day, earliest) for day in due(new))])


def _standing_task(
    tasks: Iterable[OwnTask], episode: _Episode, obligation_id: ObligationId
) -> OwnTask | None:
    """Return the task of this episode as it stands, the lowest id of several."""
    copies = [
        task
        for task in tasks
        if task.id == obligation_id
        and task.episode == episode.number
        and not (task.is_closed or task.is_deleted)
    ]
    return min(copies, key=lambda task: task.remote_id, default=None)


# ---- flags ----------------------------------------------------------------------


def _flags(
    dossier: Dossier,
    violations: Sequence[Violation],
    lines: Sequence[Violation],
    context: Context,
) -> Flags:
    enforced = [
        each for each in violations if each.is_live and each.mode is Mode.ENFORCE
    ]
    if not (dossier.is_enforced or enforced):
        return Flags()
    opened = [each.opened_at or each.first_seen for each in lines]
    return Flags(
        status=_status(dossier, enforced, lines),
        open_count=len(lines),
        worst_severity=lines[0].severity.value if lines else None,
        missing=missing_of(lines) if lines else None,
        open_since=local_date(min(opened), context.zone) if opened else None,
        supported_stage=dossier.supported_stage,
    )


def _status(
    dossier: Dossier, enforced: Sequence[Violation], lines: Sequence[Violation]
) -> str:
    """Open, Pending, Waived, Cannot tell, Clear: the first that applies."""
    if lines:
        return "Open"
    if any(each.state in (State.PENDING, State.OPEN) for each in enforced):
        return "Pending"
    if any(each.state is State.WAIVED for each in enforced):
        return "Waived"
    if dossier.cannot_tell or any(
        each.outcome is Outcome.CANNOT_TELL for each in enforced
    ):
        return "Cannot tell"
    return "Clear"
