"""Which cases stand at a parameter's limit, just under it, and just over it.

The rules are compiled again with the limit moved. A case whose answer changes with the
smallest move stands at the limit; one whose answer changes with a small move down
stands just under it, with one up just over it. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from gatekeeper.core.conditions import standing
from gatekeeper.core.model import Standing
from gatekeeper.language.syntax import Duration
from gatekeeper.pack.build import build
from gatekeeper.pack.testing.coverage import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.language.scope import ParamSpec
    from gatekeeper.pack.testing.coverage import Coverage
    from gatekeeper.pack.testing.suites import Suite
    from gatekeeper.pack.testing.verdicts import Look

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
    """Add to the rules of a suite which of their limits its cases stand at."""
    seen = list(looks)
    base = {rule.id: rule for rule in suite.pack.rules}
    for name, in_days in _limits(suite).items():
        packs = {move: _moved_pack(suite, name, move) for move in Move}
        touched = _touched(base, packs[Move.STEP_UP])
        for rule_id in touched:
            covered = coverage.rules[rule_id]
            covered.expect(f"${name}: {where}" for where in (AT, UNDER, OVER))
            moved = {
                move: next(rule for rule in pack.rules if rule.id == rule_id)
                for move, pack in packs.items()
                if pack is not None
            }
            for look in seen:
                where = _where(base[rule_id], moved, look, in_days=in_days)
                if where:
                    covered.see(f"${name}: {where}")


def _limits(suite: Suite) -> dict[str, bool]:
    """Return the parameters that can be moved, and whether they count in days."""
    found = {
        name: list(_values(spec))
        for _, words in suite.draft.files
        for name, spec in words.params.items()
    }
    return {
        name: not any(isinstance(value, Decimal) for value in values)
        for name, values in found.items()
        if any(isinstance(value, Decimal | Duration | date) for value in values)
    }


def _values(spec: ParamSpec) -> Iterator[object]:
    yield from (spec.value, spec.otherwise)
    yield from (spec.values or {}).values()
    yield from (value for _, value in spec.bands or ())


# ---- moved rules -------------------------------------------------------------------


def _moved_pack(suite: Suite, name: str, move: Move) -> RulePack | None:
    files = tuple(
        (
            file,
            replace(
                words,
                params={
                    key: _moved_spec(spec, move) if key == name else spec
                    for key, spec in words.params.items()
                },
            ),
        )
        for file, words in suite.draft.files
    )
    pack, _ = build(replace(suite.draft, files=files), suite.schema)
    return pack


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


def _touched(base: dict[str, Rule], moved: RulePack | None) -> list[str]:
    """Return the rules whose logic holds the parameter."""
    return [
        rule.id
        for rule in (moved.rules if moved else ())
        if rule.id in base and rule.logic != base[rule.id].logic
    ]


# ---- where a case stands -----------------------------------------------------------


def _where(rule: Rule, moved: dict[Move, Rule], look: Look, *, in_days: bool) -> str:
    """Say where the deal of a look stands, "" where it is not near the limit.

    Days have no hair: a line that is not met and is met one day on stands beside the
    limit, not at it.
    """
    own = _standings(rule, look)
    changed = {
        move: own[place]
        for move, each in moved.items()
        if (place := _first_change(own, _standings(each, look))) is not None
    }
    hairs = [move for move in (Move.HAIR_DOWN, Move.HAIR_UP) if move in changed]
    if hairs and not (in_days and changed[hairs[0]] is Standing.NOT_MET):
        return AT
    if Move.HAIR_DOWN in hairs or (not hairs and Move.STEP_DOWN in changed):
        return UNDER
    return OVER if hairs or Move.STEP_UP in changed else ""


def _first_change(own: list[Standing], others: list[Standing]) -> int | None:
    pairs = enumerate(zip(own, others, strict=True))
    return next((place for place, (one, other) in pairs if one is not other), None)


def _standings(rule: Rule, look: Look) -> list[Standing]:
    conditions = (rule.require, rule.when, rule.unless)
    return [
        standing(line, look.deal, look.context)
        for condition in conditions
        for line in lines_of(condition)
    ]
