"""Rules, named conditions and parameters with one thing changed. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar, cast

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import Quorum
from gatekeeper.pack.columns import place_of
from gatekeeper.pack.conditions import DraftCondition, DraftGroup, DraftLine
from gatekeeper.pack.nodes import Scalar
from gatekeeper.pack.testing.altered import alterations
from gatekeeper.pack.testing.meaning import meaning, meaning_of
from gatekeeper.pack.testing.neighbours import neighbours, shown
from gatekeeper.pack.words import BlankWord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from gatekeeper.language.messages import Place
    from gatekeeper.language.scope import DefineSpec, ParamSpec, ParamValue
    from gatekeeper.pack.nodes import Node
    from gatekeeper.pack.rules import DraftRule

V = TypeVar("V")

Changed = tuple["Place", str, DraftCondition]
"""Where, what completes "if ...", and the condition with that change."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to a pack.

    Attributes:
        place: Where it is.
        of: What is changed: a rule's id, `$param` or the name of a condition.
        what: The change, completing "no test notices if ...".
        rule: The changed rule, where a rule is changed.
        define: The changed condition, where one with a name is changed.
        param: The changed parameter, where one is changed.
    """

    place: Place
    of: str
    what: str
    rule: DraftRule | None = None
    define: DefineSpec | None = None
    param: ParamSpec | None = None


def mutants_of_rule(rule: DraftRule) -> Iterator[Mutant]:
    """Give a rule with one thing changed, each meaning once, its own aside."""
    seen = {_meaning(rule)}
    for place, what, changed in _changed_rules(rule):
        means = _meaning(changed)
        if means not in seen:
            seen.add(means)
            yield Mutant(place, rule.id, what, rule=changed)


def mutants_of_define(key: Scalar, node: Node, spec: DefineSpec) -> Iterator[Mutant]:
    """Give a named condition, value or set of rows with one thing changed."""
    seen = {meaning(spec.body)}
    for one in alterations(spec.body):
        means = meaning(one.tree)
        if means not in seen:
            seen.add(means)
            changed = replace(spec, body=one.tree)
            place = place_of(node, one.span) if isinstance(node, Scalar) else key.place
            yield Mutant(place, spec.name, one.what, define=changed)


def mutants_of_param(key: Scalar, spec: ParamSpec) -> Iterator[Mutant]:
    """Give a parameter with one of its values changed."""
    for what, changed in _changed_params(spec):
        yield Mutant(key.place, f"${spec.name}", what, param=changed)


def _meaning(rule: DraftRule) -> tuple[str, ...]:
    return tuple(map(meaning_of, (rule.require, rule.when, rule.unless)))


# ---- rules -------------------------------------------------------------------------


def _changed_rules(rule: DraftRule) -> Iterator[tuple[Place, str, DraftRule]]:
    if rule.require is not None:
        for place, what, changed in _conditions(rule.require):
            yield place, what, replace(rule, require=changed)
    for key, condition, put in (
        ("when", rule.when, _with_when),
        ("unless", rule.unless, _with_unless),
    ):
        if condition is None:
            continue
        written = rule.table.key(key)
        if written is not None:
            yield written.place, f'"{key}" is left out', put(rule, None)
        for place, what, changed in _conditions(condition):
            yield place, what, put(rule, changed)


def _with_when(rule: DraftRule, condition: DraftCondition | None) -> DraftRule:
    return replace(rule, when=condition)


def _with_unless(rule: DraftRule, condition: DraftCondition | None) -> DraftRule:
    return replace(rule, unless=condition)


def _conditions(condition: DraftCondition) -> Iterator[Changed]:
    if isinstance(condition, DraftLine):
        yield from _lines(condition)
        return
    yield from _quorums(condition)
    for number, part in enumerate(condition.parts):
        before, after = condition.parts[:number], condition.parts[number + 1 :]
        if len(condition.parts) > max(1, condition.count):
            fewer = replace(condition, parts=(*before, *after))
            yield _place(part), "this line is left out", fewer
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
    place = _place(group)
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


def _place(condition: DraftCondition) -> Place:
    """Return where a condition begins."""
    while isinstance(condition, DraftGroup):
        condition = condition.parts[0]
    return condition.scalar.place


# ---- parameters --------------------------------------------------------------------


def _changed_params(spec: ParamSpec) -> Iterator[tuple[str, ParamSpec]]:
    if spec.value is not None:
        for what, value in _changed_values(spec, spec.value):
            yield what, replace(spec, value=value)
    for key, chosen in (spec.values or {}).items():
        for what, value in _changed_values(spec, chosen):
            values = {**(spec.values or {}), key: value}
            yield f"{what} for {key}", replace(spec, values=values)
    yield from _changed_bands(spec, spec.bands or ())
    if spec.otherwise is not None:
        for what, value in _changed_values(spec, spec.otherwise):
            yield f"{what} else", replace(spec, otherwise=value)


def _changed_bands(
    spec: ParamSpec, bands: tuple[tuple[Decimal, ParamValue], ...]
) -> Iterator[tuple[str, ParamSpec]]:
    for number, (start, chosen) in enumerate(bands):
        others = (*bands[:number], *bands[number + 1 :])
        for near in neighbours(start):
            moved = sorted((*others, (near, chosen)), key=lambda band: band[0])
            what = f"{shown(start)} becomes {shown(near)}"
            yield what, replace(spec, bands=tuple(moved))
        for what, value in _changed_values(spec, chosen):
            moved = sorted((*others, (start, value)), key=lambda band: band[0])
            yield f"{what} from {shown(start)}", replace(spec, bands=tuple(moved))


def _changed_values(spec: ParamSpec, value: V) -> Iterator[tuple[str, V]]:
    if isinstance(value, tuple):
        for number, member in enumerate(value):
            if len(value) > 1:
                rest = (*value[:number], *value[number + 1 :])
                yield f'"{member}" is left out', cast("V", rest)
        return
    is_percent = spec.kind is Kind.PERCENT
    for near in neighbours(value):
        old, new = (shown(one, is_percent=is_percent) for one in (value, near))
        yield f"{old} becomes {new}", near
