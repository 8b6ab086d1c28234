"""Which scopes a token needs, lacks and has too many of. Pure, but for one call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.crm.hubspot.wire.client import Client

TO_READ = (
    "crm.objects.deals.read",
    "crm.objects.contacts.read",
    "crm.objects.owners.read",
    "crm.schemas.deals.read",
    "crm.schemas.contacts.read",
)
"""Contacts' scopes cover tasks, meetings, calls, emails and notes too."""
TO_WRITE = ("crm.objects.deals.write", "crm.objects.contacts.write")
TO_SET_UP = ("crm.schemas.deals.write", "crm.schemas.contacts.write")
OF_KIND = {
    "companies": "crm.objects.companies.read",
    "line_items": "crm.objects.line_items.read",
    "quotes": "crm.objects.quotes.read",
    "emails": "sales-email-read",
    "tickets": "tickets",
}
"""What reading a kind of record needs beside the scopes of contacts."""
_HARMLESS = frozenset({"oauth", *(OF_KIND.values()), "settings.users.read"})


@dataclass(frozen=True, slots=True)
class Scopes:
    """What a token may do; `granted` is None where HubSpot does not say."""

    granted: frozenset[str] | None

    def missing(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """Return those of the wanted ones that are not granted."""
        if self.granted is None:
            return ()
        return tuple(scope for scope in wanted if scope not in self.granted)

    def excess(self) -> tuple[str, ...]:
        """Return granted scopes that allow more than gatekeeper ever does."""
        needed = {*TO_READ, *TO_WRITE, *TO_SET_UP, *_HARMLESS}
        return tuple(
            sorted(
                scope
                for scope in self.granted or ()
                if scope not in needed and not scope.endswith(".read")
            )
        )


def scopes_for(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return all scopes of a run that reads these kinds of record."""
    more = (OF_KIND[kind] for kind in sorted(set(kinds)) if kind in OF_KIND)
    return tuple(dict.fromkeys((*TO_READ, *TO_WRITE, *more)))


def read_scopes(client: Client) -> Scopes:
    """Ask what the token may do; only private apps' tokens tell it."""
    try:
        said = client.token().get("scopes")
    except (CrmRejectedError, CrmUnreachableError):
        return Scopes(None)
    return Scopes(frozenset(map(str, said)) if isinstance(said, list) else None)
