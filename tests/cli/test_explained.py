"""The tree that `explain` prints, whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.cli.explained import show_explanation
from gatekeeper.core.judge.outlook import Upcoming
from gatekeeper.core.model import (
    Finding,
    Mode,
    Outcome,
    Severity,
    Standing,
    State,
    SupportedStage,
    Verdict,
)
from gatekeeper.flow.explain import ExplainedRule, Explanation
from tests.builders import NEW_YORK, NOW, a_deal, a_rule, a_violation

if TYPE_CHECKING:
    import pytest


def a_finding(stands: Standing, text: str, *details: str) -> Finding:
    return Finding("a line", stands, text, text, details=details)


def test_every_kind_of_line_has_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    buying_group = ExplainedRule(
        a_rule("buying-group", title="The buying group is engaged"),
        Verdict("buying-group", Outcome.FAIL),
        (
            a_finding(
                Standing.NOT_MET,
                "1 of the 3 contacts has the role Champion; at least 2 are needed.",
                "counted: Dana Fox (Champion)",
                "not counted: Lee Park (role is empty)",
            ),
            a_finding(Standing.MET, "1 contact has the role Champion."),
        ),
        "Add the missing people to the deal with their role.",
        a_violation("buying-group", first_seen=datetime(2026, 11, 12, 14, tzinfo=UTC)),
    )
    criteria = ExplainedRule(
        a_rule("criteria", title="Decision criteria are recorded"),
        Verdict("criteria", Outcome.CANNOT_TELL),
        (
            a_finding(
                Standing.CANNOT_TELL,
                "Cannot tell: the integration user may not read Decision_Criteria__c.",
            ),
        ),
    )
    active = ExplainedRule(
        a_rule("active", title="The buyer was met recently", severity=Severity.HIGH),
        Verdict("active", Outcome.PASS),
        (a_finding(Standing.MET, "The last meeting was on 18 Nov 2026."),),
        upcoming=Upcoming(
            date(2026, 12, 3),
            "will fail on 3 Dec 2026 if nothing happens",
            Outcome.FAIL,
            State.OPEN,
        ),
    )
    security = ExplainedRule(
        a_rule("security", title="Security review is done"),
        Verdict("security", Outcome.NOT_APPLICABLE, reason="Amount is 120,000.00."),
    )
    quote = ExplainedRule(
        a_rule("quote", title="A valid quote exists"),
        Verdict("quote", Outcome.NOT_APPLICABLE, Standing.NOT_MET),
        (a_finding(Standing.NOT_MET, "There are no line items."),),
    )
    discount = ExplainedRule(
        a_rule("discount", title="Discount is within policy"),
        Verdict("discount", Outcome.NOT_APPLICABLE, Standing.MET),
        (a_finding(Standing.MET, "Discount is 10%."),),
    )
    show_explanation(
        Explanation(
            replace(a_deal("Proposal"), pipeline="Enterprise"),
            datetime(2026, 11, 20, 9, tzinfo=NEW_YORK),
            SupportedStage("Discovery"),
            (quote, active, security, criteria, discount, buying_group),
            days_in_stage=31,
            task_notes=("The task of deal_owner was closed by hand.",),
        )
    )
    assert capsys.readouterr().out == (
        "Acme renewal (006000000000001AAA)  Enterprise / Proposal, 31 days in stage"
        "  as of 20 Nov 2026 09:00 New York\n"
        "The evidence supports Discovery.\n"
        "https://acme.example/006000000000001AAA\n"
        "\n"
        "x buying-group  The buying group is engaged     medium, enforce"
        "  open since 12 Nov 2026\n"
        "    x 1 of the 3 contacts has the role Champion; at least 2 are needed.\n"
        "        counted: Dana Fox (Champion)\n"
        "        not counted: Lee Park (role is empty)\n"
        "    + 1 contact has the role Champion.\n"
        "    Fix: Add the missing people to the deal with their role.\n"
        "? criteria      Decision criteria are recorded  cannot tell: the integration"
        " user may not read Decision_Criteria__c\n"
        "+ active        The buyer was met recently      high, enforce\n"
        "    + The last meeting was on 18 Nov 2026.\n"
        "    Next: will fail on 3 Dec 2026 if nothing happens.\n"
        "- security      does not apply: Amount is 120,000.00.\n"
        "o Not yet due (leaving Proposal):\n"
        "    x quote         A valid quote exists\n"
        "        x There are no line items.\n"
        "    + discount      Discount is within policy\n"
        "The task of deal_owner was closed by hand.\n"
    )


def test_under_a_lower_ceiling_it_is_said_that_no_rule_goes_beyond_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = Explanation(
        a_deal("Proposal"), NOW, SupportedStage("Discovery"), (), ceiling=Mode.WARN
    )
    show_explanation(known)
    show_explanation(replace(known, ceiling=Mode.ENFORCE))

    assert capsys.readouterr().out.count("The ceiling") == 1
    show_explanation(known)
    assert "\nThe ceiling is warn: no rule goes beyond it.\n" in capsys.readouterr().out


def test_a_look_back_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    known = Explanation(
        a_deal("Proposal"), NOW, SupportedStage("Discovery"), (), is_look_back=True
    )
    show_explanation(known)
    show_explanation(replace(known, is_look_back=False))

    said = "\nA look back: its stage and fields are those of today.\n"
    assert capsys.readouterr().out.count(said) == 1
