from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client

NOW = "2026-11-20T10:00:00.000+0000"
LATER = datetime(2026, 11, 20, 11, 30, tzinfo=UTC)


def test_a_new_deal_takes_what_its_stage_says(client: Client):
    deal = client.get(
        "Opportunity", client.deal(StageName="Needs Analysis", Amount=500)
    )
    assert (deal["Probability"], deal["ExpectedRevenue"]) == (20.0, 100.0)
    assert (deal["ForecastCategory"], deal["IsClosed"], deal["IsWon"]) == (
        "Pipeline",
        False,
        False,
    )
    assert (deal["FiscalYear"], deal["FiscalQuarter"], deal["Fiscal"]) == (
        2026,
        4,
        "2026 4",
    )
    assert (
        deal["CreatedDate"] == deal["LastModifiedDate"] == deal["SystemModstamp"] == NOW
    )
    assert deal["LastStageChangeDate"] is None


@pytest.mark.trap("S7a")
def test_a_stage_change_moves_probability_and_is_dated(client: Client, org: Org):
    deal = client.deal(Probability=35)
    assert client.get("Opportunity", deal)["Probability"] == 35.0
    org.clock.set(LATER)
    client.update("Opportunity", deal, StageName="Closed Won")
    won = client.get("Opportunity", deal)
    assert (won["IsClosed"], won["IsWon"], won["Probability"]) == (True, True, 100.0)
    assert won["ForecastCategoryName"] == "Closed"
    assert won["LastStageChangeDate"] == "2026-11-20T11:30:00.000+0000"
    assert won["CreatedDate"] == NOW


@pytest.mark.trap("S7b")
def test_every_change_of_stage_amount_or_date_is_a_history_row(client: Client):
    deal = client.deal(Amount=100)
    client.update("Opportunity", deal, NextStep="Call")
    client.update("Opportunity", deal, Amount=250)
    client.update(
        "Opportunity", deal, StageName="Qualification", CloseDate="2027-01-31"
    )
    rows = client.query(
        "SELECT StageName, Amount, PrevAmount, CloseDate, PrevCloseDate, "
        "FromOpportunityStageName FROM OpportunityHistory ORDER BY Id"
    )
    assert [
        (row["StageName"], row["Amount"], row["PrevAmount"], row["PrevCloseDate"])
        for row in rows
    ] == [
        ("Prospecting", 100.0, None, None),
        ("Prospecting", 250.0, 100.0, "2026-12-31"),
        ("Qualification", 250.0, 250.0, "2026-12-31"),
    ]
    assert rows[2]["FromOpportunityStageName"] == "Prospecting"
    assert client.get("Opportunity", deal)["PushCount"] == 1


def test_field_history_is_kept_for_tracked_fields_alone(client: Client, org: Org):
    org.settings.tracked = frozenset({"NextStep", "OwnerId"})
    deal = client.deal(NextStep="Call")
    client.update("Opportunity", deal, NextStep="Meet", Description="not tracked")
    rows = client.query("SELECT Field, OldValue, NewValue FROM OpportunityFieldHistory")
    assert [(r["Field"], r["OldValue"], r["NewValue"]) for r in rows] == [
        ("NextStep", "Call", "Meet")
    ]


@pytest.mark.trap("S7c")
def test_an_open_task_is_no_activity_a_closed_one_is_on_its_due_day(client: Client):
    deal = client.deal()
    task = client.create("Task", WhatId=deal, Subject="Call", ActivityDate="2026-11-25")
    before = client.get("Opportunity", deal)
    assert (before["LastActivityDate"], before["HasOpenActivity"]) == (None, True)
    client.update("Task", task, Status="Completed")
    after = client.get("Opportunity", deal)
    # The due day counts, even one to come.
    assert (after["LastActivityDate"], after["HasOpenActivity"]) == (
        "2026-11-25",
        False,
    )
    client.update("Task", task, Status="In Progress")
    assert client.get("Opportunity", deal)["LastActivityDate"] is None


