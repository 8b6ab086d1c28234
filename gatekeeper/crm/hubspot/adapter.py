"""HubSpot as a `Crm`: the port's methods over the rooms beside this one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Change, DealBatch, OwnTask, Receipt
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.due import DueTimes
from gatekeeper.crm.hubspot.metadata.examine import examine
from gatekeeper.crm.hubspot.metadata.portal import Portal
from gatekeeper.crm.hubspot.metadata.schema import native_fields
from gatekeeper.crm.hubspot.reading.deals import deal_link
from gatekeeper.crm.hubspot.reading.listing import Scope
from gatekeeper.crm.hubspot.reading.pull import Pull
from gatekeeper.crm.hubspot.reading.shape import PullShape, Shaper
from gatekeeper.crm.hubspot.reading.tasks import Tasks
from gatekeeper.crm.hubspot.wire.client import Client
from gatekeeper.crm.hubspot.writing import setup
from gatekeeper.crm.hubspot.writing.linking import Linker
from gatekeeper.crm.hubspot.writing.records import Forms
from gatekeeper.crm.hubspot.writing.shadow import Shadows
from gatekeeper.crm.hubspot.writing.write import MOST_RECORDS, Writer
from gatekeeper.errors import CrmAuthError, CrmRejectedError, SetupError
from gatekeeper.ports import NO_IDS, PullTotals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta, tzinfo
    from decimal import Decimal

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, Guard
    from gatekeeper.core.model import Person
    from gatekeeper.crm.hubspot.wire.patience import Access
    from gatekeeper.ports import ApiUse, Checkup, PlannedField, Progress, PullRequest
    from gatekeeper.ports.crm import MayLeave


@dataclass(slots=True)
class HubSpotCrm:
    """One HubSpot portal; build it with `connect`.

    Attributes:
        zones: Address in lower case to where that owner works.
    """

    client: Client
    portal: Portal
    zones: Mapping[str, tzinfo] = field(default_factory=dict)
    _shadows: Shadows = field(default_factory=Shadows)

    @property
    def name(self) -> str:
        """`hubspot`."""
        return names.CRM

    @property
    def batch_size(self) -> int:
        """What one batch request takes."""
        return MOST_RECORDS

    def org(self) -> str:
        """Return `hs:<portal id>`."""
        return self.portal.id()

    def server_time(self) -> datetime:
        """Return HubSpot's own clock."""
        return self.portal.now()

    def clock_ahead(self) -> timedelta:
        """Return how far HubSpot's clock was ahead of this machine's."""
        return self.client.meter.ahead

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        """Describe what the catalogue names."""
        return self.portal.schema(catalogue)

    def people(self) -> Mapping[str, Person]:
        """Return all owners by id, read anew: a run begins with them."""
        return self.portal.people(anew=True)

    def rates(self) -> Mapping[str, Decimal]:
        """Return what one unit of each currency is worth in the company's."""
        return self.portal.rates(anew=True)

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        """Stream our open tasks; none where the key property is not there yet.

        Raises:
            CrmAuthError: The token may not read tasks; they are not none.
        """
        if not self._has_key():
            return
        try:
            yield from self._tasks().open()
        except CrmRejectedError as error:
            raise CrmAuthError(f"HubSpot refuses {error}") from error

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        """Read our tasks by key, closed and archived ones too."""
        if not keys or not self._has_key():
            return {}
        try:
            return self._tasks().by_key(keys, ids)
        except CrmRejectedError as error:
            raise CrmAuthError(f"HubSpot refuses {error}") from error

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        """Stream the deals in scope with their records."""
        shape, pull = self._pull(request, totals)
        ids = shape.deals.pipelines.ids_of(request.pipelines)
        if request.pipelines and not ids:
            totals.expected = 0
            return iter(())
        return pull.stream(Scope(request.closed_since, ids))

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        """Read named deals; tell the archived and merged from those not shown."""
        _, pull = self._pull(request, PullTotals())
        wanted = list(dict.fromkeys(ids))
        try:
            return pull.by_id(wanted) if wanted else DealBatch(())
        except CrmRejectedError as error:
            raise CrmAuthError(f"HubSpot refuses {error}") from error

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        """Write changes; one receipt each, in order.

        Raises:
            SetupError: Our properties are not there yet.
        """
        if not self._has_key():
            msg = (
                "The task properties gatekeeper_key and gatekeeper_ref are absent."
                " Run gatekeeper setup-crm."
            )
            raise SetupError(msg)
        has_shadow = names.SHADOW_PROPERTY in self.portal.deals()
        shadows = self._shadows if has_shadow else None
        forms = Forms(run_number, self._dues(), shadows)
        tasks = self._tasks()
        linker = Linker(self.client)
        writer = Writer(self.client, forms, tasks, linker, tasks.is_unique)
        with self.client.door.permission.asking(may_leave):
            return writer.write(changes)

    def usage(self) -> ApiUse:
        """Return the calls so far."""
        return self.client.meter.use()

    def deal_url(self, deal_id: str) -> str:
        """Return the link a person opens."""
        return self._link().format(deal_id)

    def native_fields(self) -> Sequence[CrmField]:
        """Return every property of deals."""
        return tuple(native_fields(self.portal.deals()).values())

    def guards(self, schema: CrmSchema) -> tuple[Guard, ...] | None:
        """Return None: no interface tells the rules of a pipeline."""
        return None

    def examine(self, request: PullRequest) -> Sequence[Checkup]:
        """Look at login, scopes, properties, uniqueness, limits and clock."""
        return examine(self.client, self.portal, request)

    def planned_setup(self) -> Sequence[PlannedField]:
        """Return what `setup-crm` would do."""
        return setup.planned(self.client, self.portal)

    def set_up(self, progress: Progress) -> Sequence[PlannedField]:
        """Create our properties; safe to repeat."""
        done = setup.set_up(self.client, self.portal, progress)
        self.portal.forget()
        return done

    def _pull(self, request: PullRequest, totals: PullTotals) -> tuple[PullShape, Pull]:
        portal = self.portal
        portal.deals()
        shaper = Shaper(
            request.catalogue,
            portal.described,
            portal.why_hidden,
            portal.tongue(),
            portal.pipelines(),
            self.server_time(),
        )
        shape = shaper.shape(request.needs, self.org(), self._link())
        pull = Pull(
            self.client,
            shape,
            totals,
            self.server_time(),
            shadows=self._shadows.read,
        )
        return shape, pull

    def _link(self) -> str:
        return deal_link(self.portal.account(), self.client.access.url)

    def _tasks(self) -> Tasks:
        key = self.portal.tasks().get(names.KEY_PROPERTY)
        is_unique = key is not None and key.is_unique
        return Tasks(self.client, self.org(), self._dues(), is_unique)

    def _dues(self) -> DueTimes:
        people = self.portal.people() if self.zones else {}
        zones = {
            id_: self.zones[person.email.casefold()]
            for id_, person in people.items()
            if person.email and person.email.casefold() in self.zones
        }
        return DueTimes(self.portal.zone(), zones)

    def _has_key(self) -> bool:
        own = {names.KEY_PROPERTY, names.REF_PROPERTY}
        return own <= self.portal.tasks().keys()


def connect(
    access: Access,
    *,
    now: Callable[[], datetime],
    currency: str = "USD",
    zones: Mapping[str, tzinfo] | None = None,
    sleep: Callable[[float], None] = time.sleep,
    tick: Callable[[], float] = time.monotonic,
) -> HubSpotCrm:
    """Return the CRM behind a token; nothing is asked before it is used.

    Args:
        access: Token, address, time limits.
        now: The wall clock.
        currency: The project's; that of amounts where the account names none.
        zones: Address in lower case to where that owner works; HubSpot tells of none.
        sleep: Waits between repeats and for limits.
        tick: A clock that never goes back, for the limits.
    """
    client = Client(access, sleep, tick, now)
    return HubSpotCrm(client, Portal(client, currency), zones or {})
