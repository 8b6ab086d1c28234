"""Texts that a comma cuts in two where they stand in `{...}`. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from gatekeeper.pack.source.nodes import Scalar, Table

LONGEST_SHOWN = 60


def cut_by_comma(table: Table, place: int) -> Problem | None:
    """Explain a key that is the rest of the text before it (E114).

    Args:
        table: A mapping.
        place: Of the key in it.
    """
    if place < 1 or not _has_no_colon(table.pairs[place][0]):
        return None
    first, last = place - 1, place
    while first and _has_no_colon(table.pairs[first][0]):
        first -= 1
    while last + 1 < len(table.pairs) and _has_no_colon(table.pairs[last + 1][0]):
        last += 1
    key, value = table.pairs[first]
    rest = table.pairs[place][0]
    whole = table.source.text[value.start : table.pairs[last][0].end]
    quoted = whole.replace("'", "''")
    return Problem(
        rest.place,
        "E114",
        f'"{rest.text[:LONGEST_SHOWN]}" became a key because of the comma before it:'
        " inside {...} a comma ends a text.",
        f"wrap the whole text in single quotes: {key.text}: '{quoted}'",
    )


def _has_no_colon(key: Scalar) -> bool:
    return not key.style and key.source.text[key.end :].lstrip()[:1] in {",", "}"}
