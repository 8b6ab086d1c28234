"""A deal's past: worked out by hand, and what holds for any past."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import gates as gate_history
from gatekeeper.core.history import legs
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    Deal,
    FieldChange,
    FieldValue,
    History,
    Person,
    Stint,
    Unavailable,
    by_field,
)
from tests.builders import NOW, a_context, a_deal

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGAN = datetime(2026, 8, 3, 13, 0, tzinfo=UTC)
ANN = Person("005A", "Ann Rep")


def day(month: int, number: int, hour: int = 13, minute: int = 0) -> datetime:
    return datetime(2026, month, number, hour, minute, tzinfo=UTC)


def went(*steps: tuple[str, datetime], since: datetime | None = BEGAN) -> Deal:
    """A deal that entered those stages at those moments and is in the last."""
    ends = [*(at for _, at in steps[1:]), None]
    stints = tuple(
        Stint(stage, at, left, EMPTY)
        for (stage, at), left in zip(steps, ends, strict=True)
    )
    complete = {} if since is None else {STAGE: since}
    past = History(stints, {}, complete, BEGAN)
    return replace(a_deal(steps[-1][0]), history=past)


def dated(*moves: tuple[datetime, date, date], since: datetime = BEGAN) -> Deal:
    """A deal whose close date changed at those moments, from one day to another."""
    changes = tuple(
        FieldChange("close_date", at, old, new, ANN) for at, old, new in moves
    )
    past = History((), by_field(changes), {"close_date": since}, BEGAN)
    return replace(a_deal(), history=past)


STEADY = went(
    ("Prospecting", BEGAN),
    ("Qualification", day(8, 20)),
    ("Proposal", day(11, 4)),
)


# ---- stages --------------------------------------------------------------------------


def test_days_in_stage_count_calendar_days_of_the_present_stay() -> None:
    # 4 Nov to 20 Nov
    assert stage_history.days_in_stage(STEADY, a_context(), None) == 16


def test_days_in_a_named_stage_end_when_it_was_left() -> None:
    # 20 Aug to 4 Nov: 11 + 30 + 31 + 4
    found = stage_history.days_in_stage(STEADY, a_context(), "Qualification")
    assert found == 76


def test_total_days_add_up_every_stay() -> None:
    deal = went(
        ("Qualification", day(10, 1)),
        ("Proposal", day(10, 11)),
        ("Qualification", day(11, 1)),
        since=BEGAN,
    )
    # 10 days, then 1 Nov to 20 Nov
    assert stage_history.total_days(deal, a_context(), "Qualification") == 29


def test_a_slip_of_under_five_minutes_leaves_one_stay() -> None:
    deal = went(
        ("Qualification", day(10, 1)),
        ("Proposal", day(10, 11, 9, 0)),
        ("Qualification", day(10, 11, 9, 4)),
    )
    ctx = a_context()
    assert stage_history.entered(deal, ctx, None) == day(10, 1)
    assert stage_history.visited(deal, ctx, "Proposal") is False
    assert stage_history.moves_back(deal, ctx) == 0


def test_five_minutes_are_no_slip() -> None:
    deal = went(
        ("Qualification", day(10, 1)),
        ("Proposal", day(10, 11, 9, 0)),
        ("Qualification", day(10, 11, 9, 5)),
    )
    assert stage_history.moves_back(deal, a_context()) == 1


def test_the_crm_stages_of_one_stage_of_the_rules_are_one_stay() -> None:
    deal = went(("Needs Analysis", day(9, 1)), ("Value Proposition", day(10, 1)))
    assert stage_history.entered(deal, a_context(), "Discovery") == day(9, 1)
    assert stage_history.entered(deal, a_context(), None) == day(9, 1)


def test_a_jump_over_a_stage_skips_it() -> None:
    ctx = a_context()
    assert stage_history.skipped(STEADY, ctx, "Discovery") is True
    assert stage_history.skipped(STEADY, ctx, "Qualification") is False
    assert stage_history.skipped(STEADY, ctx, "Closed Won") is False


def test_a_deal_stands_in_its_stage_although_nothing_is_known_of_its_past() -> None:
    ctx, deal = a_context(), a_deal("Value Proposition")
    assert stage_history.visited(deal, ctx, "Discovery") is True
    assert stage_history.skipped(deal, ctx, "Discovery") is False
    assert stage_history.visited(deal, ctx, "Qualification") is legs.TOO_SHORT
    assert stage_history.skipped(deal, ctx, "Qualification") is legs.TOO_SHORT


def test_a_deal_stands_in_its_stage_although_its_history_ends_before_it() -> None:
    late = replace(STEADY, stage="Needs Analysis")
    assert stage_history.visited(late, a_context(), "Discovery") is True
    # What the history tells goes before: that day it was not yet there.
    then = a_context(day(9, 1))
    assert stage_history.visited(STEADY, then, "Proposal") is False


def test_a_lost_deal_skipped_nothing() -> None:
    deal = went(("Prospecting", BEGAN), ("Closed Lost", day(11, 1)))
    assert stage_history.skipped(deal, a_context(), "Proposal") is False


def test_reopening_a_lost_deal_is_no_step_back() -> None:
    deal = went(
        ("Proposal", BEGAN), ("Closed Lost", day(9, 1)), ("Discovery", day(10, 1))
    )
    assert stage_history.moves_back(deal, a_context()) == 0
    assert stage_history.moved_back(deal, a_context()) is False


def test_a_move_back_counts_from_the_moment_the_window_starts() -> None:
    deal = went(
        ("Proposal", BEGAN),
        ("Qualification", day(10, 21, 4, 0)),
    )
    ctx = a_context()
    assert stage_history.moves_back(deal, ctx, day(10, 21, 4, 0)) == 1
    assert stage_history.moves_back(deal, ctx, day(10, 21, 4, 1)) == 0


def test_a_replay_sees_what_that_day_saw() -> None:
    then = a_context(day(9, 1))
    assert stage_history.visited(STEADY, then, "Proposal") is False
    assert stage_history.days_in_stage(STEADY, then, "Qualification") == 12


def test_a_stage_found_is_decided_although_the_history_is_short() -> None:
    deal = went(("Discovery", day(10, 1)), ("Proposal", day(11, 1)), since=day(10, 1))
    ctx = a_context()
    assert stage_history.visited(deal, ctx, "Needs Analysis") is EMPTY
    known = replace(
        deal,
        history=replace(
            deal.history,
            stints=(
                Stint("Needs Analysis", day(10, 1), day(11, 1), EMPTY),
                Stint("Proposal", day(11, 1), None, EMPTY),
            ),
        ),
    )
    assert stage_history.visited(known, ctx, "Discovery") is True
    assert stage_history.visited(known, ctx, "Qualification") is legs.TOO_SHORT
    assert stage_history.first_stage(known, ctx) is legs.TOO_SHORT
    began = stage_history.entered(known, ctx, "Discovery")
    assert began == replace(legs.TOO_SHORT, is_there=True)


def test_a_stay_under_way_before_the_history_lasts_at_least_so_long() -> None:
    deal = went(("Proposal", day(11, 10)), since=day(11, 10))
    found = stage_history.days_in_stage(deal, a_context(), None)
    assert isinstance(found, Unavailable)
    assert found.at_least == 10


def test_a_history_that_ends_in_another_stage_does_not_tell_the_present_stay() -> None:
    deal = replace(STEADY, stage="Closed Won")
    found = stage_history.days_in_stage(deal, a_context(), None)
    assert found is legs.OUT_OF_STEP


def test_the_furthest_stage_leaves_lost_ones_out() -> None:
    deal = went(
        ("Qualification", BEGAN), ("Proposal", day(9, 1)), ("Closed Lost", day(10, 1))
    )
    assert stage_history.furthest_stage(deal, a_context()) == "Proposal"
    assert stage_history.first_stage(deal, a_context()) == "Qualification"


def test_a_deal_left_a_stage_when_it_last_moved_out_of_it() -> None:
    ctx = a_context()
    assert gate_history.left_at(STEADY, ctx, "Qualification") == day(11, 4)
    assert gate_history.left_at(STEADY, ctx, "Proposal") == NOW
    # never in Discovery: the moment it first was past it
    assert gate_history.left_at(STEADY, ctx, "Discovery") == day(11, 4)


@pytest.mark.parametrize(("first", "gone"), [(2, False), (1, True), (0, True)])
def test_the_next_stage_is_left_once_a_further_one_is_reached(
    first: int, gone: bool
) -> None:
    assert gate_history.has_gone_on(STEADY, a_context(), first) is gone


def test_a_deal_stood_where_its_stay_of_that_moment_was() -> None:
    ctx = a_context()
    assert gate_history.stood_from(STEADY, ctx, day(11, 3), 2) is False
    assert gate_history.stood_from(STEADY, ctx, day(11, 4), 2) is True
    assert gate_history.stood_from(STEADY, ctx, day(8, 1), 0) is False


# ---- fields --------------------------------------------------------------------------

PUSHED = dated(
    (day(8, 31), date(2026, 9, 30), date(2026, 10, 30)),
    (day(9, 30), date(2026, 10, 30), date(2026, 11, 30)),
    (day(11, 6), date(2026, 11, 30), date(2026, 12, 18)),
)


def test_three_pushes_are_counted_with_their_days() -> None:
    made = field_history.pushes("close_date", PUSHED, a_context(), day(8, 22))
    assert [push.at.date() for push in made] == [
        date(2026, 8, 31),
        date(2026, 9, 30),
        date(2026, 11, 6),
    ]
    # 30 + 31 + 18
    days = field_history.pushed_days("close_date", PUSHED, a_context(), day(8, 22))
    assert days == 79


def test_a_window_that_begins_at_the_last_push_holds_that_one_alone() -> None:
    ctx, start = a_context(), day(11, 6)
    assert field_history.count_pushes("close_date", PUSHED, ctx, start) == 1
    assert field_history.count_changes("close_date", PUSHED, ctx, start) == 1
    assert field_history.has_changed("close_date", PUSHED, ctx, start) is True
    # 30 November to 18 December
    assert field_history.pushed_days("close_date", PUSHED, ctx, start) == 18


def test_a_window_after_the_last_push_holds_none() -> None:
    ctx, start = a_context(), day(11, 7)
    assert field_history.count_pushes("close_date", PUSHED, ctx, start) == 0
    assert field_history.count_changes("close_date", PUSHED, ctx, start) == 0
    assert field_history.has_changed("close_date", PUSHED, ctx, start) is False
    assert field_history.pushed_days("close_date", PUSHED, ctx, start) == 0


def test_pulling_in_is_no_push_but_counts_as_days() -> None:
    deal = dated(
        (day(9, 1), date(2026, 10, 1), date(2026, 11, 1)),
        (day(9, 2), date(2026, 11, 1), date(2026, 10, 22)),
    )
    ctx = a_context()
    assert field_history.count_pushes("close_date", deal, ctx, BEGAN) == 1
    assert field_history.pushed_days("close_date", deal, ctx, BEGAN) == 21


def test_changes_within_a_quarter_of_an_hour_are_their_net_effect() -> None:
    deal = dated(
        (day(9, 1, 9, 0), date(2026, 10, 1), date(2027, 10, 1)),
        (day(9, 1, 9, 15), date(2027, 10, 1), date(2026, 10, 1)),
        (day(9, 1, 9, 31), date(2026, 10, 1), date(2026, 10, 2)),
    )
    ctx = a_context()
    assert field_history.count_pushes("close_date", deal, ctx, BEGAN) == 1
    assert field_history.count_changes("close_date", deal, ctx, BEGAN) == 3


def test_a_date_set_for_the_first_time_is_no_push() -> None:
    change = FieldChange("close_date", day(9, 1), EMPTY, date(2026, 12, 1), ANN)
    past = History((), by_field((change,)), {"close_date": BEGAN}, BEGAN)
    deal = replace(a_deal(), history=past)
    assert field_history.count_pushes("close_date", deal, a_context(), None) == 0


def test_a_change_that_does_not_say_from_what_may_be_a_push() -> None:
    untold = FieldChange(
        "close_date", day(9, 1), Unavailable("older than kept"), date(2026, 10, 1), ANN
    )
    later = dated((day(11, 6), date(2026, 10, 1), date(2026, 12, 1)))
    (pushed,) = later.history.changes["close_date"]
    past = History((), by_field((untold, pushed)), {"close_date": BEGAN}, BEGAN)
    deal, ctx = replace(a_deal(), history=past), a_context()

    found = field_history.count_pushes("close_date", deal, ctx, BEGAN)
    assert isinstance(found, Unavailable)
    assert found.at_least == 1
    assert found.reason == "the CRM did not say from what or to what close_date changed"
    assert isinstance(
        field_history.pushed_days("close_date", deal, ctx, BEGAN), Unavailable
    )
    # 30 + 31: what lies before the window does not matter.
    assert field_history.count_pushes("close_date", deal, ctx, day(9, 2)) == 1
    assert field_history.pushed_days("close_date", deal, ctx, day(9, 2)) == 61


def test_a_window_before_the_history_gives_a_lower_bound() -> None:
    deal = dated((day(11, 6), date(2026, 11, 30), date(2026, 12, 18)), since=day(11, 1))
    found = field_history.count_pushes("close_date", deal, a_context(), day(8, 22))
    assert isinstance(found, Unavailable)
    assert found.at_least == 1
    later = field_history.count_pushes("close_date", deal, a_context(), day(11, 1))
    assert later == 1


def test_the_value_on_a_day_includes_what_was_saved_at_that_moment() -> None:
    ctx_deal = PUSHED
    now = date(2026, 12, 18)

    def at(moment: datetime) -> FieldValue:
        return field_history.value_at("close_date", now, moment, ctx_deal)

    assert at(day(8, 31)) == date(2026, 10, 30)
    assert at(day(8, 30)) == date(2026, 9, 30)
    assert at(day(11, 6)) == now


def test_a_field_that_never_changed_is_its_creators() -> None:
    deal = dated()
    deal = replace(deal, fields={**deal.fields, "created_by": ANN})
    ctx = a_context()
    now = date(2026, 12, 18)
    assert field_history.changed_by("close_date", now, deal, ctx) == ANN
    assert field_history.changed_by("close_date", EMPTY, deal, ctx) is EMPTY
    assert field_history.previous("close_date", deal, ctx) is EMPTY
    assert field_history.last_changed("close_date", deal, ctx) is EMPTY


def test_closing_and_reopening_are_changes_of_is_closed() -> None:
    deal = went(
        ("Proposal", BEGAN), ("Closed Lost", day(9, 1)), ("Discovery", day(10, 1))
    )
    deal = replace(deal, stage="Needs Analysis")
    deal = replace(
        deal,
        history=replace(
            deal.history,
            stints=(
                *deal.history.stints[:2],
                Stint("Needs Analysis", day(10, 1), None, EMPTY),
            ),
        ),
    )
    ctx = a_context()
    assert field_history.count_changes("is_closed", deal, ctx, None) == 2
    assert field_history.count_changes("is_won", deal, ctx, None) == 0


# ---- for any past --------------------------------------------------------------------

STAGES = ("Prospecting", "Qualification", "Needs Analysis", "Proposal", "Closed Lost")
steps = st.lists(
    st.tuples(st.sampled_from(STAGES), st.integers(0, 60 * 24 * 30)),
    min_size=1,
    max_size=8,
)


def walked(taken: Sequence[tuple[str, int]]) -> Deal:
    moment = BEGAN
    entries: list[tuple[str, datetime]] = []
    for stage, minutes in taken:
        entries.append((stage, moment))
        moment += timedelta(minutes=minutes + 1)
    return went(*entries)


@given(steps)
def test_stays_do_not_overlap_and_change_the_stage(
    taken: list[tuple[str, int]],
) -> None:
    ctx = a_context(datetime(2030, 1, 1, tzinfo=UTC))
    known = legs.legs(walked(taken), ctx)
    assert known
    assert known[-1].left is None
    for before, after in pairwise(known):
        assert before.left is not None
        assert before.left <= after.entered
        assert before.position != after.position


@given(steps, st.integers(0, 400))
def test_no_past_has_more_steps_back_than_moves(
    taken: list[tuple[str, int]], days: int
) -> None:
    ctx = a_context(datetime(2030, 1, 1, tzinfo=UTC))
    deal = walked(taken)
    start = BEGAN + timedelta(days=days)
    back = stage_history.moves_back(deal, ctx, start)
    changed = field_history.count_changes(STAGE, deal, ctx, start)
    assert isinstance(back, Decimal)
    assert isinstance(changed, Decimal)
    assert 0 <= back <= changed


@given(steps)
def test_forgetting_the_beginning_never_turns_an_answer(
    taken: list[tuple[str, int]],
) -> None:
    """A shorter history says the same or that it cannot tell."""
    ctx = a_context(datetime(2030, 1, 1, tzinfo=UTC))
    whole = walked(taken)
    stints = whole.history.stints[len(taken) // 2 :]
    short = replace(
        whole,
        history=replace(
            whole.history, stints=stints, complete_since={STAGE: stints[0].entered}
        ),
    )
    for stage in ("Prospecting", "Discovery", "Proposal"):
        told = stage_history.visited(short, ctx, stage)
        is_unknown = isinstance(told, Unavailable)
        assert is_unknown or told == stage_history.visited(whole, ctx, stage)
    counted = stage_history.moves_back(short, ctx)
    all_of_them = stage_history.moves_back(whole, ctx)
    assert isinstance(all_of_them, Decimal)
    if isinstance(counted, Unavailable):
        assert counted.at_least is not None
        assert counted.at_least <= all_of_them
    else:
        assert counted == all_of_them
