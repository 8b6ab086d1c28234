"""A value a little off: the limits that a mutation moves. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar, cast

from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.syntax import Duration, Number, Percentage, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

V = TypeVar("V")

_NOWHERE = Span(0, 0)


def neighbours(value: V) -> Iterator[V]:
    """Give the values a step below and above; nothing for a value without order.

    A number moves by the larger of 1 and 1 %, one with a fraction by a tenth, a day by
    a day, a length of time by one of its units.
    """
    yield from cast("Iterator[V]", _near(value))


def _near(value: object) -> Iterator[object]:
    match value:
        case Decimal():
            step = max(Decimal(1), abs(value) / 100)
            if value != value.to_integral_value():
                step = abs(value) / 10
            yield value - step
            yield value + step
        case Duration(count=count):
            if count > 0:
                yield replace(value, count=count - 1)
            yield replace(value, count=count + 1)
        case datetime() | date():
            yield value - timedelta(days=1)
            yield value + timedelta(days=1)


def shown(value: object, *, is_percent: bool = False) -> str:
    """Write a value as a rule would."""
    match value:
        case Decimal():
            kind = Percentage if is_percent else Number
            return canonical(kind(value, _NOWHERE))
        case Duration():
            return canonical(value)
    return str(value)
