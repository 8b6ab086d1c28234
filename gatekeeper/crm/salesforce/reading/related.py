"""The related rows of deals: which objects to read, and rows from what came.

Pure. A source is read once however many collections take rows from it. A value that
no single field holds (who took part, when a call was) is worked out per deal from
the rows of that deal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.core.model import EMPTY, FieldValue
from gatekeeper.crm.reader import WireRow
from gatekeeper.crm.salesforce.reading.row_names import NOTE_TYPE, Activity, Source
from gatekeeper.crm.salesforce.wire.soql import Compare, Condition, Select, both

if TYPE_CHECKING:
    from gatekeeper.crm.salesforce.reading.columns import Columns

_SUBTYPES: Mapping[object, Activity] = {
    "Call": Activity.CALL,
    "Email": Activity.EMAIL,
    "ListEmail": Activity.EMAIL,
}


@dataclass(slots=True)
class Around:
    """One deal's child rows while its collections are put together.

    Attributes:
        rows: Source to this deal's rows of it.
        now: The CRM's clock, for what is over.
        lost: Source to why its rows did not come.
    """

    rows: Mapping[str, Sequence[WireRow]]
    now: datetime
    lost: Mapping[str, str] = field(default_factory=dict)
    _roles: dict[str, frozenset[str]] | None = None
    _senders: dict[str, frozenset[str]] | None = None
    _people: dict[str, dict[object, set[object]]] = field(default_factory=dict)

    def roles(self) -> Mapping[str, frozenset[str]]:
        """Contact id to roles on this deal; contacts without one aside."""
        if self._roles is None:
            self._roles = self._by(lambda row: str(row["ContactId"] or ""))
        return self._roles

    def senders(self) -> Mapping[str, frozenset[str]]:
        """Mail address of a contact of this deal to the contact's roles."""
        if self._senders is None:
            self._senders = self._by(address_of)
        return self._senders

    def _by(self, key_of: Callable[[WireRow], str]) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for row in self.rows.get(Source.ROLES, ()):
            key, role = key_of(row), row["Role"]
            if key and role:
                found[key] = found.get(key, frozenset()) | {str(role)}
        return found

    def roles_of(self, contacts: Iterable[object]) -> FieldValue:
        """Return the roles of some contacts on this deal; EMPTY without any."""
        known = self.roles()
        roles = [known[str(each)] for each in contacts if str(each) in known]
        return frozenset().union(*roles) or EMPTY

    def people(self, source: str, activity: str) -> Mapping[object, set[object]]:
        """Activity id to the contacts on it.

        Args:
            source: Where they are kept, such as `Event people`.
            activity: The field there with the activity's id.
        """
        if source not in self._people:
            found: dict[object, set[object]] = {}
            for row in self.rows.get(source, ()):
                found.setdefault(row[activity], set()).add(row["RelationId"])
            self._people[source] = found
        return self._people[source]


Derive = Callable[[WireRow, Around], FieldValue]


@dataclass(slots=True)
class Feed:
    """One child object to read.

    Attributes:
        source: Its key: a `Source` or the name of a collection of fields.yaml, behind
            `account.` where the rows are those of another parent.
        by: The path that points at the parent.
        of: The deal's field that holds the parent's id.
        include_deleted: Archived rows count too, deleted ones never.
        by_lists: It cannot be joined with the deals; ids are listed instead.
        why_not: Why it cannot be read; "" where it can.
    """

    source: str
    object: str
    by: str
    columns: Columns
    of: str = "Id"
    where: Condition | None = None
    include_deleted: bool = False
    by_lists: bool = False
    why_not: str = ""

    def select(self) -> Select:
        """Return its query, before it is narrowed to deals."""
        fields = dict.fromkeys(("Id", self.by, *self.columns.selected))
        alive = Compare("IsDeleted", "=", value=False) if self.include_deleted else None
        where = both(self.where, alive)
        return Select(tuple(fields), self.object, where, (self.by,))


def activity_of(row: WireRow) -> Activity:
    """Return what a task is: a call, a mail or a task proper."""
    return _SUBTYPES.get(row.get("TaskSubtype"), Activity.TASK)


def address_of(row: WireRow) -> str:
    """Return the mail address of a contact role's contact, folded; "" without one."""
    contact = row.get("Contact")
    address = contact.get("Email") if isinstance(contact, dict) else None
    return str(address or "").strip().casefold()


def is_note(link: WireRow) -> bool:
    """Tell whether a link of a deal leads to a note rather than a file."""
    document = link.get("ContentDocument")
    return isinstance(document, dict) and document.get("FileType") == NOTE_TYPE


def latest_of(values: Sequence[FieldValue]) -> FieldValue:
    """Return the latest moment among values; EMPTY without one."""
    moments = [value for value in values if isinstance(value, datetime)]
    return max(moments, default=EMPTY)
