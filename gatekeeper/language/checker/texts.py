"""Conditions on texts and on windows of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.checker.choices import choices_of, holds_several
from gatekeeper.language.checker.lengths import has_odd_hours, lengths_of
from gatekeeper.language.checker.literals import spoken
from gatekeeper.language.checker.values import assume, mismatch
from gatekeeper.language.compiler.patterns import (
    PatternError,
    compile_pattern,
    unsupported_part,
)
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.types import DATES, WORDS, with_article

if TYPE_CHECKING:
    from gatekeeper.language.checker.state import Checking


# ---- texts -----------------------------------------------------------------------


def text_match(node: syntax.TextTest, checking: Checking) -> typed.Test | None:
    """Check `value contains "x"` and its kin."""
    value = checking.value(node.value)
    match node.patterns:
        case syntax.Listing() | syntax.Param() as written:
            found = choices_of(written, value, checking)
        case single:
            found = choices_of(syntax.Listing((single,), node.span), value, checking)
    if value is None or found is None:
        return None
    if value.kind in {Kind.PICKLIST, Kind.STAGE}:
        what = with_article(value.kind)
        text = f"{spoken(node.value)} is {what}; compare with = or in [...]."
        checking.report("E413", text, node.span)
        return None
    if holds_several((value,), (node.value,), checking):
        return None
    value = assume(value, Kind.TEXT)
    for pattern, at in found:
        if not _is_text_pair(value, pattern):
            mismatch(node.value, value, (at, pattern), checking)
            return None
        if node.operator == "matches" and not _is_pattern(pattern, at, checking):
            return None
    return typed.TextMatch(value, node.operator, tuple(each for each, _ in found))


def _is_text_pair(value: typed.Value, pattern: typed.Value) -> bool:
    return (value.kind is None or value.kind in WORDS) and (
        pattern.kind is None or pattern.kind in WORDS or pattern.kind is Kind.PICKLIST
    )


def _is_pattern(value: typed.Value, node: syntax.Value, checking: Checking) -> bool:
    """Note E425 where RE2 does not take the pattern."""
    if not isinstance(value, typed.Constant) or not isinstance(value.value, str):
        checking.report("E425", "the pattern must be a text in quotes.", node.span)
        return False
    part = unsupported_part(value.value)
    if part is not None:
        text = (
            f"the pattern uses {part}, which is not supported"
            " (patterns must run in linear time)."
        )
        checking.report("E425", text, node.span)
        return False
    try:
        compile_pattern(value.value)
    except PatternError as error:
        why = error.args[0]
        why = why.decode() if isinstance(why, bytes) else why
        checking.report("E425", f"the pattern cannot be read: {why}.", node.span)
        return False
    return True


# ---- windows ---------------------------------------------------------------------


def within(node: syntax.Within, checking: Checking) -> typed.Test | None:
    """Check `value within last 14 days`."""
    value = _date(node.value, checking)
    length = checking.value(node.length)
    if value is None or length is None:
        return None
    if length.kind is not Kind.DURATION:
        mismatch(node.value, value, (node.length, length), checking)
        return None
    said = _odd_hours(spoken(node.value), value, length)
    if said:
        checking.report("E411", said, node.span, "count in days or business days.")
        return None
    return typed.Within(value, node.direction, length)


def _odd_hours(name: str, value: typed.Value, length: typed.Value) -> str:
    """Say what is wrong with a window of hours; "" where nothing is."""
    if any(
        each.business and each.unit is syntax.TimeUnit.HOURS
        for each in lengths_of(length)
    ):
        return "business hours are not counted."
    if has_odd_hours(value, length):
        return f"{name} is a date; it has no hours to count."
    return ""


def in_period(node: syntax.InPeriod, checking: Checking) -> typed.Test | None:
    """Check `value in this fiscal quarter`."""
    value = _date(node.value, checking)
    if value is None:
        return None
    return typed.InPeriod(value, node.which, node.fiscal, node.period)


def _date(node: syntax.Value, checking: Checking) -> typed.Value | None:
    value = checking.value(node)
    if value is None:
        return None
    value = assume(value, Kind.DATE)
    if value.kind not in DATES:
        text = f"{spoken(node)} is {with_article(value.kind)}, not a date."
        checking.report("E411", text, node.span)
        return None
    return value
