"""Which changes to the rules no test notices. Pure.

Only the changed rules are compiled again, and only the cases that reach one of them
are judged again, by those rules and the ones whose answers hang on them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.pack.testing.mutation.court import Court
from gatekeeper.pack.testing.mutation.trials import trials_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gatekeeper.pack.testing.mutation.mutants import Mutant
    from gatekeeper.pack.testing.mutation.trials import Trial
    from gatekeeper.pack.testing.panel import Standpoint
    from gatekeeper.pack.testing.suites import Suite
    from gatekeeper.pack.testing.verdicts import CaseReport
    from gatekeeper.ports import Progress

DOING = "Changing the rules"


@dataclass(slots=True)
class Score:
    """How many changes to one rule, condition or parameter the tests notice.

    Attributes:
        of: The rule's id, `$param`, or the name of a condition.
        is_reached: Some case is judged by it at all.
    """

    of: str
    made: int = 0
    survivors: list[Mutant] = field(default_factory=list)
    is_reached: bool = False

    @property
    def noticed(self) -> int:
        """How many changes make a case fail."""
        return self.made - len(self.survivors)


@dataclass(slots=True)
class Mutation:
    """All changes that were made, by what they changed."""

    scores: dict[str, Score] = field(default_factory=dict)

    @property
    def made(self) -> int:
        """How many changes were made."""
        return sum(score.made for score in self.scores.values())

    @property
    def noticed(self) -> int:
        """How many of them make a case fail."""
        return sum(score.noticed for score in self.scores.values())

    @property
    def percent(self) -> int:
        """The share that is noticed, rounded down; 100 where nothing was changed."""
        return 100 if self.made == 0 else self.noticed * 100 // self.made


def mutate(
    tested: Iterable[tuple[Suite, tuple[CaseReport, ...]]],
    standpoint: Standpoint,
    progress: Progress,
) -> Mutation:
    """Change one thing of the rules at a time and see whether a case fails.

    Args:
        tested: The suites, and how their cases ended; only those that passed count.
        standpoint: Gives the context in which a case is judged.
        progress: Told how far it is.
    """
    courts = [Court.of(suite, reports, standpoint) for suite, reports in tested]
    by_pack: defaultdict[int, list[Court]] = defaultdict(list)
    for court in courts:
        # Suites of one pack share its files; equal files of two packs are two packs.
        by_pack[id(court.suite.draft.files)].append(court)
    trials = [
        (trial, beside) for beside in by_pack.values() for trial in _trials(beside)
    ]
    mutation = Mutation()
    for number, (trial, beside) in enumerate(trials, 1):
        _try(mutation, trial, beside)
        progress(DOING, number, len(trials))
    return mutation


def _trials(courts: list[Court]) -> Iterator[Trial]:
    held = (rule.id for court in courts for rule in court.suite.pack.rules)
    return trials_of(courts[0].suite.draft, frozenset(held), courts[0].sides)


def _try(mutation: Mutation, trial: Trial, courts: list[Court]) -> None:
    mutant, touched = trial
    score = mutation.scores.setdefault(mutant.of, Score(mutant.of))
    changes = [(court, court.compiled(mutant, touched)) for court in courts]
    if not any(changed for _, changed in changes):
        return
    score.made += 1
    score.is_reached |= any(court.reaches(touched) for court in courts)
    if not any(court.notices(changed) for court, changed in changes):
        score.survivors.append(mutant)
