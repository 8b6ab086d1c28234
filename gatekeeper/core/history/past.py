"""A deal's past from one standpoint, brought into order once for all that ask.

Pure. What lies after the context's `now` has not happened yet. The lines of a deal ask
one after another, so the deal keeps what was worked out for the last standpoint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gatekeeper.core.model import STAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal, FieldChange, FieldValue, History
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


class Past:
    """What a deal's history says at one moment.

    Attributes:
        ctx: The standpoint.
        pipeline: The deal's; None where the CRM shows none of its name.
        legs: Its stays in stages, oldest first.
        changes: Per field its known changes, oldest first.
    """

    __slots__ = ("changes", "ctx", "legs", "pipeline")

    def __init__(self, deal: Deal, ctx: Context) -> None:
        self.ctx = ctx
        self.pipeline = ctx.pipelines.get(deal.pipeline)
        self.legs = _legs(deal.history, self.pipeline, ctx)
        self.changes = _changes(deal.history, ctx.now)


def past_of(deal: Deal, ctx: Context) -> Past:
    """Return the deal's past, worked out anew only where the standpoint is another."""
    past = deal.memo.past
    if past is None or past.ctx is not ctx:
        past = deal.memo.past = Past(deal, ctx)
    return past


def _legs(history: History, pipeline: Pipeline | None, ctx: Context) -> tuple[Leg, ...]:
    places: Mapping[str, int] = pipeline.places if pipeline else {}
    now = ctx.now
    found: list[Leg] = []
    for stint in history.stints:
        entered, left = stint.entered, stint.left
        if entered > now:
            break
        if left is not None:
            if left > now:
                left = None
            elif left - entered < ctx.ignore_stints_under:
                continue
        place, by = places.get(stint.stage), stint.by
        last = found[-1] if found else None
        if (
            last is not None
            and last.position == place
            and (place is not None or last.value == stint.stage)
        ):
            entered, by = last.entered, last.by
            found.pop()
        found.append(Leg(stint.stage, place, entered, left, by))
    if found and not history.reaches(STAGE):
        found[0] = found[0]._replace(has_start=False)
    return tuple(found)


def _changes(history: History, now: datetime) -> Mapping[str, Sequence[FieldChange]]:
    found: dict[str, list[FieldChange]] = {}
    for change in history.changes:
        if change.old != change.new and change.at <= now:
            if change.field in found:
                found[change.field].append(change)
            else:
                found[change.field] = [change]
    return found
