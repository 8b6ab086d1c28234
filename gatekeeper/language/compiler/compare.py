"""Comparisons into closures, one maker per way of comparing.

The way was settled by the checker from the kinds of both sides, so a closure asks for
one Python type and nothing else.
"""

from __future__ import annotations

import operator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Answer, Deal, Person, Row, Unavailable
from gatekeeper.language.compiler import one_field
from gatekeeper.language.compiler.aggregates import count_closure
from gatekeeper.language.compiler.bounds import decided
from gatekeeper.language.compiler.closures import (
    as_date,
    as_elapsed,
    either_blank,
    is_fixed,
)
from gatekeeper.language.compiler.labels import labelled_and_text, same_text
from gatekeeper.language.compiler.logic import opposite
from gatekeeper.language.compiler.moments import in_days
from gatekeeper.language.compiler.readers import NO_ROW, Reader, is_blank
from gatekeeper.language.compiler.stages import stage_closure
from gatekeeper.language.compiler.time import against_day
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration
from gatekeeper.language.tree.typed_values import ranks_of
from gatekeeper.language.types import WORDS, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.aggregates import Counter
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree

    Decide = Callable[..., bool]

ODD = Unavailable("two values cannot be compared")
OPERATORS: dict[str, Decide] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CLASSES: dict[Reading, type] = {
    Reading.NUMBER: Decimal,
    Reading.RATIO: Decimal,
    Reading.DAYS: Decimal,
    Reading.TEXT: str,
    Reading.RANK: int,
    Reading.DATE: date,
    Reading.DATETIME: datetime,
    Reading.YES_NO: bool,
    Reading.ELAPSED: timedelta,
}


def compare_closure(node: typed.Compare, tree: Tree) -> Asker:
    """Compile `left operator right`."""
    match node:
        case typed.Compare(
            left=typed.Aggregate(of=None) as rows,
            right=typed.Constant(value=Decimal() as limit),
            reading=Reading.NUMBER,
        ):
            return _count_against(
                OPERATORS[node.operator], count_closure(rows, tree), limit
            )
    return pair_closure(node.operator, (node.left, node.right), node.reading, tree)


def pair_closure(
    symbol: str, pair: tuple[typed.Value, typed.Value], reading: Reading, tree: Tree
) -> Asker:
    """Compile a comparison of two values, read in a given way."""
    if reading is Reading.STAGE:
        return stage_closure(OPERATORS[symbol], pair, tree)
    left, right = (tree.value(side) for side in pair)
    if reading is Reading.USER:
        return _people(left, right, wanted=symbol == "=")
    if reading is Reading.TEXT and (sides := labelled_and_text(pair)):
        same = same_text(*sides, tree)
        return same if symbol == "=" else opposite(same)
    if _is_moment_and_day(pair, reading):
        return against_day(symbol, *pair, tree)
    read_left = _as_read(left, pair[0], reading, pair)
    read_right = _as_read(right, pair[1], reading, pair)
    decide, expected = OPERATORS[symbol], _CLASSES[reading]
    fixed = read_right(None, None) if _is_fixed(pair[1]) else None  # type: ignore[arg-type]
    if fixed.__class__ is not expected:
        return _against(decide, read_left, read_right, expected)
    ask, field = _against_fixed(decide, read_left, fixed), pair[0]
    is_scaled = reading is Reading.RATIO and field.kind is Kind.NUMBER
    if is_scaled or not one_field.is_plain(field):
        return ask
    return _in_one_step(field, decide, fixed, ask)


def _in_one_step(
    field: typed.Field, decide: Decide, fixed: object, otherwise: Asker
) -> Asker:
    """Compare a field with a constant in one step, where that can be done."""
    if field.kind is Kind.PICKLIST:
        return one_field.remembered(field, otherwise)
    if field.kind in WORDS and isinstance(fixed, str):
        return one_field.text_against_fixed(field, decide, fixed, otherwise)
    if field.kind and fixed.__class__ is one_field.COMPARED.get(field.kind):
        return one_field.against_fixed(field, decide, fixed, otherwise)
    return otherwise


