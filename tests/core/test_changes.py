"""What each planned write carries: all of it, so that a stored plan is the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from gatekeeper.core.desire import DesiredState
from gatekeeper.core.model import (
    Action,
    Change,
    Flags,
    ObligationId,
    ObligationState,
    TaskPart,
    short_hash,
)
from tests.builders import DEAL_ID, OWNER, a_task
from tests.core.test_desire import OWES, an_obligation
from tests.core.test_reconcile import CLEAR, KEY, TEXT, plan, wanted

TASK_ID = "00T000000000001AAA"
CLEARED = DesiredState(cleared=frozenset({OWES}))
HASHES = {part.value: each for part, each in TEXT.hashes().items()}
SEEN = {"inputs": "1f00", "name": "Acme"}


def only(desired, *tasks, **more):
    (change,) = plan(desired, *tasks, **{**SEEN, **more}).changes
    return change


def test_a_creation_says_what_to_write_for_whom_and_why():
    task = wanted(rule_ids=("a", "b"), new_rule_ids=("b",), raised=2, episode=3)
    assert only(DesiredState((task,))) == Change(
        Action.CREATE,
        KEY,
        DEAL_ID,
        "Acme",
        id=OWES,
        episode=3,
        write={
            "owner_id": OWNER,
            "due_on": "2026-11-25",
            "subject": "subject",
            "body": "What is missing:\nRules: a",
        },
        hashes=HASHES,
        inputs="1f00",
        rule_ids=("a", "b"),
        new_rule_ids=("b",),
        person_id=OWNER,
        raised=2,
        reason="something is missing",
    )


def test_an_update_writes_what_differs_and_hashes_what_will_stand():
    text = replace(TEXT, due_on=date(2026, 11, 23), subject="new", body=("c",))
    stands = a_task(TEXT, actual={**TEXT.hashes(), TaskPart.SUBJECT: "0badcafe"})
    task = wanted(text, rule_ids=("c", "d"), new_rule_ids=("d",))
    assert only(DesiredState((task,)), stands) == Change(
        Action.UPDATE,
        KEY,
        DEAL_ID,
        "Acme",
        id=OWES,
        episode=1,
        remote_id=TASK_ID,
        write={"due_on": "2026-11-23", "body": "c"},
        hashes={
            **HASHES,
            "due": short_hash("2026-11-23"),
            "body": short_hash("c"),
        },
        inputs="1f00",
        rule_ids=("c", "d"),
        new_rule_ids=("d",),
        person_id=OWNER,
        reason="due, body changed",
    )


def test_a_part_we_never_wrote_keeps_an_empty_hash():
    lost = {part: each for part, each in TEXT.hashes().items() if part != TaskPart.DUE}
    stands = a_task(TEXT, written=lost)
    change = only(DesiredState((wanted(replace(TEXT, subject="new")),)), stands)
    assert change.hashes == {**HASHES, "due": "", "subject": short_hash("new")}


CLOSE = Change(
    Action.CLOSE,
    KEY,
    DEAL_ID,
    "Acme",
    id=OWES,
    episode=1,
    remote_id=TASK_ID,
    hashes=HASHES,
    inputs="1f00",
    rule_ids=("qual-amount",),
    reason="all done",
)


def test_a_closing_writes_no_text_where_everything_was_done():
    assert only(CLEARED, a_task(TEXT)) == CLOSE


def test_a_closing_says_why_where_nobody_did_what_was_asked():
    ended = replace(CLEARED, ended={OWES: "Waived by Bea.\nNot enforced any more: X."})
    body = "Nothing is asked here any more.\nWaived by Bea.\nNot enforced any more: X."
    assert only(ended, a_task(TEXT)) == replace(
        CLOSE,
        write={"body": body},
        hashes={**HASHES, "body": short_hash(body)},
        reason="Waived by Bea.\nNot enforced any more: X.",
    )
    touched = a_task(TEXT, actual={**TEXT.hashes(), TaskPart.BODY: "0badcafe"})
    assert only(ended, touched).write == {}
    assert only(replace(ended, ended={}), a_task(TEXT)) == CLOSE


def test_a_closing_keeps_whole_lines_of_its_reasons():
    """Two of 4,000 characters do not fit beside the first line; one does."""
    reasons = f"{'a' * 4_000}\n{'b' * 4_000}"
    change = only(replace(CLEARED, ended={OWES: reasons}), a_task(TEXT))
    assert change.write == {"body": "Nothing is asked here any more.\n" + "a" * 4_000}


def test_a_copy_is_closed_as_one():
    second = a_task(TEXT, remote_id="00T000000000002AAA", episode=1)
    change = only(DesiredState((wanted(),)), a_task(TEXT), second)
    assert change == replace(CLOSE, remote_id=second.remote_id, reason="a copy")


def test_every_copy_of_a_cleared_task_is_closed():
    second = a_task(TEXT, remote_id="00T000000000002AAA")
    found = plan(CLEARED, second, a_task(TEXT))
    assert [each.remote_id for each in found.changes] == [TASK_ID, second.remote_id]


def test_a_flag_write_holds_what_changes_and_what_stood_there():
    should = Flags("Open", 2, "high", "Amount", date(2026, 11, 18), "Discovery")
    stands = replace(should, status="Clear", open_count=None, open_since=None)
    assert only(DesiredState(flags=should), flags=stands) == Change(
        Action.FLAG,
        f"flag:{DEAL_ID}",
        DEAL_ID,
        "Acme",
        remote_id=DEAL_ID,
        write={"status": "Open", "open_count": 2, "open_since": "2026-11-18"},
        before={"status": "Clear", "open_count": None, "open_since": None},
        inputs="1f00",
        reason="gate status Open",
    )


def test_emptying_the_flags_is_called_so_and_is_no_first_filling():
    change = only(DesiredState(), flags=CLEAR)
    assert change.write == dict.fromkeys(("status", "open_count", "supported_stage"))
    assert (change.fills_empty, change.reason) == (False, "gate status emptied")


def test_changes_come_in_the_order_of_their_keys():
    """A flag comes before tasks; where a key is there twice, what is done decides."""
    other = ObligationId(DEAL_ID, "deal_desk")
    last = wanted(id=other, key="gk1-zz")
    first = wanted(id=other, key="gk1-00")
    found = plan(
        DesiredState((last, wanted(replace(TEXT, subject="new")), first), flags=CLEAR),
        a_task(TEXT),
        a_task(TEXT, remote_id="00T000000000002AAA"),
        flags=Flags(),
    )
    assert [(each.action, each.key) for each in found.changes] == [
        (Action.FLAG, f"flag:{DEAL_ID}"),
        (Action.CREATE, "gk1-00"),
        (Action.CLOSE, KEY),
        (Action.UPDATE, KEY),
        (Action.CREATE, "gk1-zz"),
    ]


# ---- which tasks count ---------------------------------------------------------------


@pytest.mark.parametrize("gone", [{"is_closed": True}, {"is_deleted": True}])
def test_a_task_that_is_closed_or_deleted_is_not_there(gone):
    assert only(DesiredState((wanted(),)), a_task(TEXT, **gone)).action is Action.CREATE
    assert plan(CLEARED, a_task(TEXT, **gone)).changes == ()


def test_a_sealed_task_or_one_without_its_reference_is_never_closed():
    assert plan(CLEARED, a_task(TEXT, sealed=True)).changes == ()
    found = plan(CLEARED, a_task(TEXT, id=None))
    assert (found.changes, found.undecided) == ((), (KEY,))


@pytest.mark.parametrize("known", [2, 1])
def test_a_task_of_an_episode_before_the_one_under_way_is_closed(known):
    later = an_obligation(ObligationState.OPEN, episode=known)
    found = plan(DesiredState(), a_task(TEXT), obligations=[later])
    expected = [Action.CLOSE] if known == 2 else []
    assert [each.action for each in found.changes] == expected


def test_an_end_of_another_episode_says_nothing_of_this_one():
    over = an_obligation(ObligationState.RESOLVED, episode=1)
    later = a_task(TEXT, episode=2)
    assert plan(DesiredState(), later, obligations=[over]).undecided == (later.key,)


def test_an_adopted_task_that_lists_no_rule_is_not_closed():
    found = plan(CLEARED, a_task(TEXT, rule_ids=()), adopted=(KEY,), passed=("a",))
    assert (found.changes, found.undecided) == ((), (KEY,))


def test_a_new_episode_is_created_beside_what_the_store_knows_of_an_older_one():
    known = an_obligation(ObligationState.RESOLVED)
    second = wanted(episode=2, key="gk1-second")
    assert only(DesiredState((second,)), obligations=[known]).key == "gk1-second"


def test_what_is_left_or_undecided_is_listed_by_key():
    tasks = [a_task(TEXT, key=f"gk1-{n}", remote_id=f"00T{9 - n}") for n in range(3)]
    assert plan(DesiredState(), *tasks).undecided == ("gk1-0", "gk1-1", "gk1-2")
    mine = a_task(TEXT, actual=dict.fromkeys(TaskPart, "0badcafe"))
    text = replace(TEXT, owner_id="005new", subject="new", body=("new",))
    found = plan(DesiredState((wanted(text),)), mine)
    assert found.left == (f"{KEY}:body", f"{KEY}:owner", f"{KEY}:subject")


def test_on_an_unreadable_deal_only_open_tasks_are_undecided():
    gone = a_task(TEXT, key="gk1-gone", is_deleted=True)
    assert plan(CLEARED, gone, a_task(TEXT), is_readable=False).undecided == (KEY,)
