"""Bind the names of a SOQL statement to the fields the asking user may see.

Every other room of the query engine asks here, so that an unknown field, a hidden
one and a wrong relationship are refused in one place and in Salesforce's words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from gatekeeper.sandbox.schema import FieldType, ObjectType

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from gatekeeper.sandbox.salesforce.errors import SalesforceError
    from gatekeeper.sandbox.salesforce.soql import Statement
    from gatekeeper.sandbox.salesforce.soql_tree import Path
    from gatekeeper.sandbox.schema import ChildRelation

Row = Mapping[str, object]
Getter = Callable[[Row], object]

MAX_LEVELS = 5
MAX_PARENTS = 55


class Asker(Protocol):
    """Who asks: date literals are read in this zone."""

    @property
    def zone(self) -> tzinfo:
        """The user's time zone."""


class RowSource(Protocol):
    """The stored rows of one org, whoever asks."""

    def now(self) -> datetime:
        """Return the org's clock, aware."""

    def rows(self, object_name: str, *, include_deleted: bool) -> Iterable[Row]:
        """Return the rows of an object in the order of their ids."""

    def find(self, object_name: str, record_id: str) -> Row | None:
        """Return the row with that 18-character id, a deleted one too."""

    def referencing(
        self,
        object_name: str,
        field: str,
        ids: Collection[str],
        *,
        include_deleted: bool,
    ) -> Iterable[Row]:
        """Return the rows whose reference field holds one of the ids."""


Session_contra = TypeVar("Session_contra", bound=Asker, contravariant=True)


class Records(RowSource, Protocol[Session_contra]):
    """The rows of one org and what each session may see of its schema."""

    def visible(
        self, session: Session_contra, object_name: str, /
    ) -> ObjectType | None:
        """Return the object, named in any case, with the fields the session sees."""


@dataclass(frozen=True, slots=True)
class View:
    """One statement, the org as its asker sees it, and how to answer."""

    statement: Statement
    source: RowSource
    visible: Callable[[str], ObjectType | None]
    zone: tzinfo
    include_deleted: bool
    version: str

    def is_shown(self, object_name: str, row: Row) -> bool:
        """Whether a row reached by its id belongs to the answer's rows."""
        if self.include_deleted:
            return True
        archived = object_name in {"Task", "Event"} and row.get("IsArchived") is True
        return row.get("IsDeleted") is not True and not archived


NAME = ObjectType(
    name="Name",
    label="Name",
    label_plural="Names",
    key_prefix="",
    fields={
        name: FieldType(name, kind, name)
        for name, kind in {
            "Id": "id",
            "Name": "string",
            "Type": "picklist",
            "Alias": "string",
            "Email": "email",
            "FirstName": "string",
            "IsActive": "boolean",
            "LastName": "string",
            "Phone": "phone",
            "ProfileId": "reference",
            "Title": "string",
            "UserRoleId": "reference",
            "Username": "string",
        }.items()
    },
)
"""What every record has in common behind a polymorphic relationship."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step to a parent: through `field`, to one of `targets`."""

    field: FieldType
    relationship: str
    targets: tuple[ObjectType, ...]

    @property
    def is_polymorphic(self) -> bool:
        """Whether the parent may be of several objects."""
        return len(self.field.reference_to) > 1

    @property
    def type(self) -> ObjectType:
        """The object whose fields a path may name next."""
        return NAME if self.is_polymorphic else self.targets[0]


@dataclass(frozen=True, slots=True)
class Column:
    """A field, and the parents on the way to it."""

    hops: tuple[Hop, ...]
    field: FieldType

    @property
    def path(self) -> str:
        """The canonical spelling."""
        names = [hop.relationship for hop in self.hops]
        return ".".join([*names, self.field.name])


