"""Which cases stand at a parameter's limit, just under it, and just over it.

The rules that use a limit are compiled again with it moved. A case whose answer
changes with the smallest move stands at the limit; one whose answer changes with a
small move down stands just under it, with one up just over it. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.judge.position import asked_as_of
from gatekeeper.core.model import Standing, Unavailable
from gatekeeper.language.tree.syntax import Duration
from gatekeeper.pack.build.apart import compile_rule
from gatekeeper.pack.build.draft import overlaid_files
from gatekeeper.pack.testing.coverage import lines_of
from gatekeeper.pack.testing.mutation.names_used import names_used
from gatekeeper.pack.testing.mutation.sides import PROJECT, sides_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.core.pack import Rule
    from gatekeeper.language.scope import ParamSpec, Scope
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.testing.coverage import Coverage, RuleCoverage
    from gatekeeper.pack.testing.panel import Look
    from gatekeeper.pack.testing.suites import Suite

V = TypeVar("V")

TINY = Decimal("0.001")
"""Smaller than any step a person makes between two cases."""


class Move(Enum):
    """How far a limit is moved: sign, and whether the smallest step or a small one."""

    HAIR_DOWN = (-1, False)
    HAIR_UP = (1, False)
    STEP_DOWN = (-1, True)
    STEP_UP = (1, True)


AT, UNDER, OVER = "at the limit", "just under", "just over"


def cover_limits(coverage: Coverage, suite: Suite, looks: Iterable[Look]) -> None:
    """Add to the rules of a suite which of their limits its cases stand at.

    A deal under an overlay stands at the overlay's own limits, and at the project's
    where it has none.
    """
    near: defaultdict[str, list[Look]] = defaultdict(list)
    for look in looks:
        near[look.overlay].append(look)
    own = {
        overlay.name: {key.text for key, _ in overlay.params}
        for overlay in suite.draft.overlays
    }
    packs = sides_of(suite.pack)
    for side, files in overlaid_files(suite.draft, suite.schema).items():
        held = {rule.id: rule for rule in packs[side].rules}
        for file, scope in files:
            ground = _Ground(side, frozenset(own.get(side, ())), file, scope)
            for draft in file.rules:
                if draft.id in held:
                    covered = coverage.rules[draft.id]
                    ground.cover(covered, draft, held[draft.id], near[side])


@dataclass(frozen=True, slots=True)
class _Ground:
    """A file as it stands on one side.

    Attributes:
        own: The parameters to which the side gives a value.
    """

    side: str
    own: frozenset[str]
    file: DraftFile
    scope: Scope

    def cover(
        self, covered: RuleCoverage, draft: DraftRule, rule: Rule, looks: list[Look]
    ) -> None:
        """Note at which limits of a rule the looks stand."""
        near = [look for look in looks if look.is_held_to(rule.id)]
        for name in sorted(names_used(self.file, draft, self.scope)):
            spec = self.scope.params.get(name.removeprefix("$"))
            if not name.startswith("$") or spec is None:
                continue
            is_own = spec.name in self.own
            if is_own or near or self.side == PROJECT:
                label = f"{name} under {self.side}" if is_own else name
                moved = _Moving(self.file, draft, self.scope).by(spec)
                _cover(covered, label, rule, moved, near)


def _cover(
    covered: RuleCoverage,
    label: str,
    rule: Rule,
    moved: _Moved | None,
    looks: list[Look],
) -> None:
    if moved is None:
        return
    covered.expect(f"{label}: {where}" for where in (AT, UNDER, OVER))
    for look in looks:
        where = _where(rule, moved, look)
        if where:
            covered.see(f"{label}: {where}")


def _values(spec: ParamSpec) -> Iterator[object]:
    yield from (spec.value, spec.otherwise)
    yield from (spec.values or {}).values()
    yield from (value for _, value in spec.bands or ())


# ---- moved rules -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moved:
    """A rule with one parameter moved.

    Attributes:
        in_days: The parameter counts in days, which have no smaller step.
    """

    rules: dict[Move, Rule]
    in_days: bool


@dataclass(frozen=True, slots=True)
class _Moving:
    """A rule as written, to be compiled with a parameter moved."""

    file: DraftFile
    rule: DraftRule
    scope: Scope

    def by(self, spec: ParamSpec) -> _Moved | None:
        """Compile it with each move; None for a parameter that has no order."""
        values = list(_values(spec))
        if not any(isinstance(value, Decimal | Duration | date) for value in values):
            return None
        moved: dict[Move, Rule] = {}
        for move in Move:
            params = {**self.scope.params, spec.name: _moved_spec(spec, move)}
            scope = replace(self.scope, params=params)
            rule = compile_rule(self.file, self.rule, scope)
            if rule is not None:
                moved[move] = rule
        in_days = not any(isinstance(value, Decimal) for value in values)
        return _Moved(moved, in_days)


def _moved_spec(spec: ParamSpec, move: Move) -> ParamSpec:
    return replace(
        spec,
        value=_moved(spec.value, move),
        otherwise=_moved(spec.otherwise, move),
        values={key: _moved(each, move) for key, each in spec.values.items()}
        if spec.values is not None
        else None,
        bands=tuple((limit, _moved(each, move)) for limit, each in spec.bands)
        if spec.bands is not None
        else None,
    )


def _moved(value: V, move: Move) -> V:
    """Move a number by a hair or by the larger of 1 and 1 %, days by one or two."""
    sign, is_step = move.value
    moved: object = value
    match value:
        case Decimal():
            step = max(Decimal(1), abs(value) / 100) + TINY if is_step else TINY
            moved = value + sign * step
        case Duration():
            count = value.count + sign * (2 if is_step else 1)
            moved = replace(value, count=max(count, 0))
        case datetime() | date():
            moved = value + sign * timedelta(days=2 if is_step else 1)
    return moved  # type: ignore[return-value]  # each case keeps the type


# ---- where a case stands -----------------------------------------------------------


def _where(rule: Rule, moved: _Moved, look: Look) -> str:
    """Say where the deal of a look stands, "" where it is not near the limit.

    Days have no hair: a line that is not met and is met one day on stands beside the
    limit, not at it.
    """
    own = _standings(rule, look)
    changed = {
        move: own[place]
        for move, each in moved.rules.items()
        if (place := _first_change(own, _standings(each, look))) is not None
    }
    hairs = [move for move in (Move.HAIR_DOWN, Move.HAIR_UP) if move in changed]
    if hairs and not (moved.in_days and changed[hairs[0]] is Standing.NOT_MET):
        return AT
    if Move.HAIR_DOWN in hairs or (not hairs and Move.STEP_DOWN in changed):
        return UNDER
    return OVER if hairs or Move.STEP_UP in changed else ""


def _first_change(own: list[Standing], others: list[Standing]) -> int | None:
    pairs = enumerate(zip(own, others, strict=True))
    return next((place for place, (one, other) in pairs if one is not other), None)


def _standings(rule: Rule, look: Look) -> list[Standing]:
    """Return how each line stands, asked from where the rule is asked."""
    context = asked_as_of(rule, look.deal, look.context)
    if isinstance(context, Unavailable):
        return []
    conditions = (rule.require, rule.when, rule.unless)
    return [
        standing(line, look.deal, context)
        for condition in conditions
        for line in lines_of(condition)
    ]
