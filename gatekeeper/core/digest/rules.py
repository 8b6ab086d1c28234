"""What those who write the rules are told: which rules do not do their work. Pure.

A rule that cannot run, that fails everybody, nobody, or only where somebody waived it,
is a finding about the rule. None is claimed of a small sample.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.values import Digest
from gatekeeper.core.model import Mode, Outcome, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.digest.recipients import Untold
    from gatekeeper.core.digest.values import Trend
    from gatekeeper.core.model import Person, Violation
    from gatekeeper.core.notices import Notice
    from gatekeeper.core.pack import Rule

FEWEST_JUDGED = 20
"""Deals a rule must have decided before "always" or "never" says something."""

FEWEST_WAIVED = 3
NEARLY_ALL = 0.95


class Trouble(StrEnum):
    """Why a rule does not do its work, the most urgent first."""

    CANNOT_RUN = "cannot_run"
    ALWAYS_FAILS = "always_fails"
    ALWAYS_WAIVED = "always_waived"
    NEVER_FAILS = "never_fails"
    ASKS_NOBODY = "asks_nobody"


@dataclass(frozen=True, slots=True)
class Tally:
    """How one rule came out on all deals of a run.

    Attributes:
        untold: Results that could not be told.
        waived: Of what stands, what a waiver accepts.
        standing: Violations that stand, waived ones among them.
        failed_before: It failed some deal on one of the runs looked back at.
    """

    rule_id: str
    title: str
    mode: Mode
    passing: int = 0
    failing: int = 0
    untold: int = 0
    waived: int = 0
    standing: int = 0
    failed_before: bool = False

    @property
    def judged(self) -> int:
        """Deals it decided."""
        return self.passing + self.failing

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong with it; None where nothing is to be said."""
        if not self.judged:
            return Trouble.CANNOT_RUN if self.untold else Trouble.ASKS_NOBODY
        if self.standing >= FEWEST_WAIVED and self.waived == self.standing:
            return Trouble.ALWAYS_WAIVED
        if self.judged < FEWEST_JUDGED:
            return None
        if self.failing >= NEARLY_ALL * self.judged:
            return Trouble.ALWAYS_FAILS
        never = not self.failing and not self.standing and not self.failed_before
        return Trouble.NEVER_FAILS if never else None


@dataclass(frozen=True, slots=True)
class Drift:
    """What the CRM lacks for the rules, where they ask it; and whether that is news."""

    notice: Notice
    is_new: bool


@dataclass(frozen=True, slots=True)
class RulesDigest:
    """What one who writes the rules is told of a run.

    Attributes:
        whole: All deals together, whoever owns them.
        tallies: Every rule that is switched on, in the order of the rules.
        drift: What the rules name and the CRM does not have or show.
        said: What else the run said, in sentences.
        untold: Whom no digest reaches, or whose deals no manager is told of.
    """

    whole: Digest
    tallies: tuple[Tally, ...]
    drift: tuple[Drift, ...] = ()
    said: tuple[str, ...] = ()
    untold: tuple[Untold, ...] = ()

    @property
    def audience(self) -> Audience:
        """For whom such a digest is."""
        return Audience.REVOPS

    @property
    def who(self) -> Person:
        """Whom it is for."""
        return self.whole.who

    @property
    def as_of(self) -> datetime:
        """The moment of the run it tells of."""
        return self.whole.as_of

    @property
    def trend(self) -> Trend:
        """How many results fail, week by week."""
        return self.whole.trend

    def of(self, trouble: Trouble) -> tuple[Tally, ...]:
        """Return the rules with that trouble, those that concern most deals first."""
        found = [each for each in self.tallies if each.trouble is trouble]
        return tuple(sorted(found, key=lambda each: -(each.judged + each.untold)))

    @property
    def troubled(self) -> int:
        """How many rules do not do their work."""
        return sum(each.trouble is not None for each in self.tallies)


AnyDigest = Digest | RulesDigest
"""What a person is sent: about deals, or about the rules."""


def tallies(
    rules: Iterable[Rule],
    results: Mapping[tuple[str, str], int],
    violations: Iterable[Violation],
    failed_before: frozenset[str] = frozenset(),
) -> tuple[Tally, ...]:
    """Count for each rule how it came out.

    Args:
        rules: Those that are switched on.
        results: (rule id, outcome) to deals of the run.
        violations: What stands, and what was resolved of late.
        failed_before: Ids of rules that failed some deal on an earlier run.
    """
    standing: Counter[str] = Counter()
    waived: Counter[str] = Counter()
    for each in violations:
        if each.state is not State.RESOLVED:
            standing[each.rule_id] += 1
            waived[each.rule_id] += each.state is State.WAIVED
    return tuple(
        Tally(
            rule.id,
            rule.title,
            rule.mode,
            passing=results.get((rule.id, Outcome.PASS), 0),
            failing=results.get((rule.id, Outcome.FAIL), 0),
            untold=results.get((rule.id, Outcome.CANNOT_TELL), 0),
            waived=waived[rule.id],
            standing=standing[rule.id],
            failed_before=rule.id in failed_before,
        )
        for rule in rules
    )


def drifted(said: Sequence[Notice], before: Sequence[Notice]) -> tuple[Drift, ...]:
    """Tell what a run said of the CRM's fields apart: the news first.

    A line that has moved in its file asks nothing new.

    Args:
        said: What the run said.
        before: What the run said that the digest before told of.
    """
    known = {(each.code, each.text) for each in before}
    found = [
        Drift(each, (each.code, each.text) not in known) for each in dict.fromkeys(said)
    ]
    return tuple(sorted(found, key=lambda each: not each.is_new))
