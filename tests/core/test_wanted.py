"""The task a deal should have, part by part, and what is said of those it has not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gatekeeper.core.desire import DesiredState, WantedTask
from gatekeeper.core.model import (
    Mode,
    ObligationId,
    ObligationState,
    Resolution,
    Severity,
    State,
    TaskText,
    task_key,
)
from gatekeeper.core.pack import Grouping
from tests.builders import (
    DEAL_ID,
    NOW,
    ORG,
    OWNER,
    a_rule,
    a_task,
    a_violation,
)
from tests.core.test_desire import OWES, a_dossier, an_obligation, task_of, wish

BODY = (
    "What is missing:",
    "",
    "1. Title of qual-amount",
    "   Amount is empty.",
    "   To do: Enter the amount.",
    "",
    "This task closes itself when everything is in place.",
)


def test_a_task_is_wanted_whole():
    subject = "Acme renewal (Proposal): 1 thing missing"
    assert wish(a_violation()).wanted == (
        WantedTask(
            OWES,
            1,
            task_key(ORG, DEAL_ID, "deal_owner", "", 1),
            TaskText(OWNER, date(2026, 11, 25), subject, BODY),
            ("qual-amount",),
            ("qual-amount",),
            0,
        ),
    )


def test_a_task_that_comes_back_says_how_often_and_lists_what_is_new():
    closed = an_obligation(
        ObligationState.CLOSED_BY_PERSON, closed_at=NOW - timedelta(days=20), raised=1
    )
    old = a_violation(
        opened_at=NOW - timedelta(days=30), released_on=date(2026, 10, 21)
    )
    again = task_of(old, obligations=[closed])
    assert (again.episode, again.raised) == (2, 2)
    stands = a_dossier(tasks=(a_task(rule_ids=("a",)),))
    more = task_of(
        a_violation("a"),
        a_violation("b"),
        dossier=stands,
        obligations=[an_obligation()],
    )
    assert (more.rule_ids, more.new_rule_ids) == (("a", "b"), ("b",))


def test_the_oldest_of_equally_bad_lines_comes_first_then_the_name_of_the_rule():
    lines = [
        a_violation("c"),
        a_violation("b"),
        a_violation("d", first_seen=NOW - timedelta(days=1)),
        a_violation("e", severity=Severity.CRITICAL),
    ]
    assert task_of(*lines).rule_ids == ("e", "d", "b", "c")


# ---- which of our tasks stands ------------------------------------------------------


def listed(*tasks):
    """Give what the standing task lists already, as the wanted one sees it."""
    dossier = a_dossier(tasks=tasks)
    wanted = task_of(
        a_violation("a"),
        a_violation("b"),
        dossier=dossier,
        obligations=[an_obligation()],
    )
    return set(wanted.rule_ids) - set(wanted.new_rule_ids)


def test_the_standing_task_is_the_open_one_of_its_episode_and_role():
    own = a_task(rule_ids=("a",))
    assert listed(own) == {"a"}
    for other in (
        replace(own, is_closed=True),
        replace(own, is_deleted=True),
        replace(own, episode=2),
        replace(own, id=ObligationId(DEAL_ID, "deal_desk")),
        replace(own, id=None),
    ):
        assert listed(other) == set()


def test_of_two_copies_the_lower_id_is_the_one_that_stands():
    low, high = a_task(remote_id="00T1", rule_ids=("a",)), a_task(remote_id="00T2")
    assert listed(low, high) == listed(high, low) == {"a"}


# ---- until when ----------------------------------------------------------------------


def test_a_line_whose_rule_left_the_pack_is_due_by_its_severity():
    """Friday 20 Nov: critical has one business day."""
    alone = task_of(a_violation("gone", severity=Severity.CRITICAL))
    assert alone.text.due_on == date(2026, 11, 23)
    stands = a_task(TaskText(OWNER, date(2026, 12, 4), "s", ("b",)), rule_ids=("gone",))
    later = task_of(
        a_violation("gone", severity=Severity.CRITICAL),
        dossier=a_dossier(tasks=(stands,)),
        obligations=[an_obligation()],
    )
    assert later.text.due_on == date(2026, 12, 4)


def test_a_task_that_lost_its_due_day_gets_the_one_of_a_new_task():
    stands = a_task(due_on=None)
    wanted = task_of(
        a_violation(), dossier=a_dossier(tasks=(stands,)), obligations=[an_obligation()]
    )
    assert wanted.text.due_on == date(2026, 11, 25)


def test_a_new_line_is_due_on_the_next_business_day_at_the_earliest():
    stands = a_task(TaskText(OWNER, date(2026, 12, 4), "s", ("b",)))
    wanted = task_of(
        a_violation(),
        a_violation("urgent"),
        dossier=a_dossier(tasks=(stands,)),
        obligations=[an_obligation()],
        rules=(a_rule(), a_rule("urgent", due_in=2)),
    )
    assert wanted.text.due_on == date(2026, 11, 24)


# ---- what is not wanted -------------------------------------------------------------


def test_a_role_without_anybody_keeps_no_other_from_its_task():
    nobody = a_violation("a", role="deal_desk", severity=Severity.CRITICAL)
    found = wish(nobody, a_violation("b"))
    assert [each.rule_ids for each in found.wanted] == [("b",)]
    assert found.unassigned == ("deal_desk",)


def test_what_a_person_closed_rests_and_is_not_cleared():
    closed = an_obligation(ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
    found = wish(a_violation(opened_at=NOW - timedelta(days=1)), obligations=[closed])
    assert (found.wanted, found.resting, found.cleared) == ((), (OWES,), frozenset())


def test_what_is_owed_no_more_is_cleared():
    found = wish(obligations=[an_obligation()])
    assert found.cleared == {OWES}
    assert wish(a_violation(), obligations=[an_obligation()]).cleared == frozenset()


@pytest.mark.parametrize(
    ("violation", "words"),
    [
        (a_violation(mode=Mode.WARN), "Not enforced any more: Title of qual-amount."),
        (
            a_violation(state=State.WAIVED, accepted="Waived until 1 Dec 2026."),
            "Waived until 1 Dec 2026.",
        ),
        (
            a_violation(state=State.RESOLVED, resolution=Resolution.RULE_RETIRED),
            "Not asked any more: Title of qual-amount.",
        ),
    ],
)
def test_a_task_that_nobody_fulfilled_says_why_it_ends(violation, words):
    assert wish(violation).ended == {OWES: words}


@pytest.mark.parametrize(
    "violation",
    [
        a_violation(),
        a_violation(mode=Mode.WARN, state=State.PENDING),
        a_violation(mode=Mode.OBSERVE, state=State.RESOLVED),
        a_violation(state=State.RESOLVED, resolution=Resolution.FIXED),
    ],
)
def test_what_stands_or_was_done_needs_no_reason(violation):
    assert wish(violation).ended == {}


def test_the_reasons_of_a_task_stand_on_a_line_each_and_once():
    retired = {"state": State.RESOLVED, "resolution": Resolution.RULE_RETIRED}
    same = a_violation("a", title="Amount", **retired)
    found = wish(same, replace(same, rule_id="b"), a_violation("c", mode=Mode.WARN))
    assert found.ended == {
        OWES: "Not asked any more: Amount.\nNot enforced any more: Title of c."
    }
    by_rule = wish(same, a_violation("c", mode=Mode.WARN), grouping=Grouping.RULE)
    assert by_rule.ended == {
        ObligationId(DEAL_ID, "deal_owner", "a"): "Not asked any more: Amount.",
        ObligationId(DEAL_ID, "deal_owner", "c"): "Not enforced any more: Title of c.",
    }


def test_a_deal_without_violations_wants_nothing():
    assert wish(dossier=a_dossier(is_enforced=False)) == DesiredState()
