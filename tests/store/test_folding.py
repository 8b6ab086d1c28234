"""What a commit writes: only what changed, and counts for every verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from gatekeeper.core.model import ObligationState, Outcome, State
from gatekeeper.ports import NewLine, RunKind, RunStatus
from tests.builders import DEAL_ID, a_violation
from tests.store.values import an_obligation, edit, open_run, read, staged

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.ports import StagedDeal
    from gatekeeper.store.sql_store import SqlStore

LAST_WRITTEN = "SELECT deal_id, run FROM violation ORDER BY deal_id"


def run_over(store: SqlStore, *deals: StagedDeal, kind: RunKind = RunKind.RUN) -> None:
    with open_run(store, kind) as run:
        run.stage(deals)
        run.commit(is_partial=False, with_tracking=kind is RunKind.RUN)
        run.finish(RunStatus.DONE, {})


def test_a_violation_that_did_not_change_is_not_written_again(
    store: SqlStore, database: Path
) -> None:
    same, later = (a_violation(deal_id=deal_id) for deal_id in ("d1", "d2"))
    run_over(store, staged(same, deal_id="d1"), staged(later, deal_id="d2"))

    waived = replace(later, state=State.WAIVED)
    run_over(store, staged(same, deal_id="d1"), staged(waived, deal_id="d2"))

    assert read(database, LAST_WRITTEN) == [("d1", 1), ("d2", 2)]


def test_a_line_let_into_its_task_is_a_change(store: SqlStore, database: Path) -> None:
    new = a_violation(released_on=None)
    run_over(store, staged(new))

    with open_run(store) as run:
        run.stage([staged(new)])
        run.release([NewLine(DEAL_ID, new.rule_id, None)], date(2026, 11, 20))
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert read(database, LAST_WRITTEN) == [(DEAL_ID, 2)]


def test_every_verdict_that_applies_is_counted_by_rule_stage_owner_and_outcome(
    store: SqlStore, database: Path
) -> None:
    one, two = "qual-amount", "qual-close-date"
    pass_ = {one: Outcome.PASS}
    deals = [
        staged(deal_id="d1", owner_id="p1", outcomes=pass_),
        staged(deal_id="d2", owner_id="p1", outcomes={**pass_, two: Outcome.FAIL}),
        staged(deal_id="d3", owner_id="p2", outcomes=pass_),
        staged(deal_id="d4", owner_id=None, outcomes=pass_, stage="Discovery"),
        staged(deal_id="d5", owner_id="p2", outcomes={two: Outcome.NOT_APPLICABLE}),
    ]

    run_over(store, *deals, kind=RunKind.PLAN)

    assert read(
        database,
        "SELECT rule_id, stage, owner_id, outcome, count FROM verdict_count"
        " ORDER BY rule_id, stage, owner_id, outcome",
    ) == [
        (one, "Discovery", "", "pass", 1),
        (one, "Proposal", "p1", "pass", 2),
        (one, "Proposal", "p2", "pass", 1),
        (two, "Proposal", "p1", "fail", 1),
    ]


def test_a_run_without_deals_counts_nothing(store: SqlStore, database: Path) -> None:
    run_over(store)

    assert read(database, "SELECT count(*) FROM verdict_count") == [(0,)]
    assert [row.deals for row in store.runs()] == [0]


def test_an_open_task_without_an_id_is_an_intent(store: SqlStore) -> None:
    with open_run(store) as run:
        run.adopt([an_obligation(remote_id=None)], [])

        (known,) = run.open_obligations()
    assert known.state is ObligationState.INTENT


def test_what_stands_goes_before_what_was_resolved_later_in_another_pipeline(
    store: SqlStore, database: Path
) -> None:
    """No run leaves two rows; a database that two programs wrote may hold them."""
    stands = a_violation(deal_id="d1")
    ended = a_violation(deal_id="d2", pipeline="Partners", state=State.RESOLVED)
    run_over(store, staged(stands, deal_id="d1"))
    run_over(store, staged(ended, deal_id="d2"))
    edit(database, "UPDATE violation SET deal_id = 'd1'")

    with open_run(store) as run:
        assert run.history(["d1"])["d1"].violations == {"qual-amount": stands}
