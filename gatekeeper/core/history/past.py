"""A deal's stays in stages from one standpoint, found once for all that ask.

Pure. What lies after the context's `now` has not happened yet. The lines of a deal ask
one after another, so the deal keeps what was worked out for the last standpoint.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (a compiled named tuple looks its types up)
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.model import STAGE, FieldValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, Stint
    from gatekeeper.core.pipeline import Pipeline


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

    def is_in_stage_of(self, other: Leg) -> bool:
        """Whether both are stays in one stage of the rules."""
        if self.position is None or other.position is None:
            return self.value == other.value
        return self.position == other.position


_leg: Callable[[tuple[object, ...]], Leg] = partial(tuple.__new__, Leg)
"""Makes a leg of its values in a fifth of the time."""


class Past:
    """What a deal's history says of its stages at one moment.

    Attributes:
        ctx: The standpoint.
        pipeline: The deal's; None where the CRM shows none of its name.
        legs: Its stays in stages, oldest first.
        ordered_legs: Those in stages that have a place in the order; a deal in a side
            stage is where it was before (language A42).
        is_whole: No stage is missing since the deal was created.
    """

    __slots__ = ("ctx", "is_whole", "legs", "ordered_legs", "pipeline")

    def __init__(self, deal: Deal, ctx: Context) -> None:
        self.ctx = ctx
        self.pipeline = ctx.pipelines.get(deal.pipeline)
        self.is_whole = deal.history.reaches(STAGE)
        legs = _legs(deal.history.stints, self.pipeline, ctx)
        if legs and not self.is_whole:
            legs[0] = legs[0]._replace(has_start=False)
        self.legs = self.ordered_legs = tuple(legs)
        if self.pipeline is not None and self.pipeline.sides:
            self.ordered_legs = _in_order(self.legs, self.pipeline.sides)


def past_of(deal: Deal, ctx: Context) -> Past:
    """Return the deal's past, worked out anew only where the standpoint is another."""
    past = deal.memo.past
    if past is None or past.ctx is not ctx:
        past = deal.memo.past = Past(deal, ctx)
    return past


def forget_past(deal: Deal) -> None:
    """Give the room back: all that ask have asked."""
    deal.memo.past = None


def _legs(
    stints: Sequence[Stint], pipeline: Pipeline | None, ctx: Context
) -> list[Leg]:
    places: Mapping[str, int] = pipeline.places if pipeline else {}
    now, shortest = ctx.now, ctx.ignore_stints_under
    found: list[Leg] = []
    before: int | None = None
    for stint in stints:
        value, entered, left = stint.stage, stint.entered, stint.left
        if left is None or left > now:
            if entered > now:
                break
            left = None
        elif left - entered < shortest:
            continue
        place, by = places.get(value), stint.by
        if place == before and found and (place is not None or found[-1][0] == value):
            _, _, entered, _, by, _ = found.pop()
        found.append(_leg((value, place, entered, left, by, True)))
        before = place
    return found


def _in_order(legs: tuple[Leg, ...], sides: frozenset[int]) -> tuple[Leg, ...]:
    found: list[Leg] = []
    for leg in legs:
        if leg.position in sides:
            found[-1:] = [each._replace(left=leg.left) for each in found[-1:]]
        elif found and leg.is_in_stage_of(found[-1]):
            found[-1] = found[-1]._replace(value=leg.value, left=leg.left)
        else:
            found.append(leg)
    return tuple(found)
