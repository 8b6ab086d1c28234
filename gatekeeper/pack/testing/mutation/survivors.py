"""Which changes to the rules no test notices. Pure.

Only the changed rules are compiled again, and only the cases that reach one of them
are judged again, by those rules and the ones whose answers hang on them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.pack.build.draft import compile_rule, scoped_files
from gatekeeper.pack.testing.mutation.mutants import (
    Recipe,
    mutants_of_define,
    mutants_of_file,
    mutants_of_param,
    mutants_of_rule,
    mutants_of_stage,
)
from gatekeeper.pack.testing.mutation.names_used import names_used
from gatekeeper.pack.testing.panel import Panel
from gatekeeper.pack.testing.verdicts import Status, hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.pack import Rule
    from gatekeeper.pack.files.rules import DraftFile
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.testing.cases import Case
    from gatekeeper.pack.testing.mutation.mutants import Mutant
    from gatekeeper.pack.testing.panel import Standpoint
    from gatekeeper.pack.testing.suites import Suite
    from gatekeeper.pack.testing.verdicts import CaseReport
    from gatekeeper.ports import Progress

DOING = "Changing the rules"


@dataclass(slots=True)
class Score:
    """How many changes to one rule, condition or parameter the tests notice.

    Attributes:
        of: The rule's id, `$param`, or the name of a condition.
        is_reached: Some case is judged by it at all.
    """

    of: str
    made: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    is_reached: bool = False

    @property
    def noticed(self) -> int:
        """How many changes make a case fail."""
        return self.made - len(self.survivors)


@dataclass(slots=True)
class Mutation:
    """All changes that were made, by what they changed."""

    scores: dict[str, Score] = field(default_factory=dict)

    @property
    def made(self) -> int:
        """How many changes were made."""
        return sum(score.made for score in self.scores.values())

    @property
    def noticed(self) -> int:
        """How many of them make a case fail."""
        return sum(score.noticed for score in self.scores.values())

    @property
    def percent(self) -> int:
        """The share that is noticed, rounded down; 100 where nothing was changed."""
        return 100 if self.made == 0 else self.noticed * 100 // self.made


def mutate(
    tested: Iterable[tuple[Suite, tuple[CaseReport, ...]]],
    standpoint: Standpoint,
    progress: Progress,
) -> Mutation:
    """Change one thing of the rules at a time and see whether a case fails.

    Args:
        tested: The suites, and how their cases ended; only those that passed count.
        standpoint: Gives the context in which a case is judged.
        progress: Told how far it is.
    """
    courts = [_Court.of(suite, reports, standpoint) for suite, reports in tested]
    by_pack: defaultdict[int, list[_Court]] = defaultdict(list)
    for court in courts:
        # Suites of one pack share its files; equal files of two packs are two packs.
        by_pack[id(court.suite.draft.files)].append(court)
    trials = [
        (mutant, rule_ids, beside)
        for beside in by_pack.values()
        for mutant, rule_ids in _mutants(beside)
    ]
    mutation = Mutation()
    for number, (mutant, rule_ids, beside) in enumerate(trials, 1):
        _try(mutation, mutant, rule_ids, beside)
        progress(DOING, number, len(trials))
    return mutation


def _try(
    mutation: Mutation, mutant: Mutant, rule_ids: frozenset[str], courts: list[_Court]
) -> None:
    score = mutation.scores.setdefault(mutant.of, Score(mutant.of))
    changes = [(court, court.compiled(mutant, rule_ids)) for court in courts]
    if not any(rules for _, rules in changes):
        return
    score.made += 1
    score.is_reached |= any(court.reaches(rule_ids) for court in courts)
    if not any(court.notices(rules) for court, rules in changes):
        score.survivors.append(mutant)


# ---- what is changed ---------------------------------------------------------------


def _mutants(courts: list[_Court]) -> Iterator[tuple[Mutant, frozenset[str]]]:
    """Give every change to the rules that are tested, and the rules it touches."""
    held = frozenset(chain.from_iterable(court.recipes for court in courts))
    draft = courts[0].suite.draft
    for file, _ in draft.files:
        yield from _of_file(file, held)
    for name, users in _users(draft, held).items():
        words = next(words for _, words in draft.files if name in words.declared)
        key, node = words.declared[name]
        if name.startswith("$"):
            made = mutants_of_param(key, words.params[name[1:]])
        else:
            made = mutants_of_define(key, node, words.defines[name])
        yield from ((mutant, frozenset(users)) for mutant in made)


def _of_file(
    file: DraftFile, held: frozenset[str]
) -> Iterator[tuple[Mutant, frozenset[str]]]:
    rules = [rule for rule in file.rules if rule.id in held]
    for rule in rules:
        own = frozenset({rule.id})
        yield from ((mutant, own) for mutant in mutants_of_rule(rule))
    for stage in file.stages:
        here = frozenset(rule.id for rule in rules if rule.home is stage)
        if here:
            yield from ((mutant, here) for mutant in mutants_of_stage(stage))
    if rules:
        all_ = frozenset(rule.id for rule in rules)
        yield from ((mutant, all_) for mutant in mutants_of_file(file))


def _users(draft: Draft, held: frozenset[str]) -> dict[str, set[str]]:
    """Return the rules in which each parameter or condition is used, by its name."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for file, words in draft.files:
        for rule in file.rules:
            if rule.id in held:
                for name in names_used(file, rule, words):
                    users[name].add(rule.id)
    return users


