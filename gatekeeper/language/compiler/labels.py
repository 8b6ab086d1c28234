"""Values as people see them in the CRM, where a text is held against them. Pure.

A picklist's value goes by its label, the deal's own stage by the CRM's name of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import Answer, Deal, Person, Row
from gatekeeper.language.compiler.chosen import stage_name
from gatekeeper.language.compiler.closures import either_blank
from gatekeeper.language.compiler.readers import NO_ROW
from gatekeeper.language.tree import typed

if TYPE_CHECKING:
    from gatekeeper.core.context import Context
    from gatekeeper.language.compiler.readers import Reader
    from gatekeeper.language.compiler.rows import Asker
    from gatekeeper.language.compiler.tree import Tree


def stage_text(field: typed.Field, value: str, deal: Deal, ctx: Context) -> str:
    """Return a stage as the CRM calls it; that of another deal as the rules do."""
    is_own = field.name == "stage" and field.collection is None
    if is_own and deal.stage_label:
        return deal.stage_label
    return stage_name(value, deal, ctx)


def labelled_and_text(
    pair: tuple[typed.Value, typed.Value],
) -> tuple[typed.Field, typed.Value] | None:
    """Return a picklist with labels and the text of the deal it is held against."""
    for one, other in (pair, pair[::-1]):
        is_text = isinstance(other, typed.Field | typed.Function | typed.Past)
        if isinstance(one, typed.Field) and one.labels and is_text:
            return (one, other) if other.kind is not Kind.PICKLIST else None
    return None


def shown(field: typed.Field, tree: Tree) -> Reader:
    """Read a field as people see it; what is no text comes back as it is."""
    read, labels = tree.value(field), field.labels
    is_stage = field.kind is Kind.STAGE

    def text(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if isinstance(value, Person):
            return value.name
        if not isinstance(value, str):
            return value
        if is_stage:
            return stage_text(field, value, deal, ctx)
        return labels.get(value.casefold(), value)

    return text if is_stage or labels or field.kind is Kind.USER else read


def either_form(node: typed.Value, tree: Tree) -> Reader:
    """Read a picklist's value as a pair of it and its label, anything else as it is."""
    read = tree.value(node)
    if not isinstance(node, typed.Field) or not node.labels:
        return read
    labels = node.labels

    def both(deal: Deal, ctx: Context, row: Row = NO_ROW) -> object:
        value = read(deal, ctx, row)
        if not isinstance(value, str):
            return value
        return value, labels.get(value.casefold(), value)

    return both


def same_text(choice: typed.Field, text: typed.Value, tree: Tree) -> Asker:
    """Whether a text is the value or the label of a picklist (language B3)."""
    forms, read = either_form(choice, tree), tree.value(text)

    def ask(deal: Deal, ctx: Context, row: Row = NO_ROW) -> Answer:
        known, written = forms(deal, ctx, row), read(deal, ctx, row)
        if isinstance(known, tuple) and isinstance(written, str):
            return written.casefold() in {each.casefold() for each in known}
        return either_blank(known, written)

    return ask
