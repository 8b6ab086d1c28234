"""Query jobs of Bulk API 2.0: their states, their refusals and their CSV.

Knows no HTTP. A job moves one state per look at it, so that a client has to poll as it
would have to in life; its query runs when it completes.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce import soql_tree as tree
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.query_aggregate import is_aggregate
from gatekeeper.sandbox.salesforce.soql import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gatekeeper.sandbox.salesforce.query_answer import QueryAnswer

UPLOADED, RUNNING, COMPLETE, ABORTED, FAILED = (
    "UploadComplete",
    "InProgress",
    "JobComplete",
    "Aborted",
    "Failed",
)
DELIMITERS = {
    "BACKQUOTE": "`",
    "CARET": "^",
    "COMMA": ",",
    "PIPE": "|",
    "SEMICOLON": ";",
    "TAB": "\t",
}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
MAX_PAGE = 50_000


@dataclass(slots=True)
class BulkJob:
    """One query job; `answer` is there once it is complete."""

    id: str
    operation: str
    soql: str
    object_name: str
    version: str
    created_by: str
    created_at: str
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    state: str = UPLOADED
    error: str = ""
    elapsed_ms: int = 0
    answer: QueryAnswer | None = field(default=None, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether the job will not change any more."""
        return self.state in {COMPLETE, ABORTED, FAILED}

    def advance(self, run: Callable[[BulkJob], QueryAnswer]) -> None:
        """Move one state on; the step to the last one runs the query."""
        if self.state == UPLOADED:
            self.state = RUNNING
        elif self.state == RUNNING:
            started = perf_counter()
            try:
                self.answer = run(self)
                _check_columns(self.answer)
                self.state = COMPLETE
            except SalesforceError as error:
                self.state, self.error = FAILED, f"{error.code}: {error.message}"
            self.elapsed_ms = round((perf_counter() - started) * 1000)

    def abort(self) -> None:
        """Stop the job.

        Raises:
            SalesforceError: INVALIDJOBSTATE for a job that is over.
        """
        if self.is_over:
            word = "Completed" if self.state == COMPLETE else self.state
            message = f"Aborting already {word} Job not allowed"
            raise SalesforceError("INVALIDJOBSTATE", message)
        self.state = ABORTED

    def describe(self) -> dict[str, object]:
        """Return the job as its resource shows it."""
        shown: dict[str, object] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object_name,
            "createdById": self.created_by,
            "createdDate": self.created_at,
            "systemModstamp": self.created_at,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }
        if self.error:
            shown["errorMessage"] = self.error
        return shown

    def progress(self) -> dict[str, object]:
        """Return the job as it is polled, with what it has done so far."""
        done = 0 if self.answer is None else self.answer.total_size
        return self.describe() | {
            "jobType": "V2Query",
            "numberRecordsProcessed": done,
            "retries": 0,
            "totalProcessingTime": self.elapsed_ms,
        }


def checked_query(soql: str) -> tree.Query:
    """Return the statement if a bulk job may run it.

    Raises:
        SalesforceError: MALFORMED_QUERY, or API_ERROR for what REST alone can do.
    """
    query = parse(soql)
    counts = any(
        isinstance(selected, tree.Field) and isinstance(selected.expression, tree.Call)
        for selected in query.select
    )
    unsupported = {
        "Aggregate Relationships": _selects(query, tree.Subquery),
        "TYPEOF": _selects(query, tree.Typeof),
        "Aggregate functions and GROUP BY are": is_aggregate(query) or counts,
        "OFFSET": query.offset is not None,
    }
    for what, present in unsupported.items():
        if present:
            raise _unsupported(what)
    return query


def _selects(query: tree.Query, kind: type) -> bool:
    return any(isinstance(selected, kind) for selected in query.select)


def _check_columns(answer: QueryAnswer) -> None:
    if any(kind in {"address", "location"} for _, kind in answer.columns):
        raise _unsupported("Selecting compound data")


def _unsupported(what: str) -> SalesforceError:
    return SalesforceError("API_ERROR", f"{what} not supported in Bulk Query")


def csv_page(job: BulkJob, start: int, size: int) -> tuple[str, int]:
    """Return a page of a complete job as CSV of its own, and how many rows it has.

    Every page starts with the header row, every value is quoted, an empty one too.
    """
    answer = job.answer
    if answer is None:
        message = f"Results are not available for a job in state {job.state}"
        raise SalesforceError("INVALIDJOBSTATE", message)
    records = answer.page(start, size)
    delimiter, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    paths = [(path.split("."), kind) for path, kind in answer.columns]
    rows = [[path for path, _ in answer.columns]]
    rows += [[_cell(record, path, kind) for path, kind in paths] for record in records]
    return "".join(_lines(rows, delimiter, ending)), len(records)


def _lines(rows: Iterable[list[str]], delimiter: str, ending: str) -> Iterator[str]:
    for row in rows:
        quoted = [f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row]
        yield delimiter.join(quoted) + ending


def _cell(record: dict[str, object], path: list[str], kind: str) -> str:
    value: object = record
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return text.replace("+0000", "Z") if kind == "datetime" else text


def locator(start: int) -> str:
    """Return the name of the page that starts at that row."""
    return b64encode(str(start).encode()).decode().rstrip("=")


def located(text: str) -> int:
    """Return the row a page name stands for.

    Raises:
        SalesforceError: No locator this server gave out.
    """
    try:
        start = b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (BadBase64, UnicodeDecodeError):
        start = ""
    if not start.isdigit():
        raise SalesforceError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(start)
