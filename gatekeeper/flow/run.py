"""Check every open deal once and bring the CRM in line; or only plan it.

One screen: lease, account of own tasks, survey, plan, commit, write, report.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from gatekeeper.core.clocks import ahead
from gatekeeper.core.limits import Hold
from gatekeeper.flow.acceptance import expect_known
from gatekeeper.flow.notices import RunFacts, Timing
from gatekeeper.flow.opening import opened_run
from gatekeeper.flow.planning import Planning
from gatekeeper.flow.report import pulled_by, report_of
from gatekeeper.flow.survey import Survey
from gatekeeper.flow.writing import Applied, write_plan
from gatekeeper.ports import RunKind, RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.report import RunReport
    from gatekeeper.flow.services import Services
    from gatekeeper.ports import RunRow

REPLAY_BEYOND = timedelta(hours=24)
SCOPE_DROP_PERCENT = 80
RUNS_TO_COMPARE = 5
RUNS_BEFORE_COMPARING = 2


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What a person or the schedule asks for.

    Attributes:
        as_of: The moment to judge by, aware.
        kind: `run` writes what the limits allow, `plan` only stores a plan.
        accepted: Rules a person lets past their breaker, or lets go.
    """

    as_of: datetime
    kind: RunKind
    accepted: frozenset[str] = frozenset()


def run_once(
    services: Services, pack: RulePack, schema: CrmSchema, order: RunOrder
) -> RunReport:
    """Judge every deal and write what the limits allow.

    Memory is bounded by one batch: facts and proposed changes are staged in the
    store. A moment more than a day from the CRM's own clock makes the run a replay:
    it judges and lists, and touches neither the CRM nor what stands.

    Raises:
        LeaseHeldError: Another run is under way; nothing was read.
        SetupError: A rule is accepted that nobody knows; nothing was read.
    """
    expect_known(order.accepted, pack, services)
    began = services.clock.now()
    crm, store = services.crm, services.store
    org = crm.org()
    kind = _kind(order, crm.server_time())
    with opened_run(services, kind, order.as_of, pack) as run:
        database_ahead = ahead(run.row.started_at, began, services.clock.now())
        # What runs before saw is whole only now that none is under way.
        earlier = store.ended_runs(org, RUNS_TO_COMPARE)
        survey = Survey(services, pack, order.as_of, store.seen_logics(org), kind)
        survey.all_deals(run)
        planning = Planning(run, survey.standpoints, survey.ledger, order.accepted)
        if kind is not RunKind.REPLAY:
            planning.held = _scope_drop(survey, earlier)
            planning.plan()
        is_partial = not survey.totals.is_complete
        totals = run.totals()
        run.commit(is_partial=is_partial, with_tracking=kind is RunKind.RUN)
        may_write = kind is RunKind.RUN and not planning.is_held
        applied = (
            write_plan(services, run, survey.allowance, only_creates=is_partial)
            if may_write
            else Applied()
        )
        status = _status(kind, planning, applied, is_partial=is_partial)
        timing = Timing(services.clock.now() - began, database_ahead)
        report = report_of(
            RunFacts(run.row, survey, planning, totals, applied, schema, timing), status
        )
        run.finish(status, report.body)
    return report


def _kind(order: RunOrder, server_time: datetime) -> RunKind:
    is_far = abs(order.as_of - server_time) > REPLAY_BEYOND
    return RunKind.REPLAY if is_far else order.kind


def _scope_drop(survey: Survey, earlier: Sequence[RunRow]) -> tuple[Hold, ...]:
    """Call a pull partial that brought far fewer deals than usual (promises 3).

    Only the streams count: deals read by id say nothing about what one left out.
    """
    read = survey.totals.read
    pulled = [pulled_by(row) for row in earlier]
    # A run that was held for bringing nothing must not make nothing usual.
    some = next(filter(None, pulled), 0)
    if read == 0 and some:
        return (Hold("scope_drop", 0, some),)
    is_known = len(pulled) >= RUNS_BEFORE_COMPARING
    usual = median(pulled) if is_known else 0
    if read * 100 < SCOPE_DROP_PERCENT * usual:
        survey.totals.problems.append(
            f"Only {read} deals came, usually about {usual:g}: nothing is"
            " resolved or closed in this run. Check the integration user's access and"
            " scope: in project.yaml."
        )
    return ()


def _status(
    kind: RunKind, planning: Planning, applied: Applied, *, is_partial: bool
) -> RunStatus:
    if kind is RunKind.REPLAY:
        return RunStatus.REPLAY
    if planning.is_held:
        return RunStatus.HELD
    if kind is RunKind.PLAN:
        return RunStatus.PARTIAL if is_partial else RunStatus.PLANNED
    if applied.stopped:
        return RunStatus.DEFERRED if applied.is_deferred else RunStatus.STOPPED
    is_unfinished = is_partial or applied.unknown or applied.put_off
    return RunStatus.PARTIAL if is_unfinished else RunStatus.DONE
