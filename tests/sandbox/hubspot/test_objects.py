"""Records one by one and listed, with the client the product uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.deals import ApiException as DealError
from hubspot.crm.objects import ApiException as ObjectError

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.hubspot.stock import OWNER_ID, TOKEN
from tests.sandbox.hubspot.calls import DEAL, DUE, change, deal, make, read, refusal

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.server import SandboxServer

ALWAYS = {"createdate", "hs_lastmodifieddate", "hs_object_id"}


def get(server: SandboxServer, path: str, **query: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return requests.get(server.url + path, query, headers=headers, timeout=10)


def test_an_answer_without_named_properties_has_the_default_ones(client: Any):
    record = client.crm.deals.basic_api.get_by_id(deal(client, amount="1500.00"))
    assert record.properties == {
        "amount": "1500.00",
        "closedate": None,
        "createdate": "2026-11-20T10:00:00.000Z",
        "dealname": "Acme",
        "dealstage": "qualifiedtobuy",
        "hs_lastmodifieddate": "2026-11-20T10:00:00.000Z",
        "hs_object_id": record.id,
        "pipeline": "default",
    }
    assert record.archived is False


@pytest.mark.trap("H4b")
def test_an_unknown_property_is_left_out_and_an_empty_one_is_null(client: Any):
    found = read(client, "deals", deal(client), "amount", "no_such_property")
    assert found["amount"] is None
    assert "no_such_property" not in found
    assert found.keys() == {"amount", *ALWAYS}


def test_a_cleared_value_is_an_empty_text(client: Any):
    deal_id = deal(client, amount="1")
    change(client, "deals", deal_id, amount="")
    assert read(client, "deals", deal_id, "amount")["amount"] == ""


def test_the_list_pages_by_id_until_its_last_page(client: Any):
    made = [deal(client, dealname=f"Deal {number}") for number in range(5)]
    first = client.crm.deals.basic_api.get_page(limit=2)
    second = client.crm.deals.basic_api.get_page(limit=3, after=first.paging.next.after)
    listed = [record.id for record in (*first.results, *second.results)]
    assert listed == made
    assert second.paging is None


def test_the_list_without_a_limit_has_ten_records(client: Any):
    for number in range(11):
        deal(client, dealname=f"Deal {number}")
    assert len(client.crm.deals.basic_api.get_page().results) == 10


@pytest.mark.trap("H1a")
def test_lists_come_repeated_or_with_commas_and_truths_in_any_case(
    server: SandboxServer, client: Any
):
    deal(client, amount="7")
    for query in (
        "properties=amount,pipeline",
        "properties=amount&properties=pipeline",
    ):
        path = f"/crm/v3/objects/0-3?{query}&archived=False"
        record = get(server, path).json()["results"][0]
        assert record["properties"].keys() == {"amount", "pipeline", *ALWAYS}


@pytest.mark.trap("H1b")
@pytest.mark.parametrize("word", ["deals", "deal", "0-3", "Deals"])
def test_an_object_type_goes_by_its_names_and_its_number(
    server: SandboxServer, client: Any, word: str
):
    deal_id = deal(client)
    found = get(server, f"/crm/objects/2026-03/{word}/{deal_id}")
    assert found.json()["id"] == deal_id


def test_more_than_a_hundred_a_page_is_refused_and_fifty_with_history(
    server: SandboxServer, client: Any
):
    with pytest.raises(DealError) as caught:
        client.crm.deals.basic_api.get_page(limit=101)
    assert caught.value.status == 400
    path = "/crm/v3/objects/deals"
    assert (
        get(server, path, limit="51", propertiesWithHistory="amount").status_code == 400
    )
    assert (
        get(server, path, limit="50", propertiesWithHistory="amount").status_code == 200
    )


def test_an_archived_record_is_only_in_the_list_of_archived_ones(client: Any):
    kept, gone = deal(client), deal(client)
    client.crm.deals.basic_api.archive(gone)
    page = client.crm.deals.basic_api.get_page
    assert [record.id for record in page().results] == [kept]
    archived = page(archived=True).results
    assert [record.id for record in archived] == [gone]
    assert archived[0].archived_at is not None
    with pytest.raises(DealError) as caught:
        client.crm.deals.basic_api.get_by_id(gone)
    body = refusal(caught)
    assert (body["message"], body["category"]) == (
        "resource not found",
        "OBJECT_NOT_FOUND",
    )
    assert client.crm.deals.basic_api.get_by_id(gone, archived=True).archived is True


def test_a_write_moves_the_modification_date(portal: Portal, client: Any):
    deal_id = deal(client)
    portal.clock.set(as_of_instant("2026-11-21T08:00:00Z"))
    change(client, "deals", deal_id, dealname="Acme")
    found = read(client, "deals", deal_id, "dealname")
    assert found["hs_lastmodifieddate"] == "2026-11-21T08:00:00.000Z"
    assert found["createdate"] == "2026-11-20T10:00:00.000Z"


REFUSALS = [
    ("no_such", "1", "PROPERTY_DOESNT_EXIST", 'Property "no_such" does not exist'),
    (
        "hs_is_closed",
        "true",
        "READ_ONLY_VALUE",
        '"hs_is_closed" is a read only property; its value cannot be set.',
    ),
    (
        "dealtype",
        "other",
        "INVALID_OPTION",
        "other was not one of the allowed options: [newbusiness, existingbusiness]",
    ),
    (
        "dealstage",
        "signed",
        "INVALID_OPTION",
        "signed is not a valid pipeline stage ID. Valid options are: "
        "pipelineId=default : [appointmentscheduled, qualifiedtobuy, "
        "presentationscheduled, decisionmakerboughtin, contractsent, closedwon, "
        "closedlost]",
    ),
    ("amount", "a lot", "INVALID_INTEGER", "a lot was not a valid number."),
    ("amount", "1.2.3", "INVALID_FLOAT", "1.2.3 was not a valid number."),
    ("closedate", "soon", "INVALID_DATE", "soon was not a valid long."),
    (
        "hubspot_owner_id",
        "1",
        "INVALID_OPTION",
        "1 was not one of the allowed options: []",
    ),
]


@pytest.mark.trap("H4c")
@pytest.mark.parametrize(("name", "value", "code", "message"), REFUSALS)
def test_a_value_that_cannot_be_is_refused_by_its_name(
    client: Any, name: str, value: str, code: str, message: str
):
    with pytest.raises(DealError) as caught:
        deal(client, **{name: value})
    body = refusal(caught)
    assert caught.value.status == 400
    assert body["category"] == "VALIDATION_ERROR"
    assert body["message"].startswith(
        'Property values were not valid: [{"isValid":false'
    )
    assert body["errors"] == [
        {"message": message, "code": code, "context": {"propertyName": [name]}}
    ]


@pytest.mark.trap("H4a")
def test_values_are_stored_as_hubspot_writes_them(client: Any):
    deal_id = deal(
        client, closedate="1795392000000", hubspot_owner_id=OWNER_ID, amount="10"
    )
    found = read(client, "deals", deal_id, "closedate", "amount_in_home_currency")
    # 20,780 days of 86,400 s after 1970-01-01.
    assert found["closedate"] == "2026-11-23T00:00:00.000Z"
    assert found["amount_in_home_currency"] == "10"


def test_a_new_record_needs_what_its_type_requires(client: Any):
    with pytest.raises(ObjectError) as caught:
        make(client, "tasks", hs_task_subject="Call")
    body = refusal(caught)
    assert body["message"] == (
        "Error creating TASK. Some required properties were not set."
    )
    assert body["context"] == {"properties": ["hs_timestamp"]}


def test_a_contact_is_known_by_its_address(client: Any):
    first = make(client, "contacts", email="Ann@Example.com")
    with pytest.raises(ObjectError) as caught:
        make(client, "contacts", email="ann@example.com")
    assert caught.value.status == 409
    assert refusal(caught)["message"] == (
        f"Contact already exists. Existing ID: {first}"
    )
    found = client.crm.contacts.basic_api.get_by_id(
        "ANN@example.com", id_property="email"
    )
    assert found.id == first


def test_closing_a_deal_says_so_and_dates_its_stages(client: Any):
    deal_id = deal(client)
    change(client, "deals", deal_id, dealstage="closedwon")
    found = read(
        client,
        "deals",
        deal_id,
        "hs_is_closed",
        "hs_is_closed_won",
        "hs_deal_stage_probability",
        "hs_v2_date_exited_qualifiedtobuy",
        "hs_v2_date_entered_closedwon",
    )
    now = "2026-11-20T10:00:00.000Z"
    assert {name: found[name] for name in found if name not in ALWAYS} == {
        "hs_is_closed": "true",
        "hs_is_closed_won": "true",
        "hs_deal_stage_probability": "1.0",
        "hs_v2_date_exited_qualifiedtobuy": now,
        "hs_v2_date_entered_closedwon": now,
    }


def test_completing_a_task_dates_it(client: Any):
    task_id = make(client, "tasks", hs_timestamp=DUE, hs_task_status="NOT_STARTED")
    change(client, "tasks", task_id, hs_task_status="COMPLETED")
    found = read(client, "tasks", task_id, "hs_task_completion_date")
    assert found["hs_task_completion_date"] == "2026-11-20T10:00:00.000Z"


@pytest.mark.trap("H10e")
def test_an_address_too_long_gets_a_page_of_the_edge(server: SandboxServer):
    names = ",".join(f"a_property_with_a_long_name_{n}" for n in range(300))
    reply = get(server, "/crm/v3/objects/deals", properties=names)
    assert reply.status_code == 414
    assert reply.text.startswith("<html>")


def test_an_address_that_leads_nowhere_is_not_found(odd_server: SandboxServer):
    assert get(odd_server, "/crm/v3/nothing").status_code == 404


def test_a_deal_without_a_stage_is_refused(client: Any):
    with pytest.raises(DealError) as caught:
        client.crm.deals.basic_api.create(
            {"properties": {"dealname": DEAL["dealname"]}, "associations": []}
        )
    assert refusal(caught)["context"] == {"properties": ["dealstage"]}
