"""Which lengths of time a count of days, or elapsed time, can be held against.

A length of months is not always the same number of days, and one in business days is
none that every day counts for: held against a count, either would be told wrongly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker.literals import length_words, spoken
from gatekeeper.language.compiler.moments import elapsed, in_days
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.walk import all_of
from gatekeeper.language.types import SYMBOLS, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

Side = tuple[syntax.Value, typed.Value]
"""A value as it is written and as it is meant."""

_HELD_TO_LENGTHS = frozenset({Reading.DAYS, Reading.ELAPSED})
_COUNTED = {
    "days_in_stage": "business_days_between(entered(), today)",
    "days_since": "business_days_between({}, today)",
    "days_until": "business_days_between(today, {})",
    "days_between": "business_days_between({}, {})",
}
"""How the same is counted in business days."""


def odd_length(reading: Reading, left: typed.Value, right: typed.Value) -> bool:
    """Whether one of two values that meet is a length the other cannot be held to."""
    return _odd(reading, left, right) is not None


def said_of_length(
    reading: Reading | None, left: Side, right: Side, operator: str = "<="
) -> tuple[str, str] | None:
    """Say why a length does not fit what it is held against, and what does.

    Args:
        reading: How the two would be compared.
        left: One of them.
        right: The other.
        operator: Between the other and the length, for the remedy.

    Returns:
        The sentence and the remedy; None where no length is to blame.
    """
    found = None if reading is None else _odd(reading, left[1], right[1])
    if found is None:
        return None
    length, of = found
    (node, _), (other, _) = (left, right) if of is left[1] else (right, left)
    words = length_words(length)
    named = words if isinstance(node, syntax.Duration) else f"{spoken(node)} ({words})"
    if length.business:
        instead = _in_business_days(other)
        asked = f"{instead} {SYMBOLS.get(operator, operator)} {length.count}, or "
        return (
            f"{named} is a length in business days, and {spoken(other)} counts"
            " every day.",
            f"{asked if instead else ''}give the length in days.",
        )
    if length.unit is syntax.TimeUnit.HOURS:
        return f"{spoken(other)} counts whole days.", "give the length in days."
    return (
        f"{named} is not always the same number of days.",
        "give the length in days or weeks.",
    )


def _odd(
    reading: Reading, left: typed.Value, right: typed.Value
) -> tuple[syntax.Duration, typed.Value] | None:
    """Return the first length that does not fit, and the value it stands in."""
    if reading not in _HELD_TO_LENGTHS:
        return None
    for value, other in ((left, right), (right, left)):
        for length in lengths_of(value):
            if not _fits(reading, length, other):
                return length, value
    return None


def _fits(reading: Reading, length: syntax.Duration, other: typed.Value) -> bool:
    if reading is Reading.ELAPSED:
        return elapsed(length) is not None
    if length.business and not _counts_business_days(other):
        return False
    return in_days(length) is not None


def _counts_business_days(value: typed.Value) -> bool:
    calls = all_of(typed.Function, value)
    return any(call.name == "business_days_between" for call in calls)


def lengths_of(value: typed.Value) -> Iterator[syntax.Duration]:
    """Give the lengths a constant, or a parameter by a field, may stand for."""
    given: tuple[object, ...] = ()
    match value:
        case typed.Constant(value=length):
            given = (length,)
        case typed.Chosen(table=table, bands=bands, otherwise=otherwise):
            given = (*table.values(), *(each for _, each in bands), otherwise)
    yield from (each for each in given if isinstance(each, syntax.Duration))


def has_odd_hours(value: typed.Value, length: typed.Value) -> bool:
    """Whether a length is in hours, for any deal, and meets a date, which has none."""
    if value.kind is not Kind.DATE:
        return False
    parts: list[typed.Value] = [*all_of(typed.Constant, length)]
    parts += all_of(typed.Chosen, length)
    lengths = (each for part in parts for each in lengths_of(part))
    return any(each.unit is syntax.TimeUnit.HOURS for each in lengths)


def _in_business_days(node: syntax.Value) -> str:
    """Write a count of days as one of business days; "" where it is none of ours."""
    match node:
        case syntax.Call(function=name, arguments=arguments):
            shape = _COUNTED.get(name.lower(), "")
            texts = [
                spoken(each.value)
                for each in arguments
                if not isinstance(each.value, syntax.Window | syntax.Since)
            ]
            return shape.format(*texts) if shape.count("{}") == len(texts) else ""
    return ""
