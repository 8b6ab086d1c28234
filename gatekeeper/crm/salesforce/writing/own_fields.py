"""Our fields in Salesforce and the rights to them: one table (product D10).

`setup` makes them by API and `source_format` writes them as files, from here alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce import names

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS = ("Clear", "Pending", "Open", "Waived", "Cannot tell")
OBJECT_RIGHTS: Mapping[str, tuple[str, ...]] = {
    "Account": ("Read",),  # reading opportunities depends on it
    names.DEAL_OBJECT: ("Read", "Edit", "ViewAllRecords"),
}
"""What the permission set grants by object, and no more (promises S04)."""

ALL_RIGHTS = ("Create", "Read", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
SET_LABEL = "Gatekeeper Integration"

_SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class OwnField:
    """One field of ours as the Tooling API takes it.

    Attributes:
        table: `Activity` for fields of tasks.
        granted_on: The object whose field-level security it has.
    """

    table: str
    name: str
    metadata: Mapping[str, object]
    purpose: str
    granted_on: str

    @property
    def definition(self) -> Mapping[str, object]:
        """Its metadata with what an administrator reads of it in Setup."""
        return {"description": f"Set by gatekeeper. {self.purpose}", **self.metadata}

    @property
    def full_name(self) -> str:
        """Its name with its table."""
        return f"{self.table}.{self.name}"

    @property
    def grant(self) -> str:
        """Its name in field permissions, where Activity does not exist."""
        return f"{self.granted_on}.{self.name}"


def _text(label: str, length: int = 255, **more: object) -> dict[str, object]:
    return {"label": label, "type": "Text", "length": length, **more}


def _picklist(label: str, values: tuple[str, ...]) -> dict[str, object]:
    choices = [{"valueName": v, "label": v, "default": False} for v in values]
    definition = {"sorted": False, "value": choices}
    return {
        "label": label,
        "type": "Picklist",
        "valueSet": {"restricted": True, "valueSetDefinition": definition},
    }


def _deal_field(name: str, metadata: Mapping[str, object], purpose: str) -> OwnField:
    path = names.FLAG_FIELDS[name]
    return OwnField(names.DEAL_OBJECT, path, metadata, purpose, names.DEAL_OBJECT)


OWN_FIELDS = (
    OwnField(
        "Activity",
        names.KEY_FIELD,
        _text("Gatekeeper Key", unique=True, externalId=True, caseSensitive=True),
        "Text(255), unique: makes a second task for one obligation impossible",
        "Task",
    ),
    OwnField(
        "Activity",
        names.REF_FIELD,
        _text("Gatekeeper Ref"),
        "Text(255): what gatekeeper wrote last, so that a person's edit is left alone",
        "Task",
    ),
    _deal_field(
        "status",
        _picklist("Gate Status", _STATUS),
        "Picklist: " + ", ".join(_STATUS),
    ),
    _deal_field(
        "open_count",
        {"label": "Gate Open Count", "type": "Number", "precision": 4, "scale": 0},
        "Number(4, 0): open violations",
    ),
    _deal_field(
        "worst_severity",
        _picklist("Gate Worst Severity", _SEVERITIES),
        "Picklist: " + ", ".join(_SEVERITIES),
    ),
    _deal_field(
        "missing",
        {
            "label": "Gate Missing",
            "type": "LongTextArea",
            "length": 32_768,
            "visibleLines": 6,
        },
        "Long text: what is missing and how to fix it",
    ),
    _deal_field(
        "open_since",
        {"label": "Gate Open Since", "type": "Date"},
        "Date: the oldest open violation",
    ),
    _deal_field(
        "supported_stage",
        _text("Gate Supported Stage"),
        "Text(255): the furthest stage the evidence supports",
    ),
)
