"""The standard objects of a Salesforce org, read from the text files of `objects/`.

Pure once read. One line is one field: `name | type | label | flags | key=value ...`.
Flags: c createable, u updateable, r required, d defaulted on create, p hidden by
field-level security if the admin says so, o exists only where the org's settings
call for it, n name field, i id lookup, R restricted picklist, F S G not filterable,
sortable, groupable. Keys: rel (relationship to the parent), child (the parent's name
for these rows, `!` if they die with it), values, default, compound. On an object's
line the flags are c u d (createable, updateable, deletable) and o. The facts are those
of recorded describes and of Salesforce's object reference.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from importlib import resources

from gatekeeper.sandbox.schema import (
    ChildRelation,
    FieldType,
    ObjectType,
    PicklistValue,
)

_TYPE = re.compile(r"(\w+)(?:\(([^)]*)\))?\Z")
_UNGROUPABLE = {"currency", "double", "percent", "datetime", "address"}
_NUMBERS = {"currency", "double", "percent"}
_STAMPS = """\
CreatedDate | datetime | Created Date | rd
CreatedById | reference(User) | Created By ID | rd | rel=CreatedBy
LastModifiedDate | datetime | Last Modified Date | rd
LastModifiedById | reference(User) | Last Modified By ID | rd | rel=LastModifiedBy
SystemModstamp | datetime | System Modstamp | rd"""
LONG_TEXT = 256
"""From this length on a text area is long: it can be neither filtered nor sorted."""


def standard_objects() -> dict[str, ObjectType]:
    """Return fresh object types of a stock org, tooling objects left out."""
    names = ("sales", "activity", "people", "setup")
    return _linked([kind for name in names for kind in _objects(name)])


def tooling_objects() -> dict[str, ObjectType]:
    """Return the objects that only the Tooling API knows."""
    return _linked(list(_objects("tooling")))


@cache
def _objects(name: str) -> tuple[ObjectType, ...]:
    folder = resources.files(__package__) / "objects"
    text = (folder / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(map(_object, text.strip().split("\n\n")))


def _linked(templates: list[ObjectType]) -> dict[str, ObjectType]:
    kinds = {
        kind.name: replace(kind, fields=dict(kind.fields), children=[])
        for kind in templates
    }
    for kind in kinds.values():
        for field in kind.fields.values():
            link(kinds, kind.name, field)
    return kinds


def link(kinds: dict[str, ObjectType], child: str, field: FieldType) -> None:
    """Tell the parents a reference field points to that it exists."""
    relation = ChildRelation(
        child, field.name, field.child_name, cascade_delete=field.cascade_delete
    )
    for parent in field.reference_to:
        if parent in kinds:
            kinds[parent].children.append(relation)


def _object(block: str) -> ObjectType:
    head, *lines = block.splitlines()
    name, prefix, label, plural, flags = (
        cell.strip() for cell in head.removeprefix("= ").split("|")
    )
    fields = [
        _field(line)
        for written in lines
        for line in (_STAMPS.splitlines() if written == "@stamps" else [written])
    ]
    return ObjectType(
        name=name,
        label=label,
        label_plural=plural,
        key_prefix=prefix,
        fields={field.name: field for field in fields},
        createable="c" in flags,
        updateable="u" in flags,
        deletable="d" in flags,
        optional="o" in flags,
    )


def _field(line: str) -> FieldType:
    name, type_text, label, *rest = (cell.strip() for cell in line.split("|"))
    flags = rest[0] if rest else ""
    keys = dict(cell.split("=", 1) for cell in rest[1:])
    child = keys.get("child")
    field = _permitted(_typed(name, type_text, label), flags)
    default: object = keys.get("default")
    if field.type == "boolean":
        default = default == "true"
    return replace(
        field,
        picklist=_choices(keys.get("values"), default),
        relationship_name=keys.get("rel"),
        child_name=child.removesuffix("!") if child else None,
        cascade_delete=bool(child) and str(child).endswith("!"),
        compound_field=keys.get("compound"),
        default=default,
        filterable=field.filterable and "F" not in flags,
        sortable=field.sortable and "S" not in flags,
        groupable=field.groupable and "G" not in flags,
        nillable=field.type not in {"id", "boolean"} and "r" not in flags,
    )


def _permitted(field: FieldType, flags: str) -> FieldType:
    return replace(
        field,
        createable="c" in flags,
        updateable="u" in flags,
        defaulted_on_create="d" in flags,
        permissionable="p" in flags,
        optional="o" in flags,
        name_field="n" in flags,
        id_lookup="i" in flags,
        restricted_picklist="R" in flags,
    )


def _typed(name: str, type_text: str, label: str) -> FieldType:
    match = _TYPE.match(type_text)
    if match is None:
        raise ValueError(f"field {name}: cannot read type '{type_text}'")
    kind, inner = match[1], (match[2] or "").split(",")
    long_text = kind == "textarea" and int(inner[0]) >= LONG_TEXT
    field = FieldType(
        name=name,
        type=kind,
        label=label,
        filterable=not long_text,
        sortable=not long_text,
        groupable=not long_text and kind not in _UNGROUPABLE,
    )
    if kind in _NUMBERS:
        return replace(field, precision=int(inner[0]), scale=int(inner[1]))
    if kind == "reference":
        return replace(field, length=18, reference_to=tuple(inner))
    if kind == "int":
        return replace(field, precision=int(inner[0]))
    return replace(field, length=18 if kind == "id" else int(inner[0] or 0))


def _choices(text: str | None, default: object) -> tuple[PicklistValue, ...]:
    return tuple(
        PicklistValue(value, value, default=value == default)
        for value in (text.split(";") if text else ())
    )
