"""Salesforce as a `Crm`: the port's methods over the rooms beside this one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Change, DealBatch, GoneReason, OwnTask, Receipt
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.examine import examine
from gatekeeper.crm.salesforce.metadata.org import Org
from gatekeeper.crm.salesforce.metadata.schema import native_fields, stage_labels
from gatekeeper.crm.salesforce.metadata.validation import read_guards
from gatekeeper.crm.salesforce.reading import tasks
from gatekeeper.crm.salesforce.reading.deals import deal_url
from gatekeeper.crm.salesforce.reading.pull import Pull, in_scope
from gatekeeper.crm.salesforce.reading.shape import PullShape, Shaper
from gatekeeper.crm.salesforce.wire.bulk import Bulk
from gatekeeper.crm.salesforce.wire.client import Client
from gatekeeper.crm.salesforce.wire.paging import by_lists
from gatekeeper.crm.salesforce.wire.soql import Select
from gatekeeper.crm.salesforce.writing import setup
from gatekeeper.crm.salesforce.writing.records import Forms
from gatekeeper.crm.salesforce.writing.write import MOST_RECORDS, Writer
from gatekeeper.errors import CrmAuthError, CrmRejectedError, SetupError
from gatekeeper.ports import NO_IDS, PullTotals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from decimal import Decimal

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, Guard
    from gatekeeper.core.model import Person
    from gatekeeper.crm.salesforce.reading.past import PastShape
    from gatekeeper.crm.salesforce.wire.connection import Access
    from gatekeeper.ports import ApiUse, Checkup, PlannedField, Progress, PullRequest
    from gatekeeper.ports.crm import MayLeave


@dataclass(slots=True)
class SalesforceCrm:
    """One Salesforce org; build it with `connect`."""

    client: Client
    facts: Org
    _org: str = ""
    _forms: Forms | None = None

    @property
    def name(self) -> str:
        """`salesforce`."""
        return names.CRM

    @property
    def batch_size(self) -> int:
        """What one Collections request takes."""
        return MOST_RECORDS

    def org(self) -> str:
        """Return `sf:<18-character organization id>`."""
        if not self._org:
            self._org = self.facts.id()
        return self._org

    def server_time(self) -> datetime:
        """Return the org's own clock."""
        return self.facts.now()

    def clock_ahead(self) -> timedelta:
        """Return how far the org's clock was ahead of this machine's."""
        return self.client.meter.ahead

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        """Describe what the catalogue names."""
        return self.facts.schema(catalogue)

    def people(self) -> Mapping[str, Person]:
        """Return all users by id, read anew: a run begins with them."""
        return self.facts.people(anew=True)

    def rates(self) -> Mapping[str, Decimal]:
        """Return what one unit of each currency is worth in the corporate one."""
        return self.facts.rates(anew=True)

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        """Stream our open tasks; none where the key field is not there yet."""
        return (
            tasks.open_tasks(self.client, self.org()) if self._has_key() else iter(())
        )

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        """Read our tasks by key, closed, archived and deleted ones too."""
        if not keys or not self._has_key():
            return {}
        try:
            return tasks.tasks_by_key(self.client, self.org(), keys)
        except CrmRejectedError as error:
            raise CrmAuthError(f"Salesforce refuses {error}") from error

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        """Stream the deals in scope with their rows."""
        shape = self._shape(request)
        bulk = Bulk(self.client, self.facts.described, self.client.access.bulk_from)
        pull = Pull(self.client, shape, totals, self.server_time(), bulk)
        types = self._record_types(request.pipelines)
        if types is None:
            totals.expected = 0
            return iter(())
        return pull.stream(in_scope(request.closed_since, types))

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        """Read named deals; tell the deleted from those we may not read."""
        totals = PullTotals()
        wanted = list(dict.fromkeys(ids))
        pull = Pull(self.client, self._shape(request), totals, self.server_time())
        try:
            deals = pull.by_id(wanted) if wanted else ()
            return DealBatch(deals, self._gone(wanted, {deal.id for deal in deals}))
        except CrmRejectedError as error:
            raise CrmAuthError(f"Salesforce refuses {error}") from error

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        """Write changes; one receipt each, in order.

        Raises:
            SetupError: Our fields are not there yet.
        """
        if not self._has_key():
            msg = (
                "The task fields Gatekeeper_Key__c and Gatekeeper_Ref__c are absent or "
                "hidden from the integration user. Run gatekeeper setup-crm."
            )
            raise SetupError(msg)
        if self._forms is None or self._forms.run_number != run_number:
            self._forms = Forms(
                run_number, self.facts.closed_status(), self.facts.lengths()
            )
        writer = Writer(self.client, self._forms, self.tasks_by_key)
        with self.client.permission.asking(may_leave):
            return writer.write(changes)

    def usage(self) -> ApiUse:
        """Return the calls so far."""
        return self.client.meter.use()

    def deal_url(self, deal_id: str) -> str:
        """Return the link a person opens."""
        return deal_url(self.client.access.url, deal_id)

    def native_fields(self) -> Sequence[CrmField]:
        """Return every field of the deal object the user may see."""
        return tuple(native_fields(self.facts.deal_object()).values())

    def guards(self, schema: CrmSchema) -> tuple[Guard, ...] | None:
        """Return what the org's validation rules keep from being saved."""
        return read_guards(self.client, schema)

    def examine(self, request: PullRequest) -> Sequence[Checkup]:
        """Look at login, rights, fields, uniqueness, limits and clock."""
        return examine(self.client, self.facts, request)

    def planned_setup(self) -> Sequence[PlannedField]:
        """Return what `setup-crm` would do."""
        return setup.planned(self.client, self.facts)

    def set_up(self, progress: Progress) -> Sequence[PlannedField]:
        """Create our fields and grant access to them."""
        done = setup.set_up(self.client, self.facts, progress)
        self.facts.forget()
        return done

    def _shape(self, request: PullRequest) -> PullShape:
        self.facts.deal_object()
        labels = stage_labels(self.facts.stages())
        shaper = Shaper(
            request.catalogue,
            self.facts.described,
            self.facts.tongue(),
            self.server_time(),
        )
        url = self.client.access.url
        shape = shaper.shape(request.needs, self.org(), url, labels)
        if shape.past is not None:
            shape.past.since.update(self._tracked_since(shape.past))
        return shape

    def _tracked_since(self, past: PastShape) -> dict[str, datetime]:
        """Return since when changes of fields are proved to be tracked."""
        return {
            each.name: since
            for each in past.tracked
            if (since := self.facts.tracking().since(each.path)) is not None
        }

    def _record_types(self, pipelines: tuple[str, ...]) -> list[str | None] | None:
        """Return record types in scope, [] for all; None where nothing is in scope."""
        known = self.facts.deal_object().record_types
        wanted = {name.casefold() for name in pipelines}
        is_default = names.DEFAULT_PIPELINE.casefold() in wanted
        if not wanted or (is_default and not known):
            return []
        types: list[str | None] = [
            id_ for id_, label in known.items() if label.casefold() in wanted
        ]
        if is_default:
            types.append(None)
        return types or None

    def _gone(self, wanted: list[str], found: set[str]) -> dict[str, GoneReason]:
        missing = [id_ for id_ in wanted if id_ not in found]
        select = Select(("Id", "IsDeleted"), names.DEAL_OBJECT, None, ("Id",))
        rows = by_lists(self.client, select, "Id", missing, include_deleted=True)
        deleted = {str(row["Id"]) for row in rows if row["IsDeleted"] is True}
        return {
            id_: GoneReason.DELETED if id_ in deleted else GoneReason.UNREADABLE
            for id_ in missing
        }

    def _has_key(self) -> bool:
        task = self.facts.described("Task")
        return task is not None and task.has(names.KEY_FIELD, names.REF_FIELD)


def connect(
    access: Access,
    *,
    now: Callable[[], datetime],
    currency: str = "USD",
    sleep: Callable[[float], None] = time.sleep,
) -> SalesforceCrm:
    """Return the CRM behind an address; nothing is asked before it is used.

    Args:
        access: Address, credentials, timeouts.
        now: The wall clock.
        currency: The project's; that of amounts in an org with one currency.
        sleep: Waits between repeats.
    """
    client = Client(access, now, sleep)
    return SalesforceCrm(client, Org(client, currency))
