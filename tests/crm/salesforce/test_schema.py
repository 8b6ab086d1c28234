"""The org described, set up and examined."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN, Access, FieldSpec, Guard, Kind
from gatekeeper.core.model import Money
from gatekeeper.core.pack import Needs
from gatekeeper.crm.salesforce.metadata.schema import pipelines
from gatekeeper.ports import Health, PullRequest, PullTotals
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.salesforce.stock import stock_org
from gatekeeper.sandbox.salesforce.validation_rules import add_rule
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.sandbox.state import Row
from tests.contracts.worlds import AS_OF, SandboxWorld, sandbox_crm, sandbox_world

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.ports import Checkup

REQUEST = PullRequest(Needs(frozenset({"amount"})), BUILT_IN, (), date(2026, 10, 21))


def stage(label: str, order: int | None, **facts: object) -> dict[str, object]:
    row: dict[str, object] = {
        "Id": f"01J{label}",
        "MasterLabel": label,
        "ApiName": label,
        "SortOrder": order,
        "IsActive": True,
        "IsClosed": False,
        "IsWon": False,
    }
    return row | facts


def test_stages_follow_the_sort_order_with_closed_ones_last() -> None:
    rows = [
        stage("Lost", 1, IsClosed=True),
        stage("Won", 2, IsClosed=True, IsWon=True),
        stage("Late", 40),
        stage("Early", 7, ApiName="early_v2"),
        stage("Retired", 8, IsActive=False),
    ]

    (pipeline,) = pipelines(rows, {})

    assert pipeline.name == "Default"
    assert [found.name for found in pipeline.stages] == ["Early", "Late", "Won", "Lost"]
    assert pipeline.stages[0].values == ("early_v2", "Early")
    assert pipeline.stages[0].id == "01JEarly"
    assert [found.former for found in pipeline.stages] == [("early_v2",), (), (), ()]


def test_each_record_type_is_a_pipeline() -> None:
    types = {"012000000000002AAA": "Renewal", "012000000000001AAA": "New Business"}

    found = pipelines([stage("Early", 1)], types)

    assert [pipeline.name for pipeline in found] == ["New Business", "Renewal"]


def test_built_in_names_are_described_with_their_fields(world: SandboxWorld) -> None:
    fields = world.crm.schema(BUILT_IN).fields

    assert fields["amount"].path == "Opportunity.Amount"
    assert fields["amount"].kinds[0] is Kind.MONEY
    assert fields["account.name"].path == "Account.Name"
    assert fields["owner.manager"].kinds[0] is Kind.USER
    assert fields["owner.team"].path == "UserRole.Name"
    assert fields["contacts.email"].path == "Contact.Email"
    assert fields["contacts.role"].path == "OpportunityContactRole.Role"
    assert fields["meetings.start"].path == "Event.StartDateTime"
    assert fields["line_items.product"].path == "Product2.Name"
    assert [c.value for c in fields["calls.direction"].choices] == [
        "inbound",
        "outbound",
    ]
    assert fields["is_won"].access is Access.READ
    assert fields["next_step"].access is Access.WRITE


def test_fields_that_no_record_is_saved_without_are_told(world: SandboxWorld) -> None:
    fields = world.crm.schema(BUILT_IN).fields

    # OwnerId and IsClosed are never empty either; the org itself fills them.
    asked = ("name", "stage", "close_date", "amount", "owner", "is_closed")
    required = {name for name in asked if fields[name].required}
    assert required == {"name", "stage", "close_date"}


@pytest.mark.trap("S4a")
def test_a_hidden_standard_field_is_told_from_an_absent_custom_one(
    world: SandboxWorld,
) -> None:
    world.org.hide_field("Opportunity", "NextStep")
    world.crm.facts.forget()
    legal = FieldSpec("legal", Kind.TEXT, {"salesforce": "Legal__c"})
    catalogue = replace(BUILT_IN, deal={**BUILT_IN.deal, "legal": legal})

    fields = world.crm.schema(catalogue).fields

    assert fields["next_step"].access is Access.NONE
    assert fields["legal"].access is Access.ABSENT
    assert fields["legal"].path == "Opportunity.Legal__c"


@pytest.mark.trap("S4b")
def test_what_the_org_has_not_is_named(world: SandboxWorld) -> None:
    missing = world.crm.schema(BUILT_IN).missing_collections

    own = {name: why for name, why in missing.items() if "." not in name}
    assert own == {
        "quotes": "the integration user may not read Quote",
        "team_members": "the integration user may not read OpportunityTeamMember",
    }


def test_an_account_has_rows_of_its_own_and_an_owner_has_none(
    world: SandboxWorld,
) -> None:
    schema = world.crm.schema(BUILT_IN)
    missing, fields = schema.missing_collections, schema.fields

    assert fields["account.meetings.start"].path == "Event.StartDateTime"
    assert fields["account.contacts.email"].path == "Contact.Email"
    assert fields["siblings.amount"].path == "Opportunity.Amount"
    of_account = {name: why for name, why in missing.items() if "account." in name}
    assert of_account == {
        "account.line_items": "Salesforce keeps no line_items by Account",
        "account.quotes": "the integration user may not read Quote",
        "account.team_members": "the integration user may not read AccountTeamMember",
    }
    assert missing["owner.meetings"] == "Salesforce keeps no meetings by User"


def test_every_field_of_the_deal_can_be_listed(world: SandboxWorld) -> None:
    listed = {field.path: field for field in world.crm.native_fields()}

    assert listed["Opportunity.Gate_Status__c"].restricted
    assert len(listed) == len(world.crm.schema(BUILT_IN).by_path)


def test_active_validation_rules_say_what_is_never_saved(world: SandboxWorld) -> None:
    add_rule(world.org, "Needs_Amount", "ISBLANK(Amount)")
    add_rule(world.org, "Old", "ISBLANK(CloseDate)", active=False)
    add_rule(world.org, "Of_Accounts", "ISBLANK(Name)", table="Account")
    add_rule(world.org, "On_Change", "ISCHANGED(StageName)")
    schema = world.crm.schema(BUILT_IN)

    assert schema.guards is None
    assert world.crm.guards(schema) == (Guard("Needs_Amount", "amount is filled"),)


def test_an_amount_in_several_currencies_is_held_to_no_number(
    world: SandboxWorld,
) -> None:
    add_rule(world.org, "Big_Enough", "Amount < 100")
    add_rule(world.org, "Above_Nothing", "Amount <= 0")
    world.org.enable_multi_currency()

    above = Guard("Above_Nothing", "not (amount <= 0)")
    assert world.crm.guards(world.crm.schema(BUILT_IN)) == (above,)


def test_a_user_who_may_not_view_the_set_up_is_told_no_validation_rule(
    world: SandboxWorld,
) -> None:
    add_rule(world.org, "Needs_Amount", "ISBLANK(Amount)")
    world.org.settings.shows_setup = False

    assert world.crm.guards(world.crm.schema(BUILT_IN)) is None


def test_the_set_up_is_shown_before_it_is_done_and_then_exists() -> None:
    org = stock_org(Clock(as_of_instant(AS_OF)))
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)
        told: list[tuple[str, int, int | None]] = []

        shown = crm.planned_setup()
        done = crm.set_up(lambda *step: told.append(step))

        assert shown == done
        assert [step.action for step in shown] == [
            *["create"] * 9,
            *["grant"] * 10,
            "assign",
        ]
        assert shown[0].name == "Activity.Gatekeeper_Key__c"
        assert told[-1] == ("set-up", 20, 20)
        assert {step.action for step in crm.planned_setup()} == {"exists"}
        assert crm.schema(BUILT_IN).strict
        crm.client.close()


def test_a_set_up_that_was_cut_short_goes_on(world: SandboxWorld) -> None:
    (grant,) = [
        row
        for row in world.org.rows("FieldPermissions", include_deleted=False)
        if row["Field"] == "Task.Gatekeeper_Key__c"
    ]
    path = f"/sobjects/FieldPermissions/{grant['Id']}"
    assert world.people.api("DELETE", path).ok

    todo = [step for step in world.crm.planned_setup() if step.action != "exists"]
    world.crm.set_up(lambda *_step: None)

    assert [step.name for step in todo] == [
        "Gatekeeper_Integration: Task.Gatekeeper_Key__c"
    ]
    assert {step.action for step in world.crm.planned_setup()} == {"exists"}


@pytest.mark.promise("S04")
def test_our_rights_hold_no_delete_and_nothing_system_wide(
    world: SandboxWorld,
) -> None:
    rows = list(world.org.rows("ObjectPermissions", include_deleted=False))
    ours = {
        str(row["SobjectType"]): {
            name.removeprefix("Permissions")
            for name, value in row.items()
            if name.startswith("Permissions") and value is True
        }
        for row in rows
    }

    assert ours == {
        "Account": {"Read"},
        "Opportunity": {"Read", "Edit", "ViewAllRecords"},
    }


def by_name(checkups: list[Checkup]) -> dict[str, Checkup]:
    return {checkup.name: checkup for checkup in checkups}


def test_a_well_kept_org_is_examined_without_a_failure(world: SandboxWorld) -> None:
    world.deal("Acme")

    checkups = by_name(list(world.crm.examine(REQUEST)))

    assert not [c for c in checkups.values() if c.health is Health.FAIL]
    for name in ("login", "api calls", "fields", "task key", "flags", "clock"):
        assert checkups[name].health is Health.OK, checkups[name]
    assert checkups["task key"].text.startswith("strict")
    assert checkups["access to deals"].text == (
        "1 of 1 open deals in a sample are editable"
    )


def test_an_org_not_set_up_fails_with_the_remedy() -> None:
    org = stock_org(Clock(as_of_instant(AS_OF)))
    org.hide_field("Opportunity", "Amount")
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)

        checkups = by_name(list(crm.examine(REQUEST)))

        assert checkups["task key"].health is Health.FAIL
        assert checkups["task key"].remedy == "run gatekeeper setup-crm"
        assert "Gate_Status__c" in checkups["flags"].text
        assert checkups["fields"].text == (
            "the integration user may not read amount (Opportunity.Amount)"
        )
        crm.client.close()


def test_a_login_that_fails_is_the_only_line(world: SandboxWorld) -> None:
    crm = sandbox_crm(world.crm.client.access.url, client_secret="wrong")

    (checkup,) = crm.examine(REQUEST)

    assert checkup.health is Health.FAIL
    assert "GATEKEEPER_SALESFORCE_CLIENT_SECRET" in checkup.text
    crm.client.close()


@pytest.mark.promise("F16")
def test_a_clock_that_is_off_is_a_warning(world: SandboxWorld) -> None:
    world.org.clock.set(datetime(2026, 11, 20, 14, 1, tzinfo=UTC))

    checkup = by_name(list(world.crm.examine(REQUEST)))["clock"]

    assert checkup.health is Health.WARN
    assert checkup.text == (
        "this machine's clock is 60 seconds behind that of Salesforce"
    )


def test_one_currency_is_the_projects(world: SandboxWorld) -> None:
    assert world.crm.rates() == {"USD": Decimal(1)}


def test_a_data_set_is_pulled_whole(shared_data: Path) -> None:
    folder = shared_data / "salesforce" / "maven_crm"
    org = load_org(folder, Clock(as_of_instant("2017-12-31")))
    engaged = FieldSpec("engaged_on", Kind.DATE, {"salesforce": "Engage_Date__c"})
    catalogue = replace(BUILT_IN, deal={**BUILT_IN.deal, "engaged_on": engaged})
    needs = Needs(frozenset({"amount", "account", "stage", "engaged_on", "close_date"}))
    totals = PullTotals()
    with sandbox_world(org) as world:
        asked = PullRequest(needs, catalogue, (), date(2000, 1, 1))
        before = world.crm.usage()
        deals = [d for batch in world.crm.pull(asked, totals) for d in batch.deals]
        reads = world.crm.usage().reads - before.reads

    assert totals.is_complete
    assert len(deals) == 8800
    engaging = [deal for deal in deals if deal.stage == "Engaging"]
    assert len(engaging) == 1589
    assert sum(not isinstance(d.fields["account"], str) for d in engaging) == 1088
    assert sum(isinstance(d.fields["amount"], Money) for d in deals) == 6711
    # 5 pages of 2,000 deals; 4 describes; stages, people and the organization
    assert reads == 5 + 4 + 3


def test_a_currency_without_a_rate_is_a_warning_that_says_what_follows() -> None:
    org = stock_org(Clock(as_of_instant(AS_OF)))
    org.enable_multi_currency()
    usd = Row(Id=org.new_id("01L"), IsoCode="USD", ConversionRate=1.0, IsCorporate=True)
    org.put("CurrencyType", usd)
    with sandbox_world(org) as world:
        deal = world.deal("Acme")
        assert "currencies" not in by_name(list(world.crm.examine(REQUEST)))
        stored = org.find("Opportunity", deal)
        assert stored is not None
        org.put("Opportunity", Row({**stored, "CurrencyIsoCode": "EUR"}))

        checkup = by_name(list(world.crm.examine(REQUEST)))["currencies"]

    assert checkup.health is Health.WARN
    assert checkup.text == (
        "E406: amount is in EUR on some deals and this org has no exchange rate for"
        " EUR; gatekeeper cannot compare them with amounts in USD, so those lines are"
        ' "cannot tell".'
    )
