"""Functions of values and text patterns into closures; none of them raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language import functions
from gatekeeper.language.compiler.closures import (
    OUT_OF_RANGE,
    as_date,
    either_blank,
    unknown_of,
)
from gatekeeper.language.compiler.labels import shown
from gatekeeper.language.compiler.patterns import first_misfit
from gatekeeper.language.compiler.readers import NO_ROW, Reader, is_blank
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Row
    from gatekeeper.language.compiler.tree import Tree


# ---- functions ---------------------------------------------------------------------


def function_closure(node: typed.Function, tree: Tree) -> Reader:
    """Compile a call of a function of values."""
    spec = functions.FUNCTIONS.get(node.name, functions.NEGATIVE)
    reads = [tree.value(each) for each in node.arguments]
    if spec.takes == "date" or node.kind is Kind.DATE:
        reads = _dated(node, spec, reads)
    if node.name == "coalesce":
        return _coalesce(reads)
    if node.name in functions.SKIPS_EMPTY:
        return _of_those_there(reads, spec.code)
    if len(reads) == 1:
        return _of_one(reads[0], spec.code)
    first, second = reads
    return _of_two(first, second, spec.code)


def _dated(
    node: typed.Function, spec: functions.FunctionSpec, reads: list[Reader]
) -> list[Reader]:
    """Dates compare with dates: only moments among themselves stay exact."""
    if not spec.gives_number and node.kind is Kind.DATETIME:
        return reads
    return [
        as_date(read, each.kind)
        for read, each in zip(reads, node.arguments, strict=True)
    ]


def _coalesce(reads: list[Reader]) -> Reader:
    def first(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        for read in reads:
            value = read(deal, ctx, row)
            if value is not EMPTY:
                return value
        return EMPTY

    return first


def _of_one(read: Reader, code: functions.Code) -> Reader:
    def compute(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if value is EMPTY:
            return EMPTY
        if type(value) is Unavailable:
            return unknown_of(value)
        try:
            return code(ctx, value)
        except (ArithmeticError, ValueError, TypeError):
            return OUT_OF_RANGE

    return compute


def _of_two(first: Reader, second: Reader, code: functions.Code) -> Reader:
    def compute(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        one = first(deal, ctx, row)
        if type(one) is Unavailable:
            return unknown_of(one)
        other = second(deal, ctx, row)
        if type(other) is Unavailable:
            return unknown_of(other)
        if one is EMPTY or other is EMPTY:
            return EMPTY
        try:
            return code(ctx, one, other)
        except (ArithmeticError, ValueError, TypeError):
            return OUT_OF_RANGE

    return compute


def _of_those_there(reads: list[Reader], code: functions.Code) -> Reader:
    def compute(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        values = []
        for read in reads:
            value = read(deal, ctx, row)
            if type(value) is Unavailable:
                return unknown_of(value)
            if value is not EMPTY:
                values.append(value)
        try:
            return code(ctx, *values) if values else EMPTY
        except (ArithmeticError, ValueError, TypeError):
            return OUT_OF_RANGE

    return compute


def pattern_closure(node: typed.Pattern, tree: Tree) -> Reader:
    """Compile `text_like`; unknown where a part of the pattern is."""
    read = tree.value(node.value)
    pieces = pattern_pieces(node, tree)

    def fits(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        text = read(deal, ctx, row)
        parts = pieces(deal, ctx, row)
        if is_blank(text) or is_blank(parts):
            return either_blank(text, parts)
        return first_misfit(parts, str(text)) is None  # type: ignore[arg-type]

    return fits


def pattern_pieces(node: typed.Pattern, tree: Tree) -> Reader:
    """Fill the placeholders of a pattern: pairs (is a slot, text), or a blank."""
    reads: list[tuple[bool, Reader]] = []
    for part in node.parts:
        if isinstance(part, str | typed.Slot):
            text = part if isinstance(part, str) else part.name
            reads.append((isinstance(part, typed.Slot), _fixed(text)))
        else:
            reads.append((False, shown(part, tree)))

    def fill(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        filled = [(is_slot, read(deal, ctx, row)) for is_slot, read in reads]
        blank: object = None
        for _, value in filled:
            if is_blank(value):
                blank = either_blank(blank, value)
        return blank or [(is_slot, str(value)) for is_slot, value in filled]

    return fill


def _fixed(text: str) -> Reader:
    return lambda deal, ctx, row=NO_ROW: text
