"""The values of a check: literals, names, calls and arithmetic, with their places.

A part of `syntax`, which is what other rooms import; a span counts characters of the
check from 0, end exclusive.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from gatekeeper.language.tree.node import node

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from gatekeeper.language.tree.syntax import Test


@node
class Span:
    """Characters `start` to `end` (exclusive) of the check."""

    start: int
    end: int

    def __or__(self, other: Span) -> Span:
        """Return the span from the first of two to the last, with what is between."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@node
class Number:
    """`50000`, `50_000`, `50k`, `1.5m`."""

    value: Decimal
    span: Span


@node
class Percentage:
    """`20%` is 20."""

    value: Decimal
    span: Span


@node
class Text:
    """A quoted text, without its quotes."""

    value: str
    span: Span


@node
class DateLiteral:
    """`2026-12-31`, or with a time `2026-12-31 15:00`."""

    value: date | datetime
    span: Span


@node
class Today:
    """`today`: a date."""

    span: Span


@node
class Now:
    """`now`: a date-time."""

    span: Span


@node
class Param:
    """`$min_amount`."""

    name: str
    span: Span


@node
class Name:
    """`amount`, `account.segment`, `deal.amount`, `custom.X__c`, a define's name."""

    parts: tuple[str, ...]
    span: Span

    @property
    def text(self) -> str:
        """The name with its dots."""
        return ".".join(self.parts)


class TimeUnit(StrEnum):
    """Units of a length of time."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    QUARTERS = "quarters"
    YEARS = "years"


@node
class Duration:
    """`3 business days`; `count` is whole and not negative."""

    count: int
    unit: TimeUnit
    business: bool
    span: Span


Length = Duration | Param
"""What may stand where a length of time is asked for."""


@node
class Window:
    """`last 30 days` or `next 2 weeks` as an argument."""

    direction: Literal["last", "next"]
    length: Length
    span: Span


@node
class Since:
    """`since stage entry`, `since creation` or `since VALUE` (anchor)."""

    anchor: Literal["stage entry", "creation"] | Value
    span: Span


@node
class Argument:
    """One argument of a function, with its own `where` if it has one."""

    value: Value | Window | Since
    where: Test | None
    span: Span


@node
class Call:
    """`count(contacts where role = "x")`, `days_in_stage()`."""

    function: str
    arguments: tuple[Argument, ...]
    name_span: Span
    span: Span


@node
class Arithmetic:
    """`left + right` and the other three."""

    operator: Literal["+", "-", "*", "/"]
    left: Value
    right: Value
    span: Span


@node
class Negative:
    """`-amount`."""

    operand: Value
    span: Span


@node
class Bracketed:
    """A condition in parentheses, used as a value or as a part of a condition."""

    test: Test
    span: Span


Value = (
    Number
    | Percentage
    | Text
    | DateLiteral
    | Today
    | Now
    | Param
    | Name
    | Duration
    | Call
    | Arithmetic
    | Negative
    | Bracketed
)


@node
class Listing:
    """`["a", "b"]`, or one `$param` that holds a list."""

    items: tuple[Value, ...]
    span: Span


def singular_of(collection: str) -> str:
    """Return the name of one row: `line_items` gives `line_item`."""
    if collection.endswith("ies"):
        return collection.removesuffix("ies") + "y"
    return collection.removesuffix("s")
