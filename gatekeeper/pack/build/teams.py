"""Teams that people.yaml and overlays name, held against those that people are in.

Neither CRM is asked for its list of teams: what counts is whether somebody has the
team as the one that rules go by (HubSpot's main team, Salesforce's role), and the
people say that themselves, with no right beyond reading them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.pack.files.values import did_you_mean
from gatekeeper.pack.source.nodes import Table
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.model import Person
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.nodes import Scalar

MOST_OFFERED = 8


def named_teams(draft: Draft) -> list[Scalar]:
    """Return where a team is named, in the order of the files."""
    managed = draft.people_table.get("teams") if draft.people_table else None
    keys = [key for key, _ in managed.pairs] if isinstance(managed, Table) else []
    return [*keys, *(team for each in draft.overlays for team in each.teams)]


def team_problems(
    teams: Iterable[Scalar], people: Iterable[Person], crm: str
) -> list[Problem]:
    """Name the teams that nobody is in (W513).

    Args:
        teams: Where teams are named.
        people: Everybody the CRM knows, who left included: a team is no mistake for
            having been left by all.
        crm: What people call the CRM.
    """
    known = sorted({each.team for each in people if each.team})
    folded = {each.casefold() for each in known}
    return [
        Problem(
            each.place,
            "W513",
            f'nobody in {crm} is in the team "{each.text}".',
            did_you_mean(each.text, known) or _offered(known, crm),
            is_warning=True,
        )
        for each in teams
        if each.text.casefold() not in folded
    ]


def _offered(known: list[str], crm: str) -> str:
    if not known:
        return f"put people into teams in {crm}, or name each manager under people:."
    more = len(known) - MOST_OFFERED
    rest = [f"and {more} more"] if more > 0 else []
    return f"teams in {crm}: {', '.join([*known[:MOST_OFFERED], *rest])}."
