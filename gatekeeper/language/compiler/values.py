"""Typed values into closures.

Every closure takes the deal, the context and, inside a `where`, the row at hand, and
gives a value or a blank; it never raises.
"""

from __future__ import annotations

import operator
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import ONE_DAY
from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable, whole
from gatekeeper.language.compiler import calls as compiler_calls
from gatekeeper.language.compiler import chosen as compiler_chosen
from gatekeeper.language.compiler import history as compiler_history
from gatekeeper.language.compiler.chosen import localised
from gatekeeper.language.compiler.closures import (
    OUT_OF_RANGE,
    as_date,
    either_blank,
    unknown_of,
)
from gatekeeper.language.compiler.moments import move_date, move_moment
from gatekeeper.language.compiler.readers import (
    NO_ROW,
    Reader,
    field_reader,
    is_blank,
)
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Row
    from gatekeeper.language.compiler.tree import Tree

HUNDRED = Decimal(100)


def value_closure(node: typed.Value, tree: Tree) -> Reader:
    """Compile a value."""
    match node:
        case typed.Field():
            return field_reader(node)
        case typed.Constant():
            return _constant(node)
        case typed.Moment(which="today"):
            return lambda deal, ctx, row=NO_ROW: ctx.today
        case typed.Moment():
            return lambda deal, ctx, row=NO_ROW: ctx.now
        case typed.Undecided(param=name):
            undecided = Unavailable(f"${name} is undecided")
            return lambda deal, ctx, row=NO_ROW: undecided
        case typed.Chosen():
            return compiler_chosen.chosen_closure(node, tree)
        case _:
            return _derived(node, tree)


def _derived(node: typed.Value, tree: Tree) -> Reader:
    match node:
        case typed.Arithmetic():
            return _arithmetic(node, tree)
        case typed.Function():
            return compiler_calls.function_closure(node, tree)
        case typed.Aggregate():
            return tree.aggregate(node)
        case typed.Pattern():
            return compiler_calls.pattern_closure(node, tree)
        case typed.Condition(test=test):
            return tree.test(test)
        case typed.Past():
            return compiler_history.past_closure(node, tree)
    raise AssertionError(node)


def _constant(node: typed.Constant) -> Reader:
    value = node.value
    if isinstance(value, str):
        value = value.strip()

    def constant(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        return value

    return localised(constant) if node.kind is Kind.DATETIME else constant


# ---- arithmetic --------------------------------------------------------------------


def _arithmetic(node: typed.Arithmetic, tree: Tree) -> Reader:
    left, right = tree.value(node.left), tree.value(node.right)
    step = _step(node)
    usual: type = Decimal
    if step is _days_apart:
        usual = date
        left = as_date(left, node.left.kind)
        right = as_date(right, node.right.kind)

    def compute(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        first, second = left(deal, ctx, row), right(deal, ctx, row)
        is_usual = first.__class__ is usual and second.__class__ is usual
        if not is_usual and (is_blank(first) or is_blank(second)):
            return unknown_of(either_blank(first, second))
        try:
            return step(first, second, ctx)
        except ZeroDivisionError:
            return EMPTY
        except (ArithmeticError, ValueError, TypeError):
            return OUT_OF_RANGE

    return compute


def _step(node: typed.Arithmetic) -> Callable[[object, object, Context], object]:
    kinds = node.left.kind, node.right.kind
    if Kind.DURATION in kinds and node.kind is Kind.DURATION:
        return _times
    if node.kind in {Kind.DATE, Kind.DATETIME}:
        sign = 1 if node.operator == "+" else -1
        return lambda day, length, ctx: _moved(day, length, sign, ctx)
    if node.left.kind in {Kind.DATE, Kind.DATETIME}:
        exact = node.kind is Kind.DURATION
        return _time_apart if exact else _days_apart
    return _number_step(node)


def _number_step(
    node: typed.Arithmetic,
) -> Callable[[object, object, Context], object]:
    apply = _OPERATORS[node.operator]
    share = _share_of(node)

    def step(left: object, right: object, ctx: Context) -> object:
        number = apply(left, right)
        if share is not None:
            number = operator.mul(number, share)
        if isinstance(number, Decimal) and not number.is_finite():
            return OUT_OF_RANGE
        return number

    return step


def _divide(left: object, right: object) -> object:
    if right == 0:
        raise ZeroDivisionError
    return operator.truediv(left, right)


_OPERATORS: dict[str, Callable[[object, object], object]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
}


def _share_of(node: typed.Arithmetic) -> Decimal | None:
    """Percentages count in points, so some products are a hundred times too large."""
    left, right = node.left.kind is Kind.PERCENT, node.right.kind is Kind.PERCENT
    if node.operator == "*":
        is_share = (left and right) or ((left or right) and node.kind is Kind.MONEY)
        return 1 / HUNDRED if is_share else None
    return HUNDRED if node.operator == "/" and right and not left else None


def _moved(day: object, length: object, sign: int, ctx: Context) -> object:
    if isinstance(length, timedelta) and isinstance(day, date):
        return day + sign * _whole_days(day, length)
    if not isinstance(length, Duration):
        raise TypeError
    if isinstance(day, datetime):
        return move_moment(day, length, sign, ctx)
    if not isinstance(day, date):
        raise TypeError
    return move_date(day, length, sign, ctx.calendar)


def _whole_days(day: date, length: timedelta) -> timedelta:
    """Leave hours out of a length that a date is moved by; it has none."""
    return length if isinstance(day, datetime) else int(length / ONE_DAY) * ONE_DAY


def _days_apart(left: object, right: object, ctx: Context) -> object:
    if not isinstance(left, date) or not isinstance(right, date):
        raise TypeError
    return whole((left - right).days)


def _time_apart(left: object, right: object, ctx: Context) -> object:
    if not isinstance(left, datetime) or not isinstance(right, datetime):
        raise TypeError
    return left - right


def _times(left: object, right: object, ctx: Context) -> object:
    """Multiply a length of time, to whole units; one of a field to its last digit."""
    length, factor = (right, left) if isinstance(left, Decimal) else (left, right)
    if not isinstance(factor, Decimal):
        raise TypeError
    if isinstance(length, timedelta):
        return timedelta.resolution * _rounded(length // timedelta.resolution, factor)
    if not isinstance(length, Duration):
        raise TypeError
    count = _rounded(length.count, factor)
    return Duration(count, length.unit, length.business, length.span)


def _rounded(count: int, factor: Decimal) -> int:
    return int((count * factor).to_integral_value(ROUND_HALF_UP))
