"""Conditions joined by and, or and their kin, in a seller's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.language.explain import conditions as explain_tests
from gatekeeper.language.explain.wording import title_of

if TYPE_CHECKING:
    from gatekeeper.core.model import Answer
    from gatekeeper.language.explain.conditions import Words
    from gatekeeper.language.explain.view import View
    from gatekeeper.language.tree import typed


def answer_of(test: typed.Test, view: View) -> Answer:
    """What the line's own closure answers."""
    return view.tree.test(test)(view.deal, view.ctx, view.row)


def named_words(name: str, inner: typed.Test, view: View, *, negated: bool) -> Words:
    """Say a defined condition: its name, then its inside."""
    words = explain_tests.words_of(inner, view, negated=negated)
    lead = title_of(name)
    lead = lead[:1] + lead[1:].lower()
    lasting = None if words.lasting is None else f"{lead}: {words.lasting}"
    return explain_tests.Words(
        f"{lead}: {words.saying}",
        words.demand,
        lasting,
        words.observed,
        words.expected,
        words.details,
    )


def parts_words(
    parts: tuple[typed.Test, ...], view: View, *, all_needed: bool, negated: bool
) -> Words:
    """Say which parts stand in the way; of alternatives, all of them."""
    lead, glue = ("", "; and ") if all_needed else ("None of these holds: ", "; or: ")
    return _obstacles(parts, view, (lead, glue), negated=negated)


def at_least_words(test: typed.AtLeast, view: View, *, negated: bool) -> Words:
    """Say how many of the needed parts hold, and which do not."""
    met = sum(answer_of(part, view) is True for part in test.parts)
    lead = f"{met} of the {test.count} needed: "
    if negated:
        hold = "holds" if met == 1 else "hold"
        lead = f"{met} of these {hold}, {test.count} must not: "
    return _obstacles(test.parts, view, (lead, "; or: "), negated=negated)


def _obstacles(
    parts: tuple[typed.Test, ...],
    view: View,
    joint: tuple[str, str],
    *,
    negated: bool,
) -> Words:
    wanted = not negated
    answers = [(part, answer_of(part, view)) for part in parts]
    unmet = [
        part
        for part, answer in answers
        if answer is not wanted and not isinstance(answer, Unavailable)
    ]
    each = [
        explain_tests.words_of(part, view, negated=negated) for part in unmet or parts
    ]
    lead, glue = joint
    text = glue.join(words.text.rstrip(".") for words in each)
    lasting = glue.join(words.lasting_text.rstrip(".") for words in each)
    details = tuple(line for words in each for line in words.details)
    return explain_tests.Words(
        f"{lead}{text}",
        "",
        None if lasting == text else f"{lead}{lasting}",
        details=details,
    )
