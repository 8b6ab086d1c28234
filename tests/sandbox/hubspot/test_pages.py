"""The pages a person opens from a task: at HubSpot's addresses, everything as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from gatekeeper.sandbox.hubspot.stock import OWNER_ID
from tests.sandbox.hubspot.calls import DUE, change, deal, make
from tests.sandbox.hubspot.test_associations import link

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.server import SandboxServer

ACCOUNT = 12_345_678


def get(server: SandboxServer, path: str) -> requests.Response:
    return requests.get(server.url + path, timeout=10)


def page(server: SandboxServer, kind: str, record_id: str) -> str:
    reply = get(server, f"/contacts/{ACCOUNT}/record/{kind}/{record_id}")
    assert reply.status_code == 200
    assert "script" not in reply.headers["content-security-policy"]
    return reply.text


@pytest.fixture
def flags(client: Any) -> None:
    groups, properties = (
        client.crm.properties.groups_api,
        client.crm.properties.core_api,
    )
    groups.create("deals", {"name": "gatekeeper", "label": "Gatekeeper"})
    for name in ("status", "missing", "supported_stage"):
        properties.create(
            "deals",
            {
                "name": f"gatekeeper_{name}",
                "label": name,
                "type": "string",
                "fieldType": "text",
                "groupName": "gatekeeper",
            },
        )


@pytest.mark.usefixtures("flags")
def test_the_page_of_a_deal_shows_its_gate_its_tasks_and_its_people(
    server: SandboxServer, client: Any
):
    deal_id = deal(
        client,
        dealname="Acme <renewal>",
        amount="125000",
        gatekeeper_status="Open",
        gatekeeper_missing="Next step is empty",
        gatekeeper_supported_stage="Appointment Scheduled",
    )
    contact = make(client, "contacts", firstname="Ann", lastname="Lee")
    link(client, ("deals", "contacts"), (deal_id, contact), 3)
    task = make(
        client,
        "tasks",
        hs_timestamp=DUE,
        hs_task_status="NOT_STARTED",
        hs_task_subject="Acme: 1 thing missing",
        hs_task_body="<p>Missing:</p><ul><li>Next step</li></ul>",
    )
    link(client, ("tasks", "deals"), (task, deal_id), 216)
    text = page(server, "0-3", deal_id)
    assert "Acme &lt;renewal&gt;" in text
    assert "125,000" in text
    assert '<li class="now" aria-current="step">Qualified To Buy</li>' in text
    assert "The evidence supports <strong>Appointment Scheduled</strong>" in text
    assert "Next step is empty" in text
    task_href = f"/contacts/{ACCOUNT}/record/0-27/{task}"
    assert f'<a href="{task_href}">Acme: 1 thing missing' in text
    assert f'<a href="/contacts/{ACCOUNT}/record/0-1/{contact}">Ann Lee</a>' in text
    task_page = page(server, "0-27", task)
    assert "Missing:\n- Next step" in task_page
    assert "Acme &lt;renewal&gt;" in task_page


def test_a_page_tells_times_of_the_account_and_names_what_has_a_number(
    portal: Portal, server: SandboxServer, client: Any
):
    deal_id = deal(client, hubspot_owner_id=OWNER_ID, closedate="2026-12-31")
    company = make(client, "companies", name="Acme Corp")
    link(client, ("deals", "companies"), (deal_id, company), 5)
    # 22:00 UTC is 17:00 in New York in winter.
    task = make(
        client,
        "tasks",
        hs_timestamp="2026-11-24T22:00:00Z",
        hs_task_subject="Call",
        hubspot_owner_id=OWNER_ID,
    )
    assert portal.settings.time_zone == "America/New_York"
    text = page(server, "0-27", task)
    assert "24 Nov 2026, 17:00" in text
    assert "times in America/New_York" in text
    assert f"<dd>{task}</dd>" in text
    assert "<dd>Sales</dd>" in text
    of_deal = page(server, "0-3", deal_id)
    company_href = f"/contacts/{ACCOUNT}/record/0-2/{company}"
    assert f'<a href="{company_href}">Acme Corp</a>' in of_deal
    assert "31 Dec 2026<" in of_deal
    listed = get(server, "/").text
    assert "Alex Admin" in listed


@pytest.mark.usefixtures("flags")
@pytest.mark.parametrize(
    ("supported", "is_even"),
    [
        ("Qualified To Buy", True),
        ("at least Qualified To Buy (with a waiver)", True),
        ("Appointment Scheduled", False),
    ],
)
def test_evidence_that_reaches_the_stage_is_no_warning(
    server: SandboxServer, client: Any, supported: str, is_even: bool
):
    deal_id = deal(client, gatekeeper_supported_stage=supported)
    assert ('class="supported even"' in page(server, "0-3", deal_id)) is is_even


def test_a_closed_deal_ends_its_path(server: SandboxServer, client: Any):
    deal_id = deal(client)
    change(client, "deals", deal_id, dealstage="closedlost")
    text = page(server, "0-3", deal_id)
    assert '<li class="lost" aria-current="step">Closed Lost</li>' in text


def test_the_list_of_deals_is_what_the_front_page_leads_to(
    server: SandboxServer, client: Any
):
    deal(client, dealname="Open one")
    deal(client, dealname="Won one", dealstage="closedwon")
    opened = get(server, "/")
    assert opened.url.endswith(f"/contacts/{ACCOUNT}/objects/0-3/views/all/list")
    assert "Open one" in opened.text
    assert "Won one" not in opened.text
    assert "Won one" in requests.get(f"{opened.url}?filter=closed", timeout=10).text


@pytest.mark.parametrize(
    "path",
    [
        f"/contacts/{ACCOUNT}/record/0-3/999",
        f"/contacts/{ACCOUNT}/record/0-99/1",
        "/contacts/1/objects/0-3/views/all/list",
    ],
)
def test_what_is_not_there_has_a_page_that_says_so(server: SandboxServer, path: str):
    reply = get(server, path)
    assert reply.status_code == 404
    assert "Page not found" in reply.text


def test_an_older_address_and_a_merged_id_lead_to_the_record(
    server: SandboxServer, client: Any
):
    deal_id = deal(client)
    assert get(server, f"/contacts/{ACCOUNT}/deal/{deal_id}").url.endswith(
        f"/record/0-3/{deal_id}"
    )
