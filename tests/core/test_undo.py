"""What a run wrote goes back where it still stands, and nothing else moves."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import (
    Action,
    Change,
    Flags,
    ObligationId,
    TaskPart,
    short_hash,
)
from gatekeeper.core.undo import Earlier, LeftAlone, UndoneRun, undo_flags, undo_task
from tests.builders import DEAL_ID, OWNER, a_task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.model import OwnTask, Scalar

pytestmark = pytest.mark.promise("W11")

RUN = UndoneRun("r-7", 7)
NAME = "Acme renewal"
KEY = a_task().key
BEFORE = {
    TaskPart.OWNER: short_hash("ann"),
    TaskPart.DUE: short_hash("2026-11-25"),
    TaskPart.SUBJECT: short_hash("old subject"),
    TaskPart.BODY: short_hash("old body"),
}
WROTE = {"owner_id": "bob", "subject": "new subject", "body": "new body"}


def a_write(action: Action = Action.CREATE, **changes: Any) -> Change:
    base = Change(
        action,
        KEY,
        DEAL_ID,
        NAME,
        id=ObligationId(DEAL_ID, "deal_owner"),
        episode=2,
        write=WROTE,
        rule_ids=("b", "c"),
    )
    return replace(base, **changes)


def a_standing_task(**changes: Any) -> OwnTask:
    """Build a task as run 7 left it."""
    stands = {
        TaskPart.OWNER: short_hash("bob"),
        TaskPart.DUE: short_hash("2026-11-25"),
        TaskPart.SUBJECT: short_hash("new subject"),
        TaskPart.BODY: short_hash("new body"),
    }
    told = {
        "run_number": 7,
        "written": stands,
        "actual": dict(stands),
        "owner_id": "bob",
        "rule_ids": ("b", "c"),
    }
    return a_task(**{**told, **changes})


FIRST = a_write(
    write={
        "owner_id": "ann",
        "due_on": "2026-11-25",
        "subject": "old subject",
        "body": "old body",
    },
    hashes={part.value: each for part, each in BEFORE.items()},
    rule_ids=("a", "b"),
)
EARLIER = Earlier(FIRST)


def left(reason: str, what: str = "task") -> LeftAlone:
    return LeftAlone(DEAL_ID, NAME, what, reason)


# ---- tasks -------------------------------------------------------------------------


def test_a_task_that_the_run_opened_is_closed_with_its_reason() -> None:
    task = a_standing_task(remote_id="00T9")
    body = "Nothing is asked here any more.\nr-7 was undone."

    assert undo_task(a_write(), RUN, task, []) == Change(
        Action.CLOSE,
        KEY,
        DEAL_ID,
        NAME,
        id=ObligationId(DEAL_ID, "deal_owner"),
        episode=2,
        remote_id="00T9",
        write={"body": body},
        hashes={
            "owner": short_hash("bob"),
            "due": short_hash("2026-11-25"),
            "subject": short_hash("new subject"),
            "body": short_hash(body),
        },
        rule_ids=("b", "c"),
        reason="undo of r-7",
    )


def test_what_an_update_changed_is_written_as_it_was() -> None:
    update = a_write(Action.UPDATE)

    assert undo_task(
        update, RUN, a_standing_task(remote_id="00T9"), [EARLIER]
    ) == Change(
        Action.UPDATE,
        KEY,
        DEAL_ID,
        NAME,
        id=ObligationId(DEAL_ID, "deal_owner"),
        episode=2,
        remote_id="00T9",
        write={"owner_id": "ann", "subject": "old subject", "body": "old body"},
        hashes={part.value: each for part, each in BEFORE.items()},
        rule_ids=("a", "b"),
        person_id="ann",
        reason="undo: as it was before",
    )


def test_each_part_gets_back_what_was_written_into_it_last() -> None:
    """Run 5 wrote the body only, run 3 all of it."""
    later = a_write(
        Action.UPDATE,
        write={"body": "body of 5"},
        hashes={"body": "5b", "subject": "not read"},
        rule_ids=("c",),
    )
    update = a_write(Action.UPDATE, write={"subject": "new subject", "body": "b"})

    back = undo_task(update, RUN, a_standing_task(), [Earlier(later), EARLIER])

    assert isinstance(back, Change)
    assert back.write == {"subject": "old subject", "body": "body of 5"}
    assert back.hashes == {
        "owner": short_hash("bob"),
        "due": short_hash("2026-11-25"),
        "subject": short_hash("old subject"),
        "body": "5b",
    }
    assert (back.rule_ids, back.person_id) == (("c",), "bob")


def test_a_due_date_alone_leaves_the_listed_rules_and_the_owner() -> None:
    update = a_write(Action.UPDATE, write={"due_on": "2026-12-01"})
    stands = {TaskPart.DUE: short_hash("2026-12-01")}
    task = a_standing_task(owner_id=None, written=stands, actual=stands)

    back = undo_task(update, RUN, task, [EARLIER])

    assert isinstance(back, Change)
    assert back.write == {"due_on": "2026-11-25"}
    assert (back.rule_ids, back.person_id) == (("b", "c"), None)


def test_a_part_whose_hash_is_lost_is_written_all_the_same() -> None:
    bare = replace(FIRST, hashes={})
    stands = {TaskPart.BODY: short_hash("new body")}
    task = a_standing_task(written=stands, actual=stands)

    back = undo_task(a_write(Action.UPDATE), RUN, task, [Earlier(bare)])

    assert isinstance(back, Change)
    assert back.write == {
        "owner_id": "ann",
        "subject": "old subject",
        "body": "old body",
    }
    assert back.hashes == {"owner": "", "due": "", "subject": "", "body": ""}


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("owner_id", "owner"),
        ("due_on", "due date"),
        ("subject", "subject"),
        ("body", "text"),
    ],
)
def test_one_part_that_is_not_known_any_more_leaves_them_all(
    part: str, name: str
) -> None:
    update = a_write(Action.UPDATE, write={**WROTE, "due_on": "2026-12-01"})
    known = {each: FIRST.write[each] for each in FIRST.write if each != part}

    left_so = undo_task(
        update, RUN, a_standing_task(), [Earlier(replace(FIRST, write=known))]
    )

    assert left_so == left(f"its {name} of before is not known any more")


def test_a_task_that_stands_as_before_needs_nothing() -> None:
    """An undo that was stopped half way is started again; the task is closed by now."""
    task = a_standing_task(written=BEFORE, actual={}, is_closed=True, run_number=9)

    assert undo_task(a_write(Action.UPDATE), RUN, task, [EARLIER]) is None


def test_what_a_write_without_an_answer_may_have_changed_is_not_known_any_more() -> (
    None
):
    update = a_write(Action.UPDATE, write={"subject": "newest"})
    lost = Earlier(replace(FIRST, write={"subject": "new"}), is_sure=False)
    beside = Earlier(replace(FIRST, write={"due_on": "2026-11-30"}), is_sure=False)
    why = "its subject of before is not known any more"

    assert undo_task(update, RUN, a_standing_task(), [lost, EARLIER]) == left(why)
    back = undo_task(update, RUN, a_standing_task(), [beside, EARLIER])
    assert isinstance(back, Change)
    assert back.write == {"subject": "old subject"}


def test_a_task_that_was_closed_stays_closed() -> None:
    why = "a closed task stays closed; what is missing comes anew"
    for task in (None, a_standing_task()):
        assert undo_task(a_write(Action.CLOSE), RUN, task, [EARLIER]) == left(why)


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
@pytest.mark.parametrize(
    ("task", "why"),
    [
        (None, "the CRM does not show the task"),
        (a_standing_task(is_deleted=True), "a person deleted the task"),
        (a_standing_task(is_closed=True), "a person closed the task"),
        (a_standing_task(is_closed=True, sealed=True), "it is closed already"),
        (a_standing_task(is_loose=True), "a person took it off its deal"),
        (a_standing_task(is_moved=True), "a person took it off its deal"),
        (a_standing_task(run_number=6), "this run did not write it"),
        (
            a_standing_task(run_number=8),
            "run 8 changed it since; undo that one first",
        ),
        (
            a_standing_task(actual={TaskPart.DUE: "what nobody wrote"}),
            "a person changed its owner, subject, text",
        ),
    ],
    ids=[
        "unseen",
        "deleted",
        "closed",
        "sealed",
        "loose",
        "moved",
        "not its own",
        "built on",
        "edited",
    ],
)
def test_what_was_done_since_stays_and_is_told(
    action: Action, task: OwnTask | None, why: str
) -> None:
    assert undo_task(a_write(action), RUN, task, [EARLIER]) == left(why)


def test_a_task_that_its_create_may_not_have_tied_is_closed_all_the_same() -> None:
    loose = a_standing_task(is_loose=True)

    assert isinstance(undo_task(a_write(), RUN, loose, [], is_sure=False), Change)


def test_an_edit_of_a_part_that_the_run_did_not_write_is_no_hindrance() -> None:
    stands = a_standing_task()
    task = replace(stands, actual={**stands.actual, TaskPart.DUE: "re-dated"})

    assert isinstance(undo_task(a_write(), RUN, task, []), Change)


FORGOTTEN = "what it wrote is not kept any more (GATEKEEPER_KEEP_VALUES_DAYS)"


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (TaskPart.OWNER, "owner"),
        (TaskPart.DUE, "due date"),
        (TaskPart.SUBJECT, "subject"),
        (TaskPart.BODY, "text"),
    ],
)
@pytest.mark.promise("W7")
def test_an_edit_hinders_also_where_what_the_run_wrote_is_forgotten(
    part: TaskPart, name: str
) -> None:
    stands = a_standing_task()
    task = replace(stands, actual={**stands.actual, part: "a person's"})
    forgotten = a_write(write={})

    assert undo_task(forgotten, RUN, task, []) == left(f"a person changed its {name}")
    untouched = undo_task(forgotten, RUN, stands, [])
    assert isinstance(untouched, Change)
    assert untouched.action is Action.CLOSE


def test_a_change_of_which_the_values_are_forgotten_stays_and_is_told() -> None:
    forgotten = a_write(Action.UPDATE, write={})

    assert undo_task(forgotten, RUN, a_standing_task(), [EARLIER]) == left(FORGOTTEN)
    closed = a_standing_task(is_closed=True)
    why = "a person closed the task"
    assert undo_task(forgotten, RUN, closed, [EARLIER]) == left(why)


HASHES = st.sampled_from(["1", "2"])
SETS_OF_PARTS = st.sets(st.sampled_from(TaskPart))
TASKS = st.none() | st.builds(
    a_standing_task,
    run_number=st.integers(6, 8),
    sealed=st.booleans(),
    is_closed=st.booleans(),
    is_deleted=st.booleans(),
    written=st.dictionaries(st.sampled_from(TaskPart), HASHES),
    actual=st.dictionaries(st.sampled_from(TaskPart), HASHES),
)


def a_part_write(parts: set[TaskPart], text: str) -> Change:
    return a_write(
        Action.UPDATE,
        write={part.column: text for part in parts},
        hashes={part.value: text for part in parts},
    )


@given(
    st.sampled_from([Action.CREATE, Action.UPDATE, Action.CLOSE]),
    SETS_OF_PARTS,
    TASKS,
    st.lists(SETS_OF_PARTS, max_size=3),
)
def test_only_an_open_task_as_the_run_left_it_is_written(
    action: Action,
    parts: set[TaskPart],
    task: OwnTask | None,
    kept: list[set[TaskPart]],
) -> None:
    wrote = replace(a_part_write(parts, "x"), action=action)
    earlier = [Earlier(a_part_write(each, str(at))) for at, each in enumerate(kept, 1)]

    back = undo_task(wrote, RUN, task, earlier)

    if isinstance(back, LeftAlone):
        assert back.reason
    if not isinstance(back, Change):
        return
    assert task is not None
    assert not task.is_closed
    assert not task.is_deleted
    assert task.run_number == RUN.number
    assert all(task.actual.get(each) == task.written.get(each) for each in parts)
    if action is Action.UPDATE:
        assert back.action is Action.UPDATE
        assert set(back.write) == {each.column for each in parts}
    else:
        assert (action, back.action) == (Action.CREATE, Action.CLOSE)
        assert set(back.write) == {"body"}


@given(SETS_OF_PARTS, TASKS, st.lists(SETS_OF_PARTS, max_size=3))
def test_an_update_is_undone_once(
    parts: set[TaskPart], task: OwnTask | None, kept: list[set[TaskPart]]
) -> None:
    wrote = a_part_write(parts, "x")
    earlier = [Earlier(a_part_write(each, str(at))) for at, each in enumerate(kept, 1)]
    back = undo_task(wrote, RUN, task, earlier)
    if not isinstance(back, Change) or task is None:
        return
    written = {part: back.hashes[part.value] for part in TaskPart}
    after = replace(task, written=written, actual=written, run_number=9)

    assert undo_task(wrote, RUN, after, earlier) is None


# ---- flags -------------------------------------------------------------------------

NUMBERS = st.none() | st.integers(0, 2)
WORDS = st.sampled_from([None, "Open", "Open  ", "Clear", "Waived"])
DAYS = st.sampled_from([None, date(2026, 11, 1), date(2026, 11, 2)])
EACH_FLAG: dict[str, st.SearchStrategy[Any]] = {
    "status": WORDS,
    "open_count": NUMBERS,
    "missing": WORDS,
    "open_since": DAYS,
}
FLAGS = st.builds(Flags, **EACH_FLAG)
NAMES_OF_FLAGS = st.sets(st.sampled_from(sorted(EACH_FLAG)), min_size=1)


def scalars(flags: Flags) -> dict[str, Scalar]:
    day = flags.open_since
    return {**asdict(flags), "open_since": None if day is None else day.isoformat()}


def a_flag_write(before: Flags, after: Flags, names: set[str], **more: Any) -> Change:
    return Change(
        Action.FLAG,
        f"flag:{DEAL_ID}",
        DEAL_ID,
        NAME,
        write={name: scalars(after)[name] for name in sorted(names)},
        before={name: scalars(before)[name] for name in sorted(names)},
        **more,
    )


def applied(change: Change, flags: Flags) -> Flags:
    values: dict[str, Any] = dict(change.write)
    if day := values.get("open_since"):
        values["open_since"] = date.fromisoformat(day)
    return replace(flags, **values)


def in_words(values: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Texts by their words, since a CRM may fold blanks."""
    return {
        name: " ".join(value.split()) if isinstance(value, str) else value
        for name, value in values.items()
    }


