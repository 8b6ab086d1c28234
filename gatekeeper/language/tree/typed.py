"""The checked tree of one condition: every name resolved, every value of a known kind.

What the checker gives, and the one thing that both the closures and the explanations
are made from, so that verdict and explanation cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part holds."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` parts hold."""

    count: int
    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Test


@dataclass(frozen=True, slots=True)
class Named:
    """A condition that goes by a name (a define)."""

    name: str
    test: Test


@dataclass(frozen=True, slots=True)
class Compare:
    """`left operator right`; the operator is one of `= != < <= > >=`."""

    operator: str
    left: Value
    right: Value
    reading: Reading


@dataclass(frozen=True, slots=True)
class Filled:
    """The value is (or is not) filled; never unknown for an empty one."""

    value: Value
    wanted: bool


@dataclass(frozen=True, slots=True)
class Truth:
    """A yes/no value is as wanted."""

    value: Value
    wanted: bool


@dataclass(frozen=True, slots=True)
class Member:
    """The value is one of the choices."""

    value: Value
    choices: tuple[Value, ...]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Between:
    """`low <= value <= high`."""

    value: Value
    low: Value
    high: Value
    reading: Reading


@dataclass(frozen=True, slots=True)
class TextMatch:
    """The text contains, starts with, ends with or matches one of the patterns."""

    value: Value
    operator: str
    patterns: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Includes:
    """A multi-select holds any, all or none of the choices."""

    value: Value
    quorum: str
    choices: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The value lies between now and so long ago (or ahead), both included."""

    value: Value
    direction: str
    length: Value


@dataclass(frozen=True, slots=True)
class Changed:
    """A field of the deal changed in the window."""

    of: Field
    window: Window


@dataclass(frozen=True, slots=True)
class InPeriod:
    """The value lies in this, the last or the next week, month, quarter or year."""

    value: Value
    which: str
    fiscal: bool
    period: str


@dataclass(frozen=True, slots=True)
class Quantified:
    """So many rows are there; `count` is None for some and no."""

    quantity: syntax.Quantity
    count: Value | None
    rows: Rows


@dataclass(frozen=True, slots=True)
class Every:
    """The condition is true of every row."""

    rows: Rows
    has: Test


@dataclass(frozen=True, slots=True)
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
