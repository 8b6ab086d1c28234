"""Closures that read one field, each made for the field's kind.

A value that is there comes back in the one Python type of its kind: Decimal for every
number (money in the run's currency), a stripped text, a local date. What is not there
comes back as `EMPTY`, what the CRM did not say as `Unavailable`. Never raises.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeGuard

from gatekeeper.core import calendar
from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    Empty,
    Money,
    Person,
    Row,
    Unavailable,
)
from gatekeeper.language.compiler.placeholders import text_of
from gatekeeper.language.types import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.language.tree import typed

Blank = Empty | Unavailable

NO_ROW: Row = {}
"""The row at hand outside a `where`."""


class Reader(Protocol):
    """Deal, context, and inside a `where` the row at hand -> a value or a blank."""

    def __call__(self, deal: Deal, ctx: Context, row: Row = NO_ROW, /) -> object:
        """Read or work out a value; never raises."""


CENTS = 2
OF_THE_DEAL: dict[str, Callable[[Deal], str]] = {
    "id": lambda deal: deal.id,
    "name": lambda deal: deal.name,
    "pipeline": lambda deal: deal.pipeline,
    "stage": lambda deal: deal.stage,
}
"""Names that are no fields of a deal but the deal's own attributes."""


def is_blank(value: object) -> TypeGuard[Blank]:
    """Whether a value is empty or unavailable."""
    return value is EMPTY or type(value) is Unavailable


def label_of(field: typed.Field) -> str:
    """Name a field in a sentence about it."""
    return f"{field.collection}.{field.name}" if field.collection else field.name


def raw_reader(field: typed.Field) -> Reader:
    """Read the field as the CRM's room gave it."""
    name = field.name
    missing = Unavailable(f"{label_of(field)} was not read")
    if field.collection is not None:
        return lambda deal, ctx, row=NO_ROW: row.get(name, missing)
    own = OF_THE_DEAL.get(name)
    if own is not None:
        return lambda deal, ctx, row=NO_ROW: own(deal)
    return lambda deal, ctx, row=NO_ROW: deal.fields.get(name, missing)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a value is found.

    Attributes:
        in_row: In the row at hand, not among the deal's own fields.
        missing: Stands for a value that was not read.
        odd: Stands for a value of another type than the field's.
    """

    name: str
    in_row: bool
    missing: Unavailable
    odd: Unavailable


def field_reader(field: typed.Field) -> Reader:
    """Read the field in the Python type of its kind."""
    label = label_of(field)
    missing = Unavailable(f"{label} was not read")
    odd = Unavailable(f"{label} holds a value of another type")
    own = None if field.collection is not None else OF_THE_DEAL.get(field.name)
    in_row = field.collection is not None or own is not None
    read = _reader(field, _Source(field.name, in_row, missing, odd))
    if own is None:
        return read
    name, value_of = field.name, own
    return lambda deal, ctx, row=NO_ROW: read(deal, ctx, {name: value_of(deal)})


def _reader(field: typed.Field, source: _Source) -> Reader:
    match field.kind:
        case Kind.MONEY:
            return _money(source)
        case Kind.DATE:
            return _date(source)
        case kind if kind in WORDS:
            return _text(source)
        case None:
            return _anything(source)
        case Kind.PICKLIST | Kind.STAGE:
            return _choice(source)
        case kind:
            return _typed(source, _CLASSES[kind])


_CLASSES: dict[Kind, type] = {
    Kind.NUMBER: Decimal,
    Kind.PERCENT: Decimal,
    Kind.DATETIME: datetime,
    Kind.YES_NO: bool,
    Kind.MULTI_PICKLIST: frozenset,
    Kind.USER: Person,
    Kind.DURATION: timedelta,
}


def _blank_or(value: object, odd: Unavailable) -> Blank:
    return value if is_blank(value) else odd


def _typed(source: _Source, expected: type) -> Reader:
    name, in_row, missing, odd = _parts(source)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = (row if in_row else deal.fields).get(name, missing)
        if value.__class__ is not expected:
            return _unexpected(value, expected, odd)
        if expected is frozenset and not value:
            return EMPTY
        return value

    return read


def _parts(source: _Source) -> tuple[str, bool, Unavailable, Unavailable]:
    """Take a source apart: a closure reads its own names faster than attributes."""
    return source.name, source.in_row, source.missing, source.odd


def _unexpected(value: object, expected: type, odd: Unavailable) -> object:
    """Take money as a plain number where the catalogue says number."""
    if expected is Decimal and isinstance(value, Money):
        return value.amount
    return _blank_or(value, odd)


def _money(source: _Source) -> Reader:
    name, in_row, missing, odd = _parts(source)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = (row if in_row else deal.fields).get(name, missing)
        if value.__class__ is Money:
            if value.currency == ctx.currency:
                return value.amount
            return in_currency(value, ctx)
        if value.__class__ is Decimal:
            return value
        return _blank_or(value, odd)

    return read


def in_currency(money: Money, ctx: Context) -> Decimal | Unavailable:
    """Convert money into the run's currency; unavailable without a rate.

    To the cent, as people see it: a rate is a division and never exact, and an amount
    that is worth just the limit must be at the limit.
    """
    if money.currency == ctx.currency:
        return money.amount
    if (rate := ctx.rates.get(money.currency)) is None:
        reason = f"there is no exchange rate for {money.currency}"
        return Unavailable(reason, is_there=True)
    try:
        return round(money.amount * rate, CENTS)
    except ArithmeticError:
        return Unavailable("an amount is out of range")


def _date(source: _Source) -> Reader:
    name, in_row, missing, odd = _parts(source)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = (row if in_row else deal.fields).get(name, missing)
        if value.__class__ is date:
            return value
        if isinstance(value, datetime):
            return local_date(value, ctx)
        return _blank_or(value, odd)

    return read


def local_date(moment: datetime, ctx: Context) -> date | Unavailable:
    """Return the calendar date in the run's zone."""
    try:
        return calendar.local_date(moment, ctx.zone)
    except (OverflowError, ValueError):
        return Unavailable("a date is out of range")


def local_moment(moment: datetime, ctx: Context) -> datetime:
    """Return a moment as the clocks of the zone show it, where the calendar has it."""
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(ctx.zone)
    except (OverflowError, ValueError):
        return moment


def _text(source: _Source) -> Reader:
    name, in_row, missing, odd = _parts(source)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = (row if in_row else deal.fields).get(name, missing)
        if value.__class__ is not str:
            return _blank_or(value, odd)
        return text_of(value, ctx)

    return read


def _choice(source: _Source) -> Reader:
    name, in_row, missing, odd = _parts(source)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = (row if in_row else deal.fields).get(name, missing)
        if value.__class__ is not str:
            return _blank_or(value, odd)
        return value.strip() or EMPTY

    return read


def _anything(source: _Source) -> Reader:
    name, in_row, missing, _ = _parts(source)

    def read(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = (row if in_row else deal.fields).get(name, missing)
        if isinstance(value, str):
            return value.strip() or EMPTY
        return EMPTY if value == frozenset() else value

    return read
