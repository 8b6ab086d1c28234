"""The records of a sandbox org as the promises look at them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Deal, Flags
from gatekeeper.crm.marker import decode, key_of, split_rules
from gatekeeper.crm.salesforce.names import FLAG_FIELDS, KEY_FIELD, REF_FIELD
from gatekeeper.sandbox.salesforce.activities import instant
from tests.simulation.records import SimTask
from tests.simulation.whole.mirror import Mirror
from tests.simulation.whole.salesforce.org import COLUMNS, STAGES

if TYPE_CHECKING:
    from gatekeeper.core.model import FieldValue
    from gatekeeper.sandbox.salesforce.org import Org
    from gatekeeper.sandbox.state import Stored

_STAGES = {there: here for here, there in STAGES.items()}


@dataclass
class SalesforceMirror(Mirror):
    """Compares rows by identity: the sandbox replaces a row, it never changes one."""

    org: Org = field(init=False)
    _rows: dict[str, Stored] = field(default_factory=dict)

    def look(self) -> list[SimTask]:
        self._look_at_deals()
        tables, new = self.org.state.tables, list[SimTask]()
        for id_ in tables["Task"].ids():
            row = tables["Task"].get(id_)
            if row is None or row is self._rows.get(id_) or not row[KEY_FIELD]:
                continue
            self._rows[id_] = row
            task = self.tasks.get(id_)
            if task is None:
                new.append(task := self._new(id_, row))
            _fill(task, row)
        return new

    def _new(self, id_: str, row: Stored) -> SimTask:
        marker, key = decode(str(row[REF_FIELD])), str(row[KEY_FIELD])
        assert marker is not None
        return SimTask(
            id_,
            key,
            marker.id,
            marker.episode,
            marker,
            {},
            (),
            instant(str(row["CreatedDate"])),
            is_foreign=key_of(marker, f"sf:{self.org.org_id}") != key,
        )

    def _look_at_deals(self) -> None:
        table = self.org.state.tables["Opportunity"]
        for id_ in table.ids():
            row = table.get(id_)
            if row is None or row is self._rows.get(id_):
                continue
            self._rows[id_] = row
            if row["IsDeleted"]:
                self.deals.pop(id_, None)
                self.deleted.add(id_)
            else:
                self.deals[id_] = _deal(row, f"sf:{self.org.org_id}")


def _fill(task: SimTask, row: Stored) -> None:
    body, task.rule_ids = split_rules(str(row["Description"] or ""))
    task.mark(decode(str(row[REF_FIELD] or "")))
    task.parts = {
        "owner_id": str(row["OwnerId"] or ""),
        "due_on": str(row["ActivityDate"] or "") or None,
        "subject": str(row["Subject"] or ""),
        "body": body,
    }
    was_there = task.is_live
    task.is_closed, task.is_deleted = row["IsClosed"] is True, row["IsDeleted"] is True
    if was_there and task.is_deleted:
        task.was_ever_ended = True  # with its deal, or by a person who says so himself
    task.touch()


def _deal(row: Stored, org: str) -> Deal:
    fields: dict[str, FieldValue] = {
        name: str(row[column]) if row[column] else EMPTY
        for name, column in COLUMNS.items()
    }
    stage = str(row["StageName"])
    return Deal(
        org,
        str(row["Id"]),
        str(row["Name"]),
        "Default",
        _STAGES.get(stage, stage),
        str(row["OwnerId"]),
        "",
        fields,
        stage_label=stage,
        flags=_flags(row),
    )


def _flags(row: Stored) -> Flags:
    told = {name: row[column] for name, column in FLAG_FIELDS.items()}
    since, count = told["open_since"], told["open_count"]
    return Flags(
        **{
            **told,
            "open_since": date.fromisoformat(str(since)) if since else None,
            "open_count": int(float(str(count))) if count is not None else None,
        }  # type: ignore[arg-type]
    )
