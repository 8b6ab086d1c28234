"""Perform a stored plan: intent, write, receipt, chunk by chunk.

The only caller of `crm.write`. Nothing leaves before its intent is committed; what
has no answer stays an intent and is looked up by its key in the next run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

import structlog

from gatekeeper.core.model import LIMITED, Action, Receipt, WriteStatus
from gatekeeper.errors import DeferredError, StopError, StoppedError
from gatekeeper.flow.services import rest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gatekeeper.core.quarantine import Quarantine
    from gatekeeper.flow.allowance import Allowance
    from gatekeeper.flow.services import Services
    from gatekeeper.ports import Run, StagedChange

log = structlog.get_logger(__name__)

FAILED_PERCENT = 10
FAILED_IN_A_ROW = 5
ENOUGH_TO_JUDGE = 50

_REQUESTS = {
    Action.CREATE: "create tasks",
    Action.UPDATE: "change tasks",
    Action.CLOSE: "change tasks",
    Action.FLAG: "set flags",
}


@dataclass(slots=True)
class Applied:
    """What became of a plan.

    Attributes:
        done: Action to number written, adopted ones included.
        put_off: Surely not written: locked by somebody, or not taken at all.
        stopped: Why writing ended early, or "".
        is_deferred: It ended because the CRM's allowance is used up.
    """

    done: Counter[Action] = field(default_factory=Counter)
    rejected: int = 0
    unknown: int = 0
    put_off: int = 0
    adopted: int = 0
    attempted: int = 0
    stopped: str = ""
    is_deferred: bool = False
    rejections: list[Receipt] = field(default_factory=list)
    in_a_row: Counter[str] = field(default_factory=Counter)

    def add(self, chunk: Sequence[StagedChange], receipts: Sequence[Receipt]) -> None:
        """Count the receipts of one chunk."""
        for staged, receipt in zip(chunk, receipts, strict=True):
            self.attempted += 1
            match receipt.status:
                case WriteStatus.DONE | WriteStatus.ADOPTED:
                    self.done[staged.change.action] += 1
                    self.adopted += receipt.status is WriteStatus.ADOPTED
                    self.in_a_row.clear()
                case WriteStatus.UNKNOWN:
                    self.unknown += 1
                case WriteStatus.NOT_ATTEMPTED:
                    self.put_off += 1
                case WriteStatus.LOCKED:
                    self.put_off += 1
                    self.in_a_row[receipt.code] += 1
                case WriteStatus.REJECTED | WriteStatus.GONE:
                    self.rejected += 1
                    self.in_a_row[receipt.code] += 1
                    self.rejections.append(receipt)

    def breaker(self) -> str:
        """Say why writing must stop because of failures, or ""."""
        code, count = next(iter(self.in_a_row.most_common(1)), ("", 0))
        failed = self.rejected + self.unknown + self.put_off
        is_many = failed * 100 > FAILED_PERCENT * self.attempted
        if is_many and (count >= FAILED_IN_A_ROW or self.attempted >= ENOUGH_TO_JUDGE):
            why = f", {count} in a row with {code}" if count else ""
            return (
                f"error breaker: {failed} of {self.attempted} writes failed{why}."
                " The rest waits; look at the messages with: gatekeeper runs show"
            )
        return ""


@dataclass(slots=True)
class Permit:
    """Stands before each request that writes (promises 1.6).

    Attributes:
        taken_by: What shut it; from then on nothing leaves.
    """

    services: Services
    run: Run
    allowance: Allowance
    taken_by: StopError | None = None

    def check(self) -> None:
        """Look at kill switch, calls left, and lease.

        Raises:
            StopError: Nothing further may be written in this run.
        """
        try:
            self.services.check_stop(self.run)
            self.allowance.check(is_reading=False)
            self.run.keep_lease()
        except StopError as stop:
            self.taken_by = stop
            raise


def _nothing(_chunk: Sequence[StagedChange]) -> Sequence[Quarantine]:
    return ()


def write_plan(
    services: Services,
    run: Run,
    allowance: Allowance,
    *,
    only_creates: bool = False,
    aside: Callable[[Sequence[StagedChange]], Sequence[Quarantine]] = _nothing,
) -> Applied:
    """Write what the run's stored plan allows.

    Args:
        services: The CRM to write to, and who may say stop.
        run: Holds the lease and the plan.
        allowance: The calls the run may make.
        only_creates: After a partial pull nothing is changed, closed or flagged.
        aside: Says of each chunk what is left alone once its intents are committed.
    """
    applied = Applied()
    permit = Permit(services, run, allowance)
    for chunk in _chunks(run.planned(), services.crm.batch_size):
        if only_creates and chunk[0].change.action is not Action.CREATE:
            continue
        try:
            permit.check()
            run.intend(chunk, aside(chunk))
            receipts = services.crm.write(
                [staged.change for staged in chunk], run.row.number, permit.check
            )
        except (DeferredError, StoppedError) as stop:
            _end(applied, stop)
            break
        run.record(chunk, receipts)
        applied.add(chunk, receipts)
        services.progress("writes", applied.attempted, None)
        _log(chunk, receipts)
        if permit.taken_by is not None:
            _end(applied, permit.taken_by)
            break
        _turned_away(applied, receipts, run)
        applied.stopped = applied.stopped or applied.breaker()
        if applied.stopped:
            break
    return applied


def _turned_away(applied: Applied, receipts: Sequence[Receipt], run: Run) -> None:
    """Stop where the CRM takes nothing at all now: what is left goes next time.

    A locked record speaks for itself only, be it the only one of its request.
    """
    limited = [each for each in receipts if each.code == LIMITED]
    is_shut = all(each.status is WriteStatus.NOT_ATTEMPTED for each in receipts)
    if limited or is_shut:
        why = (limited or receipts)[0].message
        applied.stopped = f"{why} {rest_of(run)}"
        applied.is_deferred = True


def _end(applied: Applied, stop: StopError) -> None:
    """Note what took the permit; what is no stop of a person or a limit goes on up."""
    if not isinstance(stop, DeferredError | StoppedError):
        raise stop
    applied.stopped = str(stop)
    applied.is_deferred = isinstance(stop, DeferredError)


def _chunks(planned: Iterable[StagedChange], size: int) -> Iterator[list[StagedChange]]:
    """Cut the plan into requests: one kind each, at most `size` records."""
    for _, group in groupby(planned, key=lambda each: _REQUESTS[each.change.action]):
        chunk: list[StagedChange] = []
        for staged in group:
            chunk.append(staged)
            if len(chunk) == size:
                yield chunk
                chunk = []
        if chunk:
            yield chunk


def _log(chunk: Sequence[StagedChange], receipts: Sequence[Receipt]) -> None:
    for staged, receipt in zip(chunk, receipts, strict=True):
        change = staged.change
        if receipt.status in (WriteStatus.DONE, WriteStatus.ADOPTED):
            log.debug(
                "change_applied",
                action=change.action.value,
                key=change.key,
                remote_id=receipt.remote_id,
            )
        else:
            log.warning(
                "change_not_applied",
                action=change.action.value,
                key=change.key,
                status=receipt.status.value,
                code=receipt.code,
            )
