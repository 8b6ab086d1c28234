"""People at work in a Salesforce org of the sandbox, by the rules of its API."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce.names import REF_FIELD
from gatekeeper.sandbox.salesforce import dml
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.state import Row
from tests.simulation.org import LAST_RESORT, MUCH, new_deal
from tests.simulation.whole.salesforce.org import COLUMNS, STAGES, make_deal, writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.sandbox.salesforce.org import Org
    from tests.simulation.whole.salesforce.mirror import SalesforceMirror

_WIRE = {
    "owner_id": "OwnerId",
    "due_on": "ActivityDate",
    "subject": "Subject",
    "body": "Description",
}
_MOST_DEALS = 8
_AN_AGE = timedelta(days=10_000)


@dataclass
class SalesforceOffice:
    """Implements `actors.Office` over an org."""

    org: Org
    mirror: SalesforceMirror

    def deals(self) -> Sequence[str]:
        return list(self.mirror.deals)

    def open_tasks(self) -> Sequence[str]:
        return [task.remote_id for task in self.mirror.tasks.values() if task.is_open]

    def ended_tasks(self) -> Sequence[str]:
        tasks = self.mirror.tasks.values()
        return [task.remote_id for task in tasks if not task.is_open]

    def people(self) -> Sequence[str]:
        return [each for each in self.mirror.users if each != LAST_RESORT]

    @contextmanager
    def _hand(self) -> Iterator[dml.Writer]:
        """Write as somebody who may see everything."""
        for column in COLUMNS.values():
            self.org.show_field("Opportunity", column)
        self.org.late._until.clear()
        try:
            yield writer(self.org)
        finally:
            self._hide()
            self.mirror.refresh(None, ())

    def _hide(self) -> None:
        for name in self.mirror.hidden:
            self.org.hide_field("Opportunity", COLUMNS[name])
        for deal in self.mirror.unreadable:
            self.org.late.hold_back(deal, self.org.now() + _AN_AGE)

    # ---- deals ----

    def set_field(self, deal: str, number: int, *, filled: bool) -> None:
        columns = list(COLUMNS.values())
        value = f"there {number % 9}" if filled else None
        self._change(deal, **{columns[number % len(columns)]: value})
        self.mirror.disturbed[deal] = self.mirror.step

    def _change(self, deal: str, **values: object) -> None:
        with self._hand() as hand, suppress(SalesforceError):
            dml.update(hand, "Opportunity", deal, values)

    def move(self, deal: str, stage: str) -> None:
        self._change(deal, StageName=STAGES.get(stage, stage))
        self.mirror.disturbed[deal] = self.mirror.step

    def rename_deal(self, deal: str, name: str) -> None:
        self._change(deal, Name=name)

    def hand_over(self, deal: str, person: str) -> None:
        self._change(deal, OwnerId=person)

    def delete_deal(self, deal: str) -> None:
        with self._hand() as hand:
            dml.delete(hand, "Opportunity", deal)

    def new_deal(self, number: int) -> None:
        place = len(self.mirror.deals) + len(self.mirror.deleted)
        if place < _MOST_DEALS or not self.mirror.deals:
            with self._hand() as hand, suppress(SalesforceError):
                make_deal(hand, new_deal(place, number))

    def edit_flag(self, deal: str, number: int) -> None:
        edits: tuple[dict[str, object], ...] = (
            {"Gate_Status__c": None},
            {"Gate_Open_Count__c": 7},
            {"Gate_Status__c": "Clear", "Gate_Missing__c": None},
        )
        self._change(deal, **edits[number % len(edits)])

    def write_much(self, deal: str, number: int) -> None:
        if number % 2:
            self.rename_deal(deal, MUCH[:120])
        else:
            self._change(deal, Need__c=MUCH)
            self.mirror.disturbed[deal] = self.mirror.step

    # ---- tasks ----

    def complete(self, task: str) -> None:
        if self._edit(task, Status="Completed"):
            self._end(task)

    def delete_task(self, task: str) -> None:
        with self._hand() as hand:
            dml.delete(hand, "Task", task)
        self._end(task)

    def _end(self, task: str) -> None:
        self.mirror.tasks[task].end(self.mirror.step, self.mirror.now())

    def _edit(self, task: str, **values: object) -> bool:
        """Change a task; False where the org refuses it, its owner having left."""
        with self._hand() as hand, suppress(SalesforceError):
            dml.update(hand, "Task", task, values)
            return True
        return False

    def purge(self, task: str) -> None:
        gone = self.mirror.tasks[task]
        if gone.is_deleted:
            gone.is_purged = True
            del self.mirror.tasks[task]
            self.mirror.purged.add(task)
            self.org.remove("Task", task)

    def reopen(self, task: str) -> None:
        opened = self.mirror.tasks[task]
        if opened.id.deal_id not in self.mirror.deals:
            return
        row = self.org.state.tables["Task"].get(task)
        self.org.put("Task", Row(row or {}, IsDeleted=False))
        opened.was_reopened, opened.ended_by_person = True, None
        if not self._edit(task, Status="Not Started"):
            self.mirror.refresh(None, ())

    def edit(self, task: str, column: str, number: int) -> None:
        people = self.people()
        values = {
            "owner_id": people[number % len(people)],
            "due_on": f"2027-01-{number % 28 + 1:02d}",
            "subject": f"Mine {number % 3}",
            "body": f"My words {number % 3}",
        }
        if self._edit(task, **{_WIRE[column]: values[column]}):
            self.mirror.tasks[task].edit(column, values[column], self.mirror.step)

    def wipe_reference(self, task: str) -> None:
        if self._edit(task, **{REF_FIELD: None}):
            self.mirror.tasks[task].wipe(self.mirror.step)

    def take_off_deal(self, task: str) -> None:
        """Do nothing: a task found by its marker stays its deal's."""

    # ---- people and rights ----

    def leave(self, person: str) -> None:
        with self._hand() as hand:
            dml.update(hand, "User", person, {"IsActive": False})

    def come_back(self, person: str) -> None:
        with self._hand() as hand:
            dml.update(hand, "User", person, {"IsActive": True})

    def show(self, number: int, *, field: bool, visible: bool) -> None:
        names = list(COLUMNS) if field else self.deals()
        hidden = self.mirror.hidden if field else self.mirror.unreadable
        with self._hand():
            if visible:
                hidden.clear()
            elif names:
                hidden.add(names[number % len(names)])
