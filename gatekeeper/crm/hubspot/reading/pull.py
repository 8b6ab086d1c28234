"""The pull: listed deals with what hangs on them.

Deals gather in a window until their records can be read in few requests, and leave it
in batches of two thousand. What cannot be read is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.at_rest import collector_at_rest
from gatekeeper.core.model import DealBatch, GoneReason
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.beside import Beside, way_of
from gatekeeper.crm.hubspot.reading.collect import team_rows
from gatekeeper.crm.hubspot.reading.listing import Listing, Scope, number_of
from gatekeeper.crm.hubspot.reading.merged import Gathered, former_ids
from gatekeeper.crm.hubspot.reading.records import Records, properties_of
from gatekeeper.crm.hubspot.reading.row_names import TEAM
from gatekeeper.crm.hubspot.reading.shape import SIBLINGS
from gatekeeper.crm.hubspot.reading.siblings import read_siblings
from gatekeeper.crm.hubspot.reading.versions import Versions
from gatekeeper.crm.hubspot.reading.window import Window
from gatekeeper.crm.hubspot.wire.client import MOST_LINKED, Wanted
from gatekeeper.crm.hubspot.writing.shadow import hints_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from gatekeeper.core.model import Deal, Row, TaskHint, Unavailable
    from gatekeeper.crm.hubspot.reading.related import Around
    from gatekeeper.crm.hubspot.reading.shape import PullShape
    from gatekeeper.crm.hubspot.reading.siblings import Siblings
    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.reader import WireRow
    from gatekeeper.crm.related import ChildRows
    from gatekeeper.ports import PullTotals

Row_ = dict[str, object]
Related = dict[str, "tuple[Row, ...] | Unavailable"]
MOST_DEALS = 2000
"""Of a batch."""


@dataclass(slots=True)
class Pull:
    """One pull under way.

    Attributes:
        now: HubSpot's clock when it began.
        shadows: Deal id to what our own property on it says of its tasks.
    """

    client: Client
    shape: PullShape
    totals: PullTotals
    now: datetime
    listing: Listing = field(init=False)
    beside: Beside = field(init=False)
    shadows: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listing = Listing(self.client, self.shape, self.totals)
        shape, records = self.shape, Records(self.client, self.shape.columns)
        self.beside = Beside(self.client, records, shape.hops, shape.feeds)

    def stream(self, scope: Scope) -> Iterator[DealBatch]:
        """Stream the deals in scope; see `ports.Crm.pull`."""
        gathered, window, takes = Gathered(), self._window(), self.listing.takes
        for page in self.listing.pages():
            gathered.add(page, [row for row in page if takes(row, scope)])
            if gathered.waiting() >= MOST_LINKED:
                self._take_in(window, gathered)
                if window.is_full():
                    yield from self._batches(window, *gathered.give_out(gathered.seen))
                    window = self._window()
        self._take_in(window, gathered)
        yield from self._batches(window, *gathered.give_out(gathered.seen))
        if not self.totals.problems:
            # HubSpot counts nothing beforehand: the last page reached is all there is.
            self.totals.expected = self.totals.read
        self._tell_losses()

    def by_id(self, ids: Sequence[str]) -> DealBatch:
        """Read named deals with their records, whatever scope they are in."""
        rows, window = self._read(ids), self._window()
        window.take_in(rows)
        batches = self._deals(window, rows)
        deals = tuple(deal for deals, _ in batches for deal in deals)
        return DealBatch(deals, self._gone(ids, deals), tuple(_hints(rows)))

    def _gone(self, ids: Sequence[str], found: Sequence[Deal]) -> dict[str, GoneReason]:
        """Say of deals that were not found whether HubSpot knows them as archived."""
        here = {deal.id for deal in found}
        missing = [id_ for id_ in ids if id_ not in here]
        wanted = Wanted((names.ID,), archived=True)
        archived = {
            str(record.get("id"))
            for record in self.client.records(names.DEALS, missing, wanted)
        }
        merged = self._merged(missing)
        return {
            id_: GoneReason.DELETED
            if id_ in archived or id_ in merged
            else GoneReason.UNREADABLE
            for id_ in missing
        }

    def _merged(self, ids: Sequence[str]) -> set[str]:
        """Return those ids under which HubSpot shows another deal now."""
        wanted = Wanted((names.ID, names.MERGED))
        rows = map(properties_of, self.client.records(names.DEALS, ids, wanted))
        return {id_ for row in rows for id_ in former_ids(row)} & set(ids)

    @staticmethod
    def _take_in(window: Window, gathered: Gathered) -> None:
        with collector_at_rest():
            window.take_in(gathered.see(MOST_LINKED))

    def _window(self) -> Window:
        shape = self.shape
        hung = {way_of(feed) for feed in shape.feeds if feed.hop}
        loose = 2 * len(hung) + sum(feed.has_people for feed in shape.feeds)
        loose += (shape.past is not None) + 2 * (shape.siblings is not None)
        return Window(self.beside, loose)

    def _batches(
        self, window: Window, rows: list[Row_], replaced: Iterable[str]
    ) -> Iterator[DealBatch]:
        if self.listing.is_narrow:
            rows = self._read([str(row[names.ID]) for row in rows])
        gone = dict.fromkeys(replaced, GoneReason.DELETED)
        for deals, batch in self._deals(window, rows):
            self.totals.read += len(deals)
            yield DealBatch(deals, gone, tuple(_hints(batch)))
            gone = {}
        if gone:
            yield DealBatch((), gone)

    def _read(self, ids: Sequence[str]) -> list[Row_]:
        wanted = Wanted(self.shape.deals.selected)
        records = self.client.records(names.DEALS, list(ids), wanted)
        rows = sorted(map(properties_of, records), key=number_of)
        asked = set(ids)
        return [row for row in rows if row[names.ID] in asked]

    def _deals(
        self, window: Window, rows: Sequence[Row_]
    ) -> Iterator[tuple[tuple[Deal, ...], Sequence[Row_]]]:
        """Read what hangs on the deals of a window, and give batch by batch.

        Beside the deals of a batch comes what was read of themselves.
        """
        shape = self.shape
        for row in rows:
            if said := row.get(names.SHADOW_PROPERTY):
                self.shadows[str(row[names.ID])] = str(said)
        with collector_at_rest():
            window.follow(rows)
            others = self._siblings(rows)
            batches = window.split(rows, MOST_DEALS)
        past = Versions(self.client, shape.past, self.totals.problems)
        past.want(batches)
        for batch in batches:
            with collector_at_rest():
                children = window.children(batch, self.now)
                related = self._related(batch, children, others)
                deals = shape.deals.deals(batch, related, past.give(batch))
            yield deals, batch

    def _siblings(self, rows: Sequence[Row_]) -> Siblings | None:
        if self.shape.siblings is None:
            return None
        others = read_siblings(self.client, self.shape.siblings, rows)
        if others.problem:
            self.totals.problems.append(others.problem)
        return others

    def _related(
        self,
        rows: Sequence[Row_],
        children: ChildRows[Around],
        others: Siblings | None,
    ) -> list[Related]:
        related: list[Related] = [{} for _ in rows]
        shape = self.shape
        for collection in shape.collections:
            filled = collection.of(children)
            for deal, found in zip(related, filled, strict=True):
                deal[collection.name] = found
        if shape.team is not None:
            for deal, row in zip(related, rows, strict=True):
                deal[TEAM] = team_rows(row, shape.team, shape.tongue.people)
        if others is not None:
            for deal, row in zip(related, rows, strict=True):
                deal[SIBLINGS] = others.of(row)
        return related

    def _tell_losses(self) -> None:
        """Say which records are missing, for how many deals and why (E903)."""
        for key, error in self.beside.errors.items():
            self.totals.problems.append(
                f"{key} could not be read for {self.beside.without[key]:,} of"
                f" {self.totals.read:,} deals ({error})."
            )


def _hints(rows: Iterable[WireRow]) -> Iterator[TaskHint]:
    for row in rows:
        if said := row.get(names.SHADOW_PROPERTY):
            yield from hints_of(str(row[names.ID]), str(said))
