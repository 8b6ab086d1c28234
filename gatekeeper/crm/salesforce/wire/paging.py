"""Long queries, page by page, that survive a lost place.

A locator dies with its session. Every long query is ordered by a key, so it goes on
from the last key it saw; rows that come twice are dropped by id. Rows of a child
object are merged with the deals they belong to: both streams are ordered by the
deal's id, so one page of each is all that is ever held.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain, compress
from operator import le
from typing import TYPE_CHECKING

from gatekeeper.crm.related import Laid
from gatekeeper.crm.salesforce.reading.translate import reader, to_text
from gatekeeper.crm.salesforce.wire.bulk import BulkRefusedError
from gatekeeper.crm.salesforce.wire.refusals import LocatorLostError
from gatekeeper.crm.salesforce.wire.soql import Among, Compare, Select
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
    _key: Callable[[WireRow], object] = field(init=False)

    def __post_init__(self) -> None:
        self._key = reader(tuple(self.key.split(".")), to_text).get

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
        keys = list(map(self._key, rows))
        if self._last in keys:
            last, seen = self._last, self._at_last
            is_fresh = [
                key != last or row["Id"] not in seen
                for key, row in zip(keys, rows, strict=True)
            ]
            rows, keys = list(compress(rows, is_fresh)), list(compress(keys, is_fresh))
        if keys:
            last = str(keys[-1])
            if last != self._last:
                self._last, self._at_last = last, set()
            ids = (str(row["Id"]) for row in compress(rows, map(last.__eq__, keys)))
            self._at_last.update(ids)
        return rows


@dataclass(slots=True)
class Children:
    """Child rows of an ordered stream of deals, handed out batch by batch.

    Attributes:
        by: The column with the id of the deal.
    """

    pages: Ordered
    by: str
    _iterator: Iterator[list[WireRow]] | None = None
    _waiting: list[WireRow] = field(default_factory=list)
    _parents: list[str] = field(default_factory=list)
    _last: str = ""

    def take(self, ids: Sequence[str], *, is_last: bool) -> Laid:
        """Return the rows of these deals, which follow those asked for before.

        Args:
            ids: Ascending; rows of deals between them belong to nobody here.
            is_last: No deals follow: read the stream to its end.

        Raises:
            OrderError: The rows do not come in the order of their deals.
        """
        upto = None if is_last or not ids else ids[-1]
        while not (upto and self._parents and self._parents[-1] > upto):
            if not self._fill():
                break
        parents, rows = self._parents, self._waiting
        end = bisect_right(parents, upto) if upto else len(parents)
        counted = Counter(parents[:end])
        counts = [counted.get(id_, 0) for id_ in ids]
        if sum(counts) < end:
            wanted = set(ids)
            taken = [rows[place] for place in range(end) if parents[place] in wanted]
        else:
            taken = rows[:end]
        self._parents, self._waiting = parents[end:], rows[end:]
        return Laid(taken, counts)

    def _fill(self) -> bool:
        """Let the next page wait; False when there are no more."""
        if self._iterator is None:
            self._iterator = iter(self.pages)
        page = next(self._iterator, None)
        if page is None:
            return False
        parents: list[str] = [row[self.by] for row in page]  # type: ignore[misc]  # ids, by describe
        if not all(map(le, (self._last, *parents), parents)):
            raise OrderError(self.pages.select.source)
        self._last = parents[-1] if parents else self._last
        self._parents += parents
        self._waiting += page
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
    starts = range(0, len(ids), IDS_PER_LIST)
    parts = (tuple(ids[start : start + IDS_PER_LIST]) for start in starts)
    queries = (
        Ordered(client, select.narrowed(Among(by, part)), by, include_deleted)
        for part in parts
    )
    return chain.from_iterable(chain.from_iterable(queries))
