"""Where a deal stood between the gates at a moment, for the positions of rules.

Pure. A stage that has no place in the order counts as the stage before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.history.legs import (
    TOO_SHORT,
    Leg,
    legs,
    ordered_legs,
    place_in_order,
    position_of,
)
from gatekeeper.core.model import STAGE, Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal


def left_at(deal: Deal, ctx: Context, stage: str | None) -> datetime | Unavailable:
    """Return when the deal last left a stage; now while it is there or not yet past.

    A deal that never was in it left it when it first was past it (language A21).

    Args:
        deal: The deal.
        ctx: The run's standpoint.
        stage: None for whichever stage it left last.
    """
    at = place_in_order(deal, ctx)
    if isinstance(at, Unavailable):
        return at
    known = ordered_legs(deal, ctx)
    if stage is None:
        if at is not None and at <= 0:
            return ctx.now
        return known[-1].entered if known and known[-1].has_start else TOO_SHORT
    place = position_of(stage, deal, ctx)
    if place is None or at is None:
        return ctx.now
    stays = [leg for leg in legs(deal, ctx) if leg.position == place]
    if stays and place not in {leg.position for leg in known}:
        return stays[-1].left or ctx.now
    return _past(known, place, deal) if at > place else ctx.now


def _past(known: Sequence[Leg], place: int, deal: Deal) -> datetime | Unavailable:
    """Return when a deal that is past a place in the order left it last."""
    lefts = [leg.left for leg in known if leg.position == place and leg.left]
    if lefts:
        return lefts[-1]
    past = [leg for leg in known if leg.position is not None and leg.position > place]
    is_told = bool(past) and deal.history.reaches(STAGE)
    return past[0].entered if is_told else TOO_SHORT


def has_gone_on(deal: Deal, ctx: Context, first: int) -> bool | Unavailable:
    """Whether the first stage it reached from position `first` on has been left."""
    beyond: list[Leg] = []
    for leg in reversed(ordered_legs(deal, ctx)):
        if leg.position is None or leg.position < first:
            break
        beyond.append(leg)
    if len(beyond) > 1:
        return True
    return False if beyond and beyond[0].has_start else TOO_SHORT


def stood_from(
    deal: Deal, ctx: Context, moment: datetime, first: int
) -> bool | Unavailable:
    """Whether the deal was at position `first` or later at a moment."""
    before = [leg for leg in ordered_legs(deal, ctx) if leg.entered <= moment]
    if before:
        at = before[-1].position
        return at is not None and at >= first
    return False if deal.history.reaches(STAGE, moment) else TOO_SHORT
