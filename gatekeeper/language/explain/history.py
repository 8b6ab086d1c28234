"""What a deal's past is spoken of as, in a seller's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import legs
from gatekeeper.core.history import stages as stage_history
from gatekeeper.language.compiler.chosen import stage_name
from gatekeeper.language.compiler.history import window_start
from gatekeeper.language.explain.phrases import compare_phrase
from gatekeeper.language.explain.values import expected_text, local_day
from gatekeeper.language.explain.wording import age_text, day_text, days_text, title_of
from gatekeeper.language.explain.words import Words, asked
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.core.history.legs import Move
    from gatekeeper.language.explain.view import View

_ALLOWED = frozenset({"<", "<=", "="})


# ---- stages ------------------------------------------------------------------------


def visited(past: typed.Past, view: View, *, wanted: bool) -> Words:
    """Say when a stage was entered, or what leapt over it."""
    stage = past.stage or ""
    leg = stage_history.leg_in(view.deal, view.ctx, stage)
    if isinstance(leg, legs.Leg):
        day = day_text(local_day(leg.entered, view.ctx) or view.ctx.today)
        saying = f"The deal entered {stage} on {day}"
        demand = "" if wanted else "it must not have been there"
        return Words(saying, demand, None, day, "")
    place = legs.position_of(stage, view.deal, view.ctx)
    if stage_history.stands_untold_in(place, view.deal, view.ctx):
        demand = "" if wanted else "it must not have been there"
        return Words(f"The deal is in {stage}", demand, None, stage, "")
    jump = _jump_over(place, view)
    if jump is None:
        return Words(f"The deal was never in {stage}", "", None, "never")
    before, after = (
        stage_name(leg.value, view.deal, view.ctx) for leg in (jump.before, jump.after)
    )
    day = day_text(local_day(jump.after.entered, view.ctx) or view.ctx.today)
    saying = f"The deal went from {before} to {after} on {day} without {stage}"
    return Words(saying, "", None, "never")


def moved_back(view: View) -> Words:
    """Say the last move from stage to stage."""
    made = legs.moves(view.deal, view.ctx)
    if not made:
        return Words("The deal never changed its stage")
    before, after = (
        stage_name(leg.value, view.deal, view.ctx)
        for leg in (made[-1].before, made[-1].after)
    )
    day = day_text(local_day(made[-1].after.entered, view.ctx) or view.ctx.today)
    saying = f"The last move was from {before} to {after} on {day}"
    return Words(saying, "", None, day)


def _jump_over(place: int | None, view: View) -> Move | None:
    """Return the first move that leapt over a stage."""
    for move in legs.moves(view.deal, view.ctx):
        before, after = move.before.position, move.after.position
        if None in (place, before, after):
            continue
        if before < place < after:  # type: ignore[operator]
            return move
    return None


# ---- fields ------------------------------------------------------------------------


def pushes(test: typed.Compare, view: View) -> Words:
    """Say how often and on which days a date was moved out."""
    past = test.left
    if not isinstance(past, typed.Past) or past.of is None or past.window is None:
        raise AssertionError(test)
    name = title_of(past.of.name).lower()
    reach = window_text(past.window, view)
    limit = expected_text(test.right, view)
    phrase = compare_phrase(test.operator, test.reading, limit)
    begins = window_start(past.window, view.tree)(view.deal, view.ctx, view.row)
    start = begins if isinstance(begins, datetime) else None
    made = field_history.pushes(past.of.name, view.deal, view.ctx, start)
    days = [local_day(push.at, view.ctx) for push in made]
    listed = days_text([day for day in days if day is not None])
    count = len(made)
    if count:
        times = "1 time" if count == 1 else f"{count} times"
        saying = f"The {name} was pushed {times} {reach} (on {listed})"
    else:
        saying = f"The {name} was not pushed {reach}"
    verb = "allowed" if test.operator in _ALLOWED else "needed"
    demand = f"{phrase} {'is' if limit == '1' else 'are'} {verb}"
    must = "may" if verb == "allowed" else "must"
    times = "time" if limit == "1" else "times"
    lasting = f"The {name} {must} be pushed {phrase} {times} {reach}"
    return Words(saying, demand, lasting, str(count), phrase)


def changed(test: typed.Changed, view: View, *, negated: bool) -> Words:
    """Say when a field last changed."""
    name, field = title_of(test.of.name), test.of.name
    reach = window_text(test.window, view)
    must = "must not" if negated else "must"
    demand = f"it {must} change {reach}"
    lasting = f"{name} {must} change {reach}"
    expected = asked(reach, negated=negated)
    last = field_history.last_changed(field, view.deal, view.ctx)
    day = local_day(last, view.ctx)
    if day is None:
        saying = f"{name} never changed"
        return Words(saying, demand, lasting, "never", expected)
    saying = f"{name} last changed on {day_text(day)}, {age_text(day, view.ctx.today)}"
    return Words(saying, demand, lasting, day_text(day), expected)


def window_text(window: typed.Window, view: View) -> str:
    """Say a window: `within 90 days`, `since 4 Nov 2026`."""
    match window:
        case typed.Lookback(length=length):
            return f"within {expected_text(length, view)}"
        case typed.From(moment=typed.Past(function="entered", stage=stage)):
            return f"since the deal entered {stage or 'its stage'}"
        case typed.From(moment=typed.Past(function="creation")):
            return "since the deal was created"
    return f"since {expected_text(window.moment, view)}"
