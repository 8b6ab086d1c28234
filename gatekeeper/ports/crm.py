"""What the flow needs of a CRM."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime, timedelta
    from decimal import Decimal

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, Guard
    from gatekeeper.core.model import (
        Change,
        DealBatch,
        OwnTask,
        Person,
        Receipt,
    )
    from gatekeeper.core.pack import Needs
    from gatekeeper.ports.clock import Progress

    MayLeave = Callable[[], None]
    """Raises a `StopError` where no further request may write."""


NO_IDS: Mapping[str, str] = MappingProxyType({})
"""Nobody said under which id the CRM has a task."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What one pull is asked for.

    Attributes:
        needs: Fields and collections to fetch, by canonical name.
        catalogue: What the names mean.
        pipelines: Names of the pipelines in scope; empty means all.
        closed_since: Closed deals with a close date on or after this day are pulled
            beside all open ones.
    """

    needs: Needs
    catalogue: Catalogue
    pipelines: tuple[str, ...]
    closed_since: date


@dataclass(slots=True)
class PullTotals:
    """How complete a pull was; filled while its stream is consumed.

    Attributes:
        expected: Rows the CRM itself counted for the same query, or None.
        read: Rows that came.
        problems: Sentences that say what is missing; empty means complete.
    """

    expected: int | None = None
    read: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether every row the CRM counted came and nothing failed."""
        return not self.problems and self.expected in (None, self.read)


@dataclass(frozen=True, slots=True)
class ApiUse:
    """Calls so far, and the organisation's allowance as the CRM reports it."""

    reads: int = 0
    writes: int = 0
    used: int | None = None
    allowed: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedField:
    """One thing `setup-crm` would create or grant.

    Attributes:
        name: Such as `Opportunity.Gate_Status__c`, or the permission set.
        action: `create`, `grant`, `assign` or `exists`.
        detail: Type and purpose, for the person who decides.
    """

    name: str
    action: str
    detail: str


class Health(StrEnum):
    """How one examined thing stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Checkup:
    """One line of `doctor`: what was looked at, how it stands, what to do."""

    name: str
    health: Health
    text: str
    remedy: str = ""


class Crm(Protocol):
    """A CRM, in our vocabulary. Every method may raise `StopError`s.

    Reads are repeated on `Transient` errors inside the adapter (through `retry.py`);
    writes never are: their receipts say what is known.
    """

    @property
    def name(self) -> str:
        """`salesforce` or `hubspot`."""

    def org(self) -> str:
        """Return `sf:<18-character organization id>`; one call, then remembered."""

    def server_time(self) -> datetime:
        """Return the CRM's own clock (HTTP `Date` of the last answer)."""

    def clock_ahead(self) -> timedelta:
        """Return how far that clock was ahead of this machine's when it was told."""

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        """Describe everything the catalogue names; remembered for later pulls."""

    def people(self) -> Mapping[str, Person]:
        """Return all users by id, inactive ones included."""

    def rates(self) -> Mapping[str, Decimal]:
        """Return per ISO code what one unit is worth in the corporate currency."""

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        """Stream the open tasks that carry our key, in pages, loose ones included.

        What was written a moment ago may not be listed yet.
        """

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        """Read tasks by key directly, closed, archived and deleted ones included.

        Args:
            keys: Of the tasks.
            ids: Key to the CRM's own id of the task, where somebody said so: for a
                CRM that finds no task by key. Only a task with the key counts.
        """

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        """Stream deals with their related rows, our flags and what they say of tasks.

        A batch is complete in itself. A page that cannot be read ends the stream
        with a problem in `totals`, not with an exception, unless nothing could be
        read at all.
        """

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        """Read named deals completely; what is not found is in `gone`."""

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        """Write up to `batch_size` changes in one request per kind.

        Returns one receipt per change, in order. Never raises for a single record,
        and never for an unknown outcome: that is a receipt too. Creating inserts
        by unique key, never upserts; a key that exists is adopted.

        Args:
            changes: What to write.
            run_number: Written into the marker of each task.
            may_leave: Asked right before each request that writes, repeats
                included; where it raises, that request does not leave.
        """

    @property
    def batch_size(self) -> int:
        """Most changes one call of `write` takes."""

    def usage(self) -> ApiUse:
        """Return the calls of this adapter so far."""

    def deal_url(self, deal_id: str) -> str:
        """Return the link a person opens."""

    def native_fields(self) -> Sequence[CrmField]:
        """Return every field of the deal object the user may see (`fields pull`)."""

    def guards(self, schema: CrmSchema) -> tuple[Guard, ...] | None:
        """Return what the CRM keeps from being saved (`fields pull`); None: not told.

        Args:
            schema: Names the fields as rules do.
        """

    def examine(self, request: PullRequest) -> Sequence[Checkup]:
        """Look at login, rights, fields, uniqueness, limits and clock (`doctor`)."""

    def planned_setup(self) -> Sequence[PlannedField]:
        """Return what `setup-crm` would do; all `exists` when it is done."""

    def set_up(self, progress: Progress) -> Sequence[PlannedField]:
        """Create our fields and grant access to them; safe to repeat."""
