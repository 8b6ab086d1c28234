"""The checked tree of one condition: every name resolved, every value of a known kind.

What the checker gives, and the one thing that both the closures and the explanations
are made from, so that verdict and explanation cannot disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.tree.node import node
from gatekeeper.language.tree.typed_values import (
    Aggregate,
    Arithmetic,
    Chosen,
    Condition,
    Constant,
    Field,
    From,
    Function,
    Lookback,
    Moment,
    Past,
    Pattern,
    Plain,
    Rows,
    Slot,
    Undecided,
    Value,
    Window,
)

if TYPE_CHECKING:
    from gatekeeper.language.tree import syntax
    from gatekeeper.language.types import Reading

__all__ = [
    "Aggregate",
    "And",
    "Arithmetic",
    "AtLeast",
    "Between",
    "Changed",
    "Chosen",
    "Compare",
    "Condition",
    "Constant",
    "Every",
    "Field",
    "Filled",
    "From",
    "Function",
    "InPeriod",
    "Includes",
    "Lookback",
    "Member",
    "Moment",
    "Named",
    "Not",
    "Or",
    "Past",
    "Pattern",
    "Plain",
    "Quantified",
    "Rows",
    "Slot",
    "Tally",
    "Test",
    "TextMatch",
    "Truth",
    "Undecided",
    "Value",
    "Window",
    "Within",
]


@node
class And:
    """All parts hold."""

    parts: tuple[Test, ...]


@node
class Or:
    """One part holds."""

    parts: tuple[Test, ...]


@node
class AtLeast:
    """At least `count` parts hold."""

    count: int
    parts: tuple[Test, ...]


@node
class Not:
    """The part does not hold."""

    part: Test


@node
class Named:
    """A condition that goes by a name (a define)."""

    name: str
    test: Test


@node
class Compare:
    """`left operator right`; the operator is one of `= != < <= > >=`."""

    operator: str
    left: Value
    right: Value
    reading: Reading


@node
class Filled:
    """The value is (or is not) filled; never unknown for an empty one."""

    value: Value
    wanted: bool


@node
class Truth:
    """A yes/no value is as wanted."""

    value: Value
    wanted: bool


@node
class Member:
    """The value is one of the choices."""

    value: Value
    choices: tuple[Value, ...]
    reading: Reading


@node
class Between:
    """`low <= value <= high`."""

    value: Value
    low: Value
    high: Value
    reading: Reading


@node
class TextMatch:
    """The text contains, starts with, ends with or matches one of the patterns."""

    value: Value
    operator: str
    patterns: tuple[Value, ...]


@node
class Includes:
    """A multi-select holds any, all or none of the choices."""

    value: Value
    quorum: str
    choices: tuple[Value, ...]


@node
class Within:
    """The value lies between now and so long ago (or ahead), both included."""

    value: Value
    direction: str
    length: Value


@node
class Changed:
    """A field of the deal changed in the window."""

    of: Field
    window: Window


@node
class InPeriod:
    """The value lies in this, the last or the next week, month, quarter or year."""

    value: Value
    which: str
    fiscal: bool
    period: str


@node
class Quantified:
    """So many rows are there; `count` is None for some and no."""

    quantity: syntax.Quantity
    count: Value | None
    rows: Rows


@node
class Every:
    """The condition is true of every row."""

    rows: Rows
    has: Test


@node
class Tally:
    """So many of the parts hold; `quantity` may also be every."""

    quantity: str
    count: Value | None
    parts: tuple[Test, ...]
    group: str


Test = (
    And
    | Or
    | AtLeast
    | Not
    | Named
    | Compare
    | Filled
    | Truth
    | Member
    | Between
    | TextMatch
    | Includes
    | Within
    | Changed
    | InPeriod
    | Quantified
    | Every
    | Tally
)
