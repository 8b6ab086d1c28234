"""What a HubSpot object is made of: property definitions, groups, object types."""

from __future__ import annotations

from dataclasses import dataclass, field

EPOCH = "1970-01-01T00:00:00Z"
ENGAGEMENTS = ("tasks", "meetings", "calls", "emails", "notes")


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an enumeration."""

    value: str
    label: str
    display_order: int = 0
    hidden: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object type.

    `type` is string, number, date, datetime, enumeration or bool. `external_options`
    marks an enumeration whose choices are kept elsewhere: owners, teams, stages.
    """

    name: str
    label: str
    type: str
    field_type: str
    group: str
    options: tuple[Option, ...] = ()
    description: str = ""
    calculated: bool = False
    external_options: bool = False
    unique: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1
    hubspot_defined: bool = False
    read_only: bool = False
    referenced_object_type: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    archived_at: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A group of properties."""

    name: str
    label: str
    display_order: int = -1
    archived: bool = False


@dataclass(slots=True)
class ObjectKind:
    """One object type.

    Args:
        name: The plural that stands in addresses, `line_items`.
        singular: HubSpot's lower-case word in messages, `line item`.
        type_id: `0-8`.
        created: The property that says when a record was made.
        modified: The property that says when it was last changed.
        defaults: Properties of an answer that asked for none.
        required: Properties a new record must have.
        scope: The object's word in scopes, `contacts` for engagements too.
    """

    name: str
    singular: str
    type_id: str
    created: str
    modified: str
    defaults: tuple[str, ...]
    required: tuple[str, ...] = ()
    scope: str = ""
    properties: dict[str, Property] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)

    @property
    def word(self) -> str:
        """The upper-case word of messages, `LINE_ITEM`."""
        return self.singular.upper().replace(" ", "_")

    @property
    def always(self) -> tuple[str, str, str]:
        """Properties that every answer carries."""
        return (self.created, self.modified, "hs_object_id")

    def shown(self, name: str) -> Property | None:
        """Return the property of that name unless it is archived."""
        found = self.properties.get(name)
        return None if found is None or found.archived_at else found
