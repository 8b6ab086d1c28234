"""A deal's stays in the stages of the rules, and its moves between them.

Pure. What lies after the context's `now` has not happened yet.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.history.past import Leg, past_of
from gatekeeper.core.model import STAGE, Unavailable

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal

__all__ = [
    "OUT_OF_STEP",
    "TOO_SHORT",
    "Leg",
    "Move",
    "legs",
    "moves",
    "ordered_legs",
    "place_in_order",
    "position_of",
]

TOO_SHORT = Unavailable("its stage history does not reach back far enough")
OUT_OF_STEP = Unavailable("its stage history does not reach its present stage")


class Move(NamedTuple):
    """From one stage straight into another."""

    before: Leg
    after: Leg


def legs(deal: Deal, ctx: Context) -> tuple[Leg, ...]:
    """Return the deal's stays in stages up to now, oldest first."""
    return past_of(deal, ctx).legs


def moves(deal: Deal, ctx: Context) -> tuple[Move, ...]:
    """Return the known moves between stages, oldest first."""
    return tuple([Move(*pair) for pair in pairwise(legs(deal, ctx))])


def ordered_legs(deal: Deal, ctx: Context) -> tuple[Leg, ...]:
    """Return the stays in stages that have a place in the order.

    A deal in a side stage is where it was before (language A42).
    """
    return past_of(deal, ctx).ordered_legs


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
    return None if pipeline is None else pipeline.position(stage)
