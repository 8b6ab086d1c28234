"""The answer to a query: rows by reference, written as records page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.query_names import Row
    from gatekeeper.sandbox.salesforce.query_select import Record

CHILD_PAGE = 2_000

Locate = Callable[["QueryAnswer", int], str]
"""Keeps a child answer and returns the `nextRecordsUrl` from that record on."""


@dataclass(frozen=True, slots=True)
class Paging:
    """How child rows are cut; without `locate` every child row is in the page."""

    child_size: int = CHILD_PAGE
    locate: Locate | None = None


@dataclass(frozen=True, slots=True)
class QueryAnswer:
    """The rows a statement selects, in order, and how to write them.

    `total_size` is what the envelope says; COUNT() has one without any row.
    `columns` are the selected fields by canonical path, with their types.
    """

    total_size: int
    rows: Sequence[Row]
    write: Callable[[Row, Paging], Record]
    object_name: str
    columns: tuple[tuple[str, str], ...] = ()

    def page(
        self, start: int, size: int, paging: Paging | None = None
    ) -> list[dict[str, object]]:
        """Write the records from `start` on, at most `size` of them."""
        cut = paging or Paging()
        return [self.write(row, cut) for row in self.rows[start : start + size]]


def envelope(answer: QueryAnswer, paging: Paging) -> object:
    """Write child rows as Salesforce does: null where there are none."""
    if not answer.rows:
        return None
    size = paging.child_size if paging.locate else len(answer.rows)
    done = len(answer.rows) <= size
    written: Record = {"totalSize": answer.total_size, "done": done}
    if not done and paging.locate is not None:
        written["nextRecordsUrl"] = paging.locate(answer, size)
    written["records"] = answer.page(0, size, paging)
    return written


def as_is(row: Row, _paging: Paging) -> Record:
    """Write a row that already is a record."""
    return dict(row)
