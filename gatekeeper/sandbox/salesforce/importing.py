"""Import a folder of records into an org.

An import is not validated, as a migration by a vendor's own staff is not. A column the
folder lacks is absent from describe where Salesforce could hide it or the org's
settings decide; a null one is empty. What Salesforce derives is derived only where the
folder does not say it.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.sandbox.loader import (
    LoadError,
    Record,
    check_count,
    no_cycle_search,
    object_files,
    read_manifest,
    read_records,
)
from gatekeeper.sandbox.salesforce.activities import archive, instant
from gatekeeper.sandbox.salesforce.columns import inferred_field
from gatekeeper.sandbox.salesforce.custom_fields import register_field
from gatekeeper.sandbox.salesforce.ids import canonical_id, stamp
from gatekeeper.sandbox.salesforce.imported import complete
from gatekeeper.sandbox.salesforce.org import ACTIVITIES
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER, stock_org
from gatekeeper.sandbox.salesforce.values import NUMBERS
from gatekeeper.sandbox.schema import FieldType, ObjectType, PicklistValue
from gatekeeper.sandbox.state import PackedRow, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gatekeeper.sandbox.clock import Clock
    from gatekeeper.sandbox.salesforce.org import Org

_REPLACED = ("Organization", "OpportunityStage", "TaskStatus", "TaskPriority")
"""Objects of a fresh org that a folder's own rows replace."""
_MOST_KNOWN = 100_000
_MOST_CHOICES = 100
_TRACKED = {"Owner": "OwnerId", "Account": "AccountId"}


def load_org(folder: Path, clock: Clock | None = None) -> Org:
    """Return an org that holds the records of a folder.

    Raises:
        LoadError: The folder or a file of it cannot be read.
    """
    org = stock_org(clock)
    files, manifest = object_files(folder), read_manifest(folder)
    with no_cycle_search():
        _load_files(org, files, manifest)
    return org


def _load_files(org: Org, files: Mapping[str, Path], manifest: Record) -> None:
    columns: dict[str, frozenset[str]] = {}
    for name, path in files.items():
        records = read_records(path)
        check_count(manifest, name, len(records))
        if records:
            columns[name] = _load_object(org, name, records)
    _name_org(org)
    _show_stages(org)
    _track(org, manifest)
    complete(org, columns)
    archive(org)


def _load_object(org: Org, name: str, records: list[Record]) -> frozenset[str]:
    columns = frozenset().union(*records)
    ids = Counter(str(record["Id"]) for record in records)
    if len(ids) != len(records):
        raise LoadError(f"{name}: the Id {ids.most_common(1)[0][0]} occurs twice")
    kind = _kind(org, name, records)
    for column in sorted(columns - kind.fields.keys()):
        field = inferred_field(org, column, [record.get(column) for record in records])
        _add_field(org, kind.name, field)
    _show_columns(org, kind, columns)
    if name in _REPLACED:
        for row in list(org.rows(name, include_deleted=True)):
            org.remove(name, str(row["Id"]))
    rows = _rows(kind, columns, records)
    org.state.tables[name].fill(rows)
    _add_choices(org, kind, columns, rows)
    return columns


def _kind(org: Org, name: str, records: list[Record]) -> ObjectType:
    if name not in org.kinds:
        prefix = str(records[0]["Id"])[:3]
        own = FieldType("Id", "id", "Record ID", nillable=False, permissionable=False)
        fields = {"Id": replace(own, createable=False, updateable=False)}
        fields["IsDeleted"] = replace(
            fields["Id"], name="IsDeleted", type="boolean", label="Deleted"
        )
        custom = name.endswith("__c")
        org.add_object(ObjectType(name, name, name, prefix, fields, custom=custom))
    if name == "CurrencyType":
        org.enable_multi_currency()
    if name == "TaskRelation":
        org.share_activities()
    org.add_object(org.kinds[name])
    return org.kinds[name]


def _add_field(org: Org, object_name: str, field: FieldType) -> None:
    org.add_field(object_name, field, granted=True)
    if field.custom:
        table = "Activity" if object_name in ACTIVITIES else object_name
        register_field(org, table, field, INTEGRATION_USER)


