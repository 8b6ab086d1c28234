"""Violations of rules that left the pack, as a run would close them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from gatekeeper.core.model import State
from gatekeeper.ports import LookAlike
from gatekeeper.store.schema import staged_violation
from gatekeeper.store.statements import of_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import Scope

_RESOLVED = State.RESOLVED.value


def retired(connection: Connection, scope: Scope) -> dict[str, int]:
    """Count what resolves per rule that is not in the pack any more."""
    columns = staged_violation.c
    query = (
        select(columns.rule_id, func.count().label("violations"))
        .where(_is_retired(scope))
        .group_by(columns.rule_id)
    )
    return {row.rule_id: row.violations for row in connection.execute(query)}


def look_alikes(
    connection: Connection, scope: Scope, as_of: datetime
) -> Sequence[LookAlike]:
    """Pair each rule that left with rules that begin to fail on the same deals."""
    old, new = staged_violation, staged_violation.alias()
    begins = and_(
        new.c.org == old.c.org,
        new.c.run == old.c.run,
        new.c.deal_id == old.c.deal_id,
        new.c.pipeline == old.c.pipeline,
        new.c.state != _RESOLVED,
        new.c.first_seen == as_of,
        new.c.rule_id.in_(scope.rules),
    )
    query = (
        select(old.c.rule_id, new.c.rule_id, func.count())
        .join_from(old, new, begins)
        .where(_is_retired(scope))
        .group_by(old.c.rule_id, new.c.rule_id)
        .order_by(old.c.rule_id, new.c.rule_id)
    )
    return [LookAlike(*row) for row in connection.execute(query)]


def _is_retired(scope: Scope) -> ColumnElement[bool]:
    columns = staged_violation.c
    mine = of_run(staged_violation, *scope.key)
    return and_(mine, columns.state == _RESOLVED, columns.rule_id.not_in(scope.rules))
