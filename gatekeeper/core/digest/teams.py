"""Whose deals a manager sees: everybody below, and the manager's own.

Pure. A person who reports, over however many steps, to themselves is nobody's trouble:
each chain ends where it comes back to somebody it has been at.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.model import Person
    from gatekeeper.core.people import Directory


def managers_above(person: Person, directory: Directory) -> Iterator[Person]:
    """Iterate the managers of a person from the nearest up; a cycle ends there."""
    seen = {person.id}
    above = directory.reports_to(person)
    while above is not None and above.id not in seen:
        seen.add(above.id)
        yield above
        above = directory.reports_to(above)


def teams_of(directory: Directory) -> Mapping[str, frozenset[str]]:
    """Return manager id to the ids of everybody whose deals that manager sees."""
    teams: defaultdict[str, set[str]] = defaultdict(set)
    for person in directory.everybody():
        for manager in managers_above(person, directory):
            teams[manager.id] |= {person.id, manager.id}
    return {manager: frozenset(team) for manager, team in teams.items()}


def team_of(person_id: str, directory: Directory) -> frozenset[str]:
    """Return the ids of those whose deals a person sees, the person's own included."""
    return teams_of(directory).get(person_id, frozenset()) | {person_id}


def direct_reports(directory: Directory) -> Mapping[str, frozenset[str]]:
    """Return manager id to the ids of those who report to that manager at once."""
    reports: defaultdict[str, set[str]] = defaultdict(set)
    for person in directory.everybody():
        manager = directory.reports_to(person)
        if manager is not None and manager.id != person.id:
            reports[manager.id].add(person.id)
    return {manager: frozenset(team) for manager, team in reports.items()}
