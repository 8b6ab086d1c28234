"""The tree of one check: frozen nodes with their place in the text.

What the parser gives and the checker reads. No names are resolved here and nothing
is typed; a span counts characters of the check from 0, end exclusive.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from gatekeeper.language.tree.node import node
from gatekeeper.language.tree.syntax_values import (
    Argument,
    Arithmetic,
    Bracketed,
    Call,
    DateLiteral,
    Duration,
    Length,
    Listing,
    Name,
    Negative,
    Now,
    Number,
    Param,
    Percentage,
    Since,
    Span,
    Text,
    TimeUnit,
    Today,
    Value,
    Window,
)

__all__ = [
    "And",
    "Argument",
    "Arithmetic",
    "AtLeast",
    "Between",
    "Bracketed",
    "Call",
    "Changed",
    "Compare",
    "DateLiteral",
    "Duration",
    "Every",
    "GroupTest",
    "In",
    "InPeriod",
    "Includes",
    "Is",
    "Length",
    "Listing",
    "Name",
    "Negative",
    "Not",
    "Now",
    "Number",
    "Or",
    "Param",
    "Percentage",
    "Quantified",
    "Quantity",
    "Rows",
    "Since",
    "Span",
    "Test",
    "Text",
    "TextTest",
    "TimeUnit",
    "Today",
    "Truthy",
    "Value",
    "Window",
    "Within",
]


@node
class And:
    """All parts hold; three-valued."""

    parts: tuple[Test, ...]
    span: Span


@node
class Or:
    """One part holds; three-valued."""

    parts: tuple[Test, ...]
    span: Span


@node
class AtLeast:
    """At least `count` parts hold; three-valued. No text writes it, a define may."""

    count: int
    parts: tuple[Test, ...]
    span: Span


@node
class Not:
    """The part does not hold; unknown stays unknown."""

    part: Test
    span: Span


@node
class Compare:
    """`left OP right`; before, after and the like are kept as words.

    `operator` is one of `= != < <= > >= before after "on or before" "on or after"`.
    """

    operator: str
    left: Value
    right: Value
    operator_span: Span
    span: Span


@node
class Is:
    """`value is [not] empty|filled|true|false`."""

    value: Value
    state: Literal["empty", "filled", "true", "false"]
    negated: bool
    span: Span


@node
class In:
    """`value [not] in [..]`."""

    value: Value
    negated: bool
    choices: Listing | Param
    span: Span


@node
class Between:
    """`value [not] between low and high`, both ends included."""

    value: Value
    negated: bool
    low: Value
    high: Value
    span: Span


@node
class TextTest:
    """`value [not] contains|starts with|ends with|matches` one of the patterns."""

    value: Value
    operator: Literal["contains", "starts with", "ends with", "matches"]
    negated: bool
    patterns: Listing | Value
    span: Span


@node
class Includes:
    """`value includes any|all|none of [..]` on a multi-select."""

    value: Value
    quorum: Literal["any", "all", "none"]
    choices: Listing | Param
    span: Span


@node
class Within:
    """`value within last|next LENGTH`."""

    value: Value
    direction: Literal["last", "next"]
    length: Length
    span: Span


@node
class Changed:
    """`value changed within last LENGTH` or `value changed since ..`."""

    value: Value
    window: Window | Since
    span: Span


@node
class InPeriod:
    """`value in this|last|next [fiscal] week|month|quarter|year`."""

    value: Value
    which: Literal["this", "last", "next"]
    fiscal: bool
    period: Literal["week", "month", "quarter", "year"]
    span: Span


class Quantity(StrEnum):
    """How many rows a quantifier asks for."""

    SOME = "some"
    NO = "no"
    AT_LEAST = "at least"
    AT_MOST = "at most"
    EXACTLY = "exactly"


@node
class Quantified:
    """`at least 2 contacts where ..`; `count` is None for some and no."""

    quantity: Quantity
    count: int | Param | None
    collection: Name
    where: Test | None
    span: Span


@node
class Every:
    """`every contact where (..) has ..`."""

    collection: Name
    where: Test | None
    has: Test
    span: Span


@node
class GroupTest:
    """`some of G is filled`, `every of G is filled`, `at least 3 of G ..`.

    `test` is `is filled`, `is empty` or a `Changed` whose value is the group's name.
    """

    quantity: Quantity | Literal["every"]
    count: int | Param | None
    group: Name
    test: Is | Changed
    span: Span


@node
class Truthy:
    """A yes/no value or the name of a condition standing alone."""

    value: Value
    span: Span


Test = (
    And
    | Or
    | AtLeast
    | Not
    | Compare
    | Is
    | In
    | Between
    | TextTest
    | Includes
    | Within
    | Changed
    | InPeriod
    | Quantified
    | Every
    | GroupTest
    | Truthy
    | Bracketed
)


@node
class Rows:
    """Named rows, only as the whole of a define: `meetings where ..`."""

    collection: Name
    where: Test | None
    span: Span
