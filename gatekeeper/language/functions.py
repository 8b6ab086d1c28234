"""The closed list of functions: how each is written, what it means, and its code.

Code is pure and sees only values that are there: a missing argument never reaches it,
except for the three functions whose purpose is to deal with missing ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Literal

from gatekeeper.core.model import whole

if TYPE_CHECKING:
    from gatekeeper.core.context import Context

Takes = Literal["date", "number", "text", "any"]
Code = Callable[..., object]
"""Takes the context, then the arguments."""


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function of values.

    Attributes:
        signature: As the help shows it.
        usage: Completes "name() takes ...".
        takes: What every argument is.
        least: So many arguments there are, up to `most`.
        gives_number: The outcome is a plain number; else it is of the arguments' kind.
    """

    signature: str
    usage: str
    meaning: str
    takes: Takes
    code: Code
    least: int = 1
    most: int = 1
    gives_number: bool = True


def _date(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError
    return value


def _number(value: object) -> Decimal:
    if not isinstance(value, Decimal):
        raise TypeError
    return value


def _days_between(_: Context, start: object, end: object) -> Decimal:
    return whole((_date(end) - _date(start)).days)


def _business_days_between(ctx: Context, start: object, end: object) -> Decimal:
    return whole(ctx.calendar.between(_date(start), _date(end)))


def _days_since(ctx: Context, day: object) -> Decimal:
    return whole((ctx.today - _date(day)).days)


def _days_until(ctx: Context, day: object) -> Decimal:
    return whole((_date(day) - ctx.today).days)


def _length(_: Context, text: object) -> Decimal:
    return whole(len(str(text)))


def _abs(_: Context, number: object) -> object:
    return abs(_number(number))


def _round(_: Context, number: object, places: object = Decimal(0)) -> Decimal:
    step = Decimal(1).scaleb(-int(_number(places)))
    return _number(number).quantize(step, ROUND_HALF_UP)


def _negative(_: Context, number: object) -> Decimal:
    return -_number(number)


def _first(_: Context, value: object, *others: object) -> object:
    return value


def _latest(_: Context, *values: object) -> object:
    return max(map(_date, values))


def _earliest(_: Context, *values: object) -> object:
    return min(map(_date, values))


FUNCTIONS: dict[str, FunctionSpec] = {
    "days_between": FunctionSpec(
        "days_between(date, date)",
        "two dates: days_between(created_on, close_date)",
        "Calendar days from the first date to the second.",
        "date",
        _days_between,
        least=2,
        most=2,
    ),
    "business_days_between": FunctionSpec(
        "business_days_between(date, date)",
        "two dates: business_days_between(created_on, close_date)",
        "Business days after the first date up to and including the second.",
        "date",
        _business_days_between,
        least=2,
        most=2,
    ),
    "days_since": FunctionSpec(
        "days_since(date)",
        "a date: days_since(created_on)",
        "Calendar days from the date to today.",
        "date",
        _days_since,
    ),
    "days_until": FunctionSpec(
        "days_until(date)",
        "a date: days_until(close_date)",
        "Calendar days from today to the date.",
        "date",
        _days_until,
    ),
    "length": FunctionSpec(
        "length(text)",
        "a text: length(next_step)",
        "Number of characters, without blanks at the ends.",
        "text",
        _length,
    ),
    "abs": FunctionSpec(
        "abs(number)",
        "a number: abs(amount - 5000)",
        "The number without its sign.",
        "number",
        _abs,
        gives_number=False,
    ),
    "round": FunctionSpec(
        "round(number, places)",
        "a number, and places if not 0: round(amount, 2)",
        "The number rounded, a half away from zero.",
        "number",
        _round,
        most=2,
        gives_number=False,
    ),
    "coalesce": FunctionSpec(
        "coalesce(value, value)",
        "two or more values of one type: coalesce(discount, 0%)",
        "The first value that is not empty.",
        "any",
        _first,
        least=2,
        most=20,
        gives_number=False,
    ),
    "later_of": FunctionSpec(
        "later_of(date, date)",
        "two or more dates: later_of(created_on, close_date)",
        "The latest of the dates that are not empty.",
        "date",
        _latest,
        least=2,
        most=20,
        gives_number=False,
    ),
    "earlier_of": FunctionSpec(
        "earlier_of(date, date)",
        "two or more dates: earlier_of(created_on, close_date)",
        "The earliest of the dates that are not empty.",
        "date",
        _earliest,
        least=2,
        most=20,
        gives_number=False,
    ),
}

NEGATIVE = FunctionSpec(
    "-number", "a number", "The number below zero.", "number", _negative
)

SKIPS_EMPTY = frozenset({"coalesce", "later_of", "earlier_of"})
"""Functions that are definite although an argument is empty."""

AGGREGATES: dict[str, tuple[str, str]] = {
    "count": ("count(collection)", 'rows: count(contacts where role = "Champion")'),
    "sum": ("sum(collection.number)", "a number of rows: sum(line_items.total)"),
    "min": ("min(collection.field)", "a field of rows: min(line_items.total)"),
    "max": ("max(collection.field)", "a field of rows: max(line_items.total)"),
    "latest": ("latest(collection.date)", "a date of rows: latest(meetings.start)"),
    "earliest": (
        "earliest(collection.date)",
        "a date of rows: earliest(meetings.start)",
    ),
}
"""Functions over rows: signature, and what completes "name() takes ..."."""

TEXT_LIKE = (
    "text_like(text, pattern)",
    'a text and a pattern in quotes: text_like(name, "{account.name} - {rest}")',
)
