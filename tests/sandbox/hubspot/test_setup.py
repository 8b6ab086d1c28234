"""What a portal is made of: properties, groups, pipelines, owners, tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.deals import ApiException as DealError
from hubspot.crm.owners import ApiException as OwnerError
from hubspot.crm.properties import ApiException as PropertyError

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.hubspot.auth import Token
from gatekeeper.sandbox.hubspot.owners import Owner
from gatekeeper.sandbox.hubspot.scopes import ALL_SCOPES
from gatekeeper.sandbox.hubspot.stock import (
    CLIENT_ID,
    CLIENT_SECRET,
    OWNER_ID,
    REFRESH_TOKEN,
    TOKEN,
)
from tests.sandbox.hubspot.calls import deal, make, refusal
from tests.sandbox.hubspot.conftest import connect

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.server import SandboxServer

STATUS = {
    "name": "gate_status",
    "label": "Gate status",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "gatekeeper",
    "options": [
        {"label": "Open", "value": "open", "displayOrder": 0, "hidden": False},
        {"label": "Clear", "value": "clear", "displayOrder": 1, "hidden": False},
    ],
}
GROUP = {"name": "gatekeeper", "label": "Gatekeeper", "displayOrder": -1}


def test_the_portal_has_hubspots_own_deal_properties(client: Any):
    found = client.crm.properties.core_api.get_all("deals").results
    known = {each.name: each for each in found}
    assert known["amount"].type == "number"
    assert known["amount"].has_unique_value is False
    assert known["hs_lastmodifieddate"].modification_metadata.read_only_value is True
    assert known["hubspot_owner_id"].referenced_object_type == "OWNER"
    assert "hs_v2_date_entered_contractsent" in known


def test_a_property_needs_its_group_first_and_exists_once(client: Any):
    api = client.crm.properties.core_api
    with pytest.raises(PropertyError) as caught:
        api.create("deals", STATUS)
    assert caught.value.status == 400
    client.crm.properties.groups_api.create("deals", GROUP)
    made = api.create("deals", STATUS)
    assert [option.value for option in made.options] == ["open", "clear"]
    with pytest.raises(PropertyError) as caught:
        api.create("deals", STATUS)
    assert caught.value.status == 409
    body = refusal(caught)
    assert body["category"] == "OBJECT_ALREADY_EXISTS"
    assert body["message"] == "A property named 'gate_status' already exists."
    with pytest.raises(PropertyError) as caught:
        client.crm.properties.groups_api.create("deals", GROUP)
    assert caught.value.status == 409


def test_an_archived_property_keeps_its_name_and_is_not_written(client: Any):
    api = client.crm.properties.core_api
    client.crm.properties.groups_api.create("deals", GROUP)
    api.create("deals", STATUS)
    api.archive("deals", "gate_status")
    with pytest.raises(DealError):
        deal(client, gate_status="open")
    with pytest.raises(PropertyError) as caught:
        api.create("deals", STATUS)
    assert caught.value.status == 409
    archived = api.get_all("deals", archived=True).results
    assert [each.name for each in archived] == ["gate_status"]


def test_definitions_in_a_batch_fail_one_by_one(client: Any):
    client.crm.properties.groups_api.create("deals", GROUP)
    wrong = {**STATUS, "name": "Bad Name"}
    answer = client.crm.properties.batch_api.create(
        "deals", {"inputs": [STATUS, wrong]}
    )
    assert [each.name for each in answer.results] == ["gate_status"]
    assert answer.num_errors == 1


def test_new_options_replace_the_whole_list(client: Any):
    api = client.crm.properties.core_api
    client.crm.properties.groups_api.create("deals", GROUP)
    api.create("deals", STATUS)
    changed = api.update("deals", "gate_status", {"options": STATUS["options"][:1]})
    assert [option.value for option in changed.options] == ["open"]
    with pytest.raises(DealError):
        deal(client, gate_status="clear")


def test_a_definition_is_not_changed_into_nonsense(client: Any):
    api = client.crm.properties.core_api
    client.crm.properties.groups_api.create("deals", GROUP)
    api.create("deals", STATUS)
    for change in ({"label": 5}, {"hidden": "no"}, {"type": "number"}):
        with pytest.raises(PropertyError) as caught:
            api.update("deals", "gate_status", change)
        assert caught.value.status == 400
    assert api.get_by_name("deals", "gate_status").label == "Gate status"


def test_a_portal_may_not_offer_unique_properties_of_tasks(portal: Portal, client: Any):
    portal.settings.unique_tasks = False
    made = client.crm.properties.core_api.create(
        "tasks",
        {
            "name": "gatekeeper_key",
            "label": "Key",
            "type": "string",
            "fieldType": "text",
            "groupName": "task",
            "hasUniqueValue": True,
        },
    )
    assert made.has_unique_value is False


def test_an_eleventh_unique_property_is_refused(client: Any):
    api = client.crm.properties.core_api
    base = {"label": "K", "type": "string", "fieldType": "text", "groupName": "task"}
    for number in range(10):
        api.create("tasks", {**base, "name": f"k{number}", "hasUniqueValue": True})
    with pytest.raises(PropertyError) as caught:
        api.create("tasks", {**base, "name": "k10", "hasUniqueValue": True})
    assert refusal(caught)["category"] == "LIMIT_EXCEEDED"


def test_owners_page_and_deactivated_ones_are_listed_apart(portal: Portal, client: Any):
    for number in (1, 2, 3):
        portal.owners[str(number)] = Owner(str(number), f"o{number}@example.com")
    portal.owners["2"] = replace(portal.owners["2"], archived=True, user_id=22)
    api = client.crm.owners.owners_api
    first = api.get_page(limit=2)
    rest = api.get_page(limit=2, after=first.paging.next.after)
    assert [owner.id for owner in (*first.results, *rest.results)] == [
        "1",
        "3",
        OWNER_ID,
    ]
    gone = api.get_page(archived=True).results
    assert [(owner.id, owner.user_id) for owner in gone] == [("2", None)]
    assert gone[0].user_id_including_inactive == 22
    with pytest.raises(OwnerError):
        api.get_by_id(2)
    assert api.get_page(email="O3@example.com").results[0].id == "3"


@pytest.mark.trap("H1c")
def test_owners_are_listed_with_and_without_a_slash(odd_server: SandboxServer):
    with_slash, without = (
        requests.get(
            f"{odd_server.url}/crm/v3/owners{end}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            allow_redirects=False,
            timeout=10,
        )
        for end in ("/", "")
    )

    assert with_slash.status_code == without.status_code == 200
    assert [each["id"] for each in without.json()["results"]] == [OWNER_ID]
    assert without.json() == with_slash.json()


@pytest.mark.trap("H10h")
def test_a_deal_keeps_an_owner_who_left_but_gets_none_who_has(
    portal: Portal, client: Any
):
    kept = deal(client, hubspot_owner_id=OWNER_ID)
    portal.owners[OWNER_ID] = replace(portal.owners[OWNER_ID], archived=True)
    found = client.crm.deals.basic_api.get_by_id(kept, properties=["hubspot_owner_id"])
    assert found.properties["hubspot_owner_id"] == OWNER_ID
    with pytest.raises(DealError):
        deal(client, hubspot_owner_id=OWNER_ID)


def test_without_a_token_and_with_a_wrong_one_the_words_differ(server: SandboxServer):
    bare = requests.get(f"{server.url}/crm/v3/objects/deals", timeout=10)
    assert bare.status_code == 401
    assert bare.json()["category"] == "INVALID_AUTHENTICATION"
    with pytest.raises(DealError) as caught:
        connect(server.url, "garbage").crm.deals.basic_api.get_page()
    body = refusal(caught)
    assert caught.value.status == 401
    assert body["category"] == "EXPIRED_AUTHENTICATION"
    # 2026-11-20 is day 20,777 of the epoch.
    assert body["message"] == (
        "The OAuth token used to make this call expired 20777 day(s) ago."
    )
    assert body["context"] == {"expire time": ["1970-01-01T00:00:00.000Z"]}


def test_a_token_got_by_oauth_ends_after_half_an_hour(
    portal: Portal, server: SandboxServer, client: Any
):
    answer = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        refresh_token=REFRESH_TOKEN,
    )
    assert answer.expires_in == 1800
    app = connect(server.url, answer.access_token)
    assert app.crm.deals.basic_api.get_page().results == []
    portal.clock.set(as_of_instant("2026-11-20T10:31:15Z"))
    with pytest.raises(DealError) as caught:
        app.crm.deals.basic_api.get_page()
    assert refusal(caught)["message"] == (
        "The OAuth token used to make this call expired 75 second(s) ago."
    )


def test_a_missing_scope_is_named(portal: Portal, server: SandboxServer):
    held = ALL_SCOPES - {"crm.objects.deals.read", "sales-email-read"}
    portal.tokens.add(Token("narrow", held, 7, 1))
    narrow = connect(server.url, "narrow")
    with pytest.raises(DealError) as caught:
        narrow.crm.deals.basic_api.get_page()
    body = refusal(caught)
    assert (caught.value.status, body["category"]) == (403, "MISSING_SCOPES")
    assert body["errors"][0]["context"] == {
        "requiredGranularScopes": ["crm.objects.deals.read"]
    }
    make(narrow, "emails", hs_timestamp="2026-11-20T09:00:00Z", hs_email_text="Dear")
    page = narrow.crm.objects.basic_api.get_page("emails", properties=["hs_email_text"])
    assert "hs_email_text" not in page.results[0].properties


def test_the_account_says_who_it_is_and_what_its_token_may(server: SandboxServer):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    found = requests.get(
        f"{server.url}/account-info/v3/details", headers=headers, timeout=10
    ).json()
    assert found["portalId"] == 12345678
    assert (found["timeZone"], found["utcOffset"]) == ("America/New_York", "-05:00")
    info = requests.post(
        f"{server.url}/oauth/v2/private-apps/get/access-token-info",
        json={"tokenKey": TOKEN},
        headers=headers,
        timeout=10,
    ).json()
    assert info["hubId"] == 12345678
    assert set(info["scopes"]) == ALL_SCOPES
