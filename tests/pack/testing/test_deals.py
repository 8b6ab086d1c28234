"""A deal as a test writes it gives what a CRM's room would have given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from gatekeeper.core.model import EMPTY, Deal, Money, Person, Unavailable
from tests.pack.crm_schemas import a_schema
from tests.pack.testing.suites import (
    a_suite,
    a_test_pack,
    cases,
    read,
    texts_of,
    the_deal,
)


def rows(deal: Deal, collection: str):
    found = deal.related[collection]
    assert not isinstance(found, Unavailable)
    return found


def test_each_value_has_the_type_of_its_field(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        stage: Proposal
        name: Acme renewal
        amount: 49_999.99
        discount: 12.5%
        close_date: 2026-12-18
        created_at: 2026-08-03 09:30
        next_step: "  Call Dana "
        competitors: [Alpha, Beta]
        """,
    )
    assert deal.name == "Acme renewal"
    assert deal.fields["amount"] == Money(Decimal("49999.99"), "USD")
    assert deal.fields["discount"] == Decimal("12.5")
    assert deal.fields["close_date"] == date(2026, 12, 18)
    # New York is four hours behind UTC in summer.
    assert deal.fields["created_at"] == datetime(2026, 8, 3, 13, 30, tzinfo=UTC)
    assert deal.fields["created_on"] == date(2026, 8, 3)
    assert deal.fields["next_step"] == "Call Dana"
    assert deal.fields["competitors"] == frozenset({"Alpha", "Beta"})


def test_what_is_not_written_is_empty_and_nothing_is_unavailable(tmp_path):
    deal = the_deal(tmp_path, "stage: Proposal\namount: ~\nnext_step: ''\n")
    for name in ("amount", "next_step", "close_date", "owner", "account.segment"):
        assert deal.fields[name] is EMPTY
    assert deal.related["contacts"] == ()
    assert deal.related["account.meetings"] == ()


def test_a_tilde_in_quotes_is_a_text(tmp_path):
    assert the_deal(tmp_path, "stage: Proposal\nnext_step: '~'").fields[
        "next_step"
    ] == ("~")


def test_a_deal_without_a_pipeline_is_in_the_first(tmp_path):
    deal = the_deal(tmp_path, "stage: Proposal")
    assert (deal.pipeline, deal.stage) == ("Enterprise", "Proposal")


def test_closed_and_won_follow_from_the_stage(tmp_path):
    for stage, is_closed, is_won in (
        ("Proposal", False, False),
        ("Closed Won", True, True),
        ("Closed Lost", True, False),
    ):
        deal = the_deal(tmp_path, f"stage: {stage}")
        assert deal.fields["is_closed"] is is_closed
        assert deal.fields["is_won"] is is_won


def test_an_amount_may_be_in_another_currency(tmp_path):
    deal = the_deal(tmp_path, "stage: Proposal\namount: 5k EUR")
    assert deal.fields["amount"] == Money(Decimal(5000), "EUR")


def test_a_lookup_is_a_map_with_fields_and_rows(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        stage: Proposal
        account:
          name: Acme
          segment: SMB
          meetings: [{start: 2026-11-12 15:00}]
        """,
    )
    assert deal.fields["account"] == "Acme"
    assert deal.fields["account.segment"] == "SMB"
    (meeting,) = rows(deal, "account.meetings")
    assert meeting["start"] == datetime(2026, 11, 12, 20, 0, tzinfo=UTC)
    assert deal.related["meetings"] == ()


def test_users_are_an_address_or_a_map_and_compare_by_it(tmp_path):
    short = the_deal(tmp_path, "stage: Proposal\nowner: Ann@example.com")
    assert short.owner_id == "ann@example.com"
    assert short.fields["owner.email"] == "Ann@example.com"
    assert short.fields["owner.is_active"] is True

    long = the_deal(
        tmp_path,
        """
        stage: Proposal
        owner: {email: ann@example.com, name: Ann Rep, is_active: false, team: EMEA}
        """,
    )
    owner = long.fields["owner"]
    assert isinstance(owner, Person)
    assert owner.id == short.owner_id
    assert long.fields["owner.name"] == "Ann Rep"
    assert long.fields["owner.is_active"] is False
    assert long.fields["owner.team"] == "EMEA"


def test_activities_are_put_together_from_the_rows_written(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        stage: Proposal
        meetings: [{subject: Demo, start: 2026-11-12 15:00}]
        calls: [{at: 2026-11-13 10:00}]
        emails: [{subject: Offer, at: 2026-11-14 10:00}]
        notes: [{title: Budget, created_at: 2026-11-15 10:00}]
        tasks:
          - {subject: Done, due_on: 2026-11-16, is_closed: true}
          - {subject: Open, due_on: 2026-11-30, is_closed: false}
        """,
    )
    assert [
        (row["kind"], row["subject"], row["at"]) for row in rows(deal, "activities")
    ] == [
        ("meeting", "Demo", datetime(2026, 11, 12, 20, 0, tzinfo=UTC)),
        ("call", EMPTY, datetime(2026, 11, 13, 15, 0, tzinfo=UTC)),
        ("email", "Offer", datetime(2026, 11, 14, 15, 0, tzinfo=UTC)),
        ("note", "Budget", datetime(2026, 11, 15, 15, 0, tzinfo=UTC)),
        ("task", "Done", datetime(2026, 11, 16, 17, 0, tzinfo=UTC)),
        ("task", "Open", EMPTY),
    ]


