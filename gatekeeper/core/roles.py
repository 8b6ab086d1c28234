"""Roles, and what a pack says of people, as frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.model import Person


class RoleSource(StrEnum):
    """Where a role's person is looked for."""

    DEAL_OWNER = "deal_owner"
    OWNER_MANAGER = "owner_manager"
    FIELD = "field"
    TEAM_MEMBER = "team_member"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class RoleStep:
    """One place to look; `argument` is the field, team role or address."""

    source: RoleSource
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a person is away, both ends included."""

    start: date
    until: date


@dataclass(frozen=True, slots=True)
class Readers:
    """Who is sent digests beside the managers.

    Attributes:
        revops: Addresses of those who read how the rules do.
        leadership: Addresses of those who read of all deals.
        owners: Whether each owner who manages nobody reads of their own deals.
        fallback: Address of who reads in place of a manager who cannot be reached;
            None for the manager above, else those who read how the rules do.
    """

    revops: tuple[str, ...] = ()
    leadership: tuple[str, ...] = ()
    owners: bool = False
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Who owes what: roles, the last resort, and what the CRM does not say.

    Addresses are in lower case.

    Attributes:
        managers: Address to the manager's address, in place of what the CRM says.
        team_managers: Team in lower case to the address of its manager, for those of
            whom neither the CRM nor `managers` says more.
        absences: Address to when that person is away.
        zones: Address to where that person works, in place of the project's zone.
        calendars: Address to the days that person works, in place of the project's.
        slack: Address to that person's member id in Slack.
        digests: Who is sent digests beside the managers.
    """

    roles: Mapping[str, tuple[RoleStep, ...]] = field(default_factory=dict)
    fallback: str | None = None
    managers: Mapping[str, str] = field(default_factory=dict)
    team_managers: Mapping[str, str] = field(default_factory=dict)
    absences: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    zones: Mapping[str, ZoneInfo] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    slack: Mapping[str, str] = field(default_factory=dict)
    digests: Readers = Readers()

    def calendar(self, who: Person, usual: Calendar) -> Calendar:
        """Return the days a person works; `usual` where nothing is said of them."""
        return self.calendars.get((who.email or "").casefold(), usual)

    def zone(self, who: Person, usual: ZoneInfo) -> ZoneInfo:
        """Return where a person works; `usual` where nothing is said of them."""
        return self.zones.get((who.email or "").casefold(), usual)
