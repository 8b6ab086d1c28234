"""Deals with all that hangs on them, as a pull brings them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import requests

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.model import EMPTY, Deal, GoneReason, Money, Row, Unavailable
from gatekeeper.crm.hubspot.reading.deals import deal_link
from gatekeeper.errors import CrmAuthError, DeferredError
from gatekeeper.ports import PullTotals
from tests.crm.hubspot.scene import Scene, request

DUE = "2026-11-24T09:00:00.000Z"
BEFORE, AFTER = "2026-11-19T10:00:00.000Z", "2026-11-21T10:00:00.000Z"


def rows(deal: Deal, name: str) -> list[Row]:
    found = deal.related[name]
    assert not isinstance(found, Unavailable), found
    return list(found)


def on_deal(scene: Scene, deal: str, kind: str, type_id: int, **values: str) -> str:
    made = scene.make(kind, **{"hs_timestamp": BEFORE, **values})
    scene.link(kind, made, "deals", deal, type_id)
    return made


def contact(scene: Scene, deal: str, name: str, *labels: str) -> str:
    made = scene.make("contacts", lastname=name, email=f"{name.lower()}@acme.example")
    scene.role(deal, made, *labels)
    return made


def company(scene: Scene, deal: str, name: str) -> str:
    made = scene.make("companies", name=name)
    scene.link("deals", deal, "companies", made, 5)
    return made


def test_a_deal_comes_with_its_fields_in_our_words(scene: Scene) -> None:
    deal = scene.deal(
        "Acme",
        amount="1500.50",
        deal_currency_code="USD",
        closedate="2026-12-31T00:00:00.000Z",
        hubspot_owner_id="6166860",
        hs_next_step="Call Ann",
        hs_deal_stage_probability="0.4",
    )
    company(scene, deal, "Acme Corp")

    asked = (
        *("amount", "close_date", "owner", "owner.team", "next_step", "pipeline"),
        *("probability", "is_closed", "is_won", "account", "account.name"),
    )
    found = scene.pulled(request(*asked))["Acme"]

    assert found.fields["amount"] == Money(Decimal("1500.50"), "USD")
    assert found.fields["close_date"] == date(2026, 12, 31)
    assert found.fields["owner.team"] == "Sales"
    assert found.fields["pipeline"] == found.pipeline == "Sales Pipeline"
    assert found.fields["probability"] == Decimal(40)
    assert (found.fields["is_closed"], found.fields["is_won"]) == (False, False)
    assert found.fields["account.name"] == "Acme Corp"
    assert (found.stage, found.stage_label) == ("qualifiedtobuy", "Qualified To Buy")
    assert found.owner_id == "6166860"
    assert found.url == f"{scene.url}/contacts/12345678/record/0-3/{deal}"
    page = requests.get(found.url, timeout=10)
    assert (page.status_code, "Acme" in page.text) == (200, True)


def test_a_deals_link_leads_where_the_account_says_its_pages_are() -> None:
    account = {"portalId": 7, "uiDomain": "app-eu1.hubspot.com"}
    assert (
        deal_link(account, "https://api.hubapi.com")
        == "https://app-eu1.hubspot.com/contacts/7/record/0-3/{}"
    )
    assert (
        deal_link({"portalId": 7}, "https://api-eu1.hubapi.com")
        == "https://app.hubspot.com/contacts/7/record/0-3/{}"
    )


def test_what_hubspot_cannot_say_is_unavailable_with_the_reason(scene: Scene) -> None:
    scene.deal("Acme", hubspot_owner_id="6166860")

    fields = scene.pulled(
        request("owner.manager", "custom.hs_lastmodifieddate", "account.name")
    )["Acme"].fields

    assert "people.yaml" in str(fields["owner.manager"])
    assert "own tasks and flags move" in str(fields["custom.hs_lastmodifieddate"])
    assert fields["account.name"] is EMPTY


def test_the_primary_company_is_the_account(scene: Scene) -> None:
    deal = scene.deal("Acme")
    other = scene.make("companies", name="Partner")
    scene.link("deals", deal, "companies", other, 341)
    company(scene, deal, "Acme Corp")

    assert scene.pulled(request("account.name"))["Acme"].fields["account.name"] == (
        "Acme Corp"
    )


def test_a_contact_is_a_row_per_role(scene: Scene) -> None:
    deal = scene.deal("Acme")
    contact(scene, deal, "Fox", "Champion", "Decision maker")
    contact(scene, deal, "Lee")

    found = scene.pulled(request(rows={"contacts": {"name", "role", "email"}}))["Acme"]

    assert sorted(
        (str(row["name"]), str(row["role"])) for row in rows(found, "contacts")
    ) == [
        ("Fox", "Champion"),
        ("Fox", "Decision maker"),
        ("Lee", str(EMPTY)),
    ]


def test_who_took_part_is_told_by_the_roles_on_the_deal(scene: Scene) -> None:
    deal = scene.deal("Acme")
    fox = contact(scene, deal, "Fox", "Champion")
    meeting = on_deal(scene, deal, "meetings", 212, hs_meeting_title="Kick-off")
    scene.link("meetings", meeting, "contacts", fox, 200)
    on_deal(scene, deal, "meetings", 212, hs_meeting_title="Alone")

    found = scene.pulled(
        request(
            rows={"meetings": {"subject", "contact_roles"}, "contacts": {"last_met_at"}}
        )
    )["Acme"]

    assert {
        row["subject"]: row["contact_roles"] for row in rows(found, "meetings")
    } == {
        "Kick-off": frozenset({"Champion"}),
        "Alone": EMPTY,
    }
    (met,) = rows(found, "contacts")
    assert met["last_met_at"] == datetime(2026, 11, 19, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "was_held"),
    [
        ({"hs_meeting_end_time": BEFORE}, True),
        ({"hs_meeting_end_time": AFTER}, False),
        ({"hs_meeting_end_time": BEFORE, "hs_meeting_outcome": "CANCELED"}, False),
        ({"hs_meeting_end_time": BEFORE, "hs_meeting_outcome": "NO_SHOW"}, False),
        ({}, True),
    ],
)
def test_a_meeting_was_held_when_it_is_over_and_was_not_called_off(
    scene: Scene, values: dict[str, str], was_held: bool
) -> None:
    on_deal(scene, scene.deal("Acme"), "meetings", 212, **values)

    found = scene.pulled(request(rows={"meetings": {"completed", "start"}}))["Acme"]

    (row,) = rows(found, "meetings")
    assert row["completed"] is was_held
    assert row["start"] == datetime(2026, 11, 19, 10, tzinfo=UTC)


def test_mails_and_calls_know_their_direction_and_their_sender(scene: Scene) -> None:
    deal = scene.deal("Acme")
    fox = contact(scene, deal, "Fox", "Champion")
    on_deal(
        scene,
        deal,
        "emails",
        210,
        hs_email_direction="INCOMING_EMAIL",
    )
    call = on_deal(scene, deal, "calls", 206, hs_call_direction="OUTBOUND")
    scene.link("calls", call, "contacts", fox, 194)

    found = scene.pulled(
        request(
            rows={
                "emails": {"direction", "from_role"},
                "calls": {"direction", "contact_roles"},
            }
        )
    )["Acme"]

    (mail,) = rows(found, "emails")
    assert mail["direction"] == "inbound"
    assert "no property emails.hs_email_from_email" in str(mail["from_role"])
    (said,) = rows(found, "calls")
    assert said["direction"] == "outbound"
    assert said["contact_roles"] == frozenset({"Champion"})


@pytest.mark.trap("H9c")
@pytest.mark.promise("D13")
def test_our_own_tasks_are_no_activity(scene: Scene) -> None:
    deal = scene.deal("Acme")
    on_deal(
        scene, deal, "tasks", 216, gatekeeper_key="gk1-ours", hs_task_subject="Ours"
    )
    on_deal(
        scene, deal, "tasks", 216, hs_task_subject="Theirs", hs_task_status="COMPLETED"
    )
    on_deal(scene, deal, "notes", 214, hs_note_body="Hello")

    found = scene.pulled(
        request(rows={"tasks": {"subject", "is_closed"}, "activities": {"kind", "at"}})
    )["Acme"]

    assert rows(found, "tasks") == [{"subject": "Theirs", "is_closed": True}]
    assert Counter(str(row["kind"]) for row in rows(found, "activities")) == {
        "task": 1,
        "note": 1,
    }


def test_files_are_what_was_attached_to_anything_logged(scene: Scene) -> None:
    deal = scene.deal("Acme")
    on_deal(scene, deal, "notes", 214, hs_attachment_ids="71;72")
    on_deal(scene, deal, "notes", 214)
    scene.crm.schema(request().catalogue)
    before = Counter(scene.portal.requests)

    found = scene.pulled(request(rows={"files": {"added_at", "name"}, "notes": set()}))[
        "Acme"
    ]

    files = rows(found, "files")
    assert [row["added_at"] for row in files] == [
        datetime(2026, 11, 19, 10, tzinfo=UTC)
    ] * 2
    assert isinstance(files[0]["name"], Unavailable)
    assert len(rows(found, "notes")) == 2
    asked = Counter(scene.portal.requests) - before
    assert (asked["associations"], asked["batch_read"]) == (5, 1)


def test_without_the_property_of_files_nobody_says_there_are_none(
    scene: Scene,
) -> None:
    scene.deal("Acme")
    del scene.portal.kinds["calls"].properties["hs_attachment_ids"]
    scene.crm.portal.forget()

    found = scene.pulled(request(rows={"files": set()}))["Acme"]

    assert "calls.hs_attachment_ids" in str(found.related["files"])


def test_other_deals_of_the_company_and_its_own_rows_are_one_hop_away(
    scene: Scene,
) -> None:
    deal, old = scene.deal("Acme"), scene.deal("Old", dealstage="closedlost")
    corp = company(scene, deal, "Acme Corp")
    scene.link("deals", old, "companies", corp, 5)
    note = scene.make("notes", hs_timestamp=BEFORE)
    scene.link("notes", note, "companies", corp, 190)

    found = scene.pulled(
        request(rows={"siblings": {"name", "is_won"}, "account.notes": {"created_at"}})
    )["Acme"]

    assert rows(found, "siblings") == [{"name": "Old", "is_won": False}]
    assert len(rows(found, "account.notes")) == 1


def test_collaborators_are_the_deals_team(scene: Scene) -> None:
    scene.deal("Acme", hs_all_collaborator_owner_ids=";6166860")

    found = scene.pulled(request(rows={"team_members": {"name", "role"}}))["Acme"]

    (member,) = rows(found, "team_members")
    assert member["name"] == "Alex Admin"
    assert isinstance(member["role"], Unavailable)


def test_a_kind_without_its_scope_is_unavailable_and_the_rest_is_whole(
    scene: Scene,
) -> None:
    scene.deal("Acme")
    crm = scene.join_with("crm.objects.contacts.read", "crm.schemas.contacts.read")

    found = scene.pulled(
        request("amount", rows={"quotes": {"name"}, "tasks": set()}), crm
    )

    assert "crm.schemas.quotes.read" in str(found["Acme"].related["quotes"])
    assert found["Acme"].related["tasks"] == ()


def test_records_without_their_scope_are_unavailable_and_the_pull_is_complete(
    scene: Scene,
) -> None:
    scene.deal("Acme")
    crm = scene.join_with(
        *("crm.objects.contacts.read", "crm.schemas.contacts.read"),
        *("crm.schemas.quotes.read", "crm.schemas.companies.read"),
    )
    asked = request("account.name", rows={"quotes": {"name"}, "tasks": set()})

    found = scene.pulled(asked, crm)["Acme"]  # which holds that it is complete

    lacking = "the token lacks the scope crm.objects.{}.read"
    assert lacking.format("quotes") in str(found.related["quotes"])
    assert lacking.format("companies") in str(found.fields["account.name"])
    assert found.related["tasks"] == ()
    missing = crm.schema(BUILT_IN).missing_collections
    assert lacking.format("quotes") in missing["quotes"]
    named = {each.name: each.text for each in crm.examine(asked)}
    assert "crm.objects.quotes.read" in named["scopes"]


@pytest.mark.parametrize("granted", [(), ("crm.schemas.contacts.read",)])
def test_tasks_without_their_scope_stop_the_run(
    scene: Scene, granted: tuple[str, ...]
) -> None:
    crm = scene.join_with(*granted)

    with pytest.raises(CrmAuthError, match=r"tasks: .* crm\.objects\.contacts\.read"):
        list(crm.own_tasks())


@pytest.mark.promise("F24")
def test_a_refusal_that_is_about_no_scope_makes_the_pull_partial(scene: Scene) -> None:
    scene.deal("Acme")
    crm = scene.join_with(
        *("crm.objects.contacts.read", "crm.schemas.contacts.read"),
        *("crm.objects.quotes.read", "crm.schemas.quotes.read"),
    )
    with scene.portal.lock:
        scene.portal.faults.add("associations:403:99")
    totals = PullTotals()

    (batch,) = crm.pull(request(rows={"quotes": {"name"}}), totals)

    assert isinstance(batch.deals[0].related["quotes"], Unavailable)
    assert "quotes could not be read for 1 of 1 deals" in totals.problems[0]


def test_deals_without_their_scope_stop_the_run(scene: Scene) -> None:
    token = scene.portal.tokens.first
    few = scene.join_with()
    scene.portal.tokens.add(
        type(token)("pat-few-0", frozenset({"crm.objects.owners.read"}), 7, 1)
    )

    with pytest.raises(CrmAuthError, match=r"crm\.objects\.deals\.read"):
        list(few.pull(request("amount"), PullTotals()))


@pytest.mark.promise("F24")
def test_rows_that_cannot_be_read_are_said_and_never_taken_for_none(
    scene: Scene,
) -> None:
    scene.deal("Acme")
    scene.crm.pull(request(), PullTotals())
    with scene.portal.lock:
        scene.portal.faults.add("associations:503:99")
    totals = PullTotals()

    (batch,) = scene.crm.pull(request(rows={"notes": {"owner"}}), totals)

    assert isinstance(batch.deals[0].related["notes"], Unavailable)
    assert not totals.is_complete
    assert "notes could not be read for 1 of 1 deals" in totals.problems[0]


@pytest.mark.promise("F24")
def test_what_hangs_on_an_account_that_cannot_be_read_is_unknown_too(
    scene: Scene,
) -> None:
    scene.deal("Acme")
    asked = request("account.name", rows={"account.meetings": {"subject"}})
    scene.crm.pull(asked, PullTotals())
    with scene.portal.lock:
        scene.portal.faults.add("associations:503:99")
    totals = PullTotals()

    (batch,) = scene.crm.pull(asked, totals)

    (deal,) = batch.deals
    assert deal.fields["account.name"] == Unavailable("companies could not be read")
    assert deal.related["account.meetings"] == deal.fields["account.name"]
    assert "account.meetings could not be read for 1 of 1" in totals.problems[1]


@pytest.mark.promise("F24")
def test_a_page_that_never_comes_makes_the_pull_partial(scene: Scene) -> None:
    for number in range(101):
        scene.deal(f"Deal {number}")
    totals = PullTotals()
    batches = scene.crm.pull(request("amount"), totals)
    with scene.portal.lock:
        scene.portal.faults.add("list:503:99:after=1")

    found = [deal for batch in batches for deal in batch.deals]

    assert len(found) == 100
    assert totals.expected is None
    assert "ended early" in totals.problems[0]


@pytest.mark.promise("F10")
def test_a_limit_in_the_middle_of_a_pull_is_waited_for(scene: Scene) -> None:
    for number in range(101):
        scene.deal(f"Deal {number}")
    with scene.portal.lock:
        scene.portal.faults.add("list:429burst:2:after=1")
    began = scene.portal.elapsed.now()

    assert len(scene.pulled(request("amount"))) == 101
    assert scene.portal.elapsed.now() - began >= 20


@pytest.mark.promise("F10")
def test_a_used_up_day_defers_the_pull(scene: Scene) -> None:
    scene.deal("Acme")
    with scene.portal.lock:
        scene.portal.faults.add("list:429daily:1")

    with pytest.raises(DeferredError, match="21 Nov 2026 00:00"):
        list(scene.crm.pull(request("amount"), PullTotals()))


@pytest.mark.trap("H10e")
def test_an_address_that_is_too_long_is_read_in_two_steps(scene: Scene) -> None:
    scene.deal("Acme", amount="5")
    with scene.portal.lock:
        scene.portal.faults.add("list:414html:1")

    found = scene.pulled(request("amount"))

    assert found["Acme"].fields["amount"] == Money(Decimal(5), "USD")


def test_only_pipelines_in_scope_are_pulled(scene: Scene) -> None:
    scene.deal("Acme")

    assert set(scene.pulled(request(pipelines=("sales pipeline",)))) == {"Acme"}
    assert scene.pulled(request(pipelines=("Renewals",))) == {}


@pytest.mark.trap("H10i")
@pytest.mark.promise("F22")
def test_a_merged_deal_is_gone_and_lives_on_under_the_other_id(scene: Scene) -> None:
    kept, lost = scene.deal("Kept"), scene.deal("Lost")
    merge(scene, kept, lost)

    batch = scene.crm.deals_by_id([kept, lost], request("amount"))

    assert lost in batch.gone
    assert batch.gone[lost] is GoneReason.DELETED


def merge(scene: Scene, kept: str, lost: str) -> None:
    body = {"primaryObjectId": kept, "objectIdToMerge": lost}
    api = scene.people.crm.deals.basic_api.api_client
    api.call_api(
        "/crm/v3/objects/deals/merge",
        "POST",
        header_params={
            "Accept": "application/json",
            "Content-Type": "application/json",
        },
        body=body,
        auth_settings=["oauth2"],
        _preload_content=False,
    )


def test_each_company_is_read_once_however_many_deals_it_has(scene: Scene) -> None:
    corp = scene.make("companies", name="Acme Corp")
    for number in range(3):
        scene.link("deals", scene.deal(f"Deal {number}"), "companies", corp, 5)
    scene.crm.schema(request().catalogue)
    before = Counter(scene.portal.requests)

    scene.pulled(request("account.name"))

    asked = Counter(scene.portal.requests) - before
    assert (asked["list"], asked["associations"], asked["batch_read"]) == (1, 1, 1)


def test_what_a_currency_is_worth_is_told_by_the_largest_open_deal(
    scene: Scene,
) -> None:
    scene.portal.settings.currencies = ("EUR", "GBP")
    scene.deal("Small", amount="10", deal_currency_code="EUR", hs_exchange_rate="1.25")
    scene.deal(
        "Large", amount="8000", deal_currency_code="EUR", hs_exchange_rate="1.25"
    )
    scene.settle()

    assert scene.join().rates() == {"USD": Decimal(1), "EUR": Decimal("1.25")}


@pytest.mark.trap("H6a")
def test_what_a_currency_is_worth_does_not_hang_on_what_the_index_has(
    scene: Scene,
) -> None:
    scene.portal.settings.currencies = ("EUR", "GBP")
    rate = {"deal_currency_code": "EUR", "hs_exchange_rate": "1.2345"}
    small = scene.deal("Small", amount="10", **rate)
    large, odd = (scene.deal(name, amount="8000", **rate) for name in ("Large", "Odd"))
    scene.settle()
    # None of this has reached the index when the run asks.
    scene.change("deals", large, deal_currency_code="GBP", hs_exchange_rate="1.5")
    scene.change("deals", odd, hs_exchange_rate="1.3")
    scene.change("deals", small, amount="99000")

    worth = {"USD": Decimal(1), "EUR": Decimal("1.2345"), "GBP": Decimal("1.5")}
    assert scene.join().rates() == worth
    scene.settle()
    assert scene.join().rates() == worth


def test_without_rates_of_their_own_deals_tell_what_a_currency_is_worth(
    scene: Scene,
) -> None:
    scene.portal.settings.currencies = ("EUR",)
    scene.deal("Blank", deal_currency_code="EUR", hs_exchange_rate="1.25")
    held = scene.deal(
        "Held", amount="400", deal_currency_code="EUR", hs_exchange_rate="1.25"
    )
    with scene.portal.lock:
        scene.portal.kinds["deals"].properties.pop("hs_exchange_rate")
    scene.settle()

    assert scene.crm.deals_by_id([held], request("amount")).deals
    assert scene.join().rates() == {"USD": Decimal(1), "EUR": Decimal("1.25")}
