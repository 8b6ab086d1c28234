"""What a deal says of our tasks on it: a hint for recovery, never trusted alone.

Pure. One entry per obligation, `role:group:episode:state:task id`; the latest episode
counts. It is written with the flags, so it costs no call of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from gatekeeper.core.model import Action

if TYPE_CHECKING:
    from gatekeeper.core.model import Change

_OPEN, _SEALED = "open", "sealed"


@dataclass(slots=True)
class Shadows:
    """The entries of the deals that were read or written to.

    Attributes:
        read: Deal id to the text that stands on it.
    """

    read: dict[str, str] = field(default_factory=dict)
    _noted: dict[str, dict[str, str]] = field(default_factory=dict)

    def note(self, change: Change, remote_id: str) -> None:
        """Take in a task that was created or closed."""
        if change.id is None or change.action is Action.FLAG:
            return
        who = f"{quote(change.id.role, safe='')}:{quote(change.id.group, safe='')}"
        state = _SEALED if change.action is Action.CLOSE else _OPEN
        entries = self._noted.setdefault(change.deal_id, {})
        entries[who] = f"{who}:{change.episode}:{state}:{remote_id}"

    def text(self, deal_id: str) -> str | None:
        """Return what is to be written on a deal; None where it stands there."""
        standing = self.read.get(deal_id, "")
        entries = {_who(each): each for each in standing.split(";") if each}
        entries |= self._noted.get(deal_id, {})
        text = ";".join(entries[who] for who in sorted(entries))
        return None if text == standing else text

    def written(self, deal_id: str, text: str) -> None:
        """Take in that a text stands on a deal now."""
        self.read[deal_id] = text
        self._noted.pop(deal_id, None)


def _who(entry: str) -> str:
    return ":".join(entry.split(":")[:2])
