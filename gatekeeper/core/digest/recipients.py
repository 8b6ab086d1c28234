"""Who is told what, and whom nothing reaches, as frozen values. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Person


class Audience(StrEnum):
    """For whom a digest is; each kind is one letter a day, beside the others."""

    MANAGER = "manager"
    OWNER = "owner"
    LEADERSHIP = "leadership"
    REVOPS = "revops"


@dataclass(frozen=True, slots=True)
class StandIn:
    """In whose place somebody is told, and why that person is not.

    Attributes:
        why: Ends a sentence that begins with the name: "has no address ...".
    """

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is sent a digest.

    Attributes:
        team: Ids of the owners whose deals it is about; leadership and RevOps are
            told of all, whoever owns them.
        reports: Ids of those who are compared with each other.
        instead_of: Whose digest goes to this person as well.
    """

    audience: Audience
    who: Person
    team: frozenset[str] = frozenset()
    reports: frozenset[str] = frozenset()
    instead_of: tuple[StandIn, ...] = ()


@dataclass(frozen=True, slots=True)
class Untold:
    """Somebody whom no digest reaches, or whose deals no manager is told of.

    Attributes:
        audience: The digest that does not arrive; None where there is no manager to
            be told of that person's deals.
        person_id: In the CRM, or the address that was declared; "" for nobody.
        why: Ends a sentence that begins with the name.
        remedy: What to do about it.
        open_deals: How many deals nobody is told of because of it.
    """

    audience: Audience | None
    person_id: str
    name: str
    why: str
    remedy: str
    open_deals: int = 0

    @property
    def kind(self) -> str:
        """What it is counted as."""
        return "no_manager" if self.audience is None else self.audience.value


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who is sent a digest, and everybody who is not but should be."""

    told: tuple[Recipient, ...] = ()
    untold: tuple[Untold, ...] = ()


def shared_addresses(roster: Roster) -> Mapping[str, tuple[str, ...]]:
    """Return address to the names of several managers whose letters go there.

    Each letter is of one team, but who opens that mailbox reads of them all.
    """
    names: defaultdict[str, list[str]] = defaultdict(list)
    for each in roster.told:
        if each.audience is Audience.MANAGER and each.who.email:
            names[each.who.email.casefold()].append(each.who.name)
    return {address: tuple(who) for address, who in names.items() if len(who) > 1}
