"""Associations: read by the thousand, made in both directions, with labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hubspot.crm.associations.v4 import ApiException as LinkError
from hubspot.crm.associations.v4.schema import ApiException as LabelError

from gatekeeper.sandbox.state import Row
from tests.sandbox.hubspot.calls import DEAL, DUE, deal, make, refusal

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal


def link(client: Any, pair: tuple[str, str], ends: tuple[str, str], *types: int) -> Any:
    own = "HUBSPOT_DEFINED"
    given = [{"associationCategory": own, "associationTypeId": each} for each in types]
    each = {"from": {"id": ends[0]}, "to": {"id": ends[1]}, "types": given}
    return client.crm.associations.v4.batch_api.create(*pair, {"inputs": [each]})


def linked(client: Any, pair: tuple[str, str], *ids: str, **more: str) -> Any:
    """Return the body as it came: the client makes texts of its numbers."""
    reply = client.crm.associations.v4.batch_api.get_page(
        *pair,
        {"inputs": [{"id": each, **more} for each in ids]},
        _preload_content=False,
    )
    return reply.status, orjson.loads(reply.data)


def types(body: Any) -> list[tuple[int, str | None]]:
    found = body["results"][0]["to"][0]["associationTypes"]
    return [(each["typeId"], each["label"]) for each in found]


@pytest.mark.trap("H8a")
def test_a_link_is_seen_from_both_sides_and_ids_are_numbers(client: Any):
    deal_id, task_id = deal(client), make(client, "tasks", hs_timestamp=DUE)
    link(client, ("tasks", "deals"), (task_id, deal_id), 216)
    status, body = linked(client, ("deals", "tasks"), deal_id)
    assert status == 200
    assert body["results"] == [
        {
            "from": {"id": deal_id},
            "to": [
                {
                    "toObjectId": int(task_id),
                    "associationTypes": [
                        {"category": "HUBSPOT_DEFINED", "typeId": 215, "label": None}
                    ],
                }
            ],
        }
    ]


@pytest.mark.trap("H8b")
def test_a_record_without_links_is_an_error_entry_of_a_207(client: Any):
    with_one, without = deal(client), deal(client)
    contact = make(client, "contacts", lastname="Lee")
    link(client, ("deals", "contacts"), (with_one, contact), 3)
    status, body = linked(client, ("deals", "contacts"), with_one, without)
    assert status == 207
    assert body["numErrors"] == 1
    assert body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": f"No contact is associated with deal {without}.",
            "context": {
                "fromObjectId": [without],
                "fromObjectType": ["deal"],
                "toObjectType": ["contact"],
            },
        }
    ]


@pytest.mark.trap("H8c")
def test_many_links_page_per_record(portal: Portal, client: Any):
    deal_id = deal(client)
    contacts = {str(number): frozenset({3}) for number in range(1_000, 1_000 + 501)}
    for contact_id in contacts:
        made = make_contact(portal, contact_id)
        assert made
    portal.links.fill(("deals", "contacts"), {deal_id: contacts})
    _, body = linked(client, ("deals", "contacts"), deal_id)
    first = body["results"][0]
    assert len(first["to"]) == 500
    after = first["paging"]["next"]["after"]
    assert after == "NTAw"  # 500 in base 64
    _, rest = linked(client, ("deals", "contacts"), deal_id, after=after)
    assert [each["toObjectId"] for each in rest["results"][0]["to"]] == [1_500]
    assert "paging" not in rest["results"][0]
    one = client.crm.associations.v4.basic_api.get_page(
        "deals", deal_id, "contacts", limit=500
    )
    assert (len(one.results), one.paging.next.after) == (500, after)


def make_contact(portal: Portal, contact_id: str) -> bool:
    kind = portal.kinds["contacts"]
    now = portal.stamp()
    row = Row({"hs_object_id": contact_id, "@created": now, kind.modified: now})
    portal.put(kind, contact_id, row)
    return portal.live(kind, contact_id) is not None


def test_linking_again_changes_nothing(client: Any):
    deal_id, contact = deal(client), make(client, "contacts", lastname="Lee")
    for _ in range(2):
        link(client, ("deals", "contacts"), (deal_id, contact), 3)
    _, body = linked(client, ("deals", "contacts"), deal_id)
    assert types(body) == [(3, None)]


def test_a_label_of_the_account_has_an_id_for_each_direction(client: Any):
    api = client.crm.associations.v4.schema.definitions_api
    made = api.create(
        "deals",
        "contacts",
        {"label": "Decision maker", "name": "dm", "inverseLabel": "Decides on"},
    ).results
    there = next(each for each in made if each.label == "Decision maker")
    known = {
        each.type_id: each.label for each in api.get_all("contacts", "deals").results
    }
    assert there.type_id not in known
    assert "Decides on" in known.values()
    deal_id, contact = deal(client), make(client, "contacts", lastname="Lee")
    spec = {
        "associationCategory": "USER_DEFINED",
        "associationTypeId": there.type_id,
    }
    client.crm.associations.v4.basic_api.create(
        "deals", deal_id, "contacts", contact, [spec]
    )
    _, body = linked(client, ("deals", "contacts"), deal_id)
    assert types(body) == [(3, None), (there.type_id, "Decision maker")]
    with pytest.raises(LabelError):
        api.remove("deals", "contacts", 3)
    api.remove("deals", "contacts", there.type_id)
    _, body = linked(client, ("deals", "contacts"), deal_id)
    assert types(body) == [(3, None)]


def test_a_deal_has_one_primary_company(client: Any):
    deal_id = deal(client)
    first, second = (make(client, "companies", name=name) for name in ("A", "B"))
    for company in (first, second):
        link(client, ("deals", "companies"), (deal_id, company), 5)
    _, body = linked(client, ("deals", "companies"), deal_id)
    held = {
        each["toObjectId"]: [t["label"] for t in each["associationTypes"]]
        for each in body["results"][0]["to"]
    }
    assert held == {int(first): [None], int(second): ["Primary", None]}


def test_a_type_of_another_direction_is_refused(client: Any):
    deal_id, task_id = deal(client), make(client, "tasks", hs_timestamp=DUE)
    with pytest.raises(LinkError) as caught:
        link(client, ("deals", "tasks"), (deal_id, task_id), 216)
    assert caught.value.status == 400
    assert refusal(caught)["category"] == "VALIDATION_ERROR"


def test_a_link_to_nothing_spoils_its_own_input_alone(client: Any):
    deal_id, task_id = deal(client), make(client, "tasks", hs_timestamp=DUE)
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}]
    inputs = [
        {"from": {"id": each}, "to": {"id": deal_id}, "types": spec}
        for each in (task_id, "999")
    ]
    answer = client.crm.associations.v4.batch_api.create(
        "tasks", "deals", {"inputs": inputs}
    )
    assert (len(answer.results), answer.num_errors) == (1, 1)
    assert answer.errors[0].context["fromObjectId"] == ["999"]


def test_a_create_links_and_a_list_shows_it_without_labels(client: Any):
    contact = make(client, "contacts", lastname="Lee")
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}
    body = {
        "properties": dict(DEAL),
        "associations": [{"to": {"id": contact}, "types": [spec]}],
    }
    made = client.crm.deals.basic_api.create(body)
    page = client.crm.deals.basic_api.get_page(associations=["contacts", "line_items"])
    shown = page.results[0].associations
    assert shown["contacts"].results[0].to_dict() == {
        "id": contact,
        "type": "deal_to_contact",
    }
    assert list(shown) == ["contacts"]
    line = make(client, "line_items", quantity="2", price="10")
    link(client, ("line_items", "deals"), (line, made.id), 20)
    page = client.crm.deals.basic_api.get_page(associations=["line_items"])
    assert list(page.results[0].associations) == ["line items"]


def test_an_unlinked_or_archived_record_is_linked_no_more(client: Any):
    deal_id = deal(client)
    first, second = (make(client, "contacts", lastname=name) for name in ("A", "B"))
    for contact in (first, second):
        link(client, ("deals", "contacts"), (deal_id, contact), 3)
    client.crm.associations.v4.basic_api.archive("deals", deal_id, "contacts", first)
    client.crm.contacts.basic_api.archive(second)
    status, body = linked(client, ("deals", "contacts"), deal_id)
    assert (status, body["results"]) == (207, [])


def test_the_default_link_has_no_label(client: Any):
    deal_id, company = deal(client), make(client, "companies", name="A")
    client.crm.associations.v4.basic_api.create_default(
        "deals", deal_id, "companies", company
    )
    _, body = linked(client, ("deals", "companies"), deal_id)
    assert types(body) == [(341, None)]


def test_the_past_of_a_property_is_newest_first_and_names_its_author(
    client: Any, person: Any
):
    deal_id = deal(client, amount="1")
    person.crm.deals.basic_api.update(deal_id, {"properties": {"amount": "2"}})
    record = client.crm.deals.basic_api.get_by_id(
        deal_id, properties_with_history=["amount", "no_such"]
    )
    past = record.properties_with_history["amount"]
    assert [(each.value, each.source_type) for each in past] == [
        ("2", "CRM_UI"),
        ("1", "INTEGRATION"),
    ]
    assert past[0].source_id == "userId:1"
    assert list(record.properties_with_history) == ["amount"]


def test_twenty_versions_of_a_deals_property_are_shown_and_45_of_a_contacts(
    client: Any,
):
    deal_id, contact = deal(client), make(client, "contacts", lastname="0")
    for number in range(1, 47):
        for kind, record_id, name in (
            ("deals", deal_id, "amount"),
            ("contacts", contact, "lastname"),
        ):
            body = {"properties": {name: str(number)}}
            client.crm.objects.basic_api.update(kind, record_id, body)
    lengths = []
    for kind, record_id, name in (
        ("deals", deal_id, "amount"),
        ("contacts", contact, "lastname"),
    ):
        record = client.crm.objects.basic_api.get_by_id(
            kind, record_id, properties_with_history=[name]
        )
        lengths.append(len(record.properties_with_history[name]))
    assert lengths == [20, 45]
