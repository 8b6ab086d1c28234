"""Say which tasks and flags a deal should have, and in which words.

Pure. Only lines that are open, enforced and released count, so a task and the flags
of its deal always tell the same. Texts hold nothing that changes with time alone
(language A35): a quiet night writes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.episodes import Episode, obligation_of, wanted_episode
from gatekeeper.core.flags import flags_of
from gatekeeper.core.model import (
    Flags,
    Mode,
    ObligationId,
    Resolution,
    State,
    TaskText,
    task_key,
)
from gatekeeper.core.pack import DUE_IN
from gatekeeper.core.wording import body_of, subject_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Dossier, Obligation, OwnTask, Violation
    from gatekeeper.core.pack import RulePack


@dataclass(frozen=True, slots=True)
class WantedTask:
    """One task that should stand open.

    Attributes:
        raised: How often it was raised again after a person closed it.
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
        resting: What a person closed without fixing it, until it comes back.
        ended: Why nothing is owed any more where nobody did what was asked: a waiver,
            a rule that is not enforced or not in the pack any more.
    """

    wanted: tuple[WantedTask, ...] = ()
    cleared: frozenset[ObligationId] = frozenset()
    flags: Flags = field(default_factory=Flags)
    unassigned: tuple[str, ...] = ()
    resting: tuple[ObligationId, ...] = ()
    ended: Mapping[ObligationId, str] = field(default_factory=dict)


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
        context: Today, and the business calendar of people without one of their own.
    """
    lines = released(violations)
    owed = _owed(lines, obligations, pack)
    wanted: list[WantedTask] = []
    unassigned: list[str] = []
    resting: list[ObligationId] = []
    for obligation_id, owed_lines in owed.items():
        person = dossier.people.get(obligation_id.role)
        if person is None:
            unassigned.append(obligation_id.role)
            continue
        latest = obligations.get(obligation_id)
        episode = wanted_episode(latest, owed_lines, pack, context)
        if episode is None:
            resting.append(obligation_id)
        else:
            planner = _Planner(dossier, pack, context)
            wanted.append(planner.task(obligation_id, episode, person, owed_lines))
    return DesiredState(
        wanted=tuple(wanted),
        cleared=frozenset(obligations.keys() - owed.keys()),
        flags=flags_of(dossier, violations, lines, context),
        unassigned=tuple(unassigned),
        resting=tuple(resting),
        ended=_ended(violations, obligations, pack),
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
    lines: Iterable[Violation],
    known: Mapping[ObligationId, Obligation],
    pack: RulePack,
) -> dict[ObligationId, list[Violation]]:
    owed: defaultdict[ObligationId, list[Violation]] = defaultdict(list)
    for line in lines:
        owed[obligation_of(line, known, pack)].append(line)
    return dict(owed)


def _ended(
    violations: Iterable[Violation],
    known: Mapping[ObligationId, Obligation],
    pack: RulePack,
) -> dict[ObligationId, str]:
    """Gather per task why lines left it, where nobody did what they asked."""
    words: defaultdict[ObligationId, list[str]] = defaultdict(list)
    for each in violations:
        if reason := _why_ended(each):
            words[obligation_of(each, known, pack)].append(reason)
    return {
        obligation_id: "\n".join(dict.fromkeys(found))
        for obligation_id, found in words.items()
    }


def _why_ended(violation: Violation) -> str:
    if violation.mode is not Mode.ENFORCE:
        is_open = violation.state is State.OPEN
        return f"Not enforced any more: {violation.title}." if is_open else ""
    if violation.state is State.WAIVED:
        return violation.accepted
    if violation.resolution is Resolution.RULE_RETIRED:
        return f"Not asked any more: {violation.title}."
    return ""


# ---- one task -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Planner:
    dossier: Dossier
    pack: RulePack
    context: Context

    def task(
        self,
        obligation_id: ObligationId,
        episode: Episode,
        person_id: str,
        lines: list[Violation],
    ) -> WantedTask:
        standing = _standing_task(self.dossier.tasks, episode, obligation_id)
        calendar = self._calendar(obligation_id.role)
        listed = standing.rule_ids if standing is not None else ()
        new = tuple(each.rule_id for each in lines if each.rule_id not in listed)
        text = TaskText(
            owner_id=person_id,
            due_on=self._due_on(standing, lines, new, calendar),
            subject=subject_of(self.dossier.name, self.dossier.stage, len(lines)),
            body=body_of(lines, self.dossier, obligation_id.role),
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

    def _calendar(self, role: str) -> Calendar:
        """Return the days worked by the person who owes the role."""
        address = self.dossier.addresses.get(role, "")
        return self.pack.people.calendars.get(address, self.context.calendar)

    def _due_on(
        self,
        standing: OwnTask | None,
        lines: list[Violation],
        new: tuple[str, ...],
        calendar: Calendar,
    ) -> date:
        """Take the earliest line at creation; what comes later may bring it forward.

        That is a new line, or one whose severity was raised.
        """
        rules = {rule.id: rule for rule in self.pack.rules}
        today = self.context.today

        def due(line: Violation) -> date:
            rule = rules.get(line.rule_id)
            days = rule.due_after(line.severity) if rule else DUE_IN[line.severity]
            return calendar.add(today, days)

        def is_raised(line: Violation) -> bool:
            rule = rules.get(line.rule_id)
            return rule is not None and line.severity is not rule.severity

        if standing is None or standing.due_on is None:
            return min(map(due, lines))
        earliest = calendar.add(today, 1)
        later = [each for each in lines if each.rule_id in new or is_raised(each)]
        return min([standing.due_on, *(max(due(each), earliest) for each in later)])


def _standing_task(
    tasks: Iterable[OwnTask], episode: Episode, obligation_id: ObligationId
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
