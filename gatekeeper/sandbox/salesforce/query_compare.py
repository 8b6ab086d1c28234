"""The closures that compare one field of a row with literals."""

from __future__ import annotations

import operator as operators
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.query_values import (
    Between,
    Operand,
    Wanted,
    like_pattern,
    quoted_text,
    wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.salesforce.query_names import Row, Scope
    from gatekeeper.sandbox.salesforce.soql_tree import Literal

    Predicate = Callable[[Row], bool]
    Compared = tuple[Predicate, frozenset[str] | None]

_ORDERINGS: dict[str, Callable[[str | float, str | float], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}


def single_predicate(
    scope: Scope, operand: Operand, operator: str, literal: Literal
) -> Compared:
    """Compile a comparison with one literal; the set holds the ids it equals.

    Raises:
        SalesforceError: The operator does not suit the field, or the literal's type.
    """
    if operator == "LIKE":
        return _like(scope, operand, literal), None
    value = wanted(scope, operand, literal)
    if operator in {"=", "!="}:
        equal = _equal(operand, value)
        if operator == "!=":
            return lambda row: not equal(row), None
        indexed = operand.kind == "id" and isinstance(value, str)
        return equal, frozenset([str(value)]) if indexed else None
    if operand.kind in {"boolean", "multi"}:
        raise _invalid_operator(scope, operand)
    return _ordered(operand, operator, value), None


def list_predicate(
    scope: Scope, operand: Operand, operator: str, literals: tuple[Literal, ...]
) -> Compared:
    """Compile IN, NOT IN, INCLUDES or EXCLUDES over a list of literals.

    Raises:
        SalesforceError: The operator does not suit the field, or a literal's type.
    """
    if operator in {"INCLUDES", "EXCLUDES"}:
        return _includes(scope, operand, operator, literals), None
    values = [wanted(scope, operand, literal) for literal in literals]
    if any(isinstance(value, Between) for value in values):
        tests = [_equal(operand, value) for value in values]
        if operator == "NOT IN":
            return lambda row: not any(test(row) for test in tests), None
        return lambda row: any(test(row) for test in tests), None
    known = frozenset(values)
    read = normalised(operand)
    if operator == "NOT IN":
        return lambda row: read(row) not in known, None
    ids = None
    if operand.kind == "id" and None not in known:
        ids = frozenset(str(value) for value in known)
    return lambda row: read(row) in known, ids


def normalised(operand: Operand) -> Callable[[Row], object]:
    """Return the reader of the value as comparisons see it.

    Text is folded unless the field tells case apart, an empty text is empty, and an
    empty checkbox is unchecked.
    """
    read = operand.read
    if operand.kind == "boolean":
        return lambda row: read(row) is True
    if operand.kind not in {"text", "multi"}:
        return read
    if operand.is_case_sensitive:
        return lambda row: read(row) or None

    def folded(row: Row) -> object:
        value = read(row)
        return value.casefold() or None if isinstance(value, str) else value

    return folded


def _equal(operand: Operand, value: Wanted) -> Predicate:
    read = normalised(operand)
    if isinstance(value, Between):
        first, end = value.first, value.end

        def inside(row: Row) -> bool:
            stored = read(row)
            return isinstance(stored, str) and first <= stored < end

        return inside
    if value is None:
        if operand.kind == "boolean":
            return lambda row: not read(row)
        return lambda row: read(row) is None
    return lambda row: read(row) == value


def _ordered(operand: Operand, operator: str, value: Wanted) -> Predicate:
    """Compare; a span of days is passed as a whole (`> TODAY` starts tomorrow)."""
    if isinstance(value, Between):
        bound = value.first if operator in {"<", ">="} else value.end
        operator = "<" if operator in {"<", "<="} else ">="
        return _against(operand, operator, bound)
    if value is None:
        return lambda row: False
    return _against(operand, operator, value)


def _against(operand: Operand, operator: str, bound: str | float) -> Predicate:
    read = normalised(operand)
    compare = _ORDERINGS[operator]

    alike = str if isinstance(bound, str) else (int, float)

    def test(row: Row) -> bool:
        stored = read(row)
        return isinstance(stored, alike) and compare(stored, bound)

    return test


def _like(scope: Scope, operand: Operand, literal: Literal) -> Predicate:
    if operand.kind != "text":
        raise _invalid_operator(scope, operand)
    matches = like_pattern(scope, operand, literal).fullmatch
    read = operand.read

    def test(row: Row) -> bool:
        stored = read(row)
        return isinstance(stored, str) and matches(stored) is not None

    return test


def _includes(
    scope: Scope, operand: Operand, operator: str, literals: tuple[Literal, ...]
) -> Predicate:
    """Compile `INCLUDES ('a;b', 'c')`: both of the first, or the second."""
    if operand.kind != "multi":
        raise _invalid_operator(scope, operand)
    choices = [
        frozenset(quoted_text(scope, operand, literal).casefold().split(";"))
        for literal in literals
    ]
    read = normalised(operand)

    def chosen(row: Row) -> bool:
        stored = frozenset(str(read(row) or "").split(";"))
        return any(choice <= stored for choice in choices)

    return chosen if operator == "INCLUDES" else lambda row: not chosen(row)


def _invalid_operator(scope: Scope, operand: Operand) -> Exception:
    code = "INVALID_QUERY_FILTER_OPERATOR"
    return scope.refuse(code, "invalid operator", operand.at)
