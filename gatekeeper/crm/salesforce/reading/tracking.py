"""How far back the CRM's own history of a deal's fields reaches.

Touches the network through the client it is given; each answer is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading.past import CHANGES
from gatekeeper.crm.salesforce.reading.translate import to_moment
from gatekeeper.crm.salesforce.wire.envelope import read_page
from gatekeeper.crm.salesforce.wire.soql import Compare, Select, render
from gatekeeper.errors import CrmRejectedError

if TYPE_CHECKING:
    from gatekeeper.crm.salesforce.reading.parents import Objects
    from gatekeeper.crm.salesforce.wire.client import Client

Tracked = frozenset[str] | None


@dataclass(slots=True)
class Tracking:
    """The histories of one org's deals."""

    client: Client
    objects: Objects
    _since: dict[str, datetime | None] = field(default_factory=dict)
    _fields: list[Tracked] = field(default_factory=list)

    def fields(self) -> Tracked:
        """Return the deal's fields whose changes are kept; None where nobody says."""
        if not self._fields:
            self._fields.append(self._read())
        return self._fields[0]

    def since(self, path: str) -> datetime | None:
        """Return the oldest proof that changes of a field are tracked.

        Args:
            path: What `OpportunityFieldHistory` calls the field.
        """
        if path not in self._since:
            self._since[path] = self._oldest_change(path)
        return self._since[path]

    def _read(self) -> Tracked:
        # Definitions take neither LIMIT nor OR, and come one object at a time to a
        # user who may view the set-up. Source: Tooling API guide, FieldDefinition.
        of_deals = Compare("EntityDefinition.QualifiedApiName", "=", names.DEAL_OBJECT)
        wanted = ("QualifiedApiName", "IsFieldHistoryTracked")
        select = Select(wanted, "FieldDefinition", of_deals)
        try:
            page = read_page(self.client.get("tooling/query/", q=render(select)))
        except CrmRejectedError:
            return None
        tracked = (row for row in page.rows if row["IsFieldHistoryTracked"] is True)
        found = frozenset(str(row["QualifiedApiName"]) for row in tracked)
        return found if page.rows else None

    def _oldest_change(self, path: str) -> datetime | None:
        described = self.objects(CHANGES)
        if described is None or not described.has("Field", "CreatedDate"):
            return None
        # Old rows of a field whose tracking is off prove nothing of what came later.
        tracked = self.fields()
        if tracked is not None and self._field_of(path) not in tracked:
            return None
        named = Compare("Field", "=", path)
        select = Select(("CreatedDate",), described.name, named, ("CreatedDate",), 1)
        rows = self.client.rows(select)
        moment = to_moment(rows[0]["CreatedDate"]) if rows else None
        return moment if isinstance(moment, datetime) else None

    def _field_of(self, path: str) -> str:
        """Return the field behind a path of the history, which drops a lookup's Id."""
        deal = self.objects(names.DEAL_OBJECT)
        lookup = deal.relations.get(path.casefold()) if deal else None
        return lookup.name if lookup else path
