"""The pull against a sandbox: pages, related rows, what goes missing on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN, FieldSpec, Kind
from gatekeeper.core.model import (
    EMPTY,
    Action,
    Change,
    Deal,
    Money,
    ObligationId,
    Person,
    Unavailable,
    task_key,
)
from gatekeeper.core.pack import Needs
from gatekeeper.errors import CrmAuthError, CrmUnreachableError
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER
from tests.contracts.worlds import SandboxWorld, usd
from tests.fakes.crm import freely

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Catalogue


def request(
    *fields: str, catalogue: Catalogue = BUILT_IN, **collections: str
) -> PullRequest:
    needs = Needs(
        frozenset(fields),
        {name: frozenset(words.split()) for name, words in collections.items()},
    )
    return PullRequest(needs, catalogue, (), date(2026, 10, 21))


def pulled(
    world: SandboxWorld, asked: PullRequest, totals: PullTotals | None = None
) -> list[Deal]:
    batches = world.crm.pull(asked, totals or PullTotals())
    return [deal for batch in batches for deal in batch.deals]


def only(world: SandboxWorld, asked: PullRequest) -> Deal:
    (deal,) = pulled(world, asked)
    return deal


def meeting(world: SandboxWorld, deal: str, start: str, **more: object) -> str:
    return world.people.create(
        "Event",
        WhatId=deal,
        StartDateTime=start,
        DurationInMinutes=30,
        Subject="Demo",
        **more,
    )


def contact(world: SandboxWorld, deal: str, name: str, role: str | None) -> str:
    mail = f"{name.casefold()}@buyer.example"
    id_ = world.people.create("Contact", LastName=name, Email=mail)
    world.people.create(
        "OpportunityContactRole", OpportunityId=deal, ContactId=id_, Role=role
    )
    return id_


def many(world: SandboxWorld, count: int) -> list[str]:
    world.org.settings.page_size = 2
    return sorted(world.deal(f"Deal {number}") for number in range(count))


def test_built_in_fields_come_in_our_words(world: SandboxWorld) -> None:
    account = world.people.create("Account", Name="Acme Inc")
    deal = world.deal("Acme", amount=usd("1234.5"))
    world.people.update(
        "Opportunity", deal, AccountId=account, NextStep=" ", Probability=20
    )
    names = (
        *("id", "name", "stage", "pipeline", "owner", "account", "created_at"),
        *("close_date", "amount", "is_closed", "is_won", "next_step", "probability"),
        *("account.name", "owner.name", "owner.is_active"),
    )

    found = only(world, request(*names)).fields

    owner = found["owner"]
    assert isinstance(owner, Person)
    assert found == {
        "id": deal,
        "name": "Acme",
        "stage": "Prospecting",
        "pipeline": "Default",
        "owner": owner,
        "account": account,
        "created_at": datetime(2026, 11, 20, 14, tzinfo=UTC),
        "close_date": date(2026, 12, 31),
        "amount": Money(Decimal("1234.5"), "USD"),
        "is_closed": False,
        "is_won": False,
        "next_step": EMPTY,
        "probability": Decimal(20),
        "account.name": "Acme Inc",
        "owner.name": owner.name,
        "owner.is_active": True,
    }
    assert owner.id == INTEGRATION_USER


def test_a_null_lookup_is_empty_and_so_are_its_fields(world: SandboxWorld) -> None:
    world.deal("Acme")

    found = only(world, request("account", "account.name", "owner.manager")).fields

    assert set(found.values()) == {EMPTY}


def test_a_name_without_a_field_says_why(world: SandboxWorld) -> None:
    world.deal("Acme")
    catalogue = replace(
        BUILT_IN,
        deal={
            **BUILT_IN.deal,
            "segment": FieldSpec("segment", Kind.TEXT, {"hubspot": "segment"}),
            "legal": FieldSpec("legal", Kind.TEXT, {"salesforce": "Legal__c"}),
        },
    )
    names = ("segment", "legal", "custom.Other__c")

    found = only(world, request(*names, catalogue=catalogue)).fields

    assert found == {
        "segment": Unavailable(
            "segment is mapped to no Salesforce field in fields.yaml"
        ),
        "legal": Unavailable("the integration user may not read Opportunity.Legal__c"),
        "custom.Other__c": Unavailable(
            "the integration user may not read Opportunity.Other__c"
        ),
    }


def test_a_mapping_wins_over_the_built_in_name(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    world.people.update("Opportunity", deal, Description="What for")
    mapped = FieldSpec("next_step", Kind.TEXT, {"salesforce": "Description"})
    catalogue = replace(BUILT_IN, deal={**BUILT_IN.deal, "next_step": mapped})

    found = only(world, request("next_step", catalogue=catalogue)).fields

    assert found == {"next_step": "What for"}


@pytest.mark.trap("S2a")
def test_deals_come_in_pages_each_with_its_own_rows(world: SandboxWorld) -> None:
    ids = many(world, 5)
    for number, deal in enumerate(ids):
        for _ in range(number):
            meeting(world, deal, "2026-11-01T10:00:00Z")
    totals = PullTotals()

    batches = list(world.crm.pull(request("name", meetings="start"), totals))

    assert [len(batch.deals) for batch in batches] == [2, 2, 1]
    rows = [len(deal.related["meetings"]) for b in batches for deal in b.deals]  # type: ignore[arg-type]
    assert rows == [0, 1, 2, 3, 4]
    assert (totals.read, totals.expected, totals.problems) == (5, 5, [])


def test_full_pages_cost_one_call_each(world: SandboxWorld) -> None:
    ids = many(world, 6)
    for deal in ids:
        meeting(world, deal, "2026-11-01T10:00:00Z")
    asked = request("name", meetings="start")
    pulled(world, asked)  # describes are remembered from now on
    before = world.crm.usage().reads

    pulled(world, asked)

    # 6 deals and 6 meetings in pages of 2
    assert world.crm.usage().reads - before == 3 + 3


@pytest.mark.trap("S2c")
@pytest.mark.promise("F24")
@pytest.mark.parametrize("fault", ["401:1", "locator_expired:2", "503html:1"])
def test_a_lost_place_costs_no_row_and_repeats_none(
    world: SandboxWorld, fault: str
) -> None:
    ids = many(world, 7)
    for deal in ids:
        meeting(world, deal, "2026-11-01T10:00:00Z")
        meeting(world, deal, "2026-11-02T10:00:00Z")
    asked, totals = request("name", meetings="start"), PullTotals()
    pulled(world, asked)
    world.order(f"querymore:{fault}")

    deals = pulled(world, asked, totals)

    assert totals.problems == []
    assert [deal.id for deal in deals] == ids
    assert [len(deal.related["meetings"]) for deal in deals] == [2] * 7  # type: ignore[arg-type]
    assert totals.is_complete


@pytest.mark.promise("F24")
def test_a_page_that_does_not_come_ends_the_pull_incomplete(
    world: SandboxWorld,
) -> None:
    many(world, 7)
    asked, totals = request("name"), PullTotals()
    pulled(world, asked)
    world.order("querymore:503html")

    deals = pulled(world, asked, totals)

    assert len(deals) == 2
    assert not totals.is_complete
    assert totals.expected == 7
    assert "The deals ended early" in totals.problems[0]


def test_nothing_readable_at_all_stops(world: SandboxWorld) -> None:
    world.deal("Acme")
    asked = request("name")
    pulled(world, asked)
    world.order("query:503html")

    with pytest.raises(CrmUnreachableError):
        pulled(world, asked)


def test_related_rows_that_do_not_come_are_unavailable(world: SandboxWorld) -> None:
    world.deal("Acme")
    asked = request("name", meetings="start")
    pulled(world, asked)
    world.order("queryall:503html")
    totals = PullTotals()

    (deal,) = pulled(world, asked, totals)

    assert deal.related["meetings"] == Unavailable("Event could not be read")
    assert not totals.is_complete
    (problem,) = totals.problems
    assert problem.startswith("meetings could not be read for 1 of 1 deals (")


@pytest.mark.promise("F25")
def test_a_hidden_object_makes_its_collection_unavailable(world: SandboxWorld) -> None:
    world.deal("Acme")

    deal = only(world, request(quotes="status", team_members="role", nonsense=""))

    assert deal.related == {
        "quotes": Unavailable("the integration user may not read Quote"),
        "team_members": Unavailable(
            "the integration user may not read OpportunityTeamMember"
        ),
        "nonsense": Unavailable("nonsense is not read on Salesforce"),
    }


def test_opportunities_that_may_not_be_read_stop_with_the_remedy(
    world: SandboxWorld,
) -> None:
    world.org.hide_field("Opportunity", "CloseDate")
    world.crm.facts.forget()

    with pytest.raises(
        CrmAuthError, match=r"[^.]\. Grant the integration user read access"
    ):
        pulled(world, request("name"))


def test_deals_that_took_too_long_to_read_stop_with_what_helps(
    world: SandboxWorld,
) -> None:
    world.deal("Acme")
    assert pulled(world, request("name"))
    world.org.faults.add("query:query_timeout:9")

    with pytest.raises(CrmUnreachableError) as stopped:
        pulled(world, request("name"))

    assert str(stopped.value) == (
        "Salesforce took too long over reading Opportunity: Your query request was"
        " running for too long. Nothing was written, and the next run asks again."
        " Should it come back, let `scope` in project.yaml name fewer pipelines."
    )


def test_stages_that_took_too_long_to_read_stop_without_advice_on_deals(
    world: SandboxWorld,
) -> None:
    world.org.faults.add("query:query_timeout:9")

    with pytest.raises(CrmUnreachableError) as stopped:
        pulled(world, request("name"))

    assert str(stopped.value) == (
        "Salesforce took too long over reading OpportunityStage: Your query request"
        " was running for too long. Nothing was written, and the next run asks again."
    )


def test_contacts_come_with_their_roles_and_last_meeting(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    bo = contact(world, deal, "Bo", "Economic Buyer")
    contact(world, deal, "Cy", None)
    meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    meeting(world, deal, "2026-11-05T10:00:00Z", WhoId=bo)
    meeting(world, deal, "2026-12-24T10:00:00Z", WhoId=bo)

    found = only(world, request(contacts="name email role last_met_at"))

    rows = found.related["contacts"]
    assert not isinstance(rows, Unavailable)
    assert sorted(rows, key=lambda row: str(row["name"])) == [
        {
            "name": "Bo",
            "email": "bo@buyer.example",
            "role": "Economic Buyer",
            "last_met_at": datetime(2026, 11, 5, 10, tzinfo=UTC),
        },
        {
            "name": "Cy",
            "email": "cy@buyer.example",
            "role": EMPTY,
            "last_met_at": EMPTY,
        },
    ]


def test_meetings_say_who_took_part_and_whether_they_are_over(
    world: SandboxWorld,
) -> None:
    deal = world.deal("Acme")
    bo = contact(world, deal, "Bo", "Champion")
    meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    meeting(world, deal, "2026-12-01T10:00:00Z")

    found = only(world, request(meetings="start completed contact_roles subject"))

    assert found.related["meetings"] == (
        {
            "start": datetime(2026, 11, 1, 10, tzinfo=UTC),
            "completed": True,
            "contact_roles": frozenset({"Champion"}),
            "subject": "Demo",
        },
        {
            "start": datetime(2026, 12, 1, 10, tzinfo=UTC),
            "completed": False,
            "contact_roles": EMPTY,
            "subject": "Demo",
        },
    )


def test_calls_mails_and_tasks_are_told_apart(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    done = {"WhatId": deal, "Status": "Completed", "ActivityDate": "2026-11-19"}
    world.people.create(
        "Task", Subject="Call", TaskSubtype="Call", CallType="Inbound", **done
    )
    world.people.create("Task", Subject="Do it", ActivityDate="2026-11-30", WhatId=deal)
    world.people.create(
        "EmailMessage",
        RelatedToId=deal,
        Subject="Hello",
        Incoming=True,
        Status="0",
        FromAddress="bo@buyer.example",
        MessageDate="2026-11-18T09:00:00.000+0000",
    )
    contact(world, deal, "Bo", "Champion")

    found = only(
        world,
        request(
            calls="subject at direction",
            tasks="subject due_on is_closed",
            emails="subject at direction from_role",
        ),
    )

    assert found.related == {
        "calls": (
            {
                "subject": "Call",
                "at": datetime(2026, 11, 20, 14, tzinfo=UTC),
                "direction": "inbound",
            },
        ),
        "tasks": (
            {"subject": "Do it", "due_on": date(2026, 11, 30), "is_closed": False},
        ),
        "emails": (
            {
                "subject": "Hello",
                "at": datetime(2026, 11, 18, 9, tzinfo=UTC),
                "direction": "inbound",
                "from_role": "Champion",
            },
        ),
    }


def test_activities_hold_everything_but_ours(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    owner = world.person("Ann")
    meeting(world, deal, "2026-11-01T10:00:00Z")
    world.people.create("Task", Subject="Open", WhatId=deal)
    key = task_key(world.crm.org(), deal, "deal_owner", "", 1)
    ours = Change(
        Action.CREATE,
        key,
        deal,
        "Acme",
        id=ObligationId(deal, "deal_owner"),
        episode=1,
        write={"owner_id": owner, "due_on": "2026-11-25", "subject": "S", "body": "B"},
    )
    world.crm.write([ours], 1, freely)

    found = only(world, request(activities="kind at", tasks="subject"))

    assert found.related == {
        "activities": (
            {"kind": "meeting", "at": datetime(2026, 11, 1, 10, tzinfo=UTC)},
            {"kind": "task", "at": EMPTY},
        ),
        "tasks": ({"subject": "Open"},),
    }


@pytest.mark.trap("S7e", "S8")
def test_old_activities_count_and_deleted_ones_do_not(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    meeting(world, deal, "2025-01-01T10:00:00Z")
    gone = meeting(world, deal, "2026-11-01T10:00:00Z")
    assert world.people.api("DELETE", f"/sobjects/Event/{gone}").ok

    found = only(world, request(meetings="start"))

    assert found.related["meetings"] == (
        {"start": datetime(2025, 1, 1, 10, tzinfo=UTC)},
    )


def test_line_items_and_a_count_of_rows(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    contact(world, deal, "Bo", "Champion")

    found = only(world, request(line_items="product total", contacts=""))

    assert found.related == {"line_items": (), "contacts": ({},)}


@pytest.mark.promise("S23")
def test_bodies_of_mails_and_notes_are_never_selected(world: SandboxWorld) -> None:
    every = {
        name: frozenset(relation.fields)
        for name, relation in BUILT_IN.collections.items()
    }
    needs = Needs(frozenset(BUILT_IN.deal), every)
    asked = PullRequest(needs, BUILT_IN, (), date(2026, 10, 21))

    shape = world.crm._shape(asked)

    selected = {path for feed in shape.feeds for path in feed.columns.selected}
    assert not {"Body", "TextBody", "HtmlBody", "Description", "TextPreview"} & selected


@pytest.mark.promise("S23")
def test_a_pull_selects_what_rules_read_and_a_fixed_list(world: SandboxWorld) -> None:
    shape = world.crm._shape(request("next_step"))

    assert set(shape.deals.selected) == {
        *("Id", "Name", "StageName", "OwnerId", "IsClosed", "IsWon", "Amount"),
        *("CloseDate", "NextStep", "Gate_Status__c", "Gate_Open_Count__c"),
        *("Gate_Worst_Severity__c", "Gate_Missing__c", "Gate_Open_Since__c"),
        "Gate_Supported_Stage__c",
    }
    assert shape.feeds == ()
