"""Conditions over one value: comparisons, choices, texts and windows of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker.literals import adapt, spoken
from gatekeeper.language.checker.values import (
    assume,
    mismatch,
    param_as_value,
    param_of,
    value_of,
)
from gatekeeper.language.compiler.moments import in_days
from gatekeeper.language.messages import bare_word
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.typed_values import ranks_of
from gatekeeper.language.types import (
    DATES,
    MIRRORED,
    SYMBOLS,
    Reading,
    reading_of,
    with_article,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.language.checker.state import Checking

_ONE_AFTER_ANOTHER = frozenset({Reading.DATE, Reading.DATETIME, Reading.STAGE})
_QUOTABLE = {Kind.STAGE: "stage", Kind.PICKLIST: "value", Kind.TEXT: "text"}


def compare(node: syntax.Compare, checking: Checking) -> typed.Test | None:
    """Check `left operator right`."""
    left = value_of(node.left, checking)
    right = (
        None if _is_bare_word(node, left, checking) else value_of(node.right, checking)
    )
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
    if reading is Reading.DAYS and not all(map(_is_day_count, (left, right))):
        return None
    return reading


def _is_day_count(value: typed.Value) -> bool:
    """A constant length must be in days to meet a count of days."""
    if isinstance(value, typed.Constant) and isinstance(value.value, syntax.Duration):
        return in_days(value.value) is not None
    return True


def _is_bare_word(
    node: syntax.Compare, left: typed.Value | None, checking: Checking
) -> bool:
    """Note E316 for `stage = Proposal`."""
    name = node.right
    if left is None or left.kind not in _QUOTABLE or not isinstance(name, syntax.Name):
        return False
    scope = checking.scope
    known = scope.catalogue.deal.keys() | scope.defines.keys()
    known |= scope.catalogue.collections.keys() | scope.catalogue.lookups.keys()
    if checking.row is not None:
        known |= checking.row.spec.fields.keys()
    if len(name.parts) > 1 or name.text in known:
        return False
    message = bare_word(name.text, name.span, _QUOTABLE[left.kind])
    checking.report(message.code, message.text, message.span, message.help)
    return True


def holds_several(
    values: Sequence[typed.Value], nodes: Sequence[syntax.Value], checking: Checking
) -> bool:
    """Note E414 for a multi-select held against one value."""
    for value, node in zip(values, nodes, strict=True):
        if value.kind is Kind.MULTI_PICKLIST:
            text = f'{spoken(node)} holds several values; use "includes any of [...]".'
            checking.report("E414", text, node.span)
            return True
    return False


def _explain_mismatch(
    node: syntax.Compare,
    values: tuple[typed.Value, typed.Value],
    sides: tuple[syntax.Value, ...],
    checking: Checking,
) -> None:
    left, right = values
    name = spoken(sides[0])
    if left.kind is Kind.YES_NO and isinstance(right, typed.Constant):
        text = f'{name} is yes/no; write "{name} is true".'
        checking.report("E415", text, node.span)
        return
    remedy = None
    if left.kind in DATES and right.kind is Kind.NUMBER:
        days = spoken(sides[1])
        remedy = (
            f"{name} within next {days} days,"
            f" or days_until({name}) {node.operator} {days}"
        )
    mismatch(sides[0], left, (sides[1], right), checking, remedy)


def _ordered(
    reading: Reading,
    values: tuple[typed.Value, typed.Value],
    node: syntax.Compare | syntax.Between,
    checking: Checking,
) -> Reading | None:
    """Return how the two are ordered; None after E412 was noted."""
    left, right = values
    if reading is Reading.TEXT and any(ranks_of(each) is not None for each in values):
        return Reading.RANK
    if reading not in {Reading.TEXT, Reading.YES_NO, Reading.USER}:
        return reading
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
    value = value_of(node.value, checking)
    low, high = value_of(node.low, checking), value_of(node.high, checking)
    if value is None or low is None or high is None:
        return None
    value = assume(value, low.kind)
    low = adapt(low, value, (node.low, node.value), checking)
    high = adapt(high, value, (node.high, node.value), checking)
    readings = []
    for bound, bound_node in ((low, node.low), (high, node.high)):
        reading = _reading(value, bound)
        if reading is None:
            mismatch(node.value, value, (bound_node, bound), checking)
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
    value = value_of(node.value, checking)
    choices = choices_of(node.choices, checking)
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
            mismatch(node.value, value, (choice_node, fitting), checking)
            return None
        adapted.append(fitting)
    return typed.Member(value, tuple(adapted), reading or Reading.TEXT)


Choices = list[tuple[typed.Value, syntax.Value]]


def choices_of(
    node: syntax.Listing | syntax.Param, checking: Checking
) -> Choices | None:
    """Return the values of a list or of a parameter that is one."""
    if isinstance(node, syntax.Param):
        return _param_choices(node, checking)
    found = [(value_of(each, checking), each) for each in node.items]
    choices = [(value, each) for value, each in found if value is not None]
    return choices if len(choices) == len(found) else None


def _param_choices(node: syntax.Param, checking: Checking) -> Choices | None:
    spec = param_of(node, checking)
    if spec is None:
        return None
    if isinstance(spec.value, tuple):
        return [
            (typed.Constant(each, spec.kind, literal=False), node)
            for each in spec.value
        ]
    value = param_as_value(spec, node, checking)
    return None if value is None else [(value, node)]


def includes(node: syntax.Includes, checking: Checking) -> typed.Test | None:
    """Check `value includes any of [..]`."""
    value = value_of(node.value, checking)
    choices = choices_of(node.choices, checking)
    if value is None or choices is None:
        return None
    if value.kind not in {Kind.MULTI_PICKLIST, None}:
        text = (
            f"{spoken(node.value)} is {with_article(value.kind)}, one value;"
            " compare with = or in [...]."
        )
        checking.report("E413", text, node.span)
        return None
    value = assume(value, Kind.MULTI_PICKLIST)
    adapted = [adapt(each, value, (at, node.value), checking) for each, at in choices]
    return typed.Includes(value, node.quorum, tuple(adapted))
