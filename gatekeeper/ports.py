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

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema
    from gatekeeper.core.model import (
        Action,
        Change,
        DealBatch,
        Dossier,
        Obligation,
        ObligationId,
        Outcome,
        OwnTask,
        Person,
        Receipt,
        Violation,
    )
    from gatekeeper.core.pack import Needs, RulePack


# ---- the CRM ------------------------------------------------------------------


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

    def native_fields(self) -> Sequence[CrmField]:
        """Return every field of the deal object the user may see (`fields pull`)."""

    def examine(self, request: PullRequest) -> Sequence[Checkup]:
        """Look at login, rights, fields, uniqueness, limits and clock (`doctor`)."""

    def planned_setup(self) -> Sequence[PlannedField]:
        """Return what `setup-crm` would do; all `exists` when it is done."""

    def set_up(self, progress: Progress) -> Sequence[PlannedField]:
        """Create our fields and grant access to them; safe to repeat."""


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
        violations: The last known state of each, resolved ones included, by rule id
            (of the pipeline the deal was in when it was seen last).
        obligations: The latest episode per obligation.
    """

    violations: Mapping[str, Violation] = field(default_factory=dict)
    obligations: Mapping[ObligationId, Obligation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagedDeal:
    """What one deal adds to a run, before any write is planned.

    Attributes:
        outcomes: Rule id to outcome, for the counts.
        violations: The new state of each violation that is live or changed.
        dossier: Kept where a write may follow: it has a live violation, one of our
            tasks, or flags that differ from what they should be.
        obligations: Those whose stored state changes without a write (closed by a
            person, orphaned).
    """

    deal_id: str
    stage: str
    owner_id: str | None
    outcomes: Mapping[str, Outcome]
    violations: Sequence[Violation] = ()
    dossier: Dossier | None = None
    obligations: Sequence[Obligation] = ()


@dataclass(frozen=True, slots=True)
class NewLine:
    """An open violation in force whose line has not been allowed into a task yet."""

    deal_id: str
    rule_id: str
    person_id: str | None


@dataclass(frozen=True, slots=True)
class DealFile:
    """One deal's dossier with its staged violations and known obligations."""

    dossier: Dossier
    violations: Sequence[Violation]
    obligations: Mapping[ObligationId, Obligation]


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
        actions: Action to number of proposed changes that are not withheld.
        first_fills: Of the flag changes, those that only fill empty fields.
        per_person: Person id to number of tasks to create.
        new_by_rule: Rule id to number of new lines (see `NewLine`).
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
    withheld: int


class Run(Protocol):
    """One run under its lease: staging, commit, intents, receipts.

    Order of use: adopt, history/stage per batch, new_lines/release/hold_back,
    files/propose, totals, commit, then planned/intend/record per chunk, finish.
    Every commit checks the lease's fence; a run that lost its lease raises
    `StoppedError` and commits nothing.
    """

    @property
    def row(self) -> RunRow:
        """The run as it was opened."""

    def open_obligations(self) -> Iterator[Obligation]:
        """Iterate the episodes in state intent, open or resolving."""

    def known_keys(self, keys: Sequence[str]) -> Mapping[str, Obligation]:
        """Return the obligations with these task keys, in any state."""

    def adopt(
        self, obligations: Sequence[Obligation], violations: Sequence[Violation]
    ) -> None:
        """Take over tasks the store did not know, with the lines they prove.

        A violation the store already has live is left as it is.
        """

    def live_deals(self) -> set[str]:
        """Return ids of deals with a live violation or an unfinished obligation."""

    def history(self, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        """Return what is known of these deals; absent ids have no history."""

    def stage(self, deals: Sequence[StagedDeal]) -> None:
        """Keep one batch's facts as rows of this run.

        A deal staged again replaces its first facts.
        """

    def new_lines(self) -> Iterator[NewLine]:
        """Iterate the staged new lines, worst severity first, then oldest first."""

    def released_on(self, day: date) -> int:
        """Return how many standing violations were released on that day."""

    def release(self, lines: Iterable[NewLine], day: date) -> None:
        """Let these lines into their tasks: sets `released_on`, clears `waiting`."""

    def hold_back(self, lines: Iterable[NewLine], reason: str) -> None:
        """Keep these lines out of their tasks: sets `waiting`."""

    def files(self) -> Iterator[DealFile]:
        """Iterate the staged dossiers in order of deal id."""

    def propose(self, changes: Sequence[Change], undecided: Sequence[str]) -> None:
        """Stage proposed writes, and keys of own tasks that stay as they are."""

    def withhold(self, action: Action, reason: str, *, keep: int) -> None:
        """Withhold the staged first-fill flag changes beyond the first `keep`."""

    def totals(self) -> RunTotals:
        """Count what is staged."""

    def commit(self, *, is_partial: bool, with_tracking: bool) -> None:
        """Fold staged states into standing ones in one transaction.

        Without resolutions when partial; `with_tracking=False` (plan, replay) keeps
        the rows of the run and touches nothing that stands.
        """

    def adopt_plan(self, plan: RunRow, without: set[str]) -> None:
        """Make a stored plan's staged rows this run's, but for some deals' rows."""

    def planned(self) -> Iterator[StagedChange]:
        """Iterate the changes that may be written: tasks before flags, worst first."""

    def intend(self, changes: Sequence[StagedChange]) -> None:
        """Commit the intent of one chunk; only then may its request leave.

        Creates an obligation in state intent, puts one to be closed into resolving,
        and appends the audit rows, all in one transaction.
        """

    def record(
        self, changes: Sequence[StagedChange], receipts: Sequence[Receipt]
    ) -> None:
        """Commit the receipts of one chunk, by compare-and-swap on row and fence."""

    def tasks_opened_on(self, day: date) -> Mapping[str, int]:
        """Return person id to tasks created for them on that local day."""

    def keep_lease(self) -> None:
        """Renew the lease where it is due; raises `StoppedError` when it was lost."""

    def is_stopped(self) -> bool:
        """Whether a person set the stop row (`gatekeeper stop`)."""

    def finish(self, status: RunStatus, report: Mapping[str, object]) -> RunRow:
        """Store the report and append the audit row; the lease goes with the run."""


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


class Progress(Protocol):
    """Told of long work."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Note that `done` of `total` (None where unknown) are through."""
