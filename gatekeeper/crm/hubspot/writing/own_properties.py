"""Our properties in HubSpot, as its API takes them: one table (product D10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATUS = ("Clear", "Pending", "Open", "Waived", "Cannot tell")
_SEVERITIES = ("low", "medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class OwnProperty:
    """One property of ours.

    Attributes:
        kind: The kind of record that has it.
        definition: As HubSpot takes it, the name and the group aside.
    """

    kind: str
    name: str
    definition: Mapping[str, object]
    purpose: str

    @property
    def full_name(self) -> str:
        """Its name with the kind of record."""
        return f"{self.kind}.{self.name}"

    def body(self) -> dict[str, object]:
        """Return what creates it."""
        return {"name": self.name, "groupName": names.GROUP, **self.definition}


def _text(label: str, field_type: str = "text", **more: object) -> dict[str, object]:
    return {"label": label, "type": "string", "fieldType": field_type, **more}


def _choices(label: str, values: tuple[str, ...]) -> dict[str, object]:
    options = [
        {"label": value, "value": value, "displayOrder": place, "hidden": False}
        for place, value in enumerate(values)
    ]
    return {
        "label": label,
        "type": "enumeration",
        "fieldType": "select",
        "options": options,
    }


def _of_deal(flag: str, definition: Mapping[str, object], purpose: str) -> OwnProperty:
    return OwnProperty(names.DEALS, names.FLAG_PROPERTIES[flag], definition, purpose)


KEY = OwnProperty(
    names.TASKS,
    names.KEY_PROPERTY,
    _text("Gatekeeper Key", hasUniqueValue=True),
    "Text, unique: makes a second task for one obligation impossible",
)
OWN_PROPERTIES = (
    KEY,
    OwnProperty(
        names.TASKS,
        names.REF_PROPERTY,
        _text("Gatekeeper Ref"),
        "Text: what gatekeeper wrote last, so that a person's edit is left alone",
    ),
    _of_deal(
        "status",
        _choices("Gate Status", _STATUS),
        "Choice: " + ", ".join(_STATUS),
    ),
    _of_deal(
        "open_count",
        {"label": "Gate Open Count", "type": "number", "fieldType": "number"},
        "Number: open violations",
    ),
    _of_deal(
        "worst_severity",
        _choices("Gate Worst Severity", _SEVERITIES),
        "Choice: " + ", ".join(_SEVERITIES),
    ),
    _of_deal(
        "missing",
        _text("Gate Missing", "textarea"),
        "Long text: what is missing and how to fix it",
    ),
    _of_deal(
        "open_since",
        {"label": "Gate Open Since", "type": "date", "fieldType": "date"},
        "Date: the oldest open violation",
    ),
    _of_deal(
        "supported_stage",
        _text("Gate Supported Stage"),
        "Text: the furthest stage the evidence supports",
    ),
    OwnProperty(
        names.DEALS,
        names.SHADOW_PROPERTY,
        _text("Gatekeeper Tasks"),
        "Text: which tasks stand on the deal, for recovery after a loss",
    ),
)
