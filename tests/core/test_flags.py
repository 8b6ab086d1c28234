"""What our fields on a deal say."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gatekeeper.core.flags import flags_of
from gatekeeper.core.model import Flags, Mode, Outcome, Severity, State
from tests.builders import NOW, a_context, a_violation
from tests.core.test_desire import a_dossier


def flags(*violations, lines=None, **dossier):
    shown = [each for each in violations if each.state is State.OPEN]
    return flags_of(
        a_dossier(**dossier),
        violations,
        shown if lines is None else lines,
        a_context(),
    )


def test_the_flags_follow_the_worst_line_and_the_one_that_is_open_longest():
    """05:30 in UTC on the 18th is half past midnight in New York, 04:30 is the 17th."""
    worst = a_violation(
        "a", severity=Severity.CRITICAL, opened_at=datetime(2026, 11, 19, tzinfo=UTC)
    )
    oldest = a_violation("b", opened_at=datetime(2026, 11, 18, 4, 30, tzinfo=UTC))
    text = "Amount is empty. Enter the amount."
    assert flags(worst, oldest) == Flags(
        status="Open",
        open_count=2,
        worst_severity="critical",
        missing=f"Title of a: {text}\nTitle of b: {text}",
        open_since=date(2026, 11, 17),
        supported_stage="Qualification",
    )


def test_a_line_that_never_waited_is_open_since_it_was_first_seen():
    line = a_violation(opened_at=None, first_seen=datetime(2026, 11, 3, 15, tzinfo=UTC))
    assert flags(line).open_since == date(2026, 11, 3)


def test_with_nothing_open_only_the_status_and_the_stage_are_filled():
    assert flags() == Flags(
        status="Clear", open_count=0, supported_stage="Qualification"
    )


@pytest.mark.parametrize(
    ("violation", "status"),
    [
        (a_violation(state=State.PENDING), "Pending"),
        (a_violation(state=State.OPEN, released_on=None), "Pending"),
        (a_violation(state=State.WAIVED), "Waived"),
        (a_violation(state=State.EXEMPT, outcome=Outcome.CANNOT_TELL), "Cannot tell"),
        (a_violation(state=State.EXEMPT), "Clear"),
        (a_violation(state=State.RESOLVED, outcome=Outcome.CANNOT_TELL), "Clear"),
        (a_violation(state=State.PENDING, mode=Mode.WARN), "Clear"),
    ],
)
def test_the_status_tells_of_what_is_enforced_and_stands(violation, status):
    assert flags(violation, lines=()).status == status


def test_a_deal_nothing_is_enforced_on_has_empty_flags():
    assert flags(is_enforced=False) == Flags()
    warned = a_violation(mode=Mode.WARN)
    assert flags(warned, lines=(), is_enforced=False) == Flags()
    over = a_violation(state=State.RESOLVED)
    assert flags(over, is_enforced=False) == Flags()


def test_what_stands_enforced_keeps_the_flags_where_no_rule_applies_now():
    kept = a_violation(outcome=Outcome.CANNOT_TELL, opened_at=NOW)
    assert flags(kept, is_enforced=False).status == "Open"


def test_a_rule_that_cannot_be_told_is_said_where_nothing_else_is():
    assert flags(cannot_tell=True).status == "Cannot tell"
