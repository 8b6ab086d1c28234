"""Mistakes in definitions that no line uses; a used one shows them where it is used.

Pure.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from gatekeeper.language.checker.alone import mistakes_alone
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.walk import all_of
from gatekeeper.pack.files.conditions import problem_at, tests_of
from gatekeeper.pack.source.read import EnoughMistakesError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.language.scope import DefineSpec, Scope
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.declared import Names
    from gatekeeper.pack.files.defines import DraftDefine
    from gatekeeper.pack.files.rules import DraftFile
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.problems import Problem
    from gatekeeper.pack.source.read import Reader

    Scoped = Sequence[tuple[DraftFile, Scope]]


def check_unused(
    reader: Reader, draft: Draft, scoped: Scoped, shared: Iterable[tuple[Names, Scope]]
) -> None:
    """Note the mistakes of definitions that neither a rule nor a waiver uses.

    Args:
        reader: Takes the mistakes.
        draft: The pack as read.
        scoped: The files of rules with what names mean in them.
        shared: The files of shared names, with what names mean there by themselves.
    """
    uses = _Uses(draft, scoped)
    for names, own in [*((file.names, scope) for file, scope in scoped), *shared]:
        with suppress(EnoughMistakesError):
            for define in names.drafts.values():
                for problem in _problems(define, own, uses):
                    reader.note(problem)


@dataclass(frozen=True)
class _Uses:
    """Who may use a definition, and who does."""

    draft: Draft
    scoped: Scoped

    def files(self, spec: DefineSpec) -> list[tuple[DraftFile, Scope]]:
        """Return the files that bring it in."""
        return [pair for pair in self.scoped if pair[1].defines.get(spec.name) is spec]

    def is_used(self, spec: DefineSpec) -> bool:
        """Whether a line of these uses it, or a waiver of any."""
        paths = (file.names.source.path for file, _ in self.files(spec))
        return any(spec.name in self._reached[path] for path in paths)

    @cached_property
    def _reached(self) -> dict[str, set[str]]:
        """What the lines of each file of rules use, by its path."""
        reached: dict[str, set[str]] = {}
        for file, scope in self.scoped:
            asked = [*file.conditions, *self._of_waivers]
            named = _names(test for each in asked for test in tests_of(each))
            reached[file.names.source.path] = _reached(named, scope.defines)
        return reached

    @cached_property
    def _of_waivers(self) -> list[DraftCondition | None]:
        waivers = self.draft.waivers.waivers
        return [
            each for one in waivers for each in (one.deals_where, one.ends_early_when)
        ]


def _problems(define: DraftDefine, own: Scope, uses: _Uses) -> Sequence[Problem]:
    """Return what is wrong wherever a definition may be used and never is."""
    found: Sequence[Problem] = ()
    if uses.is_used(define.spec):
        return found
    for scope in [scope for _, scope in uses.files(define.spec)] or [own]:
        found = _mistakes(define, scope)
        if not found:
            break
    return found


def _mistakes(define: DraftDefine, scope: Scope) -> Sequence[Problem]:
    return [
        problem_at(scalar, mistake)
        for scalar, body in define.lines
        for mistake in mistakes_alone(define.spec.name, body, scope)
    ]


def _reached(used: set[str], defines: Mapping[str, DefineSpec]) -> set[str]:
    """Add the names that definitions among them use, directly or through others."""
    left = dict(defines)
    while found := used & left.keys():
        used |= _names(left.pop(name).body for name in found)
    return used


def _names(trees: Iterable[object]) -> set[str]:
    """Return the names in some trees, and the rows that fields are gathered from."""
    found = [name.parts for tree in trees for name in all_of(syntax.Name, tree)]
    return {".".join(part) for parts in found for part in (parts, parts[:-1])}
