from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client

LOCKED = "unable to obtain exclusive access to this record or 1 records: "


@pytest.mark.trap("S5a")
def test_one_failure_leaves_the_others_standing_in_the_order_sent(client: Client):
    reply = client.collection(
        "POST",
        "Task",
        {"Subject": "First"},
        {"Subject": "Second", "Nonsense": 1},
        {"Subject": "Third"},
    )
    assert reply.status_code == 200
    assert [line["success"] for line in reply.json()] == [True, False, True]
    assert reply.json()[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "INVALID_FIELD",
                "message": "No such column 'Nonsense' on sobject of type Task",
                "fields": [],
            }
        ],
    }
    subjects = client.query("SELECT Subject FROM Task ORDER BY Subject")
    assert [task["Subject"] for task in subjects] == ["First", "Third"]


def test_all_or_none_undoes_what_held(client: Client):
    reply = client.collection(
        "POST", "Task", {"Subject": "First"}, {"Nonsense": 1}, all_or_none=True
    )
    codes = [line["errors"][0]["statusCode"] for line in reply.json()]
    assert reply.status_code == 200
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_FIELD"]
    assert client.query("SELECT Id FROM Task") == []


@pytest.mark.trap("S5a")
def test_two_hundred_records_pass_and_one_more_is_refused_whole(client: Client):
    tasks: list[dict[str, object]] = [{"Subject": str(n)} for n in range(200)]
    assert len(client.collection("POST", "Task", *tasks).json()) == 200
    reply = client.collection("POST", "Task", *tasks, {"Subject": "too many"})
    assert reply.status_code == 400
    assert reply.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert client.query("SELECT COUNT(Id) n FROM Task")[0]["n"] == 200


@pytest.mark.trap("S5b")
def test_more_than_ten_chunks_of_equal_type_are_refused(client: Client):
    records = [
        {"attributes": {"type": kind}, "Name": "x", "LastName": "x"}
        for _ in range(6)
        for kind in ("Account", "Contact")
    ]
    reply = client.api("POST", "/composite/sobjects", json={"records": records})
    assert reply.status_code == 400
    assert reply.json()[0]["errorCode"] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "body",
    ["not json", "[]", '{"records": [{"Subject": "no type"}]}', '{"records": 1}'],
)
def test_an_ill_formed_body_is_refused_and_nothing_is_written(
    client: Client, body: str
):
    reply = client.api("POST", "/composite/sobjects", data=body)
    assert reply.status_code == 400
    assert set(reply.json()[0]) >= {"message", "errorCode"}
    assert client.query("SELECT Id FROM Task") == []


def test_a_record_named_twice_fails_the_second_time(client: Client):
    deal = client.deal()
    reply = client.collection(
        "PATCH", "Opportunity", {"Id": deal, "NextStep": "a"}, {"Id": deal[:15]}
    )
    assert [line["success"] for line in reply.json()] == [True, False]
    assert reply.json()[1]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"


def test_an_update_needs_an_id_of_the_right_object(client: Client):
    task = client.create("Task", Subject="x")
    reply = client.collection("PATCH", "Opportunity", {"NextStep": "a"}, {"Id": task})
    errors = [line["errors"][0] for line in reply.json()]
    assert [error["statusCode"] for error in errors] == [
        "MISSING_ARGUMENT",
        "MALFORMED_ID",
    ]
    assert errors[1]["message"] == f"Opportunity ID: id value of incorrect type: {task}"


def test_a_deleted_record_fails_alone(client: Client):
    gone, kept = client.deal(), client.deal()
    client.api("DELETE", f"/sobjects/Opportunity/{gone}")
    reply = client.collection(
        "PATCH", "Opportunity", {"Id": gone, "Amount": 1}, {"Id": kept, "Amount": 1}
    )
    assert [line["success"] for line in reply.json()] == [False, True]
    assert reply.json()[0]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_many_records_are_deleted_by_id(client: Client):
    ids = [client.deal(), client.deal()]
    reply = client.api(
        "DELETE",
        "/composite/sobjects",
        params={"ids": ",".join(ids), "allOrNone": "false"},
    )
    assert [line["id"] for line in reply.json()] == ids
    assert client.query("SELECT Id FROM Opportunity") == []


def test_records_are_read_by_id_in_the_order_asked_with_null_for_the_absent(
    client: Client,
):
    first, second = client.deal(Name="First"), client.deal(Name="Second")
    asked = {"ids": [second, "0065500000KQ12XAAT", first], "fields": ["Name"]}
    records = client.api("POST", "/composite/sobjects/Opportunity", json=asked).json()
    assert [record and record["Name"] for record in records] == [
        "Second",
        None,
        "First",
    ]


@pytest.mark.trap("S10a")
def test_a_locked_row_fails_alone_and_only_as_often_as_ordered(
    client: Client, org: Org
):
    deal = client.deal()
    org.faults.add("collections:lock_row:1")
    records: list[dict[str, object]] = [{"WhatId": deal}, {"WhatId": deal}]
    first, second = client.collection("POST", "Task", *records).json()
    assert first["errors"] == [
        {"statusCode": "UNABLE_TO_LOCK_ROW", "message": LOCKED + deal, "fields": []}
    ]
    assert second["success"] is True


def test_a_failing_trigger_fails_the_whole_chunk(client: Client, org: Org):
    org.faults.add("collections:trigger:1")
    lines = client.collection("POST", "Task", {"Subject": "a"}, {"Subject": "b"}).json()
    assert {line["errors"][0]["statusCode"] for line in lines} == {
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    }
    assert client.collection("POST", "Task", {"Subject": "a"}).json()[0]["success"]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("validation", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("inactive_owner", "INACTIVE_OWNER_OR_USER"),
    ],
)
def test_an_ordered_refusal_of_a_record_has_its_code(
    client: Client, org: Org, kind: str, code: str
):
    org.faults.add(f"collections:{kind}:1")
    (line,) = client.collection("POST", "Task", {"Subject": "a"}).json()
    assert line["errors"][0]["statusCode"] == code


def test_a_record_that_never_was_and_a_type_that_is_none_fail_alone(client: Client):
    records = [
        {"attributes": {"type": "Task"}, "Id": "00T5500000AbCdEAAV", "Subject": "x"},
        {"attributes": {"type": "Nothing"}, "Id": "0065500000KQ12XAAT"},
    ]
    reply = client.api("PATCH", "/composite/sobjects", json={"records": records})
    assert [line["errors"][0]["statusCode"] for line in reply.json()] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_TYPE",
    ]
