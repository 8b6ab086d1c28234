"""Who is on an activity, in orgs with Shared Activities and without; cases, quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.attendees import MOST_CONTACTS
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER, stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.org import Org


@pytest.fixture
def org() -> Org:
    return stock_org(Clock(as_of_instant("2026-11-20T14:00:00Z")))


@pytest.fixture
def client(org: Org) -> Iterator[Client]:
    with SandboxServer(org) as server, Client(server.url) as client:
        yield client


def a_deal(client: Client) -> str:
    return client.create(
        "Opportunity", Name="Acme", StageName="Prospecting", CloseDate="2026-12-31"
    )


def a_contact(client: Client, name: str) -> str:
    return client.create("Contact", LastName=name, Email=f"{name}@acme.example")


def a_meeting(client: Client, **values: object) -> str:
    start = "2026-11-01T10:00:00Z"
    return client.create(
        "Event", StartDateTime=start, DurationInMinutes=30, Subject="Demo", **values
    )


def related(client: Client, event: str) -> set[str]:
    soql = f"SELECT RelationId FROM EventRelation WHERE EventId = '{event}'"
    return {row["RelationId"] for row in client.query(soql)}


def described(client: Client, kind: str) -> set[str]:
    reply = client.api("GET", f"/sobjects/{kind}/describe")
    fields = reply.json().get("fields", []) if reply.ok else []
    return {field["name"] for field in fields}


def test_without_shared_activities_relations_are_invitees(
    client: Client, org: Org
) -> None:
    bo, cy = a_contact(client, "bo"), a_contact(client, "cy")
    event = a_meeting(client, WhatId=a_deal(client), WhoId=bo)
    client.create("EventRelation", EventId=event, RelationId=cy)

    assert related(client, event) == {cy}
    assert client.get("Event", event)["WhoId"] == bo
    assert not {"WhoCount", "WhatCount"} & described(client, "Event")
    assert not {"IsWhat", "IsParent"} & described(client, "EventRelation")
    assert client.api("GET", "/sobjects/TaskRelation/describe").status_code == 404


def test_with_shared_activities_relations_hold_everybody(
    client: Client, org: Org
) -> None:
    org.share_activities()
    bo, cy, deal = a_contact(client, "bo"), a_contact(client, "cy"), a_deal(client)
    event = a_meeting(client, WhatId=deal, WhoId=bo)
    client.create("EventRelation", EventId=event, RelationId=cy)

    assert related(client, event) == {bo, cy, deal}
    kept = client.get("Event", event)
    assert (kept["WhoId"], kept["WhoCount"], kept["WhatCount"]) == (bo, 2, 1)
    rows = client.query(
        "SELECT RelationId, IsWhat, Relation.Type FROM EventRelation"
        f" WHERE EventId = '{event}' AND Relation.Type = 'Contact'"
    )
    assert {row["RelationId"] for row in rows} == {bo, cy}
    assert not any(row["IsWhat"] for row in rows)


def test_the_next_contact_becomes_the_first_when_that_is_taken_off(
    client: Client, org: Org
) -> None:
    org.share_activities()
    bo, cy = a_contact(client, "bo"), a_contact(client, "cy")
    event = a_meeting(client, WhoId=bo)
    client.create("EventRelation", EventId=event, RelationId=cy)
    (row,) = client.query(
        f"SELECT Id FROM EventRelation WHERE EventId = '{event}'"
        f" AND RelationId = '{bo}'"
    )

    assert client.api("DELETE", f"/sobjects/EventRelation/{row['Id']}").ok

    kept = client.get("Event", event)
    assert (kept["WhoId"], kept["WhoCount"]) == (cy, 1)


def test_another_first_contact_replaces_the_row_of_the_one_before(
    client: Client, org: Org
) -> None:
    org.share_activities()
    bo, cy = a_contact(client, "bo"), a_contact(client, "cy")
    task = client.create("Task", Subject="Ask", WhoId=bo)

    client.update("Task", task, WhoId=cy)

    rows = client.query(f"SELECT RelationId FROM TaskRelation WHERE TaskId = '{task}'")
    assert [row["RelationId"] for row in rows] == [cy]
    assert client.get("Task", task)["WhoCount"] == 1


def test_an_activity_takes_fifty_contacts_and_no_more(client: Client, org: Org) -> None:
    org.share_activities()
    event = a_meeting(client)
    for number in range(MOST_CONTACTS):
        person = a_contact(client, f"p{number}")
        client.create("EventRelation", EventId=event, RelationId=person)

    reply = client.api(
        "POST",
        "/sobjects/EventRelation/",
        json={"EventId": event, "RelationId": a_contact(client, "late")},
    )

    assert reply.status_code == 400
    assert reply.json()[0]["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"


def test_relations_die_with_their_activity(client: Client) -> None:
    event = a_meeting(client)
    client.create("EventRelation", EventId=event, RelationId=a_contact(client, "bo"))

    assert client.api("DELETE", f"/sobjects/Event/{event}").ok

    assert client.query("SELECT Id FROM EventRelation") == []


def test_a_mails_relation_says_what_it_leads_to(client: Client) -> None:
    bo = a_contact(client, "bo")
    mail = client.create("EmailMessage", RelatedToId=a_deal(client), Status="3")

    for person in (bo, INTEGRATION_USER):
        client.create(
            "EmailMessageRelation",
            EmailMessageId=mail,
            RelationId=person,
            RelationType="ToAddress",
        )

    rows = client.query(
        "SELECT RelationAddress, EmailMessage.RelatedToId FROM EmailMessageRelation"
        " WHERE RelationObjectType = 'Contact'"
    )
    assert [row["RelationAddress"] for row in rows] == ["bo@acme.example"]
    assert rows[0]["EmailMessage"]["RelatedToId"].startswith("006")


def test_a_mails_relation_needs_somebody(client: Client) -> None:
    mail = client.create("EmailMessage", Status="3")

    reply = client.api(
        "POST",
        "/sobjects/EmailMessageRelation/",
        json={"EmailMessageId": mail, "RelationType": "ToAddress"},
    )

    assert reply.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


@pytest.mark.parametrize(
    ("kind", "left", "inner"),
    [
        ("EventRelation", "Event.WhatId", "SELECT Id FROM Opportunity"),
        ("EventRelation", "EventId", "SELECT Id FROM Event"),
        ("Event", "AccountId", "SELECT Account.Id FROM Opportunity"),
    ],
)
def test_a_join_that_goes_through_a_parent_is_refused(
    client: Client, kind: str, left: str, inner: str
) -> None:
    soql = f"SELECT Id FROM {kind} WHERE {left} IN ({inner})"

    reply = client.api("GET", "/query/", params={"q": soql})

    assert reply.status_code == 400
    assert reply.json()[0]["errorCode"] == "MALFORMED_QUERY"


def test_relations_are_found_by_lists_of_deals(client: Client) -> None:
    deal, bo = a_deal(client), a_contact(client, "bo")
    event = a_meeting(client, WhatId=deal)
    client.create("EventRelation", EventId=event, RelationId=bo)
    a_meeting(client, WhatId=a_deal(client))

    rows = client.query(
        "SELECT RelationId, Event.WhatId FROM EventRelation"
        f" WHERE Event.WhatId IN ('{deal}') ORDER BY Event.WhatId"
    )

    assert [row["RelationId"] for row in rows] == [bo]


def test_a_hidden_relation_is_absent_from_describe(client: Client, org: Org) -> None:
    org.hide_field("EventRelation", "RelationId")

    assert "RelationId" not in described(client, "EventRelation")


def test_a_case_is_closed_by_its_status(client: Client) -> None:
    account = client.create("Account", Name="Acme")
    contact = client.create("Contact", LastName="Bo", AccountId=account)
    case = client.create("Case", Subject="Help", ContactId=contact)

    client.update("Case", case, Status="Closed")

    kept = client.get("Case", case)
    assert (kept["IsClosed"], kept["AccountId"]) == (True, account)
    assert kept["CaseNumber"] == "00000001"
    assert kept["ClosedDate"] == "2026-11-20T14:00:00.000+0000"
