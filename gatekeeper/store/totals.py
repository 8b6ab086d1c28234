"""Counts over the staged rows of a run; the database groups, we only add up."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from gatekeeper.core.model import Action, Outcome, State
from gatekeeper.ports import WITHOUT_END, RunKind, RunOutcomes, RunStatus, RunTotals
from gatekeeper.store.codec import texts_from
from gatekeeper.store.rows import NO_VERDICT, OUTCOMES
from gatekeeper.store.schema import (
    change,
    run,
    staged_deal,
    staged_violation,
    undecided,
    verdict_count,
)
from gatekeeper.store.staging import is_new_line
from gatekeeper.store.statements import insert_rows, of_run

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow, Scope


def totals(connection: Connection, scope: Scope) -> RunTotals:
    """Count everything that is staged in a run."""
    verdicts = _verdicts(connection, scope)
    states = _states(connection, scope)
    writable = and_(of_run(change, *scope.key), change.c.withheld == "")
    creates = and_(writable, change.c.action == Action.CREATE.value)
    return RunTotals(
        deals=count_deals(connection, scope),
        outcomes=_sums((outcome, n) for (_, outcome), n in verdicts.items()),
        states=states,
        actions=_grouped(connection, change.c.action, writable),
        first_fills=_count(connection, and_(writable, change.c.fills_empty)),
        per_person=_grouped(
            connection,
            change.c.person_id,
            and_(creates, change.c.person_id.is_not(None)),
        ),
        new_by_rule=_grouped(
            connection, staged_violation.c.rule_id, is_new_line(scope)
        ),
        applies_by_rule=_sums(
            (rule, n)
            for (rule, outcome), n in verdicts.items()
            if outcome in (Outcome.PASS, Outcome.FAIL)
        ),
        resolved=states.get(State.RESOLVED.value, 0),
        undecided=_count(connection, of_run(undecided, *scope.key)),
        withheld=_count(
            connection, and_(of_run(change, *scope.key), change.c.withheld != "")
        ),
    )


def count_deals(connection: Connection, scope: Scope) -> int:
    """Count the staged deals of a run."""
    return _count(connection, of_run(staged_deal, *scope.key))


def write_verdict_counts(connection: Connection, scope: Scope) -> None:
    """Write how often each rule had each outcome, per stage and owner.

    What does not apply is left out: half of all rows, and nobody reads them. A rule
    of the run without a row applied to no deal of that stage and owner.
    """
    columns = staged_deal.c
    mine = of_run(staged_deal, *scope.key)
    stages = select(columns.stage).where(mine).distinct()
    for stage in connection.execute(stages).scalars().all():
        by_owner = (
            select(columns.owner_id, columns.outcomes, func.count().label("deals"))
            .where(mine, columns.stage == stage)
            .group_by(columns.owner_id, columns.outcomes)
            .order_by(columns.owner_id)
        )
        rows = connection.execute(by_owner).all()
        for owner_id, group in groupby(rows, key=lambda row: row.owner_id):
            place = {"stage": stage, "owner_id": owner_id or ""}
            counts = _letters(group, scope.rules)
            insert_rows(
                connection,
                verdict_count,
                [
                    scope.owned(rule_id=rule, outcome=outcome.value, count=n, **place)
                    for (rule, outcome), n in counts.items()
                    if outcome is not Outcome.NOT_APPLICABLE
                ],
            )


_CUT_SHORT = frozenset({RunStatus.DEFERRED.value, RunStatus.STOPPED.value})


def outcomes(
    connection: Connection, org: str, since: datetime
) -> tuple[RunOutcomes, ...]:
    """Read how the rules went in the runs and plans as of `since` or later."""
    told = select(run).where(
        run.c.org == org,
        run.c.kind.in_([RunKind.RUN.value, RunKind.PLAN.value]),
        run.c.status.not_in([each.value for each in WITHOUT_END]),
        run.c.as_of >= since,
    )
    columns = verdict_count.c
    counted = (
        select(columns.rule_id, columns.outcome, func.sum(columns.count).label("deals"))
        .where(columns.org == org)
        .group_by(columns.rule_id, columns.outcome)
    )
    found: list[RunOutcomes] = []
    for row in connection.execute(told.order_by(run.c.as_of, run.c.number)):
        rows = connection.execute(counted.where(columns.run == row.number))
        counts = {(each.rule_id, each.outcome): int(each.deals) for each in rows}
        if not counts and row.status in _CUT_SHORT:
            continue  # it ended before it had judged anything
        found.append(RunOutcomes(row.as_of, texts_from(row.logics), counts))
    return tuple(found)


def _verdicts(connection: Connection, scope: Scope) -> Counter[tuple[str, Outcome]]:
    query = (
        select(staged_deal.c.outcomes, func.count().label("deals"))
        .where(of_run(staged_deal, *scope.key))
        .group_by(staged_deal.c.outcomes)
    )
    return _letters(connection.execute(query), scope.rules)


def _letters(
    rows: Iterable[AnyRow], rules: tuple[str, ...]
) -> Counter[tuple[str, Outcome]]:
    counts: Counter[tuple[str, Outcome]] = Counter()
    for row in rows:
        for rule, letter in zip(rules, row.outcomes, strict=True):
            if letter != NO_VERDICT:
                counts[rule, OUTCOMES[letter]] += row.deals
    return counts


def _states(connection: Connection, scope: Scope) -> dict[str, int]:
    return _grouped(
        connection, staged_violation.c.state, of_run(staged_violation, *scope.key)
    )


def _sums(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for name, n in pairs:
        sums[str(name)] += n
    return dict(sums)


def _grouped(
    connection: Connection, name: ColumnElement[str], chosen: ColumnElement[bool]
) -> dict[str, int]:
    query = select(name.label("name"), func.count().label("n"))
    rows = connection.execute(query.where(chosen).group_by(name))
    return {row.name: row.n for row in rows}


def _count(connection: Connection, chosen: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).where(chosen)).scalar_one()
