"""When two conditions ask for the same, as far as that can be proved. Pure.

A mutation that means the same as the rule can be noticed by no test; it is not made.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.language.tree import syntax as tree
from gatekeeper.language.tree.fingerprint import render
from gatekeeper.pack.files.conditions import DraftLine

if TYPE_CHECKING:
    from gatekeeper.pack.files.conditions import DraftCondition

COUNTED = frozenset(
    {
        "changes",
        "count",
        "days_in_stage",
        "length",
        "moves_back",
        "pushes",
        "total_days_in_stage",
    }
)
"""Functions that give whole numbers, none below 0."""
WHOLE = COUNTED | {
    "business_days_between",
    "days_between",
    "days_since",
    "days_until",
    "pushed_days",
}

LEAST = Decimal(-1)
"""More than this is every count."""


def meaning_of(condition: DraftCondition | None) -> str:
    """Return a text that is equal for conditions that are known to ask for the same."""
    if condition is None:
        return ""
    if isinstance(condition, DraftLine):
        when = meaning_of(condition.when)
        return f"{meaning(condition.test)} {condition.on_blank or ''} if {when}"
    parts = ", ".join(meaning_of(part) for part in condition.parts)
    if len(condition.parts) == 1:
        return parts
    return f"{condition.quorum} {condition.count} of ({parts})"


def meaning(test: object) -> str:
    """Return the same for one check."""
    return render(_plainer(test))


def _plainer(node: object) -> object:
    if isinstance(node, tuple):
        return tuple(map(_plainer, node))
    if not is_dataclass(node) or isinstance(node, type):
        return node
    inner = {each.name: _plainer(getattr(node, each.name)) for each in fields(node)}
    node = replace(node, **inner)
    match node:
        case tree.Negative(operand=tree.Number() as number):
            return replace(number, value=-number.value)
        case tree.Compare():
            return _comparison(node)
        case tree.Quantified():
            return _quantified(node)
    return node


def _comparison(node: tree.Compare) -> object:
    """Write `count(x) >= 3` as `count(x) > 2`."""
    if not isinstance(node.left, tree.Call) or not isinstance(node.right, tree.Number):
        return node
    name, limit = node.left.function.lower(), node.right.value
    if name not in WHOLE or limit != limit.to_integral_value():
        return node
    operator = node.operator
    if operator in (">=", "<"):
        operator = {">=": ">", "<": "<="}[operator]
        limit -= Decimal(1)
    if operator in (">", "<=") and name in COUNTED:
        limit = max(limit, LEAST)
    return replace(node, operator=operator, right=replace(node.right, value=limit))


def _quantified(node: tree.Quantified) -> object:
    """Write `some` as `at least 1`, `no` and `exactly 0` as `at most 0`."""
    match node.quantity, node.count:
        case tree.Quantity.SOME, _:
            return replace(node, quantity=tree.Quantity.AT_LEAST, count=1)
        case (tree.Quantity.NO, _) | (tree.Quantity.EXACTLY, 0):
            return replace(node, quantity=tree.Quantity.AT_MOST, count=0)
    return node
