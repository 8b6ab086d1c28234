"""What holds of every past, whatever was written when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import EMPTY
from gatekeeper.pack.testing.past import Event, Past, Values

BEGAN = datetime(2026, 8, 3, tzinfo=UTC)
SLIP = timedelta(minutes=5)
stages = st.sampled_from(["Discovery", "Proposal", "Negotiation"])
steps = st.sampled_from(["Call", "Write", "Meet"])


@st.composite
def pasts(draw: st.DrawFn) -> Past:
    """Draw a deal that was created in a stage and written to on later days."""
    start: Values = {"stage": draw(stages)}
    first = Event(BEGAN, {"stage": start})
    later: list[Event] = []
    for day in sorted(draw(st.sets(st.integers(1, 60), max_size=8))):
        written: dict[str, Values] = {}
        if draw(st.booleans()):
            written["stage"] = {"stage": draw(stages)}
        if not written or draw(st.booleans()):
            written["next_step"] = {"next_step": draw(steps)}
        later.append(Event(BEGAN + timedelta(days=day), written))
    return Past(BEGAN, (first, *later))


moments = st.integers(0, 90).map(lambda days: BEGAN + timedelta(days=days, hours=9))


@given(pasts(), moments)
def test_stays_follow_each_other_without_a_gap_up_to_the_present_stage(past, at):
    stints = past.history_at(at, ["next_step"], SLIP).stints
    assert stints[0].entered == BEGAN
    assert all(before.left == after.entered for before, after in pairwise(stints))
    assert all(before.stage != after.stage for before, after in pairwise(stints))
    assert stints[-1].left is None
    assert stints[-1].stage == past.values_at(at)["stage"]


@given(pasts(), moments)
def test_a_field_is_what_its_last_change_made_of_it(past, at):
    changes = past.history_at(at, ["next_step"], SLIP).changes.get("next_step", ())
    assert all(before.new == after.old for before, after in pairwise(changes))
    assert all(BEGAN < change.at <= at for change in changes)
    value = past.values_at(at).get("next_step", EMPTY)
    assert value == (changes[-1].new if changes else EMPTY)


@given(pasts(), moments, st.integers(1, 30))
def test_what_comes_later_changes_nothing_of_what_was(past, at, days):
    then = past.history_at(at, ["next_step"], SLIP)
    later = past.history_at(at + timedelta(days=days), ["next_step"], SLIP)
    for name, made in then.changes.items():
        assert later.changes[name][: len(made)] == made
    left = [(each.stage, each.entered) for each in then.stints]
    assert [(each.stage, each.entered) for each in later.stints][: len(left)] == left


@given(pasts(), stages, moments)
def test_a_deal_that_is_moved_is_in_that_stage_from_then_on(past, stage, at):
    moved = past.moved_to(stage, at)
    assert moved.values_at(at)["stage"] == stage
    assert moved.values_at(at + timedelta(days=99))["stage"] == stage
    before = at - timedelta(seconds=1)
    if before >= BEGAN:
        assert moved.values_at(before) == past.values_at(before)
