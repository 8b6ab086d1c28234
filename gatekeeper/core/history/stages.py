"""What a deal's stages say of its past: where it was, how long, whether it went back.

Pure. Times after the context's `now` do not exist yet, so a replay sees what that day
saw. What is not known far enough back is `Unavailable`, unless the part that is known
already decides.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.history.legs import (
    OUT_OF_STEP,
    TOO_SHORT,
    Leg,
    Move,
    legs,
    moves,
    place_in_order,
    position_of,
)
from gatekeeper.core.history.past import past_of
from gatekeeper.core.model import EMPTY, STAGE, FieldValue, Unavailable, whole

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Empty


_BEGAN_BEFORE = replace(TOO_SHORT, is_there=True)
_BEGAN_OUT_OF_STEP = replace(OUT_OF_STEP, is_there=True)


def leg_in(deal: Deal, ctx: Context, stage: str | None) -> Leg | Empty | Unavailable:
    """Return the latest stay in a stage; the one under way where none is named."""
    past = past_of(deal, ctx)
    if stage is None:
        # A look back at a day before the present stage finds the deal in another one.
        is_present = bool(past.legs) and (
            deal.history.stints[-1].stage == past.legs[-1].value == deal.stage
        )
        return past.legs[-1] if is_present else OUT_OF_STEP
    place = None if past.pipeline is None else past.pipeline.position(stage)
    if place is None:
        return EMPTY
    for leg in reversed(past.legs):
        if leg.position == place:
            return leg
    return EMPTY if past.is_whole else TOO_SHORT


# ---- how long ------------------------------------------------------------------------


def entered(deal: Deal, ctx: Context, stage: str | None) -> FieldValue:
    """Return when the latest stay in a stage began; empty where there was none."""
    leg = leg_in(deal, ctx, stage)
    if isinstance(leg, Leg):
        return leg.entered if leg.has_start else _BEGAN_BEFORE
    if leg is OUT_OF_STEP:
        return _BEGAN_OUT_OF_STEP
    place = None if stage is None else position_of(stage, deal, ctx)
    if isinstance(leg, Unavailable) and stands_untold_in(place, deal, ctx):
        return _BEGAN_BEFORE
    return leg


def days_in_stage(deal: Deal, ctx: Context, stage: str | None) -> FieldValue:
    """Count the calendar days of the latest stay in a stage, up to now or its end."""
    leg = leg_in(deal, ctx, stage)
    if not isinstance(leg, Leg):
        return leg
    days = _days(leg, ctx)
    return days if leg.has_start else replace(TOO_SHORT, at_least=days)


def total_days(deal: Deal, ctx: Context, stage: str) -> FieldValue:
    """Count the calendar days of all stays in a stage together."""
    place = position_of(stage, deal, ctx)
    if place is None:
        return EMPTY
    stays = [leg for leg in legs(deal, ctx) if leg.position == place]
    days = sum((_days(leg, ctx) for leg in stays), Decimal(0))
    if deal.history.reaches(STAGE):
        return days
    return replace(TOO_SHORT, at_least=days)


def _days(leg: Leg, ctx: Context) -> Decimal:
    last = ctx.today if leg.left is None else local_date(leg.left, ctx.zone)
    return whole((last - local_date(leg.entered, ctx.zone)).days)


# ---- which way -----------------------------------------------------------------------


def visited(deal: Deal, ctx: Context, stage: str) -> FieldValue:
    """Whether the deal ever stood in a stage; where it stands needs no history."""
    past = past_of(deal, ctx)
    place = None if past.pipeline is None else past.pipeline.position(stage)
    if place is None:
        return EMPTY
    for leg in past.legs:
        if leg.position == place:
            return True
    if stands_untold_in(place, deal, ctx):
        return True
    return False if past.is_whole else TOO_SHORT


def stands_untold_in(place: int | None, deal: Deal, ctx: Context) -> bool:
    """Whether the deal stands in a stage of which its history says nothing."""
    stints, pipeline = deal.history.stints, ctx.pipelines.get(deal.pipeline)
    if pipeline is None or (stints and stints[-1].stage == deal.stage):
        return False
    return pipeline.position_of_value(deal.stage) == place


def skipped(deal: Deal, ctx: Context, stage: str) -> FieldValue:
    """Whether the deal is past a stage without having stood in it; never when lost."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    at, place = place_in_order(deal, ctx), position_of(stage, deal, ctx)
    if isinstance(at, Unavailable):
        return at
    if pipeline is None or at is None or not pipeline.has_order(place):
        return EMPTY
    if place is None or at <= place or at in pipeline.lost:
        return False
    was_there = visited(deal, ctx, stage)
    return not was_there if isinstance(was_there, bool) else was_there


def steps_back(
    deal: Deal, ctx: Context, start: datetime | None = None
) -> tuple[Move, ...]:
    """Return the known moves to an earlier stage at or after `start`.

    Those into or out of a lost one are aside.
    """
    past = past_of(deal, ctx)
    pipeline, later = past.pipeline, None
    found: list[Move] = []
    if pipeline is None:
        return ()
    for leg in reversed(past.ordered_legs):
        if later is not None and _is_back(leg.position, later.position, pipeline):
            found.append(Move(leg, later))
        if start is not None and leg.entered < start:
            break
        later = leg
    return tuple(reversed(found)) if found else ()


def _is_back(before: int | None, after: int | None, pipeline: Pipeline) -> bool:
    if before is None or after is None or after >= before:
        return False
    return before not in pipeline.lost and after not in pipeline.lost


def moves_back(deal: Deal, ctx: Context, start: datetime | None = None) -> FieldValue:
    """Count the moves to an earlier stage at or after `start`."""
    count = whole(len(steps_back(deal, ctx, start)))
    if deal.history.reaches(STAGE, start):
        return count
    return replace(TOO_SHORT, at_least=count)


def moved_back(deal: Deal, ctx: Context) -> FieldValue:
    """Whether the last move was a step back."""
    made = moves(deal, ctx)
    if made:
        back = steps_back(deal, ctx, made[-1].after.entered)
        return bool(back)
    return False if deal.history.reaches(STAGE) else TOO_SHORT


def first_stage(deal: Deal, ctx: Context) -> FieldValue:
    """Return the CRM's value of the stage the deal began in."""
    known = legs(deal, ctx)
    return known[0].value if known and known[0].has_start else TOO_SHORT


def furthest_stage(deal: Deal, ctx: Context) -> FieldValue:
    """Return the CRM's value of the furthest open or won stage it ever stood in."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    if pipeline is None or not deal.history.reaches(STAGE):
        return TOO_SHORT
    reached = [
        (leg.position, leg.value)
        for leg in legs(deal, ctx)
        if leg.position is not None
        and pipeline.has_order(leg.position)
        and leg.position not in pipeline.lost
    ]
    return max(reached)[1] if reached else EMPTY
