"""One suite, before which changed rules are brought. Pure.

Only the changed rules are compiled again, and only the cases that reach one of them
are judged again, by those rules and the ones whose answers hang on them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import SUPPORTED_STAGE
from gatekeeper.pack.build.apart import compile_rule, compile_starts
from gatekeeper.pack.build.draft import overlaid_files
from gatekeeper.pack.testing.mutation.mutants import Recipe
from gatekeeper.pack.testing.mutation.sides import PROJECT, on_each_side, sides_of
from gatekeeper.pack.testing.panel import Panel
from gatekeeper.pack.testing.verdicts import Status, hold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.build.overlaid import Scoped
    from gatekeeper.pack.build.pack_compiler import Starts
    from gatekeeper.pack.testing.cases import Case
    from gatekeeper.pack.testing.mutation.mutants import Mutant
    from gatekeeper.pack.testing.mutation.trials import Touched
    from gatekeeper.pack.testing.panel import Standpoint
    from gatekeeper.pack.testing.suites import Suite
    from gatekeeper.pack.testing.verdicts import CaseReport


@dataclass(frozen=True, slots=True)
class Changed:
    """What one change makes of a pack, by the side on which it does.

    Attributes:
        rules: The changed rules by id.
        starts: Where deals may be created, where that is changed.
    """

    rules: Mapping[str, Mapping[str, Rule]]
    starts: Mapping[str, Starts]

    def __bool__(self) -> bool:
        return any(self.rules.values()) or bool(self.starts)

    @property
    def rule_ids(self) -> frozenset[str]:
        """Every rule that is changed on some side."""
        return frozenset(name for rules in self.rules.values() for name in rules)

    def put_into(self, side: str, pack: RulePack, kept: frozenset[str]) -> RulePack:
        """Return a side's pack with the change, and no rules but the kept."""
        own = self.rules.get(side, {})
        rules = (own.get(rule.id, rule) for rule in pack.rules if rule.id in kept)
        starts = self.starts.get(side, pack.starts)
        return replace(pack, rules=tuple(rules), starts=starts)


Docket = tuple[frozenset[str], frozenset[str], frozenset[str], bool]
"""The sides and rules that are changed, the rules beside, and whether starts are."""


