"""The check against HubSpot's published contract sees what breaks it."""

from __future__ import annotations

import orjson
import pytest

from gatekeeper.sandbox.wire import Reply, Request
from tests.hubspot_contract import BUNDLE, violation

pytestmark = pytest.mark.skipif(
    not BUNDLE.exists(),
    reason="HubSpot's published specification is not on this machine",
)
HEADERS = {"authorization": "Bearer t", "content-type": "application/json"}
RECORD = {
    "id": "1",
    "properties": {"amount": "1"},
    "createdAt": "2026-11-20T10:00:00.000Z",
    "updatedAt": "2026-11-20T10:00:00.000Z",
    "archived": False,
}


def exchange(
    asked: object, answered: object, status: int = 201, path: str = "/batch/create"
) -> str:
    request = Request(
        "POST",
        f"/crm/v3/objects/tasks{path}",
        headers=HEADERS,
        body=orjson.dumps(asked),
        base_url="http://127.0.0.1",
    )
    return violation(request, Reply(status, {}, orjson.dumps(answered)))


CREATE = {"inputs": [{"properties": {"hs_timestamp": "1"}, "associations": []}]}
CREATED = {
    "status": "COMPLETE",
    "results": [RECORD],
    "startedAt": "2026-11-20T10:00:00.000Z",
    "completedAt": "2026-11-20T10:00:00.000Z",
}


def test_an_exchange_within_the_contract_passes():
    assert exchange(CREATE, CREATED) == ""


def test_a_number_among_a_requests_values_is_a_violation():
    inputs = [{"properties": {"hs_timestamp": 1}, "associations": []}]
    assert "hs_timestamp" in exchange({"inputs": inputs}, CREATED) or exchange(
        {"inputs": inputs}, CREATED
    )


def test_a_number_among_an_answers_values_is_a_violation():
    record = {**RECORD, "properties": {"amount": 1}}
    assert exchange(CREATE, {**CREATED, "results": [record]}) != ""


def test_an_undeclared_status_falls_to_the_shape_of_errors():
    assert exchange(CREATE, CREATED, status=200) != ""


def test_a_101st_input_is_a_violation():
    assert exchange({"inputs": CREATE["inputs"] * 101}, CREATED) != ""


def test_an_unknown_address_is_a_violation():
    assert exchange(CREATE, CREATED, path="/batch/crate") != ""


def test_what_was_refused_may_be_malformed():
    body = {"status": "error", "message": "no", "correlationId": "x"}
    fine = {**body, "correlationId": "aeb5f871-7f07-4993-9211-075dc63e7cbf"}
    assert exchange({"inputs": "no"}, fine, status=400) == ""
