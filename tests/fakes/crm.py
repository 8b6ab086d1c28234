"""A CRM in memory, as strict as a real one; passes `tests/contracts/test_crm.py`.

It refuses what a CRM refuses: a task for an inactive person or a deal that is gone, a
change to a record that is not there, more changes than a request takes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    BUILT_IN,
    Access,
    Catalogue,
    CrmField,
    CrmSchema,
    Guard,
    Pipeline,
    Stage,
)
from gatekeeper.core.model import (
    EMPTY,
    Action,
    Change,
    Deal,
    DealBatch,
    FieldValue,
    Flags,
    GoneReason,
    ObligationId,
    OwnTask,
    Person,
    Receipt,
    Row,
    Scalar,
    TaskHint,
    TaskPart,
    Unavailable,
    WriteStatus,
    short_hash,
)
from gatekeeper.errors import StopError
from gatekeeper.ports import (
    NO_IDS,
    ApiUse,
    Checkup,
    Health,
    PlannedField,
    Progress,
    PullRequest,
    PullTotals,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence, Set

    from gatekeeper.core.pack import Needs
    from gatekeeper.ports.crm import MayLeave

ORG = "sf:00D000000000001EAA"
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
PIPELINE = Pipeline(
    "Default",
    (
        Stage("Prospecting", ("Prospecting",)),
        Stage("Qualification", ("Qualification",)),
        Stage("Proposal", ("Proposal",)),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Closed Lost", ("Closed Lost",), is_closed=True),
    ),
)
_PARTS = {
    TaskPart.OWNER: "owner_id",
    TaskPart.DUE: "due_on",
    TaskPart.SUBJECT: "subject",
    TaskPart.BODY: "body",
}


def freely() -> None:
    """Let a request leave; nobody said stop."""


@dataclass
class StoredTask:
    """One of our tasks as the CRM holds it."""

    remote_id: str
    key: str
    id: ObligationId
    episode: int
    run_number: int
    parts: dict[str, Scalar]
    written: dict[TaskPart, str]
    rule_ids: tuple[str, ...]
    created_at: datetime
    sealed: bool = False
    is_closed: bool = False
    is_deleted: bool = False
    is_loose: bool = False
    is_unsaid: bool = False

    def seen(self) -> OwnTask:
        due, owner = self.parts.get("due_on"), self.parts.get("owner_id")
        return OwnTask(
            remote_id=self.remote_id,
            key=self.key,
            deal_id=self.id.deal_id,
            id=self.id,
            episode=self.episode,
            run_number=self.run_number,
            sealed=self.sealed,
            is_closed=self.is_closed,
            is_deleted=self.is_deleted,
            created_at=self.created_at,
            written=dict(self.written),
            actual={
                part: short_hash(str(self.parts.get(name) or ""))
                for part, name in _PARTS.items()
            },
            rule_ids=self.rule_ids,
            due_on=date.fromisoformat(str(due)) if due else None,
            owner_id=str(owner) if owner else None,
            is_loose=self.is_loose,
        )


@dataclass
class FakeCrm:
    """The CRM itself; tests change its records as people would.

    `lose` names what happens to the next writing request: "before" or "after" it
    took effect its answer is lost. A pull ends before page `fails_at_page`, or shows
    nothing at all with `hides_from_stream`. The list of open tasks lags behind by the
    keys in `unlisted`; with `names_tasks` the deals say which tasks are theirs.
    `before_write` is what people do just before the next writing request.
    """

    deals: dict[str, Deal] = field(default_factory=dict)
    users: dict[str, Person] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = (PIPELINE,)
    now: datetime = NOW
    ahead: timedelta = timedelta()
    page_size: int = 2000
    hidden: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    stored: dict[str, StoredTask] = field(default_factory=dict)
    lose: str = ""
    fails_at_page: int | None = None
    hides_from_stream: bool = False
    org_id: str = ORG
    is_strict: bool = True
    unlisted: set[str] = field(default_factory=set)
    names_tasks: bool = False
    before_write: list[Callable[[], None]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    requests: list[tuple[Change, ...]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # ---- what people do in the CRM ----

    def add(self, *deals: Deal) -> None:
        for deal in deals:
            self.deals[deal.id] = replace(deal, flags=deal.flags or Flags())

    def change(self, deal_id: str, **values: FieldValue) -> None:
        deal = self.deals[deal_id]
        self.deals[deal_id] = replace(deal, fields={**deal.fields, **values})

    def move(self, deal_id: str, stage: str) -> None:
        self.deals[deal_id] = replace(
            self.deals[deal_id], stage=stage, stage_label=stage
        )
        found = next(s for s in self.pipelines[0].stages if stage in s.values)
        self.change(
            deal_id, stage=stage, is_closed=found.is_closed, is_won=found.is_won
        )

    def set_flags(self, deal_id: str, **values: object) -> None:
        deal = self.deals[deal_id]
        flags = replace(deal.flags or Flags(), **values)  # type: ignore[arg-type]
        self.deals[deal_id] = replace(deal, flags=flags)

    def hand_over(self, deal_id: str, person_id: str) -> None:
        self.deals[deal_id] = replace(self.deals[deal_id], owner_id=person_id)

    def retire(self, person_id: str) -> None:
        self.users[person_id] = replace(self.users[person_id], is_active=False)

    def delete_deal(self, deal_id: str) -> None:
        del self.deals[deal_id]
        self.deleted.add(deal_id)

    def task(self, remote_id: str) -> StoredTask:
        return next(t for t in self.stored.values() if t.remote_id == remote_id)

    def open_tasks(self) -> list[StoredTask]:
        return [t for t in self.stored.values() if not (t.is_closed or t.is_deleted)]

    # ---- the port ----

    @property
    def name(self) -> str:
        return "salesforce"

    @property
    def batch_size(self) -> int:
        return 200

    def org(self) -> str:
        return self.org_id

    def server_time(self) -> datetime:
        return self.now

    def clock_ahead(self) -> timedelta:
        return self.ahead

    def schema(self, catalogue: Catalogue) -> CrmSchema:
        self.calls["schema"] += 1
        names = [*catalogue.deal, *(f"siblings.{name}" for name in catalogue.deal)]
        for relation in (*catalogue.lookups.values(), *catalogue.collections.values()):
            names += [f"{relation.name}.{leaf}" for leaf in relation.fields]
        for relation in catalogue.collections.values():
            names += [f"account.{relation.name}.{leaf}" for leaf in relation.fields]
        return CrmSchema(
            crm=self.name,
            org=self.org_id,
            read_at=self.now,
            fields={name: self._described(name, catalogue) for name in names},
            by_path={},
            pipelines=self.pipelines,
            flags={
                each.name: CrmField(f"Opportunity.{each.name}", each.name, "string", ())
                for each in fields(Flags)
            },
            strict=self.is_strict,
        )

    def _described(self, name: str, catalogue: Catalogue) -> CrmField:
        relation, dot, leaf = name.rpartition(".")
        of = relation.rpartition(".")[2]
        relations = {**catalogue.collections, **catalogue.lookups}
        specs = relations[of].fields if of not in {"", "siblings"} else catalogue.deal
        access = Access.NONE if name in self.hidden else Access.WRITE
        kind = specs[leaf if dot else name].kind
        return CrmField(f"Fake.{name}", name, kind.value, (kind,), access)

    def people(self) -> Mapping[str, Person]:
        return dict(self.users)

    def rates(self) -> Mapping[str, Decimal]:
        return {"USD": Decimal(1)}

    def own_tasks(self) -> Iterator[Sequence[OwnTask]]:
        self.calls["own_tasks"] += 1
        listed = [each for each in self.open_tasks() if each.key not in self.unlisted]
        seen = [task.seen() for task in listed]
        for start in range(0, len(seen), self.page_size):
            yield seen[start : start + self.page_size]

    def tasks_by_key(
        self, keys: Sequence[str], ids: Mapping[str, str] = NO_IDS
    ) -> Mapping[str, OwnTask]:
        self.calls["tasks_by_key"] += 1
        return {key: self.stored[key].seen() for key in keys if key in self.stored}

    def pull(self, request: PullRequest, totals: PullTotals) -> Iterator[DealBatch]:
        self.calls["pull"] += 1
        deals = [
            self.deals[id_]
            for id_ in sorted(self.deals)
            if _in_scope(self.deals[id_], request) and not self.hides_from_stream
        ]
        totals.expected = len(deals)
        for page, start in enumerate(range(0, len(deals), self.page_size)):
            if page == self.fails_at_page:
                totals.problems.append("The deals ended early")
                return
            batch = deals[start : start + self.page_size]
            totals.read += len(batch)
            yield DealBatch(
                tuple(self._shown(deal, request.needs) for deal in batch),
                hints=tuple(self._hints({deal.id for deal in batch})),
            )

    def _hints(self, deals: Set[str]) -> Iterator[TaskHint]:
        if self.names_tasks:
            for each in self.stored.values():
                if each.id.deal_id in deals and not each.is_unsaid:
                    yield TaskHint(each.id, each.episode, each.remote_id)

    def deals_by_id(self, ids: Sequence[str], request: PullRequest) -> DealBatch:
        self.calls["deals_by_id"] += 1
        wanted = list(dict.fromkeys(ids))
        return DealBatch(
            tuple(
                self._shown(self.deals[id_], request.needs)
                for id_ in wanted
                if id_ in self.deals
            ),
            {
                id_: GoneReason.DELETED
                if id_ in self.deleted
                else GoneReason.UNREADABLE
                for id_ in wanted
                if id_ not in self.deals
            },
            tuple(self._hints(set(wanted) & self.deals.keys())),
        )

    def _shown(self, deal: Deal, needs: Needs) -> Deal:
        def value(name: str) -> FieldValue:
            if name in self.hidden:
                return Unavailable(f"the integration user may not read {name}")
            return deal.fields.get(name, EMPTY)

        def rows(name: str) -> tuple[Row, ...] | Unavailable:
            if name in self.hidden:
                return Unavailable(f"the integration user may not read {name}")
            return deal.related.get(name, ())

        return replace(
            deal,
            fields={name: value(name) for name in needs.fields},
            related={name: rows(name) for name in needs.collections},
        )

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        assert len(changes) <= self.batch_size, "more than a request takes"
        try:
            may_leave()
        except StopError as stop:
            return [
                Receipt(change.key, WriteStatus.NOT_ATTEMPTED, message=str(stop))
                for change in changes
            ]
        while self.before_write:
            self.before_write.pop()()
        self.requests.append(tuple(changes))
        lost, self.lose = self.lose, ""
        if lost != "before":
            receipts = [self._written(change, run_number) for change in changes]
        if lost:
            return [
                Receipt(change.key, WriteStatus.UNKNOWN, message="no answer")
                for change in changes
            ]
        return receipts

    def _written(self, change: Change, run_number: int) -> Receipt:
        match change.action:
            case Action.CREATE:
                return self._create(change, run_number)
            case Action.FLAG:
                return self._flag(change)
            case Action.UPDATE | Action.CLOSE:
                return self._update(change, run_number)

    def _create(self, change: Change, run_number: int) -> Receipt:
        known = self.stored.get(change.key)
        if known is not None:
            known.is_loose = False
            return Receipt(change.key, WriteStatus.ADOPTED, known.remote_id)
        refused = self._refused(change)
        if refused is not None:
            return refused
        assert change.id is not None
        remote_id = f"00T{next(self._numbers):012d}AAA"
        self.stored[change.key] = StoredTask(
            remote_id,
            change.key,
            change.id,
            change.episode,
            run_number,
            dict(change.write),
            _hashes(change),
            change.rule_ids,
            self.now,
        )
        return Receipt(change.key, WriteStatus.DONE, remote_id)

    def _refused(self, change: Change) -> Receipt | None:
        owner = change.write.get("owner_id")
        person = self.users.get(str(owner))
        if owner is not None and (person is None or not person.is_active):
            code = "INACTIVE_OWNER_OR_USER"
            return Receipt(change.key, WriteStatus.REJECTED, None, code, "inactive")
        if change.action is Action.CREATE and change.deal_id not in self.deals:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        return None

    def _update(self, change: Change, run_number: int) -> Receipt:
        task = self.stored.get(change.key)
        if task is None or task.is_deleted or task.remote_id != change.remote_id:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        refused = self._refused(change)
        if refused is not None:
            return refused
        task.parts.update(change.write)
        if "body" in change.write:
            task.rule_ids = change.rule_ids
        task.written = _hashes(change)
        task.run_number = run_number
        if change.action is Action.CLOSE:
            task.is_closed = task.sealed = True
        return Receipt(change.key, WriteStatus.DONE, task.remote_id)

    def _flag(self, change: Change) -> Receipt:
        deal = self.deals.get(change.deal_id)
        if deal is None:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        known = {each.name for each in fields(Flags)}
        assert set(change.write) <= known, "a flag the CRM does not have"
        values: dict[str, object] = dict(change.write)
        since = values.get("open_since")
        if isinstance(since, str):
            values["open_since"] = date.fromisoformat(since)
        flags = replace(deal.flags or Flags(), **values)  # type: ignore[arg-type]
        self.deals[deal.id] = replace(deal, flags=flags)
        return Receipt(change.key, WriteStatus.DONE, deal.id)

    def usage(self) -> ApiUse:
        return ApiUse(sum(self.calls.values()), len(self.requests))

    def deal_url(self, deal_id: str) -> str:
        return f"https://acme.my.salesforce.com/lightning/r/Opportunity/{deal_id}/view"

    def native_fields(self) -> Sequence[CrmField]:
        return tuple(self._described(name, BUILT_IN) for name in BUILT_IN.deal)

    def guards(self, schema: CrmSchema) -> tuple[Guard, ...] | None:
        return None

    def examine(self, request: PullRequest) -> Sequence[Checkup]:
        return [Checkup("login", Health.OK, f"logged in to {self.org_id}")]

    def planned_setup(self) -> Sequence[PlannedField]:
        return [PlannedField("Activity.Gatekeeper_Key__c", "exists", "the key")]

    def set_up(self, progress: Progress) -> Sequence[PlannedField]:
        return self.planned_setup()


def _in_scope(deal: Deal, request: PullRequest) -> bool:
    if request.pipelines and deal.pipeline not in request.pipelines:
        return False
    if deal.fields.get("is_closed") is not True:
        return True
    closed_on = deal.fields.get("close_date")
    return isinstance(closed_on, date) and closed_on >= request.closed_since


def _hashes(change: Change) -> dict[TaskPart, str]:
    return {TaskPart(part): known for part, known in change.hashes.items() if known}
