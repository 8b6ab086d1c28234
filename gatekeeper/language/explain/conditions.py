"""What one condition says of one deal: what is, and what must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.explain import groups as explain_groups
from gatekeeper.language.explain import history as explain_history
from gatekeeper.language.explain.rows import (
    compare_phrase,
    expected_text,
    period_phrase,
    quoted,
)
from gatekeeper.language.explain.values import (
    View,
    empty_saying,
    inputs,
    local_day,
    moves,
    observed,
    subject,
)
from gatekeeper.language.explain.wording import (
    age_text,
    day_text,
    joined,
    row_noun,
    sentence,
    value_text,
)
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from collections.abc import Callable


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
        case typed.Compare():
            return _compare(test, view, negated=negated)
        case typed.Filled(value=value, wanted=wanted):
            return _filled(value, view, wanted=wanted is not negated)
        case typed.Truth(value=value, wanted=wanted):
            return _truth(value, view, wanted=wanted is not negated)
        case typed.Within():
            return _within(test, view, negated=negated)
        case _:
            maker = _DEMANDS.get(type(test))
            if maker is None:
                return explain_groups.words_of_several(test, view, negated=negated)
            return _plain(test, maker(test, view), view, negated=negated)


# ---- one value against a demand ----------------------------------------------------


def _must(phrase: str, *, negated: bool) -> str:
    return f"it must not {phrase}" if negated else f"it must {phrase}"


def _plain(test: typed.Test, phrase: str, view: View, *, negated: bool) -> Words:
    value: typed.Value = test.value  # type: ignore[union-attr]
    return _held_against(value, _must(phrase, negated=negated), phrase, view)


def _held_against(value: typed.Value, demand: str, expected: str, view: View) -> Words:
    """Say a value and what it must be; a moving value is left out of lasting words."""
    expected = expected.removeprefix("be ")
    found = view.value(value)
    if isinstance(found, Unavailable) and found.at_least is not None:
        found = found.at_least
    if is_blank(found):
        return Words(empty_saying(value, view), demand, None, "empty", expected)
    shown = observed(value, found, view)
    saying = explain_groups.sum_saying(value, view)
    lasting = None
    if moves(value):
        base = inputs(value, view)
        own = demand.replace("it must", f"{subject(value, view)} must", 1)
        lasting = "; ".join([joined(base, "and"), own] if base else [own])
    return Words(saying, demand, lasting, shown.strip('"'), expected)


def _between(test: typed.Between, view: View) -> str:
    low, high = expected_text(test.low, view), expected_text(test.high, view)
    return f"be between {low} and {high}"


def _member(test: typed.Member, view: View) -> str:
    return f"be {joined([expected_text(each, view) for each in test.choices], 'or')}"


def _text_match(test: typed.TextMatch, view: View) -> str:
    listed = quoted(test.patterns, view)
    verbs = {
        "contains": "contain",
        "starts with": "start with",
        "ends with": "end with",
        "matches": "match the pattern",
    }
    return f"{verbs[test.operator]} {listed}"


def _includes(test: typed.Includes, view: View) -> str:
    choices = [expected_text(each, view) for each in test.choices]
    if test.quorum == "all":
        return f"include {joined(choices, 'and')}"
    if test.quorum == "any":
        return f"include {joined(choices, 'or')}"
    return f"include none of {joined(choices, 'or')}"


def _period(test: typed.InPeriod, _: View) -> str:
    return f"be {period_phrase(test)}"


_DEMANDS: dict[type, Callable[..., str]] = {
    typed.Between: _between,
    typed.Member: _member,
    typed.TextMatch: _text_match,
    typed.Includes: _includes,
    typed.InPeriod: _period,
}


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
    demand = _must(f"be {phrase}", negated=negated)
    if not is_blank(view.value(test.left)) and view.value(test.right) is EMPTY:
        name = subject(test.left, view)
        lead = empty_saying(test.right, view)
        whole = f"{name} {demand.removeprefix('it ')}"
        return Words(lead, whole, None, "empty", phrase)
    expected = f"not {phrase}" if negated else phrase
    return _held_against(test.left, demand, expected, view)


def _length(test: typed.Compare, view: View, *, negated: bool) -> Words:
    (text,) = test.left.arguments  # type: ignore[union-attr]
    right = expected_text(test.right, view)
    phrase = compare_phrase(test.operator, test.reading, right)
    demand = _must(f"have {phrase} characters", negated=negated)
    if is_blank(view.value(text)):
        return Words(empty_saying(text, view), demand, None, "empty", phrase)
    count = value_text(view.value(test.left), None, view.ctx)
    unit = "character" if count == "1" else "characters"
    saying = f"{subject(text, view)} has {count} {unit}"
    return Words(saying, demand, None, count, phrase)


def _difference(test: typed.Compare, node: typed.Arithmetic, view: View) -> Words:
    """Say two sums that must agree, and by how much they differ."""
    for side in (node.left, node.right):
        if is_blank(view.value(side)):
            name = explain_groups.sum_subject(side, view)
            demand = f"it must agree with {name}" if side is node.right else ""
            return Words(empty_saying(side, view), demand, None, "empty")
    sides = ", ".join(
        explain_groups.sum_saying(side, view) for side in (node.left, node.right)
    )
    apart = observed(test.left, view.value(test.left), view)
    allowed = value_text(view.value(test.right), test.left.kind, view.ctx)
    saying = f"{sides}: a difference of {apart}, allowed {allowed}"
    lasting = None
    if moves(test):
        lasting = f"{subject(node.left, view)} and {subject(node.right, view)} differ"
    return Words(saying, "", lasting, apart, f"at most {allowed}")


# ---- states ------------------------------------------------------------------------


def _filled(value: typed.Value, view: View, *, wanted: bool) -> Words:
    found = view.value(value)
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
    lasting = f"{name} must be {must}" if moves(value) else None
    return Words(saying, demand, lasting, shown, must)


# ---- windows -----------------------------------------------------------------------


def _within(test: typed.Within, view: View, *, negated: bool) -> Words:
    reach = expected_text(test.length, view)
    phrase = f"within the {test.direction} {reach}"
    demand = _must(f"be {phrase}", negated=negated)
    day = local_day(view.value(test.value), view.ctx)
    if day is None:
        is_rows = isinstance(test.value, typed.Aggregate)
        saying = empty_saying(test.value, view)
        return Words(saying, "" if is_rows else demand, None, "empty", phrase)
    head, is_rows = _date_head(test.value, view)
    is_wrong_side = (day - view.ctx.today).days * (
        1 if test.direction == "last" else -1
    ) > 0
    age = age_text(day, view.ctx.today)
    if is_wrong_side and not negated:
        age = "which is in the " + ("future" if test.direction == "last" else "past")
    saying = f"{head} {day_text(day)}, {age}"
    lasting = f"{head} {day_text(day)}; {demand}"
    if is_rows and not negated:
        lasting = f"{head} {day_text(day)}; one within {reach} is needed"
    return Words(saying, demand, lasting, day_text(day), phrase)


def _date_head(value: typed.Value, view: View) -> tuple[str, bool]:
    """Begin a sentence that ends with a date; whether it speaks of rows."""
    match value:
        case typed.Aggregate(function="latest" | "max", rows=rows):
            return f"The last {row_noun(rows.collection)} was on", True
        case typed.Aggregate(function="earliest" | "min", rows=rows):
            return f"The first {row_noun(rows.collection)} was on", True
    return f"{subject(value, view)} is", False
