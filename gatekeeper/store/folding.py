"""The commit of a run: its staged rows become what stands, and only where they differ.

Everything here happens inside the caller's one transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, literal, or_, select

from gatekeeper.core.model import ObligationState, State
from gatekeeper.errors import StoppedError
from gatekeeper.store.schema import (
    STAGING,
    adopted_obligation,
    adopted_violation,
    obligation,
    run,
    staged_obligation,
    staged_violation,
    violation,
)
from gatekeeper.store.statements import of_run, upsert

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection
    from sqlalchemy.sql.base import ReadOnlyColumnCollection

    from gatekeeper.store.rows import Scope

    Columns = ReadOnlyColumnCollection[str, ColumnElement[object]]

KEPT_RUNS = 20

_EPISODE = ("org", "deal_id", "role", "group", "episode")
_RESOLVED = State.RESOLVED.value


def fold_violations(
    connection: Connection, scope: Scope, kept: Collection[str], *, is_partial: bool
) -> None:
    """Fold the adopted and staged violations; without resolutions when partial.

    Args:
        connection: The commit's transaction.
        scope: The run.
        kept: Rules of which nothing is resolved.
        is_partial: Whether the run may have missed deals.
    """
    adopted = of_run(adopted_violation, *scope.key)
    _fold(connection, adopted_violation, adopted, _is_resolved)
    staged = of_run(staged_violation, *scope.key)
    if is_partial:
        staged = and_(staged, staged_violation.c.state != _RESOLVED)
    if kept:
        is_kept = staged_violation.c.rule_id.in_(kept)
        staged = and_(staged, or_(staged_violation.c.state != _RESOLVED, ~is_kept))
    _fold(connection, staged_violation, staged, _differs)
    _replace_other_pipelines(connection, scope)


def drop_former(connection: Connection, org: str, renamed: Mapping[str, str]) -> None:
    """Drop the row of a rule's former id where the present one has taken over."""
    present = violation.alias()
    for former, rule_id in renamed.items():
        has_taken_over = exists().where(
            present.c.org == violation.c.org,
            present.c.deal_id == violation.c.deal_id,
            present.c.pipeline == violation.c.pipeline,
            present.c.rule_id == rule_id,
        )
        old = and_(violation.c.org == org, violation.c.rule_id == former)
        connection.execute(delete(violation).where(old, has_taken_over))


def fold_obligations(connection: Connection, scope: Scope, fence: int) -> None:
    """Fold adopted and changed episodes, by compare-and-swap on their version.

    Raises:
        StoppedError: A row moved on since this run read it.
    """
    _refuse_moved(connection, scope)
    changed_too = exists().where(
        *(staged_obligation.c[name] == adopted_obligation.c[name] for name in _EPISODE),
        staged_obligation.c.run == adopted_obligation.c.run,
    )
    adopted = and_(of_run(adopted_obligation, *scope.key), ~changed_too)
    is_intent = obligation.c.state == ObligationState.INTENT.value
    _fold_episodes(connection, adopted_obligation, adopted, fence, is_intent)
    staged = of_run(staged_obligation, *scope.key)
    _fold_episodes(connection, staged_obligation, staged, fence, None)


def forget_old_runs(
    connection: Connection, scope: Scope, spared: Sequence[int]
) -> None:
    """Delete the staged rows of runs before the last 20, but for those spared.

    Args:
        connection: The commit's transaction.
        scope: The run.
        spared: Numbers of runs that are still read, however many came after them.
    """
    # Their numbers may have gaps: after a restore they go on above those on the tasks.
    numbers = select(run.c.number).where(run.c.org == scope.org)
    upto = numbers.where(run.c.number <= scope.run).order_by(run.c.number.desc())
    newest_old = connection.execute(upto.limit(1).offset(KEPT_RUNS)).scalar()
    if newest_old is None:
        return
    for table in STAGING:
        old = and_(table.c.org == scope.org, table.c.run <= newest_old)
        forgotten = delete(table).where(old, table.c.run.not_in(spared))
        connection.execute(forgotten)


def _fold(
    connection: Connection,
    source: Table,
    chosen: ColumnElement[bool],
    replaces: Callable[[Columns], ColumnElement[bool]],
) -> None:
    names = [column.name for column in violation.columns]
    statement = upsert(connection, violation).from_select(
        names, select(*(source.c[name] for name in names)).where(chosen)
    )
    key = [column.name for column in violation.primary_key]
    values = {name: statement.excluded[name] for name in names if name not in key}
    where = replaces(statement.excluded)
    connection.execute(
        statement.on_conflict_do_update(index_elements=key, set_=values, where=where)
    )


def _is_resolved(_excluded: Columns) -> ColumnElement[bool]:
    return violation.c.state == _RESOLVED


def _differs(excluded: Columns) -> ColumnElement[bool]:
    return or_(
        violation.c.payload != excluded.payload,
        violation.c.waiting != excluded.waiting,
        violation.c.released_on.is_distinct_from(excluded.released_on),
    )


def _replace_other_pipelines(connection: Connection, scope: Scope) -> None:
    """Drop a live row whose rule fails for the same deal in another pipeline now.

    A complete run has resolved it already; in a partial one, which resolves nothing,
    it would stand twice.
    """
    moved = exists().where(
        of_run(staged_violation, *scope.key),
        staged_violation.c.deal_id == violation.c.deal_id,
        staged_violation.c.rule_id == violation.c.rule_id,
        staged_violation.c.pipeline != violation.c.pipeline,
        staged_violation.c.state != _RESOLVED,
    )
    replaced = and_(
        violation.c.org == scope.org,
        violation.c.state != _RESOLVED,
        violation.c.run != scope.run,
        moved,
    )
    connection.execute(delete(violation).where(replaced))


def _refuse_moved(connection: Connection, scope: Scope) -> None:
    same = and_(*(staged_obligation.c[name] == obligation.c[name] for name in _EPISODE))
    query = (
        select(obligation.c.deal_id)
        .join_from(staged_obligation, obligation, same)
        .where(
            of_run(staged_obligation, *scope.key),
            staged_obligation.c.version != obligation.c.version,
        )
        .limit(1)
    )
    moved = connection.execute(query).scalar()
    if moved is not None:
        raise StoppedError(
            f"The task of deal {moved} changed in the database while this run was"
            " reading. Nothing was stored; run or plan again."
        )


def _fold_episodes(
    connection: Connection,
    source: Table,
    chosen: ColumnElement[bool],
    fence: int,
    replaces: ColumnElement[bool] | None,
) -> None:
    names = [column.name for column in source.columns if column.name != "run"]
    given = [source.c[name] for name in names if name != "version"]
    names = [name for name in names if name != "version"]
    query = select(*given, literal(1), literal(fence)).where(chosen)
    statement = upsert(connection, obligation).from_select(
        [*names, "version", "fence"], query
    )
    values = {
        "state": statement.excluded.state,
        "remote_id": statement.excluded.remote_id,
        "closed_at": statement.excluded.closed_at,
        "due_on": statement.excluded.due_on,
        "version": obligation.c.version + 1,
        "fence": statement.excluded.fence,
    }
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=_EPISODE, set_=values, where=replaces
        )
    )
