"""Contract of the store: runs, plans, the pinned org, the stop row, the schema."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import CrmField, CrmSchema, Guard, Kind, Pipeline, Stage
from gatekeeper.core.model import (
    Action,
    ObligationState,
    Outcome,
    Resolution,
    State,
)
from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.errors import (
    CrmUnreachableError,
    DeferredError,
    LeaseHeldError,
    SetupError,
    StopError,
    StoppedError,
    StoreError,
)
from gatekeeper.ports import NewLine, RunKind, RunStatus
from tests.builders import DEAL_ID, NOW, ORG, PIPELINE, a_pack, a_rule, a_violation
from tests.store.values import (
    a_change,
    a_dossier,
    a_flag,
    an_obligation,
    open_run,
    staged,
)

if TYPE_CHECKING:
    from gatekeeper.store.sql_store import SqlStore

OTHER_ORG = "sf:00D000000000002EAA"


def test_runs_are_numbered_from_one_and_listed_newest_first(store: SqlStore) -> None:
    for _ in range(3):
        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})

    assert [row.number for row in store.runs()] == [3, 2, 1]
    assert [row.number for row in store.runs(ORG, limit=1)] == [3]
    assert store.runs(OTHER_ORG) == []


def test_runs_that_ended_with_what_they_read_are_found_whatever_lies_between_them(
    store: SqlStore,
) -> None:
    for kind, status in (
        (RunKind.RUN, RunStatus.DONE),
        (RunKind.RUN, RunStatus.HELD),
        (RunKind.RUN, RunStatus.DONE),
        (RunKind.RUN, RunStatus.PARTIAL),
        (RunKind.RUN, RunStatus.FAILED),
        (RunKind.PLAN, RunStatus.HELD),
        (RunKind.APPLY, RunStatus.DONE),
    ):
        with open_run(store, kind) as run:
            run.finish(status, {})

    assert [row.number for row in store.ended_runs(ORG, 2)] == [4, 3]
    assert [row.number for row in store.ended_runs(ORG, 5)] == [4, 3, 2, 1]
    assert store.ended_runs(OTHER_ORG, 5) == []


def test_a_run_goes_on_under_a_number_above_those_on_the_tasks(
    store: SqlStore,
) -> None:
    with open_run(store) as run:
        run.number_after(41)
        assert (run.row.number, run.row.id[-5:]) == (42, "-0042")
        run.stage([staged()])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    with open_run(store) as run:
        run.number_after(42)
        run.finish(RunStatus.DONE, {})

    assert [row.number for row in store.runs()] == [43, 42]
    (last, first) = store.runs()
    assert [store.run(each.id) for each in (first, last)] == [first, last]
    assert first.deals == 1


def test_what_a_run_staged_goes_with_it_to_its_new_number(store: SqlStore) -> None:
    """A task that only a deal names may tell of a number when others are staged."""
    found = an_obligation(deal_id="d2", state=ObligationState.OPEN)
    with open_run(store) as run:
        run.stage([staged(a_violation())])
        run.adopt([found], ())
        run.number_after(41)
        run.stage([staged(a_violation(deal_id="d3"), deal_id="d3")])
        assert run.known_keys([found.key]) == {found.key: found}
        assert run.totals().deals == 2
        run.commit(is_partial=False, with_tracking=True)
        row = run.finish(RunStatus.DONE, {})

    assert [(each.number, each.deals) for each in store.runs()] == [(42, 2)]
    assert store.run(row.id) == row
    assert {each.deal_id for each in store.violations(ORG)} == {DEAL_ID, "d3"}
    assert store.history(ORG, ["d2"])["d2"].obligations[found.id].key == found.key


def test_outcomes_are_told_per_run_oldest_first_without_replays_and_failures(
    store: SqlStore,
) -> None:
    pack = a_pack(a_rule("a", logic="l1"))
    verdicts = {"d1": Outcome.PASS, "d2": Outcome.FAIL, "d3": Outcome.FAIL}
    for kind in (RunKind.RUN, RunKind.PLAN, RunKind.REPLAY):
        with open_run(store, kind, pack) as run:
            run.stage(
                [
                    staged(deal_id=one, outcomes={"a": out})
                    for one, out in verdicts.items()
                ]
            )
            run.commit(is_partial=False, with_tracking=False)
            run.finish(RunStatus.DONE, {})
    with suppress(StoreError), open_run(store, RunKind.RUN, pack):
        raise StoreError("it failed")

    first, second = store.outcomes(ORG, NOW)

    assert first == second
    assert (first.as_of, first.logics) == (NOW, {"a": "l1"})
    assert first.counts == {("a", "pass"): 1, ("a", "fail"): 2}
    assert store.outcomes(ORG, NOW + timedelta(seconds=1)) == ()
    assert store.outcomes(OTHER_ORG, NOW) == ()


def test_a_run_id_is_its_date_and_number(store: SqlStore) -> None:
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})

    assert re.fullmatch(r"r-20\d{6}-0001", run.row.id)


def test_a_finished_run_keeps_its_report_and_what_it_was_opened_with(
    store: SqlStore,
) -> None:
    report = {"counts": {"deals": 2, "pass": 1}, "held": ["a limit"], "share": 0.5}
    rules = (a_rule("b", logic="l1"), a_rule("a", logic="l2"))
    pack = replace(a_pack(*rules), revision="8db1a4f2")
    with open_run(store, RunKind.PLAN, pack) as run:
        assert run.row.status is RunStatus.RUNNING
        run.stage([staged(deal_id="d1"), staged(deal_id="d2")])
        run.commit(is_partial=False, with_tracking=False)
        ended = run.finish(RunStatus.PLANNED, report)

    assert store.run(run.row.id) == ended
    assert ended.report == report
    assert (ended.kind, ended.status) == (RunKind.PLAN, RunStatus.PLANNED)
    assert (ended.as_of, ended.pack, ended.deals) == (NOW, "fp", 2)
    assert list(ended.logics.items()) == [("b", "l1"), ("a", "l2")]
    assert ended.revision == "8db1a4f2"
    assert ended.finished_at is not None
    assert timedelta(0) <= ended.finished_at - ended.started_at < timedelta(minutes=1)


def test_a_run_is_found_by_id_number_start_and_as_the_latest(store: SqlStore) -> None:
    for _ in range(2):
        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})
    first, second = reversed(store.runs())

    assert store.run(first.id) == first
    assert store.run("2") == second
    assert store.run("latest") == second
    assert store.run(second.id[:-1]) is None  # both begin so
    assert store.run("") is None
    assert store.run("9") is None
    assert store.run("%") is None


def test_the_start_of_a_single_id_is_enough(store: SqlStore) -> None:
    assert store.run("latest") is None

    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})

    assert store.run("r-2") is not None


def test_an_exception_inside_marks_the_run_failed_and_frees_the_lease(
    store: SqlStore,
) -> None:
    with pytest.raises(KeyError, match="broken"), open_run(store):
        raise KeyError("broken")

    assert [row.status for row in store.runs()] == [RunStatus.FAILED]
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})


@pytest.mark.parametrize(
    ("stop", "status"),
    [
        (DeferredError("The day is used up."), RunStatus.DEFERRED),
        (StoppedError("gatekeeper stop"), RunStatus.STOPPED),
        (CrmUnreachableError("Nobody is there."), RunStatus.FAILED),
    ],
)
@pytest.mark.promise("F10")
def test_a_run_that_was_stopped_on_its_way_says_so_and_why(
    store: SqlStore, stop: StopError, status: RunStatus
) -> None:
    with pytest.raises(type(stop)), open_run(store):
        raise stop

    (row,) = store.runs()
    assert row.status is status
    assert row.report == written([Notice(NoticeKind.STOPPED, "", str(stop))])
    # It judged nothing, so it says nothing about the rules.
    assert store.outcomes(ORG, datetime(2000, 1, 1, tzinfo=UTC)) == ()
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})


def test_a_run_left_without_finish_has_failed(store: SqlStore) -> None:
    with open_run(store):
        pass

    assert [row.status for row in store.runs()] == [RunStatus.FAILED]


def test_a_second_run_of_the_org_is_refused_by_name_and_age(store: SqlStore) -> None:
    with (
        open_run(store),
        pytest.raises(
            LeaseHeldError,
            match=rf"Another run of {ORG} is under way: .+ \(process \d+\) has held the"
            r" lease for \d+ s\.",
        ),
        open_run(store),
    ):
        pass

    assert len(store.runs()) == 1


@pytest.mark.promise("F19")
def test_a_database_belongs_to_the_org_of_its_first_run(store: SqlStore) -> None:
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})

    with (
        pytest.raises(
            SetupError, match=f"belongs to {ORG}, but the CRM is {OTHER_ORG}"
        ),
        open_run(store, org=OTHER_ORG),
    ):
        pass


def test_plans_and_runs_have_seen_their_rules_but_replays_have_not(
    store: SqlStore,
) -> None:
    for kind, rule in [
        (RunKind.PLAN, a_rule("a", logic="l1")),
        (RunKind.RUN, a_rule("a", logic="l2")),
        (RunKind.REPLAY, a_rule("a", logic="l3")),
    ]:
        with open_run(store, kind, a_pack(rule)) as run:
            run.commit(is_partial=False, with_tracking=kind is RunKind.RUN)
            run.finish(RunStatus.DONE, {})

    assert store.seen_logics(ORG) == {("a", "l1"), ("a", "l2")}
    assert store.seen_logics(OTHER_ORG) == set()


def test_deals_are_watched_from_the_first_run_on_that_judged(store: SqlStore) -> None:
    assert store.judged_since(ORG) is None
    counts = {"counts": {"deals": 1}}
    for kind, days, report in (
        (RunKind.PLAN, 1, counts),  # keeps no track
        (RunKind.RUN, 2, {}),  # was stopped before it judged
        (RunKind.RUN, 3, counts),
        (RunKind.RUN, 4, counts),
    ):
        at = NOW + timedelta(days=days)
        with store.open_run(ORG, kind, at, a_pack()) as run:
            run.finish(RunStatus.DONE, report)

    assert store.judged_since(ORG) == NOW + timedelta(days=3)
    assert store.judged_since(OTHER_ORG) is None


def test_a_run_that_never_committed_has_seen_nothing(store: SqlStore) -> None:
    with open_run(store):
        pass

    assert store.seen_logics(ORG) == set()


def test_the_stop_row_is_seen_by_a_run_under_way(store: SqlStore) -> None:
    with open_run(store) as run:
        assert not run.is_stopped()

        store.set_stop(ORG, stopped=True)
        store.set_stop(ORG, stopped=True)
        assert run.is_stopped()

        store.set_stop(ORG, stopped=False)
        assert not run.is_stopped()

        store.set_stop(OTHER_ORG, stopped=True)
        assert not run.is_stopped()


@pytest.mark.promise("F19")
def test_the_description_of_another_org_than_the_pinned_one_is_not_kept(
    store: SqlStore,
) -> None:
    ours = CrmSchema("salesforce", ORG, NOW, {}, {}, (PIPELINE,))
    store.save_schema(ORG, ours)
    with open_run(store) as run:
        run.finish(RunStatus.DONE, {})
    theirs = replace(ours, org=OTHER_ORG, read_at=NOW + timedelta(days=1))

    with pytest.raises(SetupError, match=f"belongs to {ORG}, but the CRM is"):
        store.save_schema(OTHER_ORG, theirs)

    assert store.saved_schema(None) == ours


def test_a_schema_is_kept_with_the_labels_its_stages_had(store: SqlStore) -> None:
    def called(label: str) -> CrmSchema:
        stage = Stage(label, ("3",), id="01J3")
        pipelines = (Pipeline("Enterprise", (stage,)),)
        return CrmSchema("salesforce", ORG, NOW, {}, {}, pipelines)

    assert store.save_schema(ORG, called("Proposal")) == called("Proposal")
    store.save_schema(ORG, called("Proposal Sent"))
    now = store.save_schema(ORG, called("Quote Sent"))

    assert now.pipelines[0].stages[0].former == ("Proposal", "Proposal Sent")
    assert store.saved_schema(ORG) == now
    assert store.save_schema(OTHER_ORG, called("Quote")).pipelines == (
        called("Quote").pipelines
    )


def test_the_crms_own_checks_are_kept_until_somebody_asks_again(
    store: SqlStore,
) -> None:
    told = CrmSchema("salesforce", ORG, NOW, {}, {}, (), guards=(Guard("A", "b > 1"),))
    untold, none = replace(told, guards=None), replace(told, guards=())

    assert store.save_schema(ORG, told) == told
    assert store.save_schema(ORG, untold) == told
    assert store.saved_schema(ORG) == told
    assert store.save_schema(ORG, none).guards == ()


def test_the_last_schema_is_kept_per_org(store: SqlStore) -> None:
    amount = CrmField("Opportunity.Amount", "Amount", "currency", (Kind.MONEY,))
    schema = CrmSchema(
        crm="salesforce",
        org=ORG,
        read_at=NOW,
        fields={"amount": amount},
        by_path={"Amount": amount},
        pipelines=(PIPELINE,),
    )
    later = CrmSchema("salesforce", ORG, NOW + timedelta(days=1), {}, {}, ())
    assert store.saved_schema(ORG) is None
    assert store.saved_schema(None) is None

    store.save_schema(ORG, schema)
    assert store.saved_schema(ORG) == schema
    assert store.saved_schema(OTHER_ORG) is None

    store.save_schema(ORG, later)
    assert store.saved_schema(ORG) == later
    assert store.saved_schema(None) == later


def test_a_replay_lists_its_own_violations_and_leaves_the_standing_ones(
    store: SqlStore,
) -> None:
    with open_run(store, RunKind.REPLAY) as run:
        run.stage([staged(a_violation())])
        run.commit(is_partial=False, with_tracking=False)
        run.finish(RunStatus.REPLAY, {})

    assert list(store.violations(ORG)) == []
    assert list(store.violations(ORG, run_id=run.row.id)) == [a_violation()]
    assert list(store.violations(ORG, ["pending"], run.row.id)) == []
    assert list(store.violations(OTHER_ORG, run_id=run.row.id)) == []
    assert list(store.violations(ORG, run_id="r-none")) == []


def test_standing_violations_are_chosen_by_state(store: SqlStore) -> None:
    pending = a_violation("qual-close-date", state=State.PENDING, opened_at=None)
    with open_run(store) as run:
        run.stage([staged(a_violation(), pending)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert list(store.violations(ORG, [State.PENDING])) == [pending]
    assert list(store.violations(ORG)) == [a_violation(), pending]


def test_an_apply_takes_over_a_plan_but_for_the_deals_that_moved(
    store: SqlStore,
) -> None:
    kept, moved = (a_violation(deal_id=deal_id) for deal_id in ("d1", "d2"))
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged(kept, deal_id="d1"), staged(moved, deal_id="d2")])
        plan.propose([a_change(deal_id="d1"), a_change(deal_id="d2")], ["gk1-x"])
        plan.commit(is_partial=False, with_tracking=False)
        plan.finish(RunStatus.PLANNED, {})

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(plan.row, {"d2"})

        assert [each.change for each in run.planned()] == [a_change(deal_id="d1")]
        assert run.totals().deals == 1
        assert run.totals().undecided == 1
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert list(store.violations(ORG)) == [kept]
    assert [each.change.deal_id for each in store.changes(plan.row.id)] == ["d1", "d2"]


@pytest.mark.promise("W3")
def test_the_deals_are_told_on_which_later_runs_went_on(store: SqlStore) -> None:
    """Run 2 leaves d1 as the plan has it, lets d2 in, and finds d3 and d4."""
    waiting = [a_violation(deal_id=each, released_on=None) for each in ("d1", "d2")]
    let_in = a_violation(deal_id="d2")
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged(each, deal_id=each.deal_id) for each in waiting])
        plan.commit(is_partial=False, with_tracking=False)
    assert store.moved_since(ORG, plan.row.number) == set()
    found = [a_violation(deal_id=each, released_on=None) for each in ("d3", "d4")]
    with open_run(store) as run:
        run.stage([staged(e, deal_id=e.deal_id) for e in (waiting[0], let_in, *found)])
        run.commit(is_partial=False, with_tracking=True)

    assert store.moved_since(ORG, plan.row.number) == {"d2", "d3", "d4"}
    assert store.moved_since(ORG, run.row.number) == set()
    assert store.moved_since(OTHER_ORG, plan.row.number) == set()


def test_what_is_withheld_in_a_plan_stays_so_when_it_is_applied(
    store: SqlStore,
) -> None:
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged()])
        plan.propose([a_flag(fills_empty=True)], [])
        plan.withhold(Action.FLAG, "spread over runs", keep=0)
        plan.finish(RunStatus.PLANNED, {})

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(plan.row, set())
        assert list(run.planned()) == []
        run.finish(RunStatus.DONE, {})

    assert [each.withheld for each in store.changes("2")] == ["spread over runs"]


def test_a_held_run_that_was_tracked_already_can_be_applied(store: SqlStore) -> None:
    with open_run(store) as held:
        held.adopt([an_obligation()], [])
        (seen,) = held.history([DEAL_ID])[DEAL_ID].obligations.values()
        closed = replace(seen, state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
        held.stage([staged(a_violation(), obligations=[closed])])
        held.propose([a_change(episode=2)], [])
        held.commit(is_partial=False, with_tracking=True)
        held.finish(RunStatus.HELD, {})

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(held.row, set())
        run.commit(is_partial=False, with_tracking=True)
        assert [each.change for each in run.planned()] == [a_change(episode=2)]
        (known,) = run.history([DEAL_ID])[DEAL_ID].obligations.values()
        assert run.totals().states == {"open": 1}  # the line is this run's own
        run.finish(RunStatus.DONE, {})

    assert known == replace(closed, version=1)


def test_applying_an_older_plan_does_not_undo_what_a_later_run_learned(
    store: SqlStore,
) -> None:
    fixed = a_violation(state=State.RESOLVED, resolution=Resolution.FIXED)
    other = a_violation("qual-close-date")
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged(a_violation(), other)])
        plan.commit(is_partial=False, with_tracking=False)
        plan.finish(RunStatus.PLANNED, {})
    with open_run(store) as run:
        run.stage([staged(fixed)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(plan.row, set())
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert list(store.violations(ORG)) == [fixed, other]


def test_a_line_that_a_later_run_left_as_it_was_is_taken_over_and_another_is_not(
    store: SqlStore,
) -> None:
    held, told = a_violation(), a_violation("qual-close-date")
    for status, waiting in ((RunStatus.PLANNED, ""), (RunStatus.HELD, "limit")):
        with open_run(store, RunKind.PLAN if not waiting else RunKind.RUN) as run:
            run.stage([staged(held, told, dossier=a_dossier())])
            run.hold_back([NewLine(DEAL_ID, held.rule_id, None)], "limit")
            run.hold_back([NewLine(DEAL_ID, told.rule_id, None)], waiting)
            run.commit(is_partial=False, with_tracking=bool(waiting))
            run.finish(status, {})
    plan = store.run("1")
    assert plan is not None

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(plan, set())
        (file,) = run.files()
        assert [each.rule_id for each in file.violations] == [held.rule_id]
        run.finish(RunStatus.DONE, {})


def test_a_plan_outlives_a_jump_of_the_numbers(store: SqlStore) -> None:
    """After a restore the next run goes on above the numbers on the tasks."""
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged(a_violation())])
        plan.propose([a_change()], [])
        plan.commit(is_partial=False, with_tracking=False)
        plan.finish(RunStatus.PLANNED, {})
    with open_run(store) as run:
        run.number_after(500)
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    with open_run(store, RunKind.APPLY) as run:
        run.adopt_plan(plan.row, set())
        assert [each.change for each in run.planned()] == [a_change()]
        run.finish(RunStatus.DONE, {})


def test_staged_rows_are_forgotten_after_twenty_runs_and_changes_are_not(
    store: SqlStore,
) -> None:
    with open_run(store, RunKind.PLAN) as plan:
        plan.stage([staged(a_violation())])
        plan.propose([a_change()], [])
        plan.commit(is_partial=False, with_tracking=False)
        plan.finish(RunStatus.PLANNED, {})
    for _ in range(19):
        with open_run(store) as run:
            run.commit(is_partial=False, with_tracking=True)
            run.finish(RunStatus.DONE, {})
    assert len(list(store.violations(ORG, run_id="1"))) == 1

    with open_run(store) as run:
        run.commit(is_partial=False, with_tracking=True)
        with pytest.raises(StoreError, match="Make a new plan"):
            run.adopt_plan(plan.row, set())
        run.finish(RunStatus.DONE, {})

    assert list(store.violations(ORG, run_id="1")) == []
    assert [each.change for each in store.changes("1")] == [a_change()]
    assert list(store.changes("99")) == []
