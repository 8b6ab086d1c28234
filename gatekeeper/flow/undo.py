"""Take back what one run wrote: compare, then restore, under all that holds for a run.

The way back is planned as changes of a run of its own, so lease, limits, kill switch,
intent before write and audit are those of any other. What it touches is left alone
afterwards (`flow.aside`), so that the next run does not write it again; what it did not
come to goes back when the same undo is started again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from gatekeeper.core.limits import PlanCounts, first_fills_allowed, holds
from gatekeeper.core.model import Action, Change, Mode, WriteStatus
from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.core.pack import Needs
from gatekeeper.core.undo import Earlier, LeftAlone, UndoneRun, undo_flags, undo_task
from gatekeeper.errors import SetupError
from gatekeeper.flow.allowance import begin
from gatekeeper.flow.aside import Aside
from gatekeeper.flow.notices import told_of_writing
from gatekeeper.flow.opening import opened_run
from gatekeeper.flow.report import RunReport, applied_counts
from gatekeeper.flow.services import UNDO_AGAIN
from gatekeeper.flow.survey import CHUNK_BY_ID
from gatekeeper.flow.writing import Applied, write_plan
from gatekeeper.ports import (
    MAY_STAND,
    UNANSWERED,
    PullRequest,
    RunKind,
    RunStatus,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.undo import Step
    from gatekeeper.flow.services import Services
    from gatekeeper.ports import Run, RunRow, StagedChange

_WROTE = (RunKind.RUN, RunKind.APPLY)
_MORE = "writes_per_run: the rest goes back when the undo is started again"
RUNS_TO_SIZE_BY = 5


@dataclass(slots=True)
class _Undoing:
    """One undo under way.

    Attributes:
        found: The run whose writes go back.
        left: What stays as it is; at most as many as one run may write.
    """

    services: Services
    pack: RulePack
    run: Run
    found: RunRow
    left: list[LeftAlone] = field(default_factory=list)
    held: list[str] = field(default_factory=list)

    def plan(self) -> None:
        """Stage the way back."""
        wrote = _written(self.services, self.found)
        while chunk := list(islice(wrote, CHUNK_BY_ID)):
            changes: list[Change] = []
            for step in self._steps(chunk):
                if isinstance(step, LeftAlone):
                    self.left.append(step)
                elif step is not None:
                    changes.append(step)
            self.run.propose(changes, ())
            self.run.keep_lease()

    def _steps(self, chunk: Sequence[StagedChange]) -> Iterator[Step]:
        tasks = [each for each in chunk if each.change.action is not Action.FLAG]
        yield from self._tasks(tasks)
        flags = [each.change for each in chunk if each.change.action is Action.FLAG]
        if flags:
            unanswered = [
                each.change.key for each in chunk if each.status in UNANSWERED
            ]
            yield from self._flags(flags, self._anothers(unanswered))

    def _tasks(self, tasks: Sequence[StagedChange]) -> Iterator[Step]:
        undone = UndoneRun(self.found.id, self.found.number)
        keys = sorted({each.change.key for each in tasks})
        store, crm = self.services.store, self.services.crm
        standing = crm.tasks_by_key(keys)
        earlier = store.written_before(crm.org(), keys, self.found.number)
        for each in tasks:
            key = each.change.key
            before = [
                Earlier(wrote.change, is_sure=wrote.status == WriteStatus.DONE)
                for wrote in earlier.get(key, ())
            ]
            is_sure = each.status not in UNANSWERED
            task = standing.get(key)
            yield undo_task(each.change, undone, task, before, is_sure=is_sure)

    def _flags(self, flags: Sequence[Change], anothers: set[str]) -> Iterator[Step]:
        undone = UndoneRun(self.found.id, self.found.number)
        deals = sorted({each.deal_id for each in flags})
        batch = self.services.crm.deals_by_id(deals, self._request())
        present = {deal.id: deal.flags for deal in batch.deals}
        for each in flags:
            yield from undo_flags(
                each,
                undone,
                present.get(each.deal_id),
                is_anothers=each.key in anothers,
            )

    def _anothers(self, keys: Sequence[str]) -> set[str]:
        """Return those of these keys into which a later run wrote, or may have."""
        store, org = self.services.store, self.services.crm.org()
        return store.written_since(org, keys, self.found.number)

    def _request(self) -> PullRequest:
        """Ask for nothing of the deals but our own flags."""
        today = self.found.as_of.astimezone(self.pack.project.zone).date()
        return PullRequest(Needs(frozenset()), self.pack.catalogue, (), today)

    def limit(self, *, approved: bool) -> None:
        """Hold an undo that is larger than a run may be, unless a person says so."""
        totals, limits = self.run.totals(), self.pack.project.limits
        counts = PlanCounts(
            deals=self._deals(),
            creates=0,
            updates=totals.actions.get(Action.UPDATE, 0),
            closes=totals.actions.get(Action.CLOSE, 0),
            flags=totals.actions.get(Action.FLAG, 0),
            first_fills=totals.first_fills,
            resolved=0,
            tasks_by_person={},
            opened_today={},
        )
        self.run.withhold(Action.FLAG, _MORE, keep=first_fills_allowed(counts, limits))
        if not approved:
            self.held = [
                f"{hold.limit}: the undo has {hold.value}, allowed are {hold.allowed}."
                f" Nothing was written; look at it: gatekeeper runs show"
                f" {self.run.row.id} --changes; then: gatekeeper undo {self.found.id}"
                " --approve"
                for hold in holds(counts, limits)
            ]

    def _deals(self) -> int:
        """Return how large the org is, as runs saw it."""
        org = self.services.crm.org()
        seen = self.services.store.runs(org, RUNS_TO_SIZE_BY)
        return max(each.deals for each in (*seen, self.found))


def undo_run(
    services: Services, pack: RulePack, found: RunRow, *, approved: bool = False
) -> RunReport:
    """Take back what a run wrote, as far as it still stands.

    Args:
        services: The CRM, the store and the clock.
        pack: Names the limits, and the rules by whose logic things are left alone.
        found: A run, or an applied plan.
        approved: A person lets it past the limits.

    Raises:
        SetupError: The run wrote nothing, or nothing may be written at all.
        LeaseHeldError: Another run is under way.
    """
    _check(services, pack, found)
    began = services.clock.now()
    as_of = services.crm.server_time()
    share = pack.project.limits.api_share_percent
    allowance = begin(services.crm, share, UNDO_AGAIN)
    with opened_run(services, RunKind.UNDO, as_of, pack) as run:
        undoing = _Undoing(services, pack, run, found)
        undoing.plan()
        undoing.limit(approved=approved)
        applied = Applied()
        run.commit(is_partial=False, with_tracking=False)
        if not undoing.held:
            aside = Aside(run, pack, found.id)
            applied = write_plan(services, run, allowance, aside=aside.left_alone)
        report = _report(undoing, applied)
        seconds = (services.clock.now() - began).total_seconds()
        body = {**report.body, "duration_s": round(seconds, 3)}
        run.finish(report.status, body)
    return RunReport(report.run_id, report.status, body, report.notices)


def _written(services: Services, found: RunRow) -> Iterator[StagedChange]:
    """Iterate what a run wrote, or may have written."""
    staged = services.store.changes(found.id)
    return (each for each in staged if each.status in MAY_STAND)


def _check(services: Services, pack: RulePack, found: RunRow) -> None:
    if found.kind not in _WROTE:
        message = (
            f"{found.id} is a {found.kind.value}: it wrote nothing that could go back."
            " See: gatekeeper runs"
        )
        raise SetupError(message)
    if next(_written(services, found), None) is None:
        message = (
            f"{found.id} wrote nothing that could go back. See: gatekeeper runs show"
            f" {found.id} --changes"
        )
        raise SetupError(message)
    if pack.project.mode_ceiling is not Mode.ENFORCE:
        message = (
            f"mode_ceiling is {pack.project.mode_ceiling.value}: nothing may be"
            " written, an undo neither. Set mode_ceiling: enforce in project.yaml for"
            " it; what it takes back is left alone by later runs."
        )
        raise SetupError(message)


def _report(undoing: _Undoing, applied: Applied) -> RunReport:
    run, left = undoing.run, undoing.left
    totals, usage = run.totals(), undoing.services.crm.usage()
    notices = (
        *(Notice(NoticeKind.HELD, "", each) for each in undoing.held),
        *([Notice(NoticeKind.NOTE, "", _MORE)] if totals.withheld else []),
        *told_of_writing(applied, is_undo=True),
    )
    status = _status(undoing, applied)
    body: dict[str, object] = {
        "run_id": run.row.id,
        "status": status.value,
        "undone": undoing.found.id,
        "as_of": run.row.as_of.isoformat(),
        "org": undoing.services.crm.org(),
        "crm": undoing.services.crm.name,
        "plan": {
            **{each.value: totals.actions.get(each, 0) for each in Action},
            "withheld": totals.withheld,
        },
        "applied": applied_counts(applied),
        "left_alone": [
            {
                "deal_id": each.deal_id,
                "deal_name": each.deal_name,
                "what": each.what,
                "reason": each.reason,
            }
            for each in left
        ],
        "api": {"reads": usage.reads, "writes": usage.writes},
        "held": undoing.held,
        **written(notices),
    }
    return RunReport(run.row.id, status, body, notices)


def _status(undoing: _Undoing, applied: Applied) -> RunStatus:
    if undoing.held:
        return RunStatus.HELD
    if applied.stopped:
        return RunStatus.DEFERRED if applied.is_deferred else RunStatus.STOPPED
    is_whole = not (applied.unknown or applied.put_off or applied.rejected)
    return RunStatus.DONE if is_whole else RunStatus.PARTIAL
