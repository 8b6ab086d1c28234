"""Find the person who owes something: the role's list, the manager, the fallback.

Pure. A missing or inactive person falls to the manager once; nobody at all gives
None, which is shown as "unassigned" and never silently dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Person
from gatekeeper.core.pack import RoleSource, RoleStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.model import Deal
    from gatekeeper.core.pack import People

MOST_STEPS_UP = 5

_BUILT_IN = {
    "deal_owner": (RoleStep(RoleSource.DEAL_OWNER),),
    "owner_manager": (RoleStep(RoleSource.OWNER_MANAGER),),
}


class Directory:
    """All users of the CRM, found by id or address."""

    def __init__(self, people: Mapping[str, Person]) -> None:
        self._by_id = people
        self._by_address = {
            person.email.casefold(): person
            for person in people.values()
            if person.email and person.is_active
        }

    def get(self, person_id: str | None) -> Person | None:
        """Return the person with that id, active or not."""
        return None if person_id is None else self._by_id.get(person_id)

    def at(self, address: str) -> Person | None:
        """Return the active person with that address in any case."""
        return self._by_address.get(address.casefold())

    def manager_of(self, person: Person | None) -> Person | None:
        """Return the first active manager within five steps; cycles are cut."""
        seen: set[str] = set()
        for _ in range(MOST_STEPS_UP):
            if person is None or person.manager_id is None or person.id in seen:
                return None
            seen.add(person.id)
            person = self._by_id.get(person.manager_id)
            if person is not None and person.is_active:
                return person
        return None


def who_owes(role: str, deal: Deal, people: People, directory: Directory) -> str | None:
    """Return the id of the active person who owes `role` on a deal, or None."""
    steps = people.roles.get(role, _BUILT_IN.get(role, ()))
    found: Person | None = None
    for step in steps:
        for candidate in _candidates(step, deal, directory):
            if candidate.is_active:
                return candidate.id
            found = found or candidate
    manager = directory.manager_of(found or directory.get(deal.owner_id))
    if manager is not None:
        return manager.id
    last = directory.at(people.fallback) if people.fallback else None
    return None if last is None else last.id


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
