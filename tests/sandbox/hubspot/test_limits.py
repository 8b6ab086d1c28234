"""Limits, faults and what comes late: HubSpot on a bad day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
import requests
from hubspot.crm.deals import ApiException as DealError
from urllib3.exceptions import ProtocolError

from gatekeeper.sandbox.clock import as_of_instant
from gatekeeper.sandbox.faults import FaultSpecError
from gatekeeper.sandbox.hubspot.auth import Token
from gatekeeper.sandbox.hubspot.fault_menu import HUBSPOT_FAULTS
from gatekeeper.sandbox.hubspot.rest import ROUTES
from gatekeeper.sandbox.hubspot.scopes import ALL_SCOPES
from gatekeeper.sandbox.hubspot.stock import OWNER_ID, TOKEN
from tests.sandbox.hubspot.calls import DEAL, deal, refusal
from tests.sandbox.hubspot.conftest import connect

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.server import SandboxServer


def page(client: Any) -> Any:
    return client.crm.deals.basic_api.get_page()


def refused(client: Any) -> dict[str, Any]:
    with pytest.raises(DealError) as caught:
        page(client)
    return {"http": caught.value.status, **refusal(caught)}


def test_every_route_can_be_ordered_to_fail():
    assert {route.name for route in ROUTES} | {"any"} == HUBSPOT_FAULTS.routes


@pytest.mark.trap("H7a")
def test_a_burst_ends_at_the_limit_of_its_token_and_rolls_on(
    portal: Portal, server: SandboxServer, client: Any
):
    portal.settings.allowance.burst = 3
    for _ in range(2):
        page(client)
        portal.elapsed.advance(4)
    page(client)
    body = refused(client)
    assert (body["http"], body["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert body["errorType"] == "RATE_LIMIT"
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert "category" not in body
    portal.tokens.add(Token("other", ALL_SCOPES, 9, 1))
    page(connect(server.url, "other"))
    portal.elapsed.advance(2)  # ten seconds after the first call
    page(client)
    assert refused(client)["http"] == 429


def test_the_limits_of_apps_are_none_for_people_at_the_screen(
    portal: Portal, client: Any, person: Any
):
    portal.settings.allowance.daily = 2
    portal.settings.allowance.burst = 2
    for _ in range(3):
        page(person)
    assert portal.rates.used_today() == 0
    page(client)
    page(client)
    assert refused(client)["policyName"] == "DAILY"
    page(person)
    assert portal.rates.early["DAILY"] == 0


@pytest.mark.trap("H7c")
def test_a_429_says_when_to_come_back_only_where_it_is_told_to(
    portal: Portal, client: Any
):
    portal.settings.allowance.burst = 1
    page(client)
    with pytest.raises(DealError) as caught:
        page(client)
    assert "retry-after" not in caught.value.headers
    portal.settings.sends_retry_after = True
    with pytest.raises(DealError) as caught:
        page(client)
    assert caught.value.headers["retry-after"] == "10"


@pytest.mark.trap("H7b")
def test_the_day_ends_at_midnight_where_the_account_is(portal: Portal, client: Any):
    portal.settings.allowance.daily = 2
    for _ in range(2):
        page(client)
    assert refused(client)["policyName"] == "DAILY"
    # New York is five hours behind in November.
    portal.clock.set(as_of_instant("2026-11-21T04:59:59Z"))
    assert refused(client)["message"] == "You have reached your daily limit."
    portal.clock.set(as_of_instant("2026-11-21T05:00:00Z"))
    page(client)


def test_an_ordinary_answer_says_what_is_left(portal: Portal, client: Any):
    portal.settings.allowance.daily = 1_000
    _, _, headers = client.crm.deals.basic_api.get_page_with_http_info()
    assert headers["x-hubspot-ratelimit-max"] == "190"
    assert headers["x-hubspot-ratelimit-remaining"] == "189"
    assert headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert headers["x-hubspot-ratelimit-daily"] == "1000"
    assert headers["x-hubspot-ratelimit-daily-remaining"] == "999"


def test_associations_have_a_limit_of_their_own(portal: Portal, client: Any):
    portal.settings.allowance.association_burst = 1
    api = client.crm.associations.v4.schema.definitions_api
    _, _, headers = api.get_all_with_http_info("deals", "contacts")
    assert "x-hubspot-ratelimit-max" not in headers
    page(client)
    reply = requests.get(
        f"{client.config['host']}/crm/v4/associations/deals/contacts/labels",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    assert reply.status_code == 429


FAULTS = [
    ("list:423:1", 423, "LOCKED"),
    ("list:477:1", 477, "MIGRATION_IN_PROGRESS"),
    ("list:500:1", 500, "INTERNAL_ERROR"),
    ("list:401:1", 401, "EXPIRED_AUTHENTICATION"),
    ("any:403:1", 403, "FORBIDDEN"),
]


@pytest.mark.parametrize(("spec", "status", "category"), FAULTS)
def test_an_ordered_fault_is_told_in_hubspots_words(
    portal: Portal, client: Any, spec: str, status: int, category: str
):
    portal.faults.add(spec)
    body = refused(client)
    assert (body["http"], body["category"]) == (status, category)
    if status == 401:
        assert refused(client)["http"] == 401  # a token that ended never works again
    else:
        page(client)


@pytest.mark.trap("H10c")
def test_a_migration_says_when_to_come_back(portal: Portal, client: Any):
    portal.faults.add("list:477:1")
    with pytest.raises(DealError) as caught:
        page(client)
    assert caught.value.headers["retry-after"] == "3600"


@pytest.mark.parametrize(
    ("spec", "policy"),
    [
        ("any:429burst:1", "TEN_SECONDLY_ROLLING"),
        ("any:429daily:1", "DAILY"),
        ("any:429search:1", "SECONDLY"),
    ],
)
def test_a_limit_can_be_ordered(portal: Portal, client: Any, spec: str, policy: str):
    portal.faults.add(spec)
    assert refused(client)["policyName"] == policy


@pytest.mark.trap("H10d")
@pytest.mark.parametrize(
    ("spec", "status"), [("list:502html:1", 502), ("list:503html:1", 503)]
)
def test_the_edge_answers_with_a_page(
    portal: Portal, client: Any, spec: str, status: int
):
    portal.faults.add(spec)
    with pytest.raises(DealError) as caught:
        page(client)
    assert caught.value.status == status
    assert caught.value.body.startswith("<html>")


@pytest.mark.trap("H10a")
@pytest.mark.parametrize(
    ("spec", "made"), [("create:reset_before:1", 0), ("create:reset_after:1", 1)]
)
def test_a_dropped_reply_does_not_say_whether_the_deal_was_made(
    portal: Portal, client: Any, spec: str, made: int
):
    portal.faults.add(spec)
    with pytest.raises(ProtocolError):
        deal(client)
    assert len(page(client).results) == made


@pytest.mark.trap("H10a")
def test_an_empty_answer_hides_what_was_written(portal: Portal, odd_server: Any):
    client = connect(odd_server.url)
    portal.faults.add("batch_create:empty200:1")
    inputs: list[Any] = [{"properties": dict(DEAL), "associations": []}]
    reply = client.crm.deals.batch_api.create(
        {"inputs": inputs}, _preload_content=False
    )
    assert (reply.status, reply.data) == (200, b"")
    assert len(page(client).results) == 1


def test_a_record_can_be_refused_amid_its_batch(portal: Portal, client: Any):
    portal.faults.add("batch_create:conflict:1:after=1")
    inputs: list[Any] = [
        {
            "properties": {**DEAL, "dealname": name},
            "associations": [],
            "objectWriteTraceId": name,
        }
        for name in ("a", "b", "c")
    ]
    answer = client.crm.deals.batch_api.create({"inputs": inputs})
    assert sorted(each.properties["dealname"] for each in answer.results) == ["a", "c"]
    assert answer.errors[0].category == "CONFLICT"
    assert answer.errors[0].context == {"objectWriteTraceId": ["b"]}


def test_a_fault_that_is_none_says_what_there_is(portal: Portal):
    with pytest.raises(FaultSpecError) as caught:
        portal.faults.add("query:401")
    assert "there is no route 'query'; routes are account, any," in str(caught.value)


def test_the_side_door_lets_time_pass_and_changes_settings(
    portal: Portal, server: SandboxServer, client: Any
):
    def door(name: str, body: object) -> requests.Response:
        address = f"{server.url}/__sandbox__/{name}"
        return requests.post(address, data=orjson.dumps(body), timeout=10)

    assert door("settings", {"burst": 1, "shuffles": False}).status_code == 200
    page(client)
    assert refused(client)["http"] == 429
    assert door("settle", {"seconds": 10}).status_code == 200
    page(client)
    assert portal.settings.shuffles is False
    assert door("owners", {"deactivate": OWNER_ID}).json() == {
        "deactivated": [OWNER_ID]
    }
    wrong = door("settings", {"burst": "many"})
    assert wrong.status_code == 400
    assert wrong.json() == {"error": "there is no setting 'burst' of that type"}
    assert door("faults", {"faults": ["list:500:1"]}).json() == {
        "ordered": ["list:500:1"]
    }
    portal.elapsed.advance(10)
    assert refused(client)["http"] == 500


def test_calls_that_come_before_their_window_opens_are_counted(
    portal: Portal, server: SandboxServer, client: Any
):
    def early() -> dict[str, int]:
        address = f"{server.url}/__sandbox__/requests"
        counts: dict[str, int] = requests.get(address, timeout=10).json()["early"]
        return counts

    portal.settings.allowance.burst = 2
    page(client)
    portal.elapsed.advance(4)
    page(client)
    refused(client)  # the one that learns of the limit is not early
    assert early() == {}
    portal.elapsed.advance(5.9)
    refused(client)
    assert early() == {"TEN_SECONDLY_ROLLING": 1}
    portal.elapsed.advance(0.1)  # ten seconds after the first call
    page(client)
    portal.elapsed.advance(60)
    portal.faults.add("list:429search:1")
    refused(client)
    page(client)
    portal.elapsed.advance(1)
    page(client)
    assert early() == {"TEN_SECONDLY_ROLLING": 1, "SECONDLY": 1}


def test_after_a_used_up_day_every_call_is_early_until_midnight(
    portal: Portal, client: Any
):
    portal.faults.add("list:429daily:1")
    refused(client)
    page(client)
    client.crm.pipelines.pipelines_api.get_all("deals")
    assert portal.rates.early == {"DAILY": 2}
    portal.clock.set(as_of_instant("2026-11-21T05:00:00Z"))  # midnight in New York
    page(client)
    assert portal.rates.early == {"DAILY": 2}


def test_the_side_door_archives_properties_and_takes_scopes_from_apps(
    portal: Portal, server: SandboxServer, client: Any, person: Any
):
    def door(name: str, **body: str) -> requests.Response:
        address = f"{server.url}/__sandbox__/{name}"
        return requests.post(address, data=orjson.dumps(body), timeout=10)

    def names() -> set[str]:
        found = client.crm.properties.core_api.get_all("deals").results
        return {each.name for each in found}

    assert door("fields", hide="deals.amount").json() == {
        "hidden": ["deals.amount"],
        "shown": [],
    }
    assert "amount" not in names()
    assert door("fields", show="deals.amount").status_code == 200
    assert "amount" in names()
    assert door("fields", hide="deals.nothing").json() == {
        "error": "there is no property 'deals.nothing'"
    }

    scope = "crm.objects.deals.read"
    assert door("scopes", take=scope).json() == {"taken": [scope], "given": []}
    assert refused(client)["category"] == "MISSING_SCOPES"
    page(person)  # is at the screen and no app
    assert door("scopes", give=scope).status_code == 200
    page(client)
    assert door("scopes", take="all").json() == {"error": "there is no scope 'all'"}
