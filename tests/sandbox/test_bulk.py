"""Query jobs of Bulk API 2.0, from creation to the last page of CSV."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce import bulk
from gatekeeper.sandbox.salesforce.bulk_jobs import BulkJob, csv_page, located, locator
from gatekeeper.sandbox.salesforce.call import Call
from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.org import Org
from gatekeeper.sandbox.salesforce.session import Session
from gatekeeper.sandbox.state import Row
from tests.sandbox.small_org import (
    ANN,
    OPPORTUNITY,
    RENEWAL,
    SmallOrg,
    ask,
    deal,
    record_id,
    small_org,
)

SOQL = "SELECT Id, Name, Amount, IsClosed, CreatedDate, Account.Name FROM Opportunity"


@pytest.fixture
def org() -> Org:
    """An org with the four deals of the small org and the deleted one."""
    org = Org()
    for name, table in small_org().tables.items():
        for row in table:
            org.put(name, Row(row))
    return org


def call(
    org: Org,
    method: str = "GET",
    job: str = "",
    body: dict[str, object] | None = None,
    version: str = "59.0",
    **query: str,
) -> Call:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    return Call(
        org,
        method,
        "/",
        version,
        {"job": job},
        query,
        body=b"" if body is None else json.dumps(body).encode(),
        maybe_session=Session("token", ANN, UTC, now + timedelta(hours=2)),
    )


def start(org: Org, soql: str = SOQL, **more: object) -> str:
    body = {"operation": "query", "query": soql} | more
    job = bulk.create(call(org, "POST", body=body)).body
    assert isinstance(job, dict)
    return str(job["id"])


def finish(org: Org, job: str) -> dict[str, object]:
    bulk.poll(call(org, job=job))
    shown = bulk.poll(call(org, job=job)).body
    assert isinstance(shown, dict)
    return shown


def page(org: Org, job: str, **query: str) -> tuple[str, dict[str, str]]:
    answer = bulk.results(call(org, "GET", job, None, "59.0", **query))
    assert answer.media_type == "text/csv"
    assert isinstance(answer.body, bytes)
    return answer.body.decode(), answer.headers


def refusal(act, *arguments: object, **options: object) -> SalesforceError:
    with pytest.raises(SalesforceError) as caught:
        act(*arguments, **options)
    return caught.value


def test_a_new_job_says_what_it_will_do(org: Org):
    body: dict[str, object] = {
        "operation": "query",
        "columnDelimiter": "COMMA",
        "lineEnding": "LF",
        "query": "select Id from opportunity",
    }
    job = bulk.create(call(org, "POST", body=body)).body

    assert isinstance(job, dict)
    assert job["id"].startswith("750")
    assert job["object"] == "Opportunity"
    assert job["state"] == "UploadComplete"
    assert job["apiVersion"] == 59.0
    assert set(job) == {
        "id",
        "operation",
        "object",
        "createdById",
        "createdDate",
        "systemModstamp",
        "state",
        "concurrencyMode",
        "contentType",
        "apiVersion",
        "lineEnding",
        "columnDelimiter",
    }


@pytest.mark.trap("S12a")
def test_a_job_takes_two_looks_to_complete(org: Org):
    job = start(org)

    states = [bulk.poll(call(org, job=job)).body["state"] for _ in range(3)]  # type: ignore[index]
    assert states == ["InProgress", "JobComplete", "JobComplete"]
    shown = finish(org, job)
    assert shown["numberRecordsProcessed"] == 4
    assert shown["jobType"] == "V2Query"
    assert shown["retries"] == 0


def test_results_are_quoted_csv_with_canonical_headers(org: Org):
    soql = SOQL.lower() + f" where id = '{RENEWAL}'"
    job = start(org, soql)
    finish(org, job)

    text, headers = page(org, job)
    assert text == (
        '"Id","Name","Amount","IsClosed","CreatedDate","Account.Name"\n'
        f'"{RENEWAL}","Acme renewal","120000.0","false",'
        '"2026-11-20T04:30:00.000Z","Acme"\n'
    )
    assert headers == {"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"}


def test_an_empty_value_is_an_empty_quoted_one(org: Org):
    job = start(org, "SELECT Amount, Account.Name FROM Opportunity WHERE Name = 'Bare'")
    finish(org, job)

    assert page(org, job)[0].splitlines()[1] == '"",""'


@pytest.mark.trap("S12b")
def test_every_page_repeats_the_header(org: Org):
    job = start(org, "SELECT Name FROM Opportunity")
    finish(org, job)

    first, headers = page(org, job, maxRecords="3")
    assert headers == {"Sforce-NumberOfRecords": "3", "Sforce-Locator": "Mw"}
    second, last = page(org, job, maxRecords="3", locator=headers["Sforce-Locator"])
    assert last == {"Sforce-NumberOfRecords": "1", "Sforce-Locator": "null"}
    assert first.splitlines()[0] == second.splitlines()[0] == '"Name"'
    assert second.splitlines()[1:] == ['"Bare"']


def test_a_job_over_no_rows_has_a_header_only(org: Org):
    job = start(org, "SELECT Id FROM Opportunity WHERE Name = 'Nobody'")
    finish(org, job)

    text, headers = page(org, job)
    assert text == '"Id"\n'
    assert headers["Sforce-NumberOfRecords"] == "0"


def test_query_all_reads_the_bin_too(org: Org):
    job = start(org, "SELECT Name FROM Opportunity", operation="queryAll")

    assert finish(org, job)["numberRecordsProcessed"] == 5


def test_delimiter_and_line_ending_are_as_asked(org: Org):
    soql = f"SELECT Id, Name FROM Opportunity WHERE Id = '{RENEWAL}'"
    job = start(org, soql, columnDelimiter="PIPE", lineEnding="CRLF")
    finish(org, job)

    assert page(org, job)[0] == f'"Id"|"Name"\r\n"{RENEWAL}"|"Acme renewal"\r\n'


@pytest.mark.parametrize(
    ("soql", "what"),
    [
        ("SELECT Id, (SELECT Id FROM Tasks) FROM Opportunity", "Aggregate Relation"),
        ("SELECT COUNT() FROM Opportunity", "GROUP BY"),
        ("SELECT COUNT(Id) FROM Opportunity", "GROUP BY"),
        ("SELECT StageName FROM Opportunity GROUP BY StageName", "GROUP BY"),
        ("SELECT Id FROM Opportunity LIMIT 1 OFFSET 1", "OFFSET"),
        ("SELECT TYPEOF What WHEN Account THEN Name END FROM Task", "TYPEOF"),
    ],
)
def test_what_bulk_cannot_do_is_refused_at_creation(org: Org, soql, what):
    error = refusal(start, org, soql)

    assert (error.code, error.status) == ("API_ERROR", 400)
    assert what in error.message
    assert error.message.endswith("not supported in Bulk Query")


def test_a_broken_statement_and_an_unknown_object_are_refused_at_creation(org: Org):
    assert refusal(start, org, "SELECT FROM").code == "MALFORMED_QUERY"
    assert refusal(start, org, "SELECT Id FROM Nope").code == "INVALID_TYPE"


@pytest.mark.trap("S12c")
def test_a_field_nobody_sees_fails_the_job(org: Org):
    org.hide_field("Opportunity", "Amount")
    job = start(org)

    shown = finish(org, job)
    assert shown["state"] == "Failed"
    assert str(shown["errorMessage"]).startswith("INVALID_FIELD: ")
    assert refusal(page, org, job).code == "INVALIDJOBSTATE"


def test_compound_fields_fail_the_job(org: Org):
    job = start(org, "SELECT BillingAddress FROM Account")

    shown = finish(org, job)
    assert shown["errorMessage"] == (
        "API_ERROR: Selecting compound data not supported in Bulk Query"
    )


def test_results_of_another_version_are_a_conflict(org: Org):
    job = start(org)
    finish(org, job)

    error = refusal(bulk.results, call(org, job=job, version="60.0"))
    assert error.status == 409


def test_results_wait_for_completion(org: Org):
    assert refusal(page, org, start(org)).code == "INVALIDJOBSTATE"


def test_a_running_job_is_aborted_then_deleted(org: Org):
    job = start(org)
    assert refusal(bulk.delete, call(org, "DELETE", job)).code == "INVALIDJOBSTATE"

    stopped = bulk.change(call(org, "PATCH", job, {"state": "Aborted"})).body
    assert isinstance(stopped, dict)
    assert stopped["state"] == "Aborted"
    assert bulk.poll(call(org, job=job)).body["state"] == "Aborted"  # type: ignore[index]
    assert bulk.delete(call(org, "DELETE", job)).status == 204
    assert refusal(bulk.poll, call(org, job=job)).status == 404


def test_a_complete_job_is_not_aborted(org: Org):
    job = start(org)
    finish(org, job)

    error = refusal(bulk.change, call(org, "PATCH", job, {"state": "Aborted"}))
    assert error.code == "INVALIDJOBSTATE"
    assert error.message == "Aborting already Completed Job not allowed"


def test_jobs_are_listed(org: Org):
    ids = [start(org), start(org)]

    listed = bulk.jobs(call(org)).body
    assert isinstance(listed, dict)
    assert [job["id"] for job in listed["records"]] == ids
    assert listed["done"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "hardDelete", "query": SOQL},
        {"operation": "query"},
        {"operation": "query", "query": SOQL, "columnDelimiter": "DOT"},
        {"operation": "query", "query": SOQL, "object": "Opportunity"},
    ],
)
def test_a_body_that_is_no_query_job_is_refused(org: Org, body):
    assert refusal(bulk.create, call(org, "POST", body=body)).status == 400


@pytest.mark.parametrize("query", [{"maxRecords": "0"}, {"locator": "!!"}])
def test_a_page_that_is_no_page_is_refused(org: Org, query):
    job = start(org)
    finish(org, job)

    assert refusal(page, org, job, **query).status == 400


def test_a_locator_is_the_one_of_the_documentation():
    assert locator(10000) == "MTAwMDA"


@given(st.integers(0, 10**9))
def test_a_locator_comes_back_as_its_row(start):
    assert located(locator(start)) == start


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), min_size=1),
        max_size=6,
    )
)
def test_any_text_survives_the_csv(texts):
    rows = [deal(record_id("006", n), text) for n, text in enumerate(texts)]
    small = SmallOrg([OPPORTUNITY], {"Opportunity": rows})
    job = BulkJob("750", "query", "", "Opportunity", "59.0", ANN, "")
    job.answer = ask("SELECT Id, Name FROM Opportunity", small)

    text, count = csv_page(job, 0, 100)
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert count == len(texts)
    assert [row[1] for row in read[1:]] == texts
