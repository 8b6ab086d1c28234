"""fields.yaml: canonical names to CRM names, merged with the built-in ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    BUILT_IN,
    Catalogue,
    FieldSpec,
    Kind,
    RelationSpec,
)
from gatekeeper.pack.files import schema
from gatekeeper.pack.files.names import check_name, short_place
from gatekeeper.pack.files.values import did_you_mean, texts
from gatekeeper.pack.source.nodes import Table
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.pack.source.nodes import Node, Scalar
    from gatekeeper.pack.source.read import Reader

CRMS = ("salesforce", "hubspot")


@dataclass(frozen=True, slots=True)
class Fields:
    """The catalogue, and where fields.yaml declares each name (`contacts.role`)."""

    catalogue: Catalogue = BUILT_IN
    keys: Mapping[str, Scalar] = field(default_factory=dict)


def read_fields(reader: Reader, table: Table) -> Fields:
    """Read fields.yaml over the built-in names; what cannot be read is left out."""
    keys = dict(_declared(table))
    return Fields(_catalogue(reader, table), keys)


def _declared(table: Table) -> Iterator[tuple[str, Scalar]]:
    for key, _ in _pairs(table.get("deal")):
        yield key.text, key
    for section in ("lookups", "collections"):
        for relation, node in _pairs(table.get(section)):
            if section == "collections":
                yield relation.text, relation
            inner = node.get("fields") if isinstance(node, Table) else None
            for key, _ in _pairs(inner):
                yield f"{relation.text}.{key.text}", key


def _pairs(node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
    return node.pairs if isinstance(node, Table) else ()


def _catalogue(reader: Reader, table: Table) -> Catalogue:
    reader.part(schema.FieldsFile, table, Noun("fields.yaml"))
    deal = {
        **BUILT_IN.deal,
        **_fields(reader, table.get("deal"), "deal", BUILT_IN.deal),
    }
    lookups = dict(BUILT_IN.lookups)
    for key, node in reader.pairs(table.get("lookups"), "lookups"):
        lookup = _relation(reader, key, node, lookups.get(key.text))
        _check_source(reader, key, lookup, ("by",))
        lookups[key.text] = lookup
        deal.setdefault(key.text, _reference(lookup, key))
    collections = dict(BUILT_IN.collections)
    for key, node in reader.pairs(table.get("collections"), "collections"):
        known = collections.get(key.text)
        collection = _relation(reader, key, node, known)
        _check_source(reader, key, collection, ("object", "by"))
        collections[key.text] = collection
    catalogue = Catalogue(deal, lookups, collections)
    groups = _groups(reader, table.get("groups"), catalogue)
    return Catalogue(deal, lookups, collections, groups)


def _nowhere(reader: Reader, key: Scalar, advice: str) -> None:
    """Say that a name leads to no CRM at all."""
    text = f'{key.text} has neither "salesforce" nor "hubspot".'
    reader.say(key.place, "E202", text, advice)


def _fields(
    reader: Reader, node: Node | None, name: str, known: Mapping[str, FieldSpec]
) -> dict[str, FieldSpec]:
    specs: dict[str, FieldSpec] = {}
    for key, value in reader.pairs(node, name):
        check_name(reader, key)
        noun = Noun("a field", f"field {key.text}")
        part = reader.part(schema.FieldPart, value, noun)
        if part is None:
            continue
        if key.text not in known and not (part.salesforce or part.hubspot):
            _nowhere(reader, key, "salesforce: Api_Name__c")
        specs[key.text] = FieldSpec(
            key.text,
            part.type,
            _paths(part.salesforce, part.hubspot),
            history=part.history,
            ordered=part.ordered,
            place=short_place(key),
        )
    return specs


def _paths(salesforce: str | None, hubspot: str | None) -> dict[str, str]:
    pairs = zip(CRMS, (salesforce, hubspot), strict=True)
    return {crm: path for crm, path in pairs if path is not None}


def _relation(
    reader: Reader, key: Scalar, node: Node, known: RelationSpec | None
) -> RelationSpec:
    check_name(reader, key)
    noun = Noun("a lookup or collection", key.text)
    reader.part(schema.RelationPart, node, noun)
    table = reader.table(node, key.text)
    inner = table.get("fields") if table else None
    added = _fields(reader, inner, "fields", known.fields if known else {})
    sources = _sources(reader, table) if table else {}
    if known is None:
        if not sources:
            advice = "salesforce: {object: Case, by: Opportunity__c}"
            _nowhere(reader, key, advice)
        return RelationSpec(key.text, added, sources)
    return RelationSpec(
        key.text, {**known.fields, **added}, {**known.sources, **sources}
    )


def _sources(reader: Reader, table: Table) -> dict[str, Mapping[str, str]]:
    sources: dict[str, Mapping[str, str]] = {}
    for crm in CRMS:
        part = reader.part(schema.Source, table.get(crm), Noun(f'"{crm}"'))
        if part is not None:
            sources[crm] = part.model_dump(exclude_none=True)
    return sources


def _check_source(
    reader: Reader, key: Scalar, relation: RelationSpec, needed: tuple[str, ...]
) -> None:
    """Say what Salesforce needs to find the rows and fields.yaml does not name."""
    source = relation.sources.get("salesforce")
    missing = [name for name in needed if source is not None and name not in source]
    if missing:
        text = f'{key.text} has no "{missing[0]}" under "salesforce".'
        advice = "salesforce: {object: Case, by: Opportunity__c}"
        reader.say(key.place, "E202", text, advice)


def _reference(lookup: RelationSpec, key: Scalar) -> FieldSpec:
    paths = {
        crm: source["by"] for crm, source in lookup.sources.items() if "by" in source
    }
    return FieldSpec(lookup.name, Kind.REFERENCE, paths, place=short_place(key))


def _groups(
    reader: Reader, node: Node | None, catalogue: Catalogue
) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for key, value in reader.pairs(node, "groups"):
        check_name(reader, key)
        groups[key.text] = reader.value(value, key.text, texts, ())
        for name in groups[key.text]:
            if not _is_field(name, catalogue):
                reader.say(
                    value.place,
                    "E401",
                    f'there is no field "{name}" on the deal.',
                    did_you_mean(name, catalogue.deal) or "gatekeeper fields list",
                )
    return groups


def _is_field(name: str, catalogue: Catalogue) -> bool:
    lookup, _, inner = name.partition(".")
    if not inner:
        return name in catalogue.deal
    return lookup == "custom" or (
        lookup in catalogue.lookups and inner in catalogue.lookups[lookup].fields
    )
