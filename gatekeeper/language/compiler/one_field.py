"""Tests of one field against what is the same for a whole run, decided in one step.

Each maker takes the closure that decides in general and goes round it where the value
is of the usual class: most lines of a pack are such tests, and most rows are sorted by
one. What is blank, of another class or out of range goes the long way.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Answer, Deal, Money, Person, Row
from gatekeeper.language.compiler.placeholders import text_of
from gatekeeper.language.compiler.readers import (
    NO_ROW,
    OF_THE_DEAL,
)
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker

    Decide = Callable[..., bool]
    Span = tuple[date, date]
    SpanOf = Callable[[Context], Span | None]

COMPARED: dict[Kind, type] = {
    Kind.NUMBER: Decimal,
    Kind.PERCENT: Decimal,
    Kind.MONEY: Decimal,
    Kind.DATE: date,
}
"""Kinds that compare with constants of these classes."""

_FILLED: dict[Kind, type] = {
    Kind.NUMBER: Decimal,
    Kind.PERCENT: Decimal,
    Kind.DATE: date,
    Kind.DATETIME: datetime,
    Kind.YES_NO: bool,
    Kind.USER: Person,
}
"""Kinds of which every value of these classes is one."""

MOST_REMEMBERED = 1_000
"""Values of a picklist; a longer list of them is none."""


def is_plain(value: typed.Value) -> TypeGuard[typed.Field]:
    """Whether a value stands among the fields of the deal or of the row."""
    if not isinstance(value, typed.Field):
        return False
    return value.collection is not None or value.name not in OF_THE_DEAL


def against_fixed(
    field: typed.Field, decide: Decide, fixed: object, otherwise: Asker
) -> Asker:
    """Compare a number, money or a date with a constant."""
    name, in_row = field.name, field.collection is not None
    is_money, expected = field.kind is Kind.MONEY, fixed.__class__

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value: object = (row if in_row else deal.fields).get(name)
        if is_money and isinstance(value, Money) and value.currency == ctx.currency:
            value = value.amount
        if value.__class__ is expected:
            try:
                return decide(value, fixed)
            except ArithmeticError:
                pass
        return EMPTY if value is EMPTY else otherwise(deal, ctx, row)

    return ask


def between_fixed(
    field: typed.Field, low: object, high: object, otherwise: Asker
) -> Asker:
    """Ask whether a number, money or a date lies between two constants."""
    name, in_row = field.name, field.collection is not None
    is_money = field.kind is Kind.MONEY
    expected = COMPARED.get(field.kind) if field.kind else None
    if low.__class__ is not expected or high.__class__ is not expected:
        return otherwise

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value: object = (row if in_row else deal.fields).get(name)
        if is_money and isinstance(value, Money) and value.currency == ctx.currency:
            value = value.amount
        if value.__class__ is expected:
            try:
                return bool(low <= value <= high)  # type: ignore[operator]
            except ArithmeticError:
                pass
        return EMPTY if value is EMPTY else otherwise(deal, ctx, row)

    return ask


def in_span(field: typed.Field, span_of: SpanOf, otherwise: Asker) -> Asker:
    """Ask whether a date, or a moment, lies in a span of the run, ends included."""
    name, in_row = field.name, field.collection is not None
    expected = datetime if field.kind is Kind.DATETIME else date
    kept: tuple[Context | None, Span | None] = None, None

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        nonlocal kept
        value: object = (row if in_row else deal.fields).get(name)
        if value.__class__ is not expected:
            return EMPTY if value is EMPTY else otherwise(deal, ctx, row)
        standpoint, span = kept
        if standpoint is not ctx:
            kept = ctx, (span := span_of(ctx))
        if span is None:
            return otherwise(deal, ctx, row)
        return span[0] <= value <= span[1]

    return ask


def remembered(field: typed.Field, otherwise: Asker) -> Asker:
    """Test a picklist; what comes of each of its few values is worked out once."""
    name, in_row = field.name, field.collection is not None
    known: dict[str, Answer] = {}

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = (row if in_row else deal.fields).get(name)
        if value.__class__ is not str:
            return EMPTY if value is EMPTY else otherwise(deal, ctx, row)
        answer = known.get(value)
        if answer is None:
            answer = otherwise(deal, ctx, row)
            if len(known) < MOST_REMEMBERED:
                known[value] = answer
        return answer

    return ask


def text_against_fixed(
    field: typed.Field, decide: Decide, fixed: str, otherwise: Asker
) -> Asker:
    """Hold a text against a constant, both without case."""
    name, in_row = field.name, field.collection is not None

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = (row if in_row else deal.fields).get(name)
        if value.__class__ is str:
            text = text_of(value, ctx)
            if text.__class__ is str:
                return decide(text.casefold(), fixed)
        return EMPTY if value is EMPTY else otherwise(deal, ctx, row)

    return ask


def is_true(field: typed.Field, otherwise: Asker, *, wanted: bool) -> Asker:
    """Ask whether a yes/no field is as wanted."""
    name, in_row = field.name, field.collection is not None

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = (row if in_row else deal.fields).get(name)
        if value is True:
            return wanted
        if value is False:
            return not wanted
        return otherwise(deal, ctx, row)

    return ask


def is_filled(field: typed.Field, otherwise: Asker, *, wanted: bool) -> Asker:
    """Ask whether a field that holds no text is filled."""
    name, in_row = field.name, field.collection is not None
    expected = _FILLED.get(field.kind) if field.kind else None

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = (row if in_row else deal.fields).get(name)
        if value.__class__ is expected:
            return wanted
        return not wanted if value is EMPTY else otherwise(deal, ctx, row)

    return ask


def is_written(field: typed.Field, otherwise: Asker, *, wanted: bool) -> Asker:
    """Ask whether a text is filled."""
    name, in_row = field.name, field.collection is not None

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = (row if in_row else deal.fields).get(name)
        if value.__class__ is str:
            return (text_of(value, ctx).__class__ is str) is wanted
        return not wanted if value is EMPTY else otherwise(deal, ctx, row)

    return ask
