"""Where a deal stands in its pipeline, and which rules bind there (language B2).

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING

from gatekeeper.core import stage_history
from gatekeeper.core.model import Unavailable
from gatekeeper.core.pack import Position, Reach

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Pipeline
    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal
    from gatekeeper.core.pack import Rule, RulePack


class Bound(Enum):
    """Whether a rule's position holds a deal to it."""

    YES = "yes"
    AHEAD = "ahead"
    NO = "no"
    CANNOT_TELL = "cannot tell"


Binding = tuple[Bound, str]
"""The answer, and why where it is no or cannot be told."""

_YES: Binding = (Bound.YES, "")
_AHEAD: Binding = (Bound.AHEAD, "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a deal stands, and whether it is still looked at.

    Attributes:
        position: Place of its stage in the pipeline; None for a stage value that the
            pipeline does not list (a CRM may accept any text).
        in_lookback: A closed deal counts: it closed within `closed_lookback`.
        deal: Whose place it is; its history says how long a rule goes on.
        context: The run's standpoint.
    """

    pipeline: Pipeline | None
    position: int | None
    stage_value: str
    is_closed: bool
    is_won: bool
    in_lookback: bool
    deal: Deal
    context: Context

    @staticmethod
    def of(deal: Deal, pack: RulePack, context: Context) -> Place:
        """Find the deal's place."""
        pipeline = pack.pipelines.get(deal.pipeline)
        position = pipeline.position_of_value(deal.stage) if pipeline else None
        if pipeline is not None and position is not None:
            stage = pipeline.stages[position]
            is_closed, is_won = stage.is_closed, stage.is_won
        else:
            is_closed = deal.fields.get("is_closed") is True
            is_won = deal.fields.get("is_won") is True
        closed_on = deal.fields.get("close_date")
        earliest = context.today - pack.project.closed_lookback
        in_lookback = not (isinstance(closed_on, date) and closed_on < earliest)
        return Place(
            pipeline,
            position,
            deal.stage,
            is_closed,
            is_won,
            in_lookback,
            deal,
            context,
        )

    def bind(self, rule: Rule) -> Binding:
        """Tell whether the rule's position binds here, and if not why."""
        if self.is_closed and not self.in_lookback:
            return Bound.NO, "closed before the lookback"
        if rule.reach is not Reach.STAGE:
            return self._bind_every(rule)
        if self.position is None or self.pipeline is None:
            reason = f'its stage "{self.stage_value}" is not a stage of its pipeline'
            return Bound.CANNOT_TELL, reason
        at = self.pipeline.position(rule.stage or "")
        if at is None:
            return Bound.NO, f'its pipeline has no stage "{rule.stage}"'
        if rule.position is Position.EXIT:
            return self._from(at + 1, rule)
        if rule.position is Position.WHILE_IN or self.pipeline.stages[at].is_closed:
            return self._exactly(at, rule)
        return self._from(at, rule)

    def _bind_every(self, rule: Rule) -> Binding:
        if not self.is_closed:
            is_ahead = rule.position is Position.EXIT and self.position == 0
            return _AHEAD if is_ahead else _YES
        if rule.reach is Reach.EVERY_STAGE:
            return _YES
        if rule.position is Position.EXIT and (self.is_won or rule.include_lost):
            return _YES
        return Bound.NO, "the deal is closed"

    def _exactly(self, at: int, rule: Rule) -> Binding:
        if self.position == at:
            return _YES
        if rule.position is Position.ENTRY and self._is_next_won(at):
            return _AHEAD
        return Bound.NO, "the deal is in another stage"

    def _from(self, first: int, rule: Rule) -> Binding:
        """Bind from the stage at `first` on; the gate right before it is ahead."""
        if self.is_closed and not self.is_won and not rule.include_lost:
            return Bound.NO, "the deal is lost"
        at = self.position or 0
        if self.is_closed or at >= first:
            return self._until_next(first) if rule.until_next_stage else _YES
        return _AHEAD if at == first - 1 else (Bound.NO, "the deal is not that far yet")

    def _until_next(self, first: int) -> Binding:
        has_gone_on = stage_history.has_gone_on(self.deal, self.context, first)
        if isinstance(has_gone_on, Unavailable):
            return Bound.CANNOT_TELL, has_gone_on.reason
        return (Bound.NO, "the deal has left the next stage") if has_gone_on else _YES

    def _is_next_won(self, at: int) -> bool:
        """Whether `at` is the won stage right after the deal's last open stage."""
        return (
            self.pipeline is not None
            and not self.is_closed
            and self.position == at - 1
            and self.pipeline.stages[at].is_won
        )


def asked_as_of(rule: Rule, deal: Deal, context: Context) -> Context | Unavailable:
    """Return the standpoint a rule is asked from: now, or the leaving (A21)."""
    if not rule.asked_when_leaving:
        return context
    left = stage_history.left_at(deal, context, rule.stage)
    return left if isinstance(left, Unavailable) else replace(context, now=left)


def was_past_on(rule: Rule, deal: Deal, context: Context, day: date) -> bool | None:
    """Whether the deal was past a gate when a day began (language A13).

    Returns:
        None for a rule that guards no gate, and where the history does not tell.
    """
    if rule.reach is not Reach.STAGE or rule.position is Position.WHILE_IN:
        return None
    at = stage_history.position_of(rule.stage or "", deal, context)
    if at is None:
        return None
    first = at + 1 if rule.position is Position.EXIT else at
    began = datetime.combine(day, time(), tzinfo=context.zone)
    stood = stage_history.stood_from(deal, context, began, first)
    return None if isinstance(stood, Unavailable) else stood
