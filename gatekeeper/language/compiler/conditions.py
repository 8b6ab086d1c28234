"""Typed conditions into closures: true, false, empty or unavailable; never an error.

SQL's three values, and beside them what the CRM did not say: it wins over empty, and
loses to an answer that is decided without it.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Answer, Deal, Row, Unavailable
from gatekeeper.language.compiler import one_field
from gatekeeper.language.compiler.closures import either_blank
from gatekeeper.language.compiler.compare import compare_closure, pair_closure
from gatekeeper.language.compiler.history import changed_closure
from gatekeeper.language.compiler.labels import either_form
from gatekeeper.language.compiler.logic import all_of, any_of, at_least, opposite
from gatekeeper.language.compiler.patterns import found_in
from gatekeeper.language.compiler.quantity import (
    every_closure,
    quantified_closure,
    tally_closure,
)
from gatekeeper.language.compiler.readers import NO_ROW, Reader, is_blank
from gatekeeper.language.compiler.time import period_closure, within_closure
from gatekeeper.language.tree import typed
from gatekeeper.language.types import WORDS, Reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree

ODD = Unavailable("a value is of another type")


def test_closure(node: typed.Test, tree: Tree) -> Asker:
    """Compile a condition."""
    match node:
        case typed.And(parts=parts):
            return all_of([tree.test(part) for part in parts])
        case typed.Or(parts=parts):
            return any_of([tree.test(part) for part in parts])
        case typed.Not(part=part):
            return opposite(tree.test(part))
        case typed.Named(test=test):
            return tree.test(test)
        case typed.Compare():
            return compare_closure(node, tree)
        case typed.Filled():
            return _filled(node, tree)
        case typed.Truth():
            return _truth(node, tree)
        case _:
            return _other(node, tree)


def _other(node: typed.Test, tree: Tree) -> Asker:
    match node:
        case typed.Member():
            return _member(node, tree)
        case typed.Between():
            return _between(node, tree)
        case typed.TextMatch():
            return _text_match(node, tree)
        case typed.Includes():
            return _includes(node, tree)
        case typed.Within():
            return within_closure(node, tree)
        case typed.InPeriod():
            return period_closure(node, tree)
        case typed.Changed():
            return changed_closure(node, tree)
        case _:
            return _of_several(node, tree)


def _of_several(node: typed.Test, tree: Tree) -> Asker:
    match node:
        case typed.Quantified():
            return quantified_closure(node, tree)
        case typed.Every():
            return every_closure(node, tree)
        case typed.Tally():
            return tally_closure(node, tree)
        case typed.AtLeast(count=count, parts=parts):
            return at_least([tree.test(part) for part in parts], count)
    raise AssertionError(node)


# ---- one value -------------------------------------------------------------------


def _filled(node: typed.Filled, tree: Tree) -> Asker:
    read, wanted = tree.value(node.value), node.wanted
    is_lone = isinstance(node.value, typed.Field | typed.Past)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = read(deal, ctx, row)
        if isinstance(value, Unavailable):
            return wanted if is_lone and value.is_there else value
        return (value is not EMPTY) is wanted

    if not one_field.is_plain(node.value):
        return ask
    if node.value.kind in WORDS:
        return one_field.is_written(node.value, ask, wanted=wanted)
    return one_field.is_filled(node.value, ask, wanted=wanted)


def _truth(node: typed.Truth, tree: Tree) -> Asker:
    read, wanted = tree.value(node.value), node.wanted

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = read(deal, ctx, row)
        if value.__class__ is bool:
            return value is wanted
        return value if is_blank(value) else ODD

    if one_field.is_plain(node.value) and node.value.kind is Kind.YES_NO:
        return one_field.is_true(node.value, ask, wanted=wanted)
    return ask


def _member(node: typed.Member, tree: Tree) -> Asker:
    texts = [
        each.value.strip().casefold()
        for each in node.choices
        if isinstance(each, typed.Constant) and isinstance(each.value, str)
    ]
    if node.reading is Reading.TEXT and len(texts) == len(node.choices):
        ask = _one_of_texts(tree.value(node.value), frozenset(texts))
        is_choice = node.value.kind is Kind.PICKLIST
        if is_choice and one_field.is_plain(node.value):
            return one_field.remembered(node.value, ask)
        return ask
    parts = [
        pair_closure("=", (node.value, choice), node.reading, tree)
        for choice in node.choices
        if not isinstance(choice, typed.Chosen)
    ]
    parts += [
        _chosen_member(node.value, choice, tree)
        for choice in node.choices
        if isinstance(choice, typed.Chosen)
    ]
    return any_of(parts)


def _one_of_texts(read: Reader, texts: frozenset[str]) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        value = read(deal, ctx, row)
        if isinstance(value, str):
            return value.casefold() in texts
        return value if is_blank(value) else ODD

    return ask


def _chosen_member(value: typed.Value, choice: typed.Chosen, tree: Tree) -> Asker:
    """A list that a field chooses; its values compare as written, without case."""
    read, listed = tree.value(value), tree.value(choice)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        found, choices = read(deal, ctx, row), listed(deal, ctx, row)
        if is_blank(found) or is_blank(choices):
            return either_blank(found, choices)
        several = choices if isinstance(choices, tuple) else (choices,)
        return _folded(found) in {_folded(each) for each in several}

    return ask


def _folded(value: object) -> object:
    return value.strip().casefold() if isinstance(value, str) else value


def _between(node: typed.Between, tree: Tree) -> Asker:
    low = pair_closure(">=", (node.value, node.low), node.reading, tree)
    high = pair_closure("<=", (node.value, node.high), node.reading, tree)
    ask = all_of([low, high])
    if node.reading is Reading.RATIO or not one_field.is_plain(node.value):
        return ask
    match node.low, node.high:
        case typed.Constant(value=least), typed.Constant(value=most):
            return one_field.between_fixed(node.value, least, most, ask)
    return ask


# ---- texts and multi-selects -------------------------------------------------------

_TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "contains": operator.contains,
    "starts with": str.startswith,
    "ends with": str.endswith,
}


def _text_match(node: typed.TextMatch, tree: Tree) -> Asker:
    subject = tree.value(node.value)
    if node.operator == "matches":
        patterns = [tree.value(pattern) for pattern in node.patterns]
        return any_of([_matching(subject, pattern) for pattern in patterns])
    fits = _TEXT_TESTS[node.operator]
    return any_of(
        [
            _holding(subject, pattern.value.strip().casefold(), fits)
            if isinstance(pattern, typed.Constant) and isinstance(pattern.value, str)
            else _fitting(subject, either_form(pattern, tree), fits)
            for pattern in node.patterns
        ]
    )


def _holding(subject: Reader, part: str, fits: Callable[[str, str], bool]) -> Asker:
    """Look for a part that is the same for every deal."""

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        text = subject(deal, ctx, row)
        if isinstance(text, str):
            return fits(text.casefold(), part)
        return text if is_blank(text) else ODD

    return ask


def _fitting(
    subject: Reader, pattern: Reader, fits: Callable[[str, str], bool]
) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        text, part = subject(deal, ctx, row), pattern(deal, ctx, row)
        if isinstance(text, str) and isinstance(part, str):
            return fits(text.casefold(), part.casefold())
        if isinstance(text, str) and isinstance(part, tuple):
            folded = text.casefold()
            return any(fits(folded, str(each).casefold()) for each in part)
        blank = is_blank(text) or is_blank(part)
        return either_blank(text, part) if blank else ODD

    return ask


def _matching(subject: Reader, pattern: Reader) -> Asker:
    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        text, part = subject(deal, ctx, row), pattern(deal, ctx, row)
        if isinstance(text, str) and isinstance(part, str):
            return found_in(part, text)
        blank = is_blank(text) or is_blank(part)
        return either_blank(text, part) if blank else ODD

    return ask


def _includes(node: typed.Includes, tree: Tree) -> Asker:
    read = tree.value(node.value)
    choices = [tree.value(choice) for choice in node.choices]
    quorum = node.quorum

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        held = read(deal, ctx, row)
        if not isinstance(held, frozenset):
            if held is EMPTY and quorum == "none":
                return True
            return held if is_blank(held) else ODD
        wanted: list[object] = []
        for choice in choices:
            found = choice(deal, ctx, row)
            if is_blank(found):
                return found
            wanted += found if isinstance(found, tuple) else (found,)
        return _holds(quorum, held, wanted)

    return ask


def _holds(quorum: str, held: frozenset[str], wanted: list[object]) -> bool:
    folded = {each.casefold() for each in held}
    present = [_folded(each) in folded for each in wanted]
    if quorum == "all":
        return all(present)
    return any(present) is (quorum == "any")
