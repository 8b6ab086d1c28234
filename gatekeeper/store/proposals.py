"""The changes of a run: proposed, withheld, read back in writing order, copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, literal, null, select, update

from gatekeeper.core.model import Action, State
from gatekeeper.errors import StoreError
from gatekeeper.ports import MAY_STAND
from gatekeeper.store.rows import LEAST_URGENT, PLANNED, change_of, change_row
from gatekeeper.store.schema import (
    change,
    obligation,
    staged_deal,
    staged_obligation,
    staged_violation,
    undecided,
    violation,
)
from gatekeeper.store.statements import (
    PAGE,
    after,
    chunks,
    insert_missing,
    insert_rows,
    of_run,
    update_rows,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.engine import Connection

    from gatekeeper.core.model import Change
    from gatekeeper.ports import StagedChange
    from gatekeeper.store.database import Database
    from gatekeeper.store.rows import Scope

WRITING_ORDER = (change.c.turn, change.c.urgency, change.c.seq)

_VIOLATION = ("org", "pipeline", "rule_id", "deal_id")
_EPISODE = ("org", "deal_id", "role", "group", "episode")


def propose(
    connection: Connection, scope: Scope, changes: Sequence[Change], keys: Sequence[str]
) -> None:
    """Append changes to the plan, and keys of tasks that stay as they are.

    What was planned for the same keys before is replaced.
    """
    for chunk in chunks({proposed.key for proposed in changes}):
        again = and_(change.c.status == PLANNED, change.c.key.in_(chunk))
        connection.execute(delete(change).where(of_run(change, *scope.key), again))
    urgencies = _urgencies(connection, scope, changes)
    first = _last_seq(connection, scope) + 1
    rows = [
        scope.owned(**change_row(proposed, seq, urgency))
        for seq, (proposed, urgency) in enumerate(
            zip(changes, urgencies, strict=True), first
        )
    ]
    insert_rows(connection, change, rows)
    insert_missing(connection, undecided, [scope.owned(key=key) for key in keys])


def withhold(
    connection: Connection, scope: Scope, action: Action, reason: str, keep: int
) -> None:
    """Withhold the changes of one kind beyond the first `keep` in writing order.

    Of the flag changes only those that fill empty fields for the first time.
    """
    chosen = [_of_plan(scope), change.c.action == action.value]
    if action is Action.FLAG:
        chosen.append(change.c.fills_empty)
    surplus = select(change.c.seq).where(*chosen).order_by(*WRITING_ORDER).offset(keep)
    mine = and_(of_run(change, *scope.key), change.c.seq.in_(surplus))
    connection.execute(update(change).where(mine).values(withheld=reason))


def withhold_keys(
    connection: Connection, scope: Scope, reasons: Mapping[str, str]
) -> None:
    """Withhold the changes with these keys, each for its reason."""
    rows = [
        {
            "key_org": scope.org,
            "key_run": scope.run,
            "key_key": key,
            "withheld": reason,
        }
        for key, reason in reasons.items()
    ]
    update_rows(connection, change, ("org", "run", "key"), rows)


def written_before(
    connection: Connection, org: str, keys: Sequence[str], number: int
) -> dict[str, list[StagedChange]]:
    """Return what runs before a number wrote, or may have: by key, latest first."""
    found: dict[str, list[StagedChange]] = {}
    for chunk in chunks(keys):
        query = select(change).where(
            change.c.org == org,
            change.c.key.in_(chunk),
            change.c.run < number,
            change.c.status.in_(MAY_STAND),
        )
        for row in connection.execute(query.order_by(change.c.run.desc())):
            found.setdefault(row.key, []).append(change_of(row))
    return found


def written_since(
    connection: Connection, org: str, keys: Sequence[str], number: int
) -> set[str]:
    """Return the keys into which runs after a number wrote, or may have written."""
    found: set[str] = set()
    for chunk in chunks(keys):
        query = select(change.c.key).where(
            change.c.org == org,
            change.c.key.in_(chunk),
            change.c.run > number,
            change.c.status.in_(MAY_STAND),
        )
        found.update(connection.scalars(query))
    return found


def moved_since(connection: Connection, org: str, plan: int) -> set[str]:
    """Return the deals of which a line stands otherwise than the plan left it.

    Whatever a later run committed counts; not what stands as the plan itself has it.
    """
    same = _same(staged_violation, violation, _VIOLATION)
    is_known = exists().where(*same, staged_violation.c.run == plan, _stands_as_told())
    query = select(violation.c.deal_id).where(
        violation.c.org == org, violation.c.run > plan, ~is_known
    )
    return set(connection.scalars(query))


def planned(database: Database, scope: Scope) -> Iterator[StagedChange]:
    """Iterate what may be written and was not yet."""
    return _pages(database, and_(_of_plan(scope), change.c.status == PLANNED))


def changes_of_run(database: Database, org: str, run: int) -> Iterator[StagedChange]:
    """Iterate every change of a stored run, withheld ones included."""
    return _pages(database, of_run(change, org, run))


def adopt_plan(
    connection: Connection, scope: Scope, plan: int, without: Collection[str]
) -> None:
    """Copy the staged rows of a plan, but for the rows of some deals.

    What a later run has learned of a violation or task stays as it is.

    Raises:
        StoreError: The plan's rows are no longer kept.
    """
    _refuse_forgotten(connection, scope, plan)
    for table, moved in (
        (staged_deal, []),
        (staged_violation, [_violation_moved(plan)]),
        (staged_obligation, [_obligation_moved()]),
    ):
        chosen = [*_but_for(table, without), *(~each for each in moved)]
        _copy(connection, table, scope, plan, chosen)
    _copy(connection, undecided, scope, plan, [])
    offset = _last_seq(connection, scope)
    fresh = {
        "seq": change.c.seq + offset,
        "status": literal(PLANNED),
        "remote_id": null(),
        "code": literal(""),
        "message": literal(""),
    }
    _copy(connection, change, scope, plan, _but_for(change, without), fresh)


def _but_for(table: Table, deals: Collection[str]) -> list[ColumnElement[bool]]:
    return [table.c.deal_id.not_in(chunk) for chunk in chunks(deals)]


def _violation_moved(plan: int) -> ColumnElement[bool]:
    """Return the condition that a run after the plan changed the standing row."""
    same = _same(staged_violation, violation, _VIOLATION)
    return exists().where(*same, violation.c.run > plan, ~_stands_as_told())


def _stands_as_told() -> ColumnElement[bool]:
    """Return the condition that the standing row says what the staged one does."""
    told, stands = staged_violation.c, violation.c
    return and_(
        told.payload == stands.payload,
        told.waiting == stands.waiting,
        told.released_on.is_not_distinct_from(stands.released_on),
    )


def _obligation_moved() -> ColumnElement[bool]:
    same = _same(staged_obligation, obligation, _EPISODE)
    versions_differ = obligation.c.version != staged_obligation.c.version
    return exists().where(*same, versions_differ)


def _same(
    one: Table, other: Table, names: Sequence[str]
) -> Iterator[ColumnElement[bool]]:
    return (one.c[name] == other.c[name] for name in names)


def _copy(
    connection: Connection,
    table: Table,
    scope: Scope,
    plan: int,
    chosen: Sequence[ColumnElement[bool]],
    fresh: Mapping[str, ColumnElement[object]] | None = None,
) -> None:
    replaced: dict[str, ColumnElement[object]] = {"run": literal(scope.run)}
    replaced |= fresh or {}
    names = [column.name for column in table.columns]
    source = select(
        *(replaced[name] if name in replaced else table.c[name] for name in names)
    )
    source = source.where(of_run(table, scope.org, plan), *chosen)
    connection.execute(table.insert().from_select(names, source))


def _refuse_forgotten(connection: Connection, scope: Scope, plan: int) -> None:
    staged = select(func.count()).where(of_run(staged_deal, scope.org, plan))
    proposed = select(func.count()).where(of_run(change, scope.org, plan))
    is_kept = connection.execute(staged).scalar_one()
    if not is_kept and connection.execute(proposed).scalar_one():
        raise StoreError(
            f"The rows of plan number {plan} are no longer kept: too many runs came"
            " after it. Make a new plan."
        )


def _urgencies(
    connection: Connection, scope: Scope, changes: Sequence[Change]
) -> list[int]:
    """Return per change how urgent its worst open line is, else its deal's worst."""
    lines: dict[str, dict[str, int]] = {}
    columns = staged_violation.c
    for chunk in chunks({proposed.deal_id for proposed in changes}):
        query = select(columns.deal_id, columns.rule_id, columns.urgency).where(
            of_run(staged_violation, *scope.key),
            columns.state == State.OPEN.value,
            columns.deal_id.in_(chunk),
        )
        for row in connection.execute(query):
            lines.setdefault(row.deal_id, {})[row.rule_id] = row.urgency
    return [_urgency(lines.get(each.deal_id, {}), each.rule_ids) for each in changes]


def _urgency(lines: Mapping[str, int], rules: Sequence[str]) -> int:
    listed = [lines[rule] for rule in rules if rule in lines]
    return min(listed or lines.values(), default=LEAST_URGENT)


def _of_plan(scope: Scope) -> ColumnElement[bool]:
    return and_(of_run(change, *scope.key), change.c.withheld == "")


def _last_seq(connection: Connection, scope: Scope) -> int:
    query = select(func.max(change.c.seq)).where(of_run(change, *scope.key))
    return connection.execute(query).scalar() or 0


def _pages(database: Database, chosen: ColumnElement[bool]) -> Iterator[StagedChange]:
    query = select(change).where(chosen).order_by(*WRITING_ORDER).limit(PAGE)
    page = query
    while True:
        with database.reading() as connection:
            rows = connection.execute(page).all()
        yield from map(change_of, rows)
        if len(rows) < PAGE:
            return
        last = rows[-1]
        page = query.where(after(WRITING_ORDER, (last.turn, last.urgency, last.seq)))
