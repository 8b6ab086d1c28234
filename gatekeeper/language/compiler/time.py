"""Windows and periods of time into closures, counted from the run's own moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeGuard

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import Unavailable
from gatekeeper.language.compiler import one_field
from gatekeeper.language.compiler.closures import (
    OUT_OF_RANGE,
    as_date,
    either_blank,
    once_per_run,
)
from gatekeeper.language.compiler.logic import opposite
from gatekeeper.language.compiler.moments import (
    elapsed,
    midnight,
    move_date,
    period_bounds,
)
from gatekeeper.language.compiler.readers import NO_ROW, is_blank
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration, TimeUnit

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Answer, Deal, Row
    from gatekeeper.language.compiler.one_field import Span, SpanOf
    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree


INSTANT = timedelta.resolution
BEYOND = Unavailable("the fiscal calendar does not reach that far")


def within_closure(node: typed.Within, tree: Tree) -> Asker:
    """Compile `value within last 14 days`: both ends are inside."""
    sign = -1 if node.direction == "last" else 1
    length = node.length
    if not isinstance(length, typed.Constant) or not _in_days(length.value):
        return _within_any(node, tree, sign)
    reach = length.value

    def bounds(ctx: Context) -> Span:
        return _from_today(reach, sign, ctx)

    return _inside(node.value, bounds, tree)


def _from_today(reach: Duration, sign: int, ctx: Context) -> Span:
    """Return the first and the last of the days up to a length away."""
    edge = move_date(ctx.today, reach, sign, ctx.calendar)
    return min(edge, ctx.today), max(edge, ctx.today)


def _in_days(length: object) -> TypeGuard[Duration]:
    return isinstance(length, Duration) and length.unit is not TimeUnit.HOURS


def _inside(
    node: typed.Value,
    bounds: Callable[[Context], Span],
    tree: Tree,
    beyond: Unavailable = OUT_OF_RANGE,
) -> Asker:
    """Ask whether a value lies in days that are the same for every deal of a run.

    Where no calendar holds those days the answer is `beyond`. A moment is held against
    the moments at which the days begin and end, which spares working out its local
    date.
    """
    read = tree.value(node)

    def moments(ctx: Context) -> Span | None:
        try:
            first, last = bounds(ctx)
            return midnight(first, ctx), midnight(last + ONE_DAY, ctx) - INSTANT
        except (ArithmeticError, ValueError):
            return None

    def days(ctx: Context) -> Span | None:
        return bounds(ctx) if moments(ctx) else None

    known_moments, known_days = _once_per_run(moments), _once_per_run(days)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = read(deal, ctx, row)
        if isinstance(value, datetime):
            return _lies_in(value, known_moments(deal, ctx), beyond)
        if isinstance(value, date):
            return _lies_in(value, known_days(deal, ctx), beyond)
        return value if is_blank(value) else OUT_OF_RANGE

    if not one_field.is_plain(node):
        return ask
    span_of = moments if node.kind is Kind.DATETIME else days
    return one_field.in_span(node, span_of, ask)


def _once_per_run(span_of: SpanOf) -> Reader:
    return once_per_run(lambda deal, ctx, row=NO_ROW: span_of(ctx))


def _lies_in(value: date, span: object, beyond: Unavailable = OUT_OF_RANGE) -> Answer:
    if not isinstance(span, tuple):
        return beyond
    return bool(span[0] <= value <= span[1])


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_SPANS: dict[str, Callable[[datetime, datetime], Span]] = {
    "=": lambda begins, ends: (begins, ends),
    "<": lambda begins, ends: (_FIRST, begins - INSTANT),
    "<=": lambda begins, ends: (_FIRST, ends),
    ">": lambda begins, ends: (ends + INSTANT, _LAST),
    ">=": lambda begins, ends: (begins, _LAST),
}
"""Which moments are in a relation to a day, given its first and its last moment."""


def against_day(symbol: str, node: typed.Value, day: typed.Value, tree: Tree) -> Asker:
    """Compile a comparison of a moment with a day that is the same for every deal.

    Args:
        symbol: One of the six comparisons.
        node: Gives the moment.
        day: Gives the day.
        tree: The line's closures.
    """
    if symbol == "!=":
        return opposite(against_day("=", node, day, tree))
    read, day_of, in_relation = tree.value(node), _day_of(day), _SPANS[symbol]

    def moments(ctx: Context) -> Span | None:
        try:
            first = day_of(ctx)
            ends = midnight(first + ONE_DAY, ctx) - INSTANT
            return in_relation(midnight(first, ctx), ends)
        except (ArithmeticError, ValueError):
            return None

    known = _once_per_run(moments)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = read(deal, ctx, row)
        if isinstance(value, datetime):
            return _lies_in(value, known(deal, ctx))
        return value if is_blank(value) else OUT_OF_RANGE

    if one_field.is_plain(node):
        return one_field.in_span(node, moments, ask)
    return ask


def _day_of(node: typed.Value) -> Callable[[Context], date]:
    """Read a day that is the same for every deal of a run."""
    if isinstance(node, typed.Constant) and isinstance(node.value, date):
        fixed = node.value
        return lambda ctx: fixed
    return lambda ctx: ctx.today


def _within_any(node: typed.Within, tree: Tree, sign: int) -> Asker:
    """Compile a window that a field chooses, or one of hours."""
    exact = tree.value(node.value)
    local = as_date(exact, node.value.kind)
    length = tree.value(node.length)
    has_hours = node.value.kind is Kind.DATETIME

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        reach = length(deal, ctx, row)
        in_hours = isinstance(reach, Duration) and reach.unit is TimeUnit.HOURS
        value = (exact if in_hours and has_hours else local)(deal, ctx, row)
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
    return _lies_in(value, _from_today(reach, sign, ctx))


def period_closure(node: typed.InPeriod, tree: Tree) -> Asker:
    """Compile `value in this fiscal quarter`."""
    which, period, fiscal = node.which, node.period, node.fiscal

    def bounds(ctx: Context) -> Span:
        return period_bounds(which, period, fiscal=fiscal, ctx=ctx)

    return _inside(node.value, bounds, tree, BEYOND if fiscal else OUT_OF_RANGE)
