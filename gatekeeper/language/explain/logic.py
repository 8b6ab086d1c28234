"""Conditions joined by and, or and their kin, in a seller's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Unavailable
from gatekeeper.language.explain.wording import title_of
from gatekeeper.language.explain.words import Words

if TYPE_CHECKING:
    from gatekeeper.language.explain.view import View
    from gatekeeper.language.tree import typed


def opposite(test: typed.Not, view: View, *, negated: bool) -> Words:
    """Say what must not be, or what must be where even that must not be so."""
    return view.words(test.part, negated=not negated)


def named(test: typed.Named, view: View, *, negated: bool) -> Words:
    """Say a defined condition: its name, then its inside."""
    words = view.words(test.test, negated=negated)
    lead = title_of(test.name)
    lead = lead[:1] + lead[1:].lower()
    lasting = None if words.lasting is None else f"{lead}: {words.lasting}"
    return Words(
        f"{lead}: {words.saying}",
        words.demand,
        lasting,
        words.observed,
        words.expected,
        words.details,
    )


def every_part(test: typed.And, view: View, *, negated: bool) -> Words:
    """Say which parts stand in the way of all."""
    return _parts(test.parts, view, all_needed=not negated, negated=negated)


def one_part(test: typed.Or, view: View, *, negated: bool) -> Words:
    """Say what stands in the way of each alternative."""
    return _parts(test.parts, view, all_needed=negated, negated=negated)


def _parts(
    parts: tuple[typed.Test, ...], view: View, *, all_needed: bool, negated: bool
) -> Words:
    lead, glue = ("", "; and ") if all_needed else ("None of these holds: ", "; or: ")
    return _obstacles(parts, view, (lead, glue), negated=negated)


def at_least(test: typed.AtLeast, view: View, *, negated: bool) -> Words:
    """Say how many of the needed parts hold, and which do not."""
    met = sum(view.answer(part) is True for part in test.parts)
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
    answers = [(part, view.answer(part)) for part in parts]
    unmet = [
        part
        for part, answer in answers
        if answer is not wanted and not isinstance(answer, Unavailable)
    ]
    each = [view.words(part, negated=negated) for part in unmet or parts]
    lead, glue = joint
    text = glue.join(words.text.rstrip(".") for words in each)
    lasting = glue.join(words.lasting_text.rstrip(".") for words in each)
    details = tuple(line for words in each for line in words.details)
    return Words(
        f"{lead}{text}",
        "",
        None if lasting == text else f"{lead}{lasting}",
        details=details,
    )
