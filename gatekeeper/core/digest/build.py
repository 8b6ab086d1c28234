"""From what stands after a run to what each manager is told. Pure.

Every open violation of a team is in exactly the counts it belongs to, and nothing of
another team is in any of them (promises S22).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.digest.gaps import rep_gaps
from gatekeeper.core.digest.lines import at_stake, by_deal, section
from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.sorting import Sorted, opened, resolved
from gatekeeper.core.digest.values import (
    Digest,
    EndingWaiver,
    Figure,
    Headline,
    Section,
    Trend,
    Truth,
)
from gatekeeper.core.waivers import NOTICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.digest.lines import Scales
    from gatekeeper.core.digest.picture import Before, Picture, Week
    from gatekeeper.core.digest.recipients import Recipient
    from gatekeeper.core.digest.values import Moving, RepGaps
    from gatekeeper.core.model import Person, Violation
    from gatekeeper.core.people import Directory

AGEING = timedelta(days=14)
"""How long a violation is open before it is listed as ageing."""

MOST_ASKS = 3


@dataclass(frozen=True, slots=True)
class Night:
    """Everything that the digests of one night are made of.

    Attributes:
        picture: The run they tell of.
        before: The digests before; None for the first ones.
        titles: Rule id to title, of the rules in force: people's gaps are of these.
        violations: Owner id to what stands, and what was resolved since `before`.
        moving: Owner id to the deals about to move.
    """

    picture: Picture
    before: Before | None
    directory: Directory
    scales: Scales
    titles: Mapping[str, str]
    violations: Mapping[str, Sequence[Violation]]
    moving: Mapping[str, Sequence[Moving]] = field(default_factory=dict)

    @property
    def owners(self) -> frozenset[str]:
        """Ids of everybody whose deals can be told of."""
        return frozenset(self.violations.keys() | self.picture.open_deals.keys())

    def told(self, recipient: Recipient) -> Digest:
        """Make the digest of somebody who is told of deals."""
        is_of_all = recipient.audience is Audience.LEADERSHIP
        team = self.owners if is_of_all else recipient.team
        made = self.of(recipient.who, team, recipient.reports)
        return replace(
            made, audience=recipient.audience, instead_of=recipient.instead_of
        )

    def of(self, who: Person, team: frozenset[str], reports: frozenset[str]) -> Digest:
        """Make one digest.

        Args:
            who: Whom it is for.
            team: Ids of those whose deals it may tell of.
            reports: Ids of those who are compared with each other.
        """
        found = Sorted.of(self._of_team(team), self._since)
        moving = [each for owner in team for each in self.moving.get(owner, ())]
        return Digest(
            who=who,
            as_of=self.picture.as_of,
            since=self._since,
            headline=self._headline(team, found),
            truth=self._truth(team),
            asks=section(found.open, self.scales, opened, MOST_ASKS).lines,
            criteria=found.criteria(),
            new=section(found.new, self.scales, opened),
            ageing=self._ageing(found.open),
            fixed=section(found.fixed, self.scales, resolved),
            waivers=self._waivers(found.waived),
            ready=sum(each.is_ready for each in moving),
            moving=_not_ready(moving),
            reps=self._reps(reports & team),
            trend=self._trend(team),
        )

    @property
    def _since(self) -> datetime | None:
        return self.before.as_of if self.before else None

    def _of_team(self, team: Iterable[str]) -> list[Violation]:
        return [each for owner in team for each in self.violations.get(owner, ())]

    def _headline(self, team: frozenset[str], found: Sorted) -> Headline:
        failing = by_deal(found.open)
        earlier = by_deal(found.open_before)
        is_first = self.before is None
        was_open = self.before.open_deals if self.before else None
        return Headline(
            open_deals=Figure(
                _sum(self.picture.open_deals, team),
                None if was_open is None else _sum(was_open, team),
            ),
            failing_deals=Figure(len(failing), None if is_first else len(earlier)),
            open_violations=Figure(
                len(found.open), None if is_first else len(found.open_before)
            ),
            at_stake=at_stake(failing),
            at_stake_before=None if is_first else at_stake(earlier),
            waived=len(found.waived),
            pending=len(found.pending),
        )

    def _truth(self, team: frozenset[str]) -> Truth:
        picture = self.picture
        before = self.before.rules if self.before else ""
        return Truth(
            run_id=picture.run_id,
            as_of=picture.as_of,
            is_complete=picture.is_complete,
            problems=picture.problems,
            held=picture.held,
            audit_head=picture.audit_head,
            cannot_tell=_sum(picture.cannot_tell, team),
            rules=picture.rules,
            rules_before=before if before != picture.rules else "",
            leaving=picture.leaving,
        )

    def _ageing(self, standing: Sequence[Violation]) -> Section:
        limit = self.picture.as_of - AGEING
        old = [each for each in standing if opened(each) < limit]
        return section(old, self.scales, opened)

    def _waivers(self, waived: Iterable[Violation]) -> tuple[EndingWaiver, ...]:
        """List what ends within a week, the first first."""
        last = self.picture.today + NOTICE
        ending: defaultdict[str, list[Violation]] = defaultdict(list)
        for each in waived:
            if each.accepted_until is not None and each.accepted_until <= last:
                ending[each.waiver].append(each)
        made = [
            EndingWaiver(
                waiver=name,
                words=lines[0].accepted,
                until=lines[0].accepted_until or last,
                violations=len(lines),
                deals=len(by_deal(lines)),
            )
            for name, lines in ending.items()
        ]
        return tuple(sorted(made, key=lambda each: (each.until, each.waiver)))

    def _reps(self, reports: Iterable[str]) -> tuple[RepGaps, ...]:
        people = [each for each in map(self.directory.get, reports) if each is not None]
        picture = self.picture
        return rep_gaps(people, picture.judged, self.titles, picture.open_deals)

    def _trend(self, team: frozenset[str]) -> Trend:
        weeks = self.picture.weeks
        counts = [_by_stage(week, team) for week in weeks]
        stages = {
            stage: tuple(None if each is None else each[stage] for each in counts)
            for stage in self.picture.stages
            if any(each is not None and each[stage] for each in counts)
        }
        return Trend(tuple(week.until for week in weeks), stages)


def _sum(counts: Mapping[str, int], team: Iterable[str]) -> int:
    return sum(counts.get(owner, 0) for owner in team)


def _by_stage(week: Week, team: Iterable[str]) -> Counter[str] | None:
    if week.failing is None:
        return None
    counts: Counter[str] = Counter()
    for owner in team:
        counts.update(week.failing.get(owner, {}))
    return counts


def _not_ready(moving: Iterable[Moving]) -> tuple[Moving, ...]:
    """Return the deals that are not ready, the next to close first."""
    lacking = (each for each in moving if not each.is_ready)
    return tuple(sorted(lacking, key=lambda each: (each.close_on, each.deal_id)))
