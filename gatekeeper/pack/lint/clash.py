"""Rules that no deal can meet together, in one file or in several (W505). Pure.

A line of one rule and a line of another that can never hold together are a finding
where both rules may be asked of the same deal: same pipeline, stages that overlap, and
conditions that leave room for both.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Position, Reach
from gatekeeper.language.lint.logic import can_hold, opposite, question
from gatekeeper.language.lint.values import Domain
from gatekeeper.pack.lint.facts import Asked, Facts, warning
from gatekeeper.pack.lint.order import joined, position_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.language.lint.atoms import Order
    from gatekeeper.language.lint.logic import Question
    from gatekeeper.pack.source.problems import Problem

_ALL, _ANY = "*", ""
"""Under which rules for every pipeline are kept, and under which all rules are."""

MOST_COMPARED = 200
"""One line is held against so many others at most, so that lint stays quick."""


@dataclass(frozen=True, slots=True)
class _Demand:
    """One line that a rule asks of every deal it applies to."""

    facts: Facts
    line: Asked


@dataclass(slots=True)
class _Demands:
    """The demands met so far, by what they speak of and by pipeline.

    Attributes:
        fights: Which lines can never hold together; the same few come up in many
            rules.
    """

    about: defaultdict[tuple[str, str], list[_Demand]] = field(
        default_factory=lambda: defaultdict(list)
    )
    fights: dict[object, bool] = field(default_factory=dict)

    def near(self, demand: _Demand) -> list[_Demand]:
        """Return the demands of the same pipelines that speak of the same."""
        pipelines = demand.facts.rule.pipelines
        places = (*pipelines, _ALL) if pipelines else (_ANY,)
        found = {
            id(each.line): each
            for subject in _subjects(demand.line, told=False)
            for place in places
            for each in self.about[subject, place]
        }
        return list(found.values())[:MOST_COMPARED]

    def add(self, demand: _Demand) -> None:
        """Remember a demand."""
        for subject in _subjects(demand.line, told=True):
            for place in (*(demand.facts.rule.pipelines or (_ALL,)), _ANY):
                self.about[subject, place].append(demand)

    def clash(self, early: _Demand, late: _Demand) -> bool:
        """Whether no deal of both rules can meet both lines."""
        one, other = early.facts, late.facts
        says_the_same = early.line.saying == late.line.saying
        order = _order(one, other) if _may_meet(one, other) else None
        if order is None or says_the_same:
            return False
        key = (order, early.line.saying, late.line.saying)
        fights = self.fights.get(key)
        if fights is None:
            fights = self.fights[key] = not can_hold(_lines(early, late, order))
        return fights and _leaves_room(early, late, order)


def clashes(
    facts: Sequence[Facts], among: frozenset[str] | None = None
) -> Iterator[Problem]:
    """Give the later of each two rules that demand opposite things.

    Args:
        facts: The rules, in file order.
        among: Ids of rules of which each finding must name one; None means any.
    """
    demands, said = _Demands(), set[tuple[str, str]]()
    for one in filter(_demands_something, facts):
        own = [_Demand(one, line) for line in one.require_lines if _is_demand(line)]
        for late in own:
            for early in demands.near(late):
                pair = (early.facts.rule.id, one.rule.id)
                is_asked = among is None or not among.isdisjoint(pair)
                if pair not in said and is_asked and demands.clash(early, late):
                    said.add(pair)
                    yield _problem(early, late)
        for late in own:
            demands.add(late)


def _demands_something(one: Facts) -> bool:
    rule = one.rule
    return not (rule.is_optional or rule.undecided or rule.until_next_stage)


def _is_demand(line: Asked) -> bool:
    return line.is_top and bool(line.questions)


def _subjects(line: Asked, *, told: bool) -> set[str]:
    """Return what a line speaks of so that another may contradict it.

    That a value must be there is contradicted only where it must be empty.

    Args:
        line: A line that must hold.
        told: What the line itself says; else what a line that contradicts it says.
    """
    asked = line.questions[0]
    values = {one.kin for one in asked.constants if one.domain is not Domain.FILLED}
    return values | {
        f"{one.kin} is {filled is told}" for one, filled in asked.settled.items()
    }


def _lines(early: _Demand, late: _Demand, order: Order) -> list[Question]:
    return [_asked_in(each.facts, each.line, order) for each in (early, late)]


def _leaves_room(early: _Demand, late: _Demand, order: Order) -> bool:
    """Whether some deal is asked both, and could meet either line alone."""
    lines = _lines(early, late, order)
    one, other = early.facts, late.facts
    if _reads_two_clocks(one, other, lines):
        return False
    given = [*_given(one, order), *_given(other, order)]
    return can_hold(given) and all(can_hold([*given, line]) for line in lines)


def _may_meet(one: Facts, other: Facts) -> bool:
    """Whether both rules may be asked of one deal, as far as their places tell."""
    mine, theirs = one.rule, other.rule
    if mine.id in theirs.suppressed_by or theirs.id in mine.suppressed_by:
        return False
    # Entry is for closed stages; without the CRM nobody knows which these are.
    return one.scope.schema is not None or not _are_open_and_entry(one, other)


def _are_open_and_entry(one: Facts, other: Facts) -> bool:
    reaches = {one.rule.reach, other.rule.reach}
    positions = {one.rule.position, other.rule.position}
    return Reach.EVERY_OPEN_STAGE in reaches and Position.ENTRY in positions


def _order(one: Facts, other: Facts) -> Order | None:
    """Return an order of stages that both rules may meet."""
    shared = next((each for each in one.orders if each in other.orders), None)
    if shared is not None or one.scope.schema is not None:
        return shared
    if not one.orders or not other.orders:
        return None
    return joined(one.orders[0], other.orders[0])


def _asked_in(facts: Facts, line: Asked, order: Order) -> Question:
    if order in facts.orders:
        return line.questions[facts.orders.index(order)]
    assert line.claim is not None  # noqa: S101  a demand has one
    return question(line.claim, order)


def _given(one: Facts, order: Order) -> list[Question]:
    """Return what is true of the deals a rule is asked of."""
    claims = [*position_of(one.rule, one.file, one.scope)]
    found = [question(claim, order) for claim in claims]
    if one.when is not None:
        found.append(question(one.when, order))
    if one.unless is not None:
        found.append(opposite(question(one.unless, order)))
    return found


def _reads_two_clocks(one: Facts, other: Facts, lines: Sequence[Question]) -> bool:
    """Whether "today" is another day in each of them (`asked: when_leaving`)."""
    return (one.rule.asked_when_leaving or other.rule.asked_when_leaving) and any(
        variable.domain is Domain.FROM_TODAY
        for line in lines
        for variable in line.constants
    )


def _problem(early: _Demand, late: _Demand) -> Problem:
    other, place = early.facts.rule, early.line.place
    text = (
        f"{late.facts.rule.id} demands the opposite of {other.id}: no deal meets both"
        f' this and "{early.line.checked.text}".'
    )
    remedy = (
        f"the other line stands at {place.path}:{place.line}; give one of the rules a"
        " when that leaves out the deals of the other."
    )
    return warning(late.line.place, "W505", text, remedy)
