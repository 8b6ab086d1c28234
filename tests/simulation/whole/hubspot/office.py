"""People at work in a HubSpot portal of the sandbox, through its API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.names import REF_PROPERTY
from gatekeeper.sandbox.hubspot.portal import ARCHIVED
from gatekeeper.sandbox.hubspot.records import purge
from gatekeeper.sandbox.state import Row
from tests.simulation.org import LAST_RESORT, MUCH, new_deal
from tests.simulation.whole.hubspot.portal import COLUMNS, OWNERS, STAGES, make_deal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.sandbox.hubspot.kinds import Property
    from gatekeeper.sandbox.hubspot.portal import Portal
    from tests.simulation.whole.hubspot.mirror import HubSpotMirror
    from tests.simulation.whole.hubspot.portal import Hand

_WIRE = {
    "owner_id": "hubspot_owner_id",
    "due_on": "hs_timestamp",
    "subject": "hs_task_subject",
    "body": "hs_task_body",
}
_MOST_DEALS = 8


@dataclass
class HubSpotOffice:
    """Implements `actors.Office` over a portal."""

    portal: Portal
    mirror: HubSpotMirror
    hand: Hand
    _away: dict[str, Property] = field(default_factory=dict)

    def deals(self) -> Sequence[str]:
        return list(self.mirror.deals)

    def open_tasks(self) -> Sequence[str]:
        return [task.remote_id for task in self.mirror.tasks.values() if task.is_open]

    def ended_tasks(self) -> Sequence[str]:
        tasks = self.mirror.tasks.values()
        return [task.remote_id for task in tasks if not task.is_open]

    def people(self) -> Sequence[str]:
        return [each for each in self.mirror.users if each != OWNERS[LAST_RESORT]]

    def _write(self, kind: str, id_: str, **values: str) -> bool:
        """Change a record; False where HubSpot refuses it."""
        body = {"properties": values}
        done = self.hand("PATCH", f"/crm/v3/objects/{kind}/{id_}", body)
        self.mirror.refresh(None, ())
        return bool(done)

    def _archive(self, kind: str, id_: str) -> None:
        self.hand("DELETE", f"/crm/v3/objects/{kind}/{id_}")
        self.mirror.refresh(None, ())

    # ---- deals ----

    def set_field(self, deal: str, number: int, *, filled: bool) -> None:
        columns = list(COLUMNS.values())
        value = f"there {number % 9}" if filled else ""
        column = columns[number % len(columns)]
        away = self._away.get(column)
        properties = self.portal.kinds["deals"].properties
        if away is not None:
            properties[column] = away
        self._write("deals", deal, **{column: value})
        if away is not None:
            del properties[column]
        self.mirror.disturbed[deal] = self.mirror.step

    def move(self, deal: str, stage: str) -> None:
        self._write("deals", deal, dealstage=STAGES[stage])
        self.mirror.disturbed[deal] = self.mirror.step

    def rename_deal(self, deal: str, name: str) -> None:
        self._write("deals", deal, dealname=name)

    def hand_over(self, deal: str, person: str) -> None:
        self._write("deals", deal, hubspot_owner_id=person)

    def delete_deal(self, deal: str) -> None:
        self._archive("deals", deal)

    def new_deal(self, number: int) -> None:
        place = len(self.mirror.deals) + len(self.mirror.deleted)
        if place < _MOST_DEALS or not self.mirror.deals:
            with_all = {**self.portal.kinds["deals"].properties, **self._away}
            shown, self.portal.kinds["deals"].properties = (
                self.portal.kinds["deals"].properties,
                with_all,
            )
            deal = new_deal(place, number)
            if not self.portal.owners[OWNERS[str(deal.owner_id)]].archived:
                make_deal(self.hand, deal)
            self.portal.kinds["deals"].properties = shown
            self.mirror.refresh(None, ())

    def edit_flag(self, deal: str, number: int) -> None:
        edits: tuple[dict[str, str], ...] = (
            {"gatekeeper_status": ""},
            {"gatekeeper_open_count": "7"},
            {"gatekeeper_status": "Clear", "gatekeeper_missing": ""},
        )
        self._write("deals", deal, **edits[number % len(edits)])

    def write_much(self, deal: str, number: int) -> None:
        if number % 2:
            self.rename_deal(deal, MUCH[:65_000])
        elif "need" not in self._away:
            self._write("deals", deal, need=MUCH[:65_000])
            self.mirror.disturbed[deal] = self.mirror.step

    # ---- tasks ----

    def complete(self, task: str) -> None:
        if self._write("tasks", task, hs_task_status="COMPLETED"):
            self._end(task)

    def delete_task(self, task: str) -> None:
        self._archive("tasks", task)
        self._end(task)

    def _end(self, task: str) -> None:
        self.mirror.tasks[task].end(self.mirror.step, self.mirror.now())

    def purge(self, task: str) -> None:
        gone = self.mirror.tasks[task]
        if gone.is_deleted:
            gone.is_purged = True
            del self.mirror.tasks[task]
            self.mirror.purged.add(task)
            purge(self.portal, self.portal.kinds["tasks"], task)

    def reopen(self, task: str) -> None:
        opened = self.mirror.tasks[task]
        if opened.id.deal_id not in self.mirror.deals:
            return
        row = Row(self.portal.state.tables["tasks"].get(task) or {})
        row.pop(ARCHIVED, None)
        self.portal.put(self.portal.kinds["tasks"], task, row)
        opened.was_reopened, opened.ended_by_person = True, None
        self._write("tasks", task, hs_task_status="NOT_STARTED")

    def edit(self, task: str, column: str, number: int) -> None:
        people, known = self.people(), self.mirror.tasks[task]
        values = {
            "owner_id": people[number % len(people)],
            "due_on": f"2027-01-{number % 28 + 1:02d}",
            "subject": f"Mine {number % 3}",
            "body": f"My words {number % 3}",
        }
        wire = value = values[column]
        if column == "due_on":
            moment = self.mirror.dues.moment(date.fromisoformat(value), None)
            wire = moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if self._write("tasks", task, **{_WIRE[column]: wire}):
            known.edit(column, value, self.mirror.step)

    def wipe_reference(self, task: str) -> None:
        if self._write("tasks", task, **{REF_PROPERTY: ""}):
            self.mirror.tasks[task].wipe(self.mirror.step)

    def take_off_deal(self, task: str) -> None:
        loose = self.mirror.tasks[task]
        path = f"/crm/v4/objects/tasks/{task}/associations/deals/{loose.id.deal_id}"
        self.hand("DELETE", path)
        loose.was_ever_ended = True
        self.mirror.refresh(None, ())

    # ---- people and rights ----

    def leave(self, person: str) -> None:
        owner = self.portal.owners[person]
        self.portal.owners[person] = replace(owner, archived=True)

    def come_back(self, person: str) -> None:
        owner = self.portal.owners[person]
        self.portal.owners[person] = replace(owner, archived=False)

    def show(self, number: int, *, field: bool, visible: bool) -> None:
        """Hide a property, or show all; a portal hides no single deal."""
        if not field:
            return
        properties = self.portal.kinds["deals"].properties
        if visible:
            properties.update(self._away)
            self._away.clear()
            self.mirror.hidden.clear()
            return
        name = list(COLUMNS)[number % len(COLUMNS)]
        if COLUMNS[name] in properties:
            self._away[COLUMNS[name]] = properties.pop(COLUMNS[name])
            self.mirror.hidden.add(name)
