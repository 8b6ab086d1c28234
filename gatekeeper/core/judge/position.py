"""Where a deal stands in its pipeline, and which rules bind there (language B2).

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Path
from gatekeeper.core.history import gates as gate_history
from gatekeeper.core.history.legs import TOO_SHORT, legs, place_in_order
from gatekeeper.core.judge.conditions import findings, standing
from gatekeeper.core.model import Standing, Unavailable
from gatekeeper.core.pack import Position, Reach

if TYPE_CHECKING:
    from datetime import timedelta

    from gatekeeper.core.catalogue import Stage
    from gatekeeper.core.context import Context
    from gatekeeper.core.judge.course import Course, Seat
    from gatekeeper.core.model import Condition, Deal
    from gatekeeper.core.pack import Rule


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


@dataclass(slots=True)
class Place:
    """Where a deal stands, and whether it is still looked at.

    What only some rules ask is worked out when it is asked for, and once.

    Attributes:
        position: Place of its stage in the pipeline; None for a stage value that the
            pipeline does not list (a CRM may accept any text).
        rank: How many stages of the order are behind it; a side stage counts as the
            stage before it (language A42). Unavailable where that is not known.
        in_lookback: A closed deal counts: it closed within `closed_lookback`.
        deal: Whose place it is; its history says how long a rule goes on.
        context: The run's standpoint.
    """

    course: Course
    position: int | None
    rank: int | Unavailable
    is_closed: bool
    is_won: bool
    in_lookback: bool
    deal: Deal
    context: Context
    _began: int | Unavailable | None = field(default=None, init=False)
    _suspended: dict[int, str | Unavailable] = field(default_factory=dict, init=False)

    @staticmethod
    def of(deal: Deal, course: Course, context: Context, lookback: timedelta) -> Place:
        """Find the deal's place."""
        pipeline = course.pipeline
        position = pipeline.position_of_value(deal.stage) if pipeline else None
        stage = pipeline.stages[position] if pipeline and position is not None else None
        closed_on = deal.fields.get("close_date")
        return Place(
            course,
            position,
            _rank(deal, course, context, position),
            stage.is_closed if stage else deal.fields.get("is_closed") is True,
            stage.is_won if stage else deal.fields.get("is_won") is True,
            not (isinstance(closed_on, date) and closed_on < context.today - lookback),
            deal,
            context,
        )

    @property
    def stage(self) -> Stage | None:
        """The stage it is in."""
        pipeline, at = self.course.pipeline, self.position
        return pipeline.stages[at] if pipeline and at is not None else None

    # ---- which rules bind ------------------------------------------------------------

    def bind(self, seat: Seat) -> Binding:
        """Tell whether the rule's position binds here, and if not why."""
        if self.is_closed and (why_not := self._why_not()):
            return Bound.NO, why_not
        if seat.rule.reach is not Reach.STAGE:
            return self._bind_every(seat.rule)
        if self.position is None:
            reason = f'its stage "{self.deal.stage}" is not a stage of its pipeline'
            return Bound.CANNOT_TELL, reason
        if seat.stage is None:
            return Bound.NO, f'its pipeline has no stage "{seat.rule.stage}"'
        return self._bind_stage(seat)

    def _why_not(self) -> str:
        """Say why a closed deal is held against nothing; "" where it is."""
        stage = self.stage
        if stage is not None and stage.is_excluded:
            return f"deals in {stage.name} are not looked at"
        return "" if self.in_lookback else "closed before the lookback"

    def _bind_every(self, rule: Rule) -> Binding:
        if not self.is_closed:
            is_first = not isinstance(self.rank, Unavailable) and self.rank <= 0
            is_ahead = rule.position is Position.EXIT and is_first
            return _AHEAD if is_ahead else _YES
        if rule.reach is Reach.EVERY_STAGE:
            return _YES
        if rule.position is Position.EXIT and (self.is_won or rule.include_lost):
            return _YES
        return Bound.NO, "the deal is closed"

    def _bind_stage(self, seat: Seat) -> Binding:
        if seat.rule.position is Position.WHILE_IN:
            return self._exactly(seat)
        if seat.stage is not None and seat.stage.is_closed:
            return self._bind_closed(seat, seat.stage)
        if seat.path is Path.SIDE:
            return self._bind_side(seat)
        if isinstance(self.rank, Unavailable):
            return Bound.CANNOT_TELL, self.rank.reason
        return self._bind_gate(seat, self.rank)

    def _exactly(self, seat: Seat) -> Binding:
        if self.position == seat.at:
            return _YES
        return Bound.NO, "the deal is in another stage"

    def _bind_closed(self, seat: Seat, stage: Stage) -> Binding:
        """Bind in exactly that stage (language A18); to be won may come next."""
        is_entry = seat.rule.position is Position.ENTRY
        may_come = is_entry and stage.is_won and not self.is_closed
        is_next = may_come and self.rank == seat.rank - 1
        return _AHEAD if is_next else self._exactly(seat)

    def _bind_side(self, seat: Seat) -> Binding:
        """Bind in and after a stage without order; who never was there is not asked."""
        if self._is_spared(seat.rule):
            return Bound.NO, "the deal is lost"
        is_there = self.position == seat.at
        return _AHEAD if is_there and seat.rule.position is Position.EXIT else _YES

    def _bind_gate(self, seat: Seat, rank: int) -> Binding:
        """Bind from behind the gate on; the gate right before it is ahead."""
        rule = seat.rule
        if self._is_spared(rule):
            return Bound.NO, "the deal is lost"
        behind = seat.rank + (rule.position is Position.EXIT)
        if self.is_closed or rank >= behind:
            return self._until_next(seat) if rule.until_next_stage else _YES
        if rank == behind - 1:
            return _AHEAD
        return Bound.NO, "the deal is not that far yet"

    def _is_spared(self, rule: Rule) -> bool:
        return self.is_closed and not self.is_won and not rule.include_lost

    def _until_next(self, seat: Seat) -> Binding:
        first = (seat.at or 0) + (seat.rule.position is Position.EXIT)
        has_gone_on = gate_history.has_gone_on(self.deal, self.context, first)
        if isinstance(has_gone_on, Unavailable):
            return Bound.CANNOT_TELL, has_gone_on.reason
        return (Bound.NO, "the deal has left the next stage") if has_gone_on else _YES

    # ---- what the rules around it say ------------------------------------------------

    def began_at(self) -> int | Unavailable:
        """Return the place it was allowed to begin at; 0 where it had to begin first.

        Where its beginning is not known and would matter it is unavailable.
        """
        if self._began is None:
            self._began = self._beginning()
        return self._began

    def _beginning(self) -> int | Unavailable:
        for at, when in self.course.starts:
            stands = standing(when, self.deal, self.context)
            if stands not in (Standing.MET, Standing.CANNOT_TELL):
                continue
            known = legs(self.deal, self.context)
            if not known or not known[0].has_start:
                return TOO_SHORT
            if known[0].position != at:
                continue
            if stands is Standing.MET:
                return at
            return Unavailable("whether it may begin where it did cannot be told")
        return 0

    def suspension(self, condition: Condition) -> str | Unavailable:
        """Say why a file's rules are suspended (language A30); "" where not."""
        known = self._suspended.get(id(condition))
        if known is None:
            known = _suspension(condition, self.deal, self.context)
            self._suspended[id(condition)] = known
        return known


def _rank(
    deal: Deal, course: Course, context: Context, position: int | None
) -> int | Unavailable:
    pipeline = course.pipeline
    if pipeline is None or position is None:
        return 0
    if pipeline.has_order(position):
        return course.ranks[position]
    place = place_in_order(deal, context)
    if isinstance(place, Unavailable):
        return place
    return course.ranks[place] if place is not None and place >= 0 else -1


def _suspension(
    condition: Condition, deal: Deal, context: Context
) -> str | Unavailable:
    stands = standing(condition, deal, context)
    if stands not in (Standing.MET, Standing.CANNOT_TELL):
        return ""
    lines = findings(condition, deal, context)
    said = next((each for each in lines if each.standing is stands), None)
    if stands is Standing.MET:
        return f"suspended: {said.line if said else 'for now'}"
    return Unavailable(said.text if said else "")


def asked_as_of(rule: Rule, deal: Deal, context: Context) -> Context | Unavailable:
    """Return the standpoint a rule is asked from: now, or the leaving (A21)."""
    if not rule.asked_when_leaving:
        return context
    left = gate_history.left_at(deal, context, rule.stage)
    return left if isinstance(left, Unavailable) else replace(context, now=left)
