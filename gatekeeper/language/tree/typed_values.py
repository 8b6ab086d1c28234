"""The checked values of one condition: every name resolved, every kind known."""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.node import node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.language.tree.typed import Test

Plain = Decimal | str | bool | date | datetime | syntax.Duration
"""A value known before any deal is seen; money in the project's currency."""


# ---- values ------------------------------------------------------------------


@node
class Constant:
    """A literal or a parameter with one value.

    Attributes:
        shown: How people know the value where that differs (a picklist's label).
        literal: Written as a literal, so a bare number may become money.
    """

    value: Plain
    kind: Kind
    shown: str | None = None
    literal: bool = True


@node
class Moment:
    """`today` or `now`."""

    which: Literal["today", "now"]

    @property
    def kind(self) -> Kind:
        """A date, or a date and time."""
        return Kind.DATE if self.which == "today" else Kind.DATETIME


@node
class Field:
    """A field of the deal, or of the row a `where` looks at.

    Attributes:
        name: Its key in the deal's fields or in the row.
        kind: None where the CRM's type is not known.
        collection: Whose row it is a field of; None for the deal.
        labels: API value, without case, to label (picklists).
        ranks: API value, without case, to its place (ordered picklists).
    """

    name: str
    kind: Kind | None
    collection: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    ranks: Mapping[str, int] | None = None


@node
class Chosen:
    """A parameter whose value a field of the deal or row chooses.

    Attributes:
        table: Text of the field, without case, to value.
        bands: Lower limit to value, ascending.
    """

    param: str
    kind: Kind
    by: Field
    table: Mapping[str, Plain | tuple[Plain, ...]]
    bands: tuple[tuple[Decimal, Plain | tuple[Plain, ...]], ...]
    otherwise: Plain | tuple[Plain, ...] | None


@node
class Undecided:
    """A parameter nobody has given a value yet."""

    param: str
    kind: Kind


@node
class Arithmetic:
    """`left operator right`."""

    operator: str
    left: Value
    right: Value
    kind: Kind


@node
class Function:
    """A function of values; `-x` is the function `negative`."""

    name: str
    arguments: tuple[Value, ...]
    kind: Kind


@node
class Rows:
    """Rows of a collection, those for which `where` is true.

    Attributes:
        collection: Key in the deal's related rows.
        label: The field that names a row to people, where the collection has one.
    """

    collection: str
    where: Test | None = None
    label: str | None = None


@node
class Aggregate:
    """`count`, `sum`, `min`, `max`, `latest` or `earliest` over rows.

    Attributes:
        of: The field that is gathered; None for a count of rows.
    """

    function: str
    rows: Rows
    of: Field | None
    kind: Kind


@node
class Pattern:
    """`text_like(value, "..")`: literal text and slots, in order."""

    value: Value
    parts: tuple[str | Field | Slot, ...]
    kind: Kind = Kind.YES_NO


@node
class Slot:
    """One of `{text} {number} {MM/YY} {rest}` in a text pattern."""

    name: str


@node
class Condition:
    """A condition used as a yes/no value."""

    test: Test
    kind: Kind = Kind.YES_NO


# ---- the deal's past ------------------------------------------------------------


@node
class Lookback:
    """`last 30 days`: from the start of that day until now."""

    length: Value


@node
class From:
    """`since VALUE`: from that moment, or from the start of that day, until now."""

    moment: Value


Window = Lookback | From


@node
class Past:
    """A function of the deal's past; `creation` is the moment it was made.

    Attributes:
        of: The field whose changes it speaks of.
        stage: Name of the stage it speaks of; None for the present one.
    """

    function: str
    kind: Kind | None
    of: Field | None = None
    stage: str | None = None
    window: Window | None = None


Value = (
    Constant
    | Moment
    | Field
    | Chosen
    | Undecided
    | Arithmetic
    | Function
    | Aggregate
    | Pattern
    | Condition
    | Past
)


def ranks_of(value: object) -> Mapping[str, int] | None:
    """Return the order of an ordered picklist's values, also of what it was before."""
    match value:
        case Field(ranks=ranks) | Past(kind=Kind.PICKLIST, of=Field(ranks=ranks)):
            return ranks
    return None
