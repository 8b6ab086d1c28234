"""The commit of a run over the tables in memory: staged becomes standing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import ObligationState, State
from gatekeeper.errors import StoppedError
from gatekeeper.ports import RunKind
from tests.simulation.core.tables import (
    LedgerRow,
    Standing,
    episode_of,
    outcomes_by_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Obligation, Violation
    from tests.simulation.core.run import DictRun
    from tests.simulation.core.tables import Staged, Tables
    from tests.simulation.invariants import Place

KEPT_RUNS = 20


def fold(run: DictRun, *, is_partial: bool, with_tracking: bool) -> None:
    """Make the staged rows of a run what stands."""
    tables, staged = run.tables, run.staged
    if with_tracking:
        _refuse_moved(run)
        _fold_violations(run, is_partial=is_partial)
        _drop_former(run)
        _fold_obligations(run)
        _fold_sightings(run, is_partial=is_partial)
        outdated = [
            subject
            for subject, each in tables.quarantine.items()
            if each.is_set and each.is_outdated(run.row.logics)
        ]
        tables.release(outdated)
    counts = outcomes_by_name(staged.deals.values())
    tables.outcomes[run.number] = {
        (rule_id, outcome.value): count for (rule_id, outcome), count in counts.items()
    }
    if run.row.kind in (RunKind.RUN, RunKind.PLAN):
        tables.seen |= set(run.row.logics.items())
    tables.runs[run.number] = replace(run.row, deals=len(staged.deals))
    numbers = sorted((each for each in tables.runs if each <= run.number), reverse=True)
    for number in list(tables.staged):
        if number in numbers[KEPT_RUNS:]:
            del tables.staged[number]


def _refuse_moved(run: DictRun) -> None:
    for staged in run.staged.obligations.values():
        if has_moved(run.tables, staged):
            raise StoppedError(
                f"The task of deal {staged.id.deal_id} changed in the database while"
                " this run was reading. Nothing was stored; run or plan again."
            )


def _fold_violations(run: DictRun, *, is_partial: bool) -> None:
    standing = run.tables.violations
    for place, proved in run.staged.proved.items():
        known = standing.get(place)
        if known is None or not known.violation.is_live:
            standing[place] = Standing(proved, run.number)
    for place, violation in run.staged.violations.items():
        is_over = violation.state is State.RESOLVED
        if is_over and (is_partial or violation.rule_id in run.kept):
            continue
        known = standing.get(place)
        if known is None or known.violation != violation:
            standing[place] = Standing(violation, run.number)
    _replace_other_pipelines(run, standing, run.staged.violations)


def _replace_other_pipelines(
    run: DictRun, standing: dict[Place, Standing], staged: Mapping[Place, Violation]
) -> None:
    """Drop a live row whose rule fails for the same deal in another pipeline now."""
    pipelines = {place[:2]: place[2] for place, each in staged.items() if each.is_live}
    for place, each in list(standing.items()):
        now_in = pipelines.get(place[:2], place[2])
        if now_in != place[2] and each.violation.is_live and each.run != run.number:
            del standing[place]


def _drop_former(run: DictRun) -> None:
    standing = run.tables.violations
    for former, rule_id in run.renamed.items():
        for deal_id, rule, pipeline in list(standing):
            if rule == former and (deal_id, rule_id, pipeline) in standing:
                del standing[deal_id, rule, pipeline]


def _fold_obligations(run: DictRun) -> None:
    for episode, adopted in run.staged.adopted.items():
        row = run.tables.obligations.get(episode)
        is_free = row is None or row.obligation.state is ObligationState.INTENT
        if episode not in run.staged.obligations and is_free:
            _put(run, adopted)
    for obligation in run.staged.obligations.values():
        _put(run, obligation)


def _put(run: DictRun, obligation: Obligation) -> None:
    episode = episode_of(obligation)
    row = run.tables.obligations.get(episode)
    if row is None:
        fresh = replace(obligation, version=1)
        run.tables.obligations[episode] = LedgerRow(fresh, run.fence)
        return
    known = row.obligation
    after = replace(
        known,
        state=obligation.state,
        remote_id=obligation.remote_id,
        closed_at=obligation.closed_at,
        due_on=obligation.due_on,
        version=known.version + 1,
    )
    run.tables.obligations[episode] = replace(row, obligation=after, fence=run.fence)


def _fold_sightings(run: DictRun, *, is_partial: bool) -> None:
    if run.row.kind is not RunKind.RUN:
        return
    tables = run.tables
    for deal in run.staged.deals.values():
        for name, sighted in deal.sightings.items():
            known = tables.sightings.setdefault(deal.deal_id, {})
            if sighted is None:
                known.pop(name, None)
            else:
                known[name] = sighted
    if is_partial:
        return
    for deal_id in tables.sightings.keys() - run.staged.deals.keys():
        del tables.sightings[deal_id]
    if tables.looked_at is None or tables.looked_at < run.row.as_of:
        tables.looked_at = run.row.as_of


def take_over(
    staged: Staged, old: Staged, tables: Tables, plan: int, without: set[str]
) -> None:
    """Copy the staged rows of a plan, but for some deals and for what moved since."""
    for deal_id, deal in old.deals.items():
        if deal_id not in without:
            staged.deals[deal_id] = deal
    for place, violation in old.violations.items():
        known = tables.violations.get(place)
        has_moved_on = known and known.run > plan and known.violation != violation
        if place[0] not in without and not has_moved_on:
            staged.violations[place] = violation
    for episode, obligation in old.obligations.items():
        if episode[0] not in without and not has_moved(tables, obligation):
            staged.obligations[episode] = obligation
    staged.undecided |= old.undecided


def has_moved(tables: Tables, staged: Obligation) -> bool:
    """Whether the row changed since it was read."""
    row = tables.obligations.get(episode_of(staged))
    return row is not None and row.obligation.version != staged.version
