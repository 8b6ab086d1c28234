"""What a deal's past is spoken of as, in a seller's words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import legs
from gatekeeper.core.history import stages as stage_history
from gatekeeper.language.compiler.chosen import stage_name
from gatekeeper.language.compiler.history import window_start
from gatekeeper.language.explain import conditions as explain_tests
from gatekeeper.language.explain import rows as explain_rows
from gatekeeper.language.explain import values as spoken
from gatekeeper.language.explain.wording import age_text, day_text, days_text, title_of
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.core.history.legs import Move
    from gatekeeper.language.explain.conditions import Words
    from gatekeeper.language.explain.view import View

_ALLOWED = frozenset({"<", "<=", "="})


def words_of_past(test: typed.Test, view: View, *, negated: bool) -> Words | None:
    """Put a condition on the deal's past into words; None for any other."""
    match test:
        case typed.Changed():
            return _changed(test, view, negated=negated)
        case typed.Compare(left=typed.Past(function="pushes")) if not negated:
            return _pushes(test, view)
        case typed.Truth(value=typed.Past(function="visited") as past, wanted=wanted):
            return _visited(past, view, wanted=wanted is not negated)
        case typed.Truth(value=typed.Past(function="skipped") as past, wanted=wanted):
            return _visited(past, view, wanted=wanted is negated)
        case typed.Truth(value=typed.Past(function="moved_back")):
            return _moved_back(view)
    return None


# ---- stages ------------------------------------------------------------------------


def _visited(past: typed.Past, view: View, *, wanted: bool) -> Words:
    stage = past.stage or ""
    leg = stage_history.leg_in(view.deal, view.ctx, stage)
    if isinstance(leg, legs.Leg):
        day = day_text(spoken.local_day(leg.entered, view.ctx) or view.ctx.today)
        saying = f"The deal entered {stage} on {day}"
        demand = "" if wanted else "it must not have been there"
        return explain_tests.Words(saying, demand, None, day, "")
    place = legs.position_of(stage, view.deal, view.ctx)
    if stage_history.stands_untold_in(place, view.deal, view.ctx):
        demand = "" if wanted else "it must not have been there"
        return explain_tests.Words(f"The deal is in {stage}", demand, None, stage, "")
    jump = _jump_over(place, view)
    if jump is None:
        return explain_tests.Words(f"The deal was never in {stage}", "", None, "never")
    before, after = (
        stage_name(leg.value, view.deal, view.ctx) for leg in (jump.before, jump.after)
    )
    day = day_text(spoken.local_day(jump.after.entered, view.ctx) or view.ctx.today)
    saying = f"The deal went from {before} to {after} on {day} without {stage}"
    return explain_tests.Words(saying, "", None, "never")


def _moved_back(view: View) -> Words:
    made = legs.moves(view.deal, view.ctx)
    if not made:
        return explain_tests.Words("The deal never changed its stage")
    before, after = (
        stage_name(leg.value, view.deal, view.ctx)
        for leg in (made[-1].before, made[-1].after)
    )
    day = day_text(spoken.local_day(made[-1].after.entered, view.ctx) or view.ctx.today)
    saying = f"The last move was from {before} to {after} on {day}"
    return explain_tests.Words(saying, "", None, day)


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


def _pushes(test: typed.Compare, view: View) -> Words:
    past = test.left
    if not isinstance(past, typed.Past) or past.of is None or past.window is None:
        raise AssertionError(test)
    name = title_of(past.of.name).lower()
    reach = window_text(past.window, view)
    limit = explain_rows.expected_text(test.right, view)
    phrase = explain_rows.compare_phrase(test.operator, test.reading, limit)
    begins = window_start(past.window, view.tree)(view.deal, view.ctx, view.row)
    start = begins if isinstance(begins, datetime) else None
    made = field_history.pushes(past.of.name, view.deal, view.ctx, start)
    days = [spoken.local_day(push.at, view.ctx) for push in made]
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
    return explain_tests.Words(saying, demand, lasting, str(count), phrase)


def _changed(test: typed.Changed, view: View, *, negated: bool) -> Words:
    name, field = title_of(test.of.name), test.of.name
    reach = window_text(test.window, view)
    must = "must not" if negated else "must"
    demand = f"it {must} change {reach}"
    lasting = f"{name} {must} change {reach}"
    expected = explain_tests.asked(reach, negated=negated)
    last = field_history.last_changed(field, view.deal, view.ctx)
    day = spoken.local_day(last, view.ctx)
    if day is None:
        saying = f"{name} never changed"
        return explain_tests.Words(saying, demand, lasting, "never", expected)
    saying = f"{name} last changed on {day_text(day)}, {age_text(day, view.ctx.today)}"
    return explain_tests.Words(saying, demand, lasting, day_text(day), expected)


# ---- values ------------------------------------------------------------------------

_SUBJECTS = {
    "moves_back": "The number of moves back",
    "moved_back": "The last move back",
    "first_stage": "The first stage",
    "furthest_stage": "The furthest stage",
}
_STAGE_SUBJECTS = {
    "total_days_in_stage": "Days in {0} in all",
    "visited": "A stay in {0}",
    "skipped": "A jump over {0}",
}
_FIELD_SUBJECTS = {
    "pushes": "The number of pushes of {0}",
    "pushed_days": "Days that {0} was pushed",
    "changes": "The number of changes of {0}",
    "previous": "The previous {0}",
    "changed_by": "Who last changed {0}",
    "last_changed": "The last change of {0}",
}
_EMPTY = {
    "entered": "The deal was never in {stage}",
    "days_in_stage": "The deal was never in {stage}",
    "value_on_entry": "{field} was empty on entry",
    "previous": "{field} was empty before, or never changed",
    "last_changed": "{field} never changed",
    "changed_by": "No person changed {field}",
}


def past_subject(node: typed.Past) -> str:
    """Name a value of the past at the head of a sentence."""
    of = title_of(node.of.name) if node.of else ""
    if node.function in _FIELD_SUBJECTS:
        return _FIELD_SUBJECTS[node.function].format(of)
    if node.function in _STAGE_SUBJECTS:
        return _STAGE_SUBJECTS[node.function].format(node.stage)
    match node.function:
        case "days_in_stage":
            return f"Days in {node.stage}" if node.stage else "Days in stage"
        case "entered":
            return f"The entry into {node.stage or 'the stage'}"
        case "value_on_entry":
            return f"{of} on entry into {node.stage or 'the stage'}"
    return _SUBJECTS[node.function]


def past_empty(node: typed.Past) -> str:
    """Say that a value of the past is not there."""
    text = _EMPTY.get(node.function)
    if text is None:
        return f"{past_subject(node)} is empty"
    field = title_of(node.of.name) if node.of else ""
    return text.format(stage=node.stage or "its stage", field=field)


def window_text(window: typed.Window, view: View) -> str:
    """Say a window: `within 90 days`, `since 4 Nov 2026`."""
    match window:
        case typed.Lookback(length=length):
            return f"within {explain_rows.expected_text(length, view)}"
        case typed.From(moment=typed.Past(function="entered", stage=stage)):
            return f"since the deal entered {stage or 'its stage'}"
        case typed.From(moment=typed.Past(function="creation")):
            return "since the deal was created"
    return f"since {explain_rows.expected_text(window.moment, view)}"