# ---- what notices it ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Court:
    """One suite, before which changed rules are brought.

    Attributes:
        recipes: What each rule of the suite is compiled from.
        reached: The cases that passed and to which the rule applies by its place; not
            those under an overlay, whose own parameters are not changed.
        dockets: The cases to judge again for some changed rules and those beside.
    """

    suite: Suite
    standpoint: Standpoint
    recipes: Mapping[str, Recipe]
    reached: Mapping[str, tuple[Case, ...]]
    dockets: dict[tuple[frozenset[str], frozenset[str]], tuple[Case, ...]] = field(
        default_factory=dict
    )

    @staticmethod
    def of(
        suite: Suite, reports: tuple[CaseReport, ...], standpoint: Standpoint
    ) -> _Court:
        held = {rule.id for rule in suite.pack.rules}
        recipes = {
            rule.id: Recipe(file, rule, scope)
            for file, scope in scoped_files(suite.draft, suite.schema)
            for rule in file.rules
            if rule.id in held
        }
        passed = [each for each in reports if each.status is Status.PASSED]
        reached = {
            rule.id: tuple(
                report.case
                for report in passed
                if any(look.is_held_to(rule.id) for look in report.looks)
                and not any(look.overlay for look in report.looks)
            )
            for rule in suite.pack.rules
        }
        return _Court(suite, standpoint, recipes, reached)

    def reaches(self, rule_ids: Iterable[str]) -> bool:
        """Whether some case is judged by one of the rules."""
        return any(self.reached.get(rule_id) for rule_id in rule_ids)

    def compiled(
        self, mutant: Mutant, rule_ids: frozenset[str]
    ) -> dict[str, Rule] | None:
        """Return the changed rules; None where the change cannot be compiled."""
        found: dict[str, Rule] = {}
        for rule_id in rule_ids & self.recipes.keys():
            recipe = mutant.change(self.recipes[rule_id])
            changed = compile_rule(recipe.file, recipe.rule, recipe.scope)
            if changed is None:
                return None
            found[rule_id] = changed
        return found

    def notices(self, changed: dict[str, Rule] | None) -> bool:
        """Whether a case fails with the changed rules."""
        if not changed:
            return False
        beside = self._beside(changed)
        rules = (changed.get(rule.id, rule) for rule in self.suite.pack.rules)
        kept = tuple(rule for rule in rules if rule.id in beside)
        panel = Panel(replace(self.suite.pack, rules=kept), self.standpoint)
        docket = self._docket(frozenset(changed), beside)
        return any(hold(case, panel).failures for case in docket)

    def _docket(
        self, changed: frozenset[str], beside: frozenset[str]
    ) -> tuple[Case, ...]:
        """Return the cases that reach a changed rule, with what is expected there."""
        if (changed, beside) not in self.dockets:
            cases = {
                id(case): case
                for rule_id in changed
                for case in self.reached.get(rule_id, ())
            }
            self.dockets[changed, beside] = tuple(
                replace(case, expected=about)
                for case in cases.values()
                if (about := case.expected.about(beside)).says_anything
            )
        return self.dockets[changed, beside]

    def _beside(self, changed: Mapping[str, Rule]) -> frozenset[str]:
        """Return the changed rules, and those whose answers may hang on them."""
        rules = self.suite.pack.rules
        if any(SUPPORTED_STAGE in rule.needs.fields for rule in rules):
            return frozenset(rule.id for rule in rules)
        quieted = {
            rule.id for rule in rules if changed.keys() & set(rule.suppressed_by)
        }
        quieting = {other for rule in changed.values() for other in rule.suppressed_by}
        return frozenset({*changed, *quieted, *quieting})
