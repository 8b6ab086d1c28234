"""Parameters whose value a field of the deal or of the row chooses, into closures."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.compiler.closures import OUT_OF_RANGE
from gatekeeper.language.compiler.readers import NO_ROW

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Row
    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.compiler.tree import Tree
    from gatekeeper.language.tree import typed


_WORDS = {True: ("true", "yes"), False: ("false", "no")}
"""How the two values of a yes/no field may be written in a table."""


def chosen_closure(node: typed.Chosen, tree: Tree) -> Reader:
    """Compile a parameter whose value a field chooses."""
    by = tree.value(node.by)
    labels = node.by.labels
    table, bands, otherwise = node.table, node.bands, node.otherwise
    fallback: object = EMPTY if otherwise is None else otherwise

    is_stage = node.by.kind is Kind.STAGE

    def choose(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = by(deal, ctx, row)
        if isinstance(value, Unavailable):
            return value
        if isinstance(value, Decimal):
            return _in_band(value, bands, fallback)
        if isinstance(value, bool):
            true, yes = _WORDS[value]
            return table.get(true, table.get(yes, fallback))
        if not isinstance(value, str):
            return fallback
        if is_stage:
            value = stage_name(value, deal, ctx)
        key = value.casefold()
        return table.get(key, table.get(labels.get(key, key).casefold(), fallback))

    return localised(choose) if node.kind is Kind.DATETIME else choose


def localised(read: Reader) -> Reader:
    """Take a moment that is written without a zone as one of the run's zone."""

    def local(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if not isinstance(value, datetime) or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=ctx.zone).astimezone(UTC)

    return local


def _in_band(
    value: Decimal, bands: tuple[tuple[Decimal, object], ...], fallback: object
) -> object:
    """Return what the highest limit at or below the value gives."""
    try:
        fitting = [given for limit, given in bands if limit <= value]
    except ArithmeticError:
        return OUT_OF_RANGE
    return fitting[-1] if fitting else fallback


def stage_name(value: str, deal: Deal, ctx: Context) -> str:
    """Return the rules' name of a CRM's stage value, or the value where none is."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    place = pipeline.position_of_value(value) if pipeline else None
    if pipeline is None or place is None:
        return value
    return pipeline.stages[place].name
