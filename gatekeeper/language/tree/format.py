"""Write a tree back as the text of a check, in the one canonical spelling.

Pure. `parse(canonical(tree))` is the tree again, apart from its spans; parentheses
that a tree built by hand needs but does not hold are added.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache, singledispatch
from typing import TYPE_CHECKING, TypeVar, cast

from gatekeeper.language.tree import syntax as tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

Node = TypeVar("Node")

_NOWHERE = tree.Span(0, 0)
_TAIL, _OR, _AND, _NOT, _TEST, _SUM, _PRODUCT, _ATOM = range(8)


def canonical(node: tree.Test | tree.Value | tree.Rows) -> str:
    """Return the canonical text of a check, a value or named rows."""
    return _write(node)


def strip_spans(node: Node) -> Node:
    """Return the tree with every span at zero, so that trees compare by meaning."""
    return cast("Node", _stripped(node))


def _stripped(part: object) -> object:
    if isinstance(part, tree.Span):
        return _NOWHERE
    if isinstance(part, tuple):
        return tuple(map(_stripped, part))
    if is_dataclass(part) and not isinstance(part, type):
        return type(part)(*(_stripped(getattr(part, at.name)) for at in fields(part)))
    return part


def _level(node: object) -> int:
    """Return how tightly the text of a node holds together."""
    match node:
        case tree.Every():
            return _TAIL
        case tree.Quantified(where=where):
            return _TEST if where is None else _TAIL
        case tree.Or():
            return _OR
        case tree.And():
            return _AND
        case tree.Not():
            return _NOT
        case tree.Arithmetic(operator=operator):
            return _SUM if operator in "+-" else _PRODUCT
    return _ATOM


def _at(node: object, level: int) -> str:
    """Write a node where something of `level` or tighter must stand."""
    text = _write(node)
    return f"({text})" if _level(node) < level else text


def _write(node: object) -> str:
    return _writer_of(type(node))(node)  # type: ignore[arg-type]  # a class may be hashed


@singledispatch
def _written(node: object) -> str:
    raise TypeError(f"{type(node).__name__} is no part of a check")


@cache
def _writer_of(kind: type) -> Callable[[object], str]:
    """Return what writes nodes of a class, which `singledispatch` looks for slowly."""
    return _written.dispatch(kind)


# ---- values ------------------------------------------------------------------------


@_written.register
def _number(node: tree.Number) -> str:
    return _digits(node.value)


@_written.register
def _percentage(node: tree.Percentage) -> str:
    return f"{_digits(node.value)}%"


def _digits(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@_written.register
def _text(node: tree.Text) -> str:
    quote = "'" if '"' in node.value else '"'
    return f"{quote}{node.value}{quote}"


@_written.register
def _date(node: tree.DateLiteral) -> str:
    if isinstance(node.value, datetime):
        return node.value.isoformat(" ", "minutes")
    return node.value.isoformat()


@_written.register
def _today(_node: tree.Today) -> str:
    return "today"


@_written.register
def _now(_node: tree.Now) -> str:
    return "now"


@_written.register
def _param(node: tree.Param) -> str:
    return f"${node.name}"


@_written.register
def _name(node: tree.Name) -> str:
    return node.text


@_written.register
def _duration(node: tree.Duration) -> str:
    unit = node.unit.value.removesuffix("s") if node.count == 1 else node.unit.value
    return f"{node.count} {'business ' if node.business else ''}{unit}"


@_written.register
def _window(node: tree.Window) -> str:
    return f"{node.direction} {_write(node.length)}"


@_written.register
def _since(node: tree.Since) -> str:
    anchor = node.anchor if isinstance(node.anchor, str) else _write(node.anchor)
    return f"since {anchor}"


@_written.register
def _argument(node: tree.Argument) -> str:
    return _write(node.value) + _where(node.where)


@_written.register
def _call(node: tree.Call) -> str:
    return f"{node.function}({', '.join(map(_write, node.arguments))})"


@_written.register
def _arithmetic(node: tree.Arithmetic) -> str:
    level = _level(node)
    left, right = _at(node.left, level), _at(node.right, level + 1)
    return f"{left} {node.operator} {right}"


@_written.register
def _negative(node: tree.Negative) -> str:
    return f"-{_at(node.operand, _ATOM)}"


@_written.register
def _bracketed(node: tree.Bracketed) -> str:
    return f"({_write(node.test)})"


@_written.register
def _listing(node: tree.Listing) -> str:
    return f"[{', '.join(map(_write, node.items))}]"


# ---- conditions --------------------------------------------------------------------


@_written.register
def _and(node: tree.And) -> str:
    return " and ".join(_at(part, _NOT) for part in node.parts)


@_written.register
def _or(node: tree.Or) -> str:
    return " or ".join(_at(part, _AND) for part in node.parts)


@_written.register
def _at_least(node: tree.AtLeast) -> str:
    return f"at least {node.count} of ({'; '.join(map(_write, node.parts))})"


@_written.register
def _not(node: tree.Not) -> str:
    return f"not {_at(node.part, _NOT)}"


@_written.register
def _compare(node: tree.Compare) -> str:
    return f"{_write(node.left)} {node.operator} {_write(node.right)}"


@_written.register
def _is(node: tree.Is) -> str:
    return f"{_write(node.value)} is {_negation(negated=node.negated)}{node.state}"


@_written.register
def _in(node: tree.In) -> str:
    negation = _negation(negated=node.negated)
    return f"{_write(node.value)} {negation}in {_write(node.choices)}"


@_written.register
def _between(node: tree.Between) -> str:
    ends = f"{_write(node.low)} and {_write(node.high)}"
    return f"{_write(node.value)} {_negation(negated=node.negated)}between {ends}"


@_written.register
def _text_test(node: tree.TextTest) -> str:
    operator = f"{_negation(negated=node.negated)}{node.operator}"
    return f"{_write(node.value)} {operator} {_write(node.patterns)}"


def _negation(*, negated: bool) -> str:
    return "not " if negated else ""


@_written.register
def _includes(node: tree.Includes) -> str:
    return f"{_write(node.value)} includes {node.quorum} of {_write(node.choices)}"


@_written.register
def _within(node: tree.Within) -> str:
    return f"{_write(node.value)} within {node.direction} {_write(node.length)}"


@_written.register
def _changed(node: tree.Changed) -> str:
    window = _write(node.window)
    if isinstance(node.window, tree.Window):
        window = f"within {window}"
    return f"{_write(node.value)} changed {window}"


@_written.register
def _in_period(node: tree.InPeriod) -> str:
    fiscal = "fiscal " if node.fiscal else ""
    return f"{_write(node.value)} in {node.which} {fiscal}{node.period}"


@_written.register
def _truthy(node: tree.Truthy) -> str:
    return _write(node.value)


@_written.register
def _quantified(node: tree.Quantified) -> str:
    rows = _write(node.collection) + _where(node.where)
    return f"{_quantity(node.quantity, node.count)} {rows}"


@_written.register
def _every(node: tree.Every) -> str:
    where = f" where ({_at(node.where, _OR)})" if node.where else ""
    return f"every {_write(node.collection)}{where} has {_at(node.has, _OR)}"


@_written.register
def _group_test(node: tree.GroupTest) -> str:
    return f"{_quantity(node.quantity, node.count)} of {_write(node.test)}"


def _quantity(quantity: str, count: int | tree.Param | None) -> str:
    if count is None:
        return str(quantity)
    return f"{quantity} {count if isinstance(count, int) else _write(count)}"


def _where(test: tree.Test | None) -> str:
    return "" if test is None else f" where {_at(test, _OR)}"


@_written.register
def _rows(node: tree.Rows) -> str:
    return _write(node.collection) + _where(node.where)
