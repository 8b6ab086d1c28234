"""`history:` of a deal in a test: what was written when, the oldest first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.pack.testing.rows import unknown_field
from gatekeeper.pack.testing.values import moment
from gatekeeper.pack.values import address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gatekeeper.pack.nodes import Node, Scalar, Table
    from gatekeeper.pack.read import Reader
    from gatekeeper.pack.testing.deals import Written
    from gatekeeper.pack.testing.rows import World


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written to a deal at one moment.

    Attributes:
        by: The address of who did it, where the test says.
    """

    at: datetime
    written: Written
    by: str | None = None


def read_history(reader: Reader, world: World, node: Node | None) -> tuple[Entry, ...]:
    """Read the entries of a deal in the order of their moments."""
    entries = _entries(reader, world, node)
    return tuple(sorted(entries, key=lambda entry: entry.at))


def _entries(reader: Reader, world: World, node: Node | None) -> Iterator[Entry]:
    zone = world.tongue.zone
    for key, value in reader.pairs(node, "history"):
        at = reader.value(key, "history", lambda text: moment(text, zone), None)
        table = reader.table(value, key.text)
        if at is None or table is None:
            continue
        by = table.get("by")
        who = reader.value(by, "by", address, "") if by is not None else ""
        yield Entry(at, dict(_written(reader, world, table)), who or None)


def _written(
    reader: Reader, world: World, table: Table
) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
    for key, node in table.pairs:
        if key.text == "by":
            continue
        if key.text not in world.catalogue.deal and not key.text.startswith("custom."):
            unknown_field(reader, key, "the deal", world.catalogue.deal)
        else:
            yield key.text, (key, node)


def as_written_on(
    entries: tuple[Entry, ...], written: Written, at: datetime
) -> Written:
    """Return a deal's keys at a moment: what it says itself wins over its history."""
    past: dict[str, tuple[Scalar, Node]] = {}
    for entry in entries:
        if entry.at <= at:
            past |= entry.written
    return {**past, **written}
