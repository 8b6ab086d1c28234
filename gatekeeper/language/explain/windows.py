"""Words for dates held against a window: how far away, on which side of today."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.explain.values import (
    empty_saying,
    expected_text,
    local_day,
    subject,
)
from gatekeeper.language.explain.wording import (
    age_text,
    day_text,
    row_noun,
    value_text,
)
from gatekeeper.language.explain.words import Words, asked, must
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.syntax import Duration, TimeUnit

if TYPE_CHECKING:
    from gatekeeper.language.explain.view import View


def within(test: typed.Within, view: View, *, negated: bool) -> Words:
    """Say a date and the window it must lie in."""
    reach = expected_text(test.length, view)
    phrase = f"within the {test.direction} {reach}"
    demand = must(f"be {phrase}", negated=negated)
    expected = asked(phrase, negated=negated)
    value = view.value(test.value)
    day = local_day(value, view.ctx)
    if day is None:
        is_rows = isinstance(test.value, typed.Aggregate)
        saying = empty_saying(test.value, view)
        return Words(saying, "" if is_rows else demand, None, "empty", expected)
    head, is_rows = _date_head(test.value, view)
    age = age_text(day, view.ctx.today)
    when, ahead = day_text(day), (day - view.ctx.today).days
    if isinstance(value, datetime) and _in_hours(view.value(test.length)):
        when = value_text(value, Kind.DATETIME, view.ctx)
        ahead = 1 if value > view.ctx.now else -1
    is_wrong_side = ahead > 0 if test.direction == "last" else ahead < 0
    if is_wrong_side and not negated:
        age = "which is in the " + ("future" if test.direction == "last" else "past")
    saying = f"{head} {when}, {age}"
    lasting = f"{head} {when}; {demand}"
    if is_rows and not negated:
        lasting = f"{head} {when}; one within {reach} is needed"
    return Words(saying, demand, lasting, when, expected)


def _in_hours(length: object) -> bool:
    return isinstance(length, Duration) and length.unit is TimeUnit.HOURS


def _date_head(value: typed.Value, view: View) -> tuple[str, bool]:
    """Begin a sentence that ends with a date; whether it speaks of rows."""
    match value:
        case typed.Aggregate(function="latest" | "max", rows=rows):
            return f"The last {row_noun(rows.collection)} was on", True
        case typed.Aggregate(function="earliest" | "min", rows=rows):
            return f"The first {row_noun(rows.collection)} was on", True
    return f"{subject(value, view)} is", False
