from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client


def code_of(client: Client, path: str, **values: object) -> str:
    reply = client.api("POST", path, json=values)
    assert reply.status_code == 400, reply.text
    return str(reply.json()[0]["errorCode"])


def test_a_line_needs_a_product_a_price_and_one_way_to_say_it(client: Client):
    deal, product = client.deal(), client.create("Product2", Name="Widget")
    path = "/sobjects/OpportunityLineItem/"
    base: dict[str, object] = {"OpportunityId": deal, "Quantity": 2}
    assert code_of(client, path, **base, UnitPrice=1) == "FIELD_INTEGRITY_EXCEPTION"
    base["Product2Id"] = product
    assert code_of(client, path, **base) == "REQUIRED_FIELD_MISSING"
    both = code_of(client, path, **base, UnitPrice=1, TotalPrice=2)
    assert both == "FIELD_INTEGRITY_EXCEPTION"
    line = client.create("OpportunityLineItem", **base, TotalPrice=9)
    assert client.get("OpportunityLineItem", line)["UnitPrice"] == 4.5


def test_a_line_takes_product_and_list_price_from_its_price_book_entry(client: Client):
    product = client.create("Product2", Name="Widget", ProductCode="W1")
    book = client.create("Pricebook2", Name="Standard")
    entry = client.create(
        "PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=10
    )
    line = client.create(
        "OpportunityLineItem",
        OpportunityId=client.deal(),
        PricebookEntryId=entry,
        Quantity=3,
        UnitPrice=8,
        Discount=25,
    )
    kept = client.get("OpportunityLineItem", line)
    assert (kept["Product2Id"], kept["ListPrice"], kept["ProductCode"]) == (
        product,
        10.0,
        "W1",
    )
    assert kept["TotalPrice"] == 18.0


def test_a_meeting_needs_a_time_and_cannot_end_before_it_starts(client: Client):
    path = "/sobjects/Event/"
    assert code_of(client, path, Subject="Demo") == "REQUIRED_FIELD_MISSING"
    assert (
        code_of(
            client,
            path,
            StartDateTime="2026-11-20T10:00:00Z",
            EndDateTime="2026-11-20T09:00:00Z",
        )
        == "FIELD_INTEGRITY_EXCEPTION"
    )


def test_an_all_day_meeting_is_its_day(client: Client):
    event = client.create("Event", IsAllDayEvent=True, ActivityDate="2026-12-24")
    kept = client.get("Event", event)
    assert (kept["StartDateTime"], kept["EndDateTime"], kept["DurationInMinutes"]) == (
        "2026-12-24T00:00:00.000+0000",
        "2026-12-24T00:00:00.000+0000",
        1440,
    )
    assert kept["EndDate"] == "2026-12-24"


def test_an_activity_belongs_to_the_account_of_its_deal_or_contact(client: Client):
    account = client.create("Account", Name="Acme")
    deal = client.deal(AccountId=account)
    ann = client.create("Contact", LastName="Ann", AccountId=account)
    for link in ({"WhatId": deal}, {"WhatId": account}, {"WhoId": ann}):
        task = client.create("Task", **link)
        assert client.get("Task", task)["AccountId"] == account
    client.create("Task", WhatId=deal, Status="Completed", ActivityDate="2026-11-02")
    assert client.get("Account", account)["LastActivityDate"] == "2026-11-02"


def test_a_closed_task_brought_forward_takes_last_activity_with_it(client: Client):
    deal = client.deal()
    task = client.create(
        "Task", WhatId=deal, Status="Completed", ActivityDate="2026-11-10"
    )
    client.update("Task", task, ActivityDate="2026-11-05")
    assert client.get("Opportunity", deal)["LastActivityDate"] == "2026-11-05"
    client.update("Task", task, WhatId=None)
    assert client.get("Opportunity", deal)["LastActivityDate"] is None


def test_a_change_of_owner_is_kept_by_name_and_by_id(client: Client, org: Org):
    org.settings.tracked = frozenset({"OwnerId"})
    ann = org.new_id("005")
    org.put("User", Row(Id=ann, Name="Ann", IsActive=True))
    deal = client.deal()
    before = client.get("Opportunity", deal)["OwnerId"]
    client.update("Opportunity", deal, OwnerId=ann)
    rows = client.query(
        "SELECT Field, OldValue, NewValue FROM OpportunityFieldHistory ORDER BY Id"
    )
    assert [(r["Field"], r["OldValue"], r["NewValue"]) for r in rows] == [
        ("Owner", before, ann),
        ("Owner", "System Integration", "Ann"),
    ]


def test_a_forecast_category_can_be_set_against_the_stage(client: Client):
    deal = client.get("Opportunity", client.deal(ForecastCategoryName="Best Case"))
    assert (deal["ForecastCategory"], deal["Probability"]) == ("BestCase", 10.0)


