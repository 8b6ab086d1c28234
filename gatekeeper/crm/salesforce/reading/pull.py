"""The pull: one ordered stream of deals, and one of each child object beside it.

A batch is one page of deals with all their rows. What cannot be read is said: a child
object that fails makes its collections Unavailable from there on and the pull
incomplete; a deal page that fails ends the stream with a problem, not an exception.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from gatekeeper.at_rest import collector_at_rest
from gatekeeper.core.model import Deal, DealBatch, Row, Unavailable
from gatekeeper.crm.related import ChildRows, Laid
from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.reading.related import Around, Feed
from gatekeeper.crm.salesforce.reading.shape import SIBLINGS
from gatekeeper.crm.salesforce.reading.siblings import read_siblings
from gatekeeper.crm.salesforce.reading.translate import reader, to_text
from gatekeeper.crm.salesforce.wire.paging import (
    Children,
    Ordered,
    OrderError,
    by_lists,
)
from gatekeeper.crm.salesforce.wire.refusals import unreadable
from gatekeeper.crm.salesforce.wire.soql import (
    Among,
    AmongRows,
    AnyOf,
    Compare,
    Condition,
    Select,
    both,
)
from gatekeeper.errors import (
    CrmRejectedError,
    CrmUnreachableError,
    StopError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from gatekeeper.crm.salesforce.reading.shape import PullShape
    from gatekeeper.crm.salesforce.wire.bulk import Bulk
    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.crm.salesforce.wire.paging import WireRow
    from gatekeeper.ports import PullTotals

Related = dict[str, tuple[Row, ...] | Unavailable]
UNREADABLE = (CrmRejectedError, CrmUnreachableError)


def in_scope(closed_since: date, record_types: Sequence[str | None]) -> Condition:
    """Return which deals a pull takes.

    Args:
        closed_since: Closed deals from this close date on come beside the open ones.
        record_types: Ids of the pipelines in scope, None for deals without a record
            type; empty for all.
    """
    standing = AnyOf(
        (
            Compare("IsClosed", "=", value=False),
            Compare("CloseDate", ">=", closed_since),
        )
    )
    if not record_types:
        return standing
    named = tuple(id_ for id_ in record_types if id_ is not None)
    parts: list[Condition] = [Among("RecordTypeId", named)] if named else []
    if None in record_types:
        parts.append(Compare("RecordTypeId", "=", None))
    kept = both(standing, AnyOf(tuple(parts)) if len(parts) > 1 else parts[0])
    return kept or standing


@dataclass(slots=True)
class Pull:
    """One pull under way.

    Attributes:
        now: The CRM's clock when it began.
        bulk: Reads long queries in jobs.
        lost: Source to why its rows are not to be had any more.
    """

    client: Client
    shape: PullShape
    totals: PullTotals
    now: datetime
    bulk: Bulk | None = None
    lost: dict[str, str] = field(default_factory=dict)
    _children: dict[str, Children] = field(default_factory=dict)
    _listed: set[str] = field(default_factory=set)
    _errors: dict[str, str] = field(default_factory=dict)
    _without: Counter[str] = field(default_factory=Counter)

    def stream(self, scope: Condition) -> Iterator[DealBatch]:
        """Stream the deals in scope; see `ports.Crm.pull`."""
        pages = Ordered(self.client, self._deal_select(scope), "Id", bulk=self.bulk)
        self._open_children(scope)
        batches = iter(pages)
        page = self._next(batches)
        while page is not None:
            self.totals.expected = pages.expected
            following = self._next(batches)
            self.totals.read += len(page)
            yield DealBatch(self._deals(page, is_last=following is None))
            page = following
        self._close_children()

    def by_id(self, ids: Sequence[str]) -> tuple[Deal, ...]:
        """Read named deals with their rows, whatever scope they are in."""
        rows = sorted(
            by_lists(self.client, self._deal_select(None), "Id", ids),
            key=lambda row: str(row["Id"]),
        )
        self._listed.update(feed.source for feed in self.shape.feeds)
        return self._deals(rows, is_last=True)

    def _deal_select(self, scope: Condition | None) -> Select:
        return Select(self.shape.deals.selected, names.DEAL_OBJECT, scope, ("Id",))

    def _next(self, batches: Iterator[list[WireRow]]) -> list[WireRow] | None:
        try:
            with collector_at_rest():
                return next(batches, None)
        except UNREADABLE as error:
            if self.totals.expected is None:
                raise _stopped(error) from error
            self.totals.problems.append(f"The deals ended early: {error}")
            return None

    def _open_children(self, scope: Condition) -> None:
        deals = Select(("Id",), names.DEAL_OBJECT, scope)
        for feed in self.shape.feeds:
            if feed.by_lists:
                self._listed.add(feed.source)
                continue
            select = feed.select().narrowed(AmongRows(feed.by, deals))
            self._children[feed.source] = Children(
                Ordered(self.client, select, feed.by, feed.include_deleted, self.bulk),
                feed.by,
            )

    def _close_children(self) -> None:
        """Say which rows are missing, for how many deals and why (E903)."""
        for source, error in self._errors.items():
            collections = ", ".join(
                each.name
                for each in self.shape.collections
                if any(part.source == source for part in each.parts)
            )
            self.totals.problems.append(
                f"{collections} could not be read for {self._without[source]:,} of"
                f" {self.totals.read:,} deals ({error})."
            )
        for source, children in self._children.items():
            pages = children.pages
            is_short = pages.expected not in (None, pages.read)
            if is_short and source not in self.lost and source not in self._listed:
                self.totals.problems.append(
                    f"{source}: {pages.read} of {pages.expected} rows came"
                )

    def _deals(self, rows: list[WireRow], *, is_last: bool) -> tuple[Deal, ...]:
        with collector_at_rest():
            return self._translated(rows, is_last=is_last)

    def _translated(self, rows: list[WireRow], *, is_last: bool) -> tuple[Deal, ...]:
        ids = [str(row["Id"]) for row in rows]
        if any(later <= earlier for earlier, later in pairwise(ids)):
            self._listed.update(feed.source for feed in self.shape.feeds)
        found = {
            feed.source: self._rows_of(feed, rows, is_last=is_last)
            for feed in self.shape.feeds
            if feed.source not in self.lost
        }
        self._without.update(dict.fromkeys(self.lost, len(ids)))
        children = ChildRows(
            len(rows), found, lambda own, lost: Around(own, self.now, lost), self.lost
        )
        deals = self.shape.deals.deals(rows, self._related(rows, children))
        past = self.shape.past
        if past is None:
            return deals
        return tuple(
            replace(deal, history=past.of(row, around.rows, self.lost))
            for deal, row, around in zip(deals, rows, children.arounds(), strict=True)
        )

    def _related(
        self, rows: list[WireRow], children: ChildRows[Around]
    ) -> list[Related]:
        related: list[Related] = [{} for _ in rows]
        for collection in self.shape.collections:
            filled = collection.of(children)
            for deal, found in zip(related, filled, strict=True):
                deal[collection.name] = found
        if self.shape.siblings is not None:
            others = read_siblings(self.client, self.shape.siblings, rows)
            if others.problem:
                self.totals.problems.append(others.problem)
            for deal, row in zip(related, rows, strict=True):
                deal[SIBLINGS] = others.of(row)
        return related

    def _rows_of(self, feed: Feed, deals: list[WireRow], *, is_last: bool) -> Laid:
        """Return the rows of a feed, those of the first deal first."""
        parents = [str(row[feed.of]) if row[feed.of] else "" for row in deals]
        try:
            if feed.source not in self._listed:
                try:
                    return self._children[feed.source].take(parents, is_last=is_last)
                except OrderError:
                    self._listed.add(feed.source)
            return self._by_lists(feed, parents)
        except UNREADABLE as error:
            self.lost[feed.source] = f"{feed.object} could not be read"
            self._errors[feed.source] = str(error)
            return Laid.of([()] * len(deals))

    def _by_lists(self, feed: Feed, parents: list[str]) -> Laid:
        found: dict[str, list[WireRow]] = {}
        ids = list(dict.fromkeys(id_ for id_ in parents if id_))
        rows = by_lists(
            self.client,
            feed.select(),
            feed.by,
            ids,
            include_deleted=feed.include_deleted,
        )
        parent = reader(tuple(feed.by.split(".")), to_text).get
        for row in rows:
            found.setdefault(str(parent(row)), []).append(row)
        return Laid.of([found.get(id_, ()) for id_ in parents])


def _stopped(error: CrmRejectedError | CrmUnreachableError) -> StopError:
    if isinstance(error, CrmUnreachableError):
        return error
    return unreadable(
        error,
        "opportunities and the fields the rules read",
        "let `scope` in project.yaml name fewer pipelines",
    )
