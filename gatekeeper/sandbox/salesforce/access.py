"""Who may do what with a record: rows the server makes up when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatekeeper.sandbox.salesforce.org import Org


def access_rows(org: Org, users: Iterable[Mapping[str, object]]) -> list[Row]:
    """Return UserRecordAccess of every deal for these users.

    An active user reads and edits everything (View All and Modify All); of an
    inactive one the real service says no.
    """
    deals = org.state.tables["Opportunity"].in_order()
    return [
        _access(str(user["Id"]), str(deal["Id"]), may=user["IsActive"] is True)
        for user in users
        for deal in deals
        if not deal["IsDeleted"]
    ]


def _access(user_id: str, record_id: str, *, may: bool) -> Row:
    return Row(
        Id=record_id,
        RecordId=record_id,
        UserId=user_id,
        HasReadAccess=may,
        HasEditAccess=may,
        HasDeleteAccess=may,
        HasTransferAccess=may,
        HasAllAccess=may,
        MaxAccessLevel="All" if may else "None",
    )