def _count_against(decide: Decide, count: Counter, limit: Decimal) -> Asker:
    """Compare a count of rows with a fixed number, as whole numbers where it is one."""
    whole_limit = int(limit) if limit == limit.to_integral_value() else limit

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        found = count(deal, ctx)
        if type(found) is Unavailable:
            known = decided(decide, found, limit)
            return found if known is None else known
        return decide(found, whole_limit)

    return ask


def _is_moment_and_day(pair: tuple[typed.Value, typed.Value], reading: Reading) -> bool:
    """Whether a moment meets a day that is the same for every deal of a run."""
    is_day = pair[1].kind is Kind.DATE and is_fixed(pair[1])
    return reading is Reading.DATE and pair[0].kind is Kind.DATETIME and is_day


def _is_fixed(value: typed.Value) -> bool:
    """A constant is the same for every deal, except a local time without its zone."""
    return isinstance(value, typed.Constant) and not isinstance(value.value, datetime)


def _against_fixed(decide: Decide, left: Reader, fixed: object) -> Asker:
    expected = fixed.__class__

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = left(deal, ctx, row)
        if value.__class__ is expected:
            try:
                return decide(value, fixed)
            except ArithmeticError:
                return ODD
        if value is EMPTY:
            return EMPTY
        if isinstance(value, Unavailable):
            known = decided(decide, value, fixed)
            return value if known is None else known
        return ODD

    return ask


def _against(
    decide: Decide,
    left: Reader,
    right: Reader,
    expected: type,
) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        first, second = left(deal, ctx, row), right(deal, ctx, row)
        if first.__class__ is expected and second.__class__ is expected:
            try:
                return decide(first, second)
            except ArithmeticError:
                return ODD
        if first is EMPTY and not isinstance(second, Unavailable):
            return EMPTY
        if is_blank(first) or is_blank(second):
            known = decided(decide, first, second)
            if known is None:
                known = decided(lambda left, right: decide(right, left), second, first)
            return either_blank(first, second) if known is None else known
        return ODD

    return ask


# ---- ways of reading a side --------------------------------------------------------


def _as_read(
    read: Reader,
    side: typed.Value,
    reading: Reading,
    pair: tuple[typed.Value, typed.Value],
) -> Reader:
    match reading:
        case Reading.TEXT:
            return _folded(read)
        case Reading.RANK:
            return _ranked(read, pair)
        case Reading.DATE:
            return as_date(read, side.kind)
        case Reading.ELAPSED:
            return as_elapsed(read)
        case Reading.DAYS:
            return _counted_days(read)
        case Reading.RATIO if side.kind is Kind.NUMBER:
            return _in_points(read)
        case _:
            return read


def _folded(read: Reader) -> Reader:
    def folded(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        return value.casefold() if isinstance(value, str) else value

    return folded


def _ranked(read: Reader, pair: tuple[typed.Value, typed.Value]) -> Reader:
    """Place a picklist's value in the order of the CRM; unavailable if it has none."""
    ranks = next(filter(None, map(ranks_of, pair)), {})
    unknown = Unavailable("the order of the values is not known")

    def ranked(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if isinstance(value, str):
            return ranks.get(value.casefold(), unknown)
        return value

    return ranked


def _counted_days(read: Reader) -> Reader:
    def counted(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if not isinstance(value, Duration):
            return value
        days = in_days(value)
        return ODD if days is None else Decimal(days)

    return counted


def _in_points(read: Reader) -> Reader:
    def scaled(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if not isinstance(value, Decimal):
            return value
        try:
            return value * 100
        except ArithmeticError:
            return ODD

    return scaled


# ---- people ------------------------------------------------------------------------


def _people(left: Reader, right: Reader, *, wanted: bool) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        first, second = left(deal, ctx, row), right(deal, ctx, row)
        if is_blank(first) or is_blank(second):
            return either_blank(first, second)
        return same_person(first, second) is wanted

    return ask


def same_person(left: object, right: object) -> bool:
    """Whether two users, or a user and an address, name or id, are the same.

    A text may name a person; that two users have one name says nothing.
    """
    person, other = (left, right) if isinstance(left, Person) else (right, left)
    if not isinstance(person, Person):
        return False
    known = {person.id.casefold(), (person.email or person.id).casefold()}
    if isinstance(other, Person):
        return bool(known & {other.id.casefold(), (other.email or other.id).casefold()})
    known.add(person.name.strip().casefold())
    return isinstance(other, str) and other.strip().casefold() in known
