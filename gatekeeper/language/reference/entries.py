"""Every function, operator, quantifier, window and type with its meaning. Pure.

Functions come from the tables that the checker itself reads; what the grammar holds is
listed in `reference_words`, and a test holds all of it against the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.functions import AGGREGATES, FUNCTIONS, TEXT_LIKE
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.reference.types import TYPES
from gatekeeper.language.reference.values import VALUES
from gatekeeper.language.reference.words import WORDS, Entry, Group

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROWS = {
    "count": "How many rows there are; 0 where there is none.",
    "sum": "The total over the rows; 0 where there is none.",
    "min": "The smallest value; empty where no row has one.",
    "max": "The largest value; empty where no row has one.",
    "latest": "The latest date, those to come included; empty where there is none.",
    "earliest": "The earliest date; empty where there is none.",
}
_TEXT_LIKE = (
    "The whole text follows a pattern of literal text, {field} placeholders and the"
    " slots {text} {number} {MM/YY} {rest}."
)
_SUPPORTED_STAGE = (
    "The furthest stage whose earlier exit criteria all pass; for rules under while_in"
    " and every stage."
)


_EXAMPLES = {
    "days_between": "days_between(created_on, close_date) <= 365",
    "business_days_between": "business_days_between(created_on, close_date) >= 10",
    "days_since": "days_since(created_on) <= 180",
    "days_until": "days_until(close_date) >= 7",
    "length": "length(next_step) >= 15",
    "abs": "abs(sum(line_items.total) - amount) <= 1% * amount",
    "round": "round(amount, -3) = amount",
    "coalesce": "coalesce(amount, 0) > 0",
    "later_of": "later_of(created_on, close_date) on or after today",
    "earlier_of": "earlier_of(created_on, close_date) before today",
    "text_like": 'text_like(name, "{account.name} - {rest}")',
    "count": "count(meetings where completed is true) >= 2",
    "sum": "sum(line_items.total) >= 10k",
    "min": "min(line_items.unit_price) > 0",
    "max": "max(line_items.quantity) <= 100",
    "latest": "latest(meetings.start where completed is true) within last 14 days",
    "earliest": "earliest(meetings.start) on or after created_on",
    "days_in_stage": "days_in_stage() <= 45",
    "total_days_in_stage": 'total_days_in_stage("Discovery") <= 60',
    "entered": 'entered("Discovery") within last 90 days',
    "visited": 'visited("Discovery")',
    "skipped": 'not skipped("Discovery")',
    "moves_back": "moves_back(last 30 days) = 0",
    "moved_back": "moved_back() is false",
    "first_stage": 'first_stage() = "Qualification"',
    "furthest_stage": 'furthest_stage() before "Closing"',
    "pushes": "pushes(close_date, last 90 days) <= 2",
    "pushed_days": "pushed_days(close_date, last 90 days) <= 30",
    "changes": "changes(amount, last 90 days) <= 3",
    "previous": "previous(amount) <= amount",
    "value_on_entry": 'amount >= value_on_entry(amount, "Proposal")',
    "changed_by": "changed_by(close_date) = owner",
    "last_changed": "last_changed(next_step) within last 14 days",
    "supported_stage": 'supported_stage() on or after "Discovery"',
}


def reference() -> tuple[Entry, ...]:
    """Return everything a check may be made of."""
    words = (
        Entry(group, name, name, *rest) for group, name, *rest in (*WORDS, *VALUES)
    )
    return (*_functions(), *_over_rows(), *_of_the_past(), *words, *_types())


def _functions() -> Iterator[Entry]:
    for name, spec in FUNCTIONS.items():
        yield _call(Group.FUNCTION, name, spec.signature, spec.meaning)
    yield _call(Group.FUNCTION, "text_like", TEXT_LIKE[0], _TEXT_LIKE)


def _over_rows() -> Iterator[Entry]:
    for name, (signature, _) in AGGREGATES.items():
        yield _call(Group.ROWS, name, signature, _ROWS[name])


def _of_the_past() -> Iterator[Entry]:
    for name, spec in HISTORY.items():
        yield _call(Group.HISTORY, name, spec.signature, spec.meaning)
    name = "supported_stage"
    yield _call(Group.HISTORY, name, f"{name}()", _SUPPORTED_STAGE)


def _call(group: Group, name: str, signature: str, meaning: str) -> Entry:
    return Entry(group, name, signature, meaning, _EXAMPLES[name])


def _types() -> Iterator[Entry]:
    for kind, about in TYPES.items():
        meaning = f"{about.meaning} Takes {about.operators}."
        yield Entry(Group.TYPE, kind.value, about.written, meaning, about.example)
