"""Values of a check: every name, parameter and operation gets its kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker.definitions import expanded
from gatekeeper.language.checker.known import deal_spec, nearest, offered
from gatekeeper.language.checker.lengths import has_odd_hours
from gatekeeper.language.checker.literals import adapt, spoken
from gatekeeper.language.checker.names import field_of
from gatekeeper.language.checker.unknown import rows_as_value
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.types import arithmetic_kind, with_article

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checking
    from gatekeeper.language.scope import ParamSpec


def literal(
    node: syntax.Number
    | syntax.Percentage
    | syntax.Text
    | syntax.DateLiteral
    | syntax.Today
    | syntax.Now
    | syntax.Duration,
) -> typed.Value:
    """Give a literal its kind."""
    match node:
        case syntax.Number(value=number):
            return typed.Constant(number, Kind.NUMBER)
        case syntax.Percentage(value=number):
            return typed.Constant(number, Kind.PERCENT)
        case syntax.Text(value=text):
            return typed.Constant(text, Kind.TEXT)
        case syntax.DateLiteral(value=when):
            exact = isinstance(when, datetime)
            return typed.Constant(when, Kind.DATETIME if exact else Kind.DATE)
        case syntax.Today():
            return typed.Moment("today")
        case syntax.Now():
            return typed.Moment("now")
        case syntax.Duration():
            return typed.Constant(node, Kind.DURATION)


def bracketed(test: syntax.Test, checking: Checking) -> typed.Value | None:
    """Check what stands in parentheses: a value or a condition."""
    if isinstance(test, syntax.Truthy):
        return checking.value(test.value)
    if isinstance(test, syntax.Bracketed):
        return bracketed(test.test, checking)
    condition = checking.test(test)
    return None if condition is None else typed.Condition(condition)


# ---- names and definitions -------------------------------------------------------


def named(name: syntax.Name, checking: Checking) -> typed.Value | None:
    """Check a name: a field, or the value or condition that it stands for."""
    define = checking.scope.defines.get(name.text)
    if define is None:
        return field_of(name, checking)
    body = define.body
    if isinstance(body, syntax.Rows):
        rows_as_value(name.text, name, checking)
        return None

    def inside(inner: Checking) -> typed.Value | None:
        return _inside(define.name, body, inner)

    return expanded(define, name, checking, inside)


def _inside(
    name: str, body: syntax.Test | syntax.Value, checking: Checking
) -> typed.Value | None:
    match body:
        case syntax.Truthy(value=value):
            return checking.value(value)
        case syntax.Bracketed(test=test):
            return _named_condition(name, test, checking)
    if isinstance(body, syntax.Value):
        return checking.value(body)
    return _named_condition(name, body, checking)


def _named_condition(
    name: str, test: syntax.Test, checking: Checking
) -> typed.Value | None:
    condition = checking.test(test)
    return None if condition is None else typed.Condition(typed.Named(name, condition))


# ---- parameters ------------------------------------------------------------------


def param_value(node: syntax.Param, checking: Checking) -> typed.Value | None:
    """Resolve a parameter with one value."""
    spec = param_of(node, checking)
    if spec is None:
        return None
    if spec.is_list:
        text = f"${spec.name} is a list."
        checking.report("E411", text, node.span, f"in ${spec.name}")
        return None
    return param_as_value(spec, node, checking)


def param_as_value(
    spec: ParamSpec, node: syntax.Param, checking: Checking
) -> typed.Value | None:
    """Give the constant or the choice by a field that a parameter stands for."""
    if spec.by is not None:
        return _chosen(spec, spec.by, node, checking)
    if spec.value is None or isinstance(spec.value, tuple):
        return typed.Undecided(spec.name, spec.kind)
    return typed.Constant(spec.value, spec.kind, literal=False)


def param_of(node: syntax.Param, checking: Checking) -> ParamSpec | None:
    """Look a parameter up; None after E423, or a mistake in its type, was noted."""
    spec = checking.scope.params.get(node.name)
    if spec is not None:
        checking.params[spec.name] = spec
        return spec if spec.is_typed else None
    remedy = 'declare it under "params" with a type and a value.'
    if found := nearest(node.name, offered(checking.scope.params.keys())):
        place = checking.scope.params[found].place
        remedy = f"did you mean ${found}{f' ({place})' if place else ''}?"
    text = f"${node.name} is not declared under params."
    checking.report("E423", text, node.span, remedy)
    return None


def one_text(spec: ParamSpec) -> str | None:
    """Return the one text or stage a parameter stands for on every deal."""
    is_text = spec.kind in {Kind.TEXT, Kind.STAGE} and isinstance(spec.value, str)
    return spec.value if is_text and isinstance(spec.value, str) else None


def _chosen(
    spec: ParamSpec, by: str, node: syntax.Param, checking: Checking
) -> typed.Chosen | None:
    parts = tuple(by.split("."))
    row = checking.row
    in_row = row is not None and by in row.spec.fields
    if not in_row and row is not None and deal_spec(parts, checking) is not None:
        parts = ("deal", *parts)
    chooser = field_of(syntax.Name(parts, node.span), checking)
    if chooser is None:
        return None
    table = {text.strip().casefold(): value for text, value in _table(spec).items()}
    chosen = typed.Chosen(
        spec.name, spec.kind, chooser, table, spec.bands or (), spec.otherwise
    )
    if spec.otherwise is None and chooser.collection is None:
        checking.maps[spec.name] = chosen
    return chosen


def _table(spec: ParamSpec) -> dict[str, typed.Plain | tuple[typed.Plain, ...]]:
    return dict(spec.values or {})


# ---- arithmetic ------------------------------------------------------------------


def negative(node: syntax.Negative, checking: Checking) -> typed.Value | None:
    """Check a value behind a minus."""
    operand = checking.value(node.operand)
    if operand is None:
        return None
    if isinstance(operand, typed.Constant) and isinstance(operand.value, Decimal):
        return replace(operand, value=-operand.value)
    if operand.kind not in {Kind.NUMBER, Kind.MONEY, Kind.PERCENT, None}:
        text = f"{spoken(node.operand)} is {with_article(operand.kind)}, not a number."
        checking.report("E411", text, node.span)
        return None
    return typed.Function("negative", (operand,), operand.kind or Kind.NUMBER)


def arithmetic(node: syntax.Arithmetic, checking: Checking) -> typed.Value | None:
    """Check an operation on two values."""
    left = checking.value(node.left)
    right = checking.value(node.right)
    if left is None or right is None:
        return None
    if node.operator in {"+", "-"}:
        right_first = adapt(right, left, (node.right, node.left), checking)
        left, right = (
            adapt(left, right, (node.left, node.right), checking),
            right_first,
        )
    left, right = as_number(left), as_number(right)
    kind = arithmetic_kind(
        node.operator, left.kind or Kind.NUMBER, right.kind or Kind.NUMBER
    )
    if kind is None or has_odd_hours(left, right):
        remedy = _day_remedy(node, left, right)
        mismatch(node.left, left, (node.right, right), checking, remedy)
        return None
    return typed.Arithmetic(node.operator, left, right, kind)


def assume(value: typed.Value, kind: Kind | None) -> typed.Value:
    """Take a field of unknown type to be of the kind of what it meets."""
    if isinstance(value, typed.Field) and value.kind is None:
        return replace(value, kind=kind)
    return value


def as_number(value: typed.Value) -> typed.Value:
    """Take a field of unknown type as a number."""
    return assume(value, Kind.NUMBER)


def mismatch(
    left: syntax.Value,
    left_value: typed.Value,
    other: tuple[syntax.Value, typed.Value],
    checking: Checking,
    remedy: str | None = None,
) -> None:
    """Note E411: two sides whose kinds do not meet."""
    right, right_value = other
    text = (
        f"{spoken(left)} is {with_article(left_value.kind)}"
        f" and {spoken(right)} is {with_article(right_value.kind)}."
    )
    checking.report("E411", text, left.span | right.span, remedy)


def _day_remedy(
    node: syntax.Arithmetic, left: typed.Value, right: typed.Value
) -> str | None:
    """Offer a length of days where a bare number is added to a date."""
    is_date = left.kind in {Kind.DATE, Kind.DATETIME}
    if not is_date or right.kind is not Kind.NUMBER:
        return None
    if not isinstance(right, typed.Constant):
        return None
    return f"{spoken(node.left)} {node.operator} {right.value} days"
