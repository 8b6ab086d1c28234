"""Conditions that hold one value against others: comparisons and choices."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker.advice import instead_of_number
from gatekeeper.language.checker.choices import (
    choices_of,
    holds_several,
    is_bare_word,
)
from gatekeeper.language.checker.lengths import Side, odd_length, said_of_length
from gatekeeper.language.checker.literals import adapt, spoken
from gatekeeper.language.checker.values import (
    assume,
    mismatch,
)
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.typed_values import ranks_of
from gatekeeper.language.types import (
    DATES,
    MIRRORED,
    NUMBERS,
    SYMBOLS,
    Reading,
    reading_of,
    with_article,
)

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checking

_ONE_AFTER_ANOTHER = frozenset({Reading.DATE, Reading.DATETIME, Reading.STAGE})
_MAY_HAVE_NO_ORDER = frozenset({Reading.TEXT, Reading.YES_NO, Reading.USER})


def compare(node: syntax.Compare, checking: Checking) -> typed.Test | None:
    """Check `left operator right`."""
    left = checking.value(node.left)
    if left is None and checking.is_trial:
        return None  # one mistake is enough
    right = _right_of(node, left, checking)
    if left is None or right is None:
        return None
    symbol = SYMBOLS[node.operator]
    sides = (node.left, node.right)
    if isinstance(left, typed.Constant) and not isinstance(right, typed.Constant):
        left, right, symbol, sides = right, left, MIRRORED[symbol], sides[::-1]
    if holds_several((left, right), sides, checking):
        return None
    left, right = assume(left, right.kind), assume(right, left.kind)
    right = adapt(right, left, (sides[1], sides[0]), checking)
    reading = _reading(left, right)
    if reading is None:
        _explain_mismatch(node, (left, right), sides, checking)
        return None
    if symbol in {"=", "!="}:
        return typed.Compare(symbol, left, right, reading)
    ordered = _ordered(reading, (left, right), node, checking)
    if ordered is None or _is_no_time(node, ordered, (left, right), sides, checking):
        return None
    return typed.Compare(symbol, left, right, ordered)


def _right_of(
    node: syntax.Compare, left: typed.Value | None, checking: Checking
) -> typed.Value | None:
    if is_bare_word(node.right, left, checking):
        return None
    is_yes_no = left is not None and left.kind is Kind.YES_NO
    if is_yes_no and _is_yes(node.right):
        _write_state(node, spoken(node.left), checking)
        return None
    return checking.value(node.right)


def _is_yes(node: syntax.Value) -> bool:
    return isinstance(node, syntax.Name) and node.text.lower() == "yes"


def _write_state(node: syntax.Compare, name: str, checking: Checking) -> None:
    """Note E415: a yes/no field is true or false."""
    text = f'{name} is yes/no; write "{name} is true".'
    checking.report("E415", text, node.span)


def _is_no_time(
    node: syntax.Compare,
    reading: Reading,
    values: tuple[typed.Value, typed.Value],
    sides: tuple[syntax.Value, ...],
    checking: Checking,
) -> bool:
    """Note E411 for `amount after 5`: these words are about dates and stages."""
    if node.operator == SYMBOLS[node.operator] or reading in _ONE_AFTER_ANOTHER:
        return False
    value, side = values[0], sides[0]
    if value.kind is None:
        value, side = values[1], sides[1]
    text = f"{spoken(side)} is {with_article(value.kind)}, not a date or a stage."
    remedy = f"{spoken(node.left)} {SYMBOLS[node.operator]} {spoken(node.right)}"
    checking.report("E411", text, node.span, remedy)
    return True


def _reading(left: typed.Value, right: typed.Value) -> Reading | None:
    reading = reading_of(left.kind, right.kind)
    return None if reading and odd_length(reading, left, right) else reading


def _mismatch(
    left: Side, right: Side, checking: Checking, operator: str = "<="
) -> None:
    """Note E411: a length that cannot be compared, or two sides that do not meet."""
    reading = reading_of(left[1].kind, right[1].kind)
    said = said_of_length(reading, left, right, operator)
    if said is None:
        mismatch(*left, right, checking)
        return
    checking.report("E411", said[0], left[0].span | right[0].span, said[1])


def _explain_mismatch(
    node: syntax.Compare,
    values: tuple[typed.Value, typed.Value],
    sides: tuple[syntax.Value, ...],
    checking: Checking,
) -> None:
    left, right = values
    name = spoken(sides[0])
    if left.kind is Kind.YES_NO and isinstance(right, typed.Constant):
        _write_state(node, name, checking)
        return
    other = spoken(sides[1])
    symbol = SYMBOLS[node.operator]
    symbol = symbol if sides[0] is node.left else MIRRORED[symbol]
    remedy = None
    if left.kind in DATES and right.kind is Kind.NUMBER:
        remedy = instead_of_number(name, symbol, sides[1])
    elif left.kind in DATES and right.kind is Kind.DURATION:
        remedy = f"{name} within last {other}, or {name} before today - {other}"
    elif isinstance(sides[1], syntax.Text) and _needs_no_quotes(left, sides[1]):
        remedy = f"{name} {symbol} {sides[1].value}"
    if remedy is None:
        _mismatch((sides[0], left), (sides[1], right), checking, symbol)
    else:
        mismatch(sides[0], left, (sides[1], right), checking, remedy)


def _needs_no_quotes(value: typed.Value, text: syntax.Text) -> bool:
    """Whether a quoted date or number would fit without its quotes."""
    try:
        if value.kind in DATES:
            date.fromisoformat(text.value)
        else:
            Decimal(text.value)
    except (ValueError, ArithmeticError):
        return False
    return value.kind in DATES or value.kind in NUMBERS


def _ordered(
    reading: Reading,
    values: tuple[typed.Value, typed.Value],
    node: syntax.Compare | syntax.Between,
    checking: Checking,
) -> Reading | None:
    """Return how the two are ordered; None after E412 was noted."""
    if reading not in _MAY_HAVE_NO_ORDER:
        return reading
    left, right = values
    if reading is Reading.TEXT and any(ranks_of(each) is not None for each in values):
        return Reading.RANK
    word = node.operator if isinstance(node, syntax.Compare) else "between"
    value = node.left if isinstance(node, syntax.Compare) else node.value
    span = node.operator_span if isinstance(node, syntax.Compare) else node.span
    kind = left.kind or right.kind
    text = f'{with_article(kind)} has no order: "{word}" cannot be used with'
    remedy = None
    if kind is Kind.PICKLIST:
        remedy = "write ordered: true at the field in fields.yaml, or compare with ="
    checking.report("E412", f"{text} {spoken(value)}.", span, remedy)
    return None


def between(node: syntax.Between, checking: Checking) -> typed.Test | None:
    """Check `value between low and high`."""
    value = checking.value(node.value)
    low, high = checking.value(node.low), checking.value(node.high)
    if value is None or low is None or high is None:
        return None
    value = assume(value, low.kind)
    low = adapt(low, value, (node.low, node.value), checking)
    high = adapt(high, value, (node.high, node.value), checking)
    readings = []
    for bound, bound_node in ((low, node.low), (high, node.high)):
        reading = _reading(value, bound)
        if reading is None:
            _mismatch((node.value, value), (bound_node, bound), checking)
            return None
        readings.append(_ordered(reading, (value, bound), node, checking))
    first, second = readings
    if first is None or second is None:
        return None
    if first is not second:
        return typed.And(
            (
                typed.Compare(">=", value, low, first),
                typed.Compare("<=", value, high, second),
            )
        )
    return typed.Between(value, low, high, first)


# ---- choices ---------------------------------------------------------------------


def member(node: syntax.In, checking: Checking) -> typed.Test | None:
    """Check `value in [..]`."""
    value = checking.value(node.value)
    choices = choices_of(node.choices, value, checking)
    if value is None or choices is None:
        return None
    if holds_several((value,), (node.value,), checking):
        return None
    adapted = []
    reading: Reading | None = Reading.TEXT
    for choice, choice_node in choices:
        value = assume(value, choice.kind)
        fitting = adapt(choice, value, (choice_node, node.value), checking)
        reading = _reading(value, fitting)
        if reading is None:
            _mismatch((node.value, value), (choice_node, fitting), checking)
            return None
        adapted.append(fitting)
    return typed.Member(value, tuple(adapted), reading or Reading.TEXT)
