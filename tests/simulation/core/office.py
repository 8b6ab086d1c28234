"""People at work in the simulated CRM."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Flags
from tests.simulation.org import FIELDS, LAST_RESORT, MUCH, new_deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulation.core.records import Records
    from tests.simulation.records import SimTask

_CLOSED = {"Closed Lost": (True, False), "Closed Won": (True, True)}


@dataclass
class RecordsOffice:
    """Implements `actors.Office` over the records."""

    records: Records

    def deals(self) -> Sequence[str]:
        return list(self.records.deals)

    def open_tasks(self) -> Sequence[str]:
        return [task.remote_id for task in self.records.tasks.values() if task.is_open]

    def ended_tasks(self) -> Sequence[str]:
        return [
            task.remote_id
            for task in self.records.tasks.values()
            if not (task.is_open or task.is_purged)
        ]

    def people(self) -> Sequence[str]:
        return [each for each in self.records.users if each != LAST_RESORT]

    # ---- deals ----

    def set_field(self, deal: str, number: int, *, filled: bool) -> None:
        names = list(FIELDS.values())
        value = f"there {number % 9}" if filled else EMPTY
        self._change(deal, **{names[number % len(names)]: value})

    def _change(self, deal: str, **values: object) -> None:
        self.records.disturbed[deal] = self.records.step
        before = self.records.deals[deal]
        fields = {**before.fields, **values}
        self.records.deals[deal] = replace(before, fields=fields)  # type: ignore[arg-type]

    def move(self, deal: str, stage: str) -> None:
        is_closed, is_won = _CLOSED.get(stage, (False, False))
        before = self.records.deals[deal]
        self.records.deals[deal] = replace(before, stage=stage, stage_label=stage)
        self._change(deal, is_closed=is_closed, is_won=is_won)

    def rename_deal(self, deal: str, name: str) -> None:
        self.records.deals[deal] = replace(self.records.deals[deal], name=name)

    def hand_over(self, deal: str, person: str) -> None:
        self.records.deals[deal] = replace(self.records.deals[deal], owner_id=person)

    def delete_deal(self, deal: str) -> None:
        del self.records.deals[deal]
        self.records.deleted.add(deal)
        for task in self.records.tasks.values():
            if task.id.deal_id == deal and not self.records.is_hubspot:
                task.is_deleted = task.was_ever_ended = True
                task.touch()

    def new_deal(self, number: int) -> None:
        place = len(self.records.deals) + len(self.records.deleted)
        if place < 8 or not self.records.deals:
            deal = new_deal(place, number)
            self.records.deals[deal.id] = deal

    def edit_flag(self, deal: str, number: int) -> None:
        before = self.records.deals[deal]
        flags = before.flags or Flags()
        edits = (
            replace(flags, status=None),
            replace(flags, open_count=7),
            replace(flags, status="Clear", missing=None),
        )
        self.records.deals[deal] = replace(before, flags=edits[number % len(edits)])

    def write_much(self, deal: str, number: int) -> None:
        if number % 2:
            self.rename_deal(deal, MUCH)
        else:
            self._change(deal, need=MUCH)

    # ---- tasks ----

    def complete(self, task: str) -> None:
        self._end(task).is_closed = True

    def delete_task(self, task: str) -> None:
        self._end(task).is_deleted = True

    def _end(self, task: str) -> SimTask:
        ended = self.records.tasks[task]
        ended.end(self.records.step, self.records.now())
        return ended

    def purge(self, task: str) -> None:
        gone = self.records.tasks[task]
        if gone.is_deleted:
            gone.is_purged = True
            self.records.purged.add(task)
            del self.records.tasks[task]

    def reopen(self, task: str) -> None:
        opened = self.records.tasks[task]
        if opened.id.deal_id not in self.records.deals:
            return
        opened.is_closed = opened.is_deleted = False
        opened.was_reopened, opened.ended_by_person = True, None
        opened.touch()

    def edit(self, task: str, column: str, number: int) -> None:
        edited = self.records.tasks[task]
        people = self.people()
        values = {
            "owner_id": people[number % len(people)],
            "due_on": f"2027-01-{number % 28 + 1:02d}",
            "subject": f"Mine {number % 3}",
            "body": f"My words {number % 3}",
        }
        edited.edit(column, values[column], self.records.step)
        if column == "body":
            edited.rule_ids = ()

    def wipe_reference(self, task: str) -> None:
        wiped = self.records.tasks[task]
        wiped.marker = None
        wiped.wipe(self.records.step)
        wiped.touch()

    def take_off_deal(self, task: str) -> None:
        loose = self.records.tasks[task]
        if self.records.is_hubspot:
            loose.is_loose = loose.was_ever_ended = True
            loose.ended_at = self.records.now()
            loose.touch()

    # ---- people and rights ----

    def leave(self, person: str) -> None:
        users = self.records.users
        users[person] = replace(users[person], is_active=False)

    def come_back(self, person: str) -> None:
        users = self.records.users
        users[person] = replace(users[person], is_active=True)

    def show(self, number: int, *, field: bool, visible: bool) -> None:
        names = list(FIELDS.values()) if field else self.deals()
        hidden = self.records.hidden if field else self.records.unreadable
        if visible:
            hidden.clear()
        elif names:
            hidden.add(names[number % len(names)])