@given(FLAGS, FLAGS, FLAGS, NAMES_OF_FLAGS)
def test_a_flag_goes_back_where_it_is_what_the_run_wrote_and_else_stays(
    before: Flags, wrote: Flags, present: Flags, names: set[str]
) -> None:
    steps = undo_flags(a_flag_write(before, wrote, names), RUN, present)

    after = present
    for step in steps:
        if isinstance(step, Change):
            after = applied(step, after)
    was, told, stood, stands = (
        in_words(scalars(each)) for each in (before, wrote, present, after)
    )
    touched = {name for name in names if stood[name] == told[name]}
    assert stands == {**stood, **{name: was[name] for name in touched}}
    strange = {name for name in names - touched if stood[name] != was[name]}
    reasons = [each.reason for each in steps if isinstance(each, LeftAlone)]
    expected = f"changed since: {', '.join(sorted(strange))}"
    assert reasons == ([expected] if strange else [])


@given(FLAGS, FLAGS, NAMES_OF_FLAGS)
def test_an_undo_of_the_undo_is_the_write_again(
    before: Flags, wrote: Flags, names: set[str]
) -> None:
    write = a_flag_write(before, wrote, names, fills_empty=True)
    stood = applied(write, before)
    steps = undo_flags(write, RUN, stood)
    for back in steps:
        assert isinstance(back, Change)
        assert back.fills_empty
        (again,) = undo_flags(back, UndoneRun("r-8", 8), applied(back, stood))
        assert isinstance(again, Change)
        assert again.write == {name: write.write[name] for name in back.write}
        assert again.reason == "undo of r-8"
    # Nothing to do is said by no step only where nothing was changed.
    same = in_words(scalars(before)) == in_words(scalars(stood))
    assert (steps == []) is same


