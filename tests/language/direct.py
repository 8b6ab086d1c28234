"""A second reading of the rules of B5, straight off the parsed tree, for comparison.

Slow and plain on purpose; it knows the few names of its own vocabulary and shares no
code with the compiler.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gatekeeper.core.model import EMPTY, Money, Unavailable
from gatekeeper.language import syntax

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal

TODAY = date(2026, 11, 20)


def answer(node: Any, deal: Deal, row: Any = None) -> Any:
    """Answer a condition: True, False, EMPTY or an Unavailable."""
    match node:
        case syntax.Bracketed(test=test):
            return answer(test, deal, row)
        case syntax.And(parts=parts):
            return _decided([answer(part, deal, row) for part in parts], by=False)
        case syntax.Or(parts=parts):
            return _decided([answer(part, deal, row) for part in parts], by=True)
        case syntax.Not(part=part):
            return _not(answer(part, deal, row))
        case syntax.Truthy(value=value):
            return value_of(value, deal, row)
    return _answer_value(node, deal, row)


def _answer_value(node: Any, deal: Deal, row: Any) -> Any:
    match node:
        case syntax.Compare():
            sides = value_of(node.left, deal, row), value_of(node.right, deal, row)
            return _blank(*sides) or _compare(node.operator, *sides)
        case syntax.Is(state="empty" | "filled"):
            value = value_of(node.value, deal, row)
            if isinstance(value, Unavailable):
                return value
            wanted = (node.state == "filled") != node.negated
            return (value is not EMPTY) == wanted
        case syntax.Is():
            value = value_of(node.value, deal, row)
            return _blank(value) or value == (node.state == "true")
    return _answer_more(node, deal, row)


def _answer_more(node: Any, deal: Deal, row: Any) -> Any:
    match node:
        case syntax.In(choices=syntax.Listing(items=items)):
            value = value_of(node.value, deal, row)
            wanted = [value_of(each, deal, row) for each in items]
            found = _blank(value) or any(_compare("=", value, one) for one in wanted)
            return _not(found) if node.negated else found
        case syntax.Between():
            value = value_of(node.value, deal, row)
            low, high = value_of(node.low, deal, row), value_of(node.high, deal, row)
            parts = [
                _blank(value, low) or _compare(">=", value, low),
                _blank(value, high) or _compare("<=", value, high),
            ]
            found = _decided(parts, by=False)
            return _not(found) if node.negated else found
        case syntax.TextTest(operator="contains", patterns=pattern):
            value, part = value_of(node.value, deal, row), value_of(pattern, deal, row)
            found = _blank(value, part) or part.lower() in value.lower()
            return _not(found) if node.negated else found
        case syntax.Within(length=syntax.Duration(count=count)):
            value = value_of(node.value, deal, row)
            if _blank(value):
                return _blank(value)
            days = (value - TODAY).days * (1 if node.direction == "next" else -1)
            return 0 <= days <= count
        case syntax.Quantified():
            return _quantified(node, deal)
        case syntax.Every():
            return _every(node, deal)
    raise AssertionError(node)


def _decided(answers: list[Any], *, by: bool) -> Any:
    if by in answers:
        return by
    return _blank(*answers) or (not by)


def _not(found: Any) -> Any:
    return (not found) if isinstance(found, bool) else found


def _blank(*values: Any) -> Any:
    """Return Unavailable before EMPTY before None."""
    for value in values:
        if isinstance(value, Unavailable):
            return value
    return EMPTY if any(value is EMPTY for value in values) else None


def _compare(operator: str, left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        left, right = left.lower().replace("_", " "), right.lower().replace("_", " ")
    words = {"before": "<", "after": ">", "on or before": "<=", "on or after": ">="}
    match words.get(operator, operator):
        case "=":
            return bool(left == right)
        case "!=":
            return bool(left != right)
        case "<":
            return bool(left < right)
        case "<=":
            return bool(left <= right)
        case ">":
            return bool(left > right)
        case _:
            return bool(left >= right)


# ---- rows --------------------------------------------------------------------------


def _quantified(node: syntax.Quantified, deal: Deal) -> Any:
    rows = deal.related[node.collection.text]
    if isinstance(rows, Unavailable):
        return rows
    answers = [
        True if node.where is None else answer(node.where, deal, row) for row in rows
    ]
    sure = answers.count(True)
    doubts = [each for each in answers if isinstance(each, Unavailable)]
    # Whatever the rows in doubt turn out to be, is the outcome the same?
    outcomes = {_holds(node, sure + more) for more in range(len(doubts) + 1)}
    return outcomes.pop() if len(outcomes) == 1 else doubts[0]


def _holds(node: syntax.Quantified, count: int) -> bool:
    asked = node.count if isinstance(node.count, int) else 1
    match node.quantity:
        case syntax.Quantity.SOME:
            return count >= 1
        case syntax.Quantity.NO:
            return count == 0
        case syntax.Quantity.AT_LEAST:
            return count >= asked
        case syntax.Quantity.AT_MOST:
            return count <= asked
        case _:
            return count == asked


def _every(node: syntax.Every, deal: Deal) -> Any:
    name = {"contact": "contacts", "line_item": "line_items"}[node.collection.text]
    rows = deal.related[name]
    if isinstance(rows, Unavailable):
        return rows
    doubt: Any = None
    for row in rows:
        asked = True if node.where is None else answer(node.where, deal, row)
        has = answer(node.has, deal, row)
        if asked is True and (has is False or has is EMPTY):
            return False
        if asked is True and isinstance(has, Unavailable):
            doubt = has
        if isinstance(asked, Unavailable) and has is not True:
            doubt = doubt or asked
    return doubt or True


# ---- values ------------------------------------------------------------------------


def value_of(node: Any, deal: Deal, row: Any = None) -> Any:
    """Work a value out: a plain value, EMPTY or an Unavailable."""
    match node:
        case syntax.Number(value=value) | syntax.Text(value=value):
            return value
        case syntax.Percentage(value=value) | syntax.DateLiteral(value=value):
            return value
        case syntax.Today():
            return TODAY
        case syntax.Bracketed(test=test):
            return answer(test, deal, row)
        case syntax.Name(parts=parts):
            at_hand = deal.fields if row is None or parts[0] == "deal" else row
            return _read(at_hand[parts[-1]])
        case syntax.Arithmetic():
            return _calculated(node, deal, row)
    return _called(node, deal, row)


def _read(value: Any) -> Any:
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, str):
        return value.strip() or EMPTY
    return value


def _calculated(node: syntax.Arithmetic, deal: Deal, row: Any) -> Any:
    left, right = value_of(node.left, deal, row), value_of(node.right, deal, row)
    if _blank(left, right):
        return _blank(left, right)
    match node.operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case _:
            return EMPTY if right == 0 else left / right


def _called(node: Any, deal: Deal, row: Any) -> Any:
    assert isinstance(node, syntax.Call)
    if node.function in {"count", "sum", "max"}:
        return _gathered(node, deal)
    values = [value_of(each.value, deal, row) for each in node.arguments]
    if node.function == "coalesce":
        return next((value for value in values if value is not EMPTY), EMPTY)
    if _blank(*values):
        return _blank(*values)
    match node.function:
        case "length":
            return Decimal(len(values[0]))
        case "abs":
            return abs(values[0])
        case "days_until":
            return Decimal((values[0] - TODAY) // timedelta(days=1))
    raise AssertionError(node)


def _gathered(node: syntax.Call, deal: Deal) -> Any:
    argument = node.arguments[0]
    assert isinstance(argument.value, syntax.Name)
    name, *field = argument.value.parts
    rows = deal.related[name]
    if isinstance(rows, Unavailable):
        return rows
    kept = []
    for row in rows:
        asked = True if argument.where is None else answer(argument.where, deal, row)
        if isinstance(asked, Unavailable):
            return asked
        if asked is True:
            kept.append(row)
    if not field:
        return Decimal(len(kept))
    values = [_read(row[field[0]]) for row in kept]
    doubts = [value for value in values if isinstance(value, Unavailable)]
    if doubts:
        return doubts[0]
    there = [value for value in values if value is not EMPTY]
    if node.function == "sum":
        return sum(there, Decimal(0))
    return max(there) if there else EMPTY
