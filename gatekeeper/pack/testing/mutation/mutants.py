"""What a rule is compiled from, with one thing changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from gatekeeper.core.model import Severity
from gatekeeper.pack.source.columns import place_of
from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.testing.mutation.altered import alterations
from gatekeeper.pack.testing.mutation.conditions import (
    beginning_of,
    changed_conditions,
)
from gatekeeper.pack.testing.mutation.meaning import meaning
from gatekeeper.pack.testing.mutation.params import changed_params

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.language.messages import Place
    from gatekeeper.language.scope import DefineSpec, ParamSpec, Scope
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.escalations import DraftEscalation
    from gatekeeper.pack.files.rule_schema import EscalationPart
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
    from gatekeeper.pack.source.nodes import Node


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one rule is compiled from.

    Attributes:
        rule: None where it is about what the file says of its stages.
    """

    file: DraftFile
    rule: DraftRule | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to a pack.

    Attributes:
        place: Where it is.
        of: What is changed: a rule's id, `$param`, the name of a condition, a stage.
        what: The change, completing "no test notices if ...".
        change: Applies it to what a rule or a stage that it touches is compiled from.
    """

    place: Place
    of: str
    what: str
    change: Callable[[Recipe], Recipe]


Put: TypeAlias = "Callable[[Recipe, DraftCondition | None], Recipe]"
"""Puts a condition, or none, into one place of a recipe."""


def mutants_of_rule(rule: DraftRule) -> Iterator[Mutant]:
    """Give the changes to what a rule itself says."""
    if rule.require is not None:
        yield from _in(rule.id, rule.require, _put_require)
    for key, condition, put in (
        ("when", rule.when, _put_when),
        ("unless", rule.unless, _put_unless),
    ):
        if condition is not None:
            written = rule.table.key(key)
            place = written.place if written else beginning_of(condition)
            yield _without(rule.id, place, key, put)
            yield from _in(rule.id, condition, put)
    yield from _escalations(rule)


def mutants_of_stage(stage: DraftStage) -> Iterator[Mutant]:
    """Give the changes to what a stage asks beside each of its rules."""
    of = f"stage {stage.word}"
    for key, condition, put in (
        ("when", stage.when, _put_stage_when),
        ("unless", stage.unless, _put_stage_unless),
    ):
        if condition is not None:
            yield _without(of, beginning_of(condition), key, put)
            yield from _in(of, condition, put)


def mutants_of_start(stage: DraftStage) -> Iterator[Mutant]:
    """Give the changes to when deals may be created at a stage (language A23)."""
    if stage.start_when is not None:
        of, key, put = f"stage {stage.word}", "start_when", _putting_start(stage)
        yield _without(of, beginning_of(stage.start_when), key, put)
        yield from _in(of, stage.start_when, put)


def mutants_of_file(file: DraftFile) -> Iterator[Mutant]:
    """Give the changes to what suspends the rules of a file."""
    if file.suspend_when is not None:
        of, place = "suspend_when", beginning_of(file.suspend_when)
        yield _without(of, place, of, _put_suspend)
        yield from _in(of, file.suspend_when, _put_suspend)


def mutants_of_define(key: Scalar, node: Node, spec: DefineSpec) -> Iterator[Mutant]:
    """Give the changes to a named condition, value or set of rows."""
    seen = {meaning(spec.body)}
    for one in alterations(spec.body):
        means = meaning(one.tree)
        if means not in seen:
            seen.add(means)
            place = place_of(node, one.span) if isinstance(node, Scalar) else key.place
            change = _defining(replace(spec, body=one.tree))
            yield Mutant(place, spec.name, one.what, change)


def mutants_of_param(key: Scalar, spec: ParamSpec, of: str) -> Iterator[Mutant]:
    """Give the changes to the values of a parameter, in a pack or in an overlay."""
    for what, changed in changed_params(spec):
        yield Mutant(key.place, of, what, _setting(changed))


# ---- one condition -----------------------------------------------------------------


def _in(of: str, condition: DraftCondition, put: Put) -> Iterator[Mutant]:
    for place, what, changed in changed_conditions(condition):
        yield Mutant(place, of, what, _putting(put, changed))


def _without(of: str, place: Place, key: str, put: Put) -> Mutant:
    return Mutant(place, of, f'"{key}" is left out', _putting(put, None))


def _putting(put: Put, condition: DraftCondition | None) -> Callable[[Recipe], Recipe]:
    return lambda recipe: put(recipe, condition)


def _put_require(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
    return _with_rule(recipe, lambda rule: replace(rule, require=condition))


def _put_when(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
    return _with_rule(recipe, lambda rule: replace(rule, when=condition))


def _put_unless(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
    return _with_rule(recipe, lambda rule: replace(rule, unless=condition))


def _put_stage_when(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
    return _with_home(recipe, lambda home: replace(home, when=condition))


def _put_stage_unless(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
    return _with_home(recipe, lambda home: replace(home, unless=condition))


def _with_rule(recipe: Recipe, change: Callable[[DraftRule], DraftRule]) -> Recipe:
    return replace(recipe, rule=change(recipe.rule)) if recipe.rule else recipe


def _with_home(recipe: Recipe, change: Callable[[DraftStage], DraftStage]) -> Recipe:
    return _with_rule(recipe, lambda rule: replace(rule, home=change(rule.home)))


def _putting_start(stage: DraftStage) -> Put:
    def put(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
        changed = replace(stage, start_when=condition)
        stages = (changed if each is stage else each for each in recipe.file.stages)
        return replace(recipe, file=replace(recipe.file, stages=tuple(stages)))

    return put


def _put_suspend(recipe: Recipe, condition: DraftCondition | None) -> Recipe:
    return replace(recipe, file=replace(recipe.file, suspend_when=condition))


# ---- several -----------------------------------------------------------------------


def _escalations(rule: DraftRule) -> Iterator[Mutant]:
    for number, entry in enumerate(rule.escalate):
        before, after = rule.escalate[:number], rule.escalate[number + 1 :]
        what = "this escalation is left out"
        yield Mutant(entry.table.place, rule.id, what, _escalating((*before, *after)))
        for place, what, changed in changed_conditions(entry.when):
            entries = (*before, replace(entry, when=changed), *after)
            yield Mutant(place, rule.id, what, _escalating(entries))
        for key, what, part in _other_settings(entry):
            entries = (*before, replace(entry, part=part), *after)
            written = entry.table.key(key)
            place = written.place if written else entry.table.place
            yield Mutant(place, rule.id, what, _escalating(entries))


def _other_settings(
    entry: DraftEscalation,
) -> Iterator[tuple[str, str, EscalationPart]]:
    """Give an escalation with another severity, or owed by whom the rule says.

    The fix is a text that no test can name.
    """
    severity, owed_by = entry.part.severity, entry.part.owed_by
    for other in Severity:
        if severity is not None and abs(other.rank - severity.rank) == 1:
            what = f"severity {severity} becomes {other}"
            yield "severity", what, entry.part.model_copy(update={"severity": other})
    if owed_by is not None:
        what = f"owed_by: {owed_by} is left out"
        yield "owed_by", what, entry.part.model_copy(update={"owed_by": None})


def _escalating(entries: tuple[DraftEscalation, ...]) -> Callable[[Recipe], Recipe]:
    return lambda recipe: _with_rule(
        recipe, lambda rule: replace(rule, escalate=entries)
    )


def _defining(spec: DefineSpec) -> Callable[[Recipe], Recipe]:
    def change(recipe: Recipe) -> Recipe:
        defines = {**recipe.scope.defines, spec.name: spec}
        return replace(recipe, scope=replace(recipe.scope, defines=defines))

    return change


def _setting(spec: ParamSpec) -> Callable[[Recipe], Recipe]:
    def change(recipe: Recipe) -> Recipe:
        params = {**recipe.scope.params, spec.name: spec}
        return replace(recipe, scope=replace(recipe.scope, params=params))

    return change
