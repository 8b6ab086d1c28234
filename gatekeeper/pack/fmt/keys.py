"""The keys of a rule in one order, each with its comments. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.pack.fmt.rows import Rows
from gatekeeper.pack.source.nodes import Listing, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY_ORDER = (
    "id",
    "title",
    "when",
    "unless",
    "asked",
    "require",
    "on_blank",
    "why",
    "fix",
    "severity",
    "mode",
    "grace",
    "due_in",
    "owed_by",
    "escalate",
    "maintainer",
    "optional",
    "enabled",
    "applies_until",
    "include_lost",
    "effective_from",
    "existing_deals",
    "suppressed_by",
    "formerly",
    "deprecated",
    "tags",
)
_POSITIONS = ("exit", "while_in", "entry")


def order_keys(text: str, root: Table) -> str:
    """Put the keys of every rule into one order."""
    rows = Rows.of(text)
    lines = list(rows.lines)
    for table in rules_of(root):
        if not rows.is_flow(table):
            _order(rows, table, lines)
    return "\n".join(lines)


def rules_of(root: Table) -> Iterator[Table]:
    """Give every rule of a file, in the order of its stages and positions."""
    stages = root.get("stages")
    for _, stage in stages.pairs if isinstance(stages, Table) else ():
        for position in _POSITIONS:
            entries = stage.get(position) if isinstance(stage, Table) else None
            if isinstance(entries, Listing):
                yield from (each for each in entries.entries if isinstance(each, Table))


def _order(rows: Rows, table: Table, lines: list[str]) -> None:
    """Move the keys of one rule, whose lines stay where the rule stands."""
    if not table.pairs:
        return
    names = [key.text for key, _ in table.pairs]
    wanted = sorted(range(len(names)), key=lambda at: (_rank(names[at]), at))
    blocks = _blocks(rows, table)
    if wanted == list(range(len(names))) or blocks is None:
        return
    first = rows.row(table.pairs[0][0].start)
    column = rows.column(table.pairs[0][0].start)
    dash = rows.lines[first][:column]
    blocks[0][0] = " " * column + blocks[0][0][column:]
    moved = [line for at in wanted for line in blocks[at]]
    start = sum(_leading(rows, table, at, blocks) for at in wanted[:1])
    moved[start] = dash + moved[start][column:]
    lines[first : first + len(moved)] = moved


def _leading(rows: Rows, table: Table, at: int, blocks: list[list[str]]) -> int:
    """Count the comments above a key: the dash of the rule stands below them."""
    key, value = table.pairs[at]
    own = rows.last_of_pair(key, value) - rows.row(key.start) + 1
    return len(blocks[at]) - own


def _blocks(rows: Rows, table: Table) -> list[list[str]] | None:
    """Return each key's lines with the comments above; None where keys share lines."""
    first = rows.row(table.pairs[0][0].start)
    if rows.lines[first][: rows.column(table.pairs[0][0].start)].strip(" ") != "-":
        return None
    blocks: list[list[str]] = []
    start = first
    for key, value in table.pairs:
        last = rows.last_of_pair(key, value)
        if rows.row(key.start) < start:
            return None
        blocks.append(list(rows.lines[start : last + 1]))
        start = last + 1
    return blocks


def _rank(name: str) -> int:
    return KEY_ORDER.index(name) if name in KEY_ORDER else len(KEY_ORDER)
