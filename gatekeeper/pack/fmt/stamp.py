"""The day from which rules count, written into those that do not say it. Pure.

`effective_from` leaves deals alone that were past a rule on that day (language A13).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.pack.fmt.keys import rules_of
from gatekeeper.pack.fmt.rows import Rows
from gatekeeper.pack.source.document import read_document
from gatekeeper.pack.source.nodes import Table

if TYPE_CHECKING:
    from datetime import date

KEY = "effective_from"


def stamp(path: str, raw: bytes, day: date) -> bytes:
    """Write the day into every rule of a file that has none, nor its defaults.

    A file that cannot be read, or holds no rules, comes back as it was.
    """
    root = read_document(path, raw).root
    if root is None:
        return raw
    defaults = root.get("defaults")
    if isinstance(defaults, Table) and defaults.get(KEY) is not None:
        return raw
    rows = Rows.of(root.source.text)
    text = rows.text
    for table in sorted(rules_of(root), key=lambda each: -each.start):
        if table.pairs and table.key(KEY) is None:
            text = _stamped(text, rows, table, f"{KEY}: {day.isoformat()}")
    return text.encode()


def _stamped(text: str, rows: Rows, table: Table, line: str) -> str:
    if rows.is_flow(table):
        at = table.end - 1
        comma = "" if text[:at].rstrip().endswith(",") else ","
        return f"{text[:at].rstrip()}{comma} {line}{text[at:]}"
    key, value = table.pairs[0]
    row = rows.last_of_pair(key, value)
    at = rows.starts[row] + len(rows.lines[row])
    return f"{text[:at]}\n{' ' * rows.column(key.start)}{line}{text[at:]}"
