"""Recorded answers of real orgs, compared shape by shape with the sandbox's own.

A shape is what a client can trip over: keys, JSON types, envelopes and codes. Values
differ, and where a recording holds more objects or fields than this org has, every one
the org has must look like the recorded ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.sandbox.client import TIMEOUT_S, Client
from tests.shared_data import SHARED

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.salesforce.org import Org

SAMPLES = SHARED / "reference" / "salesforce_samples"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the recorded answers are not beside this clone"
)


def recorded(name: str) -> Any:
    path: Path = SAMPLES / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def answer_of(name: str) -> Any:
    return recorded(name)["response"]["body"]


def shape(value: Any) -> Any:
    """Reduce JSON to its keys and types; a list to the shapes in it, each once."""
    if isinstance(value, dict):
        return {key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        shapes: list[Any] = []
        for each in map(shape, value):
            if each not in shapes:
                shapes.append(each)
        return shapes
    return type(value).__name__


def assert_like(ours: Any, theirs: Any, at: str = "$") -> None:
    """Hold our value against a recorded one: null on either side fits any type."""
    if ours is None or theirs is None:
        return
    if isinstance(theirs, dict):
        assert isinstance(ours, dict), at
        assert set(ours) == set(theirs), f"{at}: {set(ours) ^ set(theirs)}"
        for key, value in theirs.items():
            assert_like(ours[key], value, f"{at}.{key}")
    elif isinstance(theirs, list):
        assert isinstance(ours, list), at
        for index, value in enumerate(ours):
            if theirs:
                assert_like(
                    value, theirs[min(index, len(theirs) - 1)], f"{at}[{index}]"
                )
    else:
        assert type(ours) is type(theirs), f"{at}: {ours!r} and {theirs!r}"


@pytest.mark.trap("S5c")
def test_a_created_collection_answers_like_the_recorded_one(client: Client):
    ann = client.create("Contact", LastName="Ann")
    body = recorded("collections_create_ok")["request"]["body"]
    for record in body["records"]:
        record["ContactId"] = ann
    reply = client.api("POST", "/composite/sobjects", json=body)
    assert reply.status_code == 200
    assert shape(reply.json()) == shape(answer_of("collections_create_ok"))
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"


def test_an_updated_collection_answers_like_the_recorded_one(client: Client):
    body = recorded("collections_update_ok")["request"]["body"]
    for number, record in enumerate(body["records"]):
        record["Id"] = client.create("Account", Name=f"Account {number}")
    reply = client.api("PATCH", "/composite/sobjects", json=body)
    assert reply.status_code == 200
    assert shape(reply.json()) == shape(answer_of("collections_update_ok"))
    assert [line["id"] for line in reply.json()] == [r["Id"] for r in body["records"]]


def test_a_mixed_upsert_answers_like_the_recorded_one(client: Client):
    body = recorded("collections_upsert_mixed_created")["request"]["body"]
    for record in body["records"][:3]:
        client.create("Contact", LastName="Bluth", Email=record["Email"])
    reply = client.api("PATCH", "/composite/sobjects/Contact/Email", json=body)
    theirs = answer_of("collections_upsert_mixed_created")
    assert shape(reply.json()) == shape(theirs)
    assert [line["created"] for line in reply.json()] == [
        line["created"] for line in theirs
    ]


def test_a_created_record_answers_like_the_recorded_one(client: Client):
    reply = client.api(
        "POST",
        "/sobjects/Account/",
        json=recorded("create_single_201")["request"]["body"],
    )
    assert reply.status_code == 201
    assert shape(reply.json()) == shape(answer_of("create_single_201"))
    assert reply.headers["Location"].startswith(
        "/services/data/v59.0/sobjects/Account/"
    )


@pytest.mark.parametrize("name", ["composite_invalid_type", "composite_not_found"])
def test_a_refused_subrequest_answers_word_for_word(client: Client, name: str):
    body = json.dumps(recorded(name)["request"]["body"]).replace("vxx.0", "v59.0")
    reply = client.api("POST", "/composite", data=body)
    ours, theirs = reply.json(), answer_of(name)
    assert reply.status_code == 200
    assert_like(ours, theirs)
    for our_part, their_part in zip(
        ours["compositeResponse"], theirs["compositeResponse"], strict=True
    ):
        assert our_part["httpStatusCode"] == their_part["httpStatusCode"]
        if our_part["httpStatusCode"] >= 400:
            assert our_part["body"] == their_part["body"]


@pytest.mark.parametrize("kind", ["Opportunity", "Event", "OpportunityContactRole"])
def test_a_describe_has_the_recorded_keys(client: Client, kind: str):
    ours = client.api("GET", f"/sobjects/{kind}/describe").json()
    theirs = answer_of(f"describe_{kind}")
    younger = {"associateEntityType", "associateParentEntity", "sobjectDescribeOption"}
    assert set(ours) - set(theirs) <= younger  # one recording is of an older version
    assert set(theirs) <= set(ours)
    assert set(ours["fields"][0]) == set(theirs["fields"][0])
    assert len(ours["fields"][0]) >= 55
    assert_like(ours["childRelationships"][:1], theirs["childRelationships"][:1])
    assert_like(ours["recordTypeInfos"][:1], theirs["recordTypeInfos"][:1])
    for key in (
        "createable",
        "deletable",
        "keyPrefix",
        "label",
        "updateable",
        "custom",
    ):
        assert ours[key] == theirs[key]


LESS_IN_DETAIL = {"picklistValues", "referenceTo", "polymorphicForeignKey"}
ODDITIES = {
    "Fiscal.byteLength",  # the one text whose bytes are not three a character
    "ActivityDate.aggregatable",  # the one date that is not
    "OpportunityId.searchPrefilterable",  # the recording's version did not know it
    "ContactId.searchPrefilterable",
}


@pytest.mark.parametrize("kind", ["Opportunity", "Event", "OpportunityContactRole"])
def test_every_described_field_is_described_as_recorded(client: Client, kind: str):
    ours = client.api("GET", f"/sobjects/{kind}/describe").json()["fields"]
    theirs = {field["name"]: field for field in answer_of(f"describe_{kind}")["fields"]}
    different = {
        f"{field['name']}.{key}": (field[key], theirs[field["name"]][key])
        for field in ours
        if field["name"] in theirs
        for key in field.keys() - LESS_IN_DETAIL
        if field[key] != theirs[field["name"]][key]
        and f"{field['name']}.{key}" not in ODDITIES
    }
    assert different == {}


def test_describe_global_lists_objects_as_recorded(client: Client):
    ours = client.api("GET", "/sobjects").json()
    theirs = answer_of("describe_global")
    by_name = {summary["name"]: summary for summary in theirs["sobjects"]}
    assert {key: ours[key] for key in ours if key != "sobjects"} == {
        key: theirs[key] for key in theirs if key != "sobjects"
    }
    for summary in ours["sobjects"]:
        if summary["name"] in by_name:
            assert set(summary) == set(by_name[summary["name"]])
            theirs_here = dict(by_name[summary["name"]])
            # Which layouts an object has an address for differs from object to object.
            addresses = {"describe", "rowTemplate", "sobject"}
            assert (
                addresses <= summary.pop("urls").keys() & theirs_here.pop("urls").keys()
            )
            assert_like(summary, theirs_here)


def test_an_organization_reads_like_the_recorded_one(client: Client, org: Org):
    ours = client.get("Organization", org.org_id)
    theirs = answer_of("get_Organization")
    assert list(ours) == list(theirs)
    assert_like(ours, theirs)


def test_a_record_type_query_answers_like_the_recorded_one(client: Client):
    client.create(
        "RecordType",
        Name="Key account",
        DeveloperName="Key_account",
        SobjectType="Account",
        IsActive=True,
    )
    soql = "SELECT Id, DeveloperName FROM RecordType WHERE SObjectType='Account'"
    ours = client.api("GET", "/query/", params={"q": soql}).json()
    assert_like(ours, answer_of("query_RecordType"))


def test_an_aggregate_answers_like_the_recorded_one(client: Client):
    soql = "select count(Id) from Account"
    ours = client.api("GET", "/query/", params={"q": soql}).json()
    assert_like(ours, answer_of("query_aggregate_count"))
    assert shape(ours) == shape(answer_of("query_aggregate_count"))


def test_child_rows_are_an_envelope_or_null_as_recorded(client: Client):
    ann = client.create("Contact", LastName="Bluth", FirstName="Ann")
    client.create("Contact", LastName="Bluth", FirstName="Buster")
    client.deal(ContactId=ann)
    soql = "select FirstName,(select Name from Opportunities) from Contact"
    ours = client.api("GET", "/query/", params={"q": soql}).json()
    theirs = answer_of("query_child_subquery_with_null")
    assert set(ours) == set(theirs)
    ours_filled, ours_empty = (r["Opportunities"] for r in ours["records"])
    filled = [r for r in theirs["records"] if r["Opportunities"] is not None]
    assert_like(ours["records"][0], filled[0])
    assert shape(ours_filled) == shape(filled[0]["Opportunities"])
    assert ours_empty is None


def test_nulls_of_a_query_are_null_as_recorded(client: Client):
    client.create("Account", Name="Account 5")
    wanted = [
        name
        for name in answer_of("query_nulls")["records"][0]
        if name not in {"attributes", "Jigsaw"}
    ]
    known = {
        f["name"]
        for f in client.api("GET", "/sobjects/Account/describe").json()["fields"]
    }
    soql = f"SELECT {', '.join(name for name in wanted if name in known)} FROM Account"
    ours = client.api("GET", "/query/", params={"q": soql}).json()
    theirs = answer_of("query_nulls")
    assert set(ours) == set(theirs)
    for record in ours["records"]:
        for name, value in record.items():
            if theirs["records"][0][name] is None:
                assert value is None, name
            else:
                assert_like(value, theirs["records"][0][name], name)


def test_typeof_answers_like_the_recorded_one(client: Client):
    contact = client.create("Contact", LastName="Contact")
    account = client.create("Account", Name="Tom Cruise", Phone="123456")
    for what in (None, account):
        client.create(
            "Event",
            Subject="Test Event",
            WhoId=contact,
            WhatId=what,
            DurationInMinutes=60,
            ActivityDateTime="2024-11-07T07:00:00Z",
        )
    soql = (
        "SELECT Id, TYPEOF Who WHEN Contact THEN LastName, Email WHEN Lead THEN "
        "LastName, Company ELSE Id END, TYPEOF What WHEN Account THEN Name, "
        "Description, Phone, AccountNumber ELSE Id END, Subject, DurationInMinutes, "
        "ActivityDateTime FROM Event"
    )
    client.session.headers["Accept"] = "application/json"
    ours = client.api("GET", "/queryAll/", params={"q": soql}).json()
    theirs = answer_of("query_polymorphic_typeof")
    for our_record, their_record in zip(
        ours["records"], theirs["records"], strict=False
    ):
        assert set(our_record) == set(their_record)
        assert_like(our_record, their_record)
    assert ours["records"][0]["What"] is None


def test_a_tooling_query_answers_like_the_recorded_one(client: Client):
    client.api(
        "POST",
        "/tooling/sobjects/CustomField/",
        json={
            "FullName": "Opportunity.Gate_Status__c",
            "Metadata": {"label": "Gate Status", "type": "Text", "length": 40},
        },
    )
    soql = "SELECT DeveloperName FROM CustomField"
    ours = client.api("GET", "/tooling/query/", params={"q": soql}).json()
    theirs = answer_of("tooling_query")
    assert list(ours) == list(theirs)
    assert ours["entityTypeName"] == "CustomField"
    assert_like(ours["records"][0]["attributes"], theirs["records"][0]["attributes"])
    assert "/tooling/sobjects/CustomField/" in ours["records"][0]["attributes"]["url"]


def test_an_expired_session_answers_word_for_word(client: Client, org: Org):
    org.logins.revoke_all()
    reply = client.api("GET", "/limits/")
    assert reply.status_code == 401
    assert reply.json() == recorded("docstyle_expired_session_response")


def test_a_granted_token_has_the_documented_keys(client: Client):
    reply = requests.post(
        f"{client.url}/services/oauth2/token",
        data={
            "grant_type": "client_credentials",
            "client_id": "gatekeeper-sandbox",
            "client_secret": "sandbox-only-secret",
        },
        timeout=TIMEOUT_S,
    )
    documented = recorded("docstyle_auth_success_response")
    assert set(reply.json()) == set(documented) | {"scope", "token_type"}
    assert_like({key: reply.json()[key] for key in documented}, documented)


def test_a_refused_login_has_the_documented_keys(client: Client):
    reply = requests.post(
        f"{client.url}/services/oauth2/token",
        data={"grant_type": "client_credentials", "client_id": "nobody"},
        timeout=TIMEOUT_S,
    )
    assert reply.status_code == 400
    assert set(reply.json()) == set(recorded("docstyle_auth_error_response"))


def test_deleted_and_updated_answer_as_documented(client: Client):
    deal = client.deal()
    client.api("DELETE", f"/sobjects/Opportunity/{deal}")
    client.deal()
    span = {"start": "2026-11-20T09:00:00+00:00", "end": "2026-11-20T11:00:00+00:00"}
    for name in ("deleted", "updated"):
        ours = client.api("GET", f"/sobjects/Opportunity/{name}/", params=span).json()
        assert_like(ours, recorded(f"docstyle_get_{name}_success_response"))


def test_several_matches_answer_300_with_addresses(client: Client):
    for _ in range(2):
        client.create("Contact", LastName="Twin", Email="twin@example.com")
    reply = client.api("GET", "/sobjects/Contact/Email/twin%40example.com")
    assert reply.status_code == 300
    assert shape(reply.json()) == shape(
        recorded("docstyle_upsert_multiple_error_response")
    )