def test_the_activities_of_the_account_are_put_together_too(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        stage: Proposal
        account: {name: Acme, calls: [{at: 2026-11-13 10:00}]}
        """,
    )
    assert rows(deal, "activities") == ()
    (call,) = rows(deal, "account.activities")
    assert (call["kind"], call["at"]) == (
        "call",
        datetime(2026, 11, 13, 15, 0, tzinfo=UTC),
    )


def test_siblings_have_the_fields_of_a_deal(tmp_path):
    deal = the_deal(
        tmp_path,
        """
        stage: Proposal
        siblings: [{stage: Closed Won, amount: 5k}, {stage: Discovery}]
        """,
    )
    won, lives = rows(deal, "siblings")
    assert won["amount"] == Money(Decimal(5000), "USD")
    assert (won["is_closed"], won["is_won"]) == (True, True)
    assert (lives["pipeline"], lives["is_closed"]) == ("Enterprise", False)


def test_the_stages_of_the_crm_stand_behind_those_of_the_rules(tmp_path):
    project = (
        "version: 1\nkind: project\ncrm: salesforce\ntimezone: UTC\n"
        "stages: {Discovery: {salesforce: [Needs Analysis, Value Proposition]}}\n"
    )
    named = the_deal(tmp_path, "stage: Discovery", project=project)
    assert (named.stage, named.stage_label) == ("Needs Analysis", "Discovery")
    other = the_deal(tmp_path, "stage: Value Proposition", project=project)
    assert (other.stage, other.stage_label) == ("Value Proposition", "Discovery")


def test_a_custom_field_is_what_it_looks_like(tmp_path):
    rules = """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Proposal:
            while_in:
              - {id: a, title: A, require: custom.Score__c > 3, fix: F.}
              - {id: b, title: B, require: custom.Pilot__c = "Success", fix: F.}
        """
    deal = the_deal(
        tmp_path,
        "stage: Proposal\ncustom.Score__c: 5\ncustom.Pilot__c: Success",
        e_rules=rules,
    )
    assert deal.fields["custom.Score__c"] == Decimal(5)
    assert deal.fields["custom.Pilot__c"] == "Success"


def test_hidden_fields_rows_and_row_fields_are_unavailable(tmp_path):
    test = cases(
        """
        - name: a
          deal: healthy
          hidden: [amount, contacts, meetings.start, account]
          expect: {cannot_tell: [ent-amount, ent-met]}
        """
    )
    (case,) = a_suite(tmp_path, test).cases
    deal = case.looks[0][1]
    assert deal.fields["amount"] == Unavailable(
        "the integration user may not read amount"
    )
    assert isinstance(deal.fields["account.segment"], Unavailable)
    assert isinstance(deal.related["contacts"], Unavailable)
    (meeting,) = rows(deal, "meetings")
    assert isinstance(meeting["start"], Unavailable)


def test_the_saved_description_of_the_crm_gives_the_stages_without_pipelines(tmp_path):
    test = cases(
        "- {name: a, deal: it, expect: {violations: []}}",
        deals="deals: {it: {stage: Value Proposition}}",
    )
    rules = """\
        version: 1
        kind: rules
        pipeline: Enterprise
        stages:
          Proposal:
            exit: [{id: a, title: A, require: amount > 0, fix: F.}]
        """
    suites, mistakes = read(a_test_pack(tmp_path, test, e_rules=rules), a_schema())
    assert mistakes == ()
    (suite,) = suites
    assert [stage.name for stage in suite.pack.pipelines["Enterprise"].stages][:2] == [
        "Needs Analysis",
        "Value Proposition",
    ]


def test_picklists_of_the_test_give_the_order_of_their_values(tmp_path):
    rules = """\
        version: 1
        kind: rules
        pipeline: "*"
        stages:
          Proposal:
            while_in: [{id: a, title: A, require: rating >= "Partial", fix: F.}]
        """
    head = """\
version: 1
kind: test
as_of: 2026-11-20
picklists: {rating: [Weak, Partial, Strong]}
"""
    test = cases(
        """
        - {name: low, deal: it, change: {rating: weak}, expect: {violations: [a]}}
        - {name: high, deal: it, expect: {violations: []}}
        """,
        deals="deals: {it: {stage: Proposal, rating: Strong}}",
        head=head,
    )
    suite = a_suite(tmp_path, test, e_rules=rules)
    assert texts_of(suite) == []
