"""The records of a simulated CRM: deals, people, tasks, and what each write does."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING

from gatekeeper.core.model import (
    Action,
    Flags,
    ObligationId,
    Receipt,
    TaskPart,
    WriteStatus,
    task_key,
)
from gatekeeper.crm.marker import Marker, key_of
from tests.builders import ORG
from tests.simulation.records import Held, SimTask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gatekeeper.core.model import Change
    from tests.simulation.invariants import Session
    from tests.simulation.org import OrgPlan

_FLAGS = frozenset(each.name for each in fields(Flags))
INDEX_LAG = timedelta(seconds=120)


def is_recognised(task: SimTask, org: str) -> bool:
    """Whether a task with our kind of key is of this org, and of no copy of it."""
    return task.marker is None or key_of(task.marker, org) == task.key


@dataclass
class Records(Held):
    """The records, and what the CRM does when it is written to.

    Attributes:
        shadows: Deal to what its own property says of our tasks on it.
    """

    shadows: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def next_id(self) -> str:
        number = next(self._numbers)
        return str(1000 + number) if self.is_hubspot else f"00T{number:012d}AAA"

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
            self.others(task),
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
        if change.remote_id in self.purged:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        task = self.tasks.get(change.remote_id or "")
        is_ours = task is not None and not task.is_foreign
        self.watch.updated(session, task if is_ours else None, change)
        assert task is not None
        if task.is_deleted:
            return Receipt(change.key, WriteStatus.GONE, None, "ENTITY_IS_DELETED")
        refused = self._refused(change)
        if refused is not None:
            return refused
        task.take(change.write, self.step)
        if "body" in change.write:
            task.rule_ids = change.rule_ids
        if change.id is not None:
            task.mark(_marker(change, change.id, run_number))
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
