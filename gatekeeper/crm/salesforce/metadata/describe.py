"""What Salesforce says of its own objects, read into values.

Pure. Describe shows only what the running user may see: a name that is not found
here may not be selected, or the whole query fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, Choice, CrmField, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KINDS: Mapping[str, tuple[Kind, ...]] = {
    "id": (Kind.REFERENCE, Kind.TEXT),
    "reference": (Kind.REFERENCE, Kind.TEXT),
    "string": (Kind.TEXT, Kind.PICKLIST, Kind.EMAIL, Kind.URL),
    "textarea": (Kind.TEXT,),
    "encryptedstring": (Kind.TEXT,),
    "phone": (Kind.TEXT,),
    "combobox": (Kind.TEXT, Kind.PICKLIST),
    "email": (Kind.EMAIL, Kind.TEXT),
    "url": (Kind.URL, Kind.TEXT),
    "picklist": (Kind.PICKLIST, Kind.TEXT),
    "multipicklist": (Kind.MULTI_PICKLIST,),
    "boolean": (Kind.YES_NO,),
    "int": (Kind.NUMBER, Kind.MONEY, Kind.PERCENT),
    "double": (Kind.NUMBER, Kind.MONEY, Kind.PERCENT),
    "currency": (Kind.MONEY, Kind.NUMBER),
    "percent": (Kind.PERCENT, Kind.NUMBER),
    "date": (Kind.DATE, Kind.DATETIME),
    "datetime": (Kind.DATETIME, Kind.DATE),
}
"""The kinds a field of each type may be declared as, the natural one first."""


@dataclass(frozen=True, slots=True)
class WireField:
    """One field as describe has it."""

    name: str
    label: str
    type: str
    length: int = 0
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    choices: tuple[Choice, ...] = ()
    restricted: bool = False
    updateable: bool = False
    createable: bool = False
    unique: bool = False
    external_id: bool = False
    calculated: bool = False
    filterable: bool = True
    required: bool = False

    def kinds(self) -> tuple[Kind, ...]:
        """Return the kinds a rule's field may be declared as to read this one."""
        natural = KINDS.get(self.type, ())
        return (Kind.USER, *natural) if "User" in self.reference_to else natural


@dataclass(frozen=True, slots=True)
class WireObject:
    """One object as describe has it.

    Attributes:
        fields: By name without case.
        relations: Relationship name without case to its reference field.
        record_types: Id to label, the master record type aside.
    """

    name: str
    fields: Mapping[str, WireField]
    relations: Mapping[str, WireField] = field(default_factory=dict)
    record_types: Mapping[str, str] = field(default_factory=dict)
    createable: bool = False
    updateable: bool = False
    deletable: bool = False

    def find(self, name: str) -> WireField | None:
        """Return the field of that name in any case."""
        return self.fields.get(name.casefold())

    def has(self, *names: str) -> bool:
        """Whether every one of these fields may be read."""
        return all(name.casefold() in self.fields for name in names)


@dataclass(frozen=True, slots=True)
class Found:
    """A path that exists: its names in Salesforce's own case, and what it ends at."""

    path: tuple[str, ...]
    owner: str
    field: WireField

    @property
    def text(self) -> str:
        """The path as a query selects it."""
        return ".".join(self.path)


def read_object(answer: Mapping[str, object]) -> WireObject:
    """Read the answer of describe."""
    fields = [_field(entry) for entry in _entries(answer, "fields")]
    return WireObject(
        name=str(answer.get("name", "")),
        fields={field.name.casefold(): field for field in fields},
        relations={
            field.relationship.casefold(): field
            for field in fields
            if field.relationship and field.reference_to
        },
        record_types={
            str(entry.get("recordTypeId")): str(entry.get("name"))
            for entry in _entries(answer, "recordTypeInfos")
            if not entry.get("master") and entry.get("active", True)
        },
        createable=answer.get("createable") is True,
        updateable=answer.get("updateable") is True,
        deletable=answer.get("deletable") is True,
    )


def find_path(
    objects: Callable[[str], WireObject | None], root: str, path: str
) -> Found | None:
    """Follow `Account.Owner.Name` from an object, or return None where it breaks.

    A path may begin with the object itself, as in a query: `Contact.Email` of contacts.
    """
    here = objects(root)
    names: list[str] = []
    *parents, last = path.split(".")
    if here and parents and parents[0].casefold() == here.name.casefold():
        parents = parents if parents[0].casefold() in here.relations else parents[1:]
    for step in parents:
        relation = here.relations.get(step.casefold()) if here else None
        if relation is None or relation.relationship is None:
            return None
        names.append(relation.relationship)
        # Of a polymorphic owner (User or Group) the people are meant.
        target = relation.reference_to
        here = objects("User" if "User" in target else target[0])
    found = here.find(last) if here else None
    if here is None or found is None:
        return None
    return Found((*names, found.name), here.name, found)


def crm_field(owner: str, found: WireField) -> CrmField:
    """Return a field in the words of the catalogue."""
    return CrmField(
        path=f"{owner}.{found.name}",
        label=found.label,
        native_type=found.type,
        kinds=found.kinds(),
        access=Access.WRITE if found.updateable else Access.READ,
        choices=found.choices,
        restricted=found.restricted,
        filled_by_crm=found.calculated or found.type == "boolean",
        required=found.required,
        is_custom=found.name.endswith("__c"),
    )


def _entries(answer: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    entries = answer.get(key)
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _field(entry: Mapping[str, object]) -> WireField:
    length = entry.get("length")
    relationship = entry.get("relationshipName")
    targets = entry.get("referenceTo")
    return WireField(
        name=str(entry.get("name", "")),
        label=str(entry.get("label", "")),
        type=str(entry.get("type", "")),
        length=length if isinstance(length, int) else 0,
        reference_to=tuple(map(str, targets)) if isinstance(targets, list) else (),
        relationship=str(relationship) if relationship else None,
        choices=tuple(
            Choice(
                str(choice.get("value")),
                str(choice.get("label") or choice.get("value")),
                choice.get("active") is not False,
            )
            for choice in _entries(entry, "picklistValues")
        ),
        restricted=entry.get("restrictedPicklist") is True,
        updateable=entry.get("updateable") is True,
        createable=entry.get("createable") is True,
        unique=entry.get("unique") is True,
        external_id=entry.get("externalId") is True,
        calculated=entry.get("calculated") is True,
        filterable=entry.get("filterable") is not False,
        required=_is_required(entry),
    )


def _is_required(entry: Mapping[str, object]) -> bool:
    """Whether a record without the field is refused, however it is saved.

    A layout may ask for more; only the page does, and describe does not tell.
    """
    return (
        entry.get("nillable") is False
        and entry.get("createable") is True
        and entry.get("defaultedOnCreate") is not True
    )
