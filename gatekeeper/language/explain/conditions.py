"""What one condition says of one deal: what is, and what must be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.explain import groups as explain_groups
from gatekeeper.language.explain import history as explain_history
from gatekeeper.language.explain import logic as explain_logic
from gatekeeper.language.explain import windows as explain_windows
from gatekeeper.language.explain.rows import (
    INFINITIVES,
    compare_phrase,
    expected_text,
    period_phrase,
    quoted,
)
from gatekeeper.language.explain.values import (
    empty_saying,
    inputs,
    is_known_in_part,
    observed,
    subject,
    sum_saying,
    sum_subject,
)
from gatekeeper.language.explain.wording import (
    inside,
    joined,
    sentence,
    unquoted,
    value_text,
)
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.language.explain.view import View


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one condition on one deal.

    Attributes:
        saying: What is: `Amount is 42,000.00`.
        demand: What must be: `it must be at least 50,000.00`.
        lasting: The whole without anything that time alone changes; None where
            saying and demand hold nothing of the kind.
        observed: The value alone.
        expected: What it must be, alone.
        details: Further lines.
    """

    saying: str
    demand: str = ""
    lasting: str | None = None
    observed: str = ""
    expected: str = ""
    details: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One sentence."""
        return sentence((self.saying, self.demand))

    @property
    def lasting_text(self) -> str:
        """One sentence that stays true as long as the deal stays as it is."""
        return self.text if self.lasting is None else sentence((self.lasting,))


def words_of(test: typed.Test, view: View, *, negated: bool = False) -> Words:
    """Put a condition that does not hold into words.

    Args:
        test: The condition.
        view: The deal it was asked of.
        negated: The condition must not hold.
    """
    past = explain_history.words_of_past(test, view, negated=negated)
    if past is not None:
        return past
    match test:
        case typed.Not(part=part):
            return words_of(part, view, negated=not negated)
        case typed.Filled(value=value, wanted=wanted):
            return _filled(value, view, wanted=wanted is not negated)
        case typed.Truth(value=value, wanted=wanted):
            return _truth(value, view, wanted=wanted is not negated)
        case typed.Within():
            return explain_windows.within(test, view, negated=negated)
        case typed.Includes(quorum="none") if negated:
            return words_of(replace(test, quorum="any"), view)
    maker = _MAKERS.get(type(test), explain_groups.words_of_several)
    return maker(test, view, negated=negated)


# ---- one value against a demand ----------------------------------------------------


def must(phrase: str, *, negated: bool) -> str:
    """Demand something, or its opposite."""
    return f"it must not {phrase}" if negated else f"it must {phrase}"


def _plain(value: typed.Value, phrase: str, view: View, *, negated: bool) -> Words:
    demand, expected = must(phrase, negated=negated), asked(phrase, negated=negated)
    return _held_against(value, demand, expected, view)


def asked(phrase: str, *, negated: bool) -> str:
    """Say alone what a value must be."""
    plain = phrase.removeprefix("be ")
    return f"not {plain}" if negated else plain


def _held_against(value: typed.Value, demand: str, expected: str, view: View) -> Words:
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


def _between(test: typed.Between, view: View, *, negated: bool) -> Words:
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
    if is_blank(view.value(value)) or explain_logic.answer_of(test, view) is not EMPTY:
        return None
    empty = (side for side in sides if view.value(side) is EMPTY)
    return next((empty_saying(side, view) for side in empty), None)


def _member(test: typed.Member, view: View, *, negated: bool) -> Words:
    listed = joined([expected_text(each, view) for each in test.choices], "or")
    return _plain(test.value, f"be {listed}", view, negated=negated)


def _text_match(test: typed.TextMatch, view: View, *, negated: bool) -> Words:
    phrase = f"{INFINITIVES[test.operator]} {quoted(test.patterns, view)}"
    return _plain(test.value, phrase, view, negated=negated)


def _includes(test: typed.Includes, view: View, *, negated: bool) -> Words:
    choices = [expected_text(each, view) for each in test.choices]
    lead = "include none of" if test.quorum == "none" else "include"
    listed = joined(choices, "and" if test.quorum == "all" else "or")
    return _plain(test.value, f"{lead} {listed}", view, negated=negated)


def _period(test: typed.InPeriod, view: View, *, negated: bool) -> Words:
    return _plain(test.value, f"be {period_phrase(test)}", view, negated=negated)


# ---- comparisons -------------------------------------------------------------------


def _compare(test: typed.Compare, view: View, *, negated: bool) -> Words:
    match test:
        case typed.Compare(
            operator="<=" | "<",
            left=typed.Function(
                name="abs",
                arguments=(typed.Arithmetic(operator="-") as difference,),
            ),
        ) if not negated:
            return _difference(test, difference, view)
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
    return _held_against(test.left, demand, expected, view)


def _length(test: typed.Compare, view: View, *, negated: bool) -> Words:
    (text,) = test.left.arguments  # type: ignore[union-attr]
    right = expected_text(test.right, view)
    phrase = compare_phrase(test.operator, test.reading, right)
    demand = must(f"have {phrase} characters", negated=negated)
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


# ---- states ------------------------------------------------------------------------


def _filled(value: typed.Value, view: View, *, wanted: bool) -> Words:
    found = view.value(value)
    if isinstance(found, Unavailable) and found.is_there:
        saying = f"{subject(value, view)} is filled"
        demand = "" if wanted else "it must be empty"
        return Words(saying, demand, None, "filled", "filled" if wanted else "empty")
    if wanted and found is EMPTY:
        return Words(empty_saying(value, view), "", None, "empty", "filled")
    if is_blank(found):
        return Words(empty_saying(value, view), "", None, "empty", "empty")
    demand = "" if wanted else "it must be empty"
    expected = "filled" if wanted else "empty"
    return _held_against(value, demand, expected, view)


def _truth(value: typed.Value, view: View, *, wanted: bool) -> Words:
    if isinstance(value, typed.Pattern):
        return explain_groups.pattern_words(value, view, wanted=wanted)
    name = subject(value, view)
    name = name.removeprefix("Is ").removeprefix("Has ").replace(" Is ", " ")
    found = view.value(value)
    must = "yes" if wanted else "no"
    shown = "empty" if is_blank(found) else value_text(found, Kind.YES_NO, view.ctx)
    saying, demand = f"{name} is {shown}", f"it must be {must}"
    lasting = f"{name} must be {must}" if view.moves(value) else None
    return Words(saying, demand, lasting, shown, must)


_MAKERS: dict[type, Callable[..., Words]] = {
    typed.Compare: _compare,
    typed.Between: _between,
    typed.Member: _member,
    typed.TextMatch: _text_match,
    typed.Includes: _includes,
    typed.InPeriod: _period,
}
