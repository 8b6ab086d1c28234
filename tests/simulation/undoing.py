"""What every run sent, and what stood there before: an undo is measured by it (W11)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, TaskPart, alike, short_hash
from tests.simulation.broken import Broken
from tests.simulation.limiting import flags_read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.core.model import Change, Scalar
    from tests.simulation.invariants import Session, Task


@dataclass(frozen=True, slots=True)
class Footprint:
    """One change as it left.

    Attributes:
        before: What stood there; of a task as hashes and without what a person wrote
            after the run had read it, of flags as the run read them.
    """

    change: Change
    before: Mapping[str, Scalar]


@dataclass
class Footprints:
    """The footprints of all runs, whatever became of their databases.

    Attributes:
        task: Finds the task that holds a key in the CRM.
    """

    task: Callable[[str], Task | None]
    _of: defaultdict[tuple[str, str], list[Footprint]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def left(self, session: Session, change: Change) -> None:
        """A change of a run or an applied plan is about to leave."""
        if change.action is Action.FLAG:
            before = flags_read(session, change)
        else:
            before = _known(self.task(change.key), session.seen.get(change.key, -1))
        self._of[session.run_id, _what(change)].append(Footprint(change, before))

    def goes_back(self, session: Session, change: Change) -> None:
        """A change of an undo leaves: it takes back what the run left, and no more."""
        prints = self._of[session.undoes, _what(change)]
        if not prints:
            raise Broken("W11", f"{session.undoes} did not write {_what(change)}")
        if change.action is Action.FLAG:
            wrong = [self._flags(session, change, each) for each in prints]
        else:
            wrong = [self._parts(session, change, each) for each in prints]
        if all(wrong):
            raise Broken("W11", f"{change.action} of {_what(change)}: {wrong[0]}")

    def _flags(self, session: Session, change: Change, left: Footprint) -> str:
        stands, wrote = flags_read(session, change), left.change.write
        for name, value in change.write.items():
            if name not in wrote:
                return f"{name} was not written"
            if not alike(stands.get(name), wrote[name]):
                return f"{name} was changed since"
            if not alike(value, left.before.get(name)):
                return f"{name} was {left.before.get(name)} before, not {value}"
        return ""

    def _parts(self, session: Session, change: Change, left: Footprint) -> str:
        is_close = change.action is Action.CLOSE
        task = self.task(change.key)
        if is_close is not (left.change.action is Action.CREATE):
            return f"the run's was a {left.change.action}"
        if task is None:
            return ""  # it was purged since
        changed = _changed_since(left.change, task, session.seen.get(change.key, -1))
        if changed:
            return f"{changed} was changed since"
        for column, value in change.write.items() if not is_close else ():
            if left.before.get(column) not in (None, short_hash(str(value or ""))):
                return f"{column} is not what it was before"
        return ""


def _changed_since(wrote: Change, task: Task, seen: int) -> str:
    """Return a column that stands otherwise than it was written, and was seen so."""
    stands = task.hashes()
    for part in TaskPart:
        is_other = stands[part.column] != wrote.hashes.get(part.value)
        changed_at = max(
            each.get(part.column, -1) for each in (task.touched, task.written_at)
        )
        is_seen = changed_at < seen
        if part.column in wrote.write and is_other and is_seen:
            return part.column
    return ""


def _what(change: Change) -> str:
    is_flag = change.action is Action.FLAG
    return f"the flags of {change.deal_id}" if is_flag else change.key


def _known(task: Task | None, seen: int) -> dict[str, Scalar]:
    """Return what stands in a task, but for what a person wrote after it was seen."""
    stands = task.hashes() if task is not None else {}
    return {
        column: hashed
        for column, hashed in stands.items()
        if task is not None and task.touched.get(column, -1) <= seen
    }
