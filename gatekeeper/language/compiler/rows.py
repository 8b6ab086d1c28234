"""Conditions and values over the rows of a collection, into closures.

Rows for which the condition is true count. An unknown row does not; a row whose
condition the CRM left open makes the outcome open, unless the others decide it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable
from gatekeeper.language.compiler.readers import Reader, is_blank
from gatekeeper.language.compiler.values import OUT_OF_RANGE
from gatekeeper.language.tree.syntax import Quantity

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.tree import typed

Asker = Callable[[Row, Deal, "Context"], Answer]


@dataclass(frozen=True, slots=True)
class Sorted:
    """The rows of a collection by what their condition answered.

    Attributes:
        counted: The condition is true.
        passed_over: It is false.
        unknown: It is unknown since a value is empty.
        open: The CRM did not say; `reason` tells of one of them.
    """

    counted: tuple[Row, ...]
    passed_over: tuple[Row, ...] = ()
    unknown: tuple[Row, ...] = ()
    open: tuple[Row, ...] = ()
    reason: Unavailable | None = None

    @property
    def total(self) -> int:
        """How many rows the deal has."""
        return sum(map(len, (self.counted, self.passed_over, self.unknown, self.open)))


RowsReader = Callable[[Deal, "Context"], "Sorted | Unavailable"]


def rows_closure(node: typed.Rows, tree: Tree) -> RowsReader:
    """Compile rows with their condition."""
    name = node.collection
    missing = Unavailable(f"{name} were not read")
    if node.where is None:

        def everyone(deal: Deal, ctx: Context) -> Sorted | Unavailable:
            rows = deal.related.get(name, missing)
            return rows if isinstance(rows, Unavailable) else Sorted(rows)

        return everyone
    asks = tree.test(node.where)

    def sort(deal: Deal, ctx: Context) -> Sorted | Unavailable:
        rows = deal.related.get(name, missing)
        if isinstance(rows, Unavailable):
            return rows
        return _sorted(rows, asks, deal, ctx)

    return sort


def _sorted(rows: tuple[Row, ...], asks: Asker, deal: Deal, ctx: Context) -> Sorted:
    counted: list[Row] = []
    passed_over: list[Row] = []
    unknown: list[Row] = []
    still_open: list[Row] = []
    reason: Unavailable | None = None
    for row in rows:
        answer = asks(row, deal, ctx)
        if answer is True:
            counted.append(row)
        elif answer is False:
            passed_over.append(row)
        elif answer is EMPTY:
            unknown.append(row)
        else:
            still_open.append(row)
            reason = answer if isinstance(answer, Unavailable) else reason
    return Sorted(
        tuple(counted), tuple(passed_over), tuple(unknown), tuple(still_open), reason
    )


# ---- quantifiers -----------------------------------------------------------------


def quantified_closure(node: typed.Quantified, tree: Tree) -> Asker:
    """Compile `at least 2 contacts where ..`; stops at the row that decides."""
    name = node.rows.collection
    missing = Unavailable(f"{name} were not read")
    asks = _everyone if node.rows.where is None else tree.test(node.rows.where)
    asked = _count_reader(node.quantity, node.count, tree)
    quantity = _plain(node.quantity)
    decide, is_least = _DECIDE[quantity], quantity == "at least"

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        rows = deal.related.get(name, missing)
        if isinstance(rows, Unavailable):
            return rows
        wanted = asked(row, deal, ctx)
        if not isinstance(wanted, int | Decimal):
            return wanted if is_blank(wanted) else OUT_OF_RANGE
        enough = wanted if is_least else wanted + 1
        sure = more = 0
        reason = OUT_OF_RANGE
        for each in rows:
            answer = asks(each, deal, ctx)
            if answer is True:
                sure += 1
                if sure >= enough:
                    return is_least
            elif isinstance(answer, Unavailable):
                more += 1
                reason = answer
        decided = decide(sure, sure + more, wanted)
        return reason if decided is None else decided

    return ask


def _everyone(row: Row, deal: Deal, ctx: Context) -> Answer:
    return True


def _plain(quantity: str) -> str:
    return {Quantity.SOME: "at least", Quantity.NO: "at most"}.get(
        Quantity(quantity), quantity
    )


def _count_reader(quantity: str, count: typed.Value | None, tree: Tree) -> Reader:
    if count is not None:
        return tree.value(count)
    fixed = 0 if quantity == Quantity.NO else 1
    return lambda row, deal, ctx: fixed


def _at_least(sure: int, possible: int, wanted: int | Decimal) -> bool | None:
    if sure >= wanted:
        return True
    return None if possible >= wanted else False


def _at_most(sure: int, possible: int, wanted: int | Decimal) -> bool | None:
    if sure > wanted:
        return False
    return None if possible > wanted else True


def _exactly(sure: int, possible: int, wanted: int | Decimal) -> bool | None:
    if sure == possible:
        return sure == wanted
    return None if sure <= wanted <= possible else False


_DECIDE = {"at least": _at_least, "at most": _at_most, "exactly": _exactly}


def every_closure(node: typed.Every, tree: Tree) -> Asker:
    """Compile `every line_item where (..) has ..`."""
    name = node.rows.collection
    missing = Unavailable(f"{name} were not read")
    asks = None if node.rows.where is None else tree.test(node.rows.where)
    has = tree.test(node.has)

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        rows = deal.related.get(name, missing)
        if isinstance(rows, Unavailable):
            return rows
        doubt: Unavailable | None = None
        for each in rows:
            asked = True if asks is None else asks(each, deal, ctx)
            if asked is False or asked is EMPTY:
                continue
            answer = has(each, deal, ctx)
            if answer is True:
                continue
            if isinstance(asked, Unavailable):
                doubt = asked
            elif isinstance(answer, Unavailable):
                doubt = answer
            else:
                return False
        return doubt or True

    return ask


def tally_closure(node: typed.Tally, tree: Tree) -> Asker:
    """Compile `at least 3 of meddppicc is filled`."""
    parts = [tree.test(part) for part in node.parts]
    if node.quantity == "every":
        fixed = len(parts)
        count: Reader = lambda row, deal, ctx: fixed  # noqa: E731
        decide = _at_least
    else:
        count = _count_reader(node.quantity, node.count, tree)
        decide = _DECIDE[_plain(node.quantity)]

    def ask(row: Row, deal: Deal, ctx: Context) -> Answer:
        answers = [part(row, deal, ctx) for part in parts]
        wanted = count(row, deal, ctx)
        if not isinstance(wanted, int | Decimal):
            return wanted if is_blank(wanted) else OUT_OF_RANGE
        doubts = [each for each in answers if isinstance(each, Unavailable)]
        sure = sum(answer is True for answer in answers)
        decided = decide(sure, sure + len(doubts), wanted)
        return doubts[0] if decided is None else decided

    return ask


# ---- values over rows ------------------------------------------------------------


def aggregate_closure(node: typed.Aggregate, tree: Tree) -> Reader:
    """Compile `count`, `sum`, `min`, `max`, `latest` or `earliest`."""
    name = node.rows.collection
    missing = Unavailable(f"{name} were not read")
    asks = _everyone if node.rows.where is None else tree.test(node.rows.where)
    of = _everyone if node.of is None else tree.value(node.of)
    gather = _GATHER[node.function]

    def compute(row: Row, deal: Deal, ctx: Context) -> object:
        rows = deal.related.get(name, missing)
        if isinstance(rows, Unavailable):
            return rows
        values = _values(rows, asks, of, (deal, ctx))
        if isinstance(values, Unavailable):
            return values
        try:
            return gather(values)
        except (ArithmeticError, TypeError):
            return OUT_OF_RANGE

    return compute


def _values(
    rows: tuple[Row, ...], asks: Asker, of: Reader, at: tuple[Deal, Context]
) -> list[object] | Unavailable:
    """Read the values of the rows that count; every open condition goes first."""
    counted = []
    for row in rows:
        answer = asks(row, *at)
        if isinstance(answer, Unavailable):
            return answer
        if answer is True:
            counted.append(row)
    values = [of(row, *at) for row in counted]
    for value in values:
        if isinstance(value, Unavailable):
            return value
    return [value for value in values if value is not EMPTY]


def _count(values: list[object]) -> object:
    return Decimal(len(values))


def _sum(values: list[object]) -> object:
    total = Decimal(0)
    for value in values:
        if not isinstance(value, Decimal):
            raise TypeError
        total += value
    return total


def _largest(values: list[object]) -> object:
    return max(values) if values else EMPTY  # type: ignore[type-var]


def _smallest(values: list[object]) -> object:
    return min(values) if values else EMPTY  # type: ignore[type-var]


_GATHER: dict[str, Callable[[list[object]], object]] = {
    "count": _count,
    "sum": _sum,
    "min": _smallest,
    "max": _largest,
    "latest": _largest,
    "earliest": _smallest,
}
