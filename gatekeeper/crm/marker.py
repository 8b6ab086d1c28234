"""The owner marker: what our task says of itself in its reference field.

Pure. One line of text of at most 255 characters, beside the task's key: version,
deal, role, group, episode, run number, state and a short hash per part of what we
last wrote. Whatever a person made of the field, reading it never fails: text that is
not ours is None.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Action, ObligationId, TaskPart, task_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Change

VERSION = "gk1"
LONGEST = 255
_OPEN, _SEALED = "open", "sealed"
_RULES = "Rules: "
_HASH = re.compile(r"[0-9a-f]{8}\Z")
_NUMBER = re.compile(r"[0-9]{1,12}\Z")
_ESCAPED = {"%": "%25", "|": "%7C", "\n": "%0A", "\r": "%0D"}


@dataclass(frozen=True, slots=True)
class Marker:
    """What the reference field of a task holds.

    Attributes:
        sealed: Our closing stamp: the episode is over for good.
        hashes: Short hash per part of what we last wrote; a part may be absent.
    """

    id: ObligationId
    episode: int
    run_number: int
    sealed: bool = False
    hashes: Mapping[TaskPart, str] = field(default_factory=dict)


def encode(marker: Marker) -> str:
    """Return the text of the reference field.

    Raises:
        ValueError: Ids so long that the text would pass 255 characters, which
            would be cut by the CRM and so could not be read back.
    """
    text = "|".join(
        (
            VERSION,
            _escape(marker.id.deal_id),
            _escape(marker.id.role),
            _escape(marker.id.group),
            str(marker.episode),
            str(marker.run_number),
            _SEALED if marker.sealed else _OPEN,
            *(marker.hashes.get(part, "") for part in TaskPart),
        )
    )
    if len(text) > LONGEST:
        msg = f"the marker of deal {marker.id.deal_id} passes {LONGEST} characters"
        raise ValueError(msg)
    return text


def decode(text: str | None) -> Marker | None:
    """Return the marker in `text`, or None where it is not whole."""
    parts = (text or "").strip().split("|")
    if len(parts) != 7 + len(TaskPart) or parts[0] != VERSION:
        return None
    _, deal_id, role, group, episode, run_number, state, *hashes = parts
    if not (deal_id and role and state in {_OPEN, _SEALED}):
        return None
    if not (_NUMBER.match(episode) and _NUMBER.match(run_number)):
        return None
    if any(known and not _HASH.match(known) for known in hashes):
        return None
    return Marker(
        ObligationId(_unescape(deal_id), _unescape(role), _unescape(group)),
        int(episode),
        int(run_number),
        sealed=state == _SEALED,
        hashes={
            part: known for part, known in zip(TaskPart, hashes, strict=True) if known
        },
    )


def marker_of(change: Change, run_number: int) -> Marker:
    """Return the marker that a change leaves on its task.

    Raises:
        ValueError: The change names no task.
    """
    if change.id is None:
        msg = f"the change {change.key} names no task"
        raise ValueError(msg)
    return Marker(
        change.id,
        change.episode,
        run_number,
        sealed=change.action is Action.CLOSE,
        hashes={
            TaskPart(part): known for part, known in change.hashes.items() if known
        },
    )


def key_of(marker: Marker, org: str) -> str:
    """Return the key of the task a marker stands on, were it of this org."""
    who = marker.id
    return task_key(org, who.deal_id, who.role, who.group, marker.episode)


def with_rules(body: str, rule_ids: tuple[str, ...]) -> str:
    """Return the task's text with the rules it lists as its last line."""
    return f"{body}\n\n{_RULES}{', '.join(rule_ids)}" if rule_ids else body


def split_rules(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text without its rules line, and the rules; none where it is gone."""
    body, _, last = text.rstrip().rpartition("\n")
    if not last.startswith(_RULES):
        return text, ()
    named = (word.strip() for word in last.removeprefix(_RULES).split(","))
    return body.rstrip(), tuple(word for word in named if word)


def _escape(text: str) -> str:
    return "".join(_ESCAPED.get(letter, letter) for letter in text)


def _unescape(text: str) -> str:
    for letter, escaped in reversed(_ESCAPED.items()):
        text = text.replace(escaped, letter)
    return text
