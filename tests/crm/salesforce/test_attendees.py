"""Who took part: everybody on a meeting, a call, a task or a mail."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Person, Unavailable
from gatekeeper.ports import PullTotals
from tests.crm.salesforce.test_parents import asked_for
from tests.crm.salesforce.test_pull import contact, meeting, only, pulled, request

if TYPE_CHECKING:
    from gatekeeper.core.model import Row
    from tests.contracts.worlds import SandboxWorld


def invite(world: SandboxWorld, event: str, *people: str) -> None:
    for person in people:
        world.people.create("EventRelation", EventId=event, RelationId=person)


def mail(world: SandboxWorld, deal: str, sender: str, **more: object) -> str:
    return world.people.create(
        "EmailMessage",
        RelatedToId=deal,
        Subject="Hello",
        Status="3",
        FromAddress=sender,
        MessageDate="2026-11-18T09:00:00.000+0000",
        **more,
    )


def row(world: SandboxWorld, collection: str, fields: str) -> Row:
    deal = only(world, asked_for(**{collection: fields}))
    (found,) = deal.related[collection]  # type: ignore[misc]
    return found


@pytest.mark.parametrize("shared", [False, True])
def test_everybody_at_a_meeting_counts(world: SandboxWorld, *, shared: bool) -> None:
    if shared:
        world.org.share_activities()
        world.crm.facts.forget()
    deal = world.deal("Acme")
    bo, cy = contact(world, deal, "Bo", "Champion"), contact(world, deal, "Cy", "User")
    contact(world, deal, "Di", "Economic Buyer")
    event = meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    invite(world, event, cy, world.person("Seller"))

    found = row(world, "meetings", "contact_roles")

    assert found == {"contact_roles": frozenset({"Champion", "User"})}


def test_somebody_without_a_role_on_the_deal_has_none(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    stranger = world.people.create("Contact", LastName="Stranger")
    event = meeting(world, deal, "2026-11-01T10:00:00Z")
    invite(world, event, stranger, contact(world, deal, "Cy", None))

    assert row(world, "meetings", "contact_roles") == {"contact_roles": EMPTY}


def test_a_task_of_several_contacts_has_the_roles_of_all(world: SandboxWorld) -> None:
    world.org.share_activities()
    world.crm.facts.forget()
    deal = world.deal("Acme")
    bo, cy = contact(world, deal, "Bo", "Champion"), contact(world, deal, "Cy", "User")
    task = world.people.create("Task", Subject="Ask", WhatId=deal, WhoId=bo)
    world.people.create("TaskRelation", TaskId=task, RelationId=cy)

    found = row(world, "tasks", "contact_roles")

    assert found == {"contact_roles": frozenset({"Champion", "User"})}


def test_without_shared_activities_a_task_has_one_person(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    bo = contact(world, deal, "Bo", "Champion")
    world.people.create("Task", Subject="Ask", WhatId=deal, WhoId=bo)

    found = row(world, "tasks", "contact_roles")

    assert found == {"contact_roles": frozenset({"Champion"})}


def test_a_mail_has_the_roles_of_sender_and_receivers(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    contact(world, deal, "Bo", "Champion")
    cy = contact(world, deal, "Cy", "User")
    message = mail(world, deal, "BO@buyer.example", Incoming=True)
    world.people.create(
        "EmailMessageRelation",
        EmailMessageId=message,
        RelationId=cy,
        RelationType="CcAddress",
    )

    found = row(world, "emails", "contact_roles from_role")

    assert found == {
        "contact_roles": frozenset({"Champion", "User"}),
        "from_role": "Champion",
    }


def test_activities_say_who_took_part_of_each_kind(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    bo, cy = contact(world, deal, "Bo", "Champion"), contact(world, deal, "Cy", "User")
    event = meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    invite(world, event, cy)
    world.people.create("Task", Subject="Ask", WhatId=deal, WhoId=cy)
    mail(world, deal, "bo@buyer.example")

    deal_row = only(world, request(activities="kind contact_roles owner"))

    rows = deal_row.related["activities"]
    assert not isinstance(rows, Unavailable)
    assert [(each["kind"], each["contact_roles"]) for each in rows] == [
        ("meeting", frozenset({"Champion", "User"})),
        ("task", frozenset({"User"})),
        ("email", frozenset({"Champion"})),
    ]
    assert all(isinstance(each["owner"], Person) for each in rows)


@pytest.mark.parametrize("collection", ["meetings", "calls", "tasks", "emails"])
def test_an_activity_says_its_owner_subject_and_dates(
    world: SandboxWorld, collection: str
) -> None:
    deal = world.deal("Acme")
    meeting(world, deal, "2026-11-01T10:00:00Z")
    world.people.create("Task", Subject="Demo", TaskSubtype="Call", WhatId=deal)
    world.people.create("Task", Subject="Demo", WhatId=deal)
    mail(world, deal, "bo@buyer.example")
    now = datetime(2026, 11, 20, 14, tzinfo=UTC)

    found = row(world, collection, "owner subject created_at modified_at")

    assert isinstance(found["owner"], Person)
    assert found["subject"] == ("Hello" if collection == "emails" else "Demo")
    assert (found["created_at"], found["modified_at"]) == (now, now)


def test_a_contact_was_last_met_where_it_was_invited(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    bo, cy = contact(world, deal, "Bo", "Champion"), contact(world, deal, "Cy", "User")
    first = meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    meeting(world, deal, "2026-11-05T10:00:00Z", WhoId=bo)
    later = meeting(world, deal, "2026-12-05T10:00:00Z", WhoId=bo)
    for event in (first, later):
        invite(world, event, cy)

    deal_row = only(world, request(contacts="name last_met_at"))

    rows = deal_row.related["contacts"]
    assert not isinstance(rows, Unavailable)
    assert {each["name"]: each["last_met_at"] for each in rows} == {
        "Bo": datetime(2026, 11, 5, 10, tzinfo=UTC),
        "Cy": datetime(2026, 11, 1, 10, tzinfo=UTC),
    }


def test_a_contact_was_last_heard_by_mail_or_by_a_call(world: SandboxWorld) -> None:
    world.org.share_activities()
    world.crm.facts.forget()
    deal = world.deal("Acme")
    bo, cy = contact(world, deal, "Bo", "Champion"), contact(world, deal, "Cy", "User")
    mail(world, deal, "bo@buyer.example", Incoming=True)
    mail(world, deal, "cy@buyer.example", Incoming=False)
    call = world.people.create(
        "Task",
        Subject="Call",
        TaskSubtype="Call",
        CallType="Inbound",
        Status="Completed",
        WhatId=deal,
        WhoId=bo,
    )
    world.people.create("TaskRelation", TaskId=call, RelationId=cy)

    deal_row = only(world, request(contacts="name last_heard_at"))

    now = datetime(2026, 11, 20, 14, tzinfo=UTC)
    rows = deal_row.related["contacts"]
    assert not isinstance(rows, Unavailable)
    assert [each["last_heard_at"] for each in rows] == [now, now]


HIDDEN = [
    ("EventRelation.RelationId", "meetings", "contact_roles"),
    ("EventRelation.RelationId", "contacts", "last_met_at"),
    ("OpportunityContactRole.Role", "meetings", "contact_roles"),
    ("TaskRelation.RelationId", "tasks", "contact_roles"),
    ("TaskRelation.RelationId", "contacts", "last_heard_at"),
    ("EmailMessage.Incoming", "contacts", "last_heard_at"),
    ("EmailMessageRelation.RelationId", "emails", "contact_roles"),
    ("Contact.Email", "emails", "from_role"),
]


@pytest.mark.parametrize(("path", "collection", "field"), HIDDEN)
def test_what_tells_who_took_part_and_is_hidden_makes_it_unavailable(
    world: SandboxWorld, path: str, collection: str, field: str
) -> None:
    world.org.share_activities()
    deal = world.deal("Acme")
    bo = contact(world, deal, "Bo", "Champion")
    meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    world.people.create("Task", Subject="Ask", WhatId=deal, WhoId=bo)
    mail(world, deal, "bo@buyer.example")
    world.org.hide_field(*path.split("."))
    world.crm.facts.forget()

    value = row(world, collection, field)[field]

    assert isinstance(value, Unavailable)
    assert value.reason.startswith("the integration user may not read ")
    assert value.reason.endswith(path)


def test_attendees_that_do_not_come_make_the_roles_unavailable(
    world: SandboxWorld,
) -> None:
    deal = world.deal("Acme")
    bo = contact(world, deal, "Bo", "Champion")
    meeting(world, deal, "2026-11-01T10:00:00Z", WhoId=bo)
    asked, totals = request(meetings="subject contact_roles"), PullTotals()
    pulled(world, asked)
    # The meetings come, who is on them is asked next and does not.
    world.order("queryall:503html:after=1")

    (found,) = pulled(world, asked, totals)

    assert found.related["meetings"] == (
        {
            "subject": "Demo",
            "contact_roles": Unavailable("EventRelation could not be read"),
        },
    )
    assert not totals.is_complete


def test_attendees_are_read_only_where_a_rule_asks(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    meeting(world, deal, "2026-11-01T10:00:00Z")

    shape = world.crm._shape(request(meetings="subject"))

    assert [feed.object for feed in shape.feeds] == ["Event"]


def test_roles_at_a_meeting_of_the_account_are_those_on_this_deal(
    world: SandboxWorld,
) -> None:
    account = world.people.create("Account", Name="Acme Inc")
    deal = world.deal("Acme")
    world.people.update("Opportunity", deal, AccountId=account)
    bo = contact(world, deal, "Bo", "Champion")
    event = meeting(world, account, "2026-11-01T10:00:00Z")
    invite(world, event, bo)

    found = only(world, asked_for(account__meetings="contact_roles"))

    assert found.related == {
        "account.meetings": ({"contact_roles": frozenset({"Champion"})},)
    }