@dataclass(slots=True)
class Scope:
    """One SELECT: the object it reads and the parents it has named so far."""

    view: View
    type: ObjectType
    alias: str | None = None
    parents: set[str] = field(default_factory=set)

    def refuse(self, code: str, message: str, at: int) -> SalesforceError:
        """Return a refusal that points into the statement."""
        return self.view.statement.refuse(code, message, at)

    def malformed(self, message: str, at: int) -> SalesforceError:
        """Return a MALFORMED_QUERY that points into the statement."""
        return self.view.statement.malformed(message, at)

    def column(self, path: Path) -> Column:
        """Return the field a path leads to.

        Raises:
            SalesforceError: INVALID_FIELD for a name the user cannot see.
        """
        *relationships, name = self._relative(path)
        hops = self._hops(relationships, path.at)
        entity = hops[-1].type if hops else self.type
        found = entity.find(name)
        if found is None:
            message = (
                f"No such column '{name}' on entity '{entity.name}'. If you are "
                "attempting to use a custom field, be sure to append the '__c' after "
                "the custom field name. Please reference your WSDL or the describe "
                "call for the appropriate names."
            )
            raise self.refuse("INVALID_FIELD", message, path.at)
        return Column(hops, found)

    def hop(self, path: Path) -> tuple[Hop, ...]:
        """Return the steps of a path that names a relationship."""
        return self._hops(self._relative(path), path.at)

    def _relative(self, path: Path) -> list[str]:
        """Drop the object's own name or its alias from the front of a path."""
        first, *rest = path.parts
        own = {self.type.name.casefold(), (self.alias or self.type.name).casefold()}
        if rest and first.casefold() in own and not relation(self.type, first):
            return rest
        return list(path.parts)

    def _hops(self, names: list[str], at: int) -> tuple[Hop, ...]:
        if len(names) > MAX_LEVELS:
            message = (
                "SOQL query cannot contain a child-to-parent relationship that is "
                f"more than {MAX_LEVELS} levels deep"
            )
            raise self.malformed(message, at)
        hops: list[Hop] = []
        for name in names:
            hops.append(self._hop(hops[-1].type if hops else self.type, name, at))
            self._count(hops, at)
        return tuple(hops)

    def _hop(self, entity: ObjectType, name: str, at: int) -> Hop:
        reference = relation(entity, name)
        targets = [
            target
            for known in (reference.reference_to if reference else ())
            if (target := self.view.visible(known)) is not None
        ]
        if reference is None or not targets or reference.relationship_name is None:
            message = (
                f"Didn't understand relationship '{name}' in field path. If you are "
                "attempting to use a custom relationship, be sure to append the "
                "'__r' after the custom relationship name. Please reference your "
                "WSDL or the describe call for the appropriate names."
            )
            raise self.refuse("INVALID_FIELD", message, at)
        return Hop(reference, reference.relationship_name, tuple(targets))

    def _count(self, hops: list[Hop], at: int) -> None:
        self.parents.add(".".join(hop.relationship for hop in hops))
        if len(self.parents) > MAX_PARENTS:
            message = (
                "SOQL query cannot contain more than "
                f"{MAX_PARENTS} child-to-parent relationships"
            )
            raise self.malformed(message, at)


def source_type(view: View, path: Path) -> ObjectType:
    """Return the object that FROM names.

    Raises:
        SalesforceError: INVALID_TYPE where the asker sees no such object.
    """
    found = view.visible(str(path)) if len(path.parts) == 1 else None
    if found is None:
        message = (
            f"sObject type '{path}' is not supported. If you are attempting to use a "
            "custom object, be sure to append the '__c' after the entity name. Please "
            "reference your WSDL or the describe call for the appropriate names."
        )
        raise view.statement.refuse("INVALID_TYPE", message, path.at)
    return found


def relation(entity: ObjectType, name: str) -> FieldType | None:
    """Return the reference field behind a relationship name in any case."""
    wanted = name.casefold()
    for candidate in entity.fields.values():
        known = candidate.relationship_name
        if known is not None and known.casefold() == wanted:
            return candidate
    return None


def child_relation(scope: Scope, path: Path) -> ChildRelation:
    """Return the child relationship that a subquery's FROM names.

    Raises:
        SalesforceError: INVALID_TYPE where the object has none of that name.
    """
    own = {scope.type.name.casefold(), (scope.alias or "").casefold()}
    parts = path.parts
    if len(parts) == 2 and parts[0].casefold() in own:
        parts = parts[1:]
    wanted = ".".join(parts).casefold()
    for child in scope.type.children:
        if child.name is not None and child.name.casefold() == wanted:
            return child
    message = (
        f"Didn't understand relationship '{path}' in FROM part of query call. If you "
        "are attempting to use a custom relationship, be sure to append the '__r' "
        "after the custom relationship name. Please reference your WSDL or the "
        "describe call for the appropriate names."
    )
    raise scope.refuse("INVALID_TYPE", message, path.at)
