"""Long queries, page by page, that survive a lost place.

A locator dies with its session. Every long query is ordered by a key, so it goes on
from the last key it saw; rows that come twice are dropped by id. Rows of a child
object are merged with the deals they belong to: both streams are ordered by the
deal's id, so one page of each is all that is ever held.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce.reading.translate import reader, to_text
from gatekeeper.crm.salesforce.wire.bulk import BulkRefusedError
from gatekeeper.crm.salesforce.wire.refusals import LocatorLostError
from gatekeeper.crm.salesforce.wire.soql import Among, Compare, Select
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gatekeeper.crm.salesforce.wire.bulk import Bulk
    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.crm.salesforce.wire.envelope import Page

WireRow = dict[str, object]
MOST_RESUMES = 20
IDS_PER_LIST = 2_000
"""Ids in one list, as many as a page has rows; a statement may hold four times that."""


class OrderError(Exception):
    """The server's order is not ours: rows cannot be merged as they come."""


@dataclass(slots=True)
class Ordered:
    """The pages of a query that is ordered by `key`.

    Attributes:
        key: The path of a column, which every row has.
        bulk: Reads what is left of a long query; None reads it page by page.
        expected: Rows the server counted when the query began.
        read: Different rows that came.
    """

    client: Client
    select: Select
    key: str
    include_deleted: bool = False
    bulk: Bulk | None = None
    expected: int | None = None
    read: int = 0
    _last: str | None = None
    _at_last: set[str] = field(default_factory=set)

    def __iter__(self) -> Iterator[list[WireRow]]:
        """Stream pages without repeats.

        Raises:
            CrmUnreachableError: The place in the query is lost again and again.
        """
        page = self._start()
        self.expected = page.total
        resumes = 0
        while True:
            yield self._taken(page.rows)
            if page.following is None:
                return
            if resumes == 0 and self._is_long(page):
                batches = self._in_bulk()
                if batches is not None:
                    yield from map(self._taken, batches)
                    return
            try:
                page = self.client.more(page.following)
            except LocatorLostError as error:
                resumes += 1
                if resumes > MOST_RESUMES:
                    msg = f"reading {self.select.source}: {error}"
                    raise CrmUnreachableError(msg) from error
                page = self._start()

    def _start(self) -> Page:
        return self.client.query(self._rest(), include_deleted=self.include_deleted)

    def _rest(self) -> Select:
        """Return the query from the last key on."""
        if self._last is None:
            return self.select
        return self.select.narrowed(Compare(self.key, ">=", self._last))

    def _is_long(self, page: Page) -> bool:
        return self.bulk is not None and page.total >= self.bulk.from_rows

    def _in_bulk(self) -> Iterator[list[WireRow]] | None:
        """Order what is left as one job; None where Salesforce takes no such job."""
        if self.bulk is None:
            return None
        bulk, self.bulk = self.bulk, None  # asked once per query
        try:
            return bulk.read(self._rest(), include_deleted=self.include_deleted)
        except BulkRefusedError:
            return None

    def _taken(self, rows: list[WireRow]) -> list[WireRow]:
        fresh = self._fresh(rows)
        self.read += len(fresh)
        return fresh

    def _fresh(self, rows: list[WireRow]) -> list[WireRow]:
        key = reader(tuple(self.key.split(".")), to_text).get
        last, seen = self._last, self._at_last
        fresh = [row for row in rows if key(row) != last or row["Id"] not in seen]
        if fresh:
            last = str(key(fresh[-1]))
            if last != self._last:
                self._last, seen = last, set()
            seen.update(str(row["Id"]) for row in fresh if key(row) == last)
            self._at_last = seen
        return fresh


@dataclass(slots=True)
class Children:
    """Child rows of an ordered stream of deals, handed out batch by batch."""

    pages: Ordered
    by: str
    _iterator: Iterator[list[WireRow]] | None = None
    _waiting: list[WireRow] = field(default_factory=list)
    _place: int = 0
    _previous: str = ""
    _is_over: bool = False

    def take(self, ids: Sequence[str], *, is_last: bool) -> dict[str, list[WireRow]]:
        """Return the rows of these deals, which follow those asked for before.

        Args:
            ids: Ascending; rows of deals between them belong to nobody here.
            is_last: No deals follow: read the stream to its end.

        Raises:
            OrderError: The rows do not come in the order of their deals.
        """
        wanted: dict[str, list[WireRow]] = {id_: [] for id_ in ids}
        upto = None if is_last or not ids else ids[-1]
        taken = wanted.get(self._previous)
        while self._fill():
            rows, by, previous = self._waiting, self.by, self._previous
            for place in range(self._place, len(rows)):
                row = rows[place]
                parent: str = row[by]  # type: ignore[assignment]  # an id, by describe
                if parent != previous:
                    if upto is not None and parent > upto:
                        self._place, self._previous = place, previous
                        return wanted
                    if parent < previous:
                        raise OrderError(self.pages.select.source)
                    previous = parent
                    taken = wanted.get(parent)
                if taken is not None:
                    taken.append(row)
            self._place, self._previous = len(rows), previous
        return wanted

    def _fill(self) -> bool:
        """Make sure a row is waiting; False when there are no more."""
        while self._place >= len(self._waiting):
            if self._is_over:
                return False
            if self._iterator is None:
                self._iterator = iter(self.pages)
            page = next(self._iterator, None)
            if page is None:
                self._is_over = True
                return False
            self._waiting, self._place = page, 0
        return True


def by_lists(
    client: Client,
    select: Select,
    by: str,
    ids: Sequence[str],
    *,
    include_deleted: bool = False,
) -> Iterator[WireRow]:
    """Stream the rows whose `by` is among the ids, one page of ids a query."""
    for start in range(0, len(ids), IDS_PER_LIST):
        part = tuple(ids[start : start + IDS_PER_LIST])
        pages = Ordered(client, select.narrowed(Among(by, part)), by, include_deleted)
        for page in pages:
            yield from page
