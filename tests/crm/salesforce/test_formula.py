"""What holds of every record that a validation rule lets be saved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import Kind
from gatekeeper.crm.salesforce.metadata.conditions import Named
from gatekeeper.crm.salesforce.metadata.formula import always_holds
from gatekeeper.language.parser.line import parse

FIELDS = {
    "Amount": Named("amount", Kind.MONEY),
    "StageName": Named("stage", Kind.STAGE),
    "Discount__c": Named("discount", Kind.PERCENT),
    "Loss_Reason__c": Named("loss_reason", Kind.PICKLIST),
    "NextStep": Named("next_step", Kind.TEXT),
    "IsWon": Named("is_won", Kind.YES_NO),
    "CloseDate": Named("close_date", Kind.DATE),
}


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        ("ISBLANK(Amount)", ["amount is filled"]),
        ("ISNULL( CloseDate )", ["close_date is filled"]),
        (
            'AND(ISPICKVAL(StageName, "Closed Won"), ISBLANK(Amount))',
            ['not (stage = "Closed Won" and amount is empty)'],
        ),
        (
            'ISPICKVAL(StageName, "Closed Lost") && TEXT(Loss_Reason__c) = ""',
            ['not (stage = "Closed Lost" and loss_reason is empty)'],
        ),
        ("OR(ISBLANK(Amount), Amount <= 0)", ["amount is filled", "not (amount <= 0)"]),
        ("Amount < 5 || IsWon", ["not (amount < 5)", "not (is_won is true)"]),
        ("100 > Amount", ["not (amount < 100)"]),
        ("Discount__c > 0.4", ["not (discount > 40.0%)"]),
        ("NOT(OR(Amount > 100, IsWon))", ["(amount > 100 or is_won is true)"]),
        ("!AND(IsWon, !ISBLANK(Amount))", ["is_won is true", "amount is filled"]),
        ("/* since 2024 */ ISBLANK(Amount)", ["amount is filled"]),
        ("TEXT(Loss_Reason__c) <> 'Price'", ['not (loss_reason != "Price")']),
    ],
)
def test_what_a_formula_refuses_never_is_so(formula: str, holds: list[str]) -> None:
    assert always_holds(formula, FIELDS.get) == holds


@pytest.mark.parametrize(
    "formula",
    [
        "AND(ISCHANGED(StageName), ISBLANK(Amount))",  # only while a stage changes
        'AND($Profile.Name <> "Admin", ISBLANK(Amount))',  # not of everybody
        "CloseDate < TODAY()",  # true of a deal that was saved in time
        "ISBLANK(NextStep)",  # "tbd" is saved, and counts as empty to us
        "IF(IsWon, ISBLANK(Amount), false)",
        "Amount + 5 < 3",
        "Legal__c = 5",
        "AND(ISBLANK(Amount), ISNEW())",
    ],
)
def test_what_does_not_hold_always_says_nothing(formula: str) -> None:
    assert always_holds(formula, FIELDS.get) == []


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        ("Amount < 100", []),  # 100 yen are saved in an org that reckons in dollars
        ("OR(Amount < 100, Amount <= 0)", ["not (amount <= 0)"]),
        ("ISBLANK(Amount)", ["amount is filled"]),
        ("AND(IsWon, Amount > 5)", []),
    ],
)
def test_a_number_says_nothing_of_amounts_in_several_currencies(
    formula: str, holds: list[str]
) -> None:
    amount = Named("amount", Kind.MONEY, of_record=True)

    assert always_holds(formula, {**FIELDS, "Amount": amount}.get) == holds


def test_one_of_several_reasons_to_refuse_holds_by_itself() -> None:
    formula = "OR(ISCHANGED(StageName), ISBLANK(Amount), NextStep = 'x')"

    assert always_holds(formula, FIELDS.get) == ["amount is filled"]


@pytest.mark.parametrize(
    "formula",
    ["", "AND(", "((((", "ISBLANK(Amount) Amount", "Amount >", "?", "(" * 900],
)
def test_what_is_no_formula_says_nothing(formula: str) -> None:
    assert always_holds(formula, FIELDS.get) == []


_WORDS = [*FIELDS, "AND(", "OR(", "NOT(", "ISBLANK(", "ISPICKVAL(", "(", ")", ","]
_SIGNS = ["&&", "||", "!", "=", "<", '"Won"', "0.5", "ISCHANGED(", "+"]


@given(st.lists(st.sampled_from(_WORDS + _SIGNS), max_size=14))
def test_whatever_is_said_can_be_read_as_a_check(words: list[str]) -> None:
    for check in always_holds(" ".join(words), FIELDS.get):
        parse(check)
