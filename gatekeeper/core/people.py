"""Find the person who owes something: the role's list, the manager, the fallback.

Pure. A missing, inactive or absent person falls to the manager once, and the task says
so; nobody at all gives None, which is shown as "unassigned" and never dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.calendar import local_date
from gatekeeper.core.model import Person
from gatekeeper.core.roles import People, RoleSource, RoleStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import Deal

MOST_STEPS_UP = 5

_BUILT_IN = {
    "deal_owner": (RoleStep(RoleSource.DEAL_OWNER),),
    "owner_manager": (RoleStep(RoleSource.OWNER_MANAGER),),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who is asked to do something.

    Attributes:
        instead: Why this person and nobody of the role, in one sentence; "" where it
            is one of the role.
    """

    person_id: str
    instead: str = ""


class Directory:
    """All users of the CRM, found by id or address, with what people.yaml adds.

    Args:
        known: All users by id.
        people: What people.yaml says of them.
        context: The moment that decides who is away, and the zone of those who have
            none of their own; without it nobody is.
    """

    def __init__(
        self,
        known: Mapping[str, Person],
        people: People | None = None,
        context: Context | None = None,
    ) -> None:
        self._by_id = known
        self._by_address = {
            person.email.casefold(): person
            for person in known.values()
            if person.email and person.is_active
        }
        self._left = {
            person.email.casefold(): person
            for person in known.values()
            if person.email and not person.is_active
        }
        self._people = people or People()
        self._context = context

    def get(self, person_id: str | None) -> Person | None:
        """Return the person with that id, active or not."""
        return None if person_id is None else self._by_id.get(person_id)

    def everybody(self) -> Iterable[Person]:
        """Return all users of the CRM, those who left too."""
        return self._by_id.values()

    def address(self, person_id: str | None) -> str:
        """Return that person's address in lower case, "" where none is known."""
        person = self.get(person_id)
        return address_of(person) if person else ""

    def at(self, address: str) -> Person | None:
        """Return the active person with that address in any case."""
        return self._by_address.get(address.casefold())

    def anybody_at(self, address: str) -> Person | None:
        """Return who has that address, one who left only where nobody else has it."""
        return self.at(address) or self._left.get(address.casefold())

    def why_not(self, person: Person) -> str:
        """Say why nobody can be asked there; "" for a person who is at work."""
        if not person.is_active:
            return f"{person.name} is not active"
        address = address_of(person)
        for away in self._people.absences.get(address, ()):
            today = self._today_at(address)
            if today is not None and away.start <= today <= away.until:
                return f"{person.name} is away until {away.until:%-d %b %Y}"
        return ""

    def _today_at(self, address: str) -> date | None:
        """Return the day it is where that person works."""
        if self._context is None:
            return None
        zone = self._people.zones.get(address, self._context.zone)
        return local_date(self._context.now, zone)

    def manager_of(self, person: Person | None) -> Person | None:
        """Return the first manager at work within five steps up; a cycle ends there."""
        for _ in range(MOST_STEPS_UP):
            person = None if person is None else self.reports_to(person)
            if person is not None and not self.why_not(person):
                return person
        return None

    def reports_to(self, person: Person) -> Person | None:
        """Return the manager, at work or not.

        The one that people.yaml names of the person goes before the CRM's, and that
        before the one it names of the team.
        """
        above = self.get(person.manager_id)
        if above is not None and address_of(person) not in self._people.managers:
            return above
        declared = self.declared_manager(person)
        return self.anybody_at(declared) if declared else None

    def declared_manager(self, person: Person) -> str:
        """Return the address of the manager that people.yaml names; "" for none.

        It is that of the person, else of the team, but for who manages the team.
        """
        own = address_of(person)
        if of_person := self._people.managers.get(own):
            return of_person
        of_team = self._people.team_managers.get((person.team or "").casefold(), "")
        return "" if of_team == own else of_team


def address_of(person: Person) -> str:
    """Return a person's address as the keys of `People` are written."""
    return (person.email or "").casefold()


def who_owes(
    role: str, deal: Deal, people: People, directory: Directory
) -> Asked | None:
    """Return the person at work who owes `role` on a deal, None for nobody.

    Falls to the manager of the first person found, or of the deal's owner, then to
    the fallback of people.yaml, and says why.
    """
    steps = people.roles.get(role, _BUILT_IN.get(role, ()))
    found: Person | None = None
    for step in steps:
        for candidate in _candidates(step, deal, directory):
            if not directory.why_not(candidate):
                return Asked(candidate.id)
            found = found or candidate
    why = directory.why_not(found) if found else f"nobody holds the role {role}"
    manager = directory.manager_of(found or directory.get(deal.owner_id))
    last = directory.at(people.fallback) if people.fallback else None
    asked = manager or last
    return None if asked is None else Asked(asked.id, f"You are asked because {why}.")


def _candidates(step: RoleStep, deal: Deal, directory: Directory) -> Iterator[Person]:
    owner = directory.get(deal.owner_id)
    match step.source:
        case RoleSource.DEAL_OWNER:
            yield from _present(owner)
        case RoleSource.OWNER_MANAGER:
            yield from _present(directory.manager_of(owner))
        case RoleSource.FIELD:
            value = deal.fields.get(step.argument)
            yield from _present(value if isinstance(value, Person) else None)
        case RoleSource.TEAM_MEMBER:
            yield from _team(step.argument, deal)
        case RoleSource.ADDRESS:
            yield from _present(directory.at(step.argument))


def _present(person: Person | None) -> Iterable[Person]:
    return () if person is None else (person,)


def _team(team_role: str, deal: Deal) -> Iterator[Person]:
    rows = deal.related.get("team_members", ())
    if not isinstance(rows, tuple):
        return
    for row in rows:
        role, user = row.get("role"), row.get("user")
        if isinstance(role, str) and role.casefold() == team_role.casefold():
            yield from _present(user if isinstance(user, Person) else None)
