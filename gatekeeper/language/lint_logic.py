"""What lines say together: whether all can hold, and what follows from them. Pure.

Each value that lines compare gets the few samples that matter (every constant, one
between each two, one beyond each end, and empty); what cannot be sampled is free to be
anything. Every combination is tried, so "never" is proven and not guessed; where there
are too many combinations there is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING

from gatekeeper.core.model import Quorum
from gatekeeper.language.lint_atoms import Order, Readings
from gatekeeper.language.lint_values import Domain, Truth, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from gatekeeper.language import typed

MOST_COMBINATIONS = 20_000


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


def can_hold(claims: Sequence[Claim], order: Order) -> bool:
    """Whether some deal meets all of them; True where it cannot be decided."""
    readings = Readings(order)
    met = [_met(claim, readings) for claim in claims]
    combinations = _combinations(readings)
    if combinations is None:
        return True
    return any(all(one(sample) for one in met) for sample in combinations)


def implies(premises: Sequence[Claim], claim: Claim, order: Order) -> bool:
    """Whether every deal that meets the premises meets the claim.

    False where it cannot be decided. No premises: whether the claim always holds.
    """
    readings = Readings(order)
    given = [_met(premise, readings) for premise in premises]
    wanted = _met(claim, readings)
    combinations = _combinations(readings)
    if combinations is None:
        return False
    return all(
        wanted(sample) or not all(one(sample) for one in given)
        for sample in combinations
    )


def variables(claim: Claim, order: Order) -> frozenset[Variable]:
    """Return what a claim is about; what is about other things cannot imply it."""
    readings = Readings(order)
    _met(claim, readings)
    return frozenset(readings.constants)


def _met(
    claim: Claim, readings: Readings
) -> Callable[[Mapping[Variable, object]], bool]:
    if isinstance(claim, Line):
        return _line(readings.truth(claim.test), blank_passes=claim.blank_passes)
    parts = [_met(part, readings) for part in claim.parts]
    needed = {Quorum.ALL: len(parts), Quorum.ANY: 1}.get(claim.quorum, claim.count)
    return lambda sample: sum(part(sample) for part in parts) >= needed


def _line(
    truth: Truth, *, blank_passes: bool
) -> Callable[[Mapping[Variable, object]], bool]:
    def met(sample: Mapping[Variable, object]) -> bool:
        answer = truth(sample)
        return blank_passes if answer is None else answer

    return met


def _combinations(
    readings: Readings,
) -> Iterator[Mapping[Variable, object]] | None:
    samples = readings.samples()
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
        if all(int(str(sample[a])) <= int(str(sample[b])) for a, b in parts):
            yield sample
