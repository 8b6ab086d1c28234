"""What a run reports: the one object `run --json` prints (product section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import Action, Outcome, State
from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.core.waiver_review import Watched, unused
from gatekeeper.flow.coverage import without_use
from gatekeeper.flow.notices import notices_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from gatekeeper.core.waivers import Waiver, WaiverBook
    from gatekeeper.flow.notices import RunFacts
    from gatekeeper.flow.writing import Applied
    from gatekeeper.ports import RunRow, RunStatus


@dataclass(frozen=True, slots=True)
class RunReport:
    """A finished run.

    Attributes:
        body: The JSON object; keys and nesting are a contract.
        notices: What people are told: what is held, missing or waiting, with the
            remedy.
    """

    run_id: str
    status: RunStatus
    body: Mapping[str, object] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    @property
    def messages(self) -> tuple[str, ...]:
        """The sentences of what people are told."""
        return tuple(each.sentence for each in self.notices)


def report_of(facts: RunFacts, status: RunStatus) -> RunReport:
    """Write the report."""
    crm, pack = facts.survey.services.crm, facts.survey.pack
    idle = _unused_waivers(facts)
    notices = (*notices_of(facts), *_without_use(idle))
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
        "held": [each.text for each in notices if each.kind is NoticeKind.HELD],
        "accepted": sorted(facts.planning.accepted),
        **written(notices),
        "duration_s": round(facts.timing.duration.total_seconds(), 3),
    }
    return RunReport(facts.row.id, status, body, notices)


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
    since = store.judged_since(org)
    watched = Watched(_day(since, coverage.book) if since else today, today)
    return unused(coverage.book, coverage.idle(survey.context), known, watched)


def _day(moment: datetime, book: WaiverBook) -> date:
    return local_date(moment, book.zone) if book.zone else moment.date()


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
    return {
        **done,
        "rejected": applied.rejected,
        "unknown": applied.unknown,
        "put_off": applied.put_off,
    }


def _without_use(waivers: Iterable[Waiver]) -> Iterator[Notice]:
    return (Notice(NoticeKind.NOTE, "", without_use(each)) for each in waivers)
