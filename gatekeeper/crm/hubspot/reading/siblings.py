"""The other deals of a company, closed ones of any age included (language A43)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.model import Row, Unavailable
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.beside import UNREADABLE
from gatekeeper.crm.hubspot.reading.links import tell_links
from gatekeeper.crm.hubspot.reading.records import properties_of
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.crm.reader import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.crm.hubspot.reading.shape import SiblingShape
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.reader import WireRow


@dataclass(frozen=True, slots=True)
class Siblings:
    """The deals of the companies of one batch.

    Attributes:
        lookup: Under which name a deal has its company.
        by_company: Company id to the ids of its deals.
        deals: Deal id to its fields.
        why_not: Why they cannot be told; "" where they can.
        untold: Company id to why its deals cannot be told.
        problem: What went wrong in reading them, for the report.
    """

    lookup: str
    by_company: Mapping[str, Sequence[str]]
    deals: Mapping[str, Row]
    why_not: str = ""
    problem: str = ""
    untold: Mapping[str, str] = field(default_factory=dict)

    def of(self, deal: WireRow) -> tuple[Row, ...] | Unavailable:
        """Return the other deals of a deal's company; none where it has no company."""
        company = deal.get(self.lookup)
        if self.why_not or isinstance(company, Unavailable):
            reason = self.why_not or "the deal's company could not be read"
            return Unavailable(reason)
        if not isinstance(company, dict):
            return ()
        id_ = str(company[names.ID])
        if why := self.untold.get(id_):
            return Unavailable(why)
        ids = self.by_company.get(id_, ())
        own = str(deal[names.ID])
        return tuple(self.deals[id_] for id_ in ids if id_ != own and id_ in self.deals)


_LOST = "the other deals of the account could not be read"


def read_siblings(
    client: Client, shape: SiblingShape, deals: Sequence[WireRow]
) -> Siblings:
    """Read the deals of the companies of some deals, each company once."""
    name = shape.hop.name
    if shape.why_not:
        return Siblings(name, {}, {}, shape.why_not)
    records = [deal.get(name) for deal in deals]
    companies = list(
        dict.fromkeys(str(each[names.ID]) for each in records if isinstance(each, dict))
    )
    if not companies:
        return Siblings(name, {}, {})
    try:
        linked = tell_links(client, shape.hop.record, names.DEALS, companies)
        by_company = {id_: list(each) for id_, each in linked.links.items()}
        ids = list(dict.fromkeys(id_ for each in by_company.values() for id_ in each))
        wanted = Wanted(shape.selected)
        rows = [
            properties_of(each) for each in client.records(names.DEALS, ids, wanted)
        ]
    except UNREADABLE as error:
        return Siblings(name, {}, {}, _LOST, f"{_LOST} ({error})")
    values = table(shape.fields, rows)
    found = {str(row[names.ID]): each for row, each in zip(rows, values, strict=True)}
    untold = linked.untold
    problem = f"{_LOST} for {len(untold):,} accounts" if untold else ""
    return Siblings(name, by_company, found, problem=problem, untold=untold)
