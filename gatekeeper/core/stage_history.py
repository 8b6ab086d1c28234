"""What a deal's stages say of its past: where it was, how long, whether it went back.

Pure. Times after the context's `now` do not exist yet, so a replay sees what that day
saw. What is not known far enough back is `Unavailable`, unless the part that is known
already decides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import EMPTY, STAGE, FieldValue, Unavailable

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Empty, Stint

TOO_SHORT = Unavailable("its stage history does not reach back far enough")
OUT_OF_STEP = Unavailable("its stage history does not reach its present stage")


@dataclass(frozen=True, slots=True)
class Leg:
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


@dataclass(frozen=True, slots=True)
class Move:
    """From one stage straight into another."""

    before: Leg
    after: Leg


def legs(deal: Deal, ctx: Context) -> tuple[Leg, ...]:
    """Return the deal's stays in stages up to now, oldest first."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    found: list[Leg] = []
    for stint in deal.history.stints:
        if stint.entered > ctx.now:
            break
        leg = _leg(stint, pipeline, ctx)
        if leg.left is not None and leg.left - leg.entered < ctx.ignore_stints_under:
            continue
        if found and _same_stage(found[-1], leg):
            leg = replace(leg, entered=found[-1].entered, by=found[-1].by)
            found.pop()
        found.append(leg)
    if found and not deal.history.reaches(STAGE):
        found[0] = replace(found[0], has_start=False)
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
    pairs = pairwise(legs(deal, ctx))
    return tuple(
        Move(before, after)
        for before, after in pairs
        if start is None or after.entered >= start
    )


def position_of(stage: str, deal: Deal, ctx: Context) -> int | None:
    """Return the place of a stage of the rules in the deal's pipeline."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    return pipeline.position(stage) if pipeline else None


def leg_in(deal: Deal, ctx: Context, stage: str | None) -> Leg | Empty | Unavailable:
    """Return the latest stay in a stage; the one under way where none is named."""
    known = legs(deal, ctx)
    if stage is None:
        stints = deal.history.stints
        is_present = bool(known) and stints[-1].stage == deal.stage
        return known[-1] if is_present else OUT_OF_STEP
    place = position_of(stage, deal, ctx)
    if place is None:
        return EMPTY
    stays = [leg for leg in known if leg.position == place]
    if stays:
        return stays[-1]
    return EMPTY if deal.history.reaches(STAGE) else TOO_SHORT


# ---- how long ------------------------------------------------------------------------


def entered(deal: Deal, ctx: Context, stage: str | None) -> FieldValue:
    """Return when the latest stay in a stage began; empty where there was none."""
    leg = leg_in(deal, ctx, stage)
    if not isinstance(leg, Leg):
        return leg
    return leg.entered if leg.has_start else TOO_SHORT


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
    end = ctx.now if leg.left is None else leg.left
    apart = local_date(end, ctx.zone) - local_date(leg.entered, ctx.zone)
    return Decimal(apart.days)


# ---- which way -----------------------------------------------------------------------


def visited(deal: Deal, ctx: Context, stage: str) -> FieldValue:
    """Whether the deal ever stood in a stage."""
    place = position_of(stage, deal, ctx)
    if place is None:
        return EMPTY
    if any(leg.position == place for leg in legs(deal, ctx)):
        return True
    return False if deal.history.reaches(STAGE) else TOO_SHORT


def skipped(deal: Deal, ctx: Context, stage: str) -> FieldValue:
    """Whether the deal is past a stage without having stood in it; never when lost."""
    pipeline = ctx.pipelines.get(deal.pipeline)
    at = pipeline.position_of_value(deal.stage) if pipeline else None
    place = position_of(stage, deal, ctx)
    if pipeline is None or at is None or place is None:
        return EMPTY
    if at <= place or _is_lost(pipeline, at):
        return False
    was_there = visited(deal, ctx, stage)
    return not was_there if isinstance(was_there, bool) else was_there


def steps_back(
    deal: Deal, ctx: Context, start: datetime | None = None
) -> tuple[Move, ...]:
    """Return the known moves to an earlier stage, those out of a lost one aside."""
    return tuple(each for each in moves(deal, ctx, start) if _is_back(each, deal, ctx))


def moves_back(deal: Deal, ctx: Context, start: datetime | None = None) -> FieldValue:
    """Count the moves to an earlier stage at or after `start`."""
    count = Decimal(len(steps_back(deal, ctx, start)))
    if deal.history.reaches(STAGE, start):
        return count
    return replace(TOO_SHORT, at_least=count)


def moved_back(deal: Deal, ctx: Context) -> FieldValue:
    """Whether the last move was a step back."""
    made = moves(deal, ctx)
    if made:
        return _is_back(made[-1], deal, ctx)
    return False if deal.history.reaches(STAGE) else TOO_SHORT


def _is_back(move: Move, deal: Deal, ctx: Context) -> bool:
    pipeline = ctx.pipelines.get(deal.pipeline)
    before, after = move.before.position, move.after.position
    if pipeline is None or before is None or after is None:
        return False
    is_lost = _is_lost(pipeline, before) or _is_lost(pipeline, after)
    return after < before and not is_lost


def _is_lost(pipeline: Pipeline, position: int) -> bool:
    stage = pipeline.stages[position]
    return stage.is_closed and not stage.is_won


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
        if leg.position is not None and not _is_lost(pipeline, leg.position)
    ]
    return max(reached)[1] if reached else EMPTY


# ---- where it stood at a moment (positions of rules) ---------------------------------


def left_at(deal: Deal, ctx: Context, stage: str | None) -> datetime | Unavailable:
    """Return when the deal last left a stage; now while it is there or not yet past.

    A deal that never was in it left it when it first was past it (language A21).

    Args:
        deal: The deal.
        ctx: The run's standpoint.
        stage: None for whichever stage it left last.
    """
    known = legs(deal, ctx)
    pipeline = ctx.pipelines.get(deal.pipeline)
    at = pipeline.position_of_value(deal.stage) if pipeline else None
    if stage is None:
        if at == 0:
            return ctx.now
        return known[-1].entered if known and known[-1].has_start else TOO_SHORT
    place = position_of(stage, deal, ctx)
    if place is None or at is None or at <= place:
        return ctx.now
    lefts = [leg.left for leg in known if leg.position == place and leg.left]
    if lefts:
        return lefts[-1]
    past = [leg for leg in known if leg.position is not None and leg.position > place]
    is_told = bool(past) and deal.history.reaches(STAGE)
    return past[0].entered if is_told else TOO_SHORT


def has_gone_on(deal: Deal, ctx: Context, first: int) -> bool | Unavailable:
    """Whether the first stage it reached from position `first` on has been left."""
    beyond: list[Leg] = []
    for leg in reversed(legs(deal, ctx)):
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
    before = [leg for leg in legs(deal, ctx) if leg.entered <= moment]
    if before:
        at = before[-1].position
        return at is not None and at >= first
    return False if deal.history.reaches(STAGE, moment) else TOO_SHORT
