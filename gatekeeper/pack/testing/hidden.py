"""What a CRM does not say: fields and rows that a test hides. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Deal, FieldValue, Row, Unavailable
from gatekeeper.pack.testing.rows import unknown_field

if TYPE_CHECKING:
    from gatekeeper.pack.nodes import Scalar
    from gatekeeper.pack.read import Reader

_ACTIVE = frozenset({"meetings", "calls", "emails", "tasks", "notes"})


def hide(reader: Reader, deal: Deal, names: tuple[Scalar, ...]) -> Deal:
    """Return the deal as a CRM shows it that hides some fields or collections."""
    fields, related = dict(deal.fields), dict(deal.related)
    for node in names:
        if not _hide(fields, related, node.text.strip()):
            unknown_field(reader, node, "the deal", (*fields, *related))
    return replace(deal, fields=fields, related=related)


def _hide(
    fields: dict[str, FieldValue],
    related: dict[str, tuple[Row, ...] | Unavailable],
    name: str,
) -> bool:
    hidden = Unavailable(f"the integration user may not read {name}")
    within = [each for each in fields if each.startswith(f"{name}.")]
    if name in fields:
        fields.update(dict.fromkeys((name, *within), hidden))
        return True
    if name in related:
        related[name] = hidden
        if name in _ACTIVE:
            related["activities"] = hidden
        return True
    collection, _, inner = name.rpartition(".")
    rows = related.get(collection)
    if isinstance(rows, tuple) and inner:
        related[collection] = tuple({**row, inner: hidden} for row in rows)
        return True
    return False
