"""What the flow needs from the outside, as protocols with their contracts.

Implemented in `crm/*/adapter.py` and `store/sql_store.py`; strict fakes live with
the tests and pass the same contract suites.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime
    from decimal import Decimal

    from gatekeeper.core.catalogue import Catalogue, CrmSchema
    from gatekeeper.core.model import (
        Change,
        Deal,
        DealBatch,
        Obligation,
        ObligationId,
        OwnTask,
        Person,
        Receipt,
        Violation,
    )
    from gatekeeper.core.pack import RulePack


# ---- the CRM ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PullRequest:
    """What one pull is asked for.

    Attributes:
        closed_since: Closed deals with a close date on or after this day are pulled
            beside all open ones.
        also: Deals to read by id when the stream did not bring them: those with a
            live violation or an own task. Called once, after the stream ended, with
            the ids seen.
        collections_by_id: For tests and repairs: read only these deals.
    """

    pack: RulePack
    closed_since: date
    only: tuple[str, ...] = ()


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
    """One field `setup-crm` would create, or an access it would grant."""

    name: str
    action: str
    detail: str


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

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        """Describe everything the catalogue names; remembered for later pulls."""

    def people(self) -> Mapping[str, Person]:
        """Return all users by id, inactive ones included."""

    def rates(self) -> Mapping[str, Decimal]:
        """Return per ISO code what one unit is worth in the corporate currency."""

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        """Stream every open task that carries our key, in pages."""

    def tasks_by_key(self, keys: Sequence[str]) -> Mapping[str, OwnTask]:
        """Read tasks by key directly, closed, archived and deleted ones included."""

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        """Stream deals with their related rows, our flags on them and our tasks.

        A batch is complete in itself. A page that cannot be read ends the stream
        with a problem in `totals`, not with an exception, unless nothing could be
        read at all.
        """

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        """Read named deals completely; what is not found is in `gone`."""

    def write(self, changes: Sequence[Change], run_number: int) -> Sequence[Receipt]:
        """Write up to `batch_size` changes in one request per kind.

        Returns one receipt per change, in order. Never raises for a single record,
        and never for an unknown outcome: that is a receipt too. Creating inserts
        by unique key, never upserts; a key that exists is adopted.
        """

    @property
    def batch_size(self) -> int:
        """Most changes one call of `write` takes."""

    def usage(self) -> ApiUse:
        """Return the calls of this adapter so far."""

    def deal_url(self, deal_id: str) -> str:
        """Return the link a person opens."""


# ---- the store ------------------------------------------------------------------


class RunStatus(StrEnum):
    """How a run stands or ended."""

    RUNNING = "running"
    DONE = "done"
    PLANNED = "planned"
    HELD = "held"
    PARTIAL = "partial"
    DEFERRED = "deferred"
    STOPPED = "stopped"
    FAILED = "failed"
    REPLAY = "replay"


class RunKind(StrEnum):
    """What a run is for."""

    RUN = "run"
    PLAN = "plan"
    REPLAY = "replay"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class RunRow:
    """One stored run.

    Attributes:
        report: The JSON object `run --json` prints (product section 6).
        logics: Rule id to logic fingerprint as it was evaluated in this run.
    """

    id: str
    number: int
    kind: RunKind
    status: RunStatus
    as_of: datetime
    started_at: datetime
    finished_at: datetime | None
    deals: int
    pack: str
    report: Mapping[str, object] = field(default_factory=dict)
    logics: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DealHistory:
    """What the store knows of one deal before this run.

    Attributes:
        violations: Standing and recently resolved ones, by rule id.
        obligations: The latest episode per obligation.
        tasks_today: Not per deal; see `Run.tasks_opened_on`.
    """

    violations: Mapping[str, Violation] = field(default_factory=dict)
    obligations: Mapping[ObligationId, Obligation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagedDeal:
    """Everything one deal adds to a run, ready to be staged.

    Attributes:
        violations: The new state of each violation that is live or changed.
        changes: Proposed writes, before limits.
        undecided: Keys of own tasks that stay as they are because something could
            not be told.
        outcomes: Rule id to outcome, for the counts.
        obligations: Obligations whose stored state changes without a write (adopted,
            closed by a person, orphaned).
    """

    deal_id: str
    stage: str
    owner_id: str | None
    outcomes: Mapping[str, str]
    violations: Sequence[Violation] = ()
    changes: Sequence[Change] = ()
    undecided: Sequence[str] = ()
    obligations: Sequence[Obligation] = ()


@dataclass(frozen=True, slots=True)
class StagedChange:
    """One proposed write of a run, with its place in the plan.

    Attributes:
        withheld: Why it is not written in this run; "" where it may be.
        status: `planned`, `intent`, or a `WriteStatus` once there is a receipt.
    """

    seq: int
    change: Change
    withheld: str = ""
    status: str = "planned"
    message: str = ""


@dataclass(frozen=True, slots=True)
class RunTotals:
    """Counts over the staged rows of a run, computed by the database.

    Attributes:
        outcomes: Outcome to number of (deal, rule) pairs.
        states: State to number of violations as staged.
        actions: Action to number of proposed changes.
        first_fills: Of the flag changes, those that only fill empty fields.
        per_person: Person id to number of tasks to create.
        new_by_rule: Rule id to number of violations that became open in this run.
        applies_by_rule: Rule id to number of deals with pass or fail.
        resolved: Violations that resolve in this run.
    """

    deals: int
    outcomes: Mapping[str, int]
    states: Mapping[str, int]
    actions: Mapping[str, int]
    first_fills: int
    per_person: Mapping[str, int]
    new_by_rule: Mapping[str, int]
    applies_by_rule: Mapping[str, int]
    resolved: int
    undecided: int


class Run(Protocol):
    """One run under its lease: staging, commit, intents, receipts.

    Every commit checks the lease's fence; a run that lost its lease raises
    `StoppedError` and commits nothing.
    """

    @property
    def row(self) -> RunRow:
        """The run as it was opened."""

    def adopt(self, tasks: Sequence[OwnTask], violations: Sequence[Violation]) -> int:
        """Take over own tasks the store does not know; return how many were new.

        `violations` are open ones proved by the tasks' rule lines; those the store
        already has live are left.
        """

    def unknown_tasks(self, tasks: Sequence[OwnTask]) -> Sequence[OwnTask]:
        """Return those of `tasks` whose key no obligation of the store has."""

    def live_deals(self) -> set[str]:
        """Return ids of deals with a live violation or an unfinished obligation."""

    def history(self, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        """Return what is known of these deals; absent ids have no history."""

    def stage(self, deals: Iterable[StagedDeal]) -> None:
        """Keep one batch's facts and proposed changes as rows of this run."""

    def totals(self) -> RunTotals:
        """Count what is staged."""

    def withhold(self, rule_ids: Iterable[str], reason: str) -> int:
        """Take these rules' new lines out of the writes; return how many changes.

        A change whose every new line is of these rules is withheld whole.
        """

    def commit(self, *, is_partial: bool, with_tracking: bool) -> None:
        """Fold staged states into standing ones in one transaction.

        Without resolutions when partial; `with_tracking=False` (plan, replay) keeps
        the rows of the run and touches nothing that stands.
        """

    def planned(self) -> Iterator[StagedChange]:
        """Iterate the changes that may be written, in writing order.

        Tasks before flags, worst severity first; intents left by earlier runs that
        are still open come first.
        """

    def intend(self, changes: Sequence[StagedChange]) -> None:
        """Commit the intent of one chunk; only then may its request leave."""

    def record(
        self, changes: Sequence[StagedChange], receipts: Sequence[Receipt]
    ) -> None:
        """Commit the receipts of one chunk."""

    def pending_intents(self) -> Sequence[StagedChange]:
        """Return intents of earlier runs whose outcome is unknown."""

    def tasks_opened_on(self, day: date) -> Mapping[str, int]:
        """Return person id to tasks created for them on that local day."""

    def keep_lease(self) -> None:
        """Renew the lease; raises `StoppedError` when it was lost."""

    def is_stopped(self) -> bool:
        """Whether a person set the stop row (`gatekeeper stop`)."""

    def finish(self, status: RunStatus, report: Mapping[str, object]) -> RunRow:
        """Store the report, append the audit row, release the lease."""


