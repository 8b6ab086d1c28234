"""What the changes of a deal's fields say of its past.

Pure. Changes after the context's `now` do not exist yet. What is not known far enough
back is `Unavailable`, unless the part that is known already decides; so is whether a
change lies in a window that begins between the two runs that saw it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.history import legs
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    FieldChange,
    FieldValue,
    Unavailable,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal

COLLAPSES_WITHIN = timedelta(minutes=15)
FROM_STAGES = frozenset({"is_closed", "is_won"})
"""Fields that no history holds by themselves: they follow from the stage."""

_BY_STAGE = FROM_STAGES | {STAGE}


def source_of(field: str) -> str:
    """Return under which name the history of a field is kept."""
    return STAGE if field in FROM_STAGES else field


def changes_of(field: str, deal: Deal, ctx: Context) -> Sequence[FieldChange]:
    """Return the known changes of a field up to now, oldest first."""
    if field in _BY_STAGE:
        return _stage_changes(field, deal, ctx)
    made = deal.history.changes.get(field, ())
    if made and made[-1].at > ctx.now:
        return [each for each in made if each.at <= ctx.now]
    return made


def _stage_changes(field: str, deal: Deal, ctx: Context) -> Sequence[FieldChange]:
    changes = (
        FieldChange(
            field,
            move.after.entered,
            _state(field, move.before, deal, ctx),
            _state(field, move.after, deal, ctx),
            move.after.by,
        )
        for move in legs.moves(deal, ctx)
    )
    return [change for change in changes if change.old != change.new]


def _state(field: str, leg: legs.Leg, deal: Deal, ctx: Context) -> FieldValue:
    pipeline = ctx.pipelines.get(deal.pipeline)
    if field == STAGE:
        return leg.value
    if pipeline is None or leg.position is None:
        return EMPTY
    stage = pipeline.stages[leg.position]
    return stage.is_won if field == "is_won" else stage.is_closed


def too_short(field: str) -> Unavailable:
    """Return why a question about a field's past has no answer."""
    if source_of(field) == STAGE:
        return legs.TOO_SHORT
    return Unavailable(f"the history of {field} does not reach back far enough")


def _between_runs(field: str) -> Unavailable:
    return Unavailable(
        f"{field} changed between two runs, one before and one after the day asked for"
    )


def _since(
    changes: Sequence[FieldChange], start: datetime | None
) -> Sequence[FieldChange]:
    """Return the changes that may lie at or after `start`."""
    if start is None or not changes or changes[0].at >= start:
        return changes
    return [each for each in changes if each.at >= start]


def _count(
    field: str, deal: Deal, changes: Sequence[FieldChange], start: datetime | None
) -> FieldValue:
    """Count changes at or after `start`, or say at least how many there were.

    Args:
        field: Whose changes they are.
        deal: The deal.
        changes: Oldest first.
        start: Where the window begins; None for all of them.
    """
    sure, is_sure = 0, True
    for change in reversed(changes):
        if start is None or (change.after or change.at) >= start:
            sure += 1
        elif change.at >= start:
            is_sure = False
        else:
            break
    if not deal.history.reaches(source_of(field), start):
        return replace(too_short(field), at_least=whole(sure))
    if not is_sure:
        return replace(_between_runs(field), at_least=whole(sure))
    return whole(sure)


# ---- how often -----------------------------------------------------------------------


def count_changes(
    field: str, deal: Deal, ctx: Context, start: datetime | None
) -> FieldValue:
    """Count the changes of a field at or after `start`."""
    return _count(field, deal, changes_of(field, deal, ctx), start)


def has_changed(
    field: str, deal: Deal, ctx: Context, start: datetime | None
) -> bool | Unavailable:
    """Whether a field changed at or after `start`."""
    is_open = False
    for change in reversed(changes_of(field, deal, ctx)):
        if start is None or (change.after or change.at) >= start:
            return True
        if change.at < start:
            break
        is_open = True
    if not deal.history.reaches(source_of(field), start):
        return too_short(field)
    return _between_runs(field) if is_open else False


def net_changes(
    field: str, deal: Deal, ctx: Context, start: datetime | None = None
) -> Sequence[FieldChange]:
    """Return changes at or after `start`, those of a quarter of an hour as one."""
    made = changes_of(field, deal, ctx)
    if made and start is not None and made[-1].at < start:
        return ()
    for before, after in pairwise(made):
        if after.at - before.at <= COLLAPSES_WITHIN:
            return _since(_collapsed(made), start)
    return _since(made, start)


