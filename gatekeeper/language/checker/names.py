"""Names of fields and rows: what they stand for, or what the author may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, FieldSpec, Kind, RelationSpec
from gatekeeper.language.checker.state import RowScope
from gatekeeper.language.suggest import closest
from gatekeeper.language.tree import syntax, typed
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.syntax_values import singular_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.core.catalogue import CrmField
    from gatekeeper.language.checker.state import Checking

LIST_FIELDS = "gatekeeper fields list"
ROW_LABELS = ("name", "subject", "product", "title", "email")
_PICKLISTS = frozenset({Kind.PICKLIST, Kind.MULTI_PICKLIST})


def field_of(name: syntax.Name, checking: Checking) -> typed.Field | None:
    """Resolve the name of a field; None after a mistake was noted."""
    first = name.parts[0]
    if checking.row is not None and first not in {"deal", "custom"}:
        return _row_field(name, checking, checking.row)
    parts = name.parts[1:] if first == "deal" and len(name.parts) > 1 else name.parts
    spec = deal_spec(parts, checking)
    if spec is None:
        unknown_on_deal(name, parts, checking)
        return None
    full = ".".join(parts)
    checking.fields.add(full)
    return _typed_field(full, full, spec, checking)


def deal_spec(parts: tuple[str, ...], checking: Checking) -> FieldSpec | None:
    """Return what the catalogue (or the CRM, for `custom.`) says of a deal's field."""
    catalogue = checking.scope.catalogue
    match parts:
        case (single,) if single in catalogue.deal:
            return catalogue.deal[single]
        case (single,) if single in catalogue.lookups:
            return FieldSpec(single, Kind.REFERENCE)
        case ("custom", api_name):
            return _custom_spec(api_name, checking)
        case (lookup, inner) if lookup in catalogue.lookups:
            return catalogue.lookups[lookup].fields.get(inner)
        case _:
            return None


def _custom_spec(api_name: str, checking: Checking) -> FieldSpec | None:
    schema = checking.scope.schema
    if schema is None:
        return FieldSpec(f"custom.{api_name}", Kind.TEXT)
    known = schema.fields.get(f"custom.{api_name}") or schema.by_path.get(api_name)
    if known is None:
        return None
    kind = known.kinds[0] if known.kinds else Kind.TEXT
    return FieldSpec(f"custom.{api_name}", kind)


def _typed_field(
    key: str, full: str, spec: FieldSpec, checking: Checking
) -> typed.Field:
    """Build the field; `full` is its name with the collection, as the schema has it."""
    crm_field = crm_field_of(full, checking)
    kind: Kind | None = spec.kind
    if full.startswith("custom.") and not (crm_field and crm_field.kinds):
        kind = None
    is_picklist = crm_field is not None and _PICKLISTS.intersection(crm_field.kinds[:1])
    choices = crm_field.choices if crm_field and is_picklist else ()
    ranks = {choice.value.casefold(): rank for rank, choice in enumerate(choices)}
    return typed.Field(
        name=key,
        kind=kind,
        collection=checking.row.key if checking.row and key != full else None,
        labels={choice.value.casefold(): choice.label for choice in choices},
        ranks=ranks if spec.ordered else None,
    )


def crm_field_of(full: str, checking: Checking) -> CrmField | None:
    """Return the CRM's description of a field by its full canonical name."""
    schema = checking.scope.schema
    if schema is None:
        return None
    found = schema.fields.get(full)
    if found is None and full.startswith("custom."):
        found = schema.by_path.get(full.removeprefix("custom."))
    return found


def _row_field(
    name: syntax.Name, checking: Checking, row: RowScope
) -> typed.Field | None:
    spec = row.spec.fields.get(name.text)
    if spec is None:
        _unknown_on_row(name, checking, row)
        return None
    used = checking.collections.setdefault(row.key, set())
    used.add(name.text)
    if spec.kind is Kind.STAGE:
        used.add("pipeline")  # a stage means something in its pipeline only
    return _typed_field(name.text, f"{row.key}.{name.text}", spec, checking)


# ---- rows ------------------------------------------------------------------------


def row_scope(
    name: syntax.Name, checking: Checking, *, singular: bool
) -> RowScope | None:
    """Resolve the name of a collection; None after a mistake was noted.

    Args:
        name: `contacts`, or one hop away `account.meetings`.
        checking: Collects the need for the rows.
        singular: `every contact` may be written instead of `every contacts`.
    """
    catalogue = checking.scope.catalogue
    last = name.parts[-1]
    if singular and last not in catalogue.collections:
        last = plurals(catalogue.collections).get(last, last)
    hop = name.parts[:-1]
    spec = catalogue.collections.get(last)
    if spec is None or (hop and hop[-1] not in catalogue.lookups) or len(hop) > 1:
        _unknown_collection(name, checking)
        return None
    if last == "siblings":
        spec = RelationSpec(last, {**catalogue.deal, **spec.fields})
    key = ".".join((*hop, last))
    checking.collections.setdefault(key, set())
    return RowScope(key, spec)


