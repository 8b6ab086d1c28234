"""Windows and periods of time into closures, counted from the run's own moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, TypeGuard

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.core.catalogue import Kind
from gatekeeper.language.compiler.moments import (
    elapsed,
    midnight,
    move_date,
    period_bounds,
)
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.compiler.values import (
    OUT_OF_RANGE,
    as_date,
    either_blank,
    once_per_run,
)
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Deal, Row
    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree


def within_closure(node: typed.Within, tree: Tree) -> Asker:
    """Compile `value within last 14 days`: both ends are inside."""
    sign = -1 if node.direction == "last" else 1
    length = node.length
    if not isinstance(length, typed.Constant) or not _in_days(length.value):
        return _within_any(node, tree, sign)
    reach = length.value

    def bounds(ctx: Context) -> tuple[date, date]:
        edge = move_date(ctx.today, reach, sign, ctx.calendar)
        return (edge, ctx.today) if sign < 0 else (ctx.today, edge)

    return _inside(tree.value(node.value), bounds)


def _in_days(length: object) -> TypeGuard[Duration]:
    return isinstance(length, Duration) and length.unit is not TimeUnit.HOURS


def _inside(read: Reader, bounds: Callable[[Context], tuple[date, date]]) -> Asker:
    """Ask whether a value lies in days that are the same for every deal of a run.

    A moment is held against the moments at which the days begin and end, which
    spares working out its local date.
    """

    def edges(row: Row, deal: Deal, ctx: Context) -> object:
        try:
            first, last = bounds(ctx)
            return first, last, midnight(first, ctx), midnight(last + ONE_DAY, ctx)
        except (ArithmeticError, ValueError):
            return OUT_OF_RANGE

    known = once_per_run(edges)

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        value, days = read(row, deal, ctx), known(row, deal, ctx)
        if not isinstance(value, date) or not isinstance(days, tuple):
            return value if is_blank(value) else OUT_OF_RANGE
        first, last, begins, ends = days
        if isinstance(value, datetime):
            return bool(begins <= value < ends)
        return bool(first <= value <= last)

    return ask


_AGAINST_DAY: dict[str, Callable[[datetime, datetime, datetime], bool]] = {
    "=": lambda value, begins, ends: begins <= value < ends,
    "!=": lambda value, begins, ends: not begins <= value < ends,
    "<": lambda value, begins, ends: value < begins,
    "<=": lambda value, begins, ends: value < ends,
    ">": lambda value, begins, ends: value >= ends,
    ">=": lambda value, begins, ends: value >= begins,
}


def against_day(symbol: str, read: Reader, day: Reader) -> Asker:
    """Compile a comparison of a moment with a day that is the same for every deal.

    Args:
        symbol: One of the six comparisons.
        read: Gives the moment.
        day: Gives the day.
    """
    decide = _AGAINST_DAY[symbol]

    def edges(row: Row, deal: Deal, ctx: Context) -> object:
        found = day(row, deal, ctx)
        if not isinstance(found, date):
            return OUT_OF_RANGE
        try:
            return midnight(found, ctx), midnight(found + ONE_DAY, ctx)
        except (ArithmeticError, ValueError):
            return OUT_OF_RANGE

    known = once_per_run(edges)

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        value, bounds = read(row, deal, ctx), known(row, deal, ctx)
        if not isinstance(value, datetime) or not isinstance(bounds, tuple):
            return value if is_blank(value) else OUT_OF_RANGE
        return decide(value, *bounds)

    return ask


def _within_any(node: typed.Within, tree: Tree, sign: int) -> Asker:
    """Compile a window that a field chooses, or one of hours."""
    exact = tree.value(node.value)
    local = as_date(exact, node.value.kind)
    length = tree.value(node.length)
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
    which, period, fiscal = node.which, node.period, node.fiscal

    def bounds(ctx: Context) -> tuple[date, date]:
        return period_bounds(which, period, fiscal=fiscal, ctx=ctx)

    return _inside(tree.value(node.value), bounds)
