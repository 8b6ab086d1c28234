"""Large reads through Bulk API 2.0: one job in place of a call per 2,000 rows.

Rows come back in the shape REST gives them (typed values, parents nested), so that
nothing behind this room knows which way they came. A job that Salesforce refuses or
fails is no failure of the read: the query goes on page by page.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from gatekeeper.crm.salesforce.metadata.describe import find_path
from gatekeeper.crm.salesforce.wire.soql import render
from gatekeeper.errors import CrmRejectedError, CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gatekeeper.crm.salesforce.metadata.describe import WireObject
    from gatekeeper.crm.salesforce.wire.client import Client
    from gatekeeper.crm.salesforce.wire.soql import Select

WireRow = dict[str, object]

ROWS_PER_RESULT = 5_000
ROWS_AT_ONCE = 2_000
LONGEST_PAUSE_S = 20.0
MOST_POLLS = 100
_DONE = "JobComplete"
_OVER = frozenset({"Aborted", "Failed"})
_LAST = "null"
_READS: Mapping[str, Callable[[str], object]] = {
    "boolean": lambda text: text == "true",
    "int": int,
    "long": int,
    "double": float,
    "currency": float,
    "percent": float,
}


class BulkRefusedError(Exception):
    """Salesforce takes no such job; the query is read page by page instead."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Reads the rows of long queries in jobs.

    Attributes:
        objects: Describe, by object name; says what the texts of a result mean.
        from_rows: A query of fewer rows is faster page by page.
    """

    client: Client
    objects: Callable[[str], WireObject | None]
    from_rows: int

    def read(self, select: Select, *, include_deleted: bool) -> Iterator[list[WireRow]]:
        """Run a job and stream its rows.

        Raises:
            BulkRefusedError: The job was refused, failed or never ended; nothing of
                it was read.
        """
        job = self._run(select, include_deleted=include_deleted)
        return self._results(job, select)

    def _run(self, select: Select, *, include_deleted: bool) -> str:
        body = {
            "operation": "queryAll" if include_deleted else "query",
            "query": render(select),
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        try:
            job = str(self.client.order("jobs/query", body).get("id"))
            self._wait(job)
        except (CrmRejectedError, CrmUnreachableError) as error:
            raise BulkRefusedError(str(error)) from error
        return job

    def _wait(self, job: str) -> None:
        pause = 1.0
        for _ in range(MOST_POLLS):
            answer = self.client.get(f"jobs/query/{job}")
            state = answer.get("state") if isinstance(answer, dict) else None
            if state == _DONE:
                return
            if state in _OVER:
                raise BulkRefusedError(f"job {job} ended as {state}")
            self.client.sleep(pause)
            pause = min(LONGEST_PAUSE_S, pause * 1.5)
        raise BulkRefusedError(f"job {job} did not end")

    def _results(self, job: str, select: Select) -> Iterator[list[WireRow]]:
        locator = ""
        while locator != _LAST:
            asked = {"maxRecords": str(ROWS_PER_RESULT)}
            if locator:
                asked["locator"] = locator
            text, locator = self.client.results(f"jobs/query/{job}/results", asked)
            # Every page is a CSV document of its own, with its header row.
            # Lines instead of a StringIO, which holds four bytes a character.
            table = csv.reader(text.splitlines(keepends=True))
            columns = [self._column(select, name) for name in next(table, [])]
            while lines := list(islice(table, ROWS_AT_ONCE)):
                yield _rows(columns, lines)

    def _column(self, select: Select, path: str) -> _Column:
        found = find_path(self.objects, select.source, path)
        *parents, name = path.split(".")
        read = _READS.get(found.field.type) if found else None
        return _Column(tuple(parents), name, read)


@dataclass(frozen=True, slots=True)
class _Column:
    parents: tuple[str, ...]
    name: str
    read: Callable[[str], object] | None

    def values(self, cells: Iterable[str]) -> list[object]:
        """Return what its cells say; an empty one is null."""
        read = self.read
        if read is None:
            return [text or None for text in cells]
        return [read(text) if text else None for text in cells]


def _rows(columns: list[_Column], lines: list[list[str]]) -> list[WireRow]:
    """Nest the cells of some lines as REST would, column by column."""
    rows: list[WireRow] = [{} for _ in lines]
    for column, cells in zip(columns, zip(*lines, strict=True), strict=True):
        places = rows
        for parent in column.parents:
            places = [place.setdefault(parent, {}) for place in places]  # type: ignore[misc]
        for place, value in zip(places, column.values(cells), strict=True):
            place[column.name] = value
    return rows
