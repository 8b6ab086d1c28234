from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client

STATUS = {
    "label": "Gate Status",
    "type": "Picklist",
    "valueSet": {
        "restricted": True,
        "valueSetDefinition": {
            "sorted": False,
            "value": [
                {"fullName": "Clear", "label": "Clear", "default": False},
                {"fullName": "Open", "label": "Open", "default": False},
            ],
        },
    },
}


def make_field(client: Client, name: str, **metadata: object) -> Any:
    return client.api(
        "POST",
        "/tooling/sobjects/CustomField/",
        json={"FullName": name, "Metadata": metadata},
    )


def fields_of(client: Client, kind: str) -> set[str]:
    described = client.api("GET", f"/sobjects/{kind}/describe").json()
    return {field["name"] for field in described["fields"]}


def permission_set(client: Client) -> str:
    """Return a set of the running user's that may edit deals."""
    granted = client.create("PermissionSet", Name="Integration", Label="Integration")
    client.create(
        "ObjectPermissions",
        ParentId=granted,
        SobjectType="Opportunity",
        PermissionsRead=True,
        PermissionsEdit=True,
    )
    user = client.query("SELECT Id FROM User")[0]["Id"]
    client.create("PermissionSetAssignment", PermissionSetId=granted, AssigneeId=user)
    return granted


def grant(client: Client, parent: str, field: str, *, edit: bool) -> str:
    return client.create(
        "FieldPermissions",
        ParentId=parent,
        SobjectType=field.partition(".")[0],
        Field=field,
        PermissionsRead=True,
        PermissionsEdit=edit,
    )


@pytest.mark.trap("S4a")
def test_a_hidden_field_is_absent_everywhere(client: Client, org: Org):
    deal = client.deal(Amount=5)
    org.hide_field("Opportunity", "Amount")
    assert "Amount" not in fields_of(client, "Opportunity")
    assert "Amount" not in client.get("Opportunity", deal)
    reply = client.api("GET", "/query/", params={"q": "SELECT Amount FROM Opportunity"})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD"
    reply = client.api("PATCH", f"/sobjects/Opportunity/{deal}", json={"Amount": 6})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD"
    org.show_field("Opportunity", "Amount")
    assert client.get("Opportunity", deal)["Amount"] == 5.0


def test_a_new_field_is_invisible_until_a_permission_set_shows_it(client: Client):
    name = "Gate_Status__c"
    assert make_field(client, f"Opportunity.{name}", **STATUS).status_code == 201
    assert name not in fields_of(client, "Opportunity")
    parent = permission_set(client)
    assert name not in fields_of(client, "Opportunity")
    grant(client, parent, f"Opportunity.{name}", edit=True)
    assert name in fields_of(client, "Opportunity")
    deal = client.deal(Gate_Status__c="Open")
    assert client.get("Opportunity", deal)[name] == "Open"
    reply = client.api("PATCH", f"/sobjects/Opportunity/{deal}", json={name: "Shut"})
    assert reply.json()[0] == {
        "message": "Gate Status: bad value for restricted picklist field: Shut",
        "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "fields": [name],
    }


@pytest.mark.trap("S4d")
def test_a_field_granted_for_reading_cannot_be_written(client: Client):
    make_field(client, "Opportunity.Note__c", label="Note", type="Text", length=10)
    grant(client, permission_set(client), "Opportunity.Note__c", edit=False)
    assert "Note__c" in fields_of(client, "Opportunity")
    reply = client.api(
        "PATCH", f"/sobjects/Opportunity/{client.deal()}", json={"Note__c": "x"}
    )
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_a_grant_taken_back_hides_the_field_again(client: Client):
    make_field(client, "Opportunity.Note__c", label="Note", type="Text", length=10)
    given = grant(client, permission_set(client), "Opportunity.Note__c", edit=True)
    assert (
        client.api("DELETE", f"/sobjects/FieldPermissions/{given}").status_code == 204
    )
    assert "Note__c" not in fields_of(client, "Opportunity")


