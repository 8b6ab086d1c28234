"""The edges of a deal's past: what lies at a bound, is not known, or is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gatekeeper.core.catalogue import Pipeline, Stage
from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import gates, legs
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.history.sightings import joined, look
from gatekeeper.core.judge.evaluate import judge
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    FieldChange,
    History,
    Outcome,
    Person,
    Sighted,
    Stint,
    Unavailable,
    by_field,
)
from gatekeeper.core.pack import Position, Reach
from tests.builders import NOW, a_context, a_deal, a_pack, a_rule
from tests.core.test_history import ANN, BEGAN, STEADY, dated, day, went
from tests.core.test_paths import AT, STEPS, verdict

MINUTE = timedelta(minutes=1)
CTX = a_context()
UNKNOWN = replace(a_deal("Proposal"), history=History())
SHORT = went(("Qualification", day(10, 1)), ("Proposal", day(11, 1)), since=day(10, 1))


def noted(*moves, since=BEGAN):
    """A deal whose next step changed at those moments, from one text to another."""
    changes = tuple(
        FieldChange("next_step", at, old, new, ANN) for at, old, new in moves
    )
    past = History((), by_field(changes), {"next_step": since}, BEGAN)
    return replace(a_deal(), history=past)


# ---- stays ---------------------------------------------------------------------------


def test_a_stage_that_was_left_for_another_and_never_reached_is_empty():
    assert stage_history.entered(STEADY, CTX, "Elsewhere") is EMPTY
    assert stage_history.entered(STEADY, CTX, "Discovery") is EMPTY
    assert stage_history.days_in_stage(STEADY, CTX, "Discovery") is EMPTY
    assert stage_history.entered(SHORT, CTX, "Discovery") is legs.TOO_SHORT
    assert stage_history.total_days(STEADY, CTX, "Elsewhere") is EMPTY
    assert stage_history.total_days(STEADY, CTX, "Discovery") == 0


def test_days_that_are_known_are_the_least_there_were():
    """1 October to 1 November, and perhaps more before."""
    found = stage_history.total_days(SHORT, CTX, "Qualification")
    assert found == replace(legs.TOO_SHORT, at_least=Decimal(31))


def test_a_deal_is_past_no_stage_it_stands_in():
    assert stage_history.skipped(STEADY, CTX, "Proposal") is False
    standing_untold = replace(STEADY, stage="Needs Analysis")
    assert stage_history.skipped(standing_untold, CTX, "Discovery") is False


def test_a_deal_aside_of_unknown_past_skipped_nobody_knows_what():
    aside = replace(a_deal("Hold"), history=History())
    assert stage_history.skipped(aside, AT, "Prospecting") is legs.TOO_SHORT


def test_without_its_pipeline_no_step_is_back_and_nothing_is_furthest():
    elsewhere = replace(STEADY, pipeline="Unknown")
    assert stage_history.steps_back(elsewhere, CTX) == ()
    assert stage_history.furthest_stage(elsewhere, CTX) is legs.TOO_SHORT
    assert stage_history.furthest_stage(SHORT, CTX) is legs.TOO_SHORT


def test_the_last_move_alone_says_whether_the_deal_moved_back():
    back = went(("Proposal", BEGAN), ("Qualification", day(9, 1)))
    and_on = went(
        ("Proposal", BEGAN), ("Qualification", day(9, 1)), ("Proposal", day(10, 1))
    )
    assert stage_history.moved_back(back, CTX) is True
    assert stage_history.moved_back(and_on, CTX) is False
    assert stage_history.moved_back(went(("Proposal", BEGAN)), CTX) is False
    assert stage_history.moved_back(UNKNOWN, CTX) is legs.TOO_SHORT


def test_into_a_lost_stage_or_out_of_it_is_no_step_back():
    two_ends = Pipeline(
        "Default",
        (
            Stage("Lost early", ("0",), is_closed=True),
            Stage("Open", ("1",)),
            Stage("Lost late", ("2",), is_closed=True),
        ),
    )
    context = a_context(pipelines={"Default": two_ends})
    into = went(("1", BEGAN), ("0", day(9, 1)))
    out = went(("2", BEGAN), ("1", day(9, 1)))
    assert stage_history.moves_back(into, context) == 0
    assert stage_history.moves_back(out, context) == 0


def test_stages_the_pipeline_lacks_are_told_apart_by_their_value():
    deal = went(("8", BEGAN), ("9", day(9, 1)), ("9", day(10, 1)))
    assert [leg.value for leg in legs.legs(deal, CTX)] == ["8", "9"]
    assert stage_history.entered(deal, CTX, None) == day(9, 1)
    mixed = went(("Proposal", BEGAN), ("9", day(9, 1)), ("Proposal", day(10, 1)))
    assert len(legs.legs(mixed, CTX)) == 3


def test_what_has_not_happened_yet_is_no_stay_and_ends_none():
    then = a_context(day(11, 4))
    last = legs.legs(STEADY, then)[-1]
    assert (last.value, last.left) == ("Proposal", None)
    before = legs.legs(STEADY, a_context(day(11, 4) - MINUTE))[-1]
    assert (before.value, before.left) == ("Qualification", None)
    at_its_end = Stint("Qualification", day(10, 1), day(11, 1), EMPTY)
    ended = replace(STEADY, history=History((at_its_end,)))
    assert legs.legs(ended, a_context(day(11, 1)))[-1].left == day(11, 1)


def test_a_slip_hides_no_stay_after_it_and_who_began_a_stay_began_it():
    stints = (
        Stint("Qualification", day(10, 1), day(10, 2), ANN),
        Stint("Proposal", day(10, 2), day(10, 2) + MINUTE, EMPTY),
        Stint("Qualification", day(10, 2) + MINUTE, day(10, 9), EMPTY),
        Stint("Proposal", day(10, 9), None, EMPTY),
    )
    deal = replace(a_deal("Proposal"), history=History(stints))
    found = [(leg.value, leg.entered, leg.by) for leg in legs.legs(deal, CTX)]
    assert found == [
        ("Qualification", day(10, 1), ANN),
        ("Proposal", day(10, 9), EMPTY),
    ]


def test_what_stays_are_too_short_for_is_said():
    late = stage_history.entered(replace(STEADY, stage="Closed Won"), CTX, None)
    assert late == Unavailable(
        "its stage history does not reach its present stage", is_there=True
    )
    early = stage_history.entered(UNKNOWN, CTX, "Qualification")
    assert early == Unavailable("its stage history does not reach back far enough")


def test_a_deal_that_has_only_been_aside_stands_before_the_first_stage():
    aside = went(("Hold", BEGAN))
    assert legs.place_in_order(aside, AT) == -1
    unknown = went(("Hold", BEGAN), since=None)
    assert legs.place_in_order(unknown, AT) is legs.TOO_SHORT


def test_a_deal_aside_stands_where_it_was_before():
    aside = went(*STEPS, ("Hold", day(10, 1)))
    assert legs.place_in_order(aside, AT) == 2
    (first, second) = legs.ordered_legs(aside, AT)
    assert (first.value, first.left) == ("Prospecting", day(9, 1))
    assert (second.value, second.entered, second.left) == (
        "Qualification",
        day(9, 1),
        None,
    )


def test_a_rest_aside_parts_no_stay_and_another_stage_does():
    back = went(*STEPS, ("Hold", day(10, 1)), ("Qualification", day(10, 5)))
    assert [leg.entered for leg in legs.ordered_legs(back, AT)] == [BEGAN, day(9, 1)]
    assert legs.ordered_legs(back, AT)[-1].left is None
    on = went(*STEPS, ("Hold", day(10, 1)), ("Proposal", day(10, 5)))
    ends = [(leg.value, leg.left) for leg in legs.ordered_legs(on, AT)]
    assert ends == [
        ("Prospecting", day(9, 1)),
        ("Qualification", day(10, 5)),
        ("Proposal", None),
    ]


def test_stages_the_pipeline_lacks_are_one_stay_around_a_rest_where_they_are_one():
    same = went(("8", BEGAN), ("Hold", day(9, 1)), ("8", day(10, 1)))
    assert [leg.value for leg in legs.ordered_legs(same, AT)] == ["8"]
    other = went(("8", BEGAN), ("Hold", day(9, 1)), ("9", day(10, 1)))
    assert [leg.value for leg in legs.ordered_legs(other, AT)] == ["8", "9"]
    known = went(("8", BEGAN), ("Hold", day(9, 1)), ("Proposal", day(10, 1)))
    assert [leg.value for leg in legs.ordered_legs(known, AT)] == ["8", "Proposal"]
    left = went(("Proposal", BEGAN), ("Hold", day(9, 1)), ("8", day(10, 1)))
    assert [leg.value for leg in legs.ordered_legs(left, AT)] == ["Proposal", "8"]


# ---- gates ---------------------------------------------------------------------------


def test_whichever_stage_it_left_last_it_left_on_entering_the_present_one():
    assert gates.left_at(STEADY, CTX, None) == day(11, 4)
    first = went(("Prospecting", BEGAN))
    assert gates.left_at(first, CTX, None) == NOW
    second = went(("Prospecting", BEGAN), ("Qualification", day(9, 1)))
    assert gates.left_at(second, CTX, None) == day(9, 1)
    assert gates.left_at(went(("Proposal", BEGAN), since=None), CTX, None) is (
        legs.TOO_SHORT
    )
    assert gates.left_at(UNKNOWN, CTX, None) is legs.TOO_SHORT
    strange = went(("Prospecting", BEGAN), ("9", day(9, 1)))
    assert gates.left_at(strange, CTX, None) == day(9, 1)


def test_a_stage_that_is_not_in_the_order_is_left_now():
    assert gates.left_at(STEADY, CTX, "Elsewhere") == NOW
    strange = went(("Prospecting", BEGAN), ("9", day(9, 1)))
    assert gates.left_at(strange, CTX, "Prospecting") == NOW
    aside = replace(a_deal("Hold"), history=History())
    assert gates.left_at(aside, AT, "Prospecting") is legs.TOO_SHORT


def test_a_stage_leapt_over_was_left_on_reaching_a_later_one_not_itself():
    deal = went(
        ("Proposal", BEGAN), ("Qualification", day(9, 1)), ("Proposal", day(10, 1))
    )
    assert gates.left_at(deal, CTX, "Discovery") == BEGAN
    still = replace(deal, stage="Closed Won")  # its history ends before that
    assert gates.left_at(still, CTX, "Discovery") == BEGAN
    behind = went(("Discovery", BEGAN))
    assert gates.left_at(replace(behind, stage="Proposal"), CTX, "Qualification") is (
        legs.TOO_SHORT
    )


def test_a_deal_that_went_back_and_came_again_has_not_gone_on_since():
    again = went(
        ("Qualification", BEGAN),
        ("Prospecting", day(9, 1)),
        ("Qualification", day(10, 1)),
    )
    assert gates.has_gone_on(again, CTX, 1) is False
    on = went(("Qualification", BEGAN), ("Needs Analysis", day(9, 1)))
    assert gates.has_gone_on(on, CTX, 1) is True


def test_a_deal_before_a_stage_tells_nothing_of_going_on_from_it():
    before = went(("Prospecting", BEGAN))
    assert gates.has_gone_on(before, CTX, 1) is legs.TOO_SHORT


def test_a_deal_stands_from_a_stage_on_that_it_is_in():
    inside = went(("Qualification", BEGAN))
    assert gates.stood_from(inside, CTX, NOW, 1) is True
    assert gates.stood_from(inside, CTX, NOW, 2) is False


# ---- fields --------------------------------------------------------------------------


def test_a_change_at_the_start_of_a_window_lies_in_it():
    deal = noted((day(10, 1), "a", "b"))
    assert field_history.count_changes("next_step", deal, CTX, day(10, 1)) == 1
    late = field_history.count_changes("next_step", deal, CTX, day(10, 1) + MINUTE)
    assert late == 0


def test_a_change_of_this_very_moment_has_happened_and_one_to_the_same_has_not():
    deal = noted((NOW, "a", "b"))
    assert field_history.last_changed("next_step", deal, CTX) == NOW
    before = a_context(NOW - MINUTE)
    assert field_history.last_changed("next_step", deal, before) is EMPTY
    same = noted((day(10, 1), "a", "a"))
    assert field_history.last_changed("next_step", same, CTX) is EMPTY


def test_a_quarter_of_an_hour_is_taken_together_and_a_minute_more_is_not():
    first, second, third = (date(2026, 12, day) for day in (1, 8, 15))
    for minutes, count in ((15, 1), (16, 2)):
        later = day(10, 1) + minutes * MINUTE
        deal = dated((day(10, 1), first, second), (later, second, third))
        assert field_history.count_pushes("close_date", deal, CTX, None) == count
        assert field_history.pushed_days("close_date", deal, CTX, None) == 14


def test_what_is_taken_together_goes_from_the_first_value_to_the_last():
    deal = noted(
        (day(10, 1), "a", "b"),
        (day(10, 1) + MINUTE, "b", "c"),
        (day(10, 1) + 2 * MINUTE, "c", "d"),
        (day(10, 9), "d", "e"),
    )
    found = field_history.net_changes("next_step", deal, CTX)
    assert [(each.old, each.new) for each in found] == [("a", "d"), ("d", "e")]


def test_a_history_that_is_too_short_says_of_what():
    reason = "the history of next_step does not reach back far enough"
    deal = noted((day(10, 1), "a", "b"), since=day(9, 1))
    count = field_history.count_changes("next_step", deal, CTX, day(8, 1))
    assert count == Unavailable(reason, at_least=Decimal(1))
    quiet = noted(since=day(9, 1))
    found = field_history.has_changed("next_step", quiet, CTX, day(8, 1))
    assert found == Unavailable(reason)
    assert field_history.last_changed("next_step", quiet, CTX) == Unavailable(reason)
    assert field_history.last_changed("is_won", UNKNOWN, CTX) is legs.TOO_SHORT
    assert field_history.pushed_days("next_step", quiet, CTX, day(8, 1)) == (
        Unavailable(reason)
    )


def test_days_pushed_between_two_runs_are_not_summed_up():
    seen = FieldChange(
        "close_date",
        day(10, 5),
        date(2026, 12, 1),
        date(2026, 12, 8),
        EMPTY,
        after=day(10, 4),
    )
    past = History((), by_field((seen,)), {"close_date": BEGAN}, BEGAN)
    deal = replace(a_deal(), history=past)
    found = field_history.pushed_days("close_date", deal, CTX, day(10, 4) + MINUTE)
    assert found == Unavailable(
        "close_date changed between two runs, one before and one after the day asked"
        " for"
    )
    assert field_history.pushed_days("close_date", deal, CTX, day(10, 4)) == 7


def test_a_change_seen_at_the_very_start_of_a_window_may_have_been_before_it():
    seen = FieldChange("next_step", day(10, 5), "a", "b", EMPTY, after=day(10, 4))
    past = History((), by_field((seen,)), {"next_step": BEGAN}, BEGAN)
    deal = replace(a_deal(), history=past)
    reason = (
        "next_step changed between two runs, one before and one after the day asked for"
    )
    count = field_history.count_changes("next_step", deal, CTX, day(10, 5))
    assert count == Unavailable(reason, at_least=Decimal(0))
    found = field_history.has_changed("next_step", deal, CTX, day(10, 5))
    assert found == Unavailable(reason)
    later = day(10, 5) + MINUTE
    assert field_history.count_changes("next_step", deal, CTX, later) == 0
    assert field_history.has_changed("next_step", deal, CTX, later) is False


def test_moments_move_by_local_days():
    """Both are the 2nd in New York, the third is the 3rd."""
    one, same, later = (
        datetime(2026, 11, 2, 14, tzinfo=UTC),
        datetime(2026, 11, 3, 4, 59, tzinfo=UTC),
        datetime(2026, 11, 3, 5, 0, tzinfo=UTC),
    )
    deal = noted((day(10, 1), one, same), (day(10, 2), same, later))
    assert field_history.count_pushes("next_step", deal, CTX, None) == 1
    assert field_history.pushed_days("next_step", deal, CTX, None) == 1


def test_the_last_change_tells_when_from_what_and_by_whom():
    bob = Person("005B", "Bob")
    changes = (
        FieldChange("next_step", day(9, 1), "a", "b", ANN),
        FieldChange("next_step", day(9, 2), "b", "c", ANN),
        FieldChange("next_step", day(9, 3), "c", "d", bob),
    )
    deal = replace(a_deal(), history=History((), by_field(changes), {}, BEGAN))
    assert field_history.last_changed("next_step", deal, CTX) == day(9, 3)
    assert field_history.previous("next_step", deal, CTX) == "c"
    assert field_history.changed_by("next_step", "d", deal, CTX) == bob


def test_who_created_a_value_may_not_have_been_read():
    quiet = noted()
    found = field_history.changed_by("next_step", "Call", quiet, CTX)
    assert found == Unavailable("created_by was not read")
    assert field_history.changed_by("next_step", EMPTY, quiet, CTX) is EMPTY


def test_what_follows_from_a_stage_the_pipeline_lacks_is_empty():
    deal = went(("Proposal", BEGAN), ("9", day(9, 1)))
    assert [
        (each.old, each.new) for each in field_history.changes_of("is_won", deal, CTX)
    ] == [(False, EMPTY)]
    elsewhere = replace(went(("Proposal", BEGAN), ("9", day(9, 1))), pipeline="Unknown")
    assert list(field_history.changes_of("is_won", elsewhere, CTX)) == []


# ---- what our runs saw ---------------------------------------------------------------

LOOKS = ("next_step",)


def saw(value, known, last, now):
    return look(a_deal(next_step=value), LOOKS, known, last, now)


def test_a_run_at_the_moment_of_the_last_adds_nothing():
    known = saw("a", {}, None, day(11, 1))
    assert saw("b", known, day(11, 1), day(11, 1)) is known


def test_a_field_that_was_not_read_hides_no_other():
    names = ("next_step", "amount", "unread")
    hidden = a_deal(next_step=Unavailable("no access"))
    assert list(look(hidden, names, {}, None, day(11, 1))) == ["amount"]


def test_a_partial_run_before_the_last_change_adds_nothing():
    known = saw("b", saw("a", {}, None, day(11, 1)), day(11, 1), day(11, 3))
    at_the_change = saw("c", known, day(11, 2), day(11, 3))
    assert at_the_change == known
    later = saw("c", known, day(11, 2), day(11, 3) + MINUTE)["next_step"]
    assert [(each.after, each.at) for each in later.changes] == [
        (day(11, 1), day(11, 3)),
        (day(11, 3), day(11, 3) + MINUTE),
    ]


def test_a_person_where_there_was_none_is_a_change():
    known = saw(EMPTY, {}, None, day(11, 1))
    assert len(saw(ANN, known, day(11, 1), day(11, 2))["next_step"].changes) == 1


SEEN = FieldChange("next_step", day(11, 5), "a", "b", EMPTY, after=day(11, 4))


@pytest.mark.parametrize(
    ("at", "is_recorded"),
    [
        (day(11, 4), False),
        (day(11, 4) + MINUTE, True),
        (day(11, 5), True),
        (day(11, 5) + MINUTE, False),
    ],
)
def test_a_change_the_crm_recorded_between_two_looks_is_the_one_we_saw(at, is_recorded):
    exact = FieldChange("next_step", at, "a", "b", ANN)
    sightings = {"next_step": Sighted(day(11, 1), "b", (SEEN,))}
    found = joined(History((), by_field((exact,))), sightings)
    assert (SEEN not in found.changes["next_step"]) == is_recorded


def test_what_the_crm_tells_from_the_earlier_look_on_is_not_ours_to_tell():
    sightings = {"next_step": Sighted(day(11, 1), "b", (SEEN,))}
    told = joined(History(complete_since={"next_step": day(11, 4)}), sightings)
    assert told.changes == {}
    later = joined(
        History(complete_since={"next_step": day(11, 4) + MINUTE}), sightings
    )
    assert later.changes == {"next_step": (SEEN,)}


def test_a_history_back_to_our_first_look_or_to_creation_needs_nothing_of_ours():
    sightings = {"next_step": Sighted(day(11, 1), "b", (SEEN,))}
    by_look = History(complete_since={"next_step": day(11, 1)}, began=BEGAN)
    by_creation = History(complete_since={"next_step": day(11, 2)}, began=day(11, 3))
    assert joined(by_look, sightings) is by_look
    assert joined(by_creation, sightings) is by_creation


def test_our_stays_follow_those_the_crm_told_until_our_first_look():
    told = (
        Stint("Prospecting", BEGAN, day(11, 1), ANN),
        Stint("Qualification", day(11, 1), None, ANN),
    )
    sightings = {STAGE: Sighted(day(11, 1), "Proposal")}
    found = joined(History(told), sightings).stints
    assert found[0] is told[0]
    assert [(each.stage, each.entered, each.left) for each in found] == [
        ("Prospecting", BEGAN, day(11, 1)),
        ("Proposal", day(11, 1), None),
    ]


# ---- where it binds a rule -----------------------------------------------------------


def test_a_closed_deal_in_an_unlisted_stage_is_looked_at():
    every = a_rule(reach=Reach.EVERY_STAGE, position=Position.WHILE_IN, stage=None)
    deal = a_deal("9", amount=EMPTY, is_closed=True)
    (found,) = judge(deal, a_pack(every), CTX).verdicts
    assert found.outcome is Outcome.FAIL


def test_a_lost_deal_is_spared_what_a_stage_aside_asks():
    lost = went(*STEPS, ("Hold", day(9, 9)), ("Closed Lost", day(11, 1)))
    rule = a_rule(stage="Hold")
    assert verdict(lost, rule).reason == "the deal is lost"
    assert verdict(lost, replace(rule, include_lost=True)).outcome is Outcome.FAIL


def test_a_rule_of_the_first_stage_ends_when_the_second_is_left():
    rule = a_rule(stage="Prospecting", until_next_stage=True)
    in_second = went(*STEPS)
    past_it = went(*STEPS, ("Proposal", day(10, 1)))
    assert verdict(in_second, rule).outcome is Outcome.FAIL
    found = verdict(past_it, rule)
    assert (found.outcome, found.reason) == (
        Outcome.NOT_APPLICABLE,
        "the deal has left the next stage",
    )


def test_a_deal_aside_stands_where_it_was_even_at_the_very_beginning():
    from_first = went(("Prospecting", BEGAN), ("Hold", day(9, 1)))
    assert verdict(from_first, a_rule(stage="Prospecting")).reason == "not yet due"
    began_aside = went(("Hold", BEGAN))
    entry = a_rule(stage="Prospecting", position=Position.ENTRY)
    assert verdict(began_aside, entry).reason == "not yet due"
