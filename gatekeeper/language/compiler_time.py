"""Windows and periods of time into closures, counted from the run's own moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.compiler_values import OUT_OF_RANGE, as_date, either_blank
from gatekeeper.language.moments import elapsed, move_date, period_bounds
from gatekeeper.language.readers import is_blank
from gatekeeper.language.syntax import Duration, TimeUnit

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Deal, Row
    from gatekeeper.language import typed
    from gatekeeper.language.compiler_rows import Asker
    from gatekeeper.language.compiler_tree import Tree


def within_closure(node: typed.Within, tree: Tree) -> Asker:
    """Compile `value within last 14 days`: both ends are inside."""
    exact = tree.value(node.value)
    local = as_date(exact, node.value.kind)
    length = tree.value(node.length)
    sign = -1 if node.direction == "last" else 1
    has_hours = node.value.kind is Kind.DATETIME

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        reach = length(row, deal, ctx)
        in_hours = isinstance(reach, Duration) and reach.unit is TimeUnit.HOURS
        value = (exact if in_hours and has_hours else local)(row, deal, ctx)
        if is_blank(value) or is_blank(reach):
            return either_blank(value, reach)
        if not isinstance(reach, Duration):
            return OUT_OF_RANGE
        try:
            if in_hours:
                return _within_hours(value, reach, sign, ctx)
            return _within_days(value, reach, sign, ctx)
        except (ArithmeticError, ValueError):
            return OUT_OF_RANGE

    return ask


def _within_hours(value: object, reach: Duration, sign: int, ctx: Context) -> Answer:
    span = elapsed(reach)
    if not isinstance(value, datetime) or span is None:
        return OUT_OF_RANGE
    ahead = (value - ctx.now) * sign
    return timedelta(0) <= ahead <= span


def _within_days(value: object, reach: Duration, sign: int, ctx: Context) -> Answer:
    if not isinstance(value, date):
        return OUT_OF_RANGE
    edge = move_date(ctx.today, reach, sign, ctx.calendar)
    first, last = (edge, ctx.today) if sign < 0 else (ctx.today, edge)
    return first <= value <= last


def period_closure(node: typed.InPeriod, tree: Tree) -> Asker:
    """Compile `value in this fiscal quarter`."""
    read = as_date(tree.value(node.value), node.value.kind)
    which, period, fiscal = node.which, node.period, node.fiscal

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        value = read(row, deal, ctx)
        if not isinstance(value, date):
            return value if is_blank(value) else OUT_OF_RANGE
        try:
            first, last = period_bounds(which, period, fiscal=fiscal, ctx=ctx)
        except (ArithmeticError, ValueError):
            return OUT_OF_RANGE
        return first <= value <= last

    return ask
