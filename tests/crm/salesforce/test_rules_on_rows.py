"""Whole packs held against a sandbox: every row a rule may name is really read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Outcome
from gatekeeper.core.notices import Remark
from gatekeeper.errors import PackError
from gatekeeper.flow.standpoints import Standpoints
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import PullRequest, PullTotals
from gatekeeper.sandbox.schema import FieldType, PicklistValue
from tests.crm.salesforce.test_parents import CASE_BY
from tests.crm.salesforce.test_pull import contact, meeting

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.core.pack import RulePack
    from tests.contracts.worlds import SandboxWorld

PROJECT = "version: 1\nkind: project\ncrm: salesforce\ntimezone: UTC\n"
FIELDS = f"""\
version: 1
kind: fields
deal:
  champion: {{type: picklist, salesforce: Champion__c, ordered: true}}
collections:
  cases:
    salesforce: {{object: Case, by: {CASE_BY}}}
    fields:
      status: {{type: picklist, salesforce: Status}}
      mail:   {{type: email,    salesforce: Contact.Email}}
"""
HEAD = """\
version: 1
kind: rules
pipeline: "*"
defaults: {maintainer: revops@example.com}
define:
  held: meetings where start before now
  held_there: account.meetings where start before now
  lost_there: siblings where is_closed is true and is_won is false
stages:
  every open stage:
    while_in:
"""
RULE = """\
      - id: {id}
        title: A rule
        require: {line}
        fix: Do it.
