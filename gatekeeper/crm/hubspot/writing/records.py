"""Changes as the records HubSpot takes: our words into its properties. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.writing.body import as_html
from gatekeeper.crm.marker import encode, marker_of, with_rules

if TYPE_CHECKING:
    from gatekeeper.core.model import Change, Scalar
    from gatekeeper.crm.hubspot.due import DueTimes
    from gatekeeper.crm.hubspot.wire.envelope import Record
    from gatekeeper.crm.hubspot.writing.shadow import Shadows

_DONE, _BEGUN = "COMPLETED", "NOT_STARTED"
_PARTS = {"owner_id": names.OWNER, "subject": "hs_task_subject"}
_LONGEST = {"hs_task_subject": 255}


@dataclass(frozen=True, slots=True)
class Forms:
    """What a record needs beside the change.

    Attributes:
        run_number: Written into the marker.
        dues: The moment that stands for a day.
        shadows: What stands on the deals; None where the property is not there.
    """

    run_number: int
    dues: DueTimes
    shadows: Shadows | None = None

    def upserted(self, change: Change) -> Record:
        """Return a new task as batch upsert takes it."""
        return {
            "idProperty": names.KEY_PROPERTY,
            "id": change.key,
            "objectWriteTraceId": change.key,
            "properties": self.new_task(change),
        }

    def created(self, change: Change) -> Record:
        """Return a new task with its deal as batch create takes it."""
        association = {
            "to": {"id": change.deal_id},
            "types": [deal_type()],
        }
        return {
            "objectWriteTraceId": change.key,
            "properties": self.new_task(change),
            "associations": [association],
        }

    def updated(self, change: Change) -> Record:
        """Return a changed record as batch update takes it.

        Raises:
            ValueError: The change names no record.
        """
        if not change.remote_id:
            msg = f"the change {change.key} names no record"
            raise ValueError(msg)
        is_flag = change.action is Action.FLAG
        values = self._flags(change) if is_flag else self._task(change)
        return {
            "id": change.remote_id,
            "objectWriteTraceId": change.key,
            "properties": values,
        }

    def new_task(self, change: Change) -> dict[str, str]:
        """Return the properties of a new task.

        Raises:
            ValueError: The change does not say whose task it is.
        """
        if change.id is None:
            msg = f"the change {change.key} does not say whose task it is"
            raise ValueError(msg)
        return {
            **self._task(change),
            names.KEY_PROPERTY: change.key,
            "hs_task_status": _BEGUN,
            "hs_task_type": "TODO",
        }

    def _task(self, change: Change) -> dict[str, str]:
        values = {
            path: _cut(path, _text(change.write[name]))
            for name, path in _PARTS.items()
            if name in change.write
        }
        if "due_on" in change.write:
            values["hs_timestamp"] = self._due(change.write["due_on"], change.person_id)
        if "body" in change.write:
            body = with_rules(_text(change.write["body"]), change.rule_ids)
            values["hs_task_body"] = as_html(body)
        if change.action is Action.CLOSE:
            values["hs_task_status"] = _DONE
        if change.id is not None:
            values[names.REF_PROPERTY] = encode(marker_of(change, self.run_number))
        return values

    def _due(self, due_on: Scalar, owner_id: str | None) -> str:
        moment = self.dues.moment(date.fromisoformat(_text(due_on)), owner_id)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def _flags(self, change: Change) -> dict[str, str]:
        values = {
            names.FLAG_PROPERTIES[name]: _text(value)
            for name, value in change.write.items()
        }
        text = self.shadows.text(change.deal_id) if self.shadows else None
        if text is not None:
            values[names.SHADOW_PROPERTY] = text
        return values


def deal_type() -> dict[str, object]:
    """Return the type of a task's association with its deal."""
    return {
        "associationCategory": "HUBSPOT_DEFINED",
        "associationTypeId": names.TASK_TO_DEAL,
    }


def _text(value: Scalar) -> str:
    """Return a value as HubSpot takes it: text, "" to clear it."""
    return "" if value is None else str(value)


def _cut(path: str, text: str) -> str:
    longest = _LONGEST.get(path, 65_536)
    if len(text) <= longest:
        return text
    return text[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
