"""Compiled readers: where a value is in a wire row, and what it means.

Pure. A query's readers are made once; a row then costs one call per field and no
look-up of any description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gatekeeper.core.model import FieldValue

WireRow = Mapping[str, object]
Convert = Callable[[object], FieldValue]


@dataclass(frozen=True, slots=True)
class Reader:
    """One compiled field: where it is in a row, and what its value means."""

    get: Callable[[WireRow], object]
    convert: Convert

    def __call__(self, row: WireRow) -> FieldValue:
        """Return the value in one row."""
        return self.convert(self.get(row))


Fields = tuple[tuple[str, Reader], ...]


def table(fields: Fields, rows: Sequence[WireRow]) -> list[dict[str, FieldValue]]:
    """Return the fields of many rows, name to value.

    Column by column: the loops then run in C, which halves the time of a pull; to put
    a row's values together at its end would take as long as all the rest.
    """
    if not fields:
        return [{} for _ in rows]
    (first, field), *others = fields
    made = [{first: value} for value in map(field.convert, map(field.get, rows))]
    for name, field in others:
        values = map(field.convert, map(field.get, rows))
        for row, value in zip(made, values, strict=True):
            row[name] = value
    return made


def constant(value: FieldValue) -> Reader:
    """Return a reader that always says the same, such as why it cannot say."""
    return Reader(_nothing, lambda _wire: value)


def moved_by_us(path: str) -> str:
    """Return why a field is no evidence that our own writes move (product D13)."""
    return f"gatekeeper's own tasks and flags move {path}; ask activities instead"


def _nothing(_row: WireRow) -> None:
    return None
