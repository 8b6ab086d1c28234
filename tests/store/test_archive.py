"""Stored runs as digests read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.values import Moving
from gatekeeper.core.model import Outcome, State
from gatekeeper.ports import RunKind, RunStatus
from gatekeeper.store.schema import violation
from gatekeeper.store.statements import SORTED_PAGE
from tests.builders import NOW, ORG, OWNER, a_violation
from tests.store.values import PACK, open_run, staged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import Violation
    from gatekeeper.ports import RunRow, StagedDeal
    from gatekeeper.store.sql_store import SqlStore
    from tests.store.conftest import MakeStore

JUDGED = {"counts": {"fail": 1}}
OTHER_ORG = "sf:00D000000000002EAA"
PASS, FAIL, UNTOLD = Outcome.PASS, Outcome.FAIL, Outcome.CANNOT_TELL
AMOUNT, CLOSE = "qual-amount", "qual-close-date"


def a_run(
    store: SqlStore,
    *deals: StagedDeal,
    kind: RunKind = RunKind.RUN,
    status: RunStatus = RunStatus.DONE,
    as_of: datetime = NOW,
    org: str = ORG,
    report: dict[str, object] | None = None,
) -> RunRow:
    with store.open_run(org, kind, as_of, PACK) as run:
        run.stage(deals)
        run.commit(is_partial=False, with_tracking=True)
        run.finish(status, JUDGED if report is None else report)
        return run.row


def ids(rows: Sequence[RunRow]) -> list[str]:
    return [each.id for each in rows]


# ---- which runs are told of ----------------------------------------------------------


def test_before_the_first_run_nothing_is_told(store: SqlStore) -> None:
    assert store.archive.last_told(ORG) is None
    assert store.archive.told_runs(ORG, NOW) == []


@pytest.mark.parametrize(
    "other",
    [
        {"kind": RunKind.PLAN, "status": RunStatus.PLANNED},
        {"kind": RunKind.REPLAY},
        {"kind": RunKind.APPLY},
        {"status": RunStatus.FAILED},
        {"status": RunStatus.STOPPED, "report": {}},
        {"status": RunStatus.DEFERRED, "report": {"counts": {}}},
    ],
    ids=["plan", "replay", "apply", "failed", "stopped", "put off"],
)
def test_only_a_run_that_judged_is_told_of(store: SqlStore, other: dict) -> None:  # type: ignore[type-arg]
    first = a_run(store)
    a_run(store, **other)

    last = store.archive.last_told(ORG)
    assert last is not None
    assert last.id == first.id
    assert store.archive.first_told(ORG) == last
    assert ids(store.archive.told_runs(ORG, NOW)) == [first.id]


def test_a_run_that_was_held_or_partial_is_told_of(store: SqlStore) -> None:
    held = a_run(store, status=RunStatus.HELD)
    partial = a_run(store, status=RunStatus.PARTIAL)

    assert ids(store.archive.told_runs(ORG, NOW)) == [held.id, partial.id]
    assert store.archive.last_told(ORG) == store.run(partial.id)
    assert store.archive.first_told(ORG) == store.run(held.id)


def test_a_run_under_way_is_not_told_of(store: SqlStore) -> None:
    with open_run(store):
        assert store.archive.last_told(ORG) is None


@pytest.mark.promise("D2")
@pytest.mark.parametrize("status", [RunStatus.FAILED, RunStatus.RUNNING])
def test_a_run_is_told_of_from_its_commit_on_however_it_ends(
    store: SqlStore, status: RunStatus
) -> None:
    a_run(store, staged())
    with open_run(store) as run:
        run.stage([staged(outcomes={AMOUNT: PASS})])
        run.commit(is_partial=False, with_tracking=True)
        if status is RunStatus.FAILED:
            run.finish(status, {})
        last = store.archive.last_told(ORG)
        assert last is not None
        assert (last.number, last.status) == (2, status)
        assert [row.number for row in store.archive.told_runs(ORG, NOW)] == [1, 2]


def test_the_last_run_is_the_latest_and_a_week_begins_at_its_moment(
    store: SqlStore,
) -> None:
    """Runs are counted as they came, and told by the moment they judged by."""
    late = a_run(store, as_of=NOW)
    early = a_run(store, as_of=NOW - timedelta(days=2))

    last = store.archive.last_told(ORG)
    assert last is not None
    assert last.id == early.id
    since = NOW - timedelta(days=2)
    assert ids(store.archive.told_runs(ORG, since)) == [early.id, late.id]
    later = since + timedelta(microseconds=1)
    assert ids(store.archive.told_runs(ORG, later)) == [late.id]
    assert store.archive.told_runs(OTHER_ORG, since) == []
    assert store.archive.last_told(OTHER_ORG) is None


@pytest.mark.promise("D1")
def test_what_digests_read_is_kept_however_much_is_made_after_it(
    store: SqlStore,
) -> None:
    """Plans count too, and the evening of a day in New York is the next day in UTC."""
    older, before, morning, last = (
        a_run(store, staged(deal_id=f"d{n}"), as_of=datetime.fromisoformat(as_of))
        for n, as_of in enumerate(
            (
                "2026-11-19T15:00:00+00:00",
                "2026-11-20T03:00:00+00:00",  # ten in the evening of the 19th
                "2026-11-20T10:00:00+00:00",
                "2026-11-20T15:00:00+00:00",
            )
        )
    )

    for _ in range(21):
        a_run(store, staged(), kind=RunKind.PLAN, status=RunStatus.PLANNED)

    kept = [store.archive.deals(ORG, row.number) for row in (last, before)]
    assert kept == [{(OWNER, "Proposal"): 1}] * 2
    assert store.archive.deals(ORG, older.number) is None
    assert store.archive.deals(ORG, morning.number) is None


# ---- what a run counted --------------------------------------------------------------


def test_deals_and_results_are_counted_by_owner_and_stage(store: SqlStore) -> None:
    row = a_run(
        store,
        staged(deal_id="d1", outcomes={AMOUNT: FAIL, CLOSE: FAIL}),
        staged(deal_id="d2", outcomes={AMOUNT: FAIL, CLOSE: PASS}),
        staged(deal_id="d3", stage="Discovery", outcomes={AMOUNT: FAIL}),
        staged(deal_id="d4", owner_id=None, outcomes={AMOUNT: UNTOLD}),
    )
    archive = store.archive

    assert archive.deals(ORG, row.number) == {
        (OWNER, "Proposal"): 2,
        (OWNER, "Discovery"): 1,
        ("", "Proposal"): 1,
    }
    assert archive.verdicts(ORG, row.number) == {
        (OWNER, AMOUNT, "fail"): 3,
        (OWNER, CLOSE, "fail"): 1,
        (OWNER, CLOSE, "pass"): 1,
        ("", AMOUNT, "cannot_tell"): 1,
    }
    assert archive.failing(ORG, row.number) == {
        (OWNER, "Proposal"): 3,
        (OWNER, "Discovery"): 1,
    }


def test_a_run_of_which_nothing_is_kept_has_no_deals(store: SqlStore) -> None:
    row = a_run(store)

    assert store.archive.deals(ORG, row.number) is None
    assert store.archive.deals(ORG, row.number + 1) is None
    assert store.archive.verdicts(ORG, row.number) == {}
    assert store.archive.failing(ORG, row.number) == {}


def test_deals_that_may_close_soon_are_those_of_the_run(store: SqlStore) -> None:
    day = NOW.date()
    soon = Moving("d1", "Acme", "Proposal", OWNER, "Ann Rep", None, "USD", day)
    later = replace(soon, close_on=day + timedelta(days=3), missing=("Amount known",))
    deals = [replace(staged(deal_id=each), moving=soon) for each in ("d1", "d2")]
    first = a_run(store, *deals, staged(deal_id="d3"))
    second = a_run(store, replace(staged(deal_id="d1"), moving=later))

    assert list(store.archive.moving(ORG, first.number)) == [soon, soon]
    assert list(store.archive.moving(ORG, second.number)) == [later]
    assert list(store.archive.moving(OTHER_ORG, first.number)) == []


# ---- what stands ---------------------------------------------------------------------


def bare(*violations: Violation) -> list[Violation]:
    return [replace(each, findings=()) for each in violations]


def test_what_stands_comes_with_what_was_resolved_since(store: SqlStore) -> None:
    stands, fixed, later = (a_violation(deal_id=each) for each in ("d1", "d2", "d3"))
    fixed = replace(fixed, state=State.RESOLVED, resolved_at=NOW)
    first = a_run(store, staged(stands, deal_id="d1"), staged(fixed, deal_id="d2"))
    later = replace(later, state=State.RESOLVED, resolved_at=NOW)
    a_run(store, staged(later, deal_id="d3"))

    def told(after: int | None) -> list[Violation]:
        return list(store.archive.standing(ORG, after))

    assert told(None) == bare(stands)
    assert told(first.number) == bare(stands, later)
    assert told(first.number - 1) == bare(stands, fixed, later)
    assert list(store.archive.standing(OTHER_ORG, 0)) == []


def test_what_stands_crosses_pages_without_gap_or_repetition(store: SqlStore) -> None:
    many = [a_violation(deal_id=f"d{number:04}") for number in range(1_001)]
    a_run(store, *(staged(each, deal_id=each.deal_id) for each in many))

    found = [each.deal_id for each in store.archive.standing(ORG, None)]

    assert found == [each.deal_id for each in many]


def moved_down(store: SqlStore, deal_id: str) -> None:
    """Let what stands on a deal be the least urgent, as a run may."""
    moved = violation.update().where(violation.c.deal_id == deal_id)
    with store._database.writing() as connection:
        connection.execute(moved.values(urgency=99))


def resolved(store: SqlStore, deal_id: str) -> None:
    """Let nothing stand on a deal any more."""
    ended = violation.update().where(violation.c.deal_id == deal_id)
    with store._database.writing() as connection:
        connection.execute(ended.values(state=State.RESOLVED.value, run=0))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_stands_is_that_of_one_moment(store_of: MakeStore, kind: str) -> None:
    store = store_of(kind)
    every = [f"d{number:04}" for number in range(SORTED_PAGE + 1)]
    lines = [a_violation(deal_id=each) for each in every]
    a_run(store, *(staged(each, deal_id=each.deal_id) for each in lines))

    listed, archived = store.violations(ORG), store.archive.standing(ORG, None)
    first = [next(listed).deal_id, next(archived).deal_id]
    moved_down(store, every[0])
    resolved(store, every[-1])

    assert first == [every[0]] * 2
    assert [each.deal_id for each in listed] == every[1:]
    assert [each.deal_id for each in archived] == every[1:]


def test_what_stands_is_counted_by_rule_and_state(store: SqlStore) -> None:
    lines = [
        a_violation(AMOUNT, deal_id="d1"),
        a_violation(AMOUNT, deal_id="d2"),
        a_violation(AMOUNT, deal_id="d3", state=State.WAIVED),
        a_violation(CLOSE, deal_id="d4"),
        a_violation(CLOSE, deal_id="d5", state=State.RESOLVED),
    ]
    assert store.archive.counts(ORG) == {}

    a_run(store, *(staged(each, deal_id=each.deal_id) for each in lines))

    assert store.archive.counts(ORG) == {
        (AMOUNT, "open"): 2,
        (AMOUNT, "waived"): 1,
        (CLOSE, "open"): 1,
    }
    assert store.archive.counts(OTHER_ORG) == {}
