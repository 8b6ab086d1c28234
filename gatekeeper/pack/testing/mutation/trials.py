"""Every change to the rules that are tested, and what each of them touches. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.pack.testing.mutation.mutants import (
    Mutant,
    mutants_of_define,
    mutants_of_file,
    mutants_of_param,
    mutants_of_rule,
    mutants_of_stage,
    mutants_of_start,
)
from gatekeeper.pack.testing.mutation.names_used import names_of_starts, names_used

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.pack.build.overlaid import Scoped
    from gatekeeper.pack.files.rules import DraftFile
    from gatekeeper.pack.load import Draft


@dataclass(frozen=True, slots=True)
class Touched:
    """What a change may alter.

    Attributes:
        rule_ids: The rules that are made of what is changed.
        starts: Where deals may be created is.
        sides: The project and the overlays for which it is a change; empty means all.
    """

    rule_ids: frozenset[str] = frozenset()
    starts: bool = False
    sides: frozenset[str] = frozenset()


Trial = tuple[Mutant, Touched]


def trials_of(
    draft: Draft, held: frozenset[str], sides: Mapping[str, Scoped]
) -> Iterator[Trial]:
    """Give every change to the rules that are held against cases.

    Args:
        draft: The pack as read.
        held: The ids of those rules.
        sides: The files as they stand for the project and under each overlay.
    """
    for file, _ in draft.files:
        yield from _of_file(file, held)
    users = _users(draft, held)
    yield from _of_names(draft, users, sides)
    yield from _of_overlays(draft, users, sides)


def _of_names(
    draft: Draft, users: Mapping[str, _Users], sides: Mapping[str, Scoped]
) -> Iterator[Trial]:
    """Change what the project declares; an overlay's own value stands as it is."""
    own = {each.name: {key.text for key, _ in each.params} for each in draft.overlays}
    for name, user in users.items():
        words = next(words for _, words in draft.files if name in words.declared)
        key, node = words.declared[name]
        if name.startswith("$"):
            others = (side for side in sides if name[1:] not in own.get(side, ()))
            touched = user.touched(others)
            made = mutants_of_param(key, words.params[name[1:]], name)
        else:
            touched = user.touched(sides)
            made = mutants_of_define(key, node, words.defines[name])
        yield from ((mutant, touched) for mutant in made)


def _of_overlays(
    draft: Draft, users: Mapping[str, _Users], sides: Mapping[str, Scoped]
) -> Iterator[Trial]:
    """Change the values that overlays give to parameters."""
    for overlay in draft.overlays:
        for key, _ in overlay.params:
            user = users.get(f"${key.text}")
            scopes = (scope for _, scope in sides[overlay.name])
            specs = (scope.params.get(key.text) for scope in scopes)
            spec = next((spec for spec in specs if spec is not None), None)
            if user is not None and spec is not None:
                touched = user.touched([overlay.name])
                of = f"${key.text} under {overlay.name}"
                yield from ((one, touched) for one in mutants_of_param(key, spec, of))


def _of_file(file: DraftFile, held: frozenset[str]) -> Iterator[Trial]:
    rules = [rule for rule in file.rules if rule.id in held]
    for rule in rules:
        own = Touched(frozenset({rule.id}))
        yield from ((mutant, own) for mutant in mutants_of_rule(rule))
    for stage in file.stages if rules else ():
        here = Touched(frozenset(rule.id for rule in rules if rule.home is stage))
        if here.rule_ids:
            yield from ((mutant, here) for mutant in mutants_of_stage(stage))
        yield from ((one, Touched(starts=True)) for one in mutants_of_start(stage))
    if rules:
        all_ = Touched(frozenset(rule.id for rule in rules))
        yield from ((mutant, all_) for mutant in mutants_of_file(file))


@dataclass(slots=True)
class _Users:
    """What uses a name."""

    rule_ids: set[str] = field(default_factory=set)
    starts: bool = False

    def touched(self, sides: Iterable[str]) -> Touched:
        return Touched(frozenset(self.rule_ids), self.starts, frozenset(sides))


def _users(draft: Draft, held: frozenset[str]) -> dict[str, _Users]:
    """Return what uses each parameter or named condition, by its name."""
    users: defaultdict[str, _Users] = defaultdict(_Users)
    for file, words in draft.files:
        rules = [rule for rule in file.rules if rule.id in held]
        for rule in rules:
            for name in names_used(file, rule, words):
                users[name].rule_ids.add(rule.id)
        for name in names_of_starts(file.stages, words) if rules else ():
            users[name].starts = True
    return users
