"""Load a folder of records into a portal.

An import is not validated. A value that HubSpot would derive stands as it was loaded
until the record changes; a property that no record of the folder carries does not
exist in the portal, one that is null everywhere is empty.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.catalogue import standard_kinds
from gatekeeper.sandbox.hubspot.history import Source, Version
from gatekeeper.sandbox.hubspot.imported_links import load_links
from gatekeeper.sandbox.hubspot.imported_people import owner_of, pipeline_of
from gatekeeper.sandbox.hubspot.imported_properties import define_columns
from gatekeeper.sandbox.hubspot.portal import ARCHIVED, CREATED, Portal
from gatekeeper.sandbox.hubspot.rollups import load_rollups
from gatekeeper.sandbox.hubspot.stage_dates import ENTERED
from gatekeeper.sandbox.hubspot.stock import bare_portal, stock_portal
from gatekeeper.sandbox.loader import (
    LoadError,
    Record,
    check_count,
    no_cycle_search,
    object_files,
    read_manifest,
    read_records,
)
from gatekeeper.sandbox.state import PackedRow, Stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gatekeeper.sandbox.clock import Clock, Elapsed
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind

_LINKS = ("labels", "associations")
_NO_RECORDS = (*_LINKS, "owners", "pipelines")


def load_portal(
    folder: Path, clock: Clock | None = None, elapsed: Elapsed | None = None
) -> Portal:
    """Return a portal that holds the records of a folder.

    Raises:
        LoadError: The folder or a file of it cannot be read.
    """
    files, manifest = object_files(folder), read_manifest(folder)
    _check_names(files)
    fresh = bare_portal if "pipelines" in files else stock_portal
    portal = fresh(clock, elapsed)
    _set_up(portal, manifest)
    with no_cycle_search():
        _load_files(portal, files, manifest)
    return portal


def _load_files(portal: Portal, files: Mapping[str, Path], manifest: Record) -> None:
    for name, path in files.items():
        records = read_records(path, None if name in _LINKS else "id")
        check_count(manifest, name, len(records))
        if name not in _LINKS:
            _load_file(portal, name, records)
    for name in _LINKS:
        if name in files:
            load_links(portal, name, read_records(files[name], None))
    if portal.settings.has_all_properties:
        load_rollups(portal)


def _check_names(names: Iterable[str]) -> None:
    known = [*sorted(standard_kinds()), *_NO_RECORDS]
    for name in names:
        if name not in known:
            raise LoadError(
                f"HubSpot has no object '{name}'; a folder for it has files named "
                f"{', '.join(known)}"
            )


def _load_file(portal: Portal, name: str, records: list[Record]) -> None:
    match name:
        case "owners":
            portal.owners = {each.id: each for each in map(owner_of, records)}
        case "pipelines":
            loaded = map(pipeline_of, records)
            portal.pipelines["deals"] = {each.id: each for each in loaded}
        case _:
            _load_records(portal, name, records)


def _set_up(portal: Portal, manifest: Record) -> None:
    """Take over what the manifest says of the account itself."""
    said = manifest.get("portal")
    known = {field.name for field in fields(portal.settings)}
    for name, value in said.items() if isinstance(said, dict) else ():
        if name not in known:
            raise LoadError(f"manifest.json: there is no setting '{name}' of a portal")
        setattr(portal.settings, name, value)


def _load_records(portal: Portal, name: str, records: list[Record]) -> None:
    kind = portal.kinds[name]
    ids = {str(record["id"]) for record in records}
    if len(ids) != len(records):
        raise LoadError(f"{name}: an id occurs twice")
    strange = next((each for each in ids if not each.isdecimal()), None)
    if strange:
        raise LoadError(f"{name}: the id '{strange}' is no number")
    columns = define_columns(
        kind,
        [_properties(name, record) for record in records],
        narrow=not portal.settings.has_all_properties,
    )
    if kind.name == "deals" and not portal.settings.has_all_properties:
        portal.settings.dates_stages = any(each.startswith(ENTERED) for each in columns)
    for record in records:
        _load_past(portal, kind, record)
    portal.state.tables[name].fill(_rows(portal, kind, columns, records))


def _properties(name: str, record: Record) -> Mapping[str, object]:
    properties = record.get("properties")
    if not isinstance(properties, dict):
        raise LoadError(f"{name}: the record {record['id']} has no properties")
    return properties


def _rows(
    portal: Portal, kind: ObjectKind, columns: frozenset[str], records: list[Record]
) -> dict[str, Stored]:
    """Return the records as rows by id; the records are used up."""
    own = ["hs_object_id", CREATED, kind.modified, ARCHIVED]
    names = [*own, *sorted(columns - set(own))]
    places = {name: place for place, name in enumerate(names)}
    now = portal.stamp()
    rows: dict[str, Stored] = {}
    texts: dict[str, str] = {}
    while records:
        # The record goes as the row comes: a large folder is never held twice.
        record = records.pop()
        properties = _properties(kind.name, record)
        created = record.get("createdAt") or now
        modified = record.get("updatedAt") or properties.get(kind.modified) or created
        gone = record.get("archivedAt") or now if record.get("archived") else None
        values: list[object] = [record["id"], created, modified, gone]
        values += [_text(texts, properties.get(name)) for name in names[len(own) :]]
        rows[str(record["id"])] = PackedRow(places, values)
    return rows


def _text(known: dict[str, str], value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        value = "true" if value else "false"
    text = str(value)
    # Values repeat, and equal ones shall be one object.
    return known.setdefault(text, text) if len(text) < 40 else text


def _load_past(portal: Portal, kind: ObjectKind, record: Record) -> None:
    past = record.get("propertiesWithHistory")
    if not isinstance(past, dict):
        return
    known = {
        name: tuple(_version(each) for each in versions)
        for name, versions in past.items()
        if versions
    }
    if known:
        portal.history.load(kind, str(record["id"]), known)


def _version(each: Mapping[str, object]) -> Version:
    user_id = each.get("updatedByUserId")
    source = _source(
        str(each.get("sourceType") or "IMPORT"),
        str(each.get("sourceId") or ""),
        user_id if isinstance(user_id, int) else None,
    )
    return Version(str(each.get("value") or ""), str(each["timestamp"]), source)


_source = lru_cache(maxsize=1_000)(Source)
"""Who changed a value; a portal has few of them and very many values."""
