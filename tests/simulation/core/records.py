"""The records of a simulated CRM: deals, people, tasks, and what each write does."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    Action,
    Flags,
    ObligationId,
    OwnTask,
    Receipt,
    TaskPart,
    WriteStatus,
    short_hash,
    task_key,
)
from gatekeeper.crm.marker import Marker, key_of
from tests.builders import ORG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatekeeper.core.model import Change, Deal, Person, Scalar
    from tests.simulation.core.org import OrgPlan
    from tests.simulation.invariants import Session, Watch

COLUMNS = {
    TaskPart.OWNER: "owner_id",
    TaskPart.DUE: "due_on",
    TaskPart.SUBJECT: "subject",
    TaskPart.BODY: "body",
}
PARTS = {column: part for part, column in COLUMNS.items()}
_FLAGS = frozenset(each.name for each in fields(Flags))
INDEX_LAG = timedelta(seconds=120)


@dataclass(eq=False)
class SimTask:
    """A task that carries a key of ours, as the CRM holds it.

    Attributes:
        marker: What its reference field says; None where a person wiped it.
        touched: Column to the step in which a person changed it last.
        ended_by_person: The step in which a person closed or deleted it.
        is_purged: It is gone for good, and its key is free again.
        is_loose: It hangs on no deal.
        is_foreign: It came with a copy of another org, its key included.
        is_foreign: It came with a copy of another org, its key included.
    """

    remote_id: str
    key: str
    id: ObligationId
    episode: int
    marker: Marker | None
    parts: dict[str, Scalar]
    rule_ids: tuple[str, ...]
    created_at: datetime
    is_closed: bool = False
    is_deleted: bool = False
    is_purged: bool = False
    is_loose: bool = False
    is_foreign: bool = False
    was_reopened: bool = False
    touched: dict[str, int] = field(default_factory=dict)
    ended_by_person: int | None = None
    ended_at: datetime | None = None
    was_ever_ended: bool = False
    _seen: OwnTask | None = None

    @property
    def sealed(self) -> bool:
        return self.marker is not None and self.marker.sealed

    @property
    def is_live(self) -> bool:
        return not self.is_deleted

    @property
    def is_open(self) -> bool:
        return not (self.is_closed or self.is_deleted)

    def touch(self) -> None:
        """Forget how it was shown: something of it changed."""
        self._seen = None

    def seen(self) -> OwnTask:
        if self._seen is None:
            self._seen = self._shown()
        return self._seen

    def _shown(self) -> OwnTask:
        due, owner = self.parts.get("due_on"), self.parts.get("owner_id")
        marker = self.marker
        return OwnTask(
            remote_id=self.remote_id,
            key=self.key,
            deal_id=None if self.is_loose else self.id.deal_id,
            id=marker.id if marker else None,
            episode=marker.episode if marker else 0,
            run_number=marker.run_number if marker else 0,
            sealed=self.sealed,
            is_closed=self.is_closed,
            is_deleted=self.is_deleted,
            created_at=self.created_at,
            written=dict(marker.hashes) if marker else {},
            actual={
                part: short_hash(str(self.parts.get(column) or ""))
                for part, column in COLUMNS.items()
            },
            rule_ids=self.rule_ids,
            due_on=date.fromisoformat(str(due)) if due else None,
            owner_id=str(owner) if owner else None,
            is_loose=self.is_loose and self.is_open,
        )


def is_recognised(task: SimTask, org: str) -> bool:
    """Whether a task with our kind of key is of this org, and of no copy of it."""
    return task.marker is None or key_of(task.marker, org) == task.key


@dataclass
class Records:
    """Everything a CRM holds, and what it does when it is written to.

    Attributes:
        is_hubspot: Tasks are tied to deals by a request of their own, are not deleted
            with them, and a search shows young ones late.
        hidden: Fields the integration user may not read now.
        unreadable: Deals the integration user may not read now.
        shadows: Deal to what its own property says of our tasks on it.
        step: The step the simulation stands at.
        disturbed: Deal to the step in which something was done to it last.
    """

    watch: Watch
    is_hubspot: bool
    now: Callable[[], datetime]
    deals: dict[str, Deal] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    users: dict[str, Person] = field(default_factory=dict)
    shadows: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, SimTask] = field(default_factory=dict)
    by_key: dict[str, list[SimTask]] = field(default_factory=dict)
    of_obligation: dict[ObligationId, list[SimTask]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    per_day: dict[tuple[str, date], int] = field(default_factory=dict)
    written: int = 0
    step: int = 0
    disturbed: dict[str, int] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add_task(self, task: SimTask) -> None:
        self.tasks[task.remote_id] = task
        if task.is_foreign:
            return
        self.by_key.setdefault(task.key, []).append(task)
        self.of_obligation.setdefault(task.id, []).append(task)

    def next_id(self) -> str:
        number = next(self._numbers)
        return str(1000 + number) if self.is_hubspot else f"00T{number:012d}AAA"

    def holder(self, key: str) -> SimTask | None:
        """Return the task that holds a key, if any does."""
        held = [task for task in self.by_key.get(key, ()) if not task.is_purged]
        return min(
            held, key=lambda task: (task.is_deleted, task.remote_id), default=None
        )

    def own_tasks(self) -> list[SimTask]:
        """Return our open tasks as a list or a search shows them."""
        young = self.now() - INDEX_LAG
        return [
            task
            for task in self.tasks.values()
            if task.is_open
            and is_recognised(task, ORG)
            and not (self.is_hubspot and task.created_at > young)
        ]

    def apply(
        self, change: Change, run_number: int, session: Session, *, ties: bool = True
    ) -> Receipt:
        """Carry out one write as the CRM does."""
        self.written += 1
        match change.action:
            case Action.CREATE:
                return self._create(change, run_number, session, ties=ties)
            case Action.FLAG:
                return self._flag(change)
            case Action.UPDATE | Action.CLOSE:
                return self._update(change, run_number, session)

    def _create(
        self, change: Change, run_number: int, session: Session, *, ties: bool
    ) -> Receipt:
        known = self.holder(change.key)
        if known is not None:
            if ties and known.is_loose and change.deal_id in self.deals:
                known.is_loose = False
                known.touch()
            return Receipt(change.key, WriteStatus.ADOPTED, known.remote_id)
        refused = self._refused(change)
        if refused is not None:
            return refused
        task = self._made(change, run_number, is_loose=not ties)
        self.watch.created(
            session,
            task,
            [
                each
                for each in self.of_obligation.get(task.id, ())
                if not each.is_purged
            ],
        )
        self.add_task(task)
        if session.is_run and change.person_id:
            day = (change.person_id, session.day)
            self.per_day[day] = self.per_day.get(day, 0) + 1
        return Receipt(change.key, WriteStatus.DONE, task.remote_id)

    def _made(self, change: Change, run_number: int, *, is_loose: bool) -> SimTask:
        assert change.id is not None
        return SimTask(
            self.next_id(),
            change.key,
            change.id,
            change.episode,
            _marker(change, change.id, run_number),
            dict(change.write),
            change.rule_ids,
            self.now(),
            is_loose=is_loose,
        )

    def _refused(self, change: Change) -> Receipt | None:
        owner = change.write.get("owner_id")
        person = self.users.get(str(owner))
        if owner is not None and (person is None or not person.is_active):
            code = "INACTIVE_OWNER_OR_USER"
            return Receipt(change.key, WriteStatus.REJECTED, None, code, "inactive")
        if change.action is Action.CREATE and change.deal_id not in self.deals:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        return None

    def _update(self, change: Change, run_number: int, session: Session) -> Receipt:
        task = self.tasks.get(change.remote_id or "")
        is_ours = task is not None and not task.is_foreign
        self.watch.updated(session, task if is_ours else None, change)
        assert task is not None
        if task.is_deleted:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        refused = self._refused(change)
        if refused is not None:
            return refused
        task.parts.update(change.write)
        for column in change.write:
            task.touched.pop(column, None)
        if "body" in change.write:
            task.rule_ids = change.rule_ids
        if change.id is not None:
            task.marker = _marker(change, change.id, run_number)
        if change.action is Action.CLOSE:
            task.is_closed = True
        task.touch()
        return Receipt(change.key, WriteStatus.DONE, task.remote_id)

    def _flag(self, change: Change) -> Receipt:
        deal = self.deals.get(change.deal_id)
        if deal is None:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        assert set(change.write) <= _FLAGS, "a flag the CRM does not have"
        values: dict[str, object] = dict(change.write)
        since = values.get("open_since")
        if isinstance(since, str):
            values["open_since"] = date.fromisoformat(since)
        flags = replace(deal.flags or Flags(), **values)  # type: ignore[arg-type]
        self.deals[deal.id] = replace(deal, flags=flags)
        return Receipt(change.key, WriteStatus.DONE, deal.id)


def _marker(change: Change, of: ObligationId, run_number: int) -> Marker:
    hashes: Mapping[TaskPart, str] = {
        TaskPart(part): known for part, known in change.hashes.items() if known
    }
    is_sealed = change.action is Action.CLOSE
    return Marker(of, change.episode, run_number, sealed=is_sealed, hashes=hashes)


def copied_tasks(org: OrgPlan, created_at: datetime) -> list[SimTask]:
    """Return tasks as a copied sandbox brings them: our marker, another org's key."""
    tasks: list[SimTask] = []
    for place, deal_id in enumerate(org.deals):
        who = ObligationId(deal_id, "deal_owner")
        key = task_key("sf:00D000000000009EAA", deal_id, who.role, who.group, 1)
        tasks.append(
            SimTask(
                f"9999{place}",
                key,
                who,
                1,
                Marker(who, 1, run_number=1),
                {"owner_id": None, "due_on": None, "subject": "Old", "body": "Old"},
                ("qual-amount",),
                created_at,
                is_foreign=True,
            )
        )
    return tasks