def _show_columns(org: Org, kind: ObjectType, columns: frozenset[str]) -> None:
    for field in kind.fields.values():
        if field.name in columns:
            org.show_field(kind.name, field.name)
        elif kind.name not in ACTIVITIES and (field.permissionable or field.optional):
            org.hide_field(kind.name, field.name)


def _rows(
    kind: ObjectType, columns: frozenset[str], records: list[Record]
) -> dict[str, Stored]:
    """Return the records as rows by id; the records are used up."""
    for name in columns:
        convert = _converter(kind.fields[name])
        if convert is not None:
            _convert(records, name, convert)
    marks = sorted(_names(kind, {"boolean"}) - columns)
    names = [*sorted(columns), *marks]
    places = {name: place for place, name in enumerate(names)}
    given, false = names[: len(columns)], [False] * len(marks)
    rows: dict[str, Stored] = {}
    while records:
        # The record goes as the row comes: a large folder is never held twice.
        record = records.pop()
        values = [*map(record.get, given), *false]
        rows[str(record["Id"])] = PackedRow(places, values)
    return rows


def _convert(
    records: list[Record], name: str, convert: Callable[[object], object]
) -> None:
    # Values repeat, and equal ones shall be one object: most of an org's memory is
    # the same few owners, dates and stages over and over.
    known: dict[object, object] = {}
    for record in records:
        value = record.get(name)
        if value is not None:
            if value not in known:
                if len(known) >= _MOST_KNOWN:
                    known.clear()
                known[value] = convert(value)
            record[name] = known[value]


def _converter(field: FieldType) -> Callable[[object], object] | None:
    if field.type in NUMBERS:
        return lambda value: float(str(value))
    if field.type == "datetime":
        return lambda value: sys.intern(_datetime(str(value)))
    if field.type in {"reference", "id"}:
        return lambda value: sys.intern(canonical_id(str(value)) or str(value))
    if field.type in {"picklist", "date"}:
        return lambda value: sys.intern(value) if isinstance(value, str) else value
    return None


def _names(kind: ObjectType, types: set[str] | frozenset[str]) -> set[str]:
    return {field.name for field in kind.fields.values() if field.type in types}


def _datetime(text: str) -> str:
    if text.endswith(".000+0000"):
        return text
    return stamp(instant(text if len(text) > 10 else f"{text}T00:00:00+00:00"))


def _add_choices(
    org: Org, kind: ObjectType, columns: frozenset[str], rows: Mapping[str, Stored]
) -> None:
    """Show in describe the values that records hold of an unrestricted picklist."""
    for name in columns:
        field = kind.fields[name]
        if field.type != "picklist" or field.restricted_picklist:
            continue
        known = {choice.value for choice in field.picklist}
        used = {str(row[name]) for row in rows.values() if row[name] is not None}
        new = sorted(used - known)
        if 0 < len(new) <= _MOST_CHOICES:
            choices = (*field.picklist, *(PicklistValue(v, v) for v in new))
            kind.fields[name] = replace(field, picklist=choices)


def _name_org(org: Org) -> None:
    for row in org.rows("Organization", include_deleted=False):
        org.org_id = str(row["Id"])


def _show_stages(org: Org) -> None:
    """Let describe list the org's stages, in their order, as StageName's values."""
    stages = sorted(
        org.rows("OpportunityStage", include_deleted=False),
        key=lambda row: int(str(row["SortOrder"] or 0)),
    )
    choices = tuple(
        PicklistValue(
            str(row["ApiName"] or row["MasterLabel"]),
            str(row["MasterLabel"]),
            active=row["IsActive"] is not False,
        )
        for row in stages
    )
    fields = org.kinds["Opportunity"].fields
    fields["StageName"] = replace(fields["StageName"], picklist=choices)


def _track(org: Org, manifest: Mapping[str, object]) -> None:
    """Track the fields the manifest names, and those whose history the folder holds."""
    named = manifest.get("tracked_fields")
    history = org.rows("OpportunityFieldHistory", include_deleted=True)
    names = {_TRACKED.get(str(row["Field"]), str(row["Field"])) for row in history}
    names |= {str(name) for name in named} if isinstance(named, list) else set()
    known = org.kinds["Opportunity"].fields.keys()
    org.settings.tracked = frozenset(names & known)
