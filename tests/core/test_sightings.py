"""What our own runs saw of a deal's past: what two looks tell, and what they do not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.history import fields as field_history
from gatekeeper.core.history import stages as stage_history
from gatekeeper.core.history.sightings import joined, look
from gatekeeper.core.model import (
    EMPTY,
    STAGE,
    FieldChange,
    History,
    Person,
    Sighted,
    Stint,
    Unavailable,
    by_field,
)
from tests.builders import a_context, a_deal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import Deal, FieldValue

NAMES = (STAGE, "next_step")
BEGAN = datetime(2026, 8, 3, 13, tzinfo=UTC)
NO_HISTORY = History()


def day(number: int, hour: int = 23) -> datetime:
    return datetime(2026, 11, number, hour, tzinfo=UTC)


def looked(
    *looks: tuple[datetime, str, FieldValue],
) -> Mapping[str, Sighted]:
    """What is known after runs at those moments saw those stages and next steps."""
    known: Mapping[str, Sighted] = {}
    last = None
    for at, stage, next_step in looks:
        known = look(a_deal(stage, next_step=next_step), NAMES, known, last, at)
        last = at
    return known


def remembered(known: Mapping[str, Sighted], history: History = NO_HISTORY) -> Deal:
    stage = known[STAGE].value if STAGE in known else "Qualification"
    return replace(a_deal(str(stage)), history=joined(history, known))


def changed_within(deal: Deal, now: datetime, start: datetime) -> object:
    return field_history.has_changed("next_step", deal, a_context(now), start)


# ---- one field ---------------------------------------------------------------------


def test_a_value_that_stays_is_known_from_the_first_look_on():
    known = looked((day(1), "Proposal", "Call"), (day(2), "Proposal", "Call"))
    assert known["next_step"] == Sighted(day(1), "Call")
    deal = remembered(known)
    assert changed_within(deal, day(9), day(1)) is False
    assert isinstance(changed_within(deal, day(9), day(1, 22)), Unavailable)


def test_a_change_lies_between_two_looks_and_a_window_between_them_cannot_tell():
    """Seen on the 5th at 23:00, not yet on the 4th at 23:00."""
    deal = remembered(
        looked(
            (day(3), "Proposal", "Call"),
            (day(4), "Proposal", "Call"),
            (day(5), "Proposal", "Send the quote"),
        )
    )
    assert changed_within(deal, day(9), day(4)) is True
    doubtful = changed_within(deal, day(9), day(5, 8))
    assert isinstance(doubtful, Unavailable)
    assert doubtful.reason == (
        "next_step changed between two runs, one before and one after the day asked for"
    )
    assert changed_within(deal, day(9), day(6)) is False


def test_a_count_is_at_least_what_lies_in_the_window_for_certain():
    deal = remembered(
        looked(
            (day(3), "Proposal", "a"),
            (day(4), "Proposal", "b"),
            (day(5), "Proposal", "c"),
        )
    )
    ctx = a_context(day(9))

    def count(start: datetime) -> FieldValue:
        return field_history.count_changes("next_step", deal, ctx, start)

    assert count(day(3)) == Decimal(2)
    between = count(day(3, 23) + timedelta(hours=1))
    assert isinstance(between, Unavailable)
    assert between.at_least == Decimal(1)


def test_what_a_value_was_between_two_looks_is_not_known():
    deal = remembered(looked((day(3), "Proposal", "a"), (day(4), "Proposal", "b")))

    def at(moment: datetime) -> FieldValue:
        return field_history.value_at("next_step", "b", moment, deal)

    assert (at(day(3)), at(day(4)), at(day(5))) == ("a", "b", "b")
    assert isinstance(at(day(4, 10)), Unavailable)
    assert isinstance(at(day(2)), Unavailable)


def test_who_changed_it_is_not_known():
    deal = remembered(looked((day(3), "Proposal", "a"), (day(4), "Proposal", "b")))
    by = field_history.changed_by("next_step", "b", deal, a_context(day(9)))
    assert by == Unavailable("the CRM did not record who changed it")
    assert field_history.previous("next_step", deal, a_context(day(9))) == "a"


def test_a_person_who_only_changed_names_is_no_change():
    ann = Person("005A", "Ann Rep")
    first = look(a_deal(buyer=ann), ("buyer",), {}, None, day(1))
    married = replace(ann, name="Ann Ryder")
    assert look(a_deal(buyer=married), ("buyer",), first, day(1), day(2)) == first
    other = look(a_deal(buyer=Person("005B", "Bob")), ("buyer",), first, day(1), day(2))
    assert [change.old for change in other["buyer"].changes] == [ann]


# ---- what breaks it ----------------------------------------------------------------


def test_looks_too_far_apart_begin_anew():
    """Five days hang together (a long weekend), one more hour does not."""
    first = looked((day(1), "Proposal", "a"))
    deal = a_deal("Proposal", next_step="b")
    near = look(deal, NAMES, first, day(1), day(6))
    far = look(deal, NAMES, first, day(1), day(6) + timedelta(hours=1))
    assert near["next_step"].since == day(1)
    assert far["next_step"] == Sighted(day(6) + timedelta(hours=1), "b")


def test_a_field_that_could_not_be_read_begins_anew():
    known = looked(
        (day(1), "Proposal", "a"),
        (day(2), "Proposal", Unavailable("hidden")),
        (day(3), "Proposal", "a"),
    )
    assert known["next_step"].since == day(3)
    assert known[STAGE].since == day(1)


def test_a_run_as_of_an_earlier_moment_sees_nothing_new():
    known = looked((day(3), "Proposal", "a"))
    deal = a_deal("Proposal", next_step="b")
    assert look(deal, NAMES, known, day(3), day(3)) == known
    assert look(deal, NAMES, known, day(3), day(2)) == known


def test_a_change_seen_by_a_partial_run_is_not_seen_a_second_time_earlier():
    """Such a run is no look at every deal; the change it saw is dated all the same."""
    known = looked((day(1), "Proposal", "a"))
    partial = look(a_deal(next_step="b"), ("next_step",), known, day(1), day(2))
    later = look(a_deal(next_step="c"), ("next_step",), partial, day(1), day(3))
    assert [(each.surely_at, each.at) for each in later["next_step"].changes] == [
        (day(1), day(2)),
        (day(2), day(3)),
    ]


def test_a_field_no_rule_asks_about_any_more_is_let_go():
    known = looked((day(1), "Proposal", "a"))
    assert look(a_deal(), (STAGE,), known, day(1), day(2)).keys() == {STAGE}


# ---- beside the CRM's own history ---------------------------------------------------


def a_change(at: datetime, old: str, new: str) -> FieldChange:
    return FieldChange("next_step", at, old, new, EMPTY)


def test_what_the_crm_recorded_wins():
    known = looked((day(3), "Proposal", "a"), (day(4), "Proposal", "b"))
    exact = a_change(day(4, 9), "a", "b")
    reaching = History((), by_field((exact,)), {"next_step": BEGAN}, BEGAN)
    assert joined(reaching, {"next_step": known["next_step"]}) == reaching
    partly = History((), by_field((exact,)), {}, BEGAN)
    found = joined(partly, {"next_step": known["next_step"]})
    assert found.changes == {"next_step": (exact,)}


def test_tracking_switched_on_later_goes_on_where_our_looks_end():
    """Tracked from the 5th on; our runs saw the change of the 4th."""
    known = looked((day(3), "Proposal", "a"), (day(4), "Proposal", "b"))
    exact = a_change(day(7, 9), "b", "c")
    tracked = History((), by_field((exact,)), {"next_step": day(5)}, BEGAN)
    deal = remembered({"next_step": known["next_step"]}, tracked)
    assert [change.new for change in deal.history.changes["next_step"]] == ["b", "c"]
    ctx = a_context(day(9))
    assert field_history.count_changes("next_step", deal, ctx, day(3)) == Decimal(2)


def test_a_change_the_crm_recorded_is_not_counted_twice():
    known = looked(
        (day(3), "Proposal", "a"),
        (day(6), "Proposal", "a"),
        (day(7), "Proposal", "b"),
    )
    exact = a_change(day(7, 9), "a", "b")
    tracked = History((), by_field((exact,)), {"next_step": day(5)}, BEGAN)
    found = joined(tracked, {"next_step": known["next_step"]})
    assert found.changes == {"next_step": (exact,)}


# ---- stages ------------------------------------------------------------------------


def test_stays_follow_from_the_stages_our_runs_saw():
    deal = remembered(
        looked(
            (day(1), "Qualification", EMPTY),
            (day(2), "Qualification", EMPTY),
            (day(3), "Proposal", EMPTY),
        )
    )
    ctx = a_context(day(9))
    assert stage_history.days_in_stage(deal, ctx, None) == Decimal(6)
    assert stage_history.visited(deal, ctx, "Qualification") is True
    assert isinstance(stage_history.visited(deal, ctx, "Discovery"), Unavailable)
    assert stage_history.moves_back(deal, ctx, day(1)) == Decimal(0)
    days = stage_history.days_in_stage(deal, ctx, "Qualification")
    assert isinstance(days, Unavailable)
    assert days.at_least == Decimal(2)


def test_stays_the_crm_told_stand_before_ours():
    """Its rows end with Qualification; two of our runs saw the deal in Proposal."""
    told = Stint("Qualification", BEGAN, None, EMPTY)
    known = looked((day(3), "Proposal", EMPTY), (day(4), "Proposal", EMPTY))
    deal = remembered({STAGE: known[STAGE]}, History((told,), {}, {}, BEGAN))
    stays = [(each.stage, each.entered, each.left) for each in deal.history.stints]
    assert stays == [("Qualification", BEGAN, day(3)), ("Proposal", day(3), None)]


def test_stays_the_crm_tells_completely_stand_after_ours():
    known = looked((day(1), "Qualification", EMPTY), (day(2), "Qualification", EMPTY))
    told = Stint("Proposal", day(4), None, EMPTY)
    history = History((told,), {}, {STAGE: day(4)}, BEGAN)
    stays = joined(history, {STAGE: known[STAGE]}).stints
    assert [(each.stage, each.entered, each.left) for each in stays] == [
        ("Qualification", day(1), day(4)),
        ("Proposal", day(4), None),
    ]


# ---- for any past ------------------------------------------------------------------


@given(
    values=st.lists(st.sampled_from("abc"), min_size=1, max_size=8),
    gaps=st.lists(st.integers(1, 9), min_size=8, max_size=8),
)
def test_what_runs_saw_leads_to_what_is(values: list[str], gaps: list[int]):
    moments = [day(1) + timedelta(days=sum(gaps[:place])) for place in range(9)]
    known = looked(
        *((at, "Proposal", each) for at, each in zip(moments, values, strict=False))
    )["next_step"]
    assert known.value == values[-1]
    values_in_turn = [change.new for change in known.changes] or [known.value]
    assert values_in_turn[-1] == known.value
    assert all(change.old != change.new for change in known.changes)
    times = [known.since, *(change.at for change in known.changes)]
    assert times == sorted(set(times))
    assert all(known.since <= change.surely_at < change.at for change in known.changes)


@pytest.mark.parametrize("name", [STAGE, "next_step"])
def test_joining_twice_adds_nothing(name: str):
    known = looked((day(1), "Qualification", "a"), (day(2), "Proposal", "b"))
    once = joined(History(began=BEGAN), {name: known[name]})
    assert joined(once, {name: known[name]}) == once
