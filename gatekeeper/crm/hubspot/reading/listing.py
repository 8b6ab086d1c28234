"""The list of all unarchived deals, page by page, closed ones dropped as they pass.

Lists are consistent and have no end but the last page; search, whose index lags, plays
no part. A page that fails ends the list with a problem instead of an exception.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.at_rest import collector_at_rest
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.beside import UNREADABLE
from gatekeeper.crm.hubspot.reading.records import properties_of
from gatekeeper.crm.hubspot.reading.translate import local_date_in
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.crm.hubspot.wire.refusals import TOO_LONG
from gatekeeper.errors import (
    CrmAuthError,
    CrmRejectedError,
    CrmUnreachableError,
    StopError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.crm.hubspot.reading.shape import PullShape
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.hubspot.wire.envelope import Page
    from gatekeeper.crm.reader import Convert, WireRow
    from gatekeeper.ports import PullTotals

Row = dict[str, object]
_TO_SIFT = (names.ID, names.STAGE, names.PIPELINE, "closedate")
_ID = itemgetter(names.ID)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which deals a pull takes.

    Attributes:
        closed_since: Closed deals from this close date on come beside the open ones.
        pipelines: Ids of the pipelines in scope; empty for all.
    """

    closed_since: date
    pipelines: frozenset[str] = frozenset()


@dataclass(slots=True)
class Listing:
    """One list under way.

    Attributes:
        is_narrow: The list shows only what sifting needs: all that rules read makes
            an address too long, so kept deals are read again by id.
    """

    client: Client
    shape: PullShape
    totals: PullTotals
    is_narrow: bool = False
    _day: Convert = field(init=False)

    def __post_init__(self) -> None:
        self._day = local_date_in(self.shape.tongue.zone)

    def pages(self) -> Iterator[list[Row]]:
        """Stream the pages, each deal once."""
        after, last = "", -1
        while True:
            page = self._page(after)
            if page is None:
                return
            rows = [properties_of(record) for record in page.rows]
            numbers = list(map(number_of, rows))
            # Ids ascend: what is not beyond the last one came before.
            numbered = zip(numbers, rows, strict=True)
            fresh = [row for number, row in numbered if number > last]
            last = max(last, *numbers) if numbers else last
            yield fresh
            if not page.after:
                return
            if page.after == after:
                self.totals.problems.append(
                    "HubSpot's list of deals went in a circle; the rest is missing."
                )
                return
            after = page.after

    def takes(self, row: WireRow, scope: Scope) -> bool:
        """Whether a deal is in scope: open, or closed lately."""
        if scope.pipelines and row.get(names.PIPELINE) not in scope.pipelines:
            return False
        stage = self.shape.deals.pipelines.stages.get(str(row.get(names.STAGE)))
        if stage is None or not stage.is_closed:
            return True
        closed = self._day(row.get("closedate"))
        return isinstance(closed, date) and closed >= scope.closed_since

    def _page(self, after: str) -> Page | None:
        selected = _TO_SIFT if self.is_narrow else self.shape.deals.selected
        try:
            with collector_at_rest():
                return self.client.page(names.DEALS, Wanted(selected), after)
        except UNREADABLE as error:
            is_long = isinstance(error, CrmRejectedError) and error.code == TOO_LONG
            if is_long and not self.is_narrow:
                self.is_narrow = True
                return self._page(after)
            if not after:
                raise _stopped(error) from error
            self.totals.problems.append(f"The deals ended early: {error}")
            return None


def number_of(row: WireRow) -> int:
    """Return a record's id as the number it is."""
    return int(_ID(row))


def _stopped(error: CrmRejectedError | CrmUnreachableError) -> StopError:
    if isinstance(error, CrmUnreachableError):
        return error
    why = str(error).rstrip(".")
    return CrmAuthError(
        f"HubSpot refuses {why}. Give the private app the scope crm.objects.deals.read."
    )
