from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    import requests

    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client

KEY_FIELD = {
    "FullName": "Activity.Gatekeeper_Key__c",
    "Metadata": {
        "label": "Gatekeeper Key",
        "type": "Text",
        "length": 255,
        "externalId": True,
        "unique": True,
        "caseSensitive": True,
    },
}


@pytest.fixture
def keyed(client: Client) -> Client:
    """A client of an org whose tasks carry a unique key, and who may see it."""
    reply = client.api("POST", "/tooling/sobjects/CustomField/", json=KEY_FIELD)
    assert reply.status_code == 201, reply.text
    user = client.query("SELECT Id FROM User")[0]["Id"]
    granted = client.create("PermissionSet", Name="Integration", Label="Integration")
    client.create(
        "FieldPermissions",
        ParentId=granted,
        SobjectType="Task",
        Field="Task.Gatekeeper_Key__c",
        PermissionsRead=True,
        PermissionsEdit=True,
    )
    client.create("PermissionSetAssignment", PermissionSetId=granted, AssigneeId=user)
    return client


def refusal(reply: requests.Response) -> tuple[int, str, str]:
    (error,) = reply.json()
    return reply.status_code, error["errorCode"], error["message"]


def rep(org: Org, **values: object) -> str:
    user_id = org.new_id("005")
    row = Row(Id=user_id, Name="Ann", IsActive=True, UserType="Standard")
    org.put("User", Row(row, **values))
    return user_id


@pytest.mark.trap("S8")
def test_a_record_is_created_read_changed_and_deleted(client: Client):
    deal = client.deal(Amount=60)
    assert client.get("Opportunity", deal)["Amount"] == 60.0
    client.update("Opportunity", deal, NextStep="Call")
    assert client.get("Opportunity", deal[:15])["NextStep"] == "Call"
    assert client.api("DELETE", f"/sobjects/Opportunity/{deal}").status_code == 204
    reply = client.api("GET", f"/sobjects/Opportunity/{deal}")
    assert refusal(reply) == (404, "ENTITY_IS_DELETED", "entity is deleted")


