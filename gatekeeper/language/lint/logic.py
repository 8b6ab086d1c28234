"""What lines say together: whether all can hold, and what follows from them. Pure.

Each value that lines compare gets the few samples that matter (every constant, one
between each two, one beyond each end, and empty); what cannot be sampled is free to be
anything. Every combination is tried, so "never" is proven and not guessed; where there
are too many combinations there is no answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.language.lint.atoms import Order, Readings, samples_of
from gatekeeper.language.lint.values import Domain, Truth, Variable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gatekeeper.language.tree import typed

MOST_COMBINATIONS = 20_000
_EITHER = (True, False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rule; empty counts as not met unless `blank_passes`."""

    test: typed.Test
    blank_passes: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Several lines of which all, any or at least `count` are met."""

    quorum: Quorum
    parts: tuple[Claim, ...]
    count: int = 0


Claim = Line | Lines


Met = Callable[[Mapping[Variable, object]], bool]


@dataclass(frozen=True, eq=False)
class Question:
    """A claim as a question about variables, where the stages have one order.

    Attributes:
        met: Whether a combination of samples meets the claim.
        constants: What it asks about, each with what it is compared with.
    """

    order: Order
    met: Met
    constants: Mapping[Variable, Collection[object]]

    @cached_property
    def kin(self) -> frozenset[str]:
        """What it is about; claims that share nothing say nothing of each other."""
        return frozenset(variable.kin for variable in self.constants)

    @cached_property
    def answers(self) -> frozenset[bool]:
        """The answers it may get, both where that cannot be decided."""
        found: set[bool] = set()
        for sample in _combinations([self]) or ():
            found.add(self.met(sample))
            if len(found) > 1:
                break
        return frozenset(found or _EITHER)

    @cached_property
    def settled(self) -> Mapping[Variable, bool]:
        """What is filled (True) or empty (False) wherever the claim is met."""
        seen: defaultdict[Variable, set[object]] = defaultdict(set)
        for sample in _combinations([self]) or ():
            if self.met(sample):
                for variable in self.constants:
                    if variable.domain is Domain.FILLED:
                        seen[variable].add(sample[variable])
        return {one: True in found for one, found in seen.items() if len(found) == 1}


def question(claim: Claim, order: Order) -> Question:
    """Read a claim."""
    readings = Readings(order)
    met = _met(claim, readings)
    return Question(order, met, readings.constants)


def opposite(asked: Question) -> Question:
    """Return the question whether a claim is not met."""
    return Question(asked.order, lambda sample: not asked.met(sample), asked.constants)


def can_hold(claims: Sequence[Question]) -> bool:
    """Whether some deal meets all of them; True where it cannot be decided."""
    return all(map(_can_hold, _connected(claims)))


def implies(premises: Sequence[Question], claim: Question) -> bool:
    """Whether every deal that meets the premises meets the claim.

    False where it cannot be decided. No premises: whether the claim always holds.
    Premises that have nothing to do with the claim are left aside.
    """
    near = next(group for group in _connected([*premises, claim]) if claim in group)
    given = [each for each in near if each is not claim]
    if not given:
        return False not in claim.answers
    combinations = _combinations(near)
    if combinations is None:
        return False
    return all(
        claim.met(sample) or not all(one.met(sample) for one in given)
        for sample in combinations
    )


def _can_hold(claims: Sequence[Question]) -> bool:
    if len(claims) == 1:
        return True in claims[0].answers
    combinations = _combinations(claims)
    if combinations is None:
        return True
    return any(all(one.met(sample) for one in claims) for sample in combinations)


def _connected(claims: Sequence[Question]) -> list[list[Question]]:
    """Part the claims so that no two parts have anything to do with each other."""
    groups: list[tuple[frozenset[str], list[Question]]] = []
    for claim in claims:
        kin, together = claim.kin, [claim]
        apart: list[tuple[frozenset[str], list[Question]]] = []
        for group in groups:
            if kin.isdisjoint(group[0]):
                apart.append(group)
            else:
                kin, together = kin | group[0], [*group[1], *together]
        groups = [*apart, (kin, together)]
    return [together for _, together in groups]


def _met(claim: Claim, readings: Readings) -> Met:
    if isinstance(claim, Line):
        return _line(readings.truth(claim.test), blank_passes=claim.blank_passes)
    parts = [_met(part, readings) for part in claim.parts]
    needed = {Quorum.ALL: len(parts), Quorum.ANY: 1}.get(claim.quorum, claim.count)
    return lambda sample: sum(part(sample) for part in parts) >= needed


def _line(truth: Truth, *, blank_passes: bool) -> Met:
    def met(sample: Mapping[Variable, object]) -> bool:
        answer = truth(sample)
        return blank_passes if answer is None else answer

    return met


def _combinations(
    claims: Sequence[Question],
) -> Iterator[Mapping[Variable, object]] | None:
    constants: defaultdict[Variable, set[object]] = defaultdict(set)
    for claim in claims:
        for variable, compared in claim.constants.items():
            constants[variable].update(compared)
    samples = {
        variable: samples_of(variable.domain, compared, claims[0].order)
        for variable, compared in constants.items()
    }
    if prod(map(len, samples.values())) > MOST_COMBINATIONS:
        return None
    return _consistent(samples)


def _consistent(
    samples: Mapping[Variable, Sequence[object]],
) -> Iterator[Mapping[Variable, object]]:
    """Give the combinations in which no part of the rows outnumbers all of them."""
    parts = [
        (part, whole)
        for part in samples
        for whole in samples
        if part.domain is whole.domain is Domain.COUNT
        and part is not whole
        and part.subject.startswith(f"{whole.subject} where")
    ]
    for values in product(*samples.values()):
        sample = dict(zip(samples, values, strict=True))
        if not parts or all(sample[a] <= sample[b] for a, b in parts):  # type: ignore[operator]  # both are counts
            yield sample