def test_object_permissions_build_on_each_other(client: Client):
    parent = client.create("PermissionSet", Name="Small", Label="Small")
    path = "/sobjects/ObjectPermissions/"
    base = {"ParentId": parent, "SobjectType": "Opportunity"}
    alone = code_of(client, path, **base, PermissionsEdit=True)
    assert alone == "FIELD_INTEGRITY_EXCEPTION"
    for kind in ("Nothing", "Task"):
        refused = code_of(client, path, ParentId=parent, SobjectType=kind)
        assert refused == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    client.create("ObjectPermissions", **base, PermissionsRead=True)
    assert code_of(client, path, **base, PermissionsRead=True) == "DUPLICATE_VALUE"


def test_permission_sets_and_assignments_are_there_once(client: Client):
    parent = client.create("PermissionSet", Name="Small", Label="Small")
    again = code_of(client, "/sobjects/PermissionSet/", Name="small", Label="x")
    assert again == "DUPLICATE_DEVELOPER_NAME"
    user = client.query("SELECT Id FROM User")[0]["Id"]
    assigned = {"PermissionSetId": parent, "AssigneeId": user}
    client.create("PermissionSetAssignment", **assigned)
    path = "/sobjects/PermissionSetAssignment/"
    assert code_of(client, path, **assigned) == "DUPLICATE_VALUE"


def test_an_org_with_several_currencies_has_rates_and_others_have_not(
    client: Client, org: Org
):
    soql = {"q": "SELECT IsoCode, ConversionRate FROM CurrencyType"}
    reply = client.api("GET", "/query/", params=soql)
    assert reply.json()[0]["errorCode"] == "INVALID_TYPE"
    org.enable_multi_currency()
    org.put(
        "CurrencyType", Row(Id=org.new_id("01L"), IsoCode="EUR", ConversionRate=0.9)
    )
    assert client.query(soql["q"])[0]["ConversionRate"] == 0.9
    deal = client.deal(CurrencyIsoCode="EUR")
    assert client.get("Opportunity", deal)["CurrencyIsoCode"] == "EUR"


def upsert(client: Client, *emails: object) -> list[str]:
    records = [
        {"attributes": {"type": "Contact"}, "LastName": "X", "Email": email}
        for email in emails
    ]
    body = {"allOrNone": False, "records": records}
    reply = client.api("PATCH", "/composite/sobjects/Contact/Email", json=body)
    assert reply.status_code == 200, reply.text
    return [
        "ok" if line["success"] else line["errors"][0]["statusCode"]
        for line in reply.json()
    ]


def test_an_upsert_refuses_keys_that_are_missing_twice_there_or_twice_in_it(
    client: Client,
):
    for _ in range(2):
        client.create("Contact", LastName="Twin", Email="twin@example.com")
    assert upsert(client, None, "twin@example.com", "a@example.com") == [
        "MISSING_ARGUMENT",
        "DUPLICATE_EXTERNAL_ID",
        "ok",
    ]
    assert upsert(client, "b@example.com", "b@example.com") == [
        "DUPLICATE_VALUE",
        "DUPLICATE_VALUE",
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/composite/sobjects/Contact/LastName", 404),
        ("/composite/sobjects/Nothing/Email", 404),
    ],
)
def test_an_upsert_needs_an_object_and_a_key_field(
    client: Client, path: str, status: int
):
    assert client.api("PATCH", path, json={"records": []}).status_code == status


def test_a_composite_call_has_its_limits(client: Client):
    call = {"method": "GET", "url": "/services/data/v59.0/limits", "referenceId": "r"}
    body = {"compositeRequest": [call] * 26}
    assert client.api("POST", "/composite", json=body).status_code == 400
    asks = {**call, "url": "/services/data/v59.0/query/?q=SELECT Id FROM Task"}
    body = {"compositeRequest": [asks] * 6}
    parts = client.api("POST", "/composite", json=body).json()["compositeResponse"]
    assert [part["httpStatusCode"] for part in parts] == [200] * 5 + [400]
    assert client.api("POST", "/composite", json={"compositeRequest": [1]}).json()[0][
        "errorCode"
    ] == ("JSON_PARSER_ERROR")


def test_a_record_can_be_read_in_part(client: Client):
    deal = client.deal(Amount=5)
    path = f"/sobjects/Opportunity/{deal}"
    body = client.api("GET", path, params={"fields": "amount,Name"}).json()
    assert set(body) == {"attributes", "Amount", "Name", "Id"}
    reply = client.api("GET", path, params={"fields": "Nonsense"})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD"


def test_a_span_of_changes_must_be_recent_and_forwards(client: Client):
    path = "/sobjects/Opportunity/updated/"
    for start, end in (
        ("2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z"),
        ("2026-01-01T00:00:00Z", "2026-11-20T09:00:00Z"),
    ):
        reply = client.api("GET", path, params={"start": start, "end": end})
        assert reply.json()[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    assert client.api("GET", path).status_code == 400
