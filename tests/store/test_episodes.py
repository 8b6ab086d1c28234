"""How an episode moves from claim to receipt, step by step and without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gatekeeper.core.model import Action, ObligationState, WriteStatus
from gatekeeper.errors import StoppedError
from gatekeeper.store.episodes import claim, concerns_row, settle
from tests.builders import NOW
from tests.store.values import a_change, a_flag, a_receipt, an_obligation

TASK, COPY = "00T000000000001AAA", "00T000000000002AAA"
DUE, LATER = date(2026, 11, 25), date(2026, 12, 1)
CREATE, CLOSE = a_change(), a_change(Action.CLOSE, remote_id=TASK)
MOVE = a_change(Action.UPDATE, remote_id=TASK, write={"due_on": LATER.isoformat()})
OPEN = an_obligation(due_on=DUE, version=4)
INTENT = replace(OPEN, state=ObligationState.INTENT, remote_id=None, version=1)
SOON = NOW + timedelta(hours=1)


def test_a_change_is_about_the_row_of_its_task_and_no_other() -> None:
    assert concerns_row(CREATE, None)
    assert concerns_row(CLOSE, None)
    assert concerns_row(CLOSE, OPEN)
    assert concerns_row(CLOSE, INTENT)
    assert concerns_row(CREATE, OPEN)
    assert not concerns_row(replace(CLOSE, remote_id=COPY), OPEN)
    assert not concerns_row(a_flag(), None)


def test_the_first_claim_says_what_the_change_says() -> None:
    first = replace(CREATE, raised=3, episode=2)
    assert claim(first, None, SOON) == replace(
        INTENT, episode=2, raised=3, opened_at=SOON
    )
    sealed = claim(CLOSE, None, NOW)
    assert (sealed.state, sealed.remote_id) == (ObligationState.RESOLVING, TASK)
    moved = claim(MOVE, None, NOW)
    assert (moved.state, moved.due_on) == (ObligationState.OPEN, LATER)
    assert claim(replace(CREATE, write={}), None, NOW).due_on is None


def test_a_further_claim_is_the_next_version() -> None:
    again = replace(CREATE, write={"due_on": LATER.isoformat()})
    assert claim(again, INTENT, SOON) == replace(INTENT, due_on=LATER, version=2)
    assert claim(MOVE, OPEN, SOON) == replace(OPEN, version=5)
    sealed = replace(OPEN, state=ObligationState.RESOLVING, version=5)
    assert claim(CLOSE, OPEN, SOON) == sealed
    without_id = replace(OPEN, remote_id=None)
    assert claim(CLOSE, without_id, SOON) == sealed
    assert claim(replace(CLOSE, remote_id=None), OPEN, SOON) == sealed


@pytest.mark.promise("W4")
@pytest.mark.parametrize(
    "state", [each for each in ObligationState if each is not ObligationState.INTENT]
)
def test_a_task_that_exists_or_is_sealed_is_never_claimed_for_creation(
    state: ObligationState,
) -> None:
    with pytest.raises(StoppedError) as stopped:
        claim(CREATE, replace(OPEN, state=state), NOW)

    assert str(stopped.value) == (
        f"The task {CREATE.key} of deal {CREATE.deal_id} is {state.value} already, so"
        " it is not created again. Make a new plan."
    )


def test_a_task_without_an_obligation_is_a_defect() -> None:
    with pytest.raises(ValueError, match=rf"^the change {CREATE.key} names no"):
        claim(replace(CREATE, id=None), None, NOW)


@pytest.mark.parametrize("status", [WriteStatus.DONE, WriteStatus.ADOPTED])
def test_what_was_done_is_kept_as_it_was_done(status: WriteStatus) -> None:
    opened = settle(CREATE, a_receipt(CREATE, status), INTENT, SOON)
    assert opened == replace(OPEN, version=1)
    assert settle(CREATE, a_receipt(CREATE, status, remote_id=None), INTENT, SOON) == (
        INTENT
    )
    assert settle(CLOSE, a_receipt(CLOSE, status), OPEN, SOON) == replace(
        OPEN, state=ObligationState.RESOLVED, closed_at=SOON
    )
    assert settle(MOVE, a_receipt(MOVE, status), OPEN, SOON) == replace(
        OPEN, due_on=LATER
    )
    dateless = replace(MOVE, write={"subject": "s"})
    assert settle(dateless, a_receipt(dateless, status), OPEN, SOON) == OPEN


def test_a_task_that_is_gone_where_it_was_created_or_closed_is_an_orphan() -> None:
    orphan = replace(OPEN, state=ObligationState.ORPHANED, closed_at=SOON)
    for change in (CREATE, CLOSE):
        assert settle(change, a_receipt(change, WriteStatus.GONE), OPEN, SOON) == orphan


def test_a_task_that_is_gone_where_it_was_updated_is_looked_up_by_the_next_run() -> (
    None
):
    assert settle(MOVE, a_receipt(MOVE, WriteStatus.GONE), OPEN, SOON) == OPEN


def test_only_a_creation_that_surely_did_not_happen_leaves_nothing() -> None:
    again = replace(INTENT, version=2)
    told = {
        WriteStatus.REJECTED: (None, again),
        WriteStatus.NOT_ATTEMPTED: (None, again),
        WriteStatus.LOCKED: (None, again),
        WriteStatus.UNKNOWN: (INTENT, again),
    }
    for status, (first, second) in told.items():
        answer = a_receipt(CREATE, status)
        assert settle(CREATE, answer, INTENT, SOON) == first
        assert settle(CREATE, answer, again, SOON) == second
        for change in (MOVE, CLOSE):
            held = replace(OPEN, version=1)
            assert settle(change, a_receipt(change, status), held, SOON) == held
