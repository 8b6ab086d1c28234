"""The port over a real adapter, noting what each run has been told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.ports import NO_IDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gatekeeper.core.model import Change, DealBatch, OwnTask, Receipt
    from gatekeeper.ports import Crm, PullRequest, PullTotals
    from gatekeeper.ports.crm import MayLeave
    from tests.simulation.invariants import Session
    from tests.simulation.whole.line import Line
    from tests.simulation.whole.mirror import Mirror


@dataclass
class NotedCrm:
    """Implements `ports.Crm`; what it does not note the adapter answers itself."""

    adapter: Crm
    line: Line
    mirror: Mirror
    session: Session
    batch_size: int

    def __getattr__(self, name: str) -> object:
        return getattr(self.adapter, name)

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        pages, asked_at = iter(self.adapter.own_tasks()), self.mirror.step
        for page in pages:
            self._seen(page, asked_at)
            yield page
            asked_at = self.mirror.step

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        asked_at = self.mirror.step
        found = self.adapter.tasks_by_key(keys, ids)
        self._seen(list(found.values()), asked_at)
        return found

    def _seen(self, tasks: Sequence[OwnTask], asked_at: int) -> None:
        for task in tasks:
            self.session.seen[task.key] = asked_at

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        mirror = self.mirror
        there = mirror.deals.keys() - mirror.unreadable
        for batch in self.adapter.pull(request, totals):
            self._read(batch)
            yield batch
        there &= mirror.deals.keys() - mirror.unreadable
        if self.line.shows_all and there - self.session.read.keys():
            self.session.is_partial = True

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        batch = self.adapter.deals_by_id(ids, request)
        self._read(batch)
        return batch

    def _read(self, batch: DealBatch) -> None:
        self.session.read.update(batch.gone)
        self.session.read.update((deal.id, deal) for deal in batch.deals)

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        assert len(changes) <= self.batch_size, "more than a request takes"
        with self.line.writing(changes):
            receipts = self.adapter.write(changes, run_number, may_leave)
        self.line.expect_true(changes, receipts)
        return receipts