@dataclass(frozen=True, slots=True)
class Court:
    """One suite and what its rules are compiled from.

    Attributes:
        sides: The files as they stand for the project and under each overlay.
        standing: The rules as they stand there, by id.
        recipes: What each of these is compiled from.
        reached: By side and rule the cases that passed and to which the rule applies
            by its place.
        begun: By side the cases of pipelines in which deals may be created later.
        seen: The sides on which some case is judged, and the project.
        dockets: The cases to judge again for a change.
    """

    suite: Suite
    standpoint: Standpoint
    sides: Mapping[str, Scoped]
    standing: Mapping[str, Mapping[str, Rule]]
    recipes: Mapping[str, Mapping[str, Recipe]]
    reached: Mapping[tuple[str, str], tuple[Case, ...]]
    begun: Mapping[str, tuple[Case, ...]]
    seen: frozenset[str]
    dockets: dict[Docket, tuple[Case, ...]] = field(default_factory=dict)

    @staticmethod
    def of(
        suite: Suite, reports: tuple[CaseReport, ...], standpoint: Standpoint
    ) -> Court:
        """Sort the cases of a suite by what they reach."""
        sides = overlaid_files(suite.draft, suite.schema)
        standing = {
            side: {rule.id: rule for rule in pack.rules}
            for side, pack in sides_of(suite.pack).items()
        }
        reached: defaultdict[tuple[str, str], dict[int, Case]] = defaultdict(dict)
        begun: defaultdict[str, dict[int, Case]] = defaultdict(dict)
        for report in reports:
            for look in report.looks if report.status is Status.PASSED else ():
                case = {id(report.case): report.case}
                for rule_id in standing[PROJECT]:
                    if look.is_held_to(rule_id):
                        reached[look.overlay, rule_id] |= case
                if look.judge.pack.starts.get(look.deal.pipeline):
                    begun[look.overlay] |= case
        return Court(
            suite,
            standpoint,
            sides,
            standing,
            _recipes(sides, standing),
            {key: tuple(cases.values()) for key, cases in reached.items()},
            {key: tuple(cases.values()) for key, cases in begun.items()},
            frozenset({PROJECT, *(side for side, _ in reached), *begun}),
        )

    def reaches(self, touched: Touched) -> bool:
        """Whether some case is judged by what a change touches."""
        return any(self._cases(touched.sides, touched.rule_ids, starts=touched.starts))

    def compiled(self, mutant: Mutant, touched: Touched) -> Changed | None:
        """Return what a change makes of the pack; None where it cannot be compiled.

        A side on which no case is judged is compiled where nothing else is.
        """
        sides = touched.sides or self.sides.keys()
        rules: dict[str, Mapping[str, Rule]] = {}
        starts: dict[str, Starts] = {}
        for side in (sides & self.seen) or sides:
            changed = self._rules(side, mutant, touched.rule_ids)
            if changed is None:
                return None
            rules[side] = changed
            if touched.starts:
                made = compile_starts(list(self._files(side, mutant)))
                if made is None:
                    return None
                starts[side] = made
        return Changed(rules, starts)

    def _rules(
        self, side: str, mutant: Mutant, rule_ids: frozenset[str]
    ) -> dict[str, Rule] | None:
        found: dict[str, Rule] = {}
        for rule_id in rule_ids & self.recipes[side].keys():
            recipe = mutant.change(self.recipes[side][rule_id])
            if recipe.rule is None:
                continue
            changed = compile_rule(recipe.file, recipe.rule, recipe.scope)
            if changed is None:
                return None
            found[rule_id] = _as_it_stands(changed, self.standing[side][rule_id])
        return found

    def _files(self, side: str, mutant: Mutant) -> Scoped:
        made = [
            mutant.change(Recipe(file, None, scope)) for file, scope in self.sides[side]
        ]
        return [(recipe.file, recipe.scope) for recipe in made]

    def notices(self, changed: Changed | None) -> bool:
        """Whether a case fails with a change."""
        if not changed:
            return False
        beside = self._beside(changed)
        pack = on_each_side(
            self.suite.pack, lambda side, own: changed.put_into(side, own, beside)
        )
        panel = Panel(pack, self.standpoint)
        docket = self._docket(changed, beside)
        return any(hold(case, panel).failures for case in docket)

    def _docket(self, changed: Changed, beside: frozenset[str]) -> tuple[Case, ...]:
        """Return the cases that reach a change, with what is expected there."""
        sides, starts = frozenset(changed.rules), bool(changed.starts)
        key = (sides, changed.rule_ids, beside, starts)
        if key not in self.dockets:
            found = self._cases(sides, changed.rule_ids, starts=starts)
            cases = {id(case): case for case in found}
            self.dockets[key] = tuple(
                replace(case, expected=about)
                for case in cases.values()
                if (about := case.expected.about(beside)).says_anything
            )
        return self.dockets[key]

    def _cases(
        self, sides: Iterable[str], rule_ids: frozenset[str], *, starts: bool
    ) -> Iterator[Case]:
        for side in sides or self.sides:
            for rule_id in rule_ids:
                yield from self.reached.get((side, rule_id), ())
            if starts:
                yield from self.begun.get(side, ())

    def _beside(self, changed: Changed) -> frozenset[str]:
        """Return the changed rules, and those whose answers may hang on them.

        Where deals may be created decides for any rule whether it applies.
        """
        rules, changed_ids = self.suite.pack.rules, changed.rule_ids
        asks_all = any(SUPPORTED_STAGE in rule.needs.fields for rule in rules)
        if changed.starts or asks_all:
            return frozenset(rule.id for rule in rules)
        quieted = {rule.id for rule in rules if changed_ids & set(rule.suppressed_by)}
        quieting = {
            other
            for rule in rules
            if rule.id in changed_ids
            for other in rule.suppressed_by
        }
        return frozenset({*changed_ids, *quieted, *quieting})


def _recipes(
    sides: Mapping[str, Scoped], standing: Mapping[str, Mapping[str, Rule]]
) -> dict[str, dict[str, Recipe]]:
    return {
        side: {
            rule.id: Recipe(file, rule, scope)
            for file, scope in files
            for rule in file.rules
            if rule.id in standing[side]
        }
        for side, files in sides.items()
    }


def _as_it_stands(changed: Rule, rule: Rule) -> Rule:
    """Keep of a rule what its own words do not say."""
    return replace(
        changed,
        logic=rule.logic,
        includes_existing=rule.includes_existing,
        off_until=rule.off_until,
        off_because=rule.off_because,
    )
