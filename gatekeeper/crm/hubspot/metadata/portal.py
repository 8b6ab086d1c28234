"""What is asked of a portal once and then remembered: who it is, properties, owners.

Touches the network through the client it is given; everything it returns is a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gatekeeper.core.model import Person
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.metadata.pipelines import Pipelines, read_pipelines
from gatekeeper.crm.hubspot.metadata.properties import Properties, read_properties
from gatekeeper.crm.hubspot.metadata.rates import read_rates
from gatekeeper.crm.hubspot.metadata.rights import Rights
from gatekeeper.crm.hubspot.metadata.schema import Facts, describe_portal
from gatekeeper.crm.hubspot.reading.translate import Tongue
from gatekeeper.errors import CrmAuthError, CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from gatekeeper.core.catalogue import Catalogue, CrmSchema
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Record

ONE = Decimal(1)
_NEEDED = frozenset({names.DEALS, names.TASKS})
"""Without their records there is no run: their reading stops it and says why."""


@dataclass(slots=True)
class Portal:
    """One portal's facts, each read when first asked for.

    Attributes:
        currency: The project's; that of amounts where the account names none.
    """

    client: Client
    currency: str = "USD"
    _account: Record | None = None
    _kinds: dict[str, Properties | None] = field(default_factory=dict)
    _rights: Rights = field(init=False)
    _reasons: dict[str, str] = field(default_factory=dict)
    _owners: tuple[dict[str, Person], dict[str, Person]] | None = None
    _pipelines: Pipelines | None = None
    _labels: dict[tuple[str, str], Mapping[int, str]] = field(default_factory=dict)
    _rates: dict[str, Decimal] | None = None

    def __post_init__(self) -> None:
        self._rights = Rights(self.client)

    def id(self) -> str:
        """Return `hs:` and the portal's number.

        Raises:
            CrmUnreachableError: The account does not say which portal it is.
        """
        number = self.account().get("portalId")
        if not number:
            msg = "HubSpot's account details name no portal; is a proxy in between?"
            raise CrmUnreachableError(msg)
        return f"hs:{number}"

    def account(self) -> Record:
        """Return the account's details."""
        if self._account is None:
            try:
                self._account = self.client.account()
            except CrmRejectedError as error:
                raise CrmAuthError(f"HubSpot refuses {error}") from error
            self.client.pace.zone = self.zone()
        return self._account

    def now(self) -> datetime:
        """Return HubSpot's clock as the last answer had it.

        Raises:
            CrmUnreachableError: Its answers carry no date.
        """
        if self.client.meter.clock is None:
            self.account()
        if self.client.meter.clock is None:
            msg = "HubSpot's answers carry no Date; is a proxy in between?"
            raise CrmUnreachableError(msg)
        return self.client.meter.clock

    def zone(self) -> tzinfo:
        """Return the account's time zone."""
        try:
            return ZoneInfo(str(self.account().get("timeZone") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def described(self, kind: str) -> Properties | None:
        """Return a kind's properties; None where it is absent or hidden."""
        if kind not in self._kinds:
            try:
                self._kinds[kind] = read_properties(self.client.properties(kind))
                why_not = "" if kind in _NEEDED else self._rights.why_not(kind)
            except CrmRejectedError as error:
                why_not = str(error)
            if why_not:
                self._kinds[kind] = None
                self._reasons[kind] = why_not
        return self._kinds[kind]

    def why_hidden(self, kind: str) -> str:
        """Say why a kind's properties are not shown; "" where they are."""
        self.described(kind)
        return self._reasons.get(kind, "")

    def deals(self) -> Properties:
        """Return the properties of deals.

        Raises:
            CrmAuthError: The token may not read them.
        """
        return self._needed(
            names.DEALS, "crm.objects.deals.read and crm.schemas.deals.read"
        )

    def tasks(self) -> Properties:
        """Return the properties of tasks.

        Raises:
            CrmAuthError: The token may not read them.
        """
        return self._needed(
            names.TASKS,
            "crm.objects.contacts.read and crm.schemas.contacts.read, which cover"
            " tasks",
        )

    def _needed(self, kind: str, scopes: str) -> Properties:
        found = self.described(kind)
        if found is None:
            msg = (
                f"HubSpot refuses {self._reasons[kind]}. Give the private app the"
                f" scopes {scopes}."
            )
            raise CrmAuthError(msg)
        return found

    def forget(self) -> None:
        """Read descriptions anew from now on, after properties were made."""
        self._kinds.clear()
        self._reasons.clear()
        self._rights.forget()

    def people(self, *, anew: bool = False) -> dict[str, Person]:
        """Return all owners by id, those who left too."""
        if self._owners is None or anew:
            self._owners = self._read_owners()
        return self._owners[0]

    def pipelines(self, *, anew: bool = False) -> Pipelines:
        """Return the pipelines of deals."""
        if self._pipelines is None or anew:
            try:
                self._pipelines = read_pipelines(self.client.pipelines())
            except CrmRejectedError as error:
                raise CrmAuthError(f"HubSpot refuses {error}") from error
        return self._pipelines

    def labels(self, source: str, target: str) -> Mapping[int, str]:
        """Return the labels of an association, by the number of their type.

        Labels without a text and those HubSpot itself defines for every pair are no
        labels; "Primary" of companies is one.
        """
        pair = (source, target)
        if pair not in self._labels:
            try:
                rows = self.client.labels(source, target)
            except CrmRejectedError:
                rows = []
            self._labels[pair] = {
                number: str(row["label"])
                for row in rows
                if row.get("label") and isinstance(number := row.get("typeId"), int)
            }
        return self._labels[pair]

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        """Describe what a catalogue names.

        Raises:
            CrmAuthError: The token may not read deals.
        """
        self.deals()
        facts = Facts(
            self.id(),
            self.now(),
            str(self.zone()),
            self.home_currency(),
            self.pipelines(anew=True),
            tuple(self.labels(names.DEALS, names.CONTACTS).values()),
        )
        return describe_portal(catalogue, self.described, self.why_hidden, facts)

    def tongue(self) -> Tongue:
        """Return what translations need."""
        people = self.people()
        users = self._owners[1] if self._owners else {}
        return Tongue(self.home_currency(), self.zone(), people, users)

    def home_currency(self) -> str:
        """Return the company's currency, or the project's where none is named."""
        return str(self.account().get("companyCurrency") or self.currency)

    def rates(self, *, anew: bool = False) -> dict[str, Decimal]:
        """Return what one unit of each currency is worth in the company's."""
        if self._rates is None or anew:
            home = self.home_currency()
            more = self.account().get("additionalCurrencies")
            codes = [str(code) for code in more] if isinstance(more, list) else []
            others = (code for code in codes if code != home)
            self._rates = {**read_rates(self.client, others), home: ONE}
        return self._rates

    def _read_owners(self) -> tuple[dict[str, Person], dict[str, Person]]:
        people: dict[str, Person] = {}
        users: dict[str, Person] = {}
        for row in self._owner_rows():
            person = _person(row)
            people[person.id] = person
            user = row.get("userId") or row.get("userIdIncludingInactive")
            if user:
                users[str(user)] = person
        return people, users

    def _owner_rows(self) -> list[Record]:
        rows: list[Record] = []
        try:
            # Who left comes first, so that who is back counts as present.
            for archived in (True, False):
                page = self.client.owners("", archived=archived)
                rows += page.rows
                while page.after:
                    page = self.client.owners(page.after, archived=archived)
                    rows += page.rows
        except CrmRejectedError as error:
            msg = (
                f"HubSpot refuses {error}. Give the private app the scope"
                " crm.objects.owners.read."
            )
            raise CrmAuthError(msg) from error
        return rows


def _person(row: Record) -> Person:
    words = (row.get("firstName"), row.get("lastName"))
    email, id_ = row.get("email"), str(row.get("id"))
    name = " ".join(str(word).strip() for word in words if word)
    return Person(
        id=id_,
        name=name or str(email or id_),
        email=str(email) if email else None,
        is_active=row.get("archived") is not True,
        team=_team(row.get("teams")),
    )


def _team(teams: object) -> str | None:
    """Return the name of an owner's primary team, or of the only one."""
    found = (
        [team for team in teams if isinstance(team, dict)]
        if (isinstance(teams, list))
        else []
    )
    primary = [team for team in found if team.get("primary")] or found[:1]
    return str(primary[0]["name"]) if primary and primary[0].get("name") else None
