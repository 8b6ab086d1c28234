"""What is meant by a number that a date is held against: a month, or days. Pure."""

from __future__ import annotations

import calendar
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.language.checker.literals import spoken
from gatekeeper.language.tree import syntax

if TYPE_CHECKING:
    from gatekeeper.language.tree.syntax import Value

_YEARS = range(1900, 2200)
_MONTHS = range(1, 13)


def instead_of_number(name: str, symbol: str, number: Value) -> str:
    """Say how a date is held against what somebody wrote as a number.

    Args:
        name: The date, as written.
        symbol: The comparison, the date on its left.
        number: What it was held against.
    """
    days = month_of(number)
    if days is not None:
        return _in_month(name, symbol, *days)
    counted = f"days_until({name}) {symbol} {spoken(number)}"
    if isinstance(number, syntax.Number) and number.value % 1 == 0 < number.value:
        return f"{name} within next {spoken(number)} days, or {counted}"
    return counted


def month_of(node: Value) -> tuple[date, date] | None:
    """Return first and last day of `2026-12`, which is read as a difference."""
    match node:
        case syntax.Arithmetic(
            operator="-" | "/",
            left=syntax.Number(value=first),
            right=syntax.Number(value=second),
        ):
            year, month = max(first, second), min(first, second)
            if year in _YEARS and month in _MONTHS:
                last = calendar.monthrange(int(year), int(month))[1]
                begins = date(int(year), int(month), 1)
                return begins, begins.replace(day=last)
    return None


def _in_month(name: str, symbol: str, first: date, last: date) -> str:
    match symbol:
        case "<" | ">=":
            return f"{name} {symbol} {first}"
        case ">" | "<=":
            return f"{name} {symbol} {last}"
    between = f"{name} between {first} and {last}"
    return between if symbol == "=" else f"not ({between})"
