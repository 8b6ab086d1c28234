"""Rows of the account, of declared objects, and the other deals of the account."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN, FieldSpec, Kind, RelationSpec
from gatekeeper.core.model import EMPTY, Money, Unavailable
from gatekeeper.core.pack import Needs
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.schema import FieldType
from gatekeeper.sandbox.state import Row
from tests.contracts.worlds import SandboxWorld, usd
from tests.crm.salesforce.test_pull import meeting, only, pulled, request

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import Catalogue

CASE_BY = "Opportunity__c"
CASES = RelationSpec(
    "cases",
    {
        "status": FieldSpec("status", Kind.PICKLIST, {"salesforce": "Status"}),
        "mail": FieldSpec("mail", Kind.EMAIL, {"salesforce": "Contact.Email"}),
    },
    {"salesforce": {"object": "Case", "by": CASE_BY}},
)


def asked_for(
    catalogue: Catalogue = BUILT_IN, /, *fields: str, **collections: str
) -> PullRequest:
    """Ask for collections whose names hold a dot, written with two underscores."""
    needs = Needs(
        frozenset(fields),
        {
            name.replace("__", "."): frozenset(words.split())
            for name, words in collections.items()
        },
    )
    return PullRequest(needs, catalogue, (), date(2026, 10, 21))


def with_cases(world: SandboxWorld) -> Catalogue:
    lookup = FieldType(
        CASE_BY,
        "reference",
        "Deal",
        length=18,
        custom=True,
        reference_to=("Opportunity",),
        relationship_name="Opportunity__r",
    )
    world.org.add_field("Case", lookup, granted=True)
    world.crm.facts.forget()
    return replace(BUILT_IN, collections={**BUILT_IN.collections, "cases": CASES})


def two_deals_of_one_account(world: SandboxWorld) -> tuple[str, str, str]:
    account = world.people.create("Account", Name="Acme Inc")
    first, second = world.deal("First"), world.deal("Second")
    for deal in (first, second):
        world.people.update("Opportunity", deal, AccountId=account)
    return account, first, second


def test_meetings_of_the_account_are_those_of_all_its_deals(
    world: SandboxWorld,
) -> None:
    account, first, second = two_deals_of_one_account(world)
    alone = world.deal("Alone")
    meeting(world, account, "2026-11-01T10:00:00Z")
    meeting(world, first, "2026-11-02T10:00:00Z")
    meeting(world, alone, "2026-11-03T10:00:00Z")

    deals = pulled(world, asked_for(account__meetings="start", meetings="start"))

    found = {deal.id: deal.related for deal in deals}
    days = [{"start": datetime(2026, 11, day, 10, tzinfo=UTC)} for day in (1, 2)]
    assert found[first] == {"account.meetings": tuple(days), "meetings": (days[1],)}
    assert found[second] == {"account.meetings": tuple(days), "meetings": ()}
    assert found[alone]["account.meetings"] == ()


def test_rows_of_an_account_are_asked_for_once_however_many_deals_it_has(
    world: SandboxWorld,
) -> None:
    two_deals_of_one_account(world)
    asked = asked_for(account__meetings="start", account__tasks="subject")
    pulled(world, asked)
    before = world.crm.usage().reads

    pulled(world, asked)

    # one page of deals, one list of accounts for each of the two objects
    assert world.crm.usage().reads - before == 1 + 2


def test_a_deal_read_by_its_id_has_the_rows_of_its_account(
    world: SandboxWorld,
) -> None:
    account, first, second = two_deals_of_one_account(world)
    meeting(world, account, "2026-11-01T10:00:00Z")
    asked = asked_for(account__meetings="start", siblings="name")

    batch = world.crm.deals_by_id([second, first], asked)

    assert [deal.related for deal in batch.deals] == [
        {
            "account.meetings": ({"start": datetime(2026, 11, 1, 10, tzinfo=UTC)},),
            "siblings": ({"name": other},),
        }
        for other in ("Second", "First")
    ]


def test_our_own_tasks_are_no_tasks_of_the_account(world: SandboxWorld) -> None:
    account, first, _ = two_deals_of_one_account(world)
    world.people.create("Task", Subject="Call back", WhatId=account)
    world.people.create(
        "Task", Subject="Ours", WhatId=first, Gatekeeper_Key__c="gk1-somebody"
    )

    deals = pulled(world, asked_for(account__tasks="subject"))

    assert [deal.related for deal in deals] == [
        {"account.tasks": ({"subject": "Call back"},)}
    ] * 2


def test_contacts_mails_and_activities_of_the_account(world: SandboxWorld) -> None:
    account, first, _ = two_deals_of_one_account(world)
    world.people.create(
        "Contact", LastName="Bo", Email="bo@acme.example", AccountId=account
    )
    done = {"Status": "Completed", "ActivityDate": "2026-11-19"}
    world.people.create(
        "Task", Subject="Offer", TaskSubtype="Email", WhatId=first, **done
    )
    mapped = replace(
        BUILT_IN.collections["contacts"],
        fields={
            **BUILT_IN.collections["contacts"].fields,
            "email": FieldSpec("email", Kind.EMAIL, {"salesforce": "Contact.Email"}),
        },
    )
    catalogue = replace(
        BUILT_IN, collections={**BUILT_IN.collections, "contacts": mapped}
    )

    deal = pulled(
        world,
        asked_for(
            catalogue,
            account__contacts="name email",
            account__emails="subject at",
            account__activities="kind",
        ),
    )[0]

    assert deal.related == {
        "account.contacts": ({"name": "Bo", "email": "bo@acme.example"},),
        "account.emails": (
            {"subject": "Offer", "at": datetime(2026, 11, 20, 14, tzinfo=UTC)},
        ),
        "account.activities": ({"kind": "email"},),
    }


def test_an_account_that_may_not_be_told_makes_its_rows_unavailable(
    world: SandboxWorld,
) -> None:
    two_deals_of_one_account(world)
    world.org.hide_field("Opportunity", "AccountId")
    world.crm.facts.forget()
    hidden = Unavailable("the integration user may not read Opportunity.AccountId")

    deal = pulled(world, asked_for(account__meetings="start", siblings="name"))[0]

    assert deal.related == {"account.meetings": hidden, "siblings": hidden}


def test_rows_of_the_account_that_do_not_come_are_unavailable(
    world: SandboxWorld,
) -> None:
    two_deals_of_one_account(world)
    asked, totals = asked_for(account__meetings="start"), PullTotals()
    pulled(world, asked)
    world.order("queryall:503html")

    deals = pulled(world, asked, totals)

    lost = Unavailable("Event could not be read")
    assert [deal.related["account.meetings"] for deal in deals] == [lost, lost]
    assert not totals.is_complete
    assert totals.problems[0].startswith(
        "account.meetings could not be read for 2 of 2 deals ("
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("account.line_items", "Salesforce keeps no line_items by Account"),
        ("owner.meetings", "Salesforce keeps no meetings by User"),
    ],
)
def test_what_a_parent_has_not_is_never_taken_for_empty(
    world: SandboxWorld, name: str, why: str
) -> None:
    world.deal("Acme")

    deal = only(world, asked_for(**{name.replace(".", "__"): ""}))

    assert deal.related == {name: Unavailable(why)}


def test_cases_are_read_by_the_field_that_fields_yaml_names(
    world: SandboxWorld,
) -> None:
    catalogue = with_cases(world)
    deal = world.deal("Acme")
    contact = world.people.create("Contact", LastName="Bo", Email="bo@acme.example")
    world.people.create(
        "Case", Status="Escalated", ContactId=contact, **{CASE_BY: deal}
    )
    world.people.create("Case", Subject="Of nobody")

    found = only(world, request(catalogue=catalogue, cases="status mail"))

    assert found.related == {
        "cases": ({"status": "Escalated", "mail": "bo@acme.example"},)
    }


def test_cases_of_the_account_go_by_its_own_field(world: SandboxWorld) -> None:
    catalogue = with_cases(world)
    account, first, _ = two_deals_of_one_account(world)
    world.people.create("Case", Status="New", AccountId=account)
    world.people.create("Case", Status="Closed", **{CASE_BY: first})

    deal = pulled(world, asked_for(catalogue, account__cases="status mail"))[0]

    assert deal.related == {"account.cases": ({"status": "New", "mail": EMPTY},)}
    assert "account.cases" not in world.crm.schema(catalogue).missing_collections


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (
            {"object": "Ticket__c", "by": CASE_BY},
            "the integration user may not read Ticket__c",
        ),
        (
            {"object": "Case", "by": "Nothing__c"},
            "the integration user may not read Case.Nothing__c",
        ),
        (
            {"object": "Case", "by": "AccountId"},
            "Case.AccountId does not point at Opportunity",
        ),
    ],
)
def test_a_declared_object_that_does_not_fit_says_why(
    world: SandboxWorld, source: dict[str, str], why: str
) -> None:
    world.deal("Acme")
    cases = replace(CASES, sources={"salesforce": source})
    catalogue = replace(BUILT_IN, collections={"cases": cases})

    deal = only(world, request(catalogue=catalogue, cases="status"))

    assert deal.related == {"cases": Unavailable(why)}
    assert world.crm.schema(catalogue).missing_collections["cases"] == why


def test_a_custom_lookup_to_an_account_has_the_rows_of_that_account(
    world: SandboxWorld,
) -> None:
    partner = FieldType(
        "Partner__c",
        "reference",
        "Partner",
        length=18,
        custom=True,
        reference_to=("Account",),
        relationship_name="Partner__r",
    )
    world.org.add_field("Opportunity", partner, granted=True)
    world.crm.facts.forget()
    lookup = RelationSpec(
        "partner",
        {"name": FieldSpec("name", Kind.TEXT, {"salesforce": "Name"})},
        {"salesforce": {"object": "Account", "by": "Partner__c"}},
    )
    catalogue = replace(BUILT_IN, lookups={**BUILT_IN.lookups, "partner": lookup})
    helper = world.people.create("Account", Name="Partner Ltd")
    deal = world.deal("Acme")
    world.people.update("Opportunity", deal, Partner__c=helper)
    meeting(world, helper, "2026-11-01T10:00:00Z")

    found = only(world, asked_for(catalogue, "partner.name", partner__meetings=""))

    assert found.fields == {"partner.name": "Partner Ltd"}
    assert found.related["partner.meetings"] == ({},)


def test_siblings_are_the_other_deals_of_the_account(world: SandboxWorld) -> None:
    account = world.people.create("Account", Name="Acme Inc")
    old = world.deal("Old", stage="Closed Won", close_date=date(2020, 1, 1))
    new = world.deal("New", amount=usd("5000"))
    for deal in (old, new):
        world.people.update("Opportunity", deal, AccountId=account)
    alone = world.deal("Alone")

    deals = {
        deal.id: deal
        for deal in pulled(world, request(siblings="name is_won amount owner"))
    }

    (sibling,) = deals[new].related["siblings"]  # type: ignore[misc]
    assert {name: sibling[name] for name in ("name", "is_won", "amount")} == {
        "name": "Old",
        "is_won": True,
        "amount": EMPTY,
    }
    assert sibling["owner"] == world.crm.people()[deals[new].owner_id or ""]
    assert deals[alone].related == {"siblings": ()}


def test_every_scalar_field_of_a_deal_is_one_of_its_siblings(
    world: SandboxWorld,
) -> None:
    _, first, _ = two_deals_of_one_account(world)
    world.people.update("Opportunity", first, Amount=1200, Probability=30)
    needs = Needs(collections={"siblings": frozenset(BUILT_IN.deal)})

    deals = pulled(world, PullRequest(needs, BUILT_IN, (), date(2026, 10, 21)))

    second = next(deal for deal in deals if deal.id != first)
    (sibling,) = second.related["siblings"]  # type: ignore[misc]
    assert set(sibling) == set(BUILT_IN.deal)
    assert sibling["amount"] == usd("1200")
    assert not [v for v in sibling.values() if isinstance(v, Unavailable)]


def test_siblings_are_read_only_where_a_rule_asks(world: SandboxWorld) -> None:
    two_deals_of_one_account(world)
    pulled(world, request("name"))
    before = world.crm.usage().reads
    pulled(world, request("name"))
    without = world.crm.usage().reads - before

    pulled(world, request("name", siblings="name"))

    assert world.crm.usage().reads - before - without == without + 1


def test_siblings_that_do_not_come_are_unavailable(world: SandboxWorld) -> None:
    two_deals_of_one_account(world)
    world.org.settings.page_size = 1
    asked, totals = request(siblings="name"), PullTotals()
    pulled(world, asked)
    # The second page of each query is lost: of the deals, then of their siblings.
    world.order("querymore:503html")

    deals = pulled(world, asked, totals)

    (deal,) = deals
    why = "the other deals of the account could not be read"
    assert deal.related["siblings"] == Unavailable(why)
    assert not totals.is_complete


def test_the_currency_of_a_sibling_is_its_own(world: SandboxWorld) -> None:
    world.org.enable_multi_currency()
    for code, rate in (("USD", 1.0), ("EUR", 0.5)):
        kind = {"IsoCode": code, "ConversionRate": rate, "IsCorporate": rate == 1.0}
        world.org.put("CurrencyType", Row(Id=world.org.new_id("01L"), **kind))
    world.crm.facts.forget()
    _, first, _ = two_deals_of_one_account(world)
    stored = world.org.find("Opportunity", first)
    assert stored is not None
    world.org.put(
        "Opportunity", Row({**stored, "Amount": 9.0, "CurrencyIsoCode": "EUR"})
    )

    deals = pulled(world, request(siblings="amount"))

    second = next(deal for deal in deals if deal.id != first)
    assert second.related["siblings"] == ({"amount": Money(Decimal(9), "EUR")},)
