"""Changes as the records Salesforce takes: our words into its fields.

Pure. A task is plain text; what passes a field's length is cut here, though core
keeps within it, because one record too long must not be refused every night.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action
from gatekeeper.crm.marker import encode, marker_of, with_rules
from gatekeeper.crm.salesforce.names import (
    DEAL_OBJECT,
    FLAG_FIELDS,
    KEY_FIELD,
    REF_FIELD,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Change, Scalar

_TASK_FIELDS = {"owner_id": "OwnerId", "due_on": "ActivityDate", "subject": "Subject"}
_LENGTHS = {"Subject": 255, "Description": 32_000}
"""Of fields whose length describe does not show."""

WireRecord = dict[str, object]


@dataclass(frozen=True, slots=True)
class Forms:
    """What a record needs beside the change.

    Attributes:
        run_number: Written into the marker.
        closed_status: A status of this org that means closed.
        lengths: Field name to the longest text it takes, by object.
    """

    run_number: int
    closed_status: str
    lengths: Mapping[str, Mapping[str, int]]

    def record(self, change: Change) -> WireRecord:
        """Return the record of one change.

        Raises:
            ValueError: The change names no task although it is about one.
        """
        if change.action is Action.FLAG:
            return self._flags(change)
        record: WireRecord = {"attributes": {"type": "Task"}, **self._parts(change)}
        if change.action is Action.CREATE:
            record["WhatId"] = change.deal_id
            record[KEY_FIELD] = change.key
        else:
            record["Id"] = change.remote_id
        if change.action is Action.CLOSE:
            record["Status"] = self.closed_status
        if change.id is not None:
            record[REF_FIELD] = encode(marker_of(change, self.run_number))
        elif change.action is Action.CREATE:
            msg = f"the change {change.key} does not say whose task it is"
            raise ValueError(msg)
        return record

    def _parts(self, change: Change) -> WireRecord:
        record: WireRecord = {
            field: self._cut("Task", field, change.write[name])
            for name, field in _TASK_FIELDS.items()
            if name in change.write
        }
        if "body" in change.write:
            body = with_rules(str(change.write["body"] or ""), change.rule_ids)
            record["Description"] = self._cut("Task", "Description", body)
        return record

    def _flags(self, change: Change) -> WireRecord:
        record: WireRecord = {
            "attributes": {"type": DEAL_OBJECT},
            "Id": change.deal_id,
        }
        for name, value in change.write.items():
            field = FLAG_FIELDS[name]
            record[field] = self._cut(DEAL_OBJECT, field, value)
        return record

    def _cut(self, object_name: str, field: str, value: Scalar) -> Scalar:
        longest = self.lengths.get(object_name, {}).get(field) or _LENGTHS.get(field)
        if longest and isinstance(value, str) and len(value) > longest:
            return value[: longest - 1] + "\N{HORIZONTAL ELLIPSIS}"
        return value
