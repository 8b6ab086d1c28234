"""Read a field of a row, through its parents where the path says so.

The closures made here run once per row of a scan, so each does one thing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.salesforce.query_names import (
        Column,
        Getter,
        Hop,
        Row,
        RowSource,
    )


def getter(source: RowSource, column: Column) -> Getter:
    """Return the reader of a column; an empty parent reads as empty."""
    read = _leaf(column)
    for hop in reversed(column.hops):
        read = _through(parent(source, hop), read)
    return read


def parent(source: RowSource, hop: Hop) -> Callable[[Row], Row | None]:
    """Return the step from a row to its parent row, None where there is none."""
    name = hop.field.name
    find = source.find
    if len(hop.targets) == 1:
        target = hop.targets[0].name

        def step(row: Row) -> Row | None:
            record_id = row.get(name)
            return find(target, record_id) if isinstance(record_id, str) else None

        return step
    targets = {target.key_prefix: target.name for target in hop.targets}

    def choose(row: Row) -> Row | None:
        record_id = row.get(name)
        if not isinstance(record_id, str):
            return None
        chosen = targets.get(record_id[:3])
        return None if chosen is None else find(chosen, record_id)

    return choose


def _leaf(column: Column) -> Getter:
    name = column.field.name
    if column.hops and column.hops[-1].is_polymorphic and name == "Type":
        return type_reader(column.hops[-1])

    def read(row: Row) -> object:
        return row.get(name)

    return read


def type_reader(hop: Hop) -> Getter:
    """Return the reader of `What.Type`: the object a parent row is of."""
    if len(hop.targets) == 1:
        only = hop.targets[0].name
        return lambda _row: only
    names = {target.key_prefix: target.name for target in hop.targets}

    def read(row: Row) -> object:
        return names.get(str(row.get("Id"))[:3])

    return read


def _through(step: Callable[[Row], Row | None], read: Getter) -> Getter:
    def climb(row: Row) -> object:
        above = step(row)
        return None if above is None else read(above)

    return climb
