"""First pass of a run: read every deal, judge it, stage what was found.

Memory is bounded by one batch; what planning needs later lies staged in the store.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.desire import desire
from gatekeeper.core.digest.moving import moving_of
from gatekeeper.core.dossier import inputs_of, open_dossier
from gatekeeper.core.episodes import each_episode, laid_to_rest, latest_episodes
from gatekeeper.core.model import (
    Dossier,
    GoneReason,
    Mode,
    ObligationState,
)
from gatekeeper.core.people import Directory
from gatekeeper.core.reconcile import reconcile
from gatekeeper.core.track import Memory, gone, track, unreadable
from gatekeeper.flow.adopted import passed, proofs, unproved, with_adopted
from gatekeeper.flow.allowance import Allowance, begin
from gatekeeper.flow.coverage import Coverage
from gatekeeper.flow.ledger import Ledger, adopt_hinted, read_ledger
from gatekeeper.flow.standpoints import Standpoints
from gatekeeper.flow.watch import Watch
from gatekeeper.ports import (
    DealHistory,
    PullRequest,
    PullTotals,
    RunKind,
    StagedDeal,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.context import Context
    from gatekeeper.core.model import (
        Deal,
        DealBatch,
        DealVerdicts,
        Obligation,
        ObligationId,
        TaskHint,
        Violation,
    )
    from gatekeeper.core.pack import RulePack
    from gatekeeper.flow.services import Services
    from gatekeeper.flow.standpoints import Standpoint
    from gatekeeper.flow.watch import Look
    from gatekeeper.ports import Run

CHUNK_BY_ID = 300
PAGE = 100
"""Deals judged side by side: so many stay in the processor's cache."""
_NEVER_SEEN = DealHistory()


