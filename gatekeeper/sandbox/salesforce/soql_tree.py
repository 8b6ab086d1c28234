"""The tree of a SOQL statement. Pure values; every node knows where it stood.

`at` is the offset of a node's first character in the statement, for the caret of
an error message.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a literal was written; what it means depends on the field beside it."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "dateTime"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a condition; `text` keeps escapes and lacks the quotes."""

    kind: Kind
    text: str
    at: int

    @property
    def is_null(self) -> bool:
        """Whether this is the word null."""
        return self.kind is Kind.WORD and self.text.casefold() == "null"


@dataclass(frozen=True, slots=True)
class Path:
    """A field, perhaps through parents: `Account.Owner.Name`."""

    parts: tuple[str, ...]
    at: int

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of a field: `COUNT(Id)`, `DAY_ONLY(convertTimezone(CreatedDate))`."""

    function: str
    argument: Path | Call | None
    at: int


Expression = Path | Call


@dataclass(frozen=True, slots=True)
class Field:
    """One plain entry of the SELECT list."""

    expression: Expression
    alias: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """WHEN `type_name` THEN `fields`; the ELSE branch has no type name."""

    type_name: str | None
    fields: tuple[Path, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Typeof:
    """TYPEOF of a polymorphic relationship."""

    path: Path
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query in parentheses: child rows in SELECT, a semi-join in WHERE."""

    query: Query


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is upper case, `<>` already written `!=`."""

    left: Expression
    operator: str
    right: Literal | tuple[Literal, ...] | Subquery

    @property
    def at(self) -> int:
        """Where the left side stands."""
        return self.left.at


@dataclass(frozen=True, slots=True)
class Conjunction:
    """All of the parts hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Disjunction:
    """One of the parts holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The inner condition does not hold."""

    inner: Condition


@dataclass(frozen=True, slots=True)
class Group:
    """A condition in parentheses: semi-joins may not stand inside one."""

    inner: Condition


Condition = Comparison | Conjunction | Disjunction | Negation | Group


@dataclass(frozen=True, slots=True)
class Order:
    """One key of ORDER BY; empty values come first unless said otherwise."""

    expression: Expression
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A whole SELECT."""

    select: tuple[Field | Typeof | Subquery, ...]
    source: Path
    alias: str | None = None
    where: Condition | None = None
    group_by: tuple[Expression, ...] = ()
    order_by: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int | None = None
    all_rows: bool = False
