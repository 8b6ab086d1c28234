"""A deal's stays in the stages of the rules, and its moves between them.

Pure. What lies after the context's `now` has not happened yet.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.model import STAGE, FieldValue, Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, History, Stint

TOO_SHORT = Unavailable("its stage history does not reach back far enough")
OUT_OF_STEP = Unavailable("its stage history does not reach its present stage")


class Leg(NamedTuple):
    """An unbroken stay in one stage of the rules, slips left out.

    Attributes:
        value: The CRM's value of its (last) stage.
        position: Place in the pipeline; None for a stage the pipeline lacks.
        entered: When it began, at the latest.
        left: None while it lasts.
        has_start: It began when `entered` says; else it was under way already when
            the history begins.
    """

    value: str
    position: int | None
    entered: datetime
    left: datetime | None
    by: FieldValue
    has_start: bool = True


class Move(NamedTuple):
    """From one stage straight into another."""

    before: Leg
    after: Leg


class _Latest:
    """The legs worked out last: the lines of a deal ask for them one after another."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: tuple[History, Context, str, tuple[Leg, ...]] | None = None


_LATEST = _Latest()


def legs(deal: Deal, ctx: Context) -> tuple[Leg, ...]:
    """Return the deal's stays in stages up to now, oldest first."""
    kept = _LATEST.kept
    if kept and kept[0] is deal.history and kept[1] is ctx and kept[2] == deal.pipeline:
        return kept[3]
    found = _legs(deal, ctx)
    _LATEST.kept = deal.history, ctx, deal.pipeline, found
    return found


def _legs(deal: Deal, ctx: Context) -> tuple[Leg, ...]:
    pipeline = ctx.pipelines.get(deal.pipeline)
    found: list[Leg] = []
    for stint in deal.history.stints:
        if stint.entered > ctx.now:
            break
        leg = _leg(stint, pipeline, ctx)
        if leg.left is not None and leg.left - leg.entered < ctx.ignore_stints_under:
            continue
        if found and _same_stage(found[-1], leg):
            leg = leg._replace(entered=found[-1].entered, by=found[-1].by)
            found.pop()
        found.append(leg)
    if found and not deal.history.reaches(STAGE):
        found[0] = found[0]._replace(has_start=False)
    return tuple(found)


def _leg(stint: Stint, pipeline: Pipeline | None, ctx: Context) -> Leg:
    position = pipeline.position_of_value(stint.stage) if pipeline else None
    left = None if stint.left is None or stint.left > ctx.now else stint.left
    return Leg(stint.stage, position, stint.entered, left, stint.by)


def _same_stage(first: Leg, second: Leg) -> bool:
    if first.position is None or second.position is None:
        return first.value == second.value
    return first.position == second.position


def moves(deal: Deal, ctx: Context, start: datetime | None = None) -> tuple[Move, ...]:
    """Return the known moves between stages at or after `start`, oldest first."""
    return _moves(legs(deal, ctx), start)


def _moves(known: tuple[Leg, ...], start: datetime | None = None) -> tuple[Move, ...]:
    return tuple(
        Move(before, after)
        for before, after in pairwise(known)
        if start is None or after.entered >= start
    )


def ordered_legs(deal: Deal, ctx: Context) -> tuple[Leg, ...]:
    """Return the stays in stages that have a place in the order.

    A deal in a side stage is where it was before (language A42).
    """
    pipeline = ctx.pipelines.get(deal.pipeline)
    sides = pipeline.sides if pipeline else None
    if not sides:
        return legs(deal, ctx)
    found: list[Leg] = []
    for leg in legs(deal, ctx):
        if leg.position in sides:
            found[-1:] = [each._replace(left=leg.left) for each in found[-1:]]
        elif found and _same_stage(found[-1], leg):
            found[-1] = found[-1]._replace(value=leg.value, left=leg.left)
        else:
            found.append(leg)
    return tuple(found)


def ordered_moves(
    deal: Deal, ctx: Context, start: datetime | None = None
) -> tuple[Move, ...]:
    """Return the moves as if side stages were not there."""
    return _moves(ordered_legs(deal, ctx), start)


def place_in_order(deal: Deal, ctx: Context) -> int | Unavailable | None:
    """Return where the deal stands, as if it were in its last stage that has a place.

    Returns:
        -1 for a deal that has only been in side stages; None for a stage that its
        pipeline lacks.
    """
    pipeline = ctx.pipelines.get(deal.pipeline)
    at = pipeline.position_of_value(deal.stage) if pipeline else None
    if pipeline is None or at is None or pipeline.has_order(at):
        return at
    known = ordered_legs(deal, ctx)
    if known:
        return known[-1].position
    return -1 if deal.history.reaches(STAGE) else TOO_SHORT


def position_of(stage: str, deal: Deal, ctx: Context) -> int | None:
    """Return the place of a stage of the rules in the deal's pipeline."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    return pipeline.position(stage) if pipeline else None
