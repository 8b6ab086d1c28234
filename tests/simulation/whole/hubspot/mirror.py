"""The records of a sandbox portal as the promises look at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Deal, Flags
from gatekeeper.crm.hubspot.names import FLAG_PROPERTIES, KEY_PROPERTY, REF_PROPERTY
from gatekeeper.crm.hubspot.writing.body import as_text
from gatekeeper.crm.marker import decode, key_of, split_rules
from gatekeeper.sandbox.hubspot.portal import ARCHIVED, CREATED
from gatekeeper.sandbox.hubspot.times import instant
from tests.simulation.records import SimTask
from tests.simulation.whole.hubspot.portal import COLUMNS, STAGES
from tests.simulation.whole.mirror import Mirror

if TYPE_CHECKING:
    from gatekeeper.core.model import FieldValue
    from gatekeeper.crm.hubspot.due import DueTimes
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

_STAGES = {there: here for here, there in STAGES.items()}


@dataclass
class HubSpotMirror(Mirror):
    """Compares rows by identity: the sandbox replaces a row, it never changes one."""

    portal: Portal = field(init=False)
    dues: DueTimes = field(init=False)
    id: str = ""
    _rows: dict[str, Stored] = field(default_factory=dict)

    def look(self) -> list[SimTask]:
        self._look_at_deals()
        table, new = self.portal.state.tables["tasks"], list[SimTask]()
        for id_ in table.ids():
            row = table.get(id_)
            if row is None or not row[KEY_PROPERTY]:
                continue
            task = self.tasks.get(id_)
            if row is not self._rows.get(id_):
                self._rows[id_] = row
                if task is None:
                    new.append(task := self._new(id_, row))
                self._fill(task, row)
            if task is not None:
                links = self.portal.links.of(("tasks", "deals"), id_)
                task.is_loose = task.id.deal_id not in links
        return new

    def _new(self, id_: str, row: Stored) -> SimTask:
        marker, key = decode(str(row[REF_PROPERTY])), str(row[KEY_PROPERTY])
        assert marker is not None
        return SimTask(
            id_,
            key,
            marker.id,
            marker.episode,
            marker,
            {},
            (),
            instant(str(row[CREATED])),
            is_foreign=key_of(marker, self.id) != key,
        )

    def _fill(self, task: SimTask, row: Stored) -> None:
        owner = str(row["hubspot_owner_id"] or "")
        due = self.dues.day(row["hs_timestamp"], owner)
        body, task.rule_ids = split_rules(as_text(str(row["hs_task_body"] or "")))
        task.mark(decode(str(row[REF_PROPERTY] or "")))
        task.parts = {
            "owner_id": owner,
            "due_on": due.isoformat() if due else None,
            "subject": str(row["hs_task_subject"] or ""),
            "body": body,
        }
        task.is_closed = row["hs_task_status"] == "COMPLETED"
        task.is_deleted = bool(row[ARCHIVED])
        task.touch()

    def _look_at_deals(self) -> None:
        table = self.portal.state.tables["deals"]
        for id_ in table.ids():
            row = table.get(id_)
            if row is None or row is self._rows.get(id_):
                continue
            self._rows[id_] = row
            if row[ARCHIVED]:
                self.deals.pop(id_, None)
                self.deleted.add(id_)
            else:
                self.deals[id_] = _deal(row, self.id)


def _deal(row: Stored, org: str) -> Deal:
    fields: dict[str, FieldValue] = {
        name: str(row[column]) if row[column] else EMPTY
        for name, column in COLUMNS.items()
    }
    stage = str(row["dealstage"])
    return Deal(
        org,
        str(row["hs_object_id"]),
        str(row["dealname"]),
        "Sales Pipeline",
        _STAGES.get(stage, stage),
        str(row["hubspot_owner_id"]),
        "",
        fields,
        stage_label=stage,
        flags=_flags(row),
    )


def _flags(row: Stored) -> Flags:
    told = {name: row[column] or None for name, column in FLAG_PROPERTIES.items()}
    since, count = told["open_since"], told["open_count"]
    return Flags(
        **{
            **told,
            "open_since": date.fromisoformat(str(since)[:10]) if since else None,
            "open_count": int(float(str(count))) if count is not None else None,
        }  # type: ignore[arg-type]
    )
