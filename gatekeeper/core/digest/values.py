"""What a digest says, as frozen values. Pure: no markup, no sentence, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date  # noqa: TC003  the store reads `Moving` back by its types
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import Audience

if TYPE_CHECKING:
    from datetime import datetime

    from gatekeeper.core.digest.recipients import StandIn
    from gatekeeper.core.model import Person
    from gatekeeper.core.pack import Deprecation

Amounts = Mapping[str, Decimal]
"""ISO code to a sum in that currency; sums of two currencies are never added."""

Share = tuple[int, int]
"""(failing, judged): how many of the deals a rule was held against fail it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, and what it was in the digest before; None where that is not known."""

    now: int
    before: int | None = None

    @property
    def change(self) -> int | None:
        """How much was added since; negative for less."""
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers at the top.

    Attributes:
        failing_deals: Deals with at least one open violation.
        open_violations: Of rules in force (warn or enforce).
        at_stake: Amounts of the failing deals, per currency.
        at_stake_before: The same in the digest before; None where not known.
        waived: Violations a waiver accepts.
        pending: Violations still in their grace.
    """

    open_deals: Figure
    failing_deals: Figure
    open_violations: Figure
    at_stake: Amounts
    at_stake_before: Amounts | None
    waived: int
    pending: int


@dataclass(frozen=True, slots=True)
class DealLine:
    """One deal in a list, with what the list is about.

    Attributes:
        titles: What is missing, worst first.
        fix: What to do about the first of them.
        since: When the oldest of them was opened, or the last was resolved.
    """

    deal_id: str
    name: str
    stage: str
    owner: str
    amount: Decimal | None
    currency: str
    titles: tuple[str, ...]
    fix: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Section:
    """A list of deals, the ones with most at stake first, cut after some.

    Attributes:
        violations: How many violations it is about.
        deals: On how many deals.
        lines: The first of them.
    """

    violations: int = 0
    deals: int = 0
    lines: tuple[DealLine, ...] = ()

    @property
    def more(self) -> int:
        """How many deals are not shown."""
        return self.deals - len(self.lines)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One rule and how many deals of the team fail it.

    Attributes:
        is_observed: Its violations are counted only, nobody is asked.
        count: Open violations.
        new: Of these, opened since the digest before.
        fixed: Fixed since the digest before.
    """

    rule_id: str
    title: str
    is_observed: bool
    count: int
    new: int
    fixed: int


@dataclass(frozen=True, slots=True)
class EndingWaiver:
    """A waiver that ends within a week, and what it accepts in this team."""

    waiver: str
    words: str
    until: date
    violations: int
    deals: int


@dataclass(frozen=True, slots=True)
class Moving:
    """An open deal that is expected to close soon, and what its gate still asks.

    Attributes:
        missing: Titles of what does not hold: what gates behind it still lack, then
            what the gate ahead will ask.
        untold: Criteria of which it could not be told whether they hold.
    """

    deal_id: str
    name: str
    stage: str
    owner_id: str | None
    owner: str
    amount: Decimal | None
    currency: str
    close_on: date
    missing: tuple[str, ...] = ()
    untold: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands in its way, as far as all of it could be told."""
        return not self.missing and not self.untold


@dataclass(frozen=True, slots=True)
class Gap:
    """A rule that one person's deals fail more often than those of the peers.

    Attributes:
        own: That person's deals.
        peers: Median of the peers' shares, 0 to 1.
    """

    rule_id: str
    title: str
    own: Share
    peers: float


@dataclass(frozen=True, slots=True)
class RepGaps:
    """One person's one or two widest gaps; never a rank.

    Attributes:
        deals: Open deals of the person.
        too_few: There are too few deals, of this person or of the peers, to say.
    """

    person_id: str
    name: str
    deals: int
    gaps: tuple[Gap, ...] = ()
    too_few: bool = False


@dataclass(frozen=True, slots=True)
class Trend:
    """Failing results of the team by stage, week by week; None in a week unseen."""

    weeks: tuple[date, ...] = ()
    stages: Mapping[str, tuple[int | None, ...]] = field(default_factory=dict)

    @property
    def weeks_seen(self) -> int:
        """How many weeks somebody looked at; the same for every stage."""
        counts = next(iter(self.stages.values()), ())
        return sum(count is not None for count in counts)


@dataclass(frozen=True, slots=True)
class Truth:
    """How far the digest can be trusted (promises D2).

    Attributes:
        cannot_tell: Results on the team's deals that could not be told.
        rules_before: The version of the rules before; "" where it has not changed.
        leaving: Rules that are on their way out and still run, by id.
        audit_head: Hash of the last row of the audit chain, so that whoever keeps the
            digest can hold the chain against it later; "" where there is none.
        is_late: It could not be sent when it was due.
        days_without: Earlier days on which none could be sent.
    """

    run_id: str
    as_of: datetime
    is_complete: bool
    problems: tuple[str, ...]
    held: tuple[str, ...]
    cannot_tell: int
    rules: str
    rules_before: str = ""
    leaving: Mapping[str, Deprecation] = field(default_factory=dict)
    audit_head: str = ""
    is_late: bool = False
    days_without: tuple[date, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether silence means that nothing is missing."""
        return self.is_complete and not self.cannot_tell and not self.held


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person is told, mostly a manager.

    Attributes:
        since: The moment of the digest before; None for the first one.
        asks: At most three deals the manager should look at.
        ready: Deals about to move on which nothing is missing.
        moving: Those on which something is.
        instead_of: Who was to be told of some of these deals, and is not.
    """

    who: Person
    as_of: datetime
    since: datetime | None
    headline: Headline
    truth: Truth
    asks: tuple[DealLine, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    new: Section = Section()
    ageing: Section = Section()
    fixed: Section = Section()
    waivers: tuple[EndingWaiver, ...] = ()
    ready: int = 0
    moving: tuple[Moving, ...] = ()
    reps: tuple[RepGaps, ...] = ()
    trend: Trend = Trend()
    audience: Audience = Audience.MANAGER
    instead_of: tuple[StandIn, ...] = ()

    @property
    def observed(self) -> int:
        """How much was found by rules that ask nobody for it."""
        return sum(each.count for each in self.criteria if each.is_observed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at and nothing that changed."""
        return not (
            self.criteria
            or self.new.violations
            or self.fixed.violations
            or self.waivers
            or self.moving
            or self.headline.pending
            or self.headline.waived
        )
