"""Episodes: which task a deal should have, and when a closed one comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.episodes import (
    Episode,
    comes_back_on,
    each_episode,
    laid_to_rest,
    latest_episodes,
    obligation_of,
    wanted_episode,
)
from gatekeeper.core.model import ObligationId, ObligationState, State
from gatekeeper.core.pack import Grouping
from tests.builders import DEAL_ID, NOW, a_context, a_pack, a_rule, a_violation
from tests.core.test_desire import OWES, an_obligation

BEFORE = NOW - timedelta(days=1)
OLD = a_violation(opened_at=BEFORE, released_on=date(2026, 11, 19))


def closed(**changes):
    kept = {"closed_at": NOW, **changes}
    return an_obligation(ObligationState.CLOSED_BY_PERSON, **kept)


def wanted(latest, *lines, now=NOW, **project):
    return wanted_episode(latest, lines or (OLD,), a_pack(**project), a_context(now))


def place(line, *obligations, rules=(), **project):
    known = {each.id: each for each in obligations}
    return obligation_of(line, known, a_pack(*rules, **project))


def of_rule(rule_id, role="deal_desk"):
    return ObligationId(DEAL_ID, role, rule_id)


def test_a_line_belongs_to_its_role_or_where_grouped_so_to_its_rule():
    line = a_violation("a", role="deal_desk")
    assert place(line) == of_rule("")
    assert place(line, grouping=Grouping.RULE) == of_rule("a")


def test_a_line_of_a_renamed_rule_stays_in_the_task_of_the_old_name_while_that_lives():
    line = a_violation("new", role="deal_desk")
    rules = (a_rule("other"), a_rule("new", formerly=("old", "older")))

    def of(*obligations):
        return place(line, *obligations, rules=rules, grouping=Grouping.RULE)

    for state in (
        ObligationState.INTENT,
        ObligationState.OPEN,
        ObligationState.CLOSED_BY_PERSON,
    ):
        assert of(an_obligation(state, id=of_rule("older"))) == of_rule("older")
    assert of(an_obligation(ObligationState.RESOLVED, id=of_rule("old"))) == of_rule(
        "new"
    )
    mine, former = an_obligation(id=of_rule("new")), an_obligation(id=of_rule("old"))
    assert of(former, mine) == of_rule("new")


def test_the_first_task_is_the_first_episode():
    assert wanted(None) == Episode(1, 0)


@pytest.mark.parametrize(
    ("state", "episode"),
    [
        (ObligationState.INTENT, Episode(3, 2)),
        (ObligationState.OPEN, Episode(3, 2)),
        (ObligationState.RESOLVED, Episode(4, 0)),
        (ObligationState.RESOLVING, Episode(4, 0)),
        (ObligationState.ORPHANED, Episode(4, 0)),
    ],
)
def test_a_live_episode_goes_on_and_a_finished_one_is_followed_by_a_clean_count(
    state, episode
):
    assert wanted(an_obligation(state, episode=3, raised=2)) == episode


# ---- a person closed it --------------------------------------------------------------


def test_it_comes_back_on_the_fifth_business_day_and_counts_as_raised():
    thursday, friday = NOW + timedelta(days=6), NOW + timedelta(days=7)
    assert wanted(closed(episode=2, raised=1), now=thursday) is None
    assert wanted(closed(episode=2, raised=1), now=friday) == Episode(3, 2)


def test_it_comes_back_so_often_and_after_so_long_as_the_project_says():
    late = NOW + timedelta(days=70)
    assert wanted(closed(raised=1), now=late) == Episode(2, 2)
    assert wanted(closed(raised=2), now=late) is None
    assert wanted(closed(raised=2), now=late, reopen_times=3) == Episode(2, 3)
    assert wanted(closed(), now=NOW + timedelta(days=3), reopen_after=1) == Episode(
        2, 1
    )


def test_the_days_count_from_the_last_business_day_before_a_closing_on_a_day_off():
    saturday = NOW + timedelta(days=1)
    pack, context = a_pack(), a_context()
    assert comes_back_on(closed(closed_at=NOW), pack, context) == date(2026, 11, 27)
    assert comes_back_on(closed(closed_at=saturday), pack, context) == date(
        2026, 11, 27
    )
    friday_off = a_context(calendar=Calendar(frozenset({date(2026, 11, 20)})))
    assert comes_back_on(closed(closed_at=saturday), pack, friday_off) == date(
        2026, 11, 27
    )
    assert comes_back_on(closed(closed_at=None), pack, context) is None


def test_a_line_that_opened_after_the_closing_is_asked_at_once():
    newer = a_violation("b", opened_at=NOW + timedelta(minutes=1))
    at_closing = a_violation("b", opened_at=NOW)
    latest = closed(episode=2, raised=1)
    assert wanted(latest, OLD, newer) == Episode(3, 1)
    assert wanted(latest, OLD, at_closing) is None
    assert wanted(latest, OLD, a_violation("b", opened_at=None)) is None


def test_a_line_let_into_a_task_only_after_the_closing_is_asked_at_once():
    """It waited for the ramp, so the person never saw it."""
    next_day = a_violation("b", opened_at=BEFORE, released_on=date(2026, 11, 21))
    same_day = a_violation("b", opened_at=BEFORE, released_on=date(2026, 11, 20))
    held = a_violation("b", opened_at=BEFORE, released_on=None)
    assert wanted(closed(), next_day) == Episode(2, 0)
    assert wanted(closed(), same_day) is None
    assert wanted(closed(), held) is None


def test_without_the_day_of_closing_it_never_comes_back():
    unknown = closed(closed_at=None)
    newer = a_violation("b", opened_at=NOW + timedelta(days=1))
    assert wanted(unknown, newer, now=NOW + timedelta(days=70)) is None


# ---- laid to rest --------------------------------------------------------------------


def rested(latest, *violations, **project):
    return list(laid_to_rest({latest.id: latest}, violations, a_pack(**project)))


def test_what_a_person_closed_rests_once_nothing_of_it_is_missing():
    latest = closed(raised=1)
    assert rested(latest) == [
        an_obligation(ObligationState.RESOLVED, closed_at=NOW, raised=1)
    ]
    for over in (State.RESOLVED, State.WAIVED, State.EXEMPT):
        assert len(rested(latest, a_violation(state=over))) == 1
    for stands in (State.OPEN, State.PENDING, State.SUPPRESSED):
        assert rested(latest, a_violation(state=stands)) == []


def test_what_is_owed_by_another_role_or_rule_keeps_nothing_from_resting():
    other = a_violation(role="deal_desk")
    assert len(rested(closed(), other)) == 1
    by_rule = closed(id=ObligationId(DEAL_ID, OWES.role, "a"))
    assert len(rested(by_rule, a_violation("b"), grouping=Grouping.RULE)) == 1
    assert rested(by_rule, a_violation("a"), grouping=Grouping.RULE) == []


def test_only_what_a_person_closed_is_laid_to_rest():
    for state in set(ObligationState) - {ObligationState.CLOSED_BY_PERSON}:
        assert rested(an_obligation(state)) == []


# ---- the latest of each --------------------------------------------------------------


def test_of_two_episodes_of_one_task_the_later_counts_whoever_told_it():
    first, second = an_obligation(episode=1), an_obligation(episode=2)
    other = replace(an_obligation(), id=of_rule("", "coach"))
    assert latest_episodes({first.id: first}, [other, second]) == {
        first.id: second,
        other.id: other,
    }
    assert latest_episodes({first.id: second}, [first]) == {first.id: second}


def test_of_one_episode_counts_what_a_run_learned_and_what_was_known_stays_known():
    before, now = an_obligation(), closed()
    known = {before.id: before}
    assert latest_episodes(known, [now]) == {before.id: now}
    assert known == {before.id: before}


def test_each_episode_is_told_once_and_as_it_was_told_last():
    first, second = an_obligation(episode=1), an_obligation(episode=2)
    assert each_episode([first, second, closed(episode=1)]) == (
        closed(episode=1),
        second,
    )