def test_the_way_back_of_flags_is_complete_in_itself() -> None:
    write = Change(
        Action.FLAG,
        f"flag:{DEAL_ID}",
        DEAL_ID,
        NAME,
        remote_id=DEAL_ID,
        write={"status": "Open", "open_count": 2, "open_since": "2026-11-02"},
        before={"status": None, "open_count": None, "open_since": None},
        rule_ids=("a",),
        person_id=OWNER,
    )
    present = Flags(status="Waived", open_count=2, open_since=date(2026, 11, 2))

    assert undo_flags(write, RUN, present) == [
        left("changed since: status", "flags"),
        Change(
            Action.FLAG,
            f"flag:{DEAL_ID}",
            DEAL_ID,
            NAME,
            remote_id=DEAL_ID,
            write={"open_count": None, "open_since": None},
            before={"open_count": 2, "open_since": "2026-11-02"},
            reason="undo of r-7",
        ),
    ]


def test_flags_that_cannot_be_read_are_left() -> None:
    write = a_flag_write(Flags(), Flags(status="Open"), {"status"})
    why = "the deal or its flags cannot be read"
    assert undo_flags(write, RUN, None) == [left(why, "flags")]


def test_flags_of_which_the_values_are_forgotten_stay_and_are_told() -> None:
    write = a_flag_write(Flags(), Flags(), set())
    steps = undo_flags(write, RUN, Flags(status="Open"))
    assert steps == [left(FORGOTTEN, "flags")]
