"""What the sandbox holds of ours, as the promises look at it."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action
from tests.simulation.broken import Broken
from tests.simulation.records import Held, SimTask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.model import Change
    from tests.simulation.invariants import Session


@dataclass
class Mirror(Held):
    """The CRM's records seen from outside, brought up to date after every write."""

    @abstractmethod
    def look(self) -> list[SimTask]:
        """Take in what changed; return the tasks of ours that are new."""

    def refresh(self, session: Session | None, changes: Sequence[Change]) -> None:
        """Take in what was written, by a process or by a person (None)."""
        of_key = {each.key: each for each in changes}
        for change in changes:
            task = self.tasks.get(change.remote_id or "")
            if task is not None:
                for column in change.write:
                    task.touched.pop(column, None)
                    task.written_at[column] = self.step
        for task in self.look():
            if session is not None:
                self._made(session, task, of_key)
            self.add_task(task)

    def _made(
        self, session: Session, task: SimTask, of_key: Mapping[str, Change]
    ) -> None:
        change = of_key.get(task.key)
        if change is None or change.action is not Action.CREATE:
            raise Broken("W3", f"{task.key} was made, and no change says so")
        if change.id != task.id or change.episode != task.episode:
            raise Broken("W3", f"{task.key} was made for {task.id} {task.episode}")
        self.watch.created(session, task, self.others(task))
        if session.is_run and change.person_id:
            day = (change.person_id, session.day)
            self.per_day[day] = self.per_day.get(day, 0) + 1

    def expect_ours(self, session: Session, change: Change) -> None:
        """A request that changes a task is about to be carried out."""
        is_task = change.action in (Action.UPDATE, Action.CLOSE)
        if not is_task or change.remote_id in self.purged:
            return
        task = self.tasks.get(change.remote_id or "")
        is_ours = task is not None and not task.is_foreign
        self.watch.updated(session, task if is_ours else None, change)