def _collapsed(made: Sequence[FieldChange]) -> Sequence[FieldChange]:
    groups: list[list[FieldChange]] = []
    for change in made:
        if groups and change.at - groups[-1][0].at <= COLLAPSES_WITHIN:
            groups[-1].append(change)
        else:
            groups.append([change])
    nets = (
        group[0] if len(group) == 1 else replace(group[-1], old=group[0].old)
        for group in groups
    )
    return [change for change in nets if change.old != change.new]


def pushes(
    field: str, deal: Deal, ctx: Context, start: datetime | None
) -> Sequence[FieldChange]:
    """Return the known changes of a date to a later one at or after `start`."""
    return _pushes_in(net_changes(field, deal, ctx, start), ctx)


def _pushes_in(net: Sequence[FieldChange], ctx: Context) -> Sequence[FieldChange]:
    return [each for each in net if _shift(each, ctx) > 0] if net else net


def count_pushes(
    field: str, deal: Deal, ctx: Context, start: datetime | None
) -> FieldValue:
    """Count the changes of a date to a later one at or after `start`."""
    recent = net_changes(field, deal, ctx, start)
    counted = _count(field, deal, _pushes_in(recent, ctx), start)
    if recent and isinstance(counted, Decimal) and _is_untold(recent):
        return replace(_untold(field), at_least=counted)
    return counted


def pushed_days(
    field: str, deal: Deal, ctx: Context, start: datetime | None
) -> FieldValue:
    """Sum up by how many days a date moved at or after `start`, pulling in minus."""
    if not deal.history.reaches(source_of(field), start):
        return too_short(field)
    made = net_changes(field, deal, ctx, start)
    if start is not None and any((each.after or each.at) < start for each in made):
        return _between_runs(field)
    if _is_untold(made):
        return _untold(field)
    return whole(sum([_shift(each, ctx) for each in made]))


def _is_untold(changes: Sequence[FieldChange]) -> bool:
    """Whether one of the changes does not tell its values."""
    for each in changes:
        if each.old.__class__ is Unavailable or each.new.__class__ is Unavailable:
            return True
    return False


def _untold(field: str) -> Unavailable:
    return Unavailable(f"the CRM did not say from what or to what {field} changed")


def _shift(change: FieldChange, ctx: Context) -> int:
    """Return by how many days a change moved a date; 0 where there was none."""
    old, new = _day(change.old, ctx), _day(change.new, ctx)
    return 0 if old is None or new is None else (new - old).days


def _day(value: FieldValue, ctx: Context) -> date | None:
    if value.__class__ is date:
        return value
    return local_date(value, ctx.zone) if isinstance(value, datetime) else None


# ---- what it was ---------------------------------------------------------------------


def last_changed(field: str, deal: Deal, ctx: Context) -> FieldValue:
    """Return when a field last changed; empty where it never did."""
    made = changes_of(field, deal, ctx)
    return made[-1].at if made else _never(field, deal)


def previous(field: str, deal: Deal, ctx: Context) -> FieldValue:
    """Return what a field was before its last change; empty where it never changed."""
    made = changes_of(field, deal, ctx)
    return made[-1].old if made else _never(field, deal)


def changed_by(field: str, current: FieldValue, deal: Deal, ctx: Context) -> FieldValue:
    """Return who changed a field last; a value never changed is its creator's.

    Args:
        field: Its name.
        current: What it is now; nobody gave an empty one.
        deal: The deal.
        ctx: The run's standpoint.
    """
    made = changes_of(field, deal, ctx)
    if made:
        return made[-1].by
    never = _never(field, deal)
    if never is not EMPTY or current is EMPTY:
        return never
    unread = Unavailable("created_by was not read")
    return deal.fields.get("created_by", unread)


def value_at(
    field: str, current: FieldValue, moment: datetime, deal: Deal
) -> FieldValue:
    """Return what a field was at a moment, after what was written at that moment.

    Args:
        field: A field whose changes are kept; not one that follows from the stage.
        current: What it is now.
        moment: The moment.
        deal: The deal.
    """
    if not deal.history.reaches(field, moment):
        return too_short(field)
    for change in deal.history.changes.get(field, ()):
        if change.at > moment:
            is_between = change.surely_at < moment
            return _between_runs(field) if is_between else change.old
    return current


def _never(field: str, deal: Deal) -> FieldValue:
    is_whole = deal.history.reaches(source_of(field))
    return EMPTY if is_whole else too_short(field)
