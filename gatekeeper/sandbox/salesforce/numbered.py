"""What the server derives around the records it numbers: cases and quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.ids import stamp

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.dml import Writer
    from gatekeeper.sandbox.salesforce.save import Save

_CLOSED = "Closed"


def derive_case(writer: Writer, save: Save) -> None:
    """Number a new case, close it by its status, take the account of its contact."""
    org, row = writer.org, save.row
    if save.is_new:
        row["CaseNumber"] = f"{len(org.state.tables['Case']) + 1:08d}"
    was_closed = bool(save.before and save.before["IsClosed"])
    row["IsClosed"] = row["Status"] == _CLOSED
    if not row["IsClosed"]:
        row.pop("ClosedDate", None)
    elif not was_closed:
        row["ClosedDate"] = stamp(org.now())
    contact = org.find("Contact", str(row["ContactId"])) if row["ContactId"] else None
    if row["AccountId"] is None and contact is not None and contact["AccountId"]:
        row["AccountId"] = contact["AccountId"]


def derive_quote(writer: Writer, save: Save) -> None:
    """Number a new quote; its account and currency are those of its deal."""
    org, row = writer.org, save.row
    if save.is_new:
        row["QuoteNumber"] = f"{len(org.state.tables['Quote']) + 1:08d}"
        row["IsSyncing"] = False
    deal = org.find("Opportunity", str(row["OpportunityId"]))
    for name in ("AccountId", "CurrencyIsoCode"):
        if deal is not None and deal[name] is not None:
            row[name] = deal[name]
