"""Names that mean nothing, and what their author may have meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.checker.known import (
    crm_field_of,
    deal_spec,
    nearest,
    offered,
    plurals,
    signatures,
)
from gatekeeper.language.tree import syntax
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.syntax_values import singular_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.catalogue import FieldSpec
    from gatekeeper.language.checker.state import Checking, RowScope

LIST_FIELDS = "gatekeeper fields list"
_THE_DEAL = frozenset({"opportunity", "opportunities", "opp", "deals"})
_WORDS_MEANT = {
    "yesterday": "today - 1 day",
    "tomorrow": "today + 1 day",
    "age": "days_since(created_on)",
    "dealage": "days_since(created_on)",
    "stageage": "days_in_stage()",
    "lastactivity": "latest(activities.at)",
    "lastactivitydate": "latest(activities.at)",
    "lastmodified": "latest(activities.at)",
    "lastmodifieddate": "latest(activities.at)",
    "modifiedat": "latest(activities.at)",
    "lastmeeting": "latest(meetings.start where start before now)",
    "nextmeeting": "earliest(meetings.start where start after now)",
    "nextactivity": "earliest(activities.at where at after now)",
}
"""What is asked for by a name that no deal has, in small letters without `_`."""
_ROWS_MEANT = {
    "products": "line_items",
    "opportunitycontactroles": "contacts",
    "events": "meetings",
    "attachments": "files",
    "opportunities": "siblings",
}


def unknown_collection(name: syntax.Name, checking: Checking) -> None:
    """Note E403 for rows that are no collection."""
    if checking.is_trial:
        checking.report("E403", name.text, name.span)
        return
    names = checking.scope.catalogue.collections
    meant = _ROWS_MEANT.get(_plain(name.text)) or nearest(name.text, names)
    others = sorted(set(names) - {meant})
    remedy = f"Others: {', '.join(others)}."
    if len(name.parts) > 1 and name.parts[-1] in ("siblings", "sibling"):
        remedy = "siblings are the deal's: some siblings"
    elif meant:
        remedy = f'did you mean "{meant}"? {remedy}'
    text = f'there is no collection "{name.text}".'
    checking.report("E403", text, name.span, remedy)


# ---- what was meant --------------------------------------------------------------


def unknown_on_deal(
    name: syntax.Name, parts: tuple[str, ...], checking: Checking
) -> None:
    """Note that the deal has no such field, with the likeliest reason."""
    if checking.is_trial:
        checking.report("E401", name.text, name.span)
        return
    catalogue = checking.scope.catalogue
    first = parts[0]
    one_of_rows = plurals(catalogue.collections)
    rows = first if first in catalogue.collections else one_of_rows.get(first)
    if rows is not None and (rows == first or len(parts) == 2):
        rows_as_value(rows, name, checking)
    elif first == "custom":
        _unknown_custom(name, parts[-1], checking)
    elif first.lower() in _THE_DEAL and len(parts) > 1:
        _named_deal(name, parts[1:], checking)
    elif not _is_raw_name(name, checking):
        _no_such_name(name, parts, checking)


def _named_deal(name: syntax.Name, inner: tuple[str, ...], checking: Checking) -> None:
    """Speak of `opportunity.amount`: the deal's fields stand without its name."""
    if deal_spec(inner, checking) is None:
        unknown_on_deal(syntax.Name(inner, name.span), inner, checking)
    else:
        _no_field(name, f'did you mean "{".".join(inner)}"?', checking)


def _no_such_name(
    name: syntax.Name, parts: tuple[str, ...], checking: Checking
) -> None:
    catalogue = checking.scope.catalogue
    first = parts[0]
    if meant := _word_meant(name.text, checking):
        _no_field(name, f"did you mean {meant}?", checking)
    elif owners := [
        key for key, spec in catalogue.collections.items() if name.text in spec.fields
    ]:
        _row_field_outside(name, owners[0], checking)
    elif first in catalogue.lookups and len(parts) == 2:
        _unknown_field(name, parts[1], f"the {first}", checking)
    elif rows := plurals(catalogue.collections).get(name.text.lower()):
        remedy = f"{rows} is a list of rows; for example: some {rows}"
        _no_field(name, remedy, checking)
    else:
        _unknown_field(name, ".".join(parts), "the deal", checking)


