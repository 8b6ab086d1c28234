"""Words for a value that must be filled, empty, true, false or of a written form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Unavailable
from gatekeeper.language.compiler.calls import pattern_pieces
from gatekeeper.language.compiler.patterns import first_misfit
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.explain import history
from gatekeeper.language.explain.conditions import held_against
from gatekeeper.language.explain.values import empty_saying, observed, subject
from gatekeeper.language.explain.wording import unquoted, value_text
from gatekeeper.language.explain.words import Words
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.language.explain.view import View


def filled(test: typed.Filled, view: View, *, negated: bool) -> Words:
    """Say that a value is missing, or what stands where nothing may."""
    value, wanted = test.value, test.wanted is not negated
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
    return held_against(value, demand, expected, view)


def truth(test: typed.Truth, view: View, *, negated: bool) -> Words:
    """Say whether a yes/no value is so, in the words of what it asks."""
    wanted = test.wanted is not negated
    match test.value:
        case typed.Pattern():
            return _pattern(test.value, view, wanted=wanted)
        case typed.Past(function="visited"):
            return history.visited(test.value, view, wanted=wanted)
        case typed.Past(function="skipped"):
            return history.visited(test.value, view, wanted=not wanted)
        case typed.Past(function="moved_back"):
            return history.moved_back(view)
    return _yes_or_no(test.value, view, wanted=wanted)


def _yes_or_no(value: typed.Value, view: View, *, wanted: bool) -> Words:
    name = subject(value, view)
    name = name.removeprefix("Is ").removeprefix("Has ").replace(" Is ", " ")
    found = view.value(value)
    must = "yes" if wanted else "no"
    shown = "empty" if is_blank(found) else value_text(found, Kind.YES_NO, view.ctx)
    saying, demand = f"{name} is {shown}", f"it must be {must}"
    lasting = f"{name} must be {must}" if view.moves(value) else None
    return Words(saying, demand, lasting, shown, must)


def _pattern(node: typed.Pattern, view: View, *, wanted: bool) -> Words:
    """Say which part of a text pattern does not fit."""
    text = view.value(node.value)
    pieces = pattern_pieces(node, view.tree)(view.deal, view.ctx, view.row)
    if text is EMPTY or is_blank(pieces):
        name = subject(node.value, view)
        missing = name if text is EMPTY else "A part of the pattern"
        return Words(f"{missing} is empty", "", None, "empty")
    shown = observed(node.value, text, view)
    saying = f"{subject(node.value, view)} is {shown}"
    parts: list[tuple[bool, str]] = pieces  # type: ignore[assignment]
    form = "".join(f"{{{part}}}" if slot else part for slot, part in parts)
    if not wanted:
        return Words(
            saying,
            f'it must not read like "{form}"',
            None,
            unquoted(shown),
            f"not {form}",
        )
    place = first_misfit(parts, str(text))
    misfit = "" if place is None else f' (it does not fit at "{parts[place][1]}")'
    demand = f'it must read like "{form}"{misfit}'
    return Words(saying, demand, None, unquoted(shown), form)
