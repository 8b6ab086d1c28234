"""A failure that becomes worse: severity, who owes it, what to do (language A22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gatekeeper.core.judge.escalation import explain_escalations
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    Escalation,
    Line,
    Outcome,
    Severity,
    Standing,
    State,
    TaskText,
    Unavailable,
)
from gatekeeper.core.track import Memory, track
from tests.builders import (
    NOW,
    OWNER,
    a_context,
    a_deal,
    a_line,
    a_pack,
    a_rule,
    a_task,
    a_violation,
)
from tests.core.test_desire import a_dossier, an_obligation, task_of

HIDDEN = Unavailable("no access")


def older_than(days: int) -> Line:
    def answer(deal: Deal) -> bool:
        age = deal.fields["age"]
        assert isinstance(age, Decimal)
        return age > days

    return a_line(answer, f"age > {days}")


OLD, VERY_OLD = older_than(30), older_than(60)
RAISED = Escalation(OLD, severity=Severity.HIGH)
MOVED = Escalation(
    VERY_OLD, Severity.CRITICAL, "owner_manager", lambda _deal, _ctx: "Call the buyer."
)
RULE = a_rule(severity=Severity.LOW, escalate=(RAISED, MOVED))


def lacking(age: int, **fields):
    return a_deal("Proposal", amount=EMPTY, age=Decimal(age), **fields)


def stands(deal, rule=RULE, known=(), now=NOW):
    pack = a_pack(rule)
    judged = judge(deal, pack, a_context(now))
    memory = Memory({each.rule_id: each for each in known})
    (violation,) = track(judged, memory, pack, a_context(now))
    return violation


@pytest.mark.parametrize(
    ("age", "severity", "role", "fix"),
    [
        (30, Severity.LOW, "deal_owner", "Enter the amount."),
        (31, Severity.HIGH, "deal_owner", "Enter the amount."),
        (61, Severity.CRITICAL, "owner_manager", "Call the buyer."),
    ],
)
def test_the_last_entry_that_is_true_replaces_what_it_names(age, severity, role, fix):
    found = stands(lacking(age))
    assert (found.severity, found.role, found.fix) == (severity, role, fix)


def explained(deal, rule=RULE):
    (verdict,) = judge(deal, a_pack(rule), a_context()).verdicts
    return explain_escalations(rule, verdict, deal, a_context())


def test_every_entry_is_explained_in_the_order_written():
    (raised, moved) = explained(lacking(61))
    assert (raised.entry, raised.standing, raised.applies) == (
        RAISED,
        Standing.MET,
        False,
    )
    assert (moved.entry, moved.standing, moved.applies) == (MOVED, Standing.MET, True)
    assert [each.line for each in moved.lines] == ["age > 60"]
    young = explained(lacking(30))
    assert [(each.standing, each.applies) for each in young] == [
        (Standing.NOT_MET, False),
        (Standing.NOT_MET, False),
    ]


def test_where_the_rule_holds_or_cannot_be_told_no_entry_is_explained():
    assert explained(a_deal("Proposal", amount=HIDDEN, age=Decimal(61))) == ()
    assert explained(a_deal("Proposal", age=Decimal(61))) == ()


def test_what_cannot_be_told_itself_escalates_nothing():
    hidden = lacking(61)
    hidden = replace(hidden, fields={**hidden.fields, "amount": HIDDEN})
    (verdict,) = judge(hidden, a_pack(RULE), a_context()).verdicts
    assert (verdict.outcome, verdict.escalation) == (Outcome.CANNOT_TELL, None)


def test_that_it_cannot_be_told_is_said():
    lost = a_rule(escalate=(Escalation(a_line(HIDDEN), Severity.HIGH),))
    (verdict,) = judge(lacking(1), a_pack(lost), a_context()).verdicts
    assert verdict.escalation == Unavailable(
        "whether it has become worse cannot be told"
    )


def test_only_the_last_true_entry_counts():
    aside = Escalation(VERY_OLD, owed_by="owner_manager")
    found = stands(lacking(61), a_rule(severity=Severity.LOW, escalate=(RAISED, aside)))
    assert (found.severity, found.role) == (Severity.LOW, "owner_manager")


def test_escalating_is_the_same_violation_with_the_same_first_day():
    before = stands(lacking(30))
    after = stands(lacking(61), known=[before], now=NOW + timedelta(days=40))
    assert after.first_seen == NOW
    assert after.severity is Severity.CRITICAL


def test_a_rule_that_holds_escalates_nothing():
    pack = a_pack(RULE)
    deal = a_deal("Proposal", age=Decimal(90))
    (verdict,) = judge(deal, pack, a_context()).verdicts
    assert (verdict.outcome, verdict.escalation) == (Outcome.PASS, None)


@pytest.mark.parametrize("answer", [EMPTY, HIDDEN])
def test_what_is_empty_or_cannot_be_told_does_not_escalate(answer):
    unclear = Escalation(a_line(answer), severity=Severity.CRITICAL)
    found = stands(lacking(1), a_rule(escalate=(unclear,)))
    assert found.severity is Severity.MEDIUM


def test_what_cannot_be_told_takes_no_escalation_back():
    unclear = Escalation(a_line(HIDDEN), owed_by="owner_manager")
    rule = a_rule(escalate=(unclear,))
    known = a_violation(
        role="owner_manager", severity=Severity.CRITICAL, fix="Call the buyer."
    )
    found = stands(lacking(1), rule, known=[known])
    assert (found.role, found.severity, found.fix) == (
        "owner_manager",
        Severity.CRITICAL,
        "Call the buyer.",
    )
    assert found.state is State.OPEN


def test_a_later_entry_that_cannot_be_told_leaves_the_question_open():
    unclear = Escalation(a_line(HIDDEN), severity=Severity.CRITICAL)
    rule = a_rule(escalate=(RAISED, unclear))
    (verdict,) = judge(lacking(31), a_pack(rule), a_context()).verdicts
    assert isinstance(verdict.escalation, Unavailable)


def test_the_due_day_follows_the_severity_that_stands():
    """Friday 20 Nov: low has 5 business days, critical 1."""
    rule = a_rule(severity=Severity.LOW)
    low = task_of(a_violation(severity=Severity.LOW), rules=(rule,))
    critical = task_of(a_violation(severity=Severity.CRITICAL), rules=(rule,))
    assert low.text.due_on == date(2026, 11, 27)
    assert critical.text.due_on == date(2026, 11, 23)


def test_a_due_day_of_its_own_stays_when_the_severity_is_raised():
    rule = a_rule(severity=Severity.LOW, due_in=4)
    found = task_of(a_violation(severity=Severity.CRITICAL), rules=(rule,))
    assert found.text.due_on == date(2026, 11, 26)


def test_raising_the_severity_brings_a_standing_task_forward():
    text = TaskText(OWNER, date(2026, 12, 4), "s", ("b",))
    dossier = a_dossier(tasks=(a_task(text, rule_ids=("qual-amount",)),))
    rules = (a_rule(severity=Severity.LOW),)

    def due(severity):
        violation = a_violation(severity=severity)
        known = (an_obligation(),)
        found = task_of(violation, dossier=dossier, obligations=known, rules=rules)
        return found.text.due_on

    assert due(Severity.LOW) == date(2026, 12, 4)
    assert due(Severity.CRITICAL) == date(2026, 11, 23)


def test_escalations_are_the_same_by_what_they_change_and_the_logic_they_look_at():
    once = Escalation(
        older_than(10), Severity.HIGH, fix=lambda deal, ctx: "A", logic="x"
    )
    again = Escalation(
        older_than(10), Severity.HIGH, fix=lambda deal, ctx: "A", logic="x"
    )

    assert once == again
    assert once != replace(again, logic="y")
    assert once != replace(again, severity=Severity.CRITICAL)
    assert Escalation(older_than(10)).fix_text == Escalation(older_than(10)).logic == ""
