"""The CRM port over simulated records, as one worker sees it, with its faults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from gatekeeper.core.model import (
    EMPTY,
    LIMITED,
    Action,
    DealBatch,
    GoneReason,
    Receipt,
    Unavailable,
    WriteStatus,
)
from gatekeeper.crm.hubspot.writing.shadow import Shadows, hints_of
from gatekeeper.errors import (
    CrmAuthError,
    CrmUnreachableError,
    DeferredError,
    StopError,
)
from gatekeeper.ports import NO_IDS, ApiUse
from tests.builders import ORG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue, CrmField, CrmSchema, Guard
    from gatekeeper.core.model import Change, Deal, OwnTask, Person, TaskHint
    from gatekeeper.core.pack import Needs
    from gatekeeper.ports import (
        Checkup,
        PlannedField,
        Progress,
        PullRequest,
        PullTotals,
    )
    from gatekeeper.ports.crm import MayLeave
    from tests.simulation.core.records import Records
    from tests.simulation.invariants import Session

READS = ("unreachable", "limited", "login refused")
PULLS = (*READS, "page lost", "page skipped", "page repeated", "nothing shown")
BY_ID = (*READS, "deals unreadable")
WRITES = (
    "lost before",
    "lost after",
    "late",
    "halves",
    "refused",
    "locked",
    "answer without id",
    "not tied",
    "turned away",
    "limited",
    "login refused",
)


class Steps(Protocol):
    """Counts a call as a step, and says what goes wrong at it."""

    def begin(self, place: str, faults: Sequence[str] = ()) -> str: ...

    def end(self, place: str) -> None: ...

    def later(self, arrive: Callable[[], None]) -> None:
        """Let a request arrive some steps from now."""


@dataclass
class SimCrm:
    """Implements `ports.Crm` for one worker.

    Attributes:
        session: What the present run of this worker has been told.
    """

    records: Records
    steps: Steps
    session: Session
    batch_size: int
    page_size: int
    described: CrmSchema
    calls: int = 0
    shadows: Shadows = field(default_factory=Shadows)
    _shown: dict[str, tuple[Deal, frozenset[str], Deal]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return "hubspot" if self.records.is_hubspot else "salesforce"

    def org(self) -> str:
        return ORG

    def server_time(self) -> datetime:
        return self.records.now()

    def clock_ahead(self) -> timedelta:
        return timedelta()

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        return self.described

    def people(self) -> Mapping[str, Person]:
        self._read("crm.people")
        self.steps.end("crm.people")
        return dict(self.records.users)

    def rates(self) -> Mapping[str, Decimal]:
        return {"USD": Decimal(1)}

    def _read(self, place: str, faults: Sequence[str] = READS) -> str:
        self.calls += 1
        fault = self.steps.begin(place, faults)
        match fault:
            case "unreachable":
                raise CrmUnreachableError("The CRM cannot be reached. Try again.")
            case "limited":
                raise DeferredError("The CRM takes no more calls today.")
            case "login refused":
                raise CrmAuthError("The CRM refuses the login.")
        return fault

    # ---- our tasks ----

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        self._read("crm.own_tasks")
        listed = self.records.own_tasks()
        for start in range(0, len(listed), self.page_size):
            if start:
                self._read("crm.own_tasks")
            tasks = listed[start : start + self.page_size]
            page = [task.seen() for task in tasks if task.is_open]
            self._note(page)
            self.steps.end("crm.own_tasks")
            yield page

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        self._read("crm.tasks_by_key")
        holders = {key: self.records.holder(key) for key in keys}
        found = {key: task.seen() for key, task in holders.items() if task is not None}
        self._note(list(found.values()))
        self.steps.end("crm.tasks_by_key")
        return found

    def _note(self, tasks: Sequence[OwnTask]) -> None:
        for task in tasks:
            self.session.seen[task.key] = self.records.step

    # ---- deals ----

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        fault = self._read("crm.pull", PULLS)
        ids = sorted(self.records.deals.keys() - self.records.unreadable)
        if fault == "nothing shown":
            ids = []
        totals.expected = len(ids)
        for start in range(0, len(ids), self.page_size):
            if start:
                fault = self._read("crm.pull", PULLS[: len(PULLS) - 1])
            if fault in ("page lost", "page skipped"):
                self.session.is_partial = True
            if fault == "page lost":
                totals.problems.append("The deals ended early")
                return
            if fault == "page skipped":
                totals.problems.append("A page of deals did not come")
                continue
            page = [
                self.records.deals[each]
                for each in ids[start : start + self.page_size]
                if each in self.records.deals
            ]
            totals.read += len(ids[start : start + self.page_size])
            batch = DealBatch(
                tuple(self._show(deal, request.needs) for deal in page),
                hints=self._hints(page),
            )
            self.steps.end("crm.pull")
            yield batch
            if fault == "page repeated":
                yield batch

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        fault = self._read("crm.deals_by_id", BY_ID)
        deals: list[Deal] = []
        gone: dict[str, GoneReason] = {}
        for each in dict.fromkeys(ids):
            is_hidden = fault or each in self.records.unreadable
            if each in self.records.deals and not is_hidden:
                deals.append(self._show(self.records.deals[each], request.needs))
            elif each in self.records.deleted and not fault:
                gone[each] = GoneReason.DELETED
            else:
                gone[each] = GoneReason.UNREADABLE
        self.session.read.update(gone)
        self.steps.end("crm.deals_by_id")
        return DealBatch(tuple(deals), gone, self._hints(deals))

    def _hints(self, deals: Sequence[Deal]) -> tuple[TaskHint, ...]:
        """Take in what deals say of our tasks on them, where they can."""
        said = {deal.id: self.records.shadows.get(deal.id, "") for deal in deals}
        self.shadows.read.update(said)
        return tuple(hint for of, text in said.items() for hint in hints_of(of, text))

    def _show(self, deal: Deal, needs: Needs) -> Deal:
        hidden = frozenset(self.records.hidden)
        known = self._shown.get(deal.id)
        if known is None or known[0] is not deal or known[1] != hidden:
            values = {
                name: Unavailable("no access")
                if name in hidden
                else deal.fields.get(name, EMPTY)
                for name in needs.fields
            }
            known = (deal, hidden, replace(deal, fields=values))
            self._shown[deal.id] = known
        self.session.read[deal.id] = known[2]
        return known[2]

    # ---- writes ----

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        assert len(changes) <= self.batch_size, "more than a request takes"
        self.calls += 1
        try:
            may_leave()
        except StopError:
            return _all(changes, WriteStatus.NOT_ATTEMPTED, "NOT_SENT")
        self.records.watch.sending(self.session, changes)
        fault = self.steps.begin("crm.write", WRITES)
        receipts = self._answered(fault, changes, run_number)
        for change, receipt in zip(changes, receipts, strict=True):
            self._shadow(change, receipt)
        self.steps.end("crm.write")
        return receipts

    def _shadow(self, change: Change, receipt: Receipt) -> None:
        """Let the deal say of its tasks what is known of them, with its flags."""
        is_done = receipt.status in (WriteStatus.DONE, WriteStatus.ADOPTED)
        if not (self.records.is_hubspot and is_done):
            return
        if change.action is not Action.FLAG and receipt.remote_id:
            self.shadows.note(change, receipt.remote_id)
        text = self.shadows.text(change.deal_id)
        if change.action is Action.FLAG and text is not None:
            self.records.shadows[change.deal_id] = text
            self.shadows.written(change.deal_id, text)

    def _answered(
        self, fault: str, changes: Sequence[Change], run_number: int
    ) -> list[Receipt]:
        match fault:
            case "limited":
                return _all(changes, WriteStatus.NOT_ATTEMPTED, LIMITED)
            case "login refused":
                return _all(changes, WriteStatus.NOT_ATTEMPTED, "NOT_SENT")
            case "turned away":
                raise DeferredError("The CRM takes no more calls today.")
            case "lost before":
                return _all(changes, WriteStatus.UNKNOWN, "NO_ANSWER")
            case "late":
                self.steps.later(lambda: self._arrive(changes, run_number))
                return _all(changes, WriteStatus.UNKNOWN, "NO_ANSWER")
            case "lost after":
                self._applied(changes, run_number)
                return _all(changes, WriteStatus.UNKNOWN, "NO_ANSWER")
        return self._in_parts(fault, changes, run_number)

    def _in_parts(
        self, fault: str, changes: Sequence[Change], run_number: int
    ) -> list[Receipt]:
        """Give each record an outcome of its own."""
        first, rest = changes[:1], changes[1:]
        match fault:
            case "halves":
                half = (len(changes) + 1) // 2
                silent = _all(changes[half:], WriteStatus.UNKNOWN, "NOT_IN_ANSWER")
                return [*self._applied(changes[:half], run_number), *silent]
            case "refused":
                refused = _all(first, WriteStatus.REJECTED, "VALIDATION")
                return [*refused, *self._applied(rest, run_number)]
            case "locked":
                locked = _all(first, WriteStatus.LOCKED, "UNABLE_TO_LOCK_ROW")
                return [*locked, *self._applied(rest, run_number)]
            case "answer without id":
                done = self._applied(changes, run_number)
                return [replace(each, remote_id=None) for each in done]
            case "not tied" if self.records.is_hubspot:
                for change in changes:
                    self.records.apply(change, run_number, self.session, ties=False)
                return _all(changes, WriteStatus.UNKNOWN, "NO_ANSWER")
        return self._applied(changes, run_number)

    def _arrive(self, changes: Sequence[Change], run_number: int) -> None:
        self._applied(changes, run_number)

    def _applied(self, changes: Sequence[Change], run_number: int) -> list[Receipt]:
        return [
            self.records.apply(change, run_number, self.session) for change in changes
        ]

    # ---- what no flow under simulation asks ----

    def usage(self) -> ApiUse:
        return ApiUse(self.calls, self.records.written)

    def deal_url(self, deal_id: str) -> str:
        return f"https://acme.example/{deal_id}"

    def native_fields(self) -> Sequence[CrmField]:
        return ()

    def guards(self, schema: CrmSchema) -> tuple[Guard, ...] | None:
        return None

    def examine(self, request: PullRequest) -> Sequence[Checkup]:
        return ()

    def planned_setup(self) -> Sequence[PlannedField]:
        return ()

    def set_up(self, progress: Progress) -> Sequence[PlannedField]:
        return ()


def _all(changes: Sequence[Change], status: WriteStatus, code: str) -> list[Receipt]:
    return [
        Receipt(change.key, status, change.remote_id, code, "") for change in changes
    ]