def test_an_activity_field_appears_on_tasks_and_events(client: Client):
    made = make_field(
        client,
        "Activity.Gatekeeper_Key__c",
        label="Key",
        type="Text",
        length=255,
        unique=True,
        externalId=True,
    )
    assert made.status_code == 201
    parent = permission_set(client)
    for kind in ("Task", "Event"):
        grant(client, parent, f"{kind}.Gatekeeper_Key__c", edit=True)
        assert "Gatekeeper_Key__c" in fields_of(client, kind)
    soql = (
        "SELECT DeveloperName, TableEnumOrId FROM CustomField "
        "WHERE DeveloperName = 'Gatekeeper_Key'"
    )
    (row,) = client.api("GET", "/tooling/query/", params={"q": soql}).json()["records"]
    assert row["TableEnumOrId"] == "Activity"


@pytest.mark.parametrize(
    ("name", "metadata", "code"),
    [
        ("Task.X__c", {"type": "Text", "length": 9}, "INVALID_OR_NULL_FOR_RESTRICTED"),
        ("Opportunity.X", {"type": "Text", "length": 9}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Opportunity.X__c", {"type": "Text"}, "FIELD_INTEGRITY_EXCEPTION"),
        (
            "Opportunity.X__c",
            {"type": "Text", "length": 256},
            "FIELD_INTEGRITY_EXCEPTION",
        ),
        (
            "Opportunity.X__c",
            {"type": "LongTextArea", "length": 999},
            "FIELD_INTEGRITY",
        ),
        ("Opportunity.X__c", {"type": "Picklist"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Opportunity.X__c", {"type": "Colour"}, "FIELD_INTEGRITY_EXCEPTION"),
    ],
)
def test_incomplete_metadata_is_refused(
    client: Client, name: str, metadata: dict[str, object], code: str
):
    reply = make_field(client, name, label="X", **metadata)
    assert reply.status_code == 400
    assert reply.json()[0]["errorCode"].startswith(code)


def test_a_field_that_is_there_cannot_be_made_again(client: Client):
    once = {"label": "Note", "type": "Text", "length": 10}
    make_field(client, "Opportunity.Note__c", **once)
    reply = make_field(client, "Opportunity.Note__c", **once)
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (
        400,
        "DUPLICATE_DEVELOPER_NAME",
    )


def test_edit_needs_read_and_edit_on_the_object(client: Client):
    make_field(client, "Opportunity.Note__c", label="Note", type="Text", length=10)
    parent = client.create("PermissionSet", Name="Small", Label="Small")
    reply = client.api(
        "POST",
        "/sobjects/FieldPermissions/",
        json={
            "ParentId": parent,
            "SobjectType": "Opportunity",
            "Field": "Opportunity.Note__c",
            "PermissionsRead": True,
            "PermissionsEdit": True,
        },
    )
    assert reply.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert reply.json()[0]["message"].endswith("Edit Opportunity")


def test_a_required_field_cannot_be_granted(client: Client):
    reply = client.api(
        "POST",
        "/sobjects/FieldPermissions/",
        json={
            "ParentId": permission_set(client),
            "SobjectType": "Opportunity",
            "Field": "Opportunity.Name",
            "PermissionsRead": True,
        },
    )
    assert reply.json()[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_the_same_grant_twice_is_a_duplicate(client: Client):
    make_field(client, "Opportunity.Note__c", label="Note", type="Text", length=10)
    parent = permission_set(client)
    grant(client, parent, "Opportunity.Note__c", edit=True)
    reply = client.api(
        "POST",
        "/sobjects/FieldPermissions/",
        json={
            "ParentId": parent,
            "SobjectType": "Opportunity",
            "Field": "Opportunity.Note__c",
            "PermissionsRead": True,
        },
    )
    assert reply.json()[0]["errorCode"] == "DUPLICATE_VALUE"


def test_record_access_can_be_asked_for(client: Client):
    deal = client.deal()
    user = client.query("SELECT Id FROM User")[0]["Id"]
    (access,) = client.query(
        "SELECT RecordId, HasReadAccess, HasEditAccess FROM UserRecordAccess "
        f"WHERE UserId = '{user}' AND RecordId = '{deal}'"
    )
    assert (access["HasReadAccess"], access["HasEditAccess"]) == (True, True)
