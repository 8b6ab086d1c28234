"""Contract of a store: what is left alone, what undo reads, what a rule leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.model import Action, Resolution, State, WriteStatus
from gatekeeper.core.quarantine import Cause, Quarantine
from gatekeeper.ports import LookAlike, RunKind, RunStatus
from tests.builders import DEAL_ID, NOW, ORG, a_pack, a_rule, a_violation
from tests.store.values import ROLE, a_change, a_flag, open_run, staged, write

if TYPE_CHECKING:
    from gatekeeper.core.model import Change, Violation
    from gatekeeper.core.pack import RulePack
    from gatekeeper.store.sql_store import SqlStore

TASK = f"{DEAL_ID}:{ROLE}"
FLAGS = f"{DEAL_ID}:flags"
LOGICS = {each: f"logic of {each}" for each in ("qual-amount", "qual-close-date")}
UNDONE = Quarantine(TASK, DEAL_ID, "Acme renewal", Cause.UNDONE, "r-7", logics=LOGICS)


def carry(
    store: SqlStore,
    *writes: tuple[Change, WriteStatus],
    code: str = "",
    message: str = "",
) -> None:
    """Carry out each write in a run of its own."""
    for change, status in writes:
        with open_run(store) as run:
            write(run, change, status, code=code, message=message)
            run.finish(RunStatus.DONE, {})


def set_aside(store: SqlStore, *entries: Quarantine) -> None:
    with open_run(store) as run:
        run.intend([], entries)
        run.finish(RunStatus.DONE, {})


def aside(store: SqlStore) -> list[Quarantine]:
    """List what is left alone, without when that was."""
    return [replace(each, since=None) for each in store.quarantined(ORG)]


# ---- what is left alone --------------------------------------------------------------


@pytest.mark.promise("F13")
def test_what_is_set_aside_stays_so_and_says_why(store: SqlStore) -> None:
    other = Quarantine("d2:flags", "d2", "Bolt", Cause.EDITED, count=3)
    set_aside(store, UNDONE)
    set_aside(store, other)

    assert aside(store) == [UNDONE, other]


def test_a_subject_set_aside_again_is_listed_once(store: SqlStore) -> None:
    set_aside(store, UNDONE)
    again = replace(UNDONE, code="r-8")
    set_aside(store, again)

    assert aside(store) == [again]


@pytest.mark.promise("W11")
@pytest.mark.parametrize(
    ("status", "is_free"),
    [
        (WriteStatus.DONE, False),
        (WriteStatus.ADOPTED, False),
        (WriteStatus.UNKNOWN, False),
        (WriteStatus.GONE, False),
        (WriteStatus.REJECTED, True),
        (WriteStatus.LOCKED, True),
        (WriteStatus.NOT_ATTEMPTED, True),
    ],
)
def test_what_a_run_sets_aside_for_a_write_is_free_where_it_surely_was_not_done(
    store: SqlStore, status: WriteStatus, is_free: bool
) -> None:
    set_aside(store, replace(UNDONE, subject=FLAGS))
    with open_run(store) as run:
        run.intend([], [UNDONE])
        write(run, a_change(), status)
        write(run, a_flag(), status)  # another run set these aside
        run.finish(RunStatus.DONE, {})

    left = {each.subject for each in store.quarantined(ORG)}
    assert left == ({FLAGS} if is_free else {FLAGS, TASK})


@pytest.mark.promise("F13")
def test_the_third_refusal_alike_sets_a_task_aside(store: SqlStore) -> None:
    refused = (a_change(), WriteStatus.REJECTED)
    carry(store, refused, refused, code="LOCKED", message="Row.")
    assert aside(store) == []

    carry(store, refused, code="LOCKED", message="Row.")

    assert aside(store) == [
        Quarantine(
            TASK, DEAL_ID, "Acme renewal", Cause.REFUSED, "LOCKED", 3, message="Row."
        )
    ]


def test_a_write_that_works_forgets_the_refusals_before_it(store: SqlStore) -> None:
    refused = (a_flag(), WriteStatus.REJECTED)
    carry(store, refused, refused, (a_flag(), WriteStatus.DONE), refused, code="LOCKED")

    assert aside(store) == []


@pytest.mark.promise("F13")
def test_the_third_edit_of_our_flags_sets_them_aside(store: SqlStore) -> None:
    fought = a_flag(before={"status": "Clear"}, write={"status": "Open"})
    done = (fought, WriteStatus.DONE)
    carry(store, done, done, done)  # the first of them was written over nobody's edit
    assert aside(store) == []

    carry(store, done)

    war = Quarantine(FLAGS, DEAL_ID, "Acme renewal", Cause.EDITED, count=3)
    assert aside(store) == [war]


def test_what_is_released_counts_from_nothing(store: SqlStore) -> None:
    done = (
        a_flag(before={"status": "Clear"}, write={"status": "Open"}),
        WriteStatus.DONE,
    )
    carry(store, *[done] * 4)

    assert store.release(ORG, FLAGS) == [FLAGS]

    assert aside(store) == []
    carry(store, *[done] * 3)
    assert aside(store) == []


def test_a_deal_is_released_with_all_that_is_left_alone_on_it(store: SqlStore) -> None:
    elsewhere = replace(UNDONE, subject="d2:deal_owner", deal_id="d2")
    set_aside(store, UNDONE, replace(UNDONE, subject=FLAGS), elsewhere)

    assert sorted(store.release(ORG, DEAL_ID)) == [TASK, FLAGS]
    assert aside(store) == [elsewhere]
    assert store.release(ORG, DEAL_ID) == []
    assert store.release(ORG, "d3") == []


@pytest.mark.promise("W11")
def test_a_run_under_another_logic_does_not_know_what_was_undone(
    store: SqlStore,
) -> None:
    """A plan looks only; what was undone is free once a run has kept track."""
    set_aside(store, UNDONE)
    other = a_pack(a_rule("qual-amount", logic="new"), a_rule("qual-close-date"))
    with open_run(store) as run:
        assert [each.subject for each in run.quarantined()] == [TASK]
        run.finish(RunStatus.DONE, {})

    with open_run(store, RunKind.PLAN, other) as run:
        assert run.quarantined() == []
        run.finish(RunStatus.PLANNED, {})
    assert aside(store) == [UNDONE]

    with open_run(store, pack=other) as run:
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    assert aside(store) == []


def test_changes_are_withheld_by_key_each_for_its_reason(store: SqlStore) -> None:
    with open_run(store) as run:
        run.propose([a_change(), a_change(deal_id="d2"), a_flag()], [])

        run.withhold_keys({a_change().key: "quarantined", a_flag().key: "kept"})
        run.withhold_keys({})

        assert [each.change.deal_id for each in run.planned()] == ["d2"]
        withheld = {each.change.key: each.withheld for each in store.changes("1")}
        assert withheld == {
            a_change().key: "quarantined",
            a_change(deal_id="d2").key: "",
            a_flag().key: "kept",
        }


# ---- what undo reads -----------------------------------------------------------------


@pytest.mark.promise("W11")
def test_what_was_written_into_a_task_before_comes_latest_first(
    store: SqlStore,
) -> None:
    """Run 1 created it, 2 found it, 3 was refused, 4 wrote, 5 had no answer."""
    created = a_change()
    found, refused, last, lost = (
        a_change(Action.UPDATE, remote_id="00T1", write={"due_on": day})
        for day in ("2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04")
    )
    carry(store, (created, WriteStatus.DONE), (found, WriteStatus.ADOPTED))
    carry(store, (refused, WriteStatus.REJECTED), (last, WriteStatus.DONE))
    carry(store, (lost, WriteStatus.UNKNOWN))
    key, other = created.key, a_change(deal_id="d2").key

    def wrote(number: int) -> list[tuple[Change, str]]:
        found = store.written_before(ORG, [key, other], number)
        assert found.keys() <= {key}
        return [(each.change, each.status) for each in found.get(key, ())]

    answered = [(last, "done"), (found, "adopted"), (created, "done")]
    assert wrote(6) == [(lost, "unknown"), *answered]
    assert wrote(5) == answered
    assert wrote(4) == answered[1:]
    assert store.written_before(ORG, [key], 1) == {}
    assert store.written_before(ORG, [other], 5) == {}


@pytest.mark.promise("W11")
def test_what_later_runs_wrote_or_may_have_written_is_told(store: SqlStore) -> None:
    """Run 2 was refused the one, run 3 had no answer of the other, run 4 wrote."""
    first, second, never = a_flag(), a_flag(deal_id="d2"), a_flag(deal_id="d3")
    carry(store, (first, WriteStatus.DONE))
    carry(store, (first, WriteStatus.REJECTED), (second, WriteStatus.UNKNOWN))
    carry(store, (first, WriteStatus.ADOPTED))
    keys = [each.key for each in (first, second, never)]

    assert store.written_since(ORG, keys, 1) == {first.key, second.key}
    assert store.written_since(ORG, keys, 3) == {first.key}
    assert store.written_since(ORG, keys, 4) == set()
    assert store.written_since("sf:00D000000000009EAA", keys, 1) == set()
    with open_run(store) as run:
        run.propose([a_flag()], [])
        assert store.written_since(ORG, keys, 4) == set()
        run.commit(is_partial=False, with_tracking=False)
        run.intend(list(run.planned()))
        assert store.written_since(ORG, keys, 4) == {first.key}


# ---- what a rule leaves --------------------------------------------------------------

OLD = "left-long-ago"
LATE = NOW - timedelta(days=1)


def ended(deal_id: str, rule_id: str = OLD, **changes: Any) -> Violation:
    gone = a_violation(
        rule_id,
        deal_id=deal_id,
        state=State.RESOLVED,
        resolution=Resolution.RULE_RETIRED,
        resolved_at=NOW,
        first_seen=LATE,
    )
    return replace(gone, **changes)


def retired(
    store: SqlStore, *violations: Violation, pack: RulePack | None = None
) -> tuple[dict[str, int], list[LookAlike]]:
    deals: dict[str, list[Violation]] = {}
    for each in violations:
        deals.setdefault(each.deal_id, []).append(each)
    with open_run(store, pack=pack or a_pack(a_rule(), a_rule("other"))) as run:
        run.stage(
            [
                staged(*lines, deal_id=deal_id, outcomes={})
                for deal_id, lines in deals.items()
            ]
        )
        found = dict(run.retired()), list(run.look_alikes())
        run.finish(RunStatus.DONE, {})
    return found


@pytest.mark.promise("B1")
def test_what_a_rule_leaves_behind_is_counted_by_rule(store: SqlStore) -> None:
    counts, _ = retired(
        store,
        ended("d1"),
        ended("d2"),
        ended("d2", "left-today"),
        ended("d3", "other"),  # a rule of the pack: fixed, as any
        a_violation(OLD, deal_id="d4"),  # it stands
    )

    assert counts == {OLD: 2, "left-today": 1}


def test_a_rule_that_begins_where_another_left_may_be_the_same(
    store: SqlStore,
) -> None:
    _, pairs = retired(
        store,
        *(ended(deal) for deal in ("d1", "d2", "d3", "d4", "d5", "d6")),
        a_violation("other", deal_id="d1"),
        a_violation("other", deal_id="d2"),
        a_violation("qual-amount", deal_id="d2"),
        a_violation("other", deal_id="d3", first_seen=LATE),  # it stood before
        a_violation("other", deal_id="d4", pipeline="Partners"),
        ended("d5", "other", first_seen=NOW),  # it came and went
        a_violation("no-rule", deal_id="d6"),
    )

    assert pairs == [
        LookAlike(OLD, "other", 2),
        LookAlike(OLD, "qual-amount", 1),
    ]
