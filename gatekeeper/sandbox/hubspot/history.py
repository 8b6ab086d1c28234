"""The past values of properties, newest first.

HubSpot shows the latest 45 of a contact's property and 20 of any other object's.
Of a value that was loaded without its past nothing is known, so nothing is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.sandbox.hubspot.kinds import ObjectKind
    from gatekeeper.sandbox.state import State, Stored

_SHOWN = {"contacts": 45}
_SHOWN_OF_OTHERS = 20
_KEPT = 60


@dataclass(frozen=True, slots=True)
class Source:
    """Who changed a value: `CRM_UI` a person, `INTEGRATION` an app."""

    type: str
    id: str = ""
    user_id: int | None = None


IMPORT = Source("IMPORT")
CALCULATED = Source("CALCULATED")


@dataclass(frozen=True, slots=True)
class Version:
    """A value and since when it stood."""

    value: str
    at: str
    source: Source

    def body(self) -> dict[str, object]:
        """Return the version as the wire has it."""
        body: dict[str, object] = {
            "value": self.value,
            "timestamp": self.at,
            "sourceType": self.source.type,
        }
        if self.source.id:
            body["sourceId"] = self.source.id
        if self.source.user_id is not None:
            body["updatedByUserId"] = self.source.user_id
        return body


class History:
    """The past of every record of a portal."""

    def __init__(self, state: State) -> None:
        self._state = state

    def note(
        self,
        kind: ObjectKind,
        record_id: str,
        changes: Mapping[str, str],
        stamped: tuple[str, Source],
    ) -> None:
        """Keep new values.

        Args:
            kind: The record's object type.
            record_id: Its id.
            changes: The new values; an empty text is one too.
            stamped: When and by whom.
        """
        past = Row(self._past(kind, record_id))
        for name, value in changes.items():
            older = _versions(past, name)
            past[name] = (Version(value, *stamped), *older)[:_KEPT]
        self._state.put(_table(kind), record_id, past)

    def load(
        self,
        kind: ObjectKind,
        record_id: str,
        versions: Mapping[str, Iterable[Version]],
    ) -> None:
        """Set the past of a record, newest first."""
        past = Row({name: tuple(known) for name, known in versions.items()})
        self._state.put(_table(kind), record_id, past)

    def forget(self, kind: ObjectKind, record_id: str) -> None:
        """Forget the past of a record that is removed for good."""
        self._state.put(_table(kind), record_id, None)

    def shown(self, kind: ObjectKind, row: Stored, name: str) -> list[Version]:
        """Return what HubSpot shows of a property's past, newest first."""
        past = self._past(kind, str(row["hs_object_id"]))
        most = _SHOWN.get(kind.name, _SHOWN_OF_OTHERS)
        return list(_versions(past, name)[:most])

    def _past(self, kind: ObjectKind, record_id: str) -> Mapping[str, object]:
        return self._state.tables[_table(kind)].get(record_id) or {}


def _versions(past: Mapping[str, object], name: str) -> tuple[Version, ...]:
    known = past.get(name)
    return known if isinstance(known, tuple) else ()


def _table(kind: ObjectKind) -> str:
    return f"{kind.name}@history"
