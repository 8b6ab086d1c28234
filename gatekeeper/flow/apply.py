"""Execute a stored plan exactly, but for the deals that moved since.

Re-reads just the deals of the plan; a change whose inputs differ is dropped and
listed. The limits do not speak here: a person looked at the plan and said yes.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Never

from gatekeeper.core.limits import retirements
from gatekeeper.core.model import Mode, Outcome
from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.core.quarantine import subject_of
from gatekeeper.errors import HeldError, SetupError
from gatekeeper.flow.acceptance import expect_known
from gatekeeper.flow.freshness import compared, resolved_without_a_read
from gatekeeper.flow.notices import told_of_left_alone, told_of_writing
from gatekeeper.flow.opening import opened_run
from gatekeeper.flow.planning import HELD_BY_BREAKER, HELD_BY_LIMIT, Planning
from gatekeeper.flow.report import RunReport, applied_counts
from gatekeeper.flow.survey import Survey
from gatekeeper.flow.writing import write_plan
from gatekeeper.ports import PERSON_ERASED, NewLine, RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.freshness import Freshness
    from gatekeeper.flow.services import Services
    from gatekeeper.flow.writing import Applied
    from gatekeeper.ports import Run, RunRow, StagedChange

GOOD_FOR = timedelta(hours=24)
STALE_PERCENT = 20
_WHOLE = (RunStatus.PLANNED, RunStatus.PARTIAL, RunStatus.HELD)
"""How a plan ends that was made to its end."""


def plan_hash(changes: Iterable[StagedChange]) -> str:
    """Return the fingerprint that a plan file carries."""
    digest = hashlib.sha256()
    for staged in changes:
        change = staged.change
        digest.update(
            repr(
                (
                    change.action.value,
                    change.key,
                    sorted(change.write.items()),
                    change.inputs,
                )
            ).encode()
        )
    return digest.hexdigest()[:16]


def apply_plan(
    services: Services,
    pack: RulePack,
    plan: RunRow,
    accepted: frozenset[str] = frozenset(),
) -> RunReport:
    """Write a stored plan.

    Args:
        services: The CRM, the store and the clock.
        pack: Must be the pack the plan was made with.
        plan: A stored plan, or a run that was held.
        accepted: Rules whose held lines are let through as well, or that may go,
            beside those the plan was made with.

    Raises:
        HeldError: Org, pack or age differ, a person was erased from it, or too many
            deals moved; nothing was written.
        SetupError: A rule is accepted that nobody knows; nothing was written.
    """
    _check(services, pack, plan)
    expect_known(accepted, pack, services)
    began = services.clock.now()
    logics = services.store.seen_logics(services.crm.org())
    survey = Survey(services, pack, plan.as_of, logics, RunKind.APPLY)
    with opened_run(services, RunKind.APPLY, plan.as_of, pack) as run:
        plan = _checked_again(services, pack, plan)
        survey.read_ledger(run)
        fresh = compared(services, survey, plan)
        if fresh.stale_changes * 100 > STALE_PERCENT * fresh.changes:
            _hold(run, plan, Notice(NoticeKind.HELD, "E902", _e902(fresh, plan, pack)))
        unread = resolved_without_a_read(services, plan, fresh)
        run.adopt_plan(plan, without=set(fresh.stale) | unread)
        fresh.left_alone = _leave_alone(run)
        _refuse_retirements(run, plan, accepted | _accepted_by(plan))
        run.release(_held_lines(run, accepted), survey.context.today)
        if accepted:
            Planning(run, survey.standpoints, survey.ledger, accepted).plan()
        run.commit(is_partial=False, with_tracking=True)
        applied = write_plan(services, run, survey.allowance)
        report = _report(run, plan, fresh, applied, services)
        duration = services.clock.now() - began
        body = {**report.body, "duration_s": round(duration.total_seconds(), 3)}
        run.finish(report.status, body)
    return RunReport(report.run_id, report.status, body, report.notices)


def _check(services: Services, pack: RulePack, plan: RunRow) -> None:
    if plan.kind not in (RunKind.PLAN, RunKind.RUN):
        message = f"{plan.id} is a {plan.kind.value}, not a plan; see: gatekeeper runs"
        raise SetupError(message)
    if plan.kind is RunKind.PLAN and plan.status not in _WHOLE:
        message = f"{plan.id} was never finished ({plan.status.value}). Plan again."
        raise SetupError(message)
    if plan.kind is RunKind.RUN and plan.status is not RunStatus.HELD:
        message = f"{plan.id} was not held, there is nothing of it to apply."
        raise SetupError(message)
    if pack.project.mode_ceiling is not Mode.ENFORCE:
        message = (
            f"mode_ceiling is {pack.project.mode_ceiling.value}: nothing may be"
            " written. Set mode_ceiling: enforce in project.yaml and plan again."
        )
        raise SetupError(message)
    if plan.report.get(PERSON_ERASED):
        message = (
            f"A person was erased from {plan.id} since it was made: what it would write"
            " is not known any more. Make a new plan."
        )
        raise HeldError(message)
    if plan.pack != pack.fingerprint:
        message = f"The rules changed since {plan.id} was made. Make a new plan."
        raise HeldError(message)
    if services.clock.now() - plan.started_at > GOOD_FOR:
        message = f"{plan.id} is older than 24 hours. Make a new plan."
        raise HeldError(message)


def _checked_again(services: Services, pack: RulePack, plan: RunRow) -> RunRow:
    """Return the plan as it stands under the lease, where nobody is erased from it.

    Raises:
        HeldError: A person was erased from it, or it grew too old, on the way here.
    """
    plan = services.store.run(plan.id) or plan
    _check(services, pack, plan)
    return plan


def _accepted_by(plan: RunRow) -> frozenset[str]:
    """Return the rules that a person named when the plan was made."""
    named = plan.report.get("accepted")
    return frozenset(map(str, named)) if isinstance(named, list) else frozenset()


def _refuse_retirements(run: Run, plan: RunRow, accepted: frozenset[str]) -> None:
    """Let no rule leave with many violations unless a person names it.

    Raises:
        HeldError: A rule was not named; nothing was written.
    """
    retired = retirements(run.retired(), accepted)
    if retired:
        _hold(
            run, plan, *(Notice(NoticeKind.HELD, "", each.message) for each in retired)
        )


def _hold(run: Run, plan: RunRow, *notices: Notice) -> Never:
    """End a run that may write nothing until a person decides.

    Raises:
        HeldError: Always.
    """
    run.finish(RunStatus.HELD, {"plan_id": plan.id, **written(notices)})
    raise HeldError("\n".join(each.sentence for each in notices))


def _held_lines(run: Run, accepted: frozenset[str]) -> list[NewLine]:
    """Return the lines that a person's yes lets into their tasks.

    Those of the plan that a limit held as a whole (one that could not be told waits for
    an earlier plan), and of the rules a person accepts those that a breaker kept out.
    """
    return [
        NewLine(each.deal_id, each.rule_id, None)
        for file in run.files()
        for each in file.violations
        if (each.waiting == HELD_BY_LIMIT and each.outcome is Outcome.FAIL)
        or (each.waiting == HELD_BY_BREAKER and each.rule_id in accepted)
    ]


def _leave_alone(run: Run) -> int:
    """Withhold what was undone, refused or fought over since; return how much."""
    set_aside = {each.subject: each for each in run.quarantined()}
    reasons = {
        staged.change.key: f"quarantined: {entry.reason}"
        for staged in (run.planned() if set_aside else ())
        if (entry := set_aside.get(subject_of(staged.change)))
    }
    run.withhold_keys(reasons)
    return len(reasons)


def _e902(fresh: Freshness, plan: RunRow, pack: RulePack) -> str:
    made_at = plan.started_at.astimezone(pack.project.zone)
    return (
        f"{fresh.stale_changes} of {fresh.changes} changes are stale: their"
        f" deals changed since this plan was made ({made_at:%H:%M})."
        " Nothing was written; make a new plan."
    )


def _report(
    run: Run, plan: RunRow, fresh: Freshness, applied: Applied, services: Services
) -> RunReport:
    dropped = [f"{name} ({deal_id})" for deal_id, name in sorted(fresh.stale.items())]
    notices = (
        *(
            Notice(NoticeKind.NOTE, "", f"Dropped, the deal changed: {e}")
            for e in dropped
        ),
        *told_of_left_alone(fresh.left_alone),
        *told_of_writing(applied),
    )
    status = _status(fresh, applied)
    usage = services.crm.usage()
    body: dict[str, object] = {
        "run_id": run.row.id,
        "status": status.value,
        "plan_id": plan.id,
        "as_of": plan.as_of.isoformat(),
        "org": services.crm.org(),
        "crm": services.crm.name,
        "dropped": dropped,
        "applied": applied_counts(applied),
        "api": {"reads": usage.reads, "writes": usage.writes},
        **written(notices),
    }
    return RunReport(run.row.id, status, body, notices)


def _status(fresh: Freshness, applied: Applied) -> RunStatus:
    if applied.stopped:
        return RunStatus.DEFERRED if applied.is_deferred else RunStatus.STOPPED
    is_unfinished = fresh.stale or applied.unknown or applied.put_off
    return RunStatus.PARTIAL if is_unfinished else RunStatus.DONE
