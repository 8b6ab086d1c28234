"""Comparisons of stages into closures: by the order of the deal's own pipeline.

A side stage has no place in the order: what asks for the order of one is unknown.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable
from gatekeeper.language.compiler.closures import either_blank
from gatekeeper.language.compiler.readers import NO_ROW
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree

Decide = Callable[..., bool]
_SAMENESS = (operator.eq, operator.ne)


def stage_closure(
    decide: Decide, pair: tuple[typed.Value, typed.Value], tree: Tree
) -> Asker:
    """Compare by the order of the pipeline; unknown where it lacks a stage."""
    if isinstance(pair[0], typed.Field) and isinstance(pair[1], typed.Constant):
        return _against_stage(decide, pair[0], str(pair[1].value), tree)
    places = [_place(side, tree) for side in pair]
    homes = [_home(side) for side in pair]
    home = homes[0] or homes[1] or _deal_home

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        name = home(row, deal)
        if any(other is not None and other(row, deal) != name for other in homes):
            return EMPTY
        pipeline = ctx.pipelines.get(name) if isinstance(name, str) else None
        if pipeline is None:
            return Unavailable(f"the pipeline {name} is not known")
        first = places[0](pipeline, deal, ctx, row)
        second = places[1](pipeline, deal, ctx, row)
        if isinstance(first, int) and isinstance(second, int):
            return _decided(decide, pipeline, first, second)
        return either_blank(first, second)

    return ask


def _decided(
    decide: Decide, pipeline: Pipeline, first: int | None, second: int | None
) -> Answer:
    if first is None or second is None:
        return EMPTY
    has_order = pipeline.has_order(first) and pipeline.has_order(second)
    return decide(first, second) if has_order or decide in _SAMENESS else EMPTY


def _against_stage(
    decide: Decide,
    field: typed.Field,
    stage: str,
    tree: Tree,
) -> Asker:
    """Compare with a named stage; each value of a pipeline is decided once."""
    read, home = tree.value(field), _home(field) or _deal_home
    known: dict[tuple[int, object], Answer] = {}
    kept: list[Pipeline] = []

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        name, value = home(row, deal), read(deal, ctx, row)
        if not isinstance(value, str):
            return either_blank(value, EMPTY)
        pipeline = ctx.pipelines.get(name) if isinstance(name, str) else None
        if pipeline is None:
            return Unavailable(f"the pipeline {name} is not known")
        key = id(pipeline), value
        answer = known.get(key)
        if answer is None:
            kept.append(pipeline)  # so that its id stays its own
            first, second = pipeline.position_of_value(value), pipeline.position(stage)
            answer = known[key] = _decided(decide, pipeline, first, second)
        return answer

    return ask


def _home(side: typed.Value) -> Callable[[Row, Deal], object] | None:
    """Whose pipeline a field's stage belongs to; a stage that is named has none."""
    if not isinstance(side, typed.Field):
        return None
    if side.collection is None:
        return _deal_home
    return lambda row, deal: row.get("pipeline")


def _deal_home(row: Row, deal: Deal) -> object:
    return deal.pipeline


def _place(
    side: typed.Value, tree: Tree
) -> Callable[[Pipeline, Deal, Context, Row], object]:
    read = tree.value(side)
    is_value = isinstance(side, typed.Field | typed.Past)
    known: dict[tuple[int, str], object] = {}
    kept: list[Pipeline] = []

    def place(pipeline: Pipeline, deal: Deal, ctx: Context, row: Row) -> object:
        value = read(deal, ctx, row)
        if not isinstance(value, str):
            return value
        key = id(pipeline), value
        if key not in known:
            kept.append(pipeline)  # so that its id stays its own
            known[key] = _position(pipeline, value, is_value=is_value)
        return known[key]

    return place


def _position(pipeline: Pipeline, value: str, *, is_value: bool) -> object:
    found = pipeline.position_of_value(value) if is_value else pipeline.position(value)
    return EMPTY if found is None else found
