"""What a commit writes: only what changed, and counts for every verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import ObligationState, Outcome, State
from gatekeeper.errors import StoppedError
from gatekeeper.ports import NewLine, RunKind, RunStatus
from tests.builders import DEAL_ID, NOW, ORG, a_pack, a_rule, a_violation
from tests.store.values import an_obligation, edit, open_run, read, staged

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.core.model import Violation
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


# ---- episodes ------------------------------------------------------------------------

TASK = an_obligation(due_on=date(2026, 11, 25), raised=2)
LATER = date(2026, 12, 1)


def episodes(database: Path) -> list[tuple[object, ...]]:
    names = "deal_id state remote_id due_on closed_at raised version fence"
    query = f"SELECT {', '.join(names.split())} FROM obligation ORDER BY deal_id"
    return read(database, query)


def test_an_adopted_task_stands_from_the_commit_on_under_its_fence(
    store: SqlStore, database: Path
) -> None:
    run_over(store)
    with open_run(store) as run:
        run.adopt([TASK], [])
        assert episodes(database) == []
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    stands = (DEAL_ID, "open", TASK.remote_id, "2026-11-25", None, 2, 1, 2)
    assert episodes(database) == [stands]


def test_what_a_run_learned_of_a_task_is_the_next_version_of_its_row(
    store: SqlStore, database: Path
) -> None:
    run_over(store, staged(obligations=[TASK]))
    learned = replace(
        TASK,
        state=ObligationState.CLOSED_BY_PERSON,
        remote_id="00T2",
        due_on=LATER,
        closed_at=NOW,
        raised=9,
        version=1,
    )

    run_over(store, staged(obligations=[learned]))

    closed = (DEAL_ID, "closed_by_person", "00T2", "2026-12-01", NOW_TEXT, 2, 2, 2)
    assert episodes(database) == [closed]  # how often it was raised does not change


NOW_TEXT = "2026-11-20 14:00:00.000000"


def test_of_a_task_adopted_and_learned_of_only_the_latter_is_kept(
    store: SqlStore, database: Path
) -> None:
    """Another task of the run, that was only adopted, is kept as it was found."""
    closed = replace(TASK, state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
    with open_run(store) as run:
        run.adopt([TASK, an_obligation("d2")], [])
        run.stage([staged(obligations=[closed])])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert [row[:2] + row[6:] for row in episodes(database)] == [
        (DEAL_ID, "closed_by_person", 1, 1),
        ("d2", "open", 1, 1),
    ]


def test_a_task_found_again_changes_no_row_but_an_intent(
    store: SqlStore, database: Path
) -> None:
    found = replace(TASK, remote_id="00T9")
    run_over(store, staged(obligations=[TASK]))
    with open_run(store) as run:
        run.adopt([found], [])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    assert episodes(database)[0][2] == TASK.remote_id
    edit(database, "UPDATE obligation SET state = 'intent', remote_id = NULL")

    with open_run(store) as run:
        run.adopt([found], [])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    ((_, state, remote_id, *_, version, fence),) = episodes(database)
    assert (state, remote_id, version, fence) == ("open", "00T9", 2, 3)


def test_a_row_that_moved_on_is_named_and_one_of_another_episode_is_not(
    store: SqlStore,
) -> None:
    run_over(store, staged(obligations=[TASK]))
    run_over(store, staged(obligations=[replace(TASK, episode=2, key="k2")]))

    with pytest.raises(StoppedError) as stopped:
        run_over(store, staged(obligations=[TASK]))

    assert str(stopped.value) == (
        f"The task of deal {DEAL_ID} changed in the database while this run was"
        " reading. Nothing was stored; run or plan again."
    )


# ---- violations ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"waiting": "ramp"},
        {"released_on": date(2026, 11, 23)},
        {"released_on": None},
        {"fix": "Ask."},
    ],
    ids=["held back", "let in later", "taken back", "told otherwise"],
)
def test_any_difference_is_written(
    store: SqlStore, database: Path, changed: dict[str, object]
) -> None:
    line = a_violation()
    run_over(store, staged(line))

    run_over(store, staged(replace(line, **changed)))  # type: ignore[arg-type]

    assert read(database, LAST_WRITTEN) == [(DEAL_ID, 2)]
    assert list(store.violations(ORG)) == [replace(line, **changed)]  # type: ignore[arg-type]


def test_an_adopted_line_opens_only_what_was_resolved(
    store: SqlStore, database: Path
) -> None:
    ended, stands = a_violation(state=State.RESOLVED), a_violation(deal_id="d2")
    run_over(store, staged(ended), staged(stands, deal_id="d2"))
    proved = [
        replace(each, state=State.OPEN, first_seen=NOW - timedelta(days=9))
        for each in (ended, stands)
    ]

    with open_run(store) as run:
        run.adopt([], proved)
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert read(database, LAST_WRITTEN) == [(DEAL_ID, 2), ("d2", 1)]


def test_a_former_row_goes_only_where_the_present_one_took_over(
    store: SqlStore,
) -> None:
    """Elsewhere: another deal, another pipeline, another rule."""
    old = a_violation()
    others = [
        replace(old, deal_id="d2"),
        replace(old, pipeline="Partners"),
        replace(old, rule_id="qual-close-date"),
    ]
    run_over(store, staged(old, *others[1:]), staged(others[0], deal_id="d2"))
    renamed = replace(old, rule_id="deal-amount")
    pack = a_pack(a_rule("deal-amount", formerly=("qual-amount",)))

    with open_run(store, pack=pack) as run:
        run.stage([staged(renamed, outcomes={})])
        run.commit(is_partial=True, with_tracking=True)
        run.finish(RunStatus.PARTIAL, {})

    left = {(each.deal_id, each.pipeline, each.rule_id) for each in _stands(store)}
    assert left == {
        (each.deal_id, each.pipeline, each.rule_id) for each in [renamed, *others]
    }


def _stands(store: SqlStore) -> list[Violation]:
    return list(store.violations(ORG))


def test_a_rule_that_fails_in_another_pipeline_now_leaves_its_row_of_before(
    store: SqlStore,
) -> None:
    """Not where it was resolved, and not for another deal or rule."""
    here = a_violation()
    other_deal = replace(here, deal_id="d2")
    other_rule = replace(here, rule_id="qual-close-date")
    ended = replace(here, deal_id="d3", state=State.RESOLVED)
    run_over(
        store,
        staged(here, other_rule),
        staged(other_deal, deal_id="d2"),
        staged(ended, deal_id="d3"),
    )
    there = replace(here, pipeline="Partners")
    ended_there = replace(ended, pipeline="Partners", state=State.OPEN)
    gone_there = replace(other_deal, pipeline="Partners", state=State.RESOLVED)

    with open_run(store) as run:
        run.stage(
            [
                staged(there),
                staged(gone_there, deal_id="d2"),
                staged(ended_there, deal_id="d3"),
            ]
        )
        run.commit(is_partial=True, with_tracking=True)
        run.finish(RunStatus.PARTIAL, {})

    assert sorted(_stands(store), key=_place) == sorted(
        [there, other_deal, other_rule, ended, ended_there], key=_place
    )


def _place(violation: Violation) -> tuple[str, str, str]:
    return violation.deal_id, violation.rule_id, violation.pipeline


def test_of_rules_that_are_kept_only_resolutions_are_left_out(
    store: SqlStore,
) -> None:
    kept, other = a_violation(), a_violation("qual-close-date")
    run_over(store, staged(kept, other))
    ended = [replace(each, state=State.RESOLVED) for each in (kept, other)]
    begins = a_violation(deal_id="d2")

    with open_run(store) as run:
        run.stage([staged(*ended), staged(begins, deal_id="d2")])
        run.keep(["qual-amount"])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert _stands(store) == [kept, ended[1], begins]


def test_staged_rows_of_the_last_twenty_runs_are_kept(
    store: SqlStore, database: Path
) -> None:
    for _ in range(21):
        run_over(store, staged(a_violation()))

    kept = [number for (number,) in read(database, "SELECT run FROM staged_deal")]
    assert sorted(kept) == list(range(2, 22))
    assert len(read(database, "SELECT run FROM staged_violation")) == 20
