"""Changes put into requests: each of one kind, and no record twice in one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.core.model import Change

_KINDS = ((Action.CREATE,), (Action.UPDATE, Action.CLOSE), (Action.FLAG,))
"""What one request may hold together, in the order in which it is sent."""


def batches(changes: Sequence[Change], most: int) -> Iterator[list[int]]:
    """Give the places of the changes of one request after the other.

    Args:
        changes: Of one run.
        most: Records that one request may carry.
    """
    for kind in _KINDS:
        yield from _of_kind(changes, kind, most)


def _of_kind(
    changes: Sequence[Change], kind: tuple[Action, ...], most: int
) -> list[list[int]]:
    found: list[tuple[list[int], set[str]]] = []
    for place, change in enumerate(changes):
        if change.action not in kind:
            continue
        record = change.key if change.action is Action.CREATE else str(change.remote_id)
        for places, records in found:
            if record not in records and len(places) < most:
                places.append(place)
                records.add(record)
                break
        else:
            found.append(([place], {record}))
    return [places for places, _ in found]