@pytest.mark.trap("S5c", "S6c")
@pytest.mark.parametrize(
    ("kind", "values", "code", "message"),
    [
        (
            "Opportunity",
            {"StageName": "Prospecting", "CloseDate": "2026-12-31"},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name]",
        ),
        (
            "Task",
            {"Subject": "x" * 256},
            "STRING_TOO_LONG",
            f"Subject: data value too large: {'x' * 256} (max length=255)",
        ),
        (
            "Task",
            {"Nonsense__c": 1},
            "INVALID_FIELD",
            "No such column 'Nonsense__c' on sobject of type Task",
        ),
        (
            "Task",
            {"IsClosed": True},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: IsClosed. Please check the security "
            "settings of this field and verify that it is read/write for your profile "
            "or permission set.",
        ),
        (
            "Task",
            {"TaskSubtype": "Letter"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Task Subtype: bad value for restricted picklist field: Letter",
        ),
        (
            "OpportunityContactRole",
            {"OpportunityId": "0015500001QdQWaAAN", "ContactId": "0035500001H9ka4AAB"},
            "MALFORMED_ID",
            "Opportunity ID: id value of incorrect type: 0015500001QdQWaAAN",
        ),
        (
            "Task",
            {"WhatId": "0065500000KQ12XAAT"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        (
            "Task",
            {"ActivityDate": "tomorrow"},
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of date from VALUE_STRING value tomorrow or "
            "request may be missing a required field at [line:1, column:1]",
        ),
        (
            "OpportunityStage",
            {"MasterLabel": "New"},
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            "entity type cannot be inserted: Opportunity Stage",
        ),
    ],
)
def test_what_salesforce_refuses_is_refused_in_its_words(
    client: Client, kind: str, values: dict[str, Any], code: str, message: str
):
    before = client.query(f"SELECT Id FROM {kind}")
    reply = client.api("POST", f"/sobjects/{kind}/", json=values)
    assert refusal(reply) == (400, code, message)
    assert client.query(f"SELECT Id FROM {kind}") == before


@pytest.mark.trap("S6d")
def test_a_stage_that_no_list_holds_is_accepted(client: Client):
    deal = client.get("Opportunity", client.deal(StageName="In Progress"))
    assert (deal["StageName"], deal["IsClosed"]) == ("In Progress", False)


def test_blank_text_is_no_value(client: Client):
    deal = client.deal(NextStep="  ")
    assert client.get("Opportunity", deal)["NextStep"] is None
    reply = client.api("PATCH", f"/sobjects/Opportunity/{deal}", json={"Name": " "})
    assert refusal(reply)[1] == "REQUIRED_FIELD_MISSING"


@pytest.mark.trap("S6b")
def test_an_inactive_user_cannot_be_given_a_task_but_keeps_a_deal(
    client: Client, org: Org
):
    gone = rep(org)
    deal = client.deal(OwnerId=gone)
    org.put("User", Row(org.find("User", gone) or {}, IsActive=False))
    reply = client.api(
        "POST", "/sobjects/Task/", json={"Subject": "Call", "OwnerId": gone}
    )
    assert refusal(reply) == (
        400,
        "INACTIVE_OWNER_OR_USER",
        f"operation performed with inactive user [{gone[:15]}] as owner of task",
    )
    client.update("Opportunity", deal, NextStep="Call")
    assert client.get("Opportunity", deal)["OwnerId"] == gone


def test_a_system_user_cannot_own(client: Client, org: Org):
    robot = rep(org, UserType="AutomatedProcess")
    reply = client.api("POST", "/sobjects/Task/", json={"OwnerId": robot})
    assert refusal(reply)[1] == "OP_WITH_INVALID_USER_TYPE_EXCEPTION"


def test_an_unknown_object_id_or_address_is_not_found(client: Client):
    for path in (
        "/sobjects/Foo",
        "/sobjects/Task/00T000000000001AAA",
        "/sobjects/Foo/describe",
        "/nothing",
    ):
        reply = client.api("GET", path)
        assert refusal(reply) == (
            404,
            "NOT_FOUND",
            "The requested resource does not exist",
        )
    assert client.api("PUT", "/sobjects/Task").status_code == 405


def test_an_unknown_version_is_not_found(client: Client):
    address = f"{client.url}/services/data/v99.0/limits/"
    assert client.session.get(address, timeout=10).status_code == 404


@pytest.mark.trap("S6a")
def test_a_key_in_use_is_refused_naming_its_holder(keyed: Client):
    first = keyed.create("Task", Subject="Add next step", Gatekeeper_Key__c="gk1-a")
    reply = keyed.api("POST", "/sobjects/Task/", json={"Gatekeeper_Key__c": "gk1-a"})
    assert refusal(reply) == (
        400,
        "DUPLICATE_VALUE",
        "duplicate value found: Gatekeeper_Key__c duplicates value on record with id: "
        f"{first[:15]}",
    )
    # A key told apart by case is another key.
    keyed.create("Task", Gatekeeper_Key__c="GK1-A")


def test_a_key_is_free_again_once_its_record_is_in_the_bin(keyed: Client):
    first = keyed.create("Task", Gatekeeper_Key__c="gk1-a")
    keyed.api("DELETE", f"/sobjects/Task/{first}")
    keyed.create("Task", Gatekeeper_Key__c="gk1-a")
    found = keyed.query(
        "SELECT Id, IsDeleted FROM Task WHERE Gatekeeper_Key__c = 'gk1-a'",
        everything=True,
    )
    assert sorted(task["IsDeleted"] for task in found) == [False, True]


def test_an_upsert_by_key_creates_then_updates(keyed: Client):
    path = "/sobjects/Task/Gatekeeper_Key__c/a%2Fb%20c"
    created = keyed.api("PATCH", path, json={"Subject": "One"})
    assert (created.status_code, created.json()["created"]) == (201, True)
    updated = keyed.api("PATCH", path, json={"Subject": "Two"})
    assert (updated.status_code, updated.json()["created"]) == (200, False)
    task = keyed.api("GET", path).json()
    assert (task["Subject"], task["Gatekeeper_Key__c"]) == ("Two", "a/b c")
    assert task["Id"] == created.json()["id"]


def test_neither_key_nor_id_may_stand_in_the_body(keyed: Client):
    task = keyed.create("Task", Subject="x")
    reply = keyed.api("PATCH", f"/sobjects/Task/{task}", json={"Id": task})
    assert (
        refusal(reply)[2] == "The Id field should not be specified in the sobject data."
    )
    reply = keyed.api(
        "PATCH", "/sobjects/Task/Gatekeeper_Key__c/k", json={"Gatekeeper_Key__c": "k"}
    )
    assert refusal(reply)[2] == (
        "The Gatekeeper_Key__c field should not be specified in the sobject data."
    )


def test_a_field_that_is_no_key_cannot_address_a_record(client: Client):
    reply = client.api("PATCH", "/sobjects/Task/Subject/x", json={})
    assert refusal(reply) == (
        404,
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: Subject",
    )


def test_a_deal_takes_its_children_to_the_bin(client: Client):
    deal = client.deal()
    client.create("Task", WhatId=deal, Subject="Call")
    client.api("DELETE", f"/sobjects/Opportunity/{deal}")
    assert client.query("SELECT Id FROM Task") == []
    (task,) = client.query("SELECT IsDeleted FROM Task", everything=True)
    assert task["IsDeleted"] is True