class Store(Protocol):
    """History: runs, violations, obligations, plans; the org is pinned on first use."""

    def open_run(
        self, org: str, kind: RunKind, as_of: datetime, pack: RulePack
    ) -> AbstractContextManager[Run]:
        """Take the lease and open a run; an exception inside marks it failed.

        Raises:
            LeaseHeldError: Another run of the org is under way.
            SetupError: The database is pinned to another org.
        """

    def runs(self, org: str | None = None, limit: int = 20) -> Sequence[RunRow]:
        """Return the latest runs, newest first."""

    def run(self, run_id: str) -> RunRow | None:
        """Return one run by id or number."""

    def changes(self, run_id: str) -> Iterator[StagedChange]:
        """Iterate the changes of a stored run or plan, in writing order."""

    def violations(
        self, org: str, states: Sequence[str] = (), run_id: str | None = None
    ) -> Iterator[Violation]:
        """Iterate standing violations, or those of a stored replay."""

    def seen_logics(self, org: str) -> set[tuple[str, str]]:
        """Return (rule id, logic) pairs some stored plan or run has evaluated."""

    def save_schema(self, org: str, schema: CrmSchema) -> None:
        """Keep the CRM's description for offline checks."""

    def saved_schema(self, org: str | None) -> CrmSchema | None:
        """Return the last description kept."""

    def set_stop(self, org: str, *, stopped: bool) -> None:
        """Set or clear the stop row."""

    def close(self) -> None:
        """Give back connections."""


class Clock(Protocol):
    """The wall clock, so that only bootstrap names it."""

    def now(self) -> datetime:
        """Return the aware present."""


Progress = "Callable[[str, int, int | None], None]"
"""Told of long work: what, how many so far, of how many (None where unknown)."""


def no_progress(what: str, done: int, total: int | None) -> None:
    """Ignore progress."""


def url_of(deal: Deal) -> str:
    """Return the link to a deal."""
    return deal.url
