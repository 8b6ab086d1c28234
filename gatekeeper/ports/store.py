"""What the flow needs of a store, and of one run in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import date, datetime

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.model import (
        Action,
        Change,
        Obligation,
        Receipt,
        Sighted,
        Violation,
    )
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.ports.rows import (
        DealFile,
        DealHistory,
        LookAlike,
        NewLine,
        RunKind,
        RunOutcomes,
        RunRow,
        RunStatus,
        RunTotals,
        StagedChange,
        StagedDeal,
    )


class Run(Protocol):
    """One run under its lease: staging, commit, intents, receipts.

    Order of use: adopt, history/stage per batch, new_lines/release/hold_back,
    files/propose, totals, commit, then planned/intend/record per chunk, finish.
    Every commit checks the lease's fence; a run that lost its lease raises
    `StoppedError` and commits nothing.
    """

    @property
    def row(self) -> RunRow:
        """The run: as it was opened, and once it is finished, how it ended."""

    def number_after(self, highest: int) -> None:
        """Go on under a number above `highest`, with all that is adopted and staged.

        Numbers on tasks never fall, also where an old database was restored. A run
        whose number is above it already keeps it. Nothing may be proposed yet.
        """

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
        """Keep these lines out of their tasks: sets `waiting`, takes back a release."""

    def files(self) -> Iterator[DealFile]:
        """Iterate the staged dossiers in order of deal id."""

    def propose(self, changes: Sequence[Change], undecided: Sequence[str]) -> None:
        """Stage proposed writes, and keys of own tasks that stay as they are."""

    def withhold(self, action: Action, reason: str, *, keep: int) -> None:
        """Withhold the staged first-fill flag changes beyond the first `keep`."""

    def quarantined(self) -> Sequence[Quarantine]:
        """Return what is left alone, but for what its rules' new logic has freed."""

    def withhold_keys(self, reasons: Mapping[str, str]) -> None:
        """Withhold the staged changes with these keys, each for its reason."""

    def totals(self) -> RunTotals:
        """Count what is staged."""

    def retired(self) -> Mapping[str, int]:
        """Count the staged resolutions per rule that is not in the pack any more."""

    def look_alikes(self) -> Sequence[LookAlike]:
        """Pair each rule that left with rules that begin to fail on the same deals."""

    def keep(self, rule_ids: Iterable[str]) -> None:
        """Let what stands of these rules stand at the commit: resolve none of it."""

    def commit(self, *, is_partial: bool, with_tracking: bool) -> None:
        """Fold staged states into standing ones in one transaction.

        Without resolutions when partial; `with_tracking=False` (plan, replay) keeps
        the rows of the run and touches nothing that stands.
        """

    def adopt_plan(self, plan: RunRow, without: set[str]) -> None:
        """Make a stored plan's staged rows this run's, but for some deals' rows."""

    def planned(self) -> Iterator[StagedChange]:
        """Iterate the changes that may be written: tasks before flags, worst first."""

    def intend(
        self, changes: Sequence[StagedChange], aside: Sequence[Quarantine] = ()
    ) -> None:
        """Commit the intent of one chunk; only then may its request leave.

        Creates an obligation in state intent, puts one to be closed into resolving,
        leaves subjects alone from now on, and appends the audit rows, all in one
        transaction.

        Args:
            changes: The chunk.
            aside: What no later run writes. Where a receipt of this run then says that
                nothing was written, the subject is free again.
        """

    def record(
        self, changes: Sequence[StagedChange], receipts: Sequence[Receipt]
    ) -> None:
        """Commit the receipts of one chunk, by compare-and-swap on row and fence.

        Counts refusals and edits of our flags (`core.quarantine`) with them.
        """

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
        """Take the lease and open a run.

        An exception inside ends it: as deferred or stopped where it says so, else as
        failed.

        Raises:
            LeaseHeldError: Another run of the org is under way.
            SetupError: The database is pinned to another org.
        """

    def runs(self, org: str | None = None, limit: int = 20) -> Sequence[RunRow]:
        """Return the latest runs, newest first."""

    def ended_runs(self, org: str, limit: int) -> Sequence[RunRow]:
        """Return the latest runs that ended with what they read, newest first.

        Of kind run, and done, held or partial, however many others lie between them.
        """

    def run(self, run_id: str) -> RunRow | None:
        """Return one run by id or number."""

    def changes(self, run_id: str) -> Iterator[StagedChange]:
        """Iterate the changes of a stored run or plan, in writing order."""

    def written_before(
        self, org: str, keys: Sequence[str], number: int
    ) -> Mapping[str, Sequence[StagedChange]]:
        """Return what runs before a number wrote, or may have: by key, latest first."""

    def written_since(self, org: str, keys: Sequence[str], number: int) -> set[str]:
        """Return the keys into which runs after a number wrote, or may have."""

    def moved_since(self, org: str, plan: int) -> set[str]:
        """Return the deals of which a line stands otherwise than the plan left it.

        What runs after the plan committed; not what stands as the plan has it, so that
        a plan of which the writing was stopped can be applied again.
        """

    def violations(
        self, org: str, states: Sequence[str] = (), run_id: str | None = None
    ) -> Iterator[Violation]:
        """Iterate standing violations, or those of a stored replay."""

    def history(self, org: str, deal_ids: Sequence[str]) -> Mapping[str, DealHistory]:
        """Return what stands and stood on these deals; absent ids have no history."""

    def seen_logics(self, org: str) -> set[tuple[str, str]]:
        """Return (rule id, logic) pairs some stored plan or run has evaluated."""

    def looked_at(self, org: str) -> datetime | None:
        """Return when a run last looked at every deal; None before the first run."""

    def judged_since(self, org: str) -> datetime | None:
        """Return as of when the first kept run judged; None before there is one."""

    def sightings(
        self, org: str, deal_ids: Sequence[str]
    ) -> Mapping[str, Mapping[str, Sighted]]:
        """Return per deal and field what runs saw; deals never seen are absent.

        Only a run that kept track saw something: no plan, no replay, no applied plan.
        """

    def outcomes(self, org: str, since: datetime) -> Sequence[RunOutcomes]:
        """Return how the rules went in each run and plan as of then or later.

        Oldest first; replays, and runs that failed, judged nothing or are under way,
        are left out.
        """

    def save_schema(self, org: str, schema: CrmSchema) -> CrmSchema:
        """Keep the CRM's description for offline checks.

        Returns:
            The description, its stages with the labels they had in those kept before.

        Raises:
            SetupError: The database is pinned to another org; nothing was kept.
        """

    def saved_schema(self, org: str | None) -> CrmSchema | None:
        """Return the last description kept."""

    def set_stop(self, org: str, *, stopped: bool) -> None:
        """Set or clear the stop row."""

    def close(self) -> None:
        """Give back connections."""
