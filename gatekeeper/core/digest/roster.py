"""Who is sent which digest: managers, owners, leadership, and who writes the rules.

Pure. Whoever owns a deal is in some digest, or stands among those nobody is told of; a
manager who cannot be reached is stood in for, and who does so is told why.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.digest.recipients import (
    Audience,
    Recipient,
    Roster,
    StandIn,
    Untold,
)
from gatekeeper.core.digest.teams import direct_reports, managers_above, teams_of
from gatekeeper.core.model import Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gatekeeper.core.people import Directory
    from gatekeeper.core.roles import Readers

    Reach = Callable[[Person], str]

INACTIVE = "is not active in the CRM"
_NAME_A_MANAGER = (
    "name a manager in people.yaml, of the person (people: ADDRESS: {manager: ADDRESS})"
    " or of the team (teams: NAME: {manager: ADDRESS})"
)
_NAME_A_FALLBACK = (
    "name who is told instead in people.yaml: digests: {fallback: ADDRESS}"
)
_NAME_ANOTHER = "name another address in people.yaml, under digests:"
_GIVE_OWNER = "give the deals an owner in the CRM who works there"
_REACH_OWNER = "give that person an address in the CRM"


def by_address(person: Person) -> str:
    """Say why a person cannot be sent anything, as far as addresses tell."""
    return "" if person.email else "has no address"


def roster_of(
    directory: Directory,
    deals: Mapping[str, int],
    readers: Readers,
    reach: Reach = by_address,
) -> Roster:
    """Return who is told, managers first, each kind by id; and who is not.

    Args:
        directory: Everybody, and who reports to whom.
        deals: Owner id to open deals, of everybody who owns a deal of the run.
        readers: Whom people.yaml declares.
        reach: Says why somebody cannot be sent anything; "" where they can.
    """
    roll = _Roll(directory, deals, readers, reach)
    roll.managers()
    if readers.owners:
        roll.owners()
    roll.declared(Audience.LEADERSHIP, readers.leadership)
    roll.declared(Audience.REVOPS, readers.revops)
    roll.uncovered()
    return Roster(tuple(roll.told), tuple(roll.untold))


@dataclass(slots=True)
class _Roll:
    """The roster in the making.

    Attributes:
        covered: Ids of the owners whose deals somebody near them is told of.
    """

    directory: Directory
    deals: Mapping[str, int]
    readers: Readers
    reach: Reach
    told: list[Recipient] = field(default_factory=list)
    untold: list[Untold] = field(default_factory=list)
    covered: set[str] = field(default_factory=set)

    def managers(self) -> None:
        """Call every manager of somebody who owns deals, or who stands in."""
        teams: defaultdict[str, set[str]] = defaultdict(set)
        instead: defaultdict[str, list[StandIn]] = defaultdict(list)
        called: dict[str, Person] = {}
        for manager_id, team in sorted(teams_of(self.directory).items()):
            manager = self.directory.get(manager_id)
            if manager is None or team.isdisjoint(self.deals):
                continue
            why = self._why_not(manager)
            told = [manager] if not why else self._stand_ins(manager)
            self.covered |= team
            if not told:
                self._no_one(manager, why, team)
            for each in told:
                called[each.id] = each
                teams[each.id] |= team
                if why:
                    instead[each.id].append(StandIn(manager.name, why))
        self._call(called, teams, instead)

    def owners(self) -> None:
        """Call owners who are told of nothing else, each about their own deals."""
        managing = {each.who.id for each in self.told}
        for owner_id in sorted(self.deals.keys() - managing):
            owner = self.directory.get(owner_id)
            if owner is None or not owner.is_active:
                continue
            why, alone = self._why_not(owner), frozenset({owner_id})
            if why:
                self._miss(Audience.OWNER, owner, why, _REACH_OWNER, alone)
            else:
                self.covered.add(owner_id)
                self.told.append(Recipient(Audience.OWNER, owner, alone))

    def declared(self, audience: Audience, addresses: Iterable[str]) -> None:
        """Call those whom people.yaml names, about all deals."""
        for address in dict.fromkeys(addresses):
            who = self._at(address)
            if why := self._why_not(who):
                self._miss(audience, who, why, _NAME_ANOTHER, frozenset())
            else:
                self.told.append(Recipient(audience, who))

    def uncovered(self) -> None:
        """Note the owners of open deals that nobody near them is told of."""
        for owner_id in sorted(self.deals.keys() - self.covered):
            if self.deals[owner_id]:
                self.untold.append(self._uncovered(owner_id))

    def _uncovered(self, owner_id: str) -> Untold:
        owner = self.directory.get(owner_id)
        name, why, remedy = owner_id, "is not among the users of the CRM", _GIVE_OWNER
        if not owner_id:
            name, why = "A deal without an owner", "is in no manager's digest"
        elif owner is not None:
            declared = self.directory.declared_manager(owner)
            name, remedy = owner.name, _NAME_A_MANAGER
            why = (
                f"reports to {declared}, who is not a user of the CRM"
                if declared
                else "has no manager"
            )
        deals = self.deals[owner_id]
        return Untold(None, owner_id, name, why, remedy, deals)

    def _call(
        self,
        called: Mapping[str, Person],
        teams: Mapping[str, set[str]],
        instead: Mapping[str, Sequence[StandIn]],
    ) -> None:
        reports = direct_reports(self.directory)
        for person_id, who in sorted(called.items()):
            team = frozenset(teams[person_id])
            compared = reports.get(person_id, frozenset())
            stands_for = tuple(instead.get(person_id, ()))
            self.told.append(
                Recipient(Audience.MANAGER, who, team, compared, stands_for)
            )

    def _stand_ins(self, manager: Person) -> list[Person]:
        """Return who is told instead: the fallback, who is above, else RevOps."""
        if self.readers.fallback is not None:
            fallback = self._at(self.readers.fallback)
            if not self._why_not(fallback):
                return [fallback]
        for above in managers_above(manager, self.directory):
            if not self._why_not(above):
                return [above]
        revops = map(self._at, dict.fromkeys(self.readers.revops))
        return [each for each in revops if not self._why_not(each)]

    def _at(self, address: str) -> Person:
        """Return who is declared: a user of the CRM, or an address of nobody there."""
        return self.directory.anybody_at(address) or Person(address, address, address)

    def _why_not(self, who: Person) -> str:
        return self.reach(who) if who.is_active else INACTIVE

    def _no_one(self, manager: Person, why: str, team: frozenset[str]) -> None:
        self._miss(Audience.MANAGER, manager, why, _NAME_A_FALLBACK, team)

    def _miss(
        self,
        audience: Audience,
        who: Person,
        why: str,
        remedy: str,
        team: frozenset[str],
    ) -> None:
        deals = sum(self.deals.get(owner, 0) for owner in team)
        self.untold.append(Untold(audience, who.id, who.name, why, remedy, deals))
