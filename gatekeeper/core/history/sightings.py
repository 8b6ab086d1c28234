"""What our own runs saw of a deal's past, where the CRM keeps too little history.

Pure. From the first run on every run looks at the stage and at the fields whose history
a rule asks for. Two looks tell that a value changed between them and what it was, not
when, not by whom, and not what came and went in between. So:

- a change lies after the earlier look and not later than the later one; a window that
  begins between the two cannot tell (`field_history`);
- as a moment (`entered()`, `days_in_stage()`, `last_changed()`), it is the later look;
- looks more than `LONGEST_GAP` apart do not hang together: what is known begins anew;
- so it does where a field could not be read, or a deal was not in the pull.

What the CRM itself recorded always wins: it is exact.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    STAGE,
    FieldChange,
    Person,
    Sighted,
    Stint,
    Unavailable,
    by_field,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from gatekeeper.core.model import Deal, FieldValue, History

    Sightings = Mapping[str, Sighted]

LONGEST_GAP = timedelta(days=5)
"""A long weekend of runs on business days still hangs together."""

BY_NOBODY_KNOWN = Unavailable("the CRM did not record who changed it")
_NOT_READ = Unavailable("it was not read")


def look(
    deal: Deal,
    names: Collection[str],
    before: Sightings,
    last: datetime | None,
    now: datetime,
) -> Sightings:
    """Add what a run sees of a deal to what earlier runs saw.

    Args:
        deal: As read now.
        names: The fields to watch, `stage` among them; others are forgotten.
        before: What is known of this deal.
        last: When a run last looked at every deal; None before the first run.
        now: The moment of this run; one not after `last` adds nothing.
    """
    if last is not None and now <= last:
        return before
    hangs_together = last is not None and now - last <= LONGEST_GAP
    seen: dict[str, Sighted] = {}
    for name in names:
        value = deal.stage if name == STAGE else deal.fields.get(name, _NOT_READ)
        if isinstance(value, Unavailable):
            continue
        known = before.get(name)
        if known is None or last is None or not hangs_together:
            seen[name] = Sighted(now, value)
        else:
            seen[name] = _seen_again(name, known, value, last, now)
    return seen


def _seen_again(
    name: str, known: Sighted, value: FieldValue, last: datetime, now: datetime
) -> Sighted:
    if _is_same(known.value, value):
        return known
    # A run that could not read every deal saw this one after `last`.
    after = max([last, *(change.at for change in known.changes[-1:])])
    if now <= after:
        return known
    change = FieldChange(name, now, known.value, value, BY_NOBODY_KNOWN, after)
    return Sighted(known.since, value, (*known.changes, change))


def _is_same(one: FieldValue, other: FieldValue) -> bool:
    """Compare two values; a person who only changed names is the same person."""
    if isinstance(one, Person) and isinstance(other, Person):
        return one.id == other.id
    return one == other


def joined(history: History, sightings: Sightings) -> History:
    """Complete the CRM's history of a deal with what our runs saw.

    Args:
        history: As the CRM keeps it.
        sightings: Of the fields whose history is asked for.
    """
    known = {
        name: sighted
        for name, sighted in sightings.items()
        if not _is_told(history, name, sighted.since)
    }
    if not known:
        return history
    seen = by_field(
        change
        for name, sighted in known.items()
        if name != STAGE
        for change in sighted.changes
        if not _is_recorded(change, history)
    )
    told = history.changes
    both = {name: by_field((*told.get(name, ()), *seen[name]))[name] for name in seen}
    stage = known.get(STAGE)
    since = {name: sighted.since for name, sighted in known.items()}
    return replace(
        history,
        stints=_stints(history, stage) if stage else history.stints,
        changes={**told, **both},
        complete_since={**history.complete_since, **since},
    )


def _is_told(history: History, name: str, since: datetime) -> bool:
    """Whether the CRM's own history reaches as far back as ours, or to creation."""
    return history.reaches(name, since) or history.reaches(name)


def _is_recorded(seen: FieldChange, history: History) -> bool:
    """Whether the CRM tells, exactly, what happened between the two looks."""
    complete_since = history.complete_since.get(seen.field)
    if complete_since is not None and complete_since <= seen.surely_at:
        return True
    return any(
        seen.surely_at < change.at <= seen.at
        for change in history.changes.get(seen.field, ())
    )


# ---- stages ------------------------------------------------------------------------


def _stints(history: History, stage: Sighted) -> tuple[Stint, ...]:
    """Put our stays before those the CRM tells completely, else after the others."""
    ours = tuple(_stays(stage))
    complete_since = history.complete_since.get(STAGE)
    if not history.stints:
        return ours
    if complete_since is None:
        return (*_until(history.stints, stage.since), *ours)
    return (*_until(ours, history.stints[0].entered), *history.stints)


def _stays(stage: Sighted) -> Iterator[Stint]:
    starts: list[tuple[datetime, FieldValue]] = [
        (stage.since, stage.changes[0].old if stage.changes else stage.value),
        *((change.at, change.new) for change in stage.changes),
    ]
    ends: list[datetime | None] = [*(after[0] for _, after in pairwise(starts)), None]
    for (entered, value), left in zip(starts, ends, strict=True):
        yield Stint(str(value), entered, left, BY_NOBODY_KNOWN)


def _until(stints: Sequence[Stint], moment: datetime) -> Iterator[Stint]:
    for stint in stints:
        if stint.entered < moment:
            is_over = stint.left is not None and stint.left <= moment
            yield stint if is_over else replace(stint, left=moment)
