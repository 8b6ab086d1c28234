"""`history:` of a deal in a test: what was written when, the oldest first. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY
from gatekeeper.pack.testing.rows import unknown_field
from gatekeeper.pack.testing.sketch import PIPELINE, read_sketch
from gatekeeper.pack.testing.values import moment, read_value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from gatekeeper.core.model import FieldValue
    from gatekeeper.pack.source.nodes import Node, Scalar, Table
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.rows import World
    from gatekeeper.pack.testing.sketch import Sketch

BY = "by"
_EXAMPLE = "history: {2026-11-02: {stage: Discovery}, 2026-11-09: {stage: Proposal}}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written to a deal at one moment.

    Attributes:
        key: Where its moment is written.
        sketch: What was written, by key.
        by: Who did it; empty where the test names nobody.
    """

    at: datetime
    key: Scalar
    sketch: Sketch
    by: FieldValue = EMPTY


def read_history(reader: Reader, world: World, node: Node | None) -> tuple[Entry, ...]:
    """Read the entries of a deal; one out of order is noted and left out (E807)."""
    kept: list[Entry] = []
    for entry in _entries(reader, world, node):
        if kept and entry.at <= kept[-1].at:
            text = f"{entry.key.text} does not come after {kept[-1].key.text}."
            advice = "write the history with the oldest day first."
            reader.say(entry.key.place, "E807", text, advice)
        else:
            kept.append(entry)
    return tuple(kept)


def _entries(reader: Reader, world: World, node: Node | None) -> Iterator[Entry]:
    zone = world.tongue.zone
    for key, value in reader.pairs(node, "history", _EXAMPLE):
        at = reader.value(key, "history", lambda text: moment(text, zone), None)
        table = reader.table(value, key.text)
        if at is None or table is None:
            continue
        written = table.get(BY)
        by: FieldValue = EMPTY
        if written is not None:
            by = read_value(reader, BY, written, Kind.USER, world.tongue)
        pairs = _of_the_deal(reader, world, table)
        yield Entry(at, key, read_sketch(reader, world, pairs), by)


def _of_the_deal(
    reader: Reader, world: World, table: Table
) -> Iterator[tuple[Scalar, Node]]:
    """Give the pairs about fields of the deal itself; only these have a history."""
    catalogue = world.catalogue
    for key, node in table.pairs:
        if key.text == BY:
            continue
        is_kept = key.text in catalogue.deal and key.text != PIPELINE
        if is_kept or key.text.startswith("custom."):
            yield key, node
        elif key.text in {PIPELINE, *catalogue.collections} or "." in key.text:
            text = f'"{key.text}" keeps no history here; other fields of the deal do.'
            reader.say(key.place, "E807", text, "write it at the deal itself.")
        else:
            unknown_field(reader, key, "the deal", catalogue.deal)
