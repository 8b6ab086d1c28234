"""What a run says to people: each thing with what it is about, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.clocks import differ, difference
from gatekeeper.core.model import Outcome
from gatekeeper.core.notices import Notice, NoticeKind
from gatekeeper.flow.services import UNDO_AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import timedelta

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.notices import Remark
    from gatekeeper.flow.planning import Planning
    from gatekeeper.flow.survey import Survey
    from gatekeeper.flow.writing import Applied
    from gatekeeper.ports import LookAlike, RunRow, RunTotals

REFUSALS_TOLD = 10
MOST_DRIFT = 50
"""How much of what the CRM lacks a run names; `validate` names all."""

_LOOKED_UP = "The next run looks them up by their keys and finishes what is not there."


@dataclass(frozen=True, slots=True)
class Timing:
    """What a run says of clocks.

    Attributes:
        duration: From its begin to its report.
        database_ahead: How far the database's clock was ahead of this machine's.
    """

    duration: timedelta
    database_ahead: timedelta


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Everything a report is made of."""

    row: RunRow
    survey: Survey
    planning: Planning
    totals: RunTotals
    applied: Applied
    schema: CrmSchema
    timing: Timing

    @property
    def is_recovery(self) -> bool:
        """Whether the CRM knew more than this database (promises 1.2)."""
        ledger = self.survey.ledger
        return bool(ledger.adopted) or ledger.is_behind


def notices_of(facts: RunFacts) -> tuple[Notice, ...]:
    """Return everything that a run says."""
    return (
        *map(_note, _clocks(facts)),
        *_remarked(facts.survey.pack.remarks),
        *_partial(facts),
        *facts.survey.coverage.notices(facts.survey.context),
        *_held(facts),
        *map(_note, _about_tasks(facts)),
        *told_of_left_alone(facts.planning.left_alone),
        *told_of_writing(facts.applied),
    )


def _note(text: str) -> Notice:
    return Notice(NoticeKind.NOTE, "", text)


def told_of_writing(applied: Applied, *, is_undo: bool = False) -> Iterator[Notice]:
    """Say what ended the writing, had no answer, and was refused in which words.

    Args:
        applied: What became of a plan.
        is_undo: No run goes on with it, only the same undo started again.
    """
    if applied.stopped:
        yield Notice(NoticeKind.STOPPED, "", applied.stopped)
    if applied.unknown:
        after = UNDO_AGAIN if is_undo else _LOOKED_UP
        yield _note(f"Writes without an answer: {applied.unknown}. {after}")
    if applied.put_off:
        after = UNDO_AGAIN if is_undo else "The next run writes what is still due."
        yield _note(
            f"Writes put off: {applied.put_off}. Their records were locked, or their"
            f" requests did not leave. {after}"
        )
    refusals = {(each.code, each.message) for each in applied.rejections}
    for code, message in sorted(refusals)[:REFUSALS_TOLD]:
        yield Notice(NoticeKind.NOTE, code, message)


def told_of_left_alone(writes: int) -> Iterator[Notice]:
    """Say how many writes were left out of the plan until somebody says otherwise."""
    if writes:
        yield _note(
            f"Left alone in this run: {writes} writes that were refused, fought over or"
            " undone before. See: gatekeeper quarantine"
        )


def _held(facts: RunFacts) -> Iterator[Notice]:
    """Say what is held, with people by name."""
    directory, planning = facts.survey.directory, facts.planning
    named = [
        replace(hold, who=person.name) if (person := directory.get(hold.who)) else hold
        for hold in planning.held
    ]
    texts = (
        *(breaker.message for breaker in planning.tripped),
        *(hold.message for hold in named),
        *(retirement.message for retirement in planning.retired),
    )
    return (Notice(NoticeKind.HELD, "", each) for each in texts)


def _about_tasks(facts: RunFacts) -> Iterator[str]:
    """Say what people should know of what was planned, and what was left alone."""
    planning = facts.planning
    yield from map(_renamed, planning.look_alikes)
    if planning.unassigned:
        yield (
            f"Deals with open lines that nobody owes: {len(planning.unassigned)}. Give"
            " their owners an active manager, or set fallback: in people.yaml."
        )
    if planning.resting:
        yield _resting(facts)
    if planning.left:
        yield f"Parts of tasks that people changed, left as they are: {planning.left}."
    if facts.is_recovery:
        yield (
            "Recovery: the CRM shows tasks of ours that this database did not know."
            " They were adopted; nothing was created twice."
        )


def _clocks(facts: RunFacts) -> Iterator[str]:
    """Say which clock is not this machine's: the hours of work go by all of them."""
    crm = facts.survey.services.crm
    others = {
        "the database": facts.timing.database_ahead,
        CrmName(crm.name).label: crm.clock_ahead(),
    }
    for whose, ahead in others.items():
        if differ(ahead):
            yield (
                f"Clocks: {difference(whose, ahead)}. Let a time server set them;"
                " schedules and digests go by this machine's."
            )


def _resting(facts: RunFacts) -> str:
    project = facts.survey.pack.project
    return (
        "Tasks that people closed although something is missing:"
        f" {facts.planning.resting}. Each comes back after {project.reopen_after}"
        f" business days, at most {project.reopen_times} times."
    )


def _renamed(alike: LookAlike) -> str:
    return (
        f"{alike.left} left the rules and {alike.came} begins to fail on the same deals"
        f" ({alike.deals}): did you rename it? Then write formerly: [{alike.left}] in"
        f" {alike.came}, and what stands goes on."
    )


def _partial(facts: RunFacts) -> Iterator[Notice]:
    """Say what is missing and what follows from it (E903)."""
    untold = facts.totals.outcomes.get(Outcome.CANNOT_TELL.value, 0)
    for problem in facts.survey.totals.problems:
        text = (
            f'{problem.rstrip(".")}. {untold:,} results are "cannot tell"; no task was'
            " opened or closed for them. This run closes nothing."
        )
        yield Notice(NoticeKind.PARTIAL, "E903", text)


def _remarked(remarks: Sequence[Remark]) -> Iterator[Notice]:
    """Name what makes lines "cannot tell"; only count what a rule author minds."""
    drift = [each for each in remarks if each.is_mistake]
    for each in drift[:MOST_DRIFT]:
        yield Notice(NoticeKind.DRIFT, each.code, each.text, each.place)
    more, minor = len(drift[MOST_DRIFT:]), len(remarks) - len(drift)
    if more:
        yield _note(f"And {more} more that the CRM does not show: gatekeeper validate")
    if minor:
        yield _note(f"Warnings about the rules: {minor}. See gatekeeper validate")
