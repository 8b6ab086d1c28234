"""What a run reports: the one object `run --json` prints (product section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.clocks import differ, difference
from gatekeeper.core.model import Action, Outcome, State
from gatekeeper.core.waiver_review import unused
from gatekeeper.flow.coverage import without_use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import timedelta

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.waivers import Waiver
    from gatekeeper.flow.planning import Planning
    from gatekeeper.flow.survey import Survey
    from gatekeeper.flow.writing import Applied
    from gatekeeper.ports import LookAlike, RunRow, RunStatus, RunTotals


SUMMARY = ("status", "complete", "counts", "plan", "applied", "api", "duration_s")
REFUSALS_TOLD = 10


@dataclass(frozen=True, slots=True)
class RunReport:
    """A finished run.

    Attributes:
        body: The JSON object; keys and nesting are a contract.
        messages: Sentences for people: what is held, missing or waiting, with the
            remedy.
    """

    run_id: str
    status: RunStatus
    body: Mapping[str, object] = field(default_factory=dict)
    messages: tuple[str, ...] = ()


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


def report_of(facts: RunFacts, status: RunStatus) -> RunReport:
    """Write the report."""
    crm, pack = facts.survey.services.crm, facts.survey.pack
    idle = _unused_waivers(facts)
    messages = (*_messages(facts), *map(without_use, idle))
    usage = crm.usage()
    body: dict[str, object] = {
        "run_id": facts.row.id,
        "status": status.value,
        "as_of": facts.row.as_of.isoformat(),
        "org": crm.org(),
        "crm": crm.name,
        "rules_fingerprint": pack.fingerprint,
        "rules_revision": pack.revision,
        "complete": facts.survey.totals.is_complete,
        "pulled": facts.survey.totals.read,
        "strictness": "strict" if facts.schema.strict else "best effort",
        "mode_ceiling": pack.project.mode_ceiling.value,
        "recovery": facts.is_recovery,
        "counts": _counts(facts),
        "plan": _plan(facts),
        "applied": applied_counts(facts.applied),
        "api": {"reads": usage.reads, "writes": usage.writes},
        "waivers": _waivers(facts, idle),
        "quarantined": facts.planning.left_alone,
        "held": _held(facts),
        "accepted": sorted(facts.planning.accepted),
        "messages": list(messages),
        "duration_s": round(facts.timing.duration.total_seconds(), 3),
    }
    return RunReport(facts.row.id, status, body, messages)


def summary(report: RunReport) -> dict[str, object]:
    """Return what one line says of a run; counts only, and no value of any deal."""
    return {name: report.body[name] for name in SUMMARY}


def pulled_by(row: RunRow) -> int:
    """Return how many deals the stream of a stored run brought."""
    pulled = row.report.get("pulled")
    return pulled if isinstance(pulled, int) else row.deals


def _unused_waivers(facts: RunFacts) -> tuple[Waiver, ...]:
    survey = facts.survey
    coverage, store = survey.coverage, survey.services.store
    org = survey.services.crm.org()
    known = store.violations(org, [each.value for each in State])
    today = coverage.book.today(survey.context)
    return unused(coverage.book, coverage.idle(survey.context), known, today)


def _waivers(facts: RunFacts, idle: Iterable[Waiver]) -> dict[str, object]:
    """Say who waived how much, what ends within a week, and what does nothing."""
    coverage, context = facts.survey.coverage, facts.survey.context
    today = coverage.book.today(context)
    return {
        **coverage.rates(),
        "ending": {
            each.id: each.expires.isoformat()
            for each in coverage.book.waivers
            if each.ends_soon(today)
        },
        "unused": [each.id for each in idle],
    }


def _counts(facts: RunFacts) -> dict[str, int]:
    totals = facts.totals
    counts = {"deals": totals.deals, "rules": len(facts.survey.pack.rules)}
    for outcome in Outcome:
        counts[outcome.value] = totals.outcomes.get(outcome.value, 0)
    for state in (
        State.WAIVED,
        State.EXEMPT,
        State.SUPPRESSED,
        State.PENDING,
        State.OPEN,
    ):
        counts[state.value] = totals.states.get(state.value, 0)
    counts["resolved"] = totals.resolved
    return counts


def _plan(facts: RunFacts) -> dict[str, int]:
    totals = facts.totals
    plan = {each.value: totals.actions.get(each.value, 0) for each in Action}
    return {**plan, "withheld": totals.withheld, "undecided": totals.undecided}


def applied_counts(applied: Applied) -> dict[str, int]:
    """Count what was written, per action."""
    done = {each.value: applied.done.get(each, 0) for each in Action}
    return {**done, "rejected": applied.rejected, "unknown": applied.unknown}


def told_of_writing(applied: Applied) -> list[str]:
    """Say what ended the writing, had no answer, and was refused in which words."""
    messages = [applied.stopped] if applied.stopped else []
    if applied.unknown:
        messages.append(
            f"Writes without an answer: {applied.unknown}. The next run looks them up"
            " by their keys and finishes what is not there."
        )
    refusals = {f"{each.code}: {each.message}" for each in applied.rejections}
    return messages + sorted(refusals)[:REFUSALS_TOLD]


def _held(facts: RunFacts) -> list[str]:
    """Say what is held, with people by name."""
    directory = facts.survey.directory
    named = [
        replace(hold, who=person.name) if (person := directory.get(hold.who)) else hold
        for hold in facts.planning.held
    ]
    return [
        *(breaker.message for breaker in facts.planning.tripped),
        *(hold.message for hold in named),
        *(retirement.message for retirement in facts.planning.retired),
    ]


def _messages(facts: RunFacts) -> tuple[str, ...]:
    messages = [
        *_clocks(facts),
        *_unreadable(facts.survey.pack.warnings),
        *_partial(facts),
        *facts.survey.coverage.messages(facts.survey.context),
    ]
    messages += _held(facts)
    messages += map(_renamed, facts.planning.look_alikes)
    if facts.planning.unassigned:
        messages.append(
            "Deals with open lines that nobody owes:"
            f" {len(facts.planning.unassigned)}. Give their owners an active"
            " manager, or set fallback: in people.yaml."
        )
    if facts.planning.resting:
        messages.append(_resting(facts))
    if facts.planning.left:
        messages.append(
            "Parts of tasks that people changed, left as they are:"
            f" {facts.planning.left}."
        )
    if facts.planning.left_alone:
        messages.append(_left_alone(facts.planning.left_alone))
    if facts.is_recovery:
        messages.append(
            "Recovery: the CRM shows tasks of ours that this database did not know."
            " They were adopted; nothing was created twice."
        )
    messages += told_of_writing(facts.applied)
    return tuple(messages)


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


def _left_alone(writes: int) -> str:
    return (
        f"Left alone in this run: {writes} writes that were refused, fought over or"
        " undone before. See: gatekeeper quarantine"
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


def _partial(facts: RunFacts) -> Iterator[str]:
    """Say what is missing and what follows from it (E903)."""
    untold = facts.totals.outcomes.get(Outcome.CANNOT_TELL.value, 0)
    for problem in facts.survey.totals.problems:
        said = problem.rstrip(".")
        yield (
            f'E903: {said}. {untold:,} results are "cannot tell"; no task was opened or'
            " closed for them. This run closes nothing."
        )


def _unreadable(warnings: Iterable[str]) -> Iterator[str]:
    """Name what makes lines "cannot tell"; only count what a rule author minds."""
    minor = 0
    for warning in warnings:
        headline = warning.partition("\n")[0]
        if ": error E" in headline:
            yield headline
        else:
            minor += 1
    if minor:
        yield f"Warnings about the rules: {minor}. See gatekeeper validate"
