"""The record pages: what a person sees who follows a link of the demo."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import TYPE_CHECKING

import pytest
import requests

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.schema import FieldType
from gatekeeper.sandbox.seed import seed_org
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.org import Org

HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7 * 7 }}"
FLAGS = {
    "Gate_Status__c": "picklist",
    "Gate_Open_Count__c": "double",
    "Gate_Worst_Severity__c": "picklist",
    "Gate_Missing__c": "textarea",
    "Gate_Open_Since__c": "date",
    "Gate_Supported_Stage__c": "string",
}
LIST = "/lightning/o/Opportunity/list"
DEAL_LINK = '<td><a href="/lightning/r/Opportunity/'


@pytest.fixture
def org(tmp_path) -> Org:
    seed_org(120, 2, date(2026, 11, 20), tmp_path)
    clock = Clock()
    clock.set(as_of_instant("2026-11-20"))
    return load_org(tmp_path, clock)


class Browser:
    """Opens pages of a served org."""

    def __init__(self, url: str) -> None:
        self._url = url

    def get(self, address: str, *, follow: bool = True) -> requests.Response:
        return requests.get(self._url + address, allow_redirects=follow, timeout=10)


@pytest.fixture
def browser(org: Org) -> Iterator[Browser]:
    with SandboxServer(org) as server:
        yield Browser(server.url)


def open_deal(org: Org) -> Row:
    """Return an open deal past prospecting, to write on."""
    deals = org.rows("Opportunity", include_deleted=False)
    return Row(
        next(deal for deal in deals if deal["StageName"] == "Proposal/Price Quote")
    )


def flag(org: Org, deal: Row, **values: object) -> None:
    """Give the org our fields and set them on one deal."""
    for name, kind in FLAGS.items():
        label = name.removesuffix("__c").replace("_", " ")
        field = FieldType(name, kind, label, custom=True)
        org.add_field("Opportunity", field, granted=True)
    org.put("Opportunity", Row(deal | values))


def page(browser: Browser, address: str) -> str:
    reply = browser.get(address)
    assert reply.status_code == 200
    return reply.text


def words(html: str) -> str:
    """Return what a page reads like, without tags and doubled spaces."""
    body = html.partition("</style>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def view(object_name: str, row: Row) -> str:
    return f"/lightning/r/{object_name}/{row['Id']}/view"


def test_a_deal_shows_its_stage_people_and_evidence(org: Org, browser: Browser):
    deal = open_deal(org)

    shown = page(browser, view("Opportunity", deal))
    text = words(shown)
    assert str(deal["Name"]) in text
    path = shown.replace("<wbr>", "")
    assert '<li class="now" aria-current="step">Proposal/Price Quote</li>' in path
    assert shown.count('<li class="done">') == 6
    assert view("User", Row(Id=deal["OwnerId"])) in shown
    assert view("Account", Row(Id=deal["AccountId"])) in shown
    for heading in ("Open tasks", "Contact roles", "Products", "Meetings", "Files"):
        assert heading in text
    assert "Stage gate" not in text


def test_a_won_deal_ends_its_path_won(org: Org, browser: Browser):
    deals = org.rows("Opportunity", include_deleted=False)
    won = Row(next(deal for deal in deals if deal["IsWon"]))

    shown = page(browser, view("Opportunity", won))
    assert '<li class="won" aria-current="step">Closed Won</li>' in shown
    assert shown.count('<li class="done">') == 8


def test_a_lost_deal_claims_no_stage(org: Org, browser: Browser):
    deals = org.rows("Opportunity", include_deleted=False)
    lost = Row(next(deal for deal in deals if deal["StageName"] == "Closed Lost"))

    shown = page(browser, view("Opportunity", lost))
    assert '<li class="lost" aria-current="step">Closed Lost</li>' in shown
    assert '<li class="done">' not in shown


def test_a_stage_the_org_no_longer_has_is_shown_all_the_same(
    org: Org, browser: Browser
):
    deal = open_deal(org)
    org.put("Opportunity", Row(deal | {"StageName": "Old stage"}))

    shown = page(browser, view("Opportunity", deal))
    assert '<li class="now" aria-current="step">Old stage</li>' in shown


def test_flags_are_shown_where_the_org_has_them(org: Org, browser: Browser):
    deal = open_deal(org)
    flag(
        org,
        deal,
        Gate_Status__c="Open",
        Gate_Open_Count__c=2,
        Gate_Worst_Severity__c="high",
        Gate_Missing__c="1. Amount is empty\n2. Next step is empty",
        Gate_Open_Since__c="2026-11-12",
        Gate_Supported_Stage__c="Qualification",
    )

    shown = page(browser, view("Opportunity", deal))
    text = words(shown)
    assert '<section class="card gate bad">' in shown
    assert "The evidence supports Qualification , the deal is in Proposal/Price" in text
    assert "Worst severity high Open since 12 Nov 2026" in text
    assert "1. Amount is empty\n2. Next step is empty" in shown


def test_an_unflagged_deal_says_so(org: Org, browser: Browser):
    deal = open_deal(org)
    flag(org, deal)

    assert "Stage gate no flag" in words(page(browser, view("Opportunity", deal)))


@pytest.mark.parametrize("field", ["Name", "NextStep", "Description", "StageName"])
def test_hostile_text_stays_text(org: Org, browser: Browser, field: str):
    deal = open_deal(org)
    org.put("Opportunity", Row(deal | {field: HOSTILE}))

    for address in (view("Opportunity", deal), LIST):
        shown = page(browser, address)
        assert "<script" not in shown
    assert HOSTILE in words(page(browser, view("Opportunity", deal))) or (
        unescape(page(browser, view("Opportunity", deal))).count("{{ 7 * 7 }}")
    )


def test_a_page_runs_and_fetches_nothing(org: Org, browser: Browser):
    reply = browser.get(view("Opportunity", open_deal(org)))

    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert reply.headers["x-content-type-options"] == "nosniff"
    for word in ("<script", "<link", "<img", "<form", "src=", "url(", "@import"):
        assert word not in reply.text


def test_open_tasks_come_first_and_late_ones_are_marked(org: Org, browser: Browser):
    deal = open_deal(org)
    task = Row(
        Id=org.new_id("00T"),
        Subject="Acme (Proposal): 2 things missing",
        Status="Not Started",
        Priority="Normal",
        ActivityDate="2026-11-18",
        WhatId=deal["Id"],
        OwnerId=deal["OwnerId"],
        Description="1. Amount is empty",
        IsClosed=False,
        Gatekeeper_Key__c="gk1-x",
    )
    org.put("Task", task)

    text = words(page(browser, view("Opportunity", deal)))
    assert (
        "Acme (Proposal): 2 things missing gatekeeper Overdue Due 18 Nov 2026 "
        "Not Started Normal priority" in text
    )
    assert text.index("2 things missing") < text.index("Closed tasks")
    org.put("Task", Row(task | {"IsClosed": True, "Status": "Completed"}))
    text = words(page(browser, view("Opportunity", deal)))
    assert text.index("Closed tasks") < text.index("2 things missing")
    assert "gatekeeper, closed" in text


def test_a_task_shows_what_it_asks_and_about_which_deal(org: Org, browser: Browser):
    deal = open_deal(org)
    task = Row(
        Id=org.new_id("00T"),
        Subject="Fill the amount",
        Status="Completed",
        ActivityDate="2026-11-19",
        CompletedDateTime="2026-11-19T10:00:00.000+0000",
        WhatId=deal["Id"],
        OwnerId=deal["OwnerId"],
        Description="Line one\n" + HOSTILE,
        IsClosed=True,
    )
    org.put("Task", task)

    shown = page(browser, view("Task", task))
    text = words(shown)
    assert f"Related to {deal['Name']}" in text
    assert "Completed 19 Nov 2026, 10:00" in text
    assert HOSTILE in text
    assert "<script" not in shown


def test_a_user_shows_what_is_on_their_desk(org: Org, browser: Browser):
    deal = open_deal(org)

    text = words(page(browser, view("User", Row(Id=deal["OwnerId"]))))
    assert "Open deals" in text
    assert str(deal["Name"]) in text
    assert "America/New_York" in text


def test_an_account_shows_its_deals_and_people(org: Org, browser: Browser):
    deal = open_deal(org)

    text = words(page(browser, view("Account", Row(Id=deal["AccountId"]))))
    assert str(deal["Name"]) in text
    assert "Contacts (3)" in text


def test_an_id_alone_leads_to_its_record(org: Org, browser: Browser):
    deal = open_deal(org)
    for text in (str(deal["Id"]), str(deal["Id"])[:15]):
        for address in (f"/{text}", f"/lightning/r/{text}/view"):
            reply = browser.get(address, follow=False)
            assert reply.headers["location"] == view("Opportunity", deal)
    assert browser.get("/", follow=False).headers["location"] == LIST


def test_what_is_not_there_is_a_page_that_says_so(org: Org, browser: Browser):
    deal = open_deal(org)
    org.put("Opportunity", Row(deal | {"IsDeleted": True}))

    addresses = [
        view("Opportunity", deal),
        view("Account", deal),
        "/lightning/r/Opportunity/006000000000000AAA/view",
        "/nonsense",
        f"/{deal['Id']}",
    ]
    for address in addresses:
        reply = browser.get(address)
        assert reply.status_code == 404
        assert "There is no such record" in reply.text


@pytest.mark.parametrize(
    ("chosen", "closed"), [("open", False), ("closed", True), ("nonsense", False)]
)
def test_the_list_filters_deals(org: Org, browser: Browser, chosen, closed):
    deals = org.rows("Opportunity", include_deleted=False)
    wanted = [deal for deal in deals if deal["IsClosed"] is closed]

    shown = page(browser, f"{LIST}?filter={chosen}")
    linked = re.findall(r'<td><a href="/lightning/r/Opportunity/(\w+)/view"', shown)
    assert len(linked) == min(len(wanted), 100)
    assert set(linked) <= {deal["Id"] for deal in wanted}


def test_the_list_of_flagged_deals_holds_only_open_flags(org: Org, browser: Browser):
    deal = open_deal(org)
    flag(org, deal, Gate_Status__c="Open", Gate_Open_Count__c=3)

    shown = page(browser, f"{LIST}?filter=flagged")
    assert shown.count(DEAL_LINK) == 1
    assert '<span class="pill bad">Open 3</span>' in shown


def test_a_long_list_is_cut_into_pages(org: Org, browser: Browser):
    first = page(browser, f"{LIST}?filter=all")
    last = page(browser, f"{LIST}?filter=all&page=99")

    assert "Page 1 of 2, 120 deals" in words(first)
    assert "Page 2 of 2, 120 deals" in words(last)
    assert last.count(DEAL_LINK) == 20


def test_an_org_of_other_peoples_data_is_shown_too(shared_data):
    org = load_org(shared_data / "salesforce" / "simple_crm_activities")
    deal = Row(next(iter(org.rows("Opportunity", include_deleted=False))))

    with SandboxServer(org) as server:
        browser = Browser(server.url)
        assert "Details" in words(page(browser, view("Opportunity", deal)))
        assert "500" in words(page(browser, f"{LIST}?filter=all"))
