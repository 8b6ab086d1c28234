"""A pack held against the CRM's own description: fields, types, access, age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    SUPPORTED_STAGE,
    Access,
    CrmField,
    CrmName,
    CrmSchema,
    FieldSpec,
)
from gatekeeper.core.model import Mode
from gatekeeper.language.checker.history import SWITCH_ON
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.core.pack import Needs, Project, Rule
    from gatekeeper.pack.files.fields import Fields
    from gatekeeper.pack.source.nodes import Scalar, Table
    from gatekeeper.pack.source.read import Reader

OLDEST_SCHEMA_DAYS = 14
_WHAT = {CrmName.SALESFORCE: ("field", "org"), CrmName.HUBSPOT: ("property", "portal")}


def check_types(reader: Reader, fields: Fields, schema: CrmSchema) -> None:
    """Note the declared types that the CRM contradicts (E505)."""
    for name, key in fields.keys.items():
        spec, known = _spec(fields.catalogue, name), schema.fields.get(name)
        if spec is None or known is None or known.access is Access.ABSENT:
            continue
        if spec.kind not in known.kinds:
            path = spec.paths.get(schema.crm, known.path)
            reader.say(
                key.place,
                "E505",
                f"{name} is declared {spec.kind}, but {CrmName(schema.crm).label}"
                f" {path} is {known.native_type}.",
            )


def check_history(reader: Reader, fields: Fields, schema: CrmSchema) -> None:
    """Note the fields declared with a history that the CRM does not keep (E508)."""
    for name, spec in fields.catalogue.deal.items():
        key, known = fields.keys.get(name), schema.fields.get(name)
        if spec.history and key and known and known.tracked is False:
            own = known.path.rpartition(".")[2]
            text = (
                f"{name} is declared with a history, but field tracking is off for"
                f" {own}."
            )
            reader.say(key.place, "E508", text, SWITCH_ON)


def _spec(catalogue: Catalogue, name: str) -> FieldSpec | None:
    relation, _, inner = name.rpartition(".")
    if not relation:
        return catalogue.deal.get(inner)
    known = catalogue.lookups.get(relation) or catalogue.collections.get(relation)
    return known.fields.get(inner) if known else None


@dataclass(frozen=True, slots=True)
class Use:
    """Something of the pack that reads fields of the CRM.

    Attributes:
        name: How a message calls it.
        place: `file:line` of it, as a message shows it.
        node: Where a message points.
        way_out: What one may do with it where access cannot be given.
    """

    name: str
    place: str
    needs: Needs
    node: Scalar
    way_out: str = "disable the rule"

    @staticmethod
    def of(rule: Rule, node: Scalar) -> Use:
        """Return what a rule reads."""
        return Use(rule.id, rule.place, rule.needs, node)


def check_access(
    reader: Reader, fields: Fields, schema: CrmSchema, uses: Iterable[Use]
) -> None:
    """Note the fields and collections that are read and the CRM does not give.

    E501 where something does not exist, E506 where it may not be read; the first use
    is named.
    """
    seen: set[str] = set()
    for use in uses:
        for name in _names(use.needs):
            if name in seen:
                continue
            seen.add(name)
            why = schema.missing_collections.get(name)
            if why is not None:
                declared = fields.keys.get(name.rpartition(".")[2])
                text = f"the rows of {name} cannot be read: {why.rstrip('.')}."
                advice = f"grant read access, or take out what asks about {name}."
                reader.say((declared or use.node).place, "E501", text, advice)
            elif name not in schema.missing_collections and not _is_bare(use, name):
                _check_field(reader, fields, schema, name, use)


def _names(needs: Needs) -> Iterator[str]:
    yield from sorted(needs.fields - {SUPPORTED_STAGE})  # worked out, not read
    for collection in sorted(needs.collections):
        yield collection
        for name in sorted(needs.collections[collection]):
            yield f"{collection}.{name}"


def _own(name: str) -> str:
    """Return the name as fields.yaml has it: `meetings.start` of `account.meetings`."""
    *_, collection, leaf = ("", *name.split("."))
    return leaf if collection in {"", "siblings"} else f"{collection}.{leaf}"


def _is_bare(use: Use, name: str) -> bool:
    return name in use.needs.collections


def _check_field(
    reader: Reader,
    fields: Fields,
    schema: CrmSchema,
    name: str,
    use: Use,
) -> None:
    if name.rpartition(".")[0] in schema.missing_collections:
        return
    node = use.node
    known = schema.fields.get(name) or schema.by_path.get(name.partition(".")[2])
    if known is None or known.access is Access.ABSENT:
        place = fields.keys.get(_own(name), node).place
        text, advice = _absent(name, fields.catalogue, known, schema)
        reader.say(place, "E501", text, advice)
    elif known.access is Access.NONE:
        reader.say(
            node.place,
            "E506",
            f"the integration user may not read {known.path}, used by {use.name}"
            f" ({use.place}).",
            f"grant read access in the permission set, or {use.way_out}.",
        )


def _absent(
    name: str, catalogue: Catalogue, known: CrmField | None, schema: CrmSchema
) -> tuple[str, str | None]:
    crm = CrmName(schema.crm)
    spec = _spec(catalogue, _own(name))
    path = spec.paths.get(schema.crm) if spec else None
    if path is None and known is not None:
        path = known.path
    why = schema.missing_fields.get(_own(name))
    if path is None and why is not None:
        return f"{name} cannot be asked: {why}.", "leave it out."
    if path is None:
        advice = f"give {_own(name)} its {crm.label} name in fields.yaml."
        return f"{name} maps to no {crm.label} {_WHAT[crm][0]}.", advice
    what, where = _WHAT[crm]
    org = schema.org.partition(":")[2]
    read_at = f"{schema.read_at:%-d %b %Y %H:%M}"
    return (
        f"{name} maps to {crm.label} {what} {path}, which does not exist in {where}"
        f" {org} (schema read {read_at})."
    ), None


def check_flags(
    reader: Reader,
    project: Project,
    table: Table | None,
    schema: CrmSchema,
    rules: Iterable[Rule],
) -> None:
    """Note the flags that may not be written although rules are enforced (E507)."""
    node = table.get("mode_ceiling") if table else None
    if node is None or project.mode_ceiling is not Mode.ENFORCE:
        return
    if not any(rule.mode is Mode.ENFORCE for rule in rules):
        return
    for flag in _not_writable(schema.flags):
        text = f"mode enforce needs write access to {flag.path}."
        reader.say(node.place, "E507", text)


def _not_writable(flags: Mapping[str, CrmField]) -> list[CrmField]:
    return [flag for flag in flags.values() if flag.access is not Access.WRITE]


def age_problems(
    table: Table | None, schema: CrmSchema, now: datetime
) -> list[Problem]:
    """Say that the saved description is too old (E509)."""
    days = (now - schema.read_at).days
    if table is None or days <= OLDEST_SCHEMA_DAYS:
        return []
    node = table.key("crm")
    text = f"the saved CRM schema is {days} days old (limit {OLDEST_SCHEMA_DAYS})."
    place = node.place if node else table.place
    return [Problem(place, "E509", text, "gatekeeper fields pull")]
