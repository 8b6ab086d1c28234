"""Conditions with one thing changed: a check, a line left out, or how many must hold.

Pure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.pack.files.conditions import DraftCondition, DraftGroup, DraftLine
from gatekeeper.pack.files.words import BlankWord
from gatekeeper.pack.source.columns import place_of
from gatekeeper.pack.testing.mutation.altered import alterations
from gatekeeper.pack.testing.mutation.meaning import meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.language.messages import Place

Changed = tuple["Place", str, DraftCondition]
"""Where, what completes "if ...", and the condition with that change."""


def changed_conditions(condition: DraftCondition) -> Iterator[Changed]:
    """Give a condition with one thing changed, each meaning once, its own aside."""
    seen = {meaning_of(condition)}
    for place, what, changed in _conditions(condition):
        means = meaning_of(changed)
        if means not in seen:
            seen.add(means)
            yield place, what, changed


def beginning_of(condition: DraftCondition) -> Place:
    """Return where a condition begins."""
    while isinstance(condition, DraftGroup):
        condition = condition.parts[0]
    return condition.scalar.place


def _conditions(condition: DraftCondition) -> Iterator[Changed]:
    if isinstance(condition, DraftLine):
        yield from _lines(condition)
        return
    yield from _quorums(condition)
    for number, part in enumerate(condition.parts):
        before, after = condition.parts[:number], condition.parts[number + 1 :]
        if len(condition.parts) > max(1, condition.count):
            fewer = replace(condition, parts=(*before, *after))
            yield beginning_of(part), "this line is left out", fewer
        for place, what, changed in _conditions(part):
            yield place, what, replace(condition, parts=(*before, changed, *after))


def _lines(line: DraftLine) -> Iterator[Changed]:
    if line.test is None:
        return
    for one in alterations(line.test):
        place = place_of(line.scalar, one.span)
        yield place, one.what, replace(line, test=one.tree)
    if line.on_blank is BlankWord.PASS:
        what = "on_blank: pass becomes on_blank: fail"
        yield line.scalar.place, what, replace(line, on_blank=BlankWord.FAIL)
    if line.when is not None:
        yield line.scalar.place, 'its "when" is left out', replace(line, when=None)
        for place, what, changed in _conditions(line.when):
            yield place, what, replace(line, when=changed)


def _quorums(group: DraftGroup) -> Iterator[Changed]:
    if len(group.parts) < 2:
        return
    place = beginning_of(group)
    match group.quorum:
        case Quorum.ALL:
            what = "any one of these lines is enough"
            yield place, what, replace(group, quorum=Quorum.ANY)
        case Quorum.ANY:
            what = "all of these lines must hold"
            yield place, what, replace(group, quorum=Quorum.ALL)
        case Quorum.AT_LEAST:
            for count in (group.count - 1, group.count + 1):
                if 1 <= count <= len(group.parts):
                    what = f"at least {group.count} becomes at least {count}"
                    yield place, what, replace(group, count=count)
