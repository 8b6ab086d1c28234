"""The people records belong to, and their teams."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.sandbox.hubspot.kinds import EPOCH


@dataclass(frozen=True, slots=True)
class Team:
    """A team an owner is in."""

    id: str
    name: str
    primary: bool = True


@dataclass(frozen=True, slots=True)
class Owner:
    """One owner. HubSpot knows no manager; teams are all it has."""

    id: str
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    user_id: int | None = None
    kind: str = "PERSON"
    teams: tuple[Team, ...] = ()
    archived: bool = False
    created_at: str = EPOCH
    updated_at: str = EPOCH

    @property
    def name(self) -> str:
        """What people call the owner."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.id

    def body(self) -> dict[str, object]:
        """Return the owner as the wire has it: what it lacks is left out."""
        known: dict[str, object | None] = {
            "id": self.id,
            "type": self.kind,
            "email": self.email,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "archived": self.archived,
        }
        body = {key: value for key, value in known.items() if value is not None}
        if self.teams:
            body["teams"] = [
                {"id": team.id, "name": team.name, "primary": team.primary}
                for team in self.teams
            ]
        return body
