"""The names a rule may use: fields, lookups, collections, pipelines and stages.

Neutral of any CRM: a field's path in a CRM is text that only that CRM's room reads.
`BUILT_IN` is what every pack has without a mapping (language A15).
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  (the store reads the hints)
from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003
from enum import StrEnum

from gatekeeper.core.pipeline import Path, Pipeline, Stage

__all__ = [
    "BUILT_IN",
    "SUPPORTED_STAGE",
    "Access",
    "Catalogue",
    "Choice",
    "CrmField",
    "CrmName",
    "CrmSchema",
    "FieldSpec",
    "Guard",
    "Kind",
    "Path",
    "Pipeline",
    "RelationSpec",
    "Stage",
]


class CrmName(StrEnum):
    """The CRMs that gatekeeper knows by name."""

    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"

    @property
    def label(self) -> str:
        """The name as its maker writes it."""
        return {"salesforce": "Salesforce", "hubspot": "HubSpot"}[self.value]


class Kind(StrEnum):
    """The type of a field or value in the rule language."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    YES_NO = "yes_no"
    PICKLIST = "picklist"
    MULTI_PICKLIST = "multi_picklist"
    STAGE = "stage"
    USER = "user"
    REFERENCE = "reference"
    EMAIL = "email"
    URL = "url"
    DURATION = "duration"


SUPPORTED_STAGE = "supported stage"
"""Under this name a check reads what the evidence supports (language A27); the blank
keeps it apart from every field."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a picklist in the CRM."""

    value: str
    label: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the deal, a lookup or a collection.

    Attributes:
        paths: CRM name to the field's path there; empty for a built-in whose path
            the CRM's room knows.
        optional: Rules may expect it to be empty (lint).
        ordered: A picklist whose values compare by their order in the CRM.
        place: `file:line` of its declaration, "" for a built-in.
        choices: The values it has on every CRM; empty where the CRM says them.
    """

    name: str
    kind: Kind
    paths: Mapping[str, str] = field(default_factory=dict)
    history: bool = False
    ordered: bool = False
    place: str = ""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationSpec:
    """A lookup (one hop to one record) or a collection (child rows).

    Attributes:
        sources: CRM name to what its room needs to find the rows, for example
            `{"salesforce": {"object": "Case", "by": "Opportunity__c"}}`; empty for a
            built-in.
    """

    name: str
    fields: Mapping[str, FieldSpec]
    sources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that has a name."""

    deal: Mapping[str, FieldSpec]
    lookups: Mapping[str, RelationSpec]
    collections: Mapping[str, RelationSpec]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def crms(self) -> set[str]:
        """Return the CRMs for which the project says where a field of the deal lies."""
        declared = (spec for spec in self.deal.values() if spec.place)
        return {crm for spec in declared for crm in spec.paths}


class Access(StrEnum):
    """What the integration user may do with a field."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class CrmField:
    """What the CRM itself says of one field.

    Attributes:
        path: Its name in the CRM, with its object: `Opportunity.Amount`.
        native_type: The CRM's own word for its type, for messages.
        kinds: The kinds of the language it may be declared as; the first is the
            natural one.
        tracked: Whether the CRM keeps its changes; None where it does not say.
        kept_days: For how long it surely keeps them; None where without end.
        required: The CRM itself saves no record without it.
        is_custom: Made by the customer, not by the CRM's maker.
    """

    path: str
    label: str
    native_type: str
    kinds: tuple[Kind, ...]
    access: Access = Access.WRITE
    choices: tuple[Choice, ...] = ()
    restricted: bool = False
    tracked: bool | None = None
    filled_by_crm: bool = False
    kept_days: int | None = None
    required: bool = False
    is_custom: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A check of the CRM's own, without which it saves no deal.

    `check` is what so holds of a deal, as a line of a rule that an empty value passes.
    """

    name: str
    check: str


