"""One deal explained: every rule, every line, and what stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    EMPTY,
    Escalation,
    History,
    Outcome,
    Severity,
    Standing,
    State,
    Stint,
    Unavailable,
)
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.errors import SetupError
from tests.builders import NOW, a_deal, a_line
from tests.flow.scene import an_id, lacking

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene


def test_a_failing_deal_shows_its_lines_its_fix_and_its_violation(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()

    explanation = scene.explain(an_id(1))

    assert explanation.deal.id == an_id(1)
    assert explanation.supported.stage == "Qualification"
    (rule,) = explanation.rules
    assert rule.verdict.outcome is Outcome.FAIL
    assert [line.standing for line in rule.lines] == [Standing.NOT_MET]
    assert rule.fix == "Enter the amount."
    assert rule.violation is not None
    assert rule.violation.state is State.OPEN


def test_what_stands_is_dated_by_the_clock_of_the_project(scene_of: MakeScene) -> None:
    """First seen at 03:00 in UTC on the 21st, which is 22:00 of the 20th here."""
    scene = scene_of(lacking())
    scene.wait(hours=13)
    scene.run()

    (rule,) = scene.explain(an_id(1)).rules

    assert rule.violation is not None
    assert f"{rule.violation.first_seen:%-d %b %Y %H:%M}" == "20 Nov 2026 22:00"


def test_a_criterion_of_the_gate_ahead_is_shown_as_not_due(
    scene_of: MakeScene,
) -> None:
    deal = lacking(1)
    scene = scene_of(deal, a_deal("Proposal", deal_id=an_id(2)))
    scene.crm.move(an_id(1), "Qualification")

    (ahead,) = scene.explain(an_id(1)).rules
    (met,) = scene.explain(an_id(2)).rules

    assert ahead.verdict.outcome is Outcome.NOT_APPLICABLE
    assert ahead.verdict.readiness is Standing.NOT_MET
    assert ahead.fix == "Enter the amount."
    assert ahead.violation is None
    assert (met.verdict.outcome, met.fix) == (Outcome.PASS, "")


def test_the_link_from_the_page_is_as_good_as_the_id(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())

    by_link = scene.explain(scene.crm.deal_url(an_id(1)), "qual-amount")

    assert by_link.deal.id == an_id(1)


def test_what_does_not_exist_is_said_in_one_sentence(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())

    with pytest.raises(SetupError, match="The CRM shows no deal 006000000000009AAA"):
        scene.explain(an_id(9))
    with pytest.raises(SetupError, match="There is no rule qual-amuont"):
        scene.explain(an_id(1), "qual-amuont")


def test_explaining_writes_nothing(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.plan()

    scene.explain(an_id(1))

    assert scene.crm.requests == []
    assert len(scene.store.runs()) == 1


# ---- what comes next -------------------------------------------------------------


def test_the_last_day_of_grace_is_read_off_what_stands(scene_of: MakeScene) -> None:
    """First seen on Friday the 20th; one business day: Monday still waits."""
    scene = scene_of(lacking())
    scene.rule(grace=Grace(1, Unit.BUSINESS_DAYS))
    scene.settle()
    scene.wait(days=1)

    (rule,) = scene.explain(an_id(1)).rules

    assert rule.violation is not None
    assert rule.violation.state is State.PENDING
    assert rule.upcoming is not None
    assert rule.upcoming.text == "grace ends on 23 Nov 2026, open from 24 Nov 2026 on"


def test_before_any_run_grace_is_told_as_if_one_ran_now(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.rule(grace=Grace(1, Unit.BUSINESS_DAYS))

    (rule,) = scene.explain(an_id(1)).rules

    assert rule.violation is None
    assert rule.upcoming is not None
    assert rule.upcoming.text == "grace ends on 23 Nov 2026, open from 24 Nov 2026 on"


def test_days_in_stage_are_told_once_they_are_known(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    assert scene.explain(an_id(1)).days_in_stage is None

    scene.run()
    scene.wait(days=3)
    scene.run()
    assert scene.explain(an_id(1)).days_in_stage is None  # it may be there much longer

    scene.crm.move(an_id(1), "Closed Won")
    scene.wait(days=1)
    scene.run()
    scene.wait(days=2)
    assert scene.explain(an_id(1)).days_in_stage == 2


def test_a_task_closed_by_hand_says_when_it_comes_back(scene_of: MakeScene) -> None:
    """Closed on Friday the 20th: five business days later is Friday the 27th."""
    scene = scene_of(lacking())
    scene.settle()
    scene.task().is_closed = True
    scene.run()

    assert scene.explain(an_id(1)).task_notes == (
        "The task of deal_owner was closed by hand, without fixing what is missing, by"
        " 20 Nov 2026; it comes back on 27 Nov 2026.",
    )


def test_a_rule_under_its_former_name_keeps_its_violation(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.run()
    scene.rule(id="deal-amount", formerly=("qual-amount",))

    (rule,) = scene.explain(an_id(1)).rules

    assert rule.violation is not None
    assert rule.violation.state is State.OPEN


def test_an_escalated_rule_shows_its_terms_and_what_raised_it(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    raised = Escalation(a_line(True, "it is late"), Severity.CRITICAL, "owner_manager")
    unclear = Escalation(a_line(Unavailable("no access"), "it is very late"))
    scene.rule(escalate=(unclear, raised))

    (rule,) = scene.explain(an_id(1)).rules

    assert rule.terms.severity is Severity.CRITICAL
    assert rule.terms.owed_by == "owner_manager"
    assert [(each.standing, each.applies) for each in rule.escalations] == [
        (Standing.CANNOT_TELL, False),
        (Standing.MET, True),
    ]
    assert rule.escalations[1].lines[0].text == "it is late is True."


def test_a_suspended_rule_shows_why_and_no_lines(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.rule(suspend_when=a_line(True, "in_migration is true"))

    (rule,) = scene.explain(an_id(1)).rules

    assert rule.verdict.reason == "suspended: in_migration is true"
    assert (rule.lines, rule.fix) == ((), "")


def test_a_look_back_says_so_and_counts_no_days_of_another_stage(
    scene_of: MakeScene,
) -> None:
    """Two days ago the deal was in the stage before, 16 days by then."""
    began, moved = NOW - timedelta(days=18), NOW - timedelta(days=1)
    stints = (
        Stint("Discovery", began, moved, EMPTY),
        Stint("Proposal", moved, None, EMPTY),
    )
    past = History(stints, complete_since={"stage": began}, began=began)
    scene = scene_of(replace(lacking(), history=past))

    today = scene.explain(an_id(1))
    before = scene.explain(an_id(1), as_of=NOW - timedelta(days=2))

    assert (today.days_in_stage, today.is_look_back) == (1, False)
    assert (before.days_in_stage, before.is_look_back) == (None, True)