def test_a_meeting_counts_by_its_start_and_no_longer_once_deleted(client: Client):
    deal = client.deal()
    client.create("Task", WhatId=deal, Status="Completed", ActivityDate="2026-10-01")
    meeting = client.create(
        "Event", WhatId=deal, StartDateTime="2026-12-24T09:00:00Z", DurationInMinutes=30
    )
    assert client.get("Opportunity", deal)["LastActivityDate"] == "2026-12-24"
    assert client.get("Event", meeting)["EndDateTime"] == "2026-12-24T09:30:00.000+0000"
    client.api("DELETE", f"/sobjects/Event/{meeting}")
    assert client.get("Opportunity", deal)["LastActivityDate"] == "2026-10-01"


@pytest.mark.trap("S7a")
def test_an_open_task_leaves_the_stamps_of_its_deal_alone_a_closed_one_does_not(
    client: Client, org: Org
):
    deal = client.deal()
    org.clock.set(LATER)
    task = client.create("Task", WhatId=deal, ActivityDate="2026-11-25")
    assert client.get("Opportunity", deal)["SystemModstamp"] == NOW
    client.update("Task", task, Status="Completed")
    moved = client.get("Opportunity", deal)
    assert moved["SystemModstamp"] == "2026-11-20T11:30:00.000+0000"
    assert moved["LastModifiedDate"] == NOW


def test_a_task_closes_by_its_status(client: Client):
    task = client.create("Task", Subject="Call", Priority="High")
    opened = client.get("Task", task)
    assert (opened["Status"], opened["IsClosed"], opened["IsHighPriority"]) == (
        "Not Started",
        False,
        True,
    )
    assert opened["TaskSubtype"] == "Task"
    client.update("Task", task, Status="Completed")
    closed = client.get("Task", task)
    assert (closed["IsClosed"], closed["CompletedDateTime"]) == (True, NOW)


@pytest.mark.trap("S7e")
def test_a_closed_task_is_archived_a_year_after_its_due_day(client: Client, org: Org):
    client.create("Task", Subject="old", Status="Completed", ActivityDate="2025-11-19")
    client.create("Task", Subject="open", ActivityDate="2025-11-19")
    client.create("Task", Subject="new", Status="Completed", ActivityDate="2025-11-20")
    soql = "SELECT Subject FROM Task ORDER BY Subject"
    assert [t["Subject"] for t in client.query(soql)] == ["new", "open"]
    assert len(client.query(soql, everything=True)) == 3


def test_products_carry_the_amount_of_their_deal(client: Client, org: Org):
    deal = client.deal(Amount=1)
    product = client.create("Product2", Name="Widget", IsActive=True)
    org.clock.set(org.now() + timedelta(hours=1))
    line = client.create(
        "OpportunityLineItem",
        OpportunityId=deal,
        Product2Id=product,
        Quantity=3,
        UnitPrice=50,
    )
    filled = client.get("Opportunity", deal)
    assert (filled["Amount"], filled["HasOpportunityLineItem"]) == (150.0, True)
    assert filled["LastModifiedDate"] == "2026-11-20T11:00:00.000+0000"
    client.update("Opportunity", deal, Amount=7)
    assert client.get("Opportunity", deal)["Amount"] == 150.0
    client.api("DELETE", f"/sobjects/OpportunityLineItem/{line}")
    assert client.get("Opportunity", deal)["HasOpportunityLineItem"] is False


def test_a_deal_has_at_most_one_primary_contact(client: Client):
    deal = client.deal()
    for name in ("Ann", "Bob"):
        client.create(
            "OpportunityContactRole",
            OpportunityId=deal,
            ContactId=client.create("Contact", LastName=name),
            IsPrimary=True,
        )
    roles = client.query("SELECT Contact.Name, IsPrimary FROM OpportunityContactRole")
    assert [(r["Contact"]["Name"], r["IsPrimary"]) for r in roles] == [
        ("Ann", False),
        ("Bob", True),
    ]


def test_a_contact_s_name_is_made_of_its_parts(client: Client):
    ann = client.create("Contact", FirstName="Ann", LastName="Lee")
    assert client.get("Contact", ann)["Name"] == "Ann Lee"
