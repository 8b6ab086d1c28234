"""Which parameters and named conditions rules and stages rest on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.walk import all_of
from gatekeeper.pack.files.conditions import DraftLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.language.scope import Scope
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
    from gatekeeper.pack.files.uses import Vocabulary


def names_used(
    file: DraftFile, rule: DraftRule, words: Vocabulary | Scope
) -> frozenset[str]:
    """Return the names it uses, also inside each other: `$limit` or `is_big`."""
    home = rule.home
    conditions = [rule.require, rule.when, rule.unless, home.when, home.unless]
    conditions += [file.suspend_when, *(entry.when for entry in rule.escalate)]
    return _names_in(conditions, words)


def names_of_starts(
    stages: Iterable[DraftStage], words: Vocabulary | Scope
) -> frozenset[str]:
    """Return the names by which stages say whether deals may be created there."""
    return _names_in([stage.start_when for stage in stages], words)


def _names_in(
    conditions: Iterable[DraftCondition | None], words: Vocabulary | Scope
) -> frozenset[str]:
    found: set[str] = set()
    waiting = [test for condition in conditions for test in _tests(condition)]
    while waiting:
        tree = waiting.pop()
        found |= {
            f"${param.name}"
            for param in all_of(syntax.Param, tree)
            if param.name in words.params
        }
        inner = {
            name.text
            for name in all_of(syntax.Name, tree)
            if name.text in words.defines
        }
        waiting += [words.defines[name].body for name in inner - found]
        found |= inner
    return frozenset(found)


def _tests(condition: DraftCondition | None) -> Iterator[object]:
    if condition is None:
        return
    if isinstance(condition, DraftLine):
        yield condition.test
        yield from _tests(condition.when)
        return
    for part in condition.parts:
        yield from _tests(part)
