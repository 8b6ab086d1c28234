"""Records by the hundred: answers in no order, partial failures, unique keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot.crm.deals import ApiException as DealError
from hubspot.crm.objects import ApiException as ObjectError

from tests.sandbox.hubspot.calls import DEAL, DUE, deal, read, refusal
from tests.sandbox.hubspot.conftest import connect

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.server import SandboxServer

KEY = {
    "name": "gatekeeper_key",
    "label": "Key",
    "type": "string",
    "fieldType": "text",
    "groupName": "task",
    "hasUniqueValue": True,
}


def deals(count: int, **first: str) -> list[dict[str, Any]]:
    return [
        {
            "properties": {
                **DEAL,
                "dealname": f"Deal {n}",
                **(first if n == 0 else {}),
            },
            "associations": [],
        }
        for n in range(count)
    ]


def traced(inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "objectWriteTraceId": f"t{n}"} for n, each in enumerate(inputs)]


def task(key: str, **values: str) -> dict[str, Any]:
    return {
        "id": key,
        "idProperty": "gatekeeper_key",
        "properties": {"hs_timestamp": DUE, **values},
    }


@pytest.mark.trap("H3d")
def test_batch_answers_come_in_no_order(client: Any):
    api = client.crm.deals.batch_api
    made = api.create({"inputs": deals(30)}).results
    names = [record.properties["dealname"] for record in made]
    assert sorted(names) == sorted(f"Deal {n}" for n in range(30))
    assert names != [f"Deal {n}" for n in range(30)]


@pytest.mark.trap("H5a")
def test_a_batch_without_trace_ids_fails_as_a_whole(client: Any):
    with pytest.raises(DealError) as caught:
        client.crm.deals.batch_api.create({"inputs": deals(3, missing="1")})
    assert caught.value.status == 400
    assert refusal(caught)["category"] == "VALIDATION_ERROR"
    assert client.crm.deals.basic_api.get_page().results == []


@pytest.mark.trap("H5b")
def test_a_batch_with_trace_ids_fails_input_by_input(client: Any):
    answer = client.crm.deals.batch_api.create(
        {"inputs": traced(deals(3, missing="1"))}
    )
    assert (answer.num_errors, len(answer.results)) == (1, 2)
    assert answer.errors[0].context == {"objectWriteTraceId": ["t0"]}
    assert 'Property \\"missing\\" does not exist' in answer.errors[0].message
    assert len(client.crm.deals.basic_api.get_page().results) == 2


def test_trace_ids_that_repeat_do_not_separate_inputs(client: Any):
    inputs = [{**each, "objectWriteTraceId": "same"} for each in deals(2, missing="1")]
    with pytest.raises(DealError):
        client.crm.deals.batch_api.create({"inputs": inputs})


def test_a_batch_reads_what_there_is_and_names_what_is_not(client: Any):
    deal_id = deal(client)
    answer = client.crm.deals.batch_api.read(
        {"inputs": [{"id": deal_id}, {"id": "999"}], "properties": ["dealname"]}
    )
    assert [record.id for record in answer.results] == [deal_id]
    assert answer.num_errors == 1
    assert answer.errors[0].to_dict() == {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some DEAL objects, they may be deleted or not "
        "exist. Check that ids are valid.",
        "context": {"ids": ["999"]},
        "errors": None,
        "id": None,
        "links": None,
        "sub_category": None,
    }


def test_a_batch_holds_a_hundred_inputs_and_fifty_with_history(client: Any):
    inputs = [{"id": str(n)} for n in range(1, 102)]
    api = client.crm.deals.batch_api
    with pytest.raises(DealError) as caught:
        api.read({"inputs": inputs, "properties": []})
    assert caught.value.status == 400
    with pytest.raises(DealError) as caught:
        api.read({"inputs": inputs[:51], "propertiesWithHistory": ["amount"]})
    assert refusal(caught)["message"] == (
        "The maximum number of inputs supported in a batch request for property "
        "histories is 50. Please reduce the number of items and try again"
    )
    assert api.read({"inputs": inputs[:100], "properties": []}).num_errors == 1


def test_an_update_of_an_unknown_id_leaves_the_others_updated(client: Any):
    deal_id = deal(client)
    inputs = [
        {"id": deal_id, "properties": {"amount": "5"}},
        {"id": "999", "properties": {"amount": "5"}},
    ]
    answer = client.crm.deals.batch_api.update({"inputs": inputs})
    assert answer.num_errors == 1
    assert answer.errors[0].category == "OBJECT_NOT_FOUND"
    assert read(client, "deals", deal_id, "amount")["amount"] == "5"


def test_the_same_id_twice_in_an_update_is_refused(client: Any):
    twice = [{"id": deal(client), "properties": {"amount": "5"}}] * 2
    with pytest.raises(DealError) as caught:
        client.crm.deals.batch_api.update({"inputs": twice})
    assert caught.value.status == 400


def test_a_create_that_leads_nowhere_fails_as_a_whole(client: Any):
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}
    inputs = deals(2)
    inputs[1]["associations"] = [{"to": {"id": "999"}, "types": [spec]}]
    with pytest.raises(DealError) as caught:
        client.crm.deals.batch_api.create({"inputs": inputs})
    assert caught.value.status == 400
    assert client.crm.deals.basic_api.get_page().results == []


def test_an_upsert_makes_once_and_changes_after(client: Any):
    client.crm.properties.core_api.create("tasks", KEY)
    api = client.crm.objects.tasks.batch_api
    first = api.upsert({"inputs": [task("k1"), task("k2")]}).results
    again = api.upsert({"inputs": [task("k1", hs_task_subject="Call")]}).results
    assert {record.new for record in first} == {True}
    assert again[0].new is False
    assert again[0].id in {record.id for record in first}
    assert again[0].properties["gatekeeper_key"] == "k1"


def test_an_upsert_by_a_property_that_is_not_unique_is_refused(client: Any):
    client.crm.properties.core_api.create("tasks", {**KEY, "hasUniqueValue": False})
    with pytest.raises(ObjectError) as caught:
        client.crm.objects.batch_api.upsert("tasks", {"inputs": [task("k1")]})
    assert caught.value.status == 400


def test_a_unique_value_can_be_held_once(client: Any):
    client.crm.properties.core_api.create("tasks", KEY)
    inputs = [
        {
            "properties": {"hs_timestamp": DUE, "gatekeeper_key": "k1"},
            "associations": [],
        }
        for _ in range(2)
    ]
    answer = client.crm.objects.batch_api.create("tasks", {"inputs": traced(inputs)})
    assert (len(answer.results), answer.num_errors) == (1, 1)
    assert "CONFLICTING_UNIQUE_VALUE" in answer.errors[0].message


def test_a_batch_reads_by_a_unique_value(client: Any):
    client.crm.properties.core_api.create("tasks", KEY)
    batch = client.crm.objects.batch_api
    made = client.crm.objects.tasks.batch_api.upsert({"inputs": [task("k1")]}).results[
        0
    ]
    asked = {
        "inputs": [{"id": "k1"}, {"id": "k2"}],
        "idProperty": "gatekeeper_key",
        "properties": ["gatekeeper_key"],
    }
    answer = batch.read("tasks", asked)
    assert [record.id for record in answer.results] == [made.id]
    assert answer.errors[0].context == {"ids": ["k2"]}
    client.crm.objects.tasks.basic_api.archive(made.id)
    assert batch.read("tasks", asked, archived=True).results[0].archived is True


@pytest.mark.trap("H3b")
def test_archiving_answers_nothing_and_may_be_done_again(client: Any):
    deal_id = deal(client)
    api = client.crm.deals.batch_api
    for _ in range(2):
        _, status, _ = api.archive_with_http_info({"inputs": [{"id": deal_id}]})
        assert status == 204
    assert client.crm.deals.basic_api.get_page().results == []


@pytest.mark.trap("H3a")
def test_a_portal_may_answer_creates_with_the_newer_status(
    portal: Portal, odd_server: SandboxServer
):
    client = connect(odd_server.url)
    portal.settings.created_status = 200
    api = client.crm.deals.batch_api
    reply = api.create({"inputs": deals(1)}, _preload_content=False)
    assert reply.status == 200
    # The client knows no such answer and loses it; the deal is there all the same.
    assert api.create({"inputs": deals(1)}) is None
    assert len(client.crm.deals.basic_api.get_page().results) == 2
