"""What a simulated CRM holds of ours, with what people did to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import OwnTask, TaskPart, short_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from gatekeeper.core.model import Deal, ObligationId, Person, Scalar
    from gatekeeper.crm.marker import Marker
    from tests.simulation.invariants import Watch

COLUMNS = {
    TaskPart.OWNER: "owner_id",
    TaskPart.DUE: "due_on",
    TaskPart.SUBJECT: "subject",
    TaskPart.BODY: "body",
}
PARTS = {column: part for part, column in COLUMNS.items()}


@dataclass(eq=False)
class SimTask:
    """A task that carries a key of ours, as the CRM holds it.

    Attributes:
        marker: What its reference field says; None where a person wiped it.
        touched: Column to the step in which a person changed it last.
        wiped: The columns of `touched` that are a person's only as long as the
            reference is.
        written_at: Column to the step in which a write of ours arrived last.
        ended_by_person: The step in which a person closed or deleted it.
        first_ended: The step in which a person did so for the first time.
        ended_at: When it was first ended, or taken off its deal.
        is_purged: It is gone for good, and its key is free again.
        is_loose: It hangs on no deal.
        is_foreign: It came with a copy of another org, its key included.
        was_unsealed: A write of ours that came late took its seal off again.
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
    wiped: set[str] = field(default_factory=set)
    ended_by_person: int | None = None
    first_ended: int | None = None
    ended_at: datetime | None = None
    was_ever_ended: bool = False
    was_unsealed: bool = False
    written_at: dict[str, int] = field(default_factory=dict)
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

    def mark(self, marker: Marker | None) -> None:
        """A write of ours put its reference on it."""
        if self.sealed and marker is not None and not marker.sealed:
            self.was_unsealed = True
        self.marker = marker

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

    def hashes(self) -> dict[str, str]:
        """Return column to the hash of what stands there."""
        return {
            column: short_hash(str(self.parts.get(column) or ""))
            for column in COLUMNS.values()
        }

    def end(self, step: int, now: datetime) -> None:
        """A person ended it, if not by taking it off its deal before."""
        self.ended_by_person, self.was_ever_ended = step, True
        if self.first_ended is None:
            self.first_ended = step
        if self.ended_at is None:
            self.ended_at = now
        self.touch()

    def take(self, write: Mapping[str, Scalar], step: int) -> None:
        """We wrote into it; a reference wiped meanwhile says again what is ours."""
        if self.marker is None:
            for column in self.wiped:
                self.touched.pop(column, None)
            self.wiped.clear()
        self.parts.update(write)
        for column in write:
            self.touched.pop(column, None)
            self.written_at[column] = step

    def wipe(self, step: int) -> None:
        """A person wiped its reference, and nothing of it is known as ours any more."""
        self.wiped |= PARTS.keys() - self.touched.keys()
        self.touched |= dict.fromkeys(self.wiped, step)

    def edit(self, column: str, value: str, step: int) -> None:
        """A person wrote into it; what we would write ourselves is no edit."""
        self.parts[column] = value
        self.wiped.discard(column)
        written = self.marker.hashes if self.marker else {}
        if written.get(PARTS[column]) == short_hash(value):
            self.touched.pop(column, None)
        else:
            self.touched[column] = step
        self.touch()


@dataclass
class Held:
    """Everything a CRM holds, as far as the promises go.

    Attributes:
        is_hubspot: Tasks are tied to deals by a request of their own, are not deleted
            with them, and a search shows young ones late.
        hidden: Fields the integration user may not read now.
        unreadable: Deals the integration user may not read now.
        written: How many writes of ours were carried out or refused.
        step: The step the simulation stands at.
        disturbed: Deal to the step in which something was done to it last.
        purged: Ids of tasks that are gone for good.
    """

    watch: Watch
    is_hubspot: bool
    now: Callable[[], datetime]
    deals: dict[str, Deal] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    users: dict[str, Person] = field(default_factory=dict)
    tasks: dict[str, SimTask] = field(default_factory=dict)
    by_key: dict[str, list[SimTask]] = field(default_factory=dict)
    of_obligation: dict[ObligationId, list[SimTask]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    per_day: dict[tuple[str, date], int] = field(default_factory=dict)
    written: int = 0
    step: int = 0
    disturbed: dict[str, int] = field(default_factory=dict)
    purged: set[str] = field(default_factory=set)

    def add_task(self, task: SimTask) -> None:
        self.tasks[task.remote_id] = task
        if task.is_foreign:
            return
        self.by_key.setdefault(task.key, []).append(task)
        self.of_obligation.setdefault(task.id, []).append(task)

    def holder(self, key: str) -> SimTask | None:
        """Return the task that holds a key, if any does."""
        held = [task for task in self.by_key.get(key, ()) if not task.is_purged]
        return min(
            held, key=lambda task: (task.is_deleted, task.remote_id), default=None
        )

    def others(self, task: SimTask) -> list[SimTask]:
        """Return all tasks there are for what a task is for."""
        known = self.of_obligation.get(task.id, ())
        return [each for each in known if not each.is_purged and each is not task]
