"""The other deals of an account, closed ones of any age included (language A43)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.model import Row, Unavailable
from gatekeeper.crm.reader import table
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading.shape import ACCOUNT, SiblingShape
from gatekeeper.crm.salesforce.wire.paging import by_lists
from gatekeeper.crm.salesforce.wire.soql import Select
from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.crm.salesforce.wire.paging import WireRow


@dataclass(frozen=True, slots=True)
class Siblings:
    """The deals of the accounts of one batch.

    Attributes:
        by_account: Account id to its deals, each with its id.
        why_not: Why they cannot be told; "" where they can.
        problem: What went wrong in reading them, for the report.
    """

    by_account: Mapping[str, Sequence[tuple[str, Row]]]
    why_not: str = ""
    problem: str = ""

    def of(self, deal: WireRow) -> tuple[Row, ...] | Unavailable:
        """Return the other deals of a deal's account; none where it has no account."""
        if self.why_not:
            return Unavailable(self.why_not)
        own, deals = str(deal["Id"]), self.by_account.get(str(deal[ACCOUNT]), ())
        return tuple(sibling for id_, sibling in deals if id_ != own)


def read_siblings(
    client: Client, shape: SiblingShape, deals: Sequence[WireRow]
) -> Siblings:
    """Read the deals of the accounts of some deals, each account once."""
    if shape.why_not:
        return Siblings({}, shape.why_not)
    accounts = list(
        dict.fromkeys(str(deal[ACCOUNT]) for deal in deals if deal[ACCOUNT])
    )
    select = Select(shape.selected, names.DEAL_OBJECT, None, (ACCOUNT,))
    try:
        rows = list(by_lists(client, select, ACCOUNT, accounts))
    except (CrmRejectedError, CrmUnreachableError) as error:
        reason = f"the other deals of the account could not be read ({error})"
        return Siblings({}, "the other deals of the account could not be read", reason)
    found: dict[str, list[tuple[str, Row]]] = {}
    for row, values in zip(rows, table(shape.fields, rows), strict=True):
        found.setdefault(str(row[ACCOUNT]), []).append((str(row["Id"]), values))
    return Siblings(found)
