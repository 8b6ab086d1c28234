"""What a deal says of our tasks on it: a hint for recovery, never trusted alone.

Pure. One entry per obligation, `role:group:episode:state:task id`; the latest episode
counts. It is written with the flags, so it costs no call of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from gatekeeper.core.model import Action, ObligationId, TaskHint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.model import Change

_OPEN, _SEALED = "open", "sealed"
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


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


def hints_of(deal_id: str, text: str) -> Iterator[TaskHint]:
    """Yield the tasks that a deal names; what a person made of the text is left out."""
    for entry in text.split(";"):
        match entry.split(":"):
            case [role, group, episode, _, remote_id] if (
                role and _NUMBER.match(episode) and _NUMBER.match(remote_id)
            ):
                who = ObligationId(deal_id, unquote(role), unquote(group))
                yield TaskHint(who, int(episode), remote_id)


def _who(entry: str) -> str:
    return ":".join(entry.split(":")[:2])