def _word_meant(word: str, checking: Checking) -> str | None:
    """Return the function, the parameter or the turn of speech that a word is."""
    if word.lower() in signatures():
        return signatures()[word.lower()]
    if word in checking.scope.params:
        return f"${word}"
    return _WORDS_MEANT.get(_plain(word))


def _plain(word: str) -> str:
    return word.casefold().replace("_", "")


def _no_field(name: syntax.Name, remedy: str, checking: Checking) -> None:
    text = f'there is no field "{name.text}" on the deal.'
    checking.report("E401", text, name.span, remedy)


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
    checking.report("E404", text, name.span, _rows_remedy(first, name, checking))


def _rows_remedy(first: str, name: syntax.Name, checking: Checking) -> str | None:
    """Write the condition that asks the rows what was asked of one value."""
    if name.parts[1:2] == ("custom",):
        return f"declare {name.parts[-1]} as a field of {first} in fields.yaml."
    test = checking.leaf
    subject = test.left if isinstance(test, syntax.Compare) else _value_of(test)
    if test is None or subject != name:
        return None
    if len(name.parts) == 2:
        field = name.parts[1].lower()
        is_known = field in checking.scope.catalogue.collections[first].fields
        written = canonical(test).replace(name.text, field)
        return f"some {first} where {written}" if is_known else None
    if isinstance(test, syntax.Is) and test.state in {"filled", "empty"}:
        is_filled = (test.state == "filled") is not test.negated
        return f"{'some' if is_filled else 'no'} {first}"
    if isinstance(test, syntax.Compare) and len(name.parts) == 1:
        return f"count({first}){canonical(test).removeprefix(first)}"
    return None


def _value_of(test: syntax.Test | None) -> syntax.Value | None:
    """Return what a condition over one value asks about."""
    match test:
        case (
            syntax.Is(value=value)
            | syntax.In(value=value)
            | syntax.Between(value=value)
            | syntax.TextTest(value=value)
            | syntax.Within(value=value)
        ):
            return value
    return None


def _row_field_outside(name: syntax.Name, owner: str, checking: Checking) -> None:
    text = f"{name.text} is a field of {owner}, not of the deal."
    test = checking.leaf
    written = f"{name.text} is filled" if test is None else canonical(test)
    remedy = f"some {owner} where {written}"
    checking.report("E405", text, name.span, remedy)


def unknown_on_row(name: syntax.Name, checking: Checking, row: RowScope) -> None:
    """Note that the rows have no such field, with the likeliest reason."""
    if checking.is_trial:
        checking.report("E401", name.text, name.span)
    elif deal_spec(name.parts, checking) is not None:
        text = f"{name.text} is a field of the deal, not of {row.key}."
        checking.report("E405", text, name.span, f"deal.{name.text}")
    else:
        _unknown_field(name, name.text, row.key, checking, row.spec.fields)


def _is_raw_name(name: syntax.Name, checking: Checking) -> bool:
    """Note E402 where the name is the CRM's own for a field we know."""
    crm = checking.scope.crm
    schema = checking.scope.schema
    written = name.text
    for own, spec in checking.scope.catalogue.deal.items():
        paths = {spec.paths.get(crm)}
        if not spec.paths and checking.scope.own_names.get(written) == own:
            paths.add(written)
        if schema is not None and own in schema.fields:
            paths.add(schema.fields[own].path.rpartition(".")[2])
        if written in paths:
            text = (
                f"{name.text} is {checking.crm_name}'s name;"
                f" the canonical name is {own}."
            )
            checking.report("E402", text, name.span)
            return True
    if schema is not None and name.text in schema.by_path:
        text = f"{name.text} is {checking.crm_name}'s name."
        checking.report("E402", text, name.span, f"custom.{name.text}")
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
    usable = [] if prefix else offered(checking.scope.defines.keys())
    candidates = [*among, *sorted(set(usable) - set(checking.expanding))]
    if whose == "the deal" and "." in word:
        candidates = [
            f"{lookup}.{inner}"
            for lookup, spec in checking.scope.catalogue.lookups.items()
            for inner in spec.fields
        ]
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