"""
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)


def pack_of(world: SandboxWorld, folder: Path, *lines: str) -> RulePack:
    """Compile a pack of one rule per line, `line-1` on, against the live org."""
    rules = folder / "rules"
    rules.mkdir(exist_ok=True)
    (rules / "project.yaml").write_text(PROJECT, encoding="utf-8")
    (rules / "fields.yaml").write_text(FIELDS, encoding="utf-8")
    written = "".join(
        RULE.format(id=f"line-{number}", line=line)
        for number, line in enumerate(lines, start=1)
    )
    (rules / "sales.rules.yaml").write_text(HEAD + written, encoding="utf-8")
    draft = read_pack(rules)
    return draft.compile(world.crm.schema(draft.catalogue))


def outcomes(world: SandboxWorld, pack: RulePack, deal_id: str) -> list[Outcome]:
    """Judge one deal as a run does."""
    asked = PullRequest(pack.needs, pack.catalogue, (), date(2026, 10, 21))
    batches = world.crm.pull(asked, PullTotals())
    deals = {deal.id: deal for batch in batches for deal in batch.deals}
    standpoints = Standpoints(pack, NOW, world.crm.rates())
    ((_, judged),) = standpoints.judged([deals[deal_id]])
    return [verdict.outcome for verdict in judged.verdicts]


@pytest.fixture
def deal(world: SandboxWorld) -> str:
    """A deal of an account with another, lost deal, a meeting and cases."""
    for kind, field in (
        ("Case", _lookup()),
        ("Opportunity", _champion()),
    ):
        world.org.add_field(kind, field, granted=True)
    world.crm.facts.forget()
    account = world.people.create("Account", Name="Acme Inc")
    lost = world.deal("Old", stage="Closed Lost", close_date=date(2020, 1, 1))
    deal = world.deal("Acme")
    for each in (lost, deal):
        world.people.update("Opportunity", each, AccountId=account)
    meeting(world, account, "2026-11-10T10:00:00Z")
    bo = world.people.create("Contact", LastName="Bo", Email="bo@acme.example")
    case = {"Status": "Escalated", "ContactId": bo, CASE_BY: deal}
    world.people.create("Case", **case)
    return deal


def _lookup() -> FieldType:
    return FieldType(
        CASE_BY,
        "reference",
        "Deal",
        length=18,
        custom=True,
        reference_to=("Opportunity",),
        relationship_name="Opportunity__r",
    )


def _champion() -> FieldType:
    values = [("Weak", True), ("Former", False), ("Partial", True), ("Strong", True)]
    picklist = tuple(PicklistValue(name, name, active=lives) for name, lives in values)
    return FieldType(
        "Champion__c",
        "picklist",
        "Champion",
        length=255,
        custom=True,
        picklist=picklist,
    )


def test_rules_on_rows_of_the_account_and_its_deals_are_decided(
    world: SandboxWorld, deal: str, tmp_path: Path
) -> None:
    pack = pack_of(
        world,
        tmp_path,
        "some account.meetings where start within last 14 days",
        "latest(account.meetings.start) within last 5 days",
        "some meetings",
        'some cases where status = "Escalated" and mail is filled',
        'no siblings where stage = "Closed Lost"',
        "count(siblings) = 1",
    )

    yes, no = Outcome.PASS, Outcome.FAIL
    assert outcomes(world, pack, deal) == [yes, no, no, yes, no, yes]


def test_named_rows_stand_wherever_a_collection_stands(
    world: SandboxWorld, deal: str, tmp_path: Path
) -> None:
    pack = pack_of(
        world,
        tmp_path,
        "some held_there where start within last 14 days",
        "count(held_there) = 1",
        "latest(held_there.start) within last 14 days",
        "every held_there has subject is filled",
        "no held",
        "exactly 1 lost_there where close_date before 2021-01-01",
    )

    assert outcomes(world, pack, deal) == [Outcome.PASS] * 6


@pytest.mark.parametrize(
    ("hidden", "line"),
    [
        ("Opportunity.AccountId", "some account.meetings"),
        ("Opportunity.AccountId", "no siblings"),
        ("EventRelation.RelationId", "no meetings where contact_roles is filled"),
    ],
)
def test_what_becomes_unreadable_cannot_be_told(
    world: SandboxWorld, deal: str, tmp_path: Path, hidden: str, line: str
) -> None:
    meeting(
        world, deal, "2026-11-10T10:00:00Z", WhoId=contact(world, deal, "Cy", "User")
    )
    pack = pack_of(world, tmp_path, line)
    assert outcomes(world, pack, deal) != [Outcome.CANNOT_TELL]

    world.org.hide_field(*hidden.split("."))
    world.crm.facts.forget()

    assert outcomes(world, pack, deal) == [Outcome.CANNOT_TELL]


def test_ordered_values_compare_in_the_order_of_the_crm(
    world: SandboxWorld, deal: str, tmp_path: Path
) -> None:
    pack = pack_of(
        world,
        tmp_path,
        'champion >= "Partial"',
        'champion < "Strong"',
        'champion between "Weak" and "Partial"',
    )
    found = {}
    for value in ("Weak", "Former", "Partial", "Strong"):
        world.people.update("Opportunity", deal, Champion__c=value)
        found[value] = outcomes(world, pack, deal)

    yes, no = Outcome.PASS, Outcome.FAIL
    assert found == {
        "Weak": [no, yes, yes],
        "Former": [no, yes, yes],
        "Partial": [yes, yes, yes],
        "Strong": [yes, no, no],
    }


def test_a_value_no_longer_in_use_is_a_warning(
    world: SandboxWorld, deal: str, tmp_path: Path
) -> None:
    pack = pack_of(world, tmp_path, 'champion = "Former"')

    (remark,) = pack.remarks
    assert remark == Remark(
        "rules/sales.rules.yaml:14:29",
        "W511",
        '"Former" exists but is inactive; only old deals can have it.',
    )


def test_a_role_the_org_has_not_is_refused(
    world: SandboxWorld, deal: str, tmp_path: Path
) -> None:
    with pytest.raises(PackError) as caught:
        pack_of(
            world,
            tmp_path,
            'some meetings where contact_roles includes any of ["Econonic Buyer"]',
        )

    (message,) = caught.value.messages
    assert 'E502: "Econonic Buyer" is not a value of meetings.contact_roles' in str(
        message
    )


def test_an_object_that_cannot_be_read_is_named_where_it_is_declared(
    world: SandboxWorld, tmp_path: Path
) -> None:
    pack = pack_of(world, tmp_path, "some cases")

    (remark,) = pack.remarks
    assert remark == Remark(
        "rules/fields.yaml:6:3",
        "E501",
        "the rows of cases cannot be read: the integration user may not read"
        f" Case.{CASE_BY}.",
        "grant read access, or take out what asks about cases.",
        is_mistake=True,
    )
    assert outcomes(world, pack, world.deal("Acme")) == [Outcome.CANNOT_TELL]
