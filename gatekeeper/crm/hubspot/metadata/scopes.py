"""Which scopes a token needs, lacks and has too many of. Pure, but for one call."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

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
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "companies": ("crm.objects.companies.read", "crm.schemas.companies.read"),
    "line_items": ("crm.objects.line_items.read", "crm.schemas.line_items.read"),
    "quotes": ("crm.objects.quotes.read", "crm.schemas.quotes.read"),
    "emails": ("sales-email-read",),
    "tickets": ("tickets",),
}
"""What reading a kind of record and its properties needs beside contacts' scopes."""
_ACTIVITIES = ("tasks", "meetings", "calls", "notes", "emails")
_HARMLESS = frozenset(
    {
        "oauth",
        "settings.users.read",
        "crm.objects.custom.read",
        "crm.schemas.custom.read",
        # Some keys offer them, and HubSpot's newer specifications ask for them.
        *(f"crm.objects.{kind}.read" for kind in _ACTIVITIES),
    }
)


_BY_CONTACTS = frozenset({"contacts", *_ACTIVITIES})


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
        """Return granted scopes for what gatekeeper never reads or does."""
        known = _HARMLESS.union(TO_READ, TO_WRITE, TO_SET_UP, *OF_KIND.values())
        return tuple(sorted((self.granted or frozenset()) - known))


def scopes_for(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return all scopes of a run that reads these kinds of record."""
    more = (OF_KIND.get(kind, ()) for kind in sorted(set(kinds)))
    return tuple(dict.fromkeys((*TO_READ, *TO_WRITE, *chain.from_iterable(more))))


def to_show(kind: str) -> tuple[str, ...]:
    """Return the scopes that show a kind's records; () for one that is not known."""
    more = OF_KIND.get(kind, ())
    own = tuple(scope for scope in more if not scope.startswith("crm.schemas."))
    return (*own, "crm.objects.contacts.read") if kind in _BY_CONTACTS else own


def read_scopes(client: Client) -> Scopes:
    """Ask what the token may do; only private apps' tokens tell it."""
    try:
        said = client.token().get("scopes")
    except (CrmRejectedError, CrmUnreachableError):
        return Scopes(None)
    return Scopes(frozenset(map(str, said)) if isinstance(said, list) else None)