@dataclass(frozen=True, slots=True)
class CrmSchema:
    """The CRM's description of what the catalogue names.

    Attributes:
        fields: Canonical name (`amount`, `contacts.role`, `custom.X__c`) to the CRM's
            field; `Access.ABSENT` and `Access.NONE` mark what does not exist or may
            not be read. A name that is not there maps nowhere in this CRM.
        missing_fields: Name that can map nowhere to why the CRM has no such thing.
        by_path: The deal object's fields by their own API name, for `custom.` and
            for recognising raw names in rules.
        pipelines: The CRM's own stages; `stages:` of project.yaml is not applied.
        missing_collections: Collection name to why its rows cannot be read.
        strict: The CRM enforces uniqueness of task keys (product D8).
        zone: The org's time zone by its IANA name, "" where it is unknown.
        guards: What the CRM keeps from being saved; None where it was not told.
    """

    crm: str
    org: str
    read_at: datetime
    fields: Mapping[str, CrmField]
    by_path: Mapping[str, CrmField]
    pipelines: tuple[Pipeline, ...]
    missing_collections: Mapping[str, str] = field(default_factory=dict)
    missing_fields: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, CrmField] = field(default_factory=dict)
    strict: bool = False
    currency: str = "USD"
    zone: str = ""
    guards: tuple[Guard, ...] | None = None


_SAME_EVERYWHERE = {
    "direction:picklist": "inbound outbound",
    "kind:picklist": "meeting call email task note",
}
"""Picklists whose values gatekeeper gives itself."""


def _fields(text: str) -> dict[str, FieldSpec]:
    """Read `name:kind` words into field specs."""
    specs = {}
    for word in text.split():
        name, kind = word.split(":")
        words = _SAME_EVERYWHERE.get(word, "").split()
        choices = tuple(Choice(each, each) for each in words)
        specs[name] = FieldSpec(name, Kind(kind), choices=choices)
    return specs


def _relation(name: str, text: str) -> RelationSpec:
    return RelationSpec(name, _fields(text))


_TOOK_PART = (
    " contact_roles:multi_picklist owner:user created_at:datetime modified_at:datetime"
)

BUILT_IN = Catalogue(
    deal=_fields(
        "id:reference name:text stage:stage pipeline:text owner:user"
        " account:reference created_on:date created_at:datetime created_by:user"
        " close_date:date amount:money is_closed:yes_no is_won:yes_no type:picklist"
        " lead_source:picklist next_step:text probability:percent"
        " forecast_category:picklist"
    ),
    lookups={
        "owner": _relation(
            "owner",
            "name:text email:email is_active:yes_no manager:user team:text",
        ),
        "account": _relation("account", "name:text"),
    },
    collections={
        collection.name: collection
        for collection in (
            _relation(
                "contacts",
                "name:text email:email title:text role:picklist is_primary:yes_no"
                " last_met_at:datetime last_heard_at:datetime",
            ),
            _relation(
                "meetings",
                "subject:text start:datetime end:datetime outcome:picklist"
                " completed:yes_no" + _TOOK_PART,
            ),
            _relation(
                "calls",
                "subject:text at:datetime direction:picklist outcome:picklist"
                + _TOOK_PART,
            ),
            _relation(
                "emails",
                "subject:text at:datetime direction:picklist from_role:picklist"
                + _TOOK_PART,
            ),
            _relation(
                "tasks",
                "subject:text due_on:date status:picklist is_closed:yes_no"
                + _TOOK_PART,
            ),
            _relation("notes", "title:text created_at:datetime owner:user"),
            _relation("files", "name:text kind:text added_at:datetime"),
            _relation(
                "line_items",
                "product:text quantity:number unit_price:money total:money",
            ),
            _relation(
                "quotes", "name:text status:picklist expires_on:date total:money"
            ),
            _relation("team_members", "name:text role:picklist user:user"),
            _relation(
                "activities", "kind:picklist at:datetime subject:text" + _TOOK_PART
            ),
            _relation("siblings", ""),
        )
    },
)
