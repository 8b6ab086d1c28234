"""Names of fields and rows: what they stand for, and what is read for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, FieldSpec, Kind, RelationSpec
from gatekeeper.language.checker.known import crm_field_of, deal_spec, plurals
from gatekeeper.language.checker.state import RowScope
from gatekeeper.language.checker.unknown import (
    unknown_collection,
    unknown_on_deal,
    unknown_on_row,
)
from gatekeeper.language.tree import syntax, typed

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.language.checker.state import Checking

ROW_LABELS = ("name", "subject", "product", "title", "email")
_PICKLISTS = frozenset({Kind.PICKLIST, Kind.MULTI_PICKLIST})


def field_of(name: syntax.Name, checking: Checking) -> typed.Field | None:
    """Resolve the name of a field; None after a mistake was noted."""
    first = name.parts[0]
    if checking.row is not None and first not in {"deal", "custom"}:
        return _row_field(name, checking, checking.row)
    known = checking.scope.kept.fields.get(name.parts)
    if known is None:
        known = _deal_field(name, checking)
        if known is None:
            return None
        checking.scope.kept.fields[name.parts] = known
    checking.fields.add(known.name)
    return known


def _deal_field(name: syntax.Name, checking: Checking) -> typed.Field | None:
    is_said = name.parts[0] == "deal" and len(name.parts) > 1
    parts = name.parts[1:] if is_said else name.parts
    spec = deal_spec(parts, checking)
    if spec is None:
        unknown_on_deal(name, parts, checking)
        return None
    full = _own_name(".".join(parts), spec)
    return _typed_field(full, full, spec, checking)


def _own_name(name: str, spec: FieldSpec | RelationSpec) -> str:
    """Return a name as the catalogue's own string, where it has it.

    So rules and rows share one string, and a row is looked into by identity: what is
    only equal takes twice as long to find.
    """
    return spec.name if spec.name == name else name


def _typed_field(
    key: str, full: str, spec: FieldSpec, checking: Checking
) -> typed.Field:
    """Build the field; `full` is its name with the collection, as the schema has it."""
    crm_field = crm_field_of(full, checking)
    kind: Kind | None = spec.kind
    if full.startswith("custom.") and not (crm_field and crm_field.kinds):
        kind = None
    choices = spec.choices
    if crm_field is not None and not _PICKLISTS.isdisjoint(crm_field.kinds[:1]):
        choices = crm_field.choices
    ranks = None
    if spec.ordered:
        ranks = {choice.value.casefold(): rank for rank, choice in enumerate(choices)}
    return typed.Field(
        name=key,
        kind=kind,
        collection=checking.row.key if checking.row and key != full else None,
        labels={choice.value.casefold(): choice.label for choice in choices},
        ranks=ranks,
    )


def _row_field(
    name: syntax.Name, checking: Checking, row: RowScope
) -> typed.Field | None:
    text = name.text
    spec = row.spec.fields.get(text)
    if spec is None:
        unknown_on_row(name, checking, row)
        return None
    kept = checking.scope.kept.row_fields
    field = kept.get((row.key, text))
    if field is None:
        key = _own_name(text, spec)
        field = _typed_field(key, f"{row.key}.{key}", spec, checking)
        kept[row.key, text] = field
    used = checking.collections.setdefault(row.key, set())
    used.add(field.name)
    if spec.kind is Kind.STAGE:
        used.add("pipeline")  # a stage means something in its pipeline only
    return field


# ---- rows ------------------------------------------------------------------------


def row_scope(
    name: syntax.Name, checking: Checking, *, singular: bool
) -> RowScope | None:
    """Resolve the name of a collection; None after a mistake was noted.

    Args:
        name: `contacts`, or one hop away `account.meetings`; only a deal has siblings.
        checking: Collects the need for the rows.
        singular: `every contact` may be written instead of `every contacts`.
    """
    catalogue = checking.scope.catalogue
    last = name.parts[-1]
    if singular and last not in catalogue.collections:
        last = plurals(catalogue.collections).get(last, last)
    hop = name.parts[:-1]
    is_known = last in catalogue.collections and not (hop and last == "siblings")
    if not is_known or (hop and hop[-1] not in catalogue.lookups) or len(hop) > 1:
        unknown_collection(name, checking)
        return None
    spec = relation_of(last, catalogue)
    key = _own_name(".".join((*hop, last)), spec)
    checking.collections.setdefault(key, set())
    return RowScope(key, spec)


def relation_of(key: str, catalogue: Catalogue) -> RelationSpec:
    """Return what is known of some rows; a sibling has the fields of a deal too."""
    spec = catalogue.collections[key]
    if key == "siblings":
        return RelationSpec(key, {**catalogue.deal, **spec.fields})
    return spec


def label_field(row: RowScope, checking: Checking) -> str | None:
    """Return the field that names a row to people, and note that it is read.

    No rule asks for it, so a CRM that does not give it is not at fault: the next best
    name is taken, or none.
    """
    for name in ROW_LABELS:
        if name in row.spec.fields and _is_given(f"{row.key}.{name}", checking):
            checking.collections.setdefault(row.key, set()).add(name)
            return name
    return None


def _is_given(full: str, checking: Checking) -> bool:
    if checking.scope.schema is None:
        return True
    known = crm_field_of(full, checking)
    return known is not None and known.access not in {Access.ABSENT, Access.NONE}
