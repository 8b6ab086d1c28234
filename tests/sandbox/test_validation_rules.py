"""Validation rules refuse what their formulas are true of, in the admin's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.salesforce.formulas import (
    Saving,
    UnreadableError,
    read_formula,
)
from gatekeeper.sandbox.salesforce.validation_rules import add_rule
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client

FIELDS = frozenset({"Amount", "StageName", "NextStep", "CloseDate", "IsClosed"})
TODAY = "2026-11-20"
DEAL = {
    "Amount": 50_000.0,
    "StageName": "Proposal",
    "NextStep": None,
    "CloseDate": "2026-11-19",
    "IsClosed": False,
}


@pytest.mark.parametrize(
    ("formula", "refuses"),
    [
        ("ISBLANK(NextStep)", True),
        ("NOT(ISBLANK(NextStep))", False),
        ("Amount < 50000", False),
        ("Amount <= 50000", True),
        ("amount >= 10 && ISPICKVAL(StageName, 'Proposal')", True),
        ('AND(Amount >= 10, ISPICKVAL(StageName, "Won"))', False),
        ('OR(Amount < 10, TEXT(StageName) = "Proposal")', True),
        ("CloseDate < TODAY()", True),
        ("CloseDate > TODAY() || IsClosed", False),
        ("!IsClosed", True),
        ("LEN(NextStep) < 5", True),
        ('CONTAINS(StageName, "Prop")', True),
        ("/* for all */ (Amount <> 50000 || (ISNULL(NextStep)))", True),
        # a comparison with a blank is not true, nor is its opposite
        ('NextStep = "call"', None),
        ('NOT(NextStep = "call")', None),
        ('NextStep = "call" && IsClosed', False),
        ('NextStep = "call" || Amount > 1', True),
    ],
)
def test_a_formula_is_decided_by_the_record(formula: str, refuses: object):
    found = read_formula(formula, FIELDS)(Saving(Row(DEAL), None, TODAY))

    assert found is refuses


@pytest.mark.parametrize(
    ("formula", "refuses"),
    [
        ("ISCHANGED(Amount)", True),
        ("ISCHANGED(StageName)", False),
        ("PRIORVALUE(Amount) < Amount", True),
        ("ISNEW()", False),
    ],
)
def test_a_formula_may_look_at_the_change(formula: str, refuses: object):
    saving = Saving(Row(DEAL), Row({**DEAL, "Amount": 10.0}), TODAY)

    assert read_formula(formula, FIELDS)(saving) is refuses


@pytest.mark.parametrize(
    "formula",
    [
        "",
        "Amount >",
        "(Amount > 1",
        "Amount > 1)",
        "Owner.IsActive",
        "$Permission.Bypass",
        "Amount * 2 > 5",
        "VLOOKUP(Amount)",
        "ISBLANK()",
        "Unknown__c = 1",
        "(" * 50 + "Amount" + ")" * 50,
    ],
)
def test_what_is_beyond_the_sandbox_is_not_read_as_something_else(formula: str):
    with pytest.raises(UnreadableError):
        read_formula(formula, FIELDS)


@pytest.mark.trap("S10b")
def test_a_record_is_refused_in_the_words_of_the_rule(client: Client, org: Org):
    deal = client.deal(Amount=10)
    add_rule(org, "Small_Deals_Have_A_Next_Step", "Amount < 100 && ISBLANK(NextStep)")
    add_rule(org, "Beyond_Us", "VLOOKUP($Profile.Name) = 1")
    add_rule(org, "Not_In_Force", "TRUE", active=False)

    refused = client.api("PATCH", f"/sobjects/Opportunity/{deal}", json={"Amount": 20})

    assert refused.status_code == 400
    assert refused.json() == [
        {
            "message": "Small_Deals_Have_A_Next_Step refuses the record",
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": [],
        }
    ]
    assert client.get("Opportunity", deal)["Amount"] == 10.0
    both = {"Amount": 20, "NextStep": "Call"}
    taken = client.api("PATCH", f"/sobjects/Opportunity/{deal}", json=both)
    assert taken.status_code == 204


def test_a_rule_of_tasks_leaves_deals_alone(client: Client):
    door = f"{client.url}/__sandbox__/rules"
    rules = {"Task.No_Late_Tasks": "ActivityDate < TODAY()"}
    client.session.post(door, json={"rules": rules}, timeout=10)
    client.deal()
    late = {"Subject": "Call", "ActivityDate": "2020-01-01"}

    refused = client.api("POST", "/sobjects/Task/", json=late)

    assert refused.json()[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
