"""The calls of Bulk API 2.0 query jobs: create, poll, fetch, abort, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.bulk_jobs import (
    COMPLETE,
    DELIMITERS,
    LINE_ENDINGS,
    MAX_PAGE,
    BulkJob,
    checked_query,
    csv_page,
    located,
    locator,
)
from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.errors import SalesforceError, not_found
from gatekeeper.sandbox.salesforce.ids import stamp
from gatekeeper.sandbox.salesforce.query import run_query
from gatekeeper.sandbox.salesforce.routing import Route

if TYPE_CHECKING:
    from collections.abc import Collection

    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.salesforce.query_answer import QueryAnswer

_KEYS = {"operation", "query", "columnDelimiter", "lineEnding", "contentType"}


def create(call: Call) -> Answer:
    """Answer `POST /jobs/query`."""
    body = call.json()
    unknown = sorted(body.keys() - _KEYS)
    if unknown:
        message = f'Unrecognized field "{unknown[0]}"'
        raise SalesforceError("JSON_PARSER_ERROR", message)
    operation = _choice(body, "operation", {"query", "queryAll"}, "")
    soql = body.get("query")
    if not isinstance(soql, str):
        raise SalesforceError("API_ERROR", "The query field is required")
    source = str(checked_query(soql).source)
    kind = call.org.visible(call.session, source)
    if kind is None:
        message = f"sObject type '{source}' is not supported."
        raise SalesforceError("INVALID_TYPE", message)
    job = BulkJob(
        call.org.new_id("750"),
        operation,
        soql,
        kind.name,
        call.version,
        call.session.user_id,
        stamp(call.org.now()),
        _choice(body, "columnDelimiter", DELIMITERS.keys(), "COMMA"),
        _choice(body, "lineEnding", LINE_ENDINGS.keys(), "LF"),
    )
    call.org.bulk_jobs[job.id] = job
    return Answer(body=job.describe())


def _choice(
    body: dict[str, object], key: str, known: Collection[str], default: str
) -> str:
    value = body.get(key, default)
    if not isinstance(value, str) or value not in known:
        raise SalesforceError("API_ERROR", f"Invalid value for {key}: {value}")
    return value


def jobs(call: Call) -> Answer:
    """Answer `GET /jobs/query`: every job, the oldest first."""
    shown = [job.describe() for job in call.org.bulk_jobs.values()]
    return Answer(body={"done": True, "records": shown, "nextRecordsUrl": None})


def poll(call: Call) -> Answer:
    """Answer `GET /jobs/query/{id}`; every look moves the job one state on."""
    job = _job(call)

    def run(job: BulkJob) -> QueryAnswer:
        return run_query(
            call.org,
            call.session,
            job.soql,
            include_deleted=job.operation == "queryAll",
            version=job.version,
        )

    job.advance(run)
    return Answer(body=job.progress())


def change(call: Call) -> Answer:
    """Answer `PATCH /jobs/query/{id}`, which can only abort."""
    job = _job(call)
    if call.json().get("state") != "Aborted":
        message = "Only the state Aborted can be set on a query job"
        raise SalesforceError("INVALIDJOBSTATE", message)
    job.abort()
    return Answer(body=job.describe())


def delete(call: Call) -> Answer:
    """Answer `DELETE /jobs/query/{id}` of a job that is over."""
    job = _job(call)
    if not job.is_over:
        message = f"Cannot delete a job in state {job.state}"
        raise SalesforceError("INVALIDJOBSTATE", message)
    del call.org.bulk_jobs[job.id]
    return Answer(204)


def results(call: Call) -> Answer:
    """Answer `GET /jobs/query/{id}/results`, one page of CSV."""
    job = _job(call)
    if job.version != call.version:
        message = (
            f"The API version {call.version} of this request is not the version "
            f"{job.version} that created the job"
        )
        raise SalesforceError("API_ERROR", message, 409)
    if job.state != COMPLETE:
        message = f"Results are not available for a job in state {job.state}"
        raise SalesforceError("INVALIDJOBSTATE", message)
    start = located(call.query["locator"]) if call.query.get("locator") else 0
    text, count = csv_page(job, start, _page_size(call))
    total = len(job.answer.rows) if job.answer else 0
    end = start + count
    headers = {
        "Sforce-NumberOfRecords": str(count),
        "Sforce-Locator": locator(end) if end < total else "null",
    }
    return Answer(200, text.encode(), headers, media_type="text/csv")


def _page_size(call: Call) -> int:
    asked = call.query.get("maxRecords", str(MAX_PAGE))
    if not asked.isdigit() or int(asked) < 1:
        raise SalesforceError("API_ERROR", f"Invalid value for maxRecords: {asked}")
    return min(int(asked), MAX_PAGE)


def _job(call: Call) -> BulkJob:
    job = call.org.bulk_jobs.get(call.params["job"])
    if job is None:
        raise not_found()
    return job


_JOBS = "/services/data/{version}/jobs/query"

BULK_ROUTES = (
    Route("bulk", "POST", _JOBS, create),
    Route("bulk", "GET", _JOBS, jobs),
    Route("bulk", "GET", _JOBS + "/{job}", poll),
    Route("bulk", "PATCH", _JOBS + "/{job}", change),
    Route("bulk", "DELETE", _JOBS + "/{job}", delete),
    Route("bulk", "GET", _JOBS + "/{job}/results", results),
)
