"""One Salesforce org: its objects, its records and who may see which field.

No HTTP. Everything an org holds is reached from here; `lock` makes one request or
one import at a time see and change it. Rules of writing live in `dml.py`, what the
server derives from a write in `triggers.py`, logins in `auth.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import count
from threading import RLock
from typing import TYPE_CHECKING

from gatekeeper.sandbox.clock import Clock
from gatekeeper.sandbox.faults import Faults
from gatekeeper.sandbox.salesforce.access import access_rows
from gatekeeper.sandbox.salesforce.auth import Logins
from gatekeeper.sandbox.salesforce.catalog import (
    link,
    standard_objects,
    tooling_objects,
)
from gatekeeper.sandbox.salesforce.fault_menu import SALESFORCE_FAULTS
from gatekeeper.sandbox.salesforce.ids import numbered_id
from gatekeeper.sandbox.salesforce.lifecycle import LateRecords
from gatekeeper.sandbox.state import Row, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from gatekeeper.sandbox.salesforce.bulk_jobs import BulkJob
    from gatekeeper.sandbox.salesforce.queries import Cursor
    from gatekeeper.sandbox.salesforce.session import Session
    from gatekeeper.sandbox.schema import FieldType, ObjectType

_PERMISSIONS = {"FieldPermissions", "PermissionSetAssignment", "PermissionSet"}
ACTIVITIES = frozenset({"Task", "Event"})
"""Objects whose old rows are archived: only queryAll sees them."""
MOST_TRACKED = 20
_SHARED = ("WhoCount", "WhatCount", "IsWhat", "IsParent")
_MULTI_CURRENCY = {"CurrencyType", "DatedConversionRate"}
# Settings nobody turns off: a fresh org has these, an imported one may not.
_USUAL = {"LastStageChangeDate", "ContactId", "Pricebook2Id", "PushCount"}


@dataclass(slots=True)
class OrgSettings:
    """What an admin or a test may set.

    Args:
        tracked: Opportunity fields whose changes are kept in OpportunityFieldHistory.
        shows_setup: The users may view the set-up, definitions of fields included.
        page_size: Rows per query page; a request's batchSize may lower it.
        child_page_size: Rows of a child subquery before it pages on its own.
        shares_activities: Several contacts may be on one activity ("Shared
            Activities"); set by `share_activities`.
        daily_calls: The daily allowance of API calls.
        calls_used: How many of them are gone.
    """

    tracked: frozenset[str] = frozenset()
    page_size: int = 2000
    child_page_size: int = 2000
    shares_activities: bool = False
    shows_setup: bool = True
    daily_calls: int = 100_000
    calls_used: int = 0


class Org:
    """The org itself. Reads see whole rows; field-level security is in `visible`."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.lock = RLock()
        self.state = State()
        self.kinds = standard_objects()
        self.tooling = tooling_objects()
        self.settings = OrgSettings()
        self.logins = Logins(self)
        self.faults = Faults(SALESFORCE_FAULTS)
        self.late = LateRecords()
        self.requests: Counter[str] = Counter()
        self.cursors: dict[str, Cursor] = {}
        self.bulk_jobs: dict[str, BulkJob] = {}
        self.org_id = ""
        self._present = {kind.name for kind in self.kinds.values() if not kind.optional}
        self._hidden: set[tuple[str, str]] = set()
        self._ungranted: set[tuple[str, str]] = set()
        self._folded = {name.casefold(): name for name in self.kinds}
        self._views: dict[tuple[str, str], ObjectType] = {}
        self._numbers = count(1)
        self._hide_optional_fields()

    def now(self) -> datetime:
        """Return the org's time, aware and in UTC."""
        return self.clock.now()

    # Reading

    def rows(
        self, object_name: str, *, include_deleted: bool
    ) -> Iterable[Mapping[str, object]]:
        """Return the rows of an object in Id order.

        Args:
            object_name: The object's canonical name.
            include_deleted: Whether rows in the bin and archived activities count,
                as they do for queryAll.
        """
        if object_name == "UserRecordAccess":
            return access_rows(self, self.state.tables["User"].in_order()[:1])
        rows = self.late.shown(self.state.tables[object_name].in_order(), self.now())
        if include_deleted:
            return rows
        if object_name in ACTIVITIES:
            return [r for r in rows if not (r["IsDeleted"] or r["IsArchived"])]
        return [row for row in rows if not row["IsDeleted"]]

    def find(self, object_name: str, record_id: str) -> Mapping[str, object] | None:
        """Return the row with that 18-character id, deleted ones too."""
        held = self.late.is_held(record_id, self.now())
        return None if held else self.state.tables[object_name].get(record_id)

    def referencing(
        self,
        object_name: str,
        field: str,
        ids: Collection[str],
        *,
        include_deleted: bool,
    ) -> Iterator[Mapping[str, object]]:
        """Yield the rows whose field holds one of the ids, in no promised order."""
        if object_name == "UserRecordAccess" and field == "UserId":
            users = (self.find("User", user_id) for user_id in ids)
            yield from access_rows(self, [user for user in users if user])
            return
        archives = object_name in ACTIVITIES
        found = self.state.tables[object_name].matching(field, ids)
        for row in self.late.shown(found, self.now()):
            if include_deleted or not (
                row["IsDeleted"] or (archives and row["IsArchived"])
            ):
                yield row

    # What exists, and who sees it

    def kind(self, object_name: str) -> ObjectType | None:
        """Return the object of that name in any case, before field-level security."""
        name = self._folded.get(object_name.casefold(), "")
        return self.kinds[name] if name in self._present else None

    def kind_of_id(self, record_id: str) -> ObjectType | None:
        """Return the object whose key prefix the id carries."""
        for kind in self.kinds.values():
            if kind.key_prefix == record_id[:3] and kind.name in self._present:
                return kind
        return None

    def present_kinds(self) -> list[ObjectType]:
        """Return the objects this org has, by name."""
        return [self.kinds[name] for name in sorted(self._present)]

    def visible(self, session: Session, object_name: str) -> ObjectType | None:
        """Return the object as this session's user may see it, or None.

        Hidden fields, and optional ones the org lacks, are absent from the answer.
        """
        kind = self.kind(object_name)
        if kind is None:
            return None
        key = (session.user_id, kind.name)
        if key not in self._views:
            self._views[key] = self._view(session.user_id, kind)
        return self._views[key]

    def _view(self, user_id: str, kind: ObjectType) -> ObjectType:
        readable, editable = self._grants(user_id, kind.name)
        fields: dict[str, FieldType] = {}
        for field in kind.fields.values():
            if (kind.name, field.name) in self._hidden:
                continue
            if (kind.name, field.name) not in self._ungranted or field.name in editable:
                fields[field.name] = field
            elif field.name in readable:
                fields[field.name] = replace(field, createable=False, updateable=False)
        children = [child for child in kind.children if child.child in self._present]
        return replace(kind, fields=fields, children=children)

    def _grants(self, user_id: str, object_name: str) -> tuple[set[str], set[str]]:
        assigned = {
            row["PermissionSetId"]
            for row in self.rows("PermissionSetAssignment", include_deleted=False)
            if row["AssigneeId"] == user_id
        }
        readable: set[str] = set()
        editable: set[str] = set()
        for row in self.rows("FieldPermissions", include_deleted=False):
            if row["ParentId"] in assigned and row["SobjectType"] == object_name:
                name = str(row["Field"]).partition(".")[2]
                readable.update([name] if row["PermissionsRead"] else [])
                editable.update([name] if row["PermissionsEdit"] else [])
        return readable, editable

    def hide_field(self, object_name: str, field: str) -> None:
        """Take a field from every user's sight, as field-level security does."""
        self._hidden.add((object_name, field))
        self._views.clear()

    def show_field(self, object_name: str, field: str) -> None:
        """Bring a hidden field, or an optional one of the org, back to sight."""
        self._hidden.discard((object_name, field))
        self._views.clear()

    def is_hidden(self, object_name: str, field: str) -> bool:
        """Tell whether nobody sees the field."""
        return (object_name, field) in self._hidden

    def add_object(self, kind: ObjectType) -> None:
        """Make an object exist, one of the optional ones or a custom one."""
        if kind.name not in self.kinds:
            self.kinds[kind.name] = kind
            self._folded[kind.name.casefold()] = kind.name
        self._present.add(kind.name)
        self._views.clear()

    def add_field(self, object_name: str, field: FieldType, *, granted: bool) -> None:
        """Add a custom field; without `granted` a permission set must show it."""
        self.kinds[object_name].fields[field.name] = field
        if not granted:
            self._ungranted.add((object_name, field.name))
        if field.type == "reference":
            link(self.kinds, object_name, field)
        self._views.clear()

    def enable_multi_currency(self) -> None:
        """Bring in what only an org with several currencies has."""
        self._present |= _MULTI_CURRENCY
        self._show_everywhere(("CurrencyIsoCode", "DefaultCurrencyIsoCode"))

    def share_activities(self) -> None:
        """Let several contacts be on one activity; nobody can take that back."""
        self.settings.shares_activities = True
        self._present.add("TaskRelation")
        self._show_everywhere(_SHARED)
        self._hidden.discard(("EventRelation", "AccountId"))

    def track(self, *fields: str) -> None:
        """Keep the changes of these fields of opportunities, and of no others.

        Raises:
            ValueError: There is no such field, or there are more than Salesforce takes.
        """
        known = self.kinds["Opportunity"].fields
        for name in fields:
            if name not in known:
                raise ValueError(f"there is no field Opportunity.{name} to track")
        if len(set(fields)) > MOST_TRACKED:
            raise ValueError(f"at most {MOST_TRACKED} fields of an object are tracked")
        self.settings.tracked = frozenset(fields)

    def _show_everywhere(self, names: Iterable[str]) -> None:
        for kind in self.kinds.values():
            self._hidden -= {(kind.name, name) for name in names}
        self._views.clear()

    def _hide_optional_fields(self) -> None:
        for kind in self.kinds.values():
            for field in kind.fields.values():
                if field.optional and field.name not in _USUAL:
                    self._hidden.add((kind.name, field.name))

    # Writing, without any rule

    def new_id(self, prefix: str) -> str:
        """Return an id no record has."""
        tables = [k.name for k in self.kinds.values() if k.key_prefix == prefix]
        while True:
            record_id = numbered_id(prefix, next(self._numbers))
            if all(self.find(name, record_id) is None for name in tables):
                return record_id

    def put(self, object_name: str, row: Row) -> None:
        """Store a row under its Id, replacing the one before."""
        self.state.put(object_name, str(row["Id"]), row)
        if object_name in _PERMISSIONS:
            self._views.clear()

    def remove(self, object_name: str, record_id: str) -> None:
        """Remove a row for good."""
        self.state.put(object_name, record_id, None)
        if object_name in _PERMISSIONS:
            self._views.clear()
