"""What one condition on a value says of one deal: what is, and what must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.explain import history
from gatekeeper.language.explain.phrases import (
    INFINITIVES,
    compare_phrase,
    period_phrase,
)
from gatekeeper.language.explain.values import (
    empty_saying,
    expected_text,
    inputs,
    is_known_in_part,
    observed,
    quoted,
    subject,
    sum_saying,
    sum_subject,
)
from gatekeeper.language.explain.wording import inside, joined, unquoted, value_text
from gatekeeper.language.explain.words import Words, asked, must
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.language.explain.view import View


# ---- one value against a demand ----------------------------------------------------


def _plain(value: typed.Value, phrase: str, view: View, *, negated: bool) -> Words:
    demand, expected = must(phrase, negated=negated), asked(phrase, negated=negated)
    return held_against(value, demand, expected, view)


def held_against(value: typed.Value, demand: str, expected: str, view: View) -> Words:
    """Say a value and what it must be; a moving value is left out of lasting words."""
    found = view.value(value)
    if is_blank(found) and not is_known_in_part(found):
        return Words(empty_saying(value, view), demand, None, "empty", expected)
    shown = observed(value, found, view)
    saying = sum_saying(value, view)
    lasting = None
    if view.moves(value):
        base = inputs(value, view)
        own = demand.replace("it must", f"{subject(value, view)} must", 1)
        lasting = "; ".join([joined(base, "and"), own] if base else [own])
    return Words(saying, demand, lasting, unquoted(shown), expected)


def between(test: typed.Between, view: View, *, negated: bool) -> Words:
    """Say a value and the two it must lie between."""
    low, high = expected_text(test.low, view), expected_text(test.high, view)
    phrase = f"be between {low} and {high}"
    lacking = _lacking(test, test.value, (test.low, test.high), view)
    if lacking is None:
        return _plain(test.value, phrase, view, negated=negated)
    demand, expected = must(phrase, negated=negated), asked(phrase, negated=negated)
    whole = f"{subject(test.value, view)} {demand.removeprefix('it ')}"
    return Words(lacking, whole, None, "empty", expected)


def _lacking(
    test: typed.Test, value: typed.Value, sides: tuple[typed.Value, ...], view: View
) -> str | None:
    """Say that a side is empty where that, and not the value itself, is the reason."""
    if is_blank(view.value(value)) or view.answer(test) is not EMPTY:
        return None
    empty = (side for side in sides if view.value(side) is EMPTY)
    return next((empty_saying(side, view) for side in empty), None)


def member(test: typed.Member, view: View, *, negated: bool) -> Words:
    """Say a value and those it must be one of."""
    listed = joined([expected_text(each, view) for each in test.choices], "or")
    return _plain(test.value, f"be {listed}", view, negated=negated)


def text_match(test: typed.TextMatch, view: View, *, negated: bool) -> Words:
    """Say a text and what must be found in it."""
    phrase = f"{INFINITIVES[test.operator]} {quoted(test.patterns, view)}"
    return _plain(test.value, phrase, view, negated=negated)


def includes(test: typed.Includes, view: View, *, negated: bool) -> Words:
    """Say what is chosen and what must be among it; `not none of` is any of."""
    quorum = test.quorum
    if negated and quorum == "none":
        negated, quorum = False, "any"
    choices = [expected_text(each, view) for each in test.choices]
    lead = "include none of" if quorum == "none" else "include"
    listed = joined(choices, "and" if quorum == "all" else "or")
    return _plain(test.value, f"{lead} {listed}", view, negated=negated)


def period(test: typed.InPeriod, view: View, *, negated: bool) -> Words:
    """Say a date and the period it must lie in."""
    return _plain(test.value, f"be {period_phrase(test)}", view, negated=negated)


# ---- comparisons -------------------------------------------------------------------


def compare(test: typed.Compare, view: View, *, negated: bool) -> Words:
    """Say a value and what it is compared with."""
    match test:
        case typed.Compare(
            operator="<=" | "<",
            left=typed.Function(
                name="abs",
                arguments=(typed.Arithmetic(operator="-") as difference,),
            ),
        ) if not negated:
            return _difference(test, difference, view)
        case typed.Compare(left=typed.Past(function="pushes")) if not negated:
            return history.pushes(test, view)
        case typed.Compare(left=typed.Function(name="length")):
            return _length(test, view, negated=negated)
    right = expected_text(test.right, view)
    if test.operator == "!=":
        negated, phrase = not negated, right
    else:
        phrase = compare_phrase(test.operator, test.reading, right)
    demand = must(f"be {phrase}", negated=negated)
    expected = asked(phrase, negated=negated)
    lacking = _lacking(test, test.left, (test.right,), view)
    if lacking is not None:
        whole = f"{subject(test.left, view)} {demand.removeprefix('it ')}"
        return Words(lacking, whole, None, "empty", expected)
    return held_against(test.left, demand, expected, view)


def _length(test: typed.Compare, view: View, *, negated: bool) -> Words:
    (text,) = test.left.arguments  # type: ignore[union-attr]
    right = expected_text(test.right, view)
    phrase = compare_phrase(test.operator, test.reading, right)
    units = "character" if right == "1" else "characters"
    demand = must(f"have {phrase} {units}", negated=negated)
    expected = asked(phrase, negated=negated)
    if is_blank(view.value(text)):
        return Words(empty_saying(text, view), demand, None, "empty", expected)
    count = value_text(view.value(test.left), None, view.ctx)
    unit = "character" if count == "1" else "characters"
    saying = f"{subject(text, view)} has {count} {unit}"
    return Words(saying, demand, None, count, expected)


def _difference(test: typed.Compare, node: typed.Arithmetic, view: View) -> Words:
    """Say two sums that must agree, and by how much they differ."""
    for side in (node.left, node.right):
        if is_blank(view.value(side)):
            name, other = (sum_subject(each, view) for each in (node.left, node.right))
            demand = f"{name} must agree with {inside(other)}"
            demand = demand if side is node.right else ""
            return Words(empty_saying(side, view), demand, None, "empty")
    sides = ", ".join(
        sum_saying(side, view)
        for side in (node.left, node.right)
        if not _is_fixed(side)
    )
    apart = observed(test.left, view.value(test.left), view)
    allowed = value_text(view.value(test.right), test.left.kind, view.ctx)
    fixed = [each for each in (node.left, node.right) if _is_fixed(each)]
    origin = "".join(f" from {subject(each, view)}" for each in fixed)
    limit = allowed if test.operator == "<=" else f"less than {allowed}"
    saying = f"{sides}: a difference of {apart}{origin}, allowed {limit}"
    lasting = None
    if view.moves(test):
        lasting = f"{subject(node.left, view)} and {subject(node.right, view)} differ"
    expected = compare_phrase(test.operator, test.reading, allowed)
    return Words(saying, "", lasting, apart, expected)


def _is_fixed(value: typed.Value) -> bool:
    return isinstance(value, typed.Constant)
