"""What a CRM does not say: fields and rows that a test hides. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.model import Deal, FieldValue, Row, Unavailable
from gatekeeper.core.model.history import NO_HISTORY
from gatekeeper.pack.testing.rows import unknown_field
from gatekeeper.pack.testing.sketch import HISTORY

if TYPE_CHECKING:
    from gatekeeper.pack.source.nodes import Scalar
    from gatekeeper.pack.source.read import Reader

_ACTIVE = frozenset({"meetings", "calls", "emails", "tasks", "notes"})


def hide(reader: Reader, deal: Deal, names: tuple[Scalar, ...]) -> Deal:
    """Return the deal as a CRM shows it that hides some fields or collections.

    A hidden field hides its changes too; `history` alone hides the whole past.
    """
    fields, related = dict(deal.fields), dict(deal.related)
    words = {node.text.strip() for node in names}
    for node in names:
        word = node.text.strip()
        if word != HISTORY and not _hide(fields, related, word):
            unknown_field(reader, node, "the deal", (*fields, *related, HISTORY))
    past = deal.history
    known = replace(
        past,
        changes={
            name: made for name, made in past.changes.items() if name not in words
        },
        complete_since={
            name: since
            for name, since in past.complete_since.items()
            if name not in words
        },
    )
    history = NO_HISTORY if HISTORY in words else known
    return replace(deal, fields=fields, related=related, history=history)


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