@dataclass(slots=True)
class Survey:
    """Reads and judges every deal of one run.

    A replay judges as if nothing were known: it neither reads nor touches what stands,
    nor what earlier runs saw.

    Attributes:
        seen_logics: (rule id, logic) pairs evaluated before this run.
        totals: How complete the pull was, once `all_deals` is through.
    """

    services: Services
    pack: RulePack
    as_of: datetime
    seen_logics: set[tuple[str, str]]
    kind: RunKind
    totals: PullTotals = field(default_factory=PullTotals)
    ledger: Ledger = field(default_factory=Ledger)
    deals: int = 0
    directory: Directory = field(init=False)
    standpoints: Standpoints = field(init=False)
    coverage: Coverage = field(init=False)
    allowance: Allowance = field(init=False)
    watch: Watch | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        crm = self.services.crm
        self.allowance = begin(crm, self.pack.project.limits.api_share_percent)
        if self.kind is not RunKind.REPLAY:
            self.watch = Watch(self.services.store, crm.org(), self.pack, self.as_of)
        self.coverage = Coverage(self.pack.waivers)
        self.standpoints = Standpoints(
            self.pack, self.as_of, crm.rates(), self.coverage.too_broad
        )
        self.directory = Directory(crm.people(), self.pack.people, self.context)
        if self.kind is RunKind.PLAN:
            # A person looks at a plan before it is applied: it is the observed run.
            self.seen_logics |= {(rule.id, rule.logic) for rule in self.pack.rules}

    @property
    def context(self) -> Context:
        """The project's own standpoint."""
        return self.standpoints.base.context

    def request(self) -> PullRequest:
        """Say what this run needs of the CRM."""
        lookback = self.pack.project.closed_lookback
        return PullRequest(
            needs=self.pack.needs,
            catalogue=self.pack.catalogue,
            pipelines=self.pack.project.scope,
            closed_since=self.context.today - lookback,
        )

    def all_deals(self, run: Run) -> None:
        """Read the stream, then by id every deal we still have something on."""
        self.allowance.check(is_reading=True)
        self.services.progress("deals", 0, None)  # the first page may take a while
        awaited: set[str] = set()
        if self.kind is not RunKind.REPLAY:
            self.read_ledger(run)
            awaited = run.live_deals() | self.ledger.tasks.keys()
        for batch in self.services.crm.pull(self.request(), self.totals):
            awaited.difference_update(deal.id for deal in batch.deals)
            self._stage(batch, run)
        self._stage_by_id(sorted(awaited), run)
        while ids := self.coverage.to_judge_again():
            self._stage_by_id(ids, run)

    def _stage_by_id(self, ids: Sequence[str], run: Run) -> None:
        for start in range(0, len(ids), CHUNK_BY_ID):
            chunk = ids[start : start + CHUNK_BY_ID]
            self._stage(self.services.crm.deals_by_id(chunk, self.request()), run)

    def read_ledger(self, run: Run) -> None:
        """Account for our own tasks before anything is judged."""
        self.ledger = read_ledger(self.services.crm, run, self.as_of)

    def _stage(self, batch: DealBatch, run: Run) -> None:
        self.services.check_end()
        ids = [*(deal.id for deal in batch.deals), *batch.gone]
        known = self._known(ids, batch.hints, run)
        if self.watch is not None:
            self.watch.recall(ids)
        staged: list[StagedDeal] = []
        for start in range(0, len(batch.deals), PAGE):
            staged += self._page(batch.deals[start : start + PAGE], known)
        staged += [
            self._gone(deal_id, reason, known.get(deal_id, _NEVER_SEEN))
            for deal_id, reason in batch.gone.items()
        ]
        run.stage(staged)
        run.keep_lease()
        self.deals += len(batch.deals)
        self.services.progress("deals", self.deals, self.totals.expected)
        self.allowance.check(is_reading=True)

    def _known(
        self, ids: Sequence[str], hints: Sequence[TaskHint], run: Run
    ) -> Mapping[str, DealHistory]:
        """Return what stands on some deals, the tasks that they name included."""
        if self.kind is RunKind.REPLAY:
            return {}
        known = run.history(ids)
        news = [hint for hint in hints if _is_news(hint, known)]
        if not news:
            return known
        adopt_hinted(self.services.crm, run, self.ledger, news, self.as_of)
        return run.history(ids)

    def _page(
        self, deals: Sequence[Deal], known: Mapping[str, DealHistory]
    ) -> Iterator[StagedDeal]:
        """Judge deals side by side, then follow up one after the other.

        What follows goes by the deals as the CRM gave them: `apply` will read them so.
        """
        looks: Sequence[Look] = [(deal, {}) for deal in deals]
        if self.watch is not None:
            looks = [self.watch.with_past(deal) for deal in deals]
        judged = self.standpoints.judged([deal for deal, _ in looks])
        for deal, (_, seen), (at, verdicts) in zip(deals, looks, judged, strict=True):
            staged = self._deal(deal, known.get(deal.id, _NEVER_SEEN), at, verdicts)
            yield replace(staged, sightings=seen)

    # ---- one deal ---------------------------------------------------------------

    def _deal(
        self, deal: Deal, known: DealHistory, at: Standpoint, judged: DealVerdicts
    ) -> StagedDeal:
        self.coverage.note(judged)
        stood = known.violations.values()
        self.ledger.date_closings(deal.id, stood, at.context.zone)
        tasks = tuple(self.ledger.tasks.get(deal.id, ()))
        fresh = self.ledger.adopted.get(deal.id, ())
        older = [task for task in tasks if task not in fresh]
        adopted = (
            *proofs(fresh, judged.verdicts),
            *unproved(older, known.violations, judged.verdicts, at.pack),
        )
        memory = Memory(known.violations, self.seen_logics)
        memory = with_adopted(memory, deal, adopted, self.pack, self.context)
        violations = track(judged, memory, at.pack, at.context)
        dossier = replace(
            open_dossier(judged, violations, tasks, at.pack, self.directory),
            overlay=at.overlay,
            adopted=tuple(task.key for task in adopted),
            passed=passed(judged.verdicts, at.pack) if adopted else (),
        )
        is_kept = self._needs_planning(dossier, violations, known.obligations)
        return StagedDeal(
            deal_id=deal.id,
            stage=deal.stage_label or deal.stage,
            owner_id=deal.owner_id,
            outcomes={each.rule_id: each.outcome for each in judged.verdicts},
            violations=violations,
            dossier=replace(dossier, inputs=inputs_of(deal, tasks))
            if is_kept
            else None,
            obligations=self._settled(deal.id, known, violations, at.pack),
            moving=moving_of(judged, violations, at.titles, at.context.today),
        )

    def _settled(
        self,
        deal_id: str,
        known: DealHistory,
        violations: Sequence[Violation],
        pack: RulePack,
    ) -> tuple[Obligation, ...]:
        """Return the obligations whose stored state changes without a write."""
        settled = self.ledger.settled.get(deal_id, {}).values()
        latest = latest_episodes(known.obligations, settled)
        changed = (*settled, *laid_to_rest(latest, violations, pack))
        return each_episode(changed)

    def _needs_planning(
        self,
        dossier: Dossier,
        violations: Sequence[Violation],
        obligations: Mapping[ObligationId, Obligation],
    ) -> bool:
        """Whether a write may follow; most deals of a quiet night need none."""
        if dossier.tasks or any(each.mode is Mode.ENFORCE for each in violations):
            return True
        at = self.standpoints.under(dossier.overlay)
        desired = desire(dossier, violations, obligations, at.pack, at.context)
        return bool(reconcile(desired, dossier, obligations).changes)

    # ---- a deal that left --------------------------------------------------------

    def _gone(self, deal_id: str, reason: GoneReason, known: DealHistory) -> StagedDeal:
        """Stage a deal that was asked for by id and not found."""
        memory = Memory(known.violations)
        is_deleted = reason is GoneReason.DELETED
        violations = gone(memory, self.context) if is_deleted else unreadable(memory)
        settled = self.ledger.settled.get(deal_id, {}).values()
        obligations = each_episode((*known.obligations.values(), *settled))
        tasks = tuple(self.ledger.tasks.get(deal_id, ()))
        if is_deleted:  # a deal that goes lets go of its tasks; no person did
            tasks += tuple(self.ledger.loose.get(deal_id, ()))
        first = next(iter(known.violations.values()), None)
        dossier = Dossier(
            org=self.services.crm.org(),
            deal_id=deal_id,
            name=first.deal_name if first else deal_id,
            pipeline=first.pipeline if first else "",
            stage=first.stage if first else "",
            url=self.services.crm.deal_url(deal_id),
            tasks=tasks,
            is_gone=is_deleted,
            is_readable=is_deleted,
        )
        orphaned = [
            replace(each, state=ObligationState.ORPHANED, closed_at=self.context.now)
            for each in obligations
            if is_deleted and each.state is not ObligationState.RESOLVED and not tasks
        ]
        return StagedDeal(
            deal_id=deal_id,
            stage=dossier.stage,
            owner_id=first.owner_id if first else None,
            outcomes={},
            violations=violations,
            dossier=dossier if tasks else None,
            obligations=tuple(orphaned),
            sightings=self.watch.out_of_sight(deal_id) if self.watch else {},
        )


def _is_news(hint: TaskHint, known: Mapping[str, DealHistory]) -> bool:
    """Whether a deal names a task of an episode that nobody else told of."""
    of_deal = known.get(hint.id.deal_id, _NEVER_SEEN)
    latest = of_deal.obligations.get(hint.id)
    return latest is None or latest.episode < hint.episode
