"""Which rows of a collection counted and which did not, with what decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, Row, Unavailable
from gatekeeper.language.compiler.readers import is_blank
from gatekeeper.language.explain.values import empty_saying
from gatekeeper.language.explain.wording import cut, observed_text, title_of, unquoted
from gatekeeper.language.tree import typed
from gatekeeper.language.tree.walk import all_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.compiler.rows import Sorted
    from gatekeeper.language.explain.view import View

Column = tuple[typed.Field, "str", "Reader"]
"""A field of a row, its name inside a sentence, and what reads it."""

MOST_NAMED = 10


def row_details(rows: typed.Rows, found: Sorted, view: View) -> tuple[str, ...]:
    """List the rows that counted and those that did not, with what decided."""
    shown = columns_of(rows.where, rows, view)
    counted = set(map(id, found.counted))
    everyone = view.deal.related.get(rows.collection, ())
    listed = () if isinstance(everyone, Unavailable) else everyone
    others = tuple(row for row in listed if id(row) not in counted)
    lines = []
    for lead, some in (("counted", found.counted), ("not counted", others)):
        if some:
            names = [row_name(row, rows, shown, view) for row in some[:MOST_NAMED]]
            more = len(some) - MOST_NAMED
            tail = f" and {more} more" if more > 0 else ""
            lines.append(f"{lead}: {', '.join(names)}{tail}")
    return tuple(lines)


def row_name(row: Row, rows: typed.Rows, shown: Sequence[Column], view: View) -> str:
    """Name a row, with the values that its condition looked at."""
    label = row.get(rows.label) if rows.label else None
    name = cut(label) if isinstance(label, str) and label.strip() else "one"
    if not shown:
        return name
    values = []
    for field, noun, read in shown:
        value = read(view.deal, view.ctx, row)
        if value is EMPTY:
            values.append(f"{noun} is empty")
        elif is_blank(value):
            values.append(f"{noun} is not known")
        else:
            values.append(unquoted(observed_text(value, field.kind, view.ctx, field)))
    return f"{name} ({', '.join(values)})"


def columns_of(
    where: typed.Test | None, rows: typed.Rows, view: View
) -> tuple[Column, ...]:
    """Return what is shown of a row beside its label; worked out once per line."""
    return view.once("columns", where, lambda: _columns(where, rows, view))


def _columns(
    where: typed.Test | None, rows: typed.Rows, view: View
) -> tuple[Column, ...]:
    return tuple(
        (field, title_of(field.name).lower(), view.tree.value(field))
        for field in fields_of(where)
        if field.name != rows.label
    )


def fields_of(node: object) -> list[typed.Field]:
    """Return the fields of the row that a condition looks at, each once."""
    found: dict[str, typed.Field] = {}
    for part in all_of(typed.Field, node):
        if part.collection is not None:
            found.setdefault(part.name, part)
    return list(found.values())


def without_limit(where: object, rows: Iterable[Row], view: View) -> str:
    """Say for which rows a parameter that a field of the row chooses has no value.

    Args:
        where: The condition that was unknown for them.
        rows: Those rows.
        view: The deal they belong to.
    """
    chosen = [
        each for each in all_of(typed.Chosen, where) if each.by.collection is not None
    ]
    if not chosen:
        return ""
    views = [replace(view, row=row) for row in rows]
    said = dict.fromkeys(
        empty_saying(each, one)
        for one in views
        for each in chosen
        if one.value(each) is EMPTY
    )
    return "; ".join([*said][:MOST_NAMED])
