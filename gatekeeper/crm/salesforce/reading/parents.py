"""Whose rows a collection holds: the deal's own, or those of a record it looks up.

Pure. `meetings` are the deal's, `account.meetings` those of the account that the deal
points at, read once per account however many of its deals ask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.metadata.describe import WireObject
from gatekeeper.crm.salesforce.reading import row_names
from gatekeeper.crm.salesforce.reading.columns import hidden, lookup_field

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.crm.salesforce.reading.row_names import Part, Source

Objects = Callable[[str], WireObject | None]
ACCOUNT = "Account"


@dataclass(frozen=True, slots=True)
class Parent:
    """A record that has rows.

    Attributes:
        hop: What stands before a collection's name: "" or `account.`.
        object: Its object.
        column: The deal's field that holds its id.
        parts: Name of a built-in collection to its parts.
        by: The field of a source that points at it.
        why_not: Why it cannot be told; "" where it can.
    """

    hop: str
    object: str
    column: str
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    by: Mapping[Source, str] = field(default_factory=dict)
    why_not: str = ""


DEAL = Parent("", names.DEAL_OBJECT, "Id", row_names.COLLECTIONS, by=row_names.BY_DEAL)


def parent_of(hop: str, catalogue: Catalogue, objects: Objects) -> Parent:
    """Return the parent a lookup leads to, `account` say; the deal itself for ""."""
    if not hop:
        return DEAL
    relation, deal = catalogue.lookups.get(hop), objects(names.DEAL_OBJECT)
    by = lookup_field(relation) if relation else None
    reference = deal.find(by) if deal and by else None
    if reference is None or not reference.reference_to:
        why_not = hidden(names.DEAL_OBJECT, by or hop)
        return Parent(f"{hop}.", hop, by or hop, why_not=why_not)
    if ACCOUNT in reference.reference_to:
        parts, by_field = row_names.ACCOUNT_COLLECTIONS, row_names.BY_ACCOUNT
        return Parent(f"{hop}.", ACCOUNT, reference.name, parts, by_field)
    return Parent(f"{hop}.", reference.reference_to[0], reference.name)


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a collection of fields.yaml has its rows.

    Attributes:
        by: The field that points at the parent.
        why_not: Why the rows cannot be found; "" where they can.
    """

    object: str
    by: str
    why_not: str = ""


def declared_rows(source: Mapping[str, str], parent: Parent, objects: Objects) -> Rows:
    """Return where the rows of a declared collection are, for one parent.

    `by` names the field that points at the deal. For another parent the object's own
    field counts: the one named by, else `AccountId`, else the only one that fits.
    """
    name, by = source.get("object", ""), source.get("by", "")
    described = objects(name) if name else None
    if parent.why_not:
        return Rows(name, by, parent.why_not)
    if described is None:
        return Rows(name, by, f"the integration user may not read {name}")
    pointing = [
        each.name
        for each in described.fields.values()
        if parent.object in each.reference_to
    ]
    named = described.find(by) if by else None
    if named is not None and named.name in pointing:
        return Rows(described.name, named.name)
    if parent is DEAL:
        return Rows(described.name, by, _why_not_deal(described, by))
    usual = f"{parent.object}Id"
    if usual in pointing or len(pointing) == 1:
        found = usual if usual in pointing else pointing[0]
        return Rows(described.name, found)
    many = "several fields" if pointing else "no field"
    why_not = f"{described.name} has {many} that point at {parent.object}"
    return Rows(described.name, by, why_not)


def _why_not_deal(described: WireObject, by: str) -> str:
    named = described.find(by)
    if named is None:
        return hidden(described.name, by)
    return f"{described.name}.{named.name} does not point at {names.DEAL_OBJECT}"


def why_none(name: str, parent: Parent) -> str:
    """Say why a parent has no such collection."""
    if parent.hop and name in row_names.COLLECTIONS:
        return f"Salesforce keeps no {name} by {parent.object}"
    return f"{name} is mapped to no Salesforce object in fields.yaml"
