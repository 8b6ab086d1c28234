"""Which cases stand at a parameter's limit, just under it, and just over it.

The rules that use a limit are compiled again with it moved. A case whose answer
changes with the smallest move stands at the limit; one whose answer changes with a
small move down stands just under it, with one up just over it. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.judge.position import asked_as_of
from gatekeeper.core.model import Standing, Unavailable
from gatekeeper.language.tree.syntax import Duration
from gatekeeper.pack.build.apart import compile_rule, compile_starts
from gatekeeper.pack.build.draft import overlaid_files
from gatekeeper.pack.testing.coverage import lines_of
from gatekeeper.pack.testing.mutation.names_used import names_of_starts, names_used
from gatekeeper.pack.testing.mutation.sides import PROJECT, sides_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Deal
    from gatekeeper.core.pack import Rule
    from gatekeeper.language.scope import ParamSpec, Scope
    from gatekeeper.pack.build.pack_compiler import Starts
    from gatekeeper.pack.files.rules import DraftFile, DraftRule, DraftStage
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
    """Add to the rules and stages of a suite which of their limits its cases stand at.

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
            tested = [rule for rule in file.rules if rule.id in held]
            for draft in tested:
                covered = coverage.rules[draft.id]
                ground.cover_rule(covered, draft, held[draft.id], near[side])
            if tested:
                ground.cover_starts(coverage, near[side])


Standings = Callable[["Look"], list[Standing]]
"""How each line of some conditions stands for the deal of a look."""


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

    def cover_rule(
        self, covered: RuleCoverage, draft: DraftRule, rule: Rule, looks: list[Look]
    ) -> None:
        """Note at which limits of a rule the looks stand."""
        near = [look for look in looks if look.is_held_to(rule.id)]

        def compiled(scope: Scope) -> Standings | None:
            made = compile_rule(self.file, draft, scope)
            return None if made is None else partial(_of_rule, made)

        names = names_used(self.file, draft, self.scope)
        self._cover(covered, names, compiled, near)

    def cover_starts(self, coverage: Coverage, looks: list[Look]) -> None:
        """Note at which limits of `start_when` the looks stand, stage by stage."""
        for stage in self.file.stages:
            names = names_of_starts([stage], self.scope)
            if not any(name.startswith("$") for name in names):
                continue

            def compiled(scope: Scope, stage: DraftStage = stage) -> Standings | None:
                made = compile_starts([(self.file, scope)])
                return None if made is None else partial(_of_start, made, stage.word)

            covered = coverage.of(f"stage {stage.word}")
            self._cover(covered, names, compiled, looks)

    def _cover(
        self,
        covered: RuleCoverage,
        names: frozenset[str],
        compiled: Callable[[Scope], Standings | None],
        near: list[Look],
    ) -> None:
        own = compiled(self.scope)
        for name in sorted(names):
            spec = self.scope.params.get(name.removeprefix("$"))
            if own is None or not name.startswith("$") or spec is None:
                continue
            is_own = spec.name in self.own
            if is_own or near or self.side == PROJECT:
                label = f"{name} under {self.side}" if is_own else name
                moved = _moved_by(spec, self.scope, compiled)
                _see(covered, label, own, moved, near)


def _see(
    covered: RuleCoverage,
    label: str,
    own: Standings,
    moved: _Moved | None,
    looks: list[Look],
) -> None:
    if moved is None:
        return
    covered.expect(f"{label}: {where}" for where in (AT, UNDER, OVER))
    for look in looks:
        where = _where(own, moved, look)
        if where:
            covered.see(f"{label}: {where}")


def _values(spec: ParamSpec) -> Iterator[object]:
    yield from (spec.value, spec.otherwise)
    yield from (spec.values or {}).values()
    yield from (value for _, value in spec.bands or ())


# ---- moved limits ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Moved:
    """Conditions with one parameter moved.

    Attributes:
        in_days: The parameter counts in days, which have no smaller step.
    """

    standings: dict[Move, Standings]
    in_days: bool


def _moved_by(
    spec: ParamSpec, scope: Scope, compiled: Callable[[Scope], Standings | None]
) -> _Moved | None:
    """Compile with each move; None for a parameter that has no order."""
    values = list(_values(spec))
    if not any(isinstance(value, Decimal | Duration | date) for value in values):
        return None
    standings: dict[Move, Standings] = {}
    for move in Move:
        params = {**scope.params, spec.name: _moved_spec(spec, move)}
        found = compiled(replace(scope, params=params))
        if found is not None:
            standings[move] = found
    in_days = not any(isinstance(value, Decimal) for value in values)
    return _Moved(standings, in_days)


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


def _where(own: Standings, moved: _Moved, look: Look) -> str:
    """Say where the deal of a look stands, "" where it is not near the limit.

    Days have no hair: a line that is not met and is met one day on stands beside the
    limit, not at it.
    """
    stands = own(look)
    changed = {
        move: stands[place]
        for move, each in moved.standings.items()
        if (place := _first_change(stands, each(look))) is not None
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


def _of_rule(rule: Rule, look: Look) -> list[Standing]:
    """Return how each line stands, asked from where the rule asks it."""
    asked = asked_as_of(rule, look.deal, look.context)
    if isinstance(asked, Unavailable):
        return []
    told = [entry.when for entry in rule.escalate]
    return [
        *_standings([rule.require, rule.when, rule.unless], look.deal, asked),
        *_standings([rule.suspend_when, *told], look.deal, look.context),
    ]


def _of_start(starts: Starts, stage: str, look: Look) -> list[Standing]:
    """Return how each line stands that says whether a deal may begin at a stage."""
    whens = [
        start.when
        for start in starts.get(look.deal.pipeline, ())
        if start.stage == stage
    ]
    return _standings(whens, look.deal, look.context)


def _standings(
    conditions: Iterable[Condition | None], deal: Deal, context: Context
) -> list[Standing]:
    return [
        standing(line, deal, context)
        for condition in conditions
        for line in lines_of(condition)
    ]
