"""A deal's past as a test writes it: what its fields were, and the history of it.

Pure. A test tells the whole past, so nothing of it is missing. Only where neither a
day of creation nor a history is written does nobody know when the deal began.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    EMPTY,
    FieldChange,
    FieldValue,
    History,
    Stint,
    by_field,
)
from gatekeeper.pack.testing.sketch import STAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONG_AGO = datetime.min.replace(tzinfo=UTC)

Values = dict[str, FieldValue]
"""What one key gives: its own field, and what it brings along (`owner.email`)."""


@dataclass(frozen=True, slots=True)
class Event:
    """What was written at one moment, by key; stages are the CRM's values."""

    at: datetime
    written: Mapping[str, Values]
    by: FieldValue = EMPTY


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that was written to a deal, oldest first.

    Attributes:
        began: When it was created; None where nobody says.
        events: The first holds what was there from the beginning on.
    """

    began: datetime | None
    events: tuple[Event, ...] = field(default=())

    def told(self, key: str) -> tuple[Event, ...]:
        """Return the events that wrote a key."""
        return tuple(event for event in self.events if key in event.written)

    def values_at(self, at: datetime) -> Values:
        """Return the fields of which the past speaks, as they were at a moment."""
        state: dict[str, Values] = {
            key: {key: EMPTY} for event in self.events for key in event.written
        }
        for event in self._until(at):
            state |= event.written
        return {name: value for part in state.values() for name, value in part.items()}

    def with_last(self, key: str, values: Values, at: datetime) -> Past:
        """Let a key have other values at a moment, and no later past."""
        told = [event for event in self.told(key) if event.at <= at]
        if not told:
            return Past(self.began, tuple(_without(self.events, key)))
        last = told[-1]
        events = (
            replace(event, written={**event.written, key: values})
            if event is last
            else event
            for event in self.events
        )
        later = tuple(_without((one for one in events), key, after=at))
        return Past(self.began, later)

    def moved_to(self, stage: FieldValue, at: datetime) -> Past:
        """Let the deal enter a stage at a moment, unless it is there already."""
        kept = Past(self.began, tuple(_without(self.events, STAGE, after=at)))
        told = kept.told(STAGE)
        if not told or told[-1].written[STAGE][STAGE] == stage:
            return kept
        move = Event(at, {STAGE: {STAGE: stage}})
        events = sorted((*kept.events, move), key=lambda event: event.at)
        return Past(self.began, tuple(events))

    # ---- history -------------------------------------------------------------------

    def history_at(
        self, at: datetime, names: Iterable[str], unknown_for: timedelta
    ) -> History:
        """Return what is known of the past at a moment.

        Args:
            at: The moment; what comes later does not exist yet.
            names: The fields of which nothing is missing.
            unknown_for: How long a deal without a known beginning is said to have
                stood in its first stage: just long enough not to be a slip.
        """
        events = tuple(self._until(at))
        moves = list(_moves(events))
        if self.began is None and moves:
            left = moves[1].at if len(moves) > 1 else at
            moves[0] = replace(moves[0], at=left - unknown_for)
        complete = dict.fromkeys((*names, STAGE), LONG_AGO)
        changes = by_field(_changes(events, self.began))
        return History(tuple(_stints(moves)), changes, complete, self.began)

    def _until(self, at: datetime) -> Iterator[Event]:
        return (event for event in self.events if event.at <= at)


def _without(
    events: Iterable[Event], key: str, after: datetime = LONG_AGO
) -> Iterator[Event]:
    """Give the events without what they wrote under a key after a moment."""
    for event in events:
        if key not in event.written or event.at <= after:
            yield event
            continue
        rest = {name: one for name, one in event.written.items() if name != key}
        if rest:
            yield replace(event, written=rest)


def _moves(events: Iterable[Event]) -> Iterator[Event]:
    """Give the events that put the deal into another stage than before."""
    stage: Values | None = None
    for event in events:
        entered = event.written.get(STAGE)
        if entered is not None and entered != stage:
            stage = entered
            yield event


def _stints(moves: list[Event]) -> Iterator[Stint]:
    ends: list[datetime | None] = [after.at for _, after in pairwise(moves)]
    for move, left in zip(moves, [*ends, None], strict=False):
        yield Stint(str(move.written[STAGE][STAGE]), move.at, left, move.by)


def _changes(events: Iterable[Event], began: datetime | None) -> Iterator[FieldChange]:
    """Give each change of a field; a value given at creation is none."""
    known: Values = {}
    for event in events:
        for key, values in event.written.items():
            new, old = values[key], known.get(key, EMPTY)
            known[key] = new
            if key != STAGE and event.at != began and old != new:
                yield FieldChange(key, event.at, old, new, event.by)
