"""Search lags, ends at its window and takes no more than it says; merges; roll-ups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.deals import ApiException as DealError
from hubspot.crm.objects import ApiException as ObjectError

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.hubspot.history import CALCULATED
from gatekeeper.sandbox.hubspot.merging import merge
from gatekeeper.sandbox.hubspot.portal import CREATED
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.state import Row
from tests.sandbox.hubspot.calls import DUE, change, deal, make, read, refusal
from tests.sandbox.hubspot.test_associations import link

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal


def search(client: Any, *filters: dict[str, Any], **more: Any) -> Any:
    groups = [{"filters": list(filters)}] if filters else []
    return client.crm.deals.search_api.do_search({"filterGroups": groups, **more})


def where(name: str, operator: str, value: str | None = None, **more: Any) -> Any:
    given = {} if value is None else {"value": value}
    return {"propertyName": name, "operator": operator, **given, **more}


def names(found: Any) -> list[str]:
    return [record.properties["dealname"] for record in found.results]


@pytest.mark.trap("H6a")
def test_a_record_reaches_the_index_in_its_own_time(portal: Portal, client: Any):
    made = [deal(client, dealname=f"Deal {n}") for n in range(5)]
    assert search(client).total == 0
    portal.elapsed.advance(1.9)  # the lag is two to ten seconds
    assert search(client).total == 0
    totals = []
    for _ in range(9):
        portal.elapsed.advance(1)
        totals.append(search(client).total)
    assert totals[-1] == 5
    assert any(0 < total < 5 for total in totals)
    assert [each.id for each in search(client).results] == made


@pytest.mark.trap("H6a")
def test_a_changed_record_is_found_by_what_it_was(portal: Portal, client: Any):
    deal_id = deal(client, amount="1")
    portal.elapsed.advance(10)
    change(client, "deals", deal_id, amount="2")
    old, new = where("amount", "EQ", "1"), where("amount", "EQ", "2")
    assert (search(client, old).total, search(client, new).total) == (1, 0)
    portal.elapsed.advance(10)
    assert (search(client, old).total, search(client, new).total) == (0, 1)


def test_an_archived_record_is_gone_from_search_at_once(portal: Portal, client: Any):
    deal_id = deal(client)
    portal.elapsed.advance(10)
    client.crm.deals.basic_api.archive(deal_id)
    assert search(client).total == 0


FOUND = [
    (where("amount", "GT", "5"), ["Beta", "Gamma"]),
    (where("amount", "BETWEEN", "5", highValue="9"), ["Alpha", "Beta"]),
    (where("amount", "NOT_HAS_PROPERTY"), ["Delta"]),
    (where("amount", "HAS_PROPERTY"), ["Alpha", "Beta", "Gamma"]),
    (where("amount", "NEQ", "5"), ["Beta", "Gamma", "Delta"]),
    (where("dealname", "EQ", "ALPHA"), ["Alpha"]),
    (where("dealname", "IN", values=["alpha", "Beta"]), ["Alpha"]),
    (where("dealname", "CONTAINS_TOKEN", "gam*"), ["Gamma"]),
    (where("dealname", "NOT_CONTAINS_TOKEN", "gam*"), ["Alpha", "Beta", "Delta"]),
    (where("dealtype", "EQ", "NewBusiness"), []),
    (where("dealtype", "EQ", "newbusiness"), ["Alpha"]),
    (where("closedate", "LT", "1795392000000"), ["Alpha"]),
    (where("closedate", "GTE", "2026-11-23T00:00:00Z"), ["Beta"]),
]


@pytest.mark.parametrize(("asked", "found"), FOUND)
def test_a_filter_compares_by_the_propertys_type(
    portal: Portal, client: Any, asked: dict[str, Any], found: list[str]
):
    deal(
        client,
        dealname="Alpha",
        amount="5",
        dealtype="newbusiness",
        closedate="2026-11-22T23:59:59Z",
    )
    deal(client, dealname="Beta", amount="9", closedate="2026-11-23")
    deal(client, dealname="Gamma", amount="10.5")
    deal(client, dealname="Delta")
    portal.elapsed.advance(10)
    assert names(search(client, asked)) == found


def test_a_sort_goes_by_numbers_and_leaves_what_has_none_to_the_end(
    portal: Portal, client: Any
):
    for name, amount in (("A", "9"), ("B", "10"), ("C", "")):
        deal(client, dealname=name, amount=amount)
    portal.elapsed.advance(10)
    sort = {"propertyName": "amount", "direction": "DESCENDING"}
    assert names(search(client, sorts=[sort])) == ["B", "A", "C"]


def test_an_association_may_be_searched_by(portal: Portal, client: Any):
    deal_id, contact = deal(client), make(client, "contacts", lastname="Lee")
    deal(client, dealname="Other")
    link(client, ("deals", "contacts"), (deal_id, contact), 3)
    portal.elapsed.advance(10)
    found = search(client, where("associations.contact", "EQ", contact))
    assert [each.id for each in found.results] == [deal_id]


def fill(portal: Portal, count: int) -> None:
    kind, now = portal.kinds["deals"], portal.stamp()
    rows: dict[str, Any] = {
        str(n): Row({"hs_object_id": str(n), CREATED: now, kind.modified: now})
        for n in range(1, count + 1)
    }
    portal.state.tables["deals"].fill(rows)


@pytest.mark.trap("H6b")
def test_search_ends_at_ten_thousand_and_a_key_gets_past_it(
    portal: Portal, client: Any
):
    fill(portal, 10_050)
    last = search(client, limit=200, after="9800")
    assert last.total == 10_050
    assert len(last.results) == 200
    portal.elapsed.advance(1)
    with pytest.raises(DealError) as caught:
        search(client, limit=200, after="9801")
    assert caught.value.status == 400
    sort = {"propertyName": "hs_object_id", "direction": "ASCENDING"}
    beyond = search(
        client, where("hs_object_id", "GT", "10000"), sorts=[sort], limit=200
    )
    ids = [int(each.id) for each in beyond.results]
    assert ids == list(range(10_001, 10_051))


def body_of(length: int) -> dict[str, Any]:
    """Return a body whose JSON, as the client writes it, has that many characters."""
    asked: dict[str, Any] = {
        "filterGroups": [],
        "query": "",
    }
    shortest = len('{"filterGroups": [], "query": ""}')
    return {**asked, "query": "a" * (length - shortest)}


@pytest.mark.trap("H6c")
def test_a_body_holds_three_thousand_characters(client: Any):
    client.crm.deals.search_api.do_search(body_of(3_000))
    with pytest.raises(DealError) as caught:
        client.crm.deals.search_api.do_search(body_of(3_001))
    assert caught.value.status == 400


REFUSED = [
    {"limit": 201},
    {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")]}] * 6},
    {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")] * 7}]},
    {"filterGroups": [{"filters": [where("amount", "HAS_PROPERTY")] * 5}] * 4},
    {"filterGroups": [{"filters": [where("no_such", "HAS_PROPERTY")]}]},
    {"filterGroups": [{"filters": [where("amount", "GT", "many")]}]},
    {"filterGroups": [{"filters": [where("amount", "ABOUT", "1")]}]},
    {"sorts": ["amount", "dealname"]},
]


@pytest.mark.parametrize("body", REFUSED)
def test_a_search_beyond_its_limits_is_refused(client: Any, body: dict[str, Any]):
    with pytest.raises(DealError) as caught:
        client.crm.deals.search_api.do_search(body)
    assert caught.value.status == 400
    assert refusal(caught)["status"] == "error"


@pytest.mark.trap("H6d")
def test_five_searches_a_second_and_no_word_of_limits(portal: Portal, client: Any):
    for _ in range(5):
        _, _, headers = client.crm.deals.search_api.do_search_with_http_info({})
        assert not any("ratelimit" in name.lower() for name in headers)
    with pytest.raises(ObjectError) as caught:
        client.crm.objects.search_api.do_search("contacts", {})
    body = refusal(caught)
    assert (caught.value.status, body["policyName"]) == (429, "SECONDLY")
    client.crm.deals.basic_api.get_page()
    portal.elapsed.advance(1)
    search(client)


@pytest.mark.trap("H10i")
def test_merged_deals_have_one_new_id_and_both_old_ones_lead_to_it(client: Any):
    first = deal(client, dealname="First", amount="")
    second = deal(client, dealname="Second", amount="7")
    contact = make(client, "contacts", lastname="Lee")
    link(client, ("deals", "contacts"), (second, contact), 3)
    merged = requests.post(
        f"{client.config['host']}/crm/v3/objects/deals/merge",
        json={"primaryObjectId": first, "objectIdToMerge": second},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    ).json()["id"]
    assert merged not in {first, second}
    listed = client.crm.deals.basic_api.get_page().results
    assert [each.id for each in listed] == [merged]
    asked = ("dealname", "amount", "hs_merged_object_ids")
    for old in (first, second):
        found = read(client, "deals", old, *asked)
        assert found["hs_object_id"] == merged
        assert found["hs_merged_object_ids"] == f"{first};{second}"
        assert (found["dealname"], found["amount"]) == ("First", "7")
    batch = client.crm.deals.batch_api.read(
        {"inputs": [{"id": first}], "properties": []}
    )
    assert [each.id for each in batch.results] == [merged]
    assert batch.results[0].archived is False
    reply = client.crm.associations.v4.basic_api.get_page("deals", merged, "contacts")
    assert [each.to_object_id for each in reply.results] == [contact]


@pytest.mark.trap("H9b")
def test_a_roll_up_follows_later_and_then_moves_the_modification_date(
    portal: Portal, client: Any
):
    deal_id, contact = deal(client), make(client, "contacts", lastname="Lee")
    portal.clock.set(as_of_instant("2026-11-20T11:00:00Z"))
    link(client, ("deals", "contacts"), (deal_id, contact), 3)
    before = read(client, "deals", deal_id, "num_associated_contacts")
    assert before["num_associated_contacts"] is None
    assert before["hs_lastmodifieddate"] == "2026-11-20T10:00:00.000Z"
    portal.elapsed.advance(3)
    after = read(client, "deals", deal_id, "num_associated_contacts")
    assert after["num_associated_contacts"] == "1"
    assert after["hs_lastmodifieddate"] == "2026-11-20T11:00:00.000Z"


def test_a_merge_ends_in_the_roll_ups_of_the_new_deal(portal: Portal, client: Any):
    ends = [(deal(client), make(client, "contacts", lastname=name)) for name in "AB"]
    for pair in ends:
        link(client, ("deals", "contacts"), pair, 3)
    portal.elapsed.advance(3)
    portal.late.settle()
    kind = portal.kinds["deals"]
    first, second = (portal.live(kind, each[0]) for each in ends)
    assert first is not None
    assert second is not None
    merged = merge(portal, kind, (first, second), CALCULATED)
    portal.elapsed.advance(3)
    counted = "num_associated_contacts"
    found = read(client, "deals", str(merged["hs_object_id"]), counted)
    assert found[counted] == "2"
    past = portal.history.shown(kind, merged, counted)
    assert [each.value for each in past] == ["2", "1"]


@pytest.mark.trap("H9c")
def test_a_task_is_an_activity_but_nobody_was_spoken_to(portal: Portal, client: Any):
    deal_id = deal(client)
    task = make(client, "tasks", hs_timestamp=DUE, hs_task_status="NOT_STARTED")
    link(client, ("tasks", "deals"), (task, deal_id), 216)
    portal.elapsed.advance(3)
    activity = (
        "notes_last_updated",
        "notes_last_contacted",
        "notes_next_activity_date",
    )
    found = read(client, "deals", deal_id, *activity)
    assert found["notes_last_updated"] == "2026-11-20T10:00:00.000Z"
    assert not found["notes_last_contacted"]
    assert found["notes_next_activity_date"] == "2026-11-24T09:00:00.000Z"
    call = make(client, "calls", hs_timestamp="2026-11-19T15:00:00Z")
    link(client, ("calls", "deals"), (call, deal_id), 206)
    portal.elapsed.advance(3)
    found = read(client, "deals", deal_id, *activity)
    assert found["notes_last_contacted"] == "2026-11-19T15:00:00.000Z"
    assert found["notes_last_updated"] == "2026-11-20T10:00:00.000Z"


@pytest.mark.trap("H9a")
def test_a_label_or_a_company_does_not_move_the_modification_date(
    portal: Portal, client: Any
):
    deal_id, company = deal(client), make(client, "companies", name="A")
    portal.clock.set(as_of_instant("2026-11-21T11:00:00Z"))
    link(client, ("deals", "companies"), (deal_id, company), 5)
    change(client, "companies", company, name="B")
    portal.elapsed.advance(60)
    found = read(client, "deals", deal_id)
    assert found["hs_lastmodifieddate"] == "2026-11-20T10:00:00.000Z"
