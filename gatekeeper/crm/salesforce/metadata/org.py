"""What is asked of an org once and then remembered: who it is, describe, people.

Touches the network through the client it is given; everything it returns is a value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gatekeeper.core.model import Person
from gatekeeper.crm.reader import WireRow
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.describe import (
    WireObject,
    find_path,
    read_object,
)
from gatekeeper.crm.salesforce.metadata.schema import Facts, describe_org
from gatekeeper.crm.salesforce.reading.tracking import Tracking
from gatekeeper.crm.salesforce.reading.translate import Tongue, to_number
from gatekeeper.crm.salesforce.wire.soql import AllOf, Compare, Select
from gatekeeper.errors import CrmAuthError, CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from datetime import tzinfo

    from gatekeeper.core.catalogue import Catalogue, CrmSchema
    from gatekeeper.crm.salesforce.wire.client import Client

ONE = Decimal(1)
_ABSENT = frozenset({"NOT_FOUND", "INVALID_TYPE"})
_STAGE_FIELDS = (
    *("Id", "MasterLabel", "ApiName", "SortOrder"),
    *("IsActive", "IsClosed", "IsWon"),
)
_PERSON_FIELDS = ("Id", "Name", "Email", "IsActive", "ManagerId", "UserRole.Name")


@dataclass(slots=True)
class Org:
    """One org's facts, each read when first asked for.

    Attributes:
        currency: Of amounts in an org that has one currency only: Salesforce tells
            it to nobody over REST, so the project does.
    """

    client: Client
    currency: str = "USD"
    _objects: dict[str, WireObject | None] = field(default_factory=dict)
    _row: WireRow | None = None
    _people: dict[str, Person] | None = None
    _stages: list[WireRow] | None = None
    _rates: dict[str, Decimal] | None = None
    _tracking: Tracking | None = None

    def id(self) -> str:
        """Return `sf:` and the 18-character organization id."""
        return f"sf:{self._organization()['Id']}"

    def now(self) -> datetime:
        """Return the org's clock as the last answer had it.

        Raises:
            CrmUnreachableError: Its answers carry no date.
        """
        if self.client.meter.clock is None:
            self._organization()
        if self.client.meter.clock is None:
            msg = "Salesforce's answers carry no Date; is a proxy in between?"
            raise CrmUnreachableError(msg)
        return self.client.meter.clock

    def zone(self) -> tzinfo:
        """Return the org's default time zone."""
        try:
            return ZoneInfo(str(self._organization().get("TimeZoneSidKey") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            return UTC

    def described(self, name: str) -> WireObject | None:
        """Return an object's description; None where it is absent or hidden."""
        key = name.casefold()
        if key not in self._objects:
            self._objects[key] = self._describe(name)
        return self._objects[key]

    def deal_object(self) -> WireObject:
        """Return the description of the deal object.

        Raises:
            CrmAuthError: The integration user may not read it.
        """
        found = self.described(names.DEAL_OBJECT)
        if found is None:
            msg = (
                "The integration user may not read opportunities. Grant it read "
                "access (object-level View All, so that none is missed)."
            )
            raise CrmAuthError(msg)
        return found

    def forget(self) -> None:
        """Read descriptions anew from now on, after fields were made."""
        self._objects.clear()
        self._tracking = None

    def people(self, *, anew: bool = False) -> dict[str, Person]:
        """Return all users by id, inactive ones too."""
        if self._people is None or anew:
            kept = [
                path
                for path in _PERSON_FIELDS
                if find_path(self.described, "User", path)
            ]
            rows = self.client.rows(Select(tuple(kept), "User", None, ("Id",)))
            self._people = {str(row["Id"]): _person(row) for row in rows}
        return self._people

    def stages(self) -> list[WireRow]:
        """Return the rows of OpportunityStage, inactive ones too."""
        if self._stages is None:
            select = Select(_STAGE_FIELDS, "OpportunityStage")
            self._stages = list[WireRow](self.client.rows(select))
        return self._stages

    def tracking(self) -> Tracking:
        """Return what is known of the histories of the deal's fields."""
        if self._tracking is None:
            self._tracking = Tracking(self.client, self.described)
        return self._tracking

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        """Describe what a catalogue names.

        Raises:
            CrmAuthError: The integration user may not read opportunities.
        """
        self.deal_object()
        stages = self.stages()
        facts = Facts(
            self.id(),
            self.now(),
            str(self.zone()),
            self.home_currency(),
            self.tracking().fields(),
        )
        return describe_org(catalogue, self.described, stages, facts)

    def tongue(self) -> Tongue:
        """Return what translations need."""
        return Tongue(self.home_currency(), self.zone(), self.people())

    def home_currency(self) -> str:
        """Return the corporate currency, or the project's in a one-currency org."""
        for code, rate in self.rates().items():
            if rate == 1:
                return code
        return self.currency

    def rates(self, *, anew: bool = False) -> dict[str, Decimal]:
        """Return what one unit of each currency is worth in the corporate one."""
        if self._rates is None or anew:
            self._rates = (
                self._many_rates() if self._has_currencies() else {self.currency: ONE}
            )
        return self._rates

    def _has_currencies(self) -> bool:
        coded = self.deal_object().has("CurrencyIsoCode")
        return coded and self.described("CurrencyType") is not None

    def _many_rates(self) -> dict[str, Decimal]:
        types = Select(("IsoCode", "ConversionRate", "IsCorporate"), "CurrencyType")
        rows = sorted(self.client.rows(types), key=lambda row: not row["IsCorporate"])
        found = {str(row["IsoCode"]): row["ConversionRate"] for row in rows}
        if self.described("DatedConversionRate") is not None:
            found.update(self._dated_rates(self.now().astimezone(self.zone()).date()))
        return {
            code: ONE / rate
            for code, wire in found.items()
            if isinstance(rate := to_number(wire), Decimal) and rate > 0
        }

    def _dated_rates(self, today: date) -> dict[str, object]:
        in_force = AllOf(
            (
                Compare("StartDate", "<=", today),
                Compare("NextStartDate", ">", today),
            )
        )
        fields = ("IsoCode", "ConversionRate")
        rows = self.client.rows(Select(fields, "DatedConversionRate", in_force))
        return {str(row["IsoCode"]): row["ConversionRate"] for row in rows}

    def closed_status(self) -> str:
        """Return a task status that means closed in this org.

        Raises:
            CrmAuthError: The org shows none, so no task could be closed.
        """
        select = Select(("MasterLabel", "IsClosed"), "TaskStatus", None, ("SortOrder",))
        active = self._active_statuses()
        closed = [
            str(row["MasterLabel"])
            for row in self.client.rows(select)
            if row["IsClosed"] and (not active or row["MasterLabel"] in active)
        ]
        if not closed:
            msg = "No active task status of this org means closed; add one."
            raise CrmAuthError(msg)
        return "Completed" if "Completed" in closed else closed[0]

    def _active_statuses(self) -> set[object]:
        task = self.described("Task")
        status = task.find("Status") if task else None
        choices = status.choices if status else ()
        return {choice.value for choice in choices if choice.active}

    def lengths(self) -> dict[str, dict[str, int]]:
        """Return the longest text per field of the objects we write."""
        found: dict[str, dict[str, int]] = {}
        for name in ("Task", names.DEAL_OBJECT):
            described = self.described(name)
            fields = described.fields.values() if described else ()
            found[name] = {each.name: each.length for each in fields if each.length}
        return found

    def _organization(self) -> WireRow:
        if self._row is None:
            select = Select(
                ("Id", "Name", "TimeZoneSidKey", "IsSandbox", "OrganizationType"),
                "Organization",
            )
            row = next(iter(self.client.rows(select)), None)
            if row is None:
                msg = "Salesforce does not show its organization to this user."
                raise CrmAuthError(msg)
            self._row = row
        return self._row

    def _describe(self, name: str) -> WireObject | None:
        try:
            answer = self.client.get(f"sobjects/{name}/describe")
        except CrmRejectedError as error:
            if error.code in _ABSENT:
                return None
            raise CrmAuthError(f"Salesforce refuses {error}") from error
        return read_object(answer) if isinstance(answer, dict) else None


def _person(row: WireRow) -> Person:
    role = row.get("UserRole")
    team = role.get("Name") if isinstance(role, dict) else None
    email, boss = row.get("Email"), row.get("ManagerId")
    return Person(
        id=str(row["Id"]),
        name=str(row.get("Name") or ""),
        email=str(email) if email else None,
        is_active=row.get("IsActive") is not False,
        manager_id=str(boss) if boss else None,
        team=str(team) if team else None,
    )
