"""The rows of a plan: in which order they are written, and what a later run takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Action, Severity, State, WriteStatus
from gatekeeper.errors import StoreError
from gatekeeper.ports import RunKind, RunStatus
from tests.builders import a_violation
from tests.store.values import (
    a_change,
    a_flag,
    a_receipt,
    edit,
    open_run,
    read,
    staged,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.core.model import Violation
    from gatekeeper.ports import StagedDeal
    from gatekeeper.store.sql_store import SqlStore

ROWS = "SELECT seq, deal_id, urgency, turn FROM change WHERE run = 1 ORDER BY seq"
AMOUNT, DATE = "qual-amount", "qual-close-date"


def lines(deal_id: str, *lines: Violation) -> StagedDeal:
    return staged(*(replace(each, deal_id=deal_id) for each in lines), deal_id=deal_id)


LOW = a_violation(AMOUNT, severity=Severity.LOW)
HIGH = a_violation(DATE, severity=Severity.HIGH)


def test_a_change_is_as_urgent_as_its_worst_open_line_or_else_its_deal(
    store: SqlStore, database: Path
) -> None:
    closed = replace(HIGH, state=State.RESOLVED)
    with open_run(store) as run:
        run.stage([lines("d1", LOW, HIGH), lines("d2", LOW, closed), lines("d3")])
        run.propose(
            [
                a_change(deal_id="d1", rule_ids=(AMOUNT,)),
                a_change(deal_id="d1", episode=2, rule_ids=(AMOUNT, DATE)),
                a_flag("d1"),
                a_change(deal_id="d2", rule_ids=(DATE,)),
                a_change(deal_id="d3", rule_ids=(AMOUNT,)),
            ],
            [],
        )
        run.propose([a_change(deal_id="d4")], [])

        assert read(database, ROWS) == [
            (1, "d1", 3, 0),
            (2, "d1", 1, 0),
            (3, "d1", 1, 1),
            (4, "d2", 3, 0),
            (5, "d3", 4, 0),
            (6, "d4", 4, 0),
        ]
        in_turn = [each.seq for each in run.planned()]
    assert in_turn == [2, 1, 4, 5, 6, 3]


def test_only_what_was_not_written_yet_is_proposed_anew(store: SqlStore) -> None:
    with open_run(store) as run:
        run.propose([a_change(), a_flag()], [])
        task, _ = run.planned()
        run.intend([task])
        run.propose([a_change(reason="again"), a_flag(reason="again")], [])

        told = [(each.status, each.change.reason) for each in store.changes("1")]
    assert told == [("intent", ""), ("planned", "again"), ("planned", "again")]


def test_the_plan_of_another_run_is_left_as_it_is(store: SqlStore) -> None:
    for kind in (RunKind.PLAN, RunKind.RUN):
        with open_run(store, kind) as run:
            run.propose([a_change(reason=kind.value)], ["k"])
            if kind is RunKind.RUN:
                run.withhold(Action.CREATE, "enough", keep=0)
                run.withhold_keys({a_change().key: "by key"})
            run.finish(RunStatus.DONE, {})

    first, second = (next(store.changes(each)) for each in ("1", "2"))
    assert (first.change.reason, first.withheld) == ("plan", "")
    assert (second.change.reason, second.withheld) == ("run", "by key")


def test_what_is_withheld_already_is_not_counted_among_those_kept(
    store: SqlStore,
) -> None:
    flags = [a_flag(f"d{number}", fills_empty=True) for number in range(3)]
    with open_run(store) as run:
        run.propose(flags, [])
        run.withhold_keys({flags[0].key: "quarantined"})
        run.withhold(Action.FLAG, "spread", keep=1)

    told = [each.withheld for each in store.changes("1")]
    assert told == ["quarantined", "", "spread"]


def test_an_adopted_plan_begins_anew_behind_what_the_run_has_already(
    store: SqlStore, database: Path
) -> None:
    """The plan was written once already: its answers are its own."""
    with open_run(store) as plan:
        plan.stage([staged(LOW)])
        plan.propose([a_change(), a_flag("d2")], ["k1", "k2"])
        task, flag = plan.planned()
        plan.intend([task, flag])
        refused = a_receipt(flag.change, WriteStatus.REJECTED, code="C", message="No.")
        plan.record([task, flag], [a_receipt(task.change), refused])
        plan.finish(RunStatus.HELD, {})

    with open_run(store, RunKind.APPLY) as run:
        run.propose([a_flag("d9")], ["k0"])
        run.adopt_plan(plan.row, set())
        query = (
            "SELECT seq, deal_id, status, remote_id, code, message FROM change"
            " WHERE run = 2 ORDER BY seq"
        )
        assert read(database, query) == [
            (1, "d9", "planned", None, "", ""),
            (2, LOW.deal_id, "planned", None, "", ""),
            (3, "d2", "planned", None, "", ""),
        ]
        keys = "SELECT key FROM undecided WHERE run = 2 ORDER BY key"
        assert read(database, keys) == [("k0",), ("k1",), ("k2",)]
        assert run.totals().states == {"open": 1}


def test_a_plan_without_deals_is_adopted_and_one_whose_deals_are_forgotten_is_not(
    store: SqlStore, database: Path
) -> None:
    with open_run(store, RunKind.PLAN) as empty:
        empty.finish(RunStatus.PLANNED, {})
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged(LOW)])
        plan.propose([a_change()], [])
        plan.finish(RunStatus.PLANNED, {})
    edit(database, "DELETE FROM staged_violation")
    edit(database, "DELETE FROM staged_deal")

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(empty.row, set())
        with pytest.raises(StoreError) as refused:
            run.adopt_plan(plan.row, set())

    assert str(refused.value) == (
        "The rows of plan number 2 are no longer kept: too many runs came after it."
        " Make a new plan."
    )
