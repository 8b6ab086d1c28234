"""What the cases have seen of each rule: outcomes, lines, and limits.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.judge.conditions import standing
from gatekeeper.core.judge.position import asked_as_of
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    Group,
    Outcome,
    Standing,
    Unavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Condition, Line
    from gatekeeper.core.pack import Rule, RulePack
    from gatekeeper.pack.testing.panel import Look

PASSES, FAILS, LEAVES_OUT = "a pass", "a fail", "a case it does not apply to"


@dataclass(slots=True)
class RuleCoverage:
    """The points of one rule, or of a stage, and which of them some case has seen."""

    rule_id: str
    points: dict[str, bool] = field(default_factory=dict)

    def see(self, point: str) -> None:
        """Note that a case has seen a point."""
        self.points[point] = True

    def expect(self, points: Iterable[str]) -> None:
        """Add points that should be seen."""
        for point in points:
            self.points.setdefault(point, False)

    @property
    def missing(self) -> list[str]:
        """What no case has seen yet."""
        return [point for point, is_seen in self.points.items() if not is_seen]

    @property
    def seen(self) -> int:
        """How many points some case has seen."""
        return sum(self.points.values())


@dataclass(slots=True)
class Coverage:
    """The rules under test by id, and stages with limits of their own."""

    rules: dict[str, RuleCoverage] = field(default_factory=dict)

    @property
    def percent(self) -> int:
        """The share of all points that is seen, rounded down; 100 without rules."""
        total = sum(len(rule.points) for rule in self.rules.values())
        seen = sum(rule.seen for rule in self.rules.values())
        return 100 if total == 0 else seen * 100 // total

    def of(self, name: str) -> RuleCoverage:
        """Return what is seen of a rule, or of `stage NAME`."""
        return self.rules.setdefault(name, RuleCoverage(name))

    def add(self, pack: RulePack, looks: Iterable[Look]) -> None:
        """Add what the cases of one suite have seen."""
        seen = list(looks)
        for rule in pack.rules:
            covered = self.of(rule.id)
            covered.expect(_points(rule, seen))
            for look in seen:
                _see(covered, look.rules.get(rule.id, rule), look)


def lines_of(condition: Condition | None) -> Iterator[Line]:
    """Return every line of a condition, groups opened."""
    if isinstance(condition, Group):
        for part in condition.parts:
            yield from lines_of(part)
    elif condition is not None:
        yield condition


def _points(rule: Rule, looks: Iterable[Look]) -> Iterator[str]:
    """Return what can be seen of a rule, limits aside."""
    yield from (PASSES, FAILS)
    if rule.when is not None or rule.unless is not None:
        yield LEAVES_OUT
    context = next((look.context for look in looks), None)
    for line in lines_of(rule.require):
        yield from (_met(line), _not_met(line))
        if context is not None and _may_be_empty(line, rule, context):
            yield _empty(line)


def _met(line: Line) -> str:
    return f"{line.text}: met"


def _not_met(line: Line) -> str:
    return f"{line.text}: not met"


def _empty(line: Line) -> str:
    return f"{line.text}: empty"


def _may_be_empty(line: Line, rule: Rule, context: Context) -> bool:
    """Whether the line says "empty" of a deal on which nothing is filled in."""
    needs = rule.needs
    nothing = Deal(
        org="test",
        id="nothing",
        name="",
        pipeline=next(iter(context.pipelines), ""),
        stage="",
        owner_id=None,
        url="",
        fields=dict.fromkeys(needs.fields, EMPTY),
        related=dict.fromkeys(needs.collections, ()),
    )
    return _is_asked(line, nothing, context) and _is_empty(line, nothing, context)


def _is_asked(line: Line, deal: Deal, context: Context) -> bool:
    return line.when is None or standing(line.when, deal, context) is Standing.MET


def _is_empty(line: Line, deal: Deal, context: Context) -> bool:
    answer = line.test(deal, context)
    if answer is False:
        return line.explain(deal, context).because_empty
    return answer is EMPTY


def _see(covered: RuleCoverage, rule: Rule, look: Look) -> None:
    outcome = look.verdict(rule.id).outcome
    if outcome is Outcome.NOT_APPLICABLE:
        if LEAVES_OUT in covered.points and look.is_held_to(rule.id):
            covered.see(LEAVES_OUT)
        return
    if outcome is Outcome.PASS:
        covered.see(PASSES)
    elif outcome is Outcome.FAIL:
        covered.see(FAILS)
    context = asked_as_of(rule, look.deal, look.context)
    if not isinstance(context, Unavailable):
        for line in lines_of(rule.require):
            _see_line(covered, line, look.deal, context)


def _see_line(covered: RuleCoverage, line: Line, deal: Deal, context: Context) -> None:
    if not _is_asked(line, deal, context):
        return
    answer = line.test(deal, context)
    if answer is True:
        covered.see(_met(line))
    elif answer is False:
        covered.see(_not_met(line))
    if _is_empty(line, deal, context):
        covered.see(_empty(line))