def plurals(collections: Mapping[str, RelationSpec]) -> dict[str, str]:
    """Map the singular of each collection's name to the name."""
    return {singular_of(name): name for name in collections}


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


def _unknown_collection(name: syntax.Name, checking: Checking) -> None:
    names = checking.scope.catalogue.collections
    meant = nearest(name.text, names)
    others = sorted(set(names) - {meant})
    remedy = f"Others: {', '.join(others)}."
    if meant:
        remedy = f'did you mean "{meant}"? {remedy}'
    text = f'there is no collection "{name.text}".'
    checking.report("E403", text, name.span, remedy)


# ---- what was meant --------------------------------------------------------------


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that is most like `word`, if one is like it at all."""
    return next(iter(closest(word, candidates)), None)


def unknown_on_deal(
    name: syntax.Name, parts: tuple[str, ...], checking: Checking
) -> None:
    """Note that the deal has no such field, with the likeliest reason."""
    catalogue = checking.scope.catalogue
    first = parts[0]
    if first in catalogue.collections:
        rows_as_value(first, name, checking)
    elif first == "custom":
        _unknown_custom(name, parts[-1], checking)
    elif _is_raw_name(name, checking):
        return
    elif owners := [
        key for key, spec in catalogue.collections.items() if name.text in spec.fields
    ]:
        _row_field_outside(name, owners[0], checking)
    elif first in catalogue.lookups and len(parts) == 2:
        _unknown_field(name, parts[1], f"the {first}", checking)
    else:
        _unknown_field(name, ".".join(parts), "the deal", checking)


def _unknown_custom(name: syntax.Name, word: str, checking: Checking) -> None:
    schema = checking.scope.schema
    remedy = f"list all fields with: {LIST_FIELDS}"
    if meant := nearest(word, schema.by_path if schema else ()):
        remedy = f'did you mean "custom.{meant}"?'
    text = f'the deal has no field "{word}" in {checking.crm_name}.'
    checking.report("E401", text, name.span, remedy)


def rows_as_value(first: str, name: syntax.Name, checking: Checking) -> None:
    """Note E404 for rows where one value is asked for."""
    text = (
        f"{first} is a list of rows; say some {first}, count({first})"
        f" or every {singular_of(first)} has ..."
    )
    checking.report("E404", text, name.span)


def _row_field_outside(name: syntax.Name, owner: str, checking: Checking) -> None:
    text = f"{name.text} is a field of {owner}, not of the deal."
    test = checking.leaf
    written = f"{name.text} is filled" if test is None else canonical(test)
    remedy = f"some {owner} where {written}"
    checking.report("E405", text, name.span, remedy)


def _unknown_on_row(name: syntax.Name, checking: Checking, row: RowScope) -> None:
    if deal_spec(name.parts, checking) is not None:
        text = f"{name.text} is a field of the deal, not of {row.key}."
        checking.report("E405", text, name.span, f"deal.{name.text}")
    else:
        _unknown_field(name, name.text, row.key, checking, row.spec.fields)


def _is_raw_name(name: syntax.Name, checking: Checking) -> bool:
    """Note E402 where the name is the CRM's own for a field we know."""
    crm = checking.scope.crm
    schema = checking.scope.schema
    for own, spec in checking.scope.catalogue.deal.items():
        paths = {spec.paths.get(crm)}
        if schema is not None and own in schema.fields:
            paths.add(schema.fields[own].path.rpartition(".")[2])
        if name.text in paths:
            text = (
                f"{name.text} is {checking.crm_name}'s name;"
                f" the canonical name is {own}."
            )
            checking.report("E402", text, name.span)
            return True
    return False


def _unknown_field(
    name: syntax.Name,
    word: str,
    whose: str,
    checking: Checking,
    among: Mapping[str, FieldSpec] | None = None,
) -> None:
    prefix = ""
    if among is None and whose != "the deal":
        prefix = f"{name.parts[0]}."
        among = checking.scope.catalogue.lookups[name.parts[0]].fields
    among = checking.scope.catalogue.deal if among is None else among
    candidates = [*among, *([] if prefix else checking.scope.defines)]
    remedy = f"list all fields with: {LIST_FIELDS}"
    if found := nearest(word, candidates):
        meant = _described(prefix + found, among.get(found), checking)
        remedy = f"did you mean {meant}? List all fields with: {LIST_FIELDS}"
    checking.report(
        "E401", f'there is no field "{word}" on {whose}.', name.span, remedy
    )


def _described(full: str, spec: FieldSpec | None, checking: Checking) -> str:
    """Say a field with its type and its name in the CRM."""
    if spec is None:
        return f'"{full}"'
    path = spec.paths.get(checking.scope.crm)
    whole = f"{checking.row.key}.{full}" if checking.row else full
    if path is None and (crm_field := crm_field_of(whole, checking)):
        path = crm_field.path.rpartition(".")[2]
    where = f"; {checking.crm_name} {path}" if path else ""
    return f'"{full}" ({spec.kind}{where})'
