"""Contract of a run: history, staging, lines, files, totals, commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    Action,
    Mode,
    Obligation,
    ObligationState,
    Outcome,
    Resolution,
    Severity,
    State,
)
from gatekeeper.errors import StoppedError
from gatekeeper.ports import DealHistory, NewLine, RunKind, RunStatus
from tests.builders import DEAL_ID, NOW, ORG, OWNER, a_pack, a_rule, a_violation
from tests.store.values import (
    ROLE,
    a_change,
    a_dossier,
    a_flag,
    an_obligation,
    open_run,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import Violation
    from gatekeeper.ports import StagedDeal
    from gatekeeper.store.sql_store import SqlStore

TODAY = date(2026, 11, 20)
NEW = a_violation(released_on=None)
FIXED = a_violation(state=State.RESOLVED, resolution=Resolution.FIXED, resolved_at=NOW)


def run_over(store: SqlStore, *deals: StagedDeal, is_partial: bool = False) -> None:
    with open_run(store) as run:
        run.stage(deals)
        run.commit(is_partial=is_partial, with_tracking=True)
        run.finish(RunStatus.DONE, {})


def standing(store: SqlStore) -> list[Violation]:
    return list(store.violations(ORG))


def known_obligations(
    store: SqlStore, deals: Sequence[str] = (DEAL_ID,)
) -> list[Obligation]:
    with open_run(store) as run:
        known = run.history(deals)
        run.finish(RunStatus.DONE, {})
    return [each for deal in known.values() for each in deal.obligations.values()]


# ---- history and commit ---------------------------------------------------------


def test_a_deal_never_seen_has_no_history(store: SqlStore) -> None:
    with open_run(store) as run:
        assert run.history([DEAL_ID]) == {}
        assert run.history([]) == {}
        assert run.live_deals() == set()


def test_what_was_committed_is_history_of_the_next_run(store: SqlStore) -> None:
    run_over(store, staged(NEW))

    with open_run(store) as run:
        assert run.history([DEAL_ID, "other", DEAL_ID]) == {
            DEAL_ID: DealHistory(violations={"qual-amount": NEW})
        }
        assert run.live_deals() == {DEAL_ID}


def test_what_was_only_staged_is_not_history(store: SqlStore) -> None:
    with open_run(store) as run:
        run.stage([staged(NEW)])

    with open_run(store) as run:
        assert run.history([DEAL_ID]) == {}


def test_the_history_of_thousands_of_deals_comes_in_one_call(store: SqlStore) -> None:
    ids = [f"d{number:04}" for number in range(2100)]
    run_over(store, *(staged(replace(NEW, deal_id=each), deal_id=each) for each in ids))

    with open_run(store) as run:
        assert run.history(ids).keys() == set(ids)
        assert run.live_deals() == set(ids)


def test_a_resolved_violation_stays_known_but_its_deal_is_not_live(
    store: SqlStore,
) -> None:
    run_over(store, staged(NEW))
    run_over(store, staged(FIXED, outcomes={"qual-amount": Outcome.PASS}))

    assert standing(store) == [FIXED]
    with open_run(store) as run:
        assert run.history([DEAL_ID])[DEAL_ID].violations == {"qual-amount": FIXED}
        assert run.live_deals() == set()


@pytest.mark.promise("W5", "F24")
def test_a_partial_run_resolves_nothing_but_keeps_the_rest(store: SqlStore) -> None:
    other = a_violation(deal_id="other")
    run_over(store, staged(NEW))

    run_over(store, staged(FIXED), staged(other, deal_id="other"), is_partial=True)

    assert standing(store) == [NEW, other]


def test_a_plan_leaves_everything_that_stands_alone(store: SqlStore) -> None:
    closed = an_obligation(state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
    with open_run(store, RunKind.PLAN) as run:
        run.adopt([an_obligation(deal_id="d2")], [a_violation(deal_id="d2")])
        run.stage([staged(NEW, obligations=[closed])])
        run.commit(is_partial=False, with_tracking=False)
        run.finish(RunStatus.PLANNED, {})

    assert standing(store) == []
    assert known_obligations(store, [DEAL_ID, "d2"]) == []


def test_a_deal_that_changed_pipeline_starts_over_and_its_old_violation_resolves(
    store: SqlStore,
) -> None:
    run_over(store, staged(NEW))
    left = replace(NEW, state=State.RESOLVED, resolution=Resolution.NO_LONGER_APPLIES)
    there = replace(NEW, pipeline="Partner", first_seen=NOW + timedelta(days=1))

    run_over(store, staged(left, there))

    assert standing(store) == [left, there]
    with open_run(store) as run:
        assert run.history([DEAL_ID])[DEAL_ID].violations == {"qual-amount": there}


def test_a_deal_that_changed_pipeline_in_a_partial_run_stands_once(
    store: SqlStore,
) -> None:
    run_over(store, staged(NEW))
    left = replace(NEW, state=State.RESOLVED, resolution=Resolution.NO_LONGER_APPLIES)
    there = replace(NEW, pipeline="Partner")

    run_over(store, staged(left, there), is_partial=True)

    assert standing(store) == [there]


def test_a_deal_staged_again_replaces_its_first_facts(store: SqlStore) -> None:
    closed = an_obligation(state=ObligationState.CLOSED_BY_PERSON, version=0)
    with open_run(store) as run:
        run.stage([staged(NEW, dossier=a_dossier(), obligations=[closed])])
        run.stage([staged(outcomes={"qual-amount": Outcome.PASS})])

        totals = run.totals()
        assert (totals.deals, totals.outcomes) == (1, {"pass": 1})
        assert list(run.files()) == []
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert standing(store) == []
    assert known_obligations(store) == []


def test_of_one_deal_twice_in_a_batch_the_last_counts(store: SqlStore) -> None:
    with open_run(store) as run:
        run.stage([staged(NEW), staged(outcomes={"qual-amount": Outcome.PASS})])

        assert run.totals().outcomes == {"pass": 1}


# ---- adoption -------------------------------------------------------------------


def test_an_adopted_task_is_known_at_once_and_stands_after_the_commit(
    store: SqlStore,
) -> None:
    task = an_obligation()
    with open_run(store) as run:
        run.adopt([task], [a_violation()])

        assert run.history([DEAL_ID]) == {
            DEAL_ID: DealHistory({"qual-amount": a_violation()}, {task.id: task})
        }
        assert run.known_keys([task.key, "gk1-none"]) == {task.key: task}
        assert list(run.open_obligations()) == [task]
        assert run.live_deals() == {DEAL_ID}
        assert standing(store) == []
        run.commit(is_partial=True, with_tracking=True)
        run.finish(RunStatus.PARTIAL, {})

    assert standing(store) == [a_violation()]
    assert known_obligations(store) == [replace(task, version=1)]


def test_adoption_leaves_what_the_store_has_live(store: SqlStore) -> None:
    run_over(store, staged(NEW))
    proven = a_violation(first_seen=NOW - timedelta(days=90))

    with open_run(store) as run:
        run.adopt([], [proven])
        assert run.history([DEAL_ID])[DEAL_ID].violations == {"qual-amount": NEW}
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert standing(store) == [NEW]


def test_adoption_opens_a_resolved_line_again(store: SqlStore) -> None:
    run_over(store, staged(FIXED))

    with open_run(store) as run:
        run.adopt([an_obligation()], [a_violation()])
        assert run.history([DEAL_ID])[DEAL_ID].violations["qual-amount"].is_live
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert standing(store) == [a_violation()]


@pytest.mark.promise("F03")
def test_a_task_found_in_the_crm_settles_an_intent_and_nothing_else(
    store: SqlStore,
) -> None:
    lost, open_one = a_change(), a_change(deal_id="d2")
    with open_run(store) as run:
        run.propose([lost, open_one], [])
        run.commit(is_partial=False, with_tracking=True)
        run.intend(list(run.planned()))
    found = an_obligation(remote_id="00T-found")
    foreign = an_obligation(deal_id="d3", remote_id="00T-foreign")

    with open_run(store) as run:
        run.adopt([found, foreign], [])
        known = run.known_keys([found.key])[found.key]
        assert (known.state, known.remote_id) == (ObligationState.OPEN, "00T-found")
        assert known.version == 1
        assert {each.id.deal_id: each.state for each in run.open_obligations()} == {
            DEAL_ID: ObligationState.OPEN,
            "d2": ObligationState.INTENT,
            "d3": ObligationState.OPEN,
        }
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert {
        each.id.deal_id: (each.state, each.remote_id, each.version)
        for each in known_obligations(store, [DEAL_ID, "d2", "d3"])
    } == {
        DEAL_ID: (ObligationState.OPEN, "00T-found", 2),
        "d2": (ObligationState.INTENT, None, 1),
        "d3": (ObligationState.OPEN, "00T-foreign", 1),
    }


def test_a_task_adopted_and_closed_by_a_person_in_one_run_is_closed(
    store: SqlStore,
) -> None:
    with open_run(store) as run:
        run.adopt([an_obligation()], [])
        (seen,) = run.history([DEAL_ID])[DEAL_ID].obligations.values()
        closed = replace(seen, state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
        run.stage([staged(obligations=[closed])])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert known_obligations(store) == [replace(closed, version=1)]


@pytest.mark.promise("W9")
def test_a_task_that_moved_on_since_it_was_read_stops_the_commit(
    store: SqlStore,
) -> None:
    with open_run(store) as run:
        run.adopt([an_obligation()], [])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    outdated = an_obligation(state=ObligationState.ORPHANED, version=7)

    with pytest.raises(StoppedError, match="changed in the database"):
        run_over(store, staged(NEW, obligations=[outdated]))

    assert standing(store) == []
    assert known_obligations(store) == [an_obligation(version=1)]


def test_open_tasks_cross_pages_without_gap_or_repetition(store: SqlStore) -> None:
    tasks = [an_obligation(f"d{number:04}") for number in range(1_001)]
    with open_run(store) as run:
        run.adopt(tasks, [])

        assert list(run.open_obligations()) == tasks


def test_of_a_rule_that_is_kept_nothing_is_resolved(store: SqlStore) -> None:
    other = a_violation("qual-close-date")
    run_over(store, staged(NEW, other))
    gone = replace(
        other, state=State.RESOLVED, resolution=Resolution.FIXED, resolved_at=NOW
    )

    with open_run(store) as run:
        run.stage([staged(FIXED, gone)])
        run.keep(["qual-amount"])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert standing(store) == [NEW, gone]


def test_a_rule_that_got_another_id_leaves_no_row_of_its_former_one(
    store: SqlStore,
) -> None:
    """On a deal that was not looked at the former row stands until it is."""
    run_over(store, staged(NEW), staged(replace(NEW, deal_id="d2"), deal_id="d2"))
    renamed = a_violation("deal-amount", released_on=None)
    pack = a_pack(a_rule("deal-amount", formerly=("qual-amount",)))

    with open_run(store, pack=pack) as run:
        run.stage([staged(renamed)])
        run.commit(is_partial=True, with_tracking=True)
        run.finish(RunStatus.PARTIAL, {})

    assert standing(store) == [renamed, replace(NEW, deal_id="d2")]


def test_the_latest_episode_is_the_history(store: SqlStore) -> None:
    with open_run(store) as run:
        run.adopt([an_obligation(episode=n) for n in (2, 10, 9)], [])
        assert [
            each.episode
            for each in run.history([DEAL_ID])[DEAL_ID].obligations.values()
        ] == [10]


# ---- lines ------------------------------------------------------------------------


def test_new_lines_come_worst_first_then_oldest_first(store: SqlStore) -> None:
    older = NOW - timedelta(days=3)
    violations = [
        replace(NEW, deal_id="d1", severity=Severity.LOW, first_seen=older),
        replace(NEW, deal_id="d2", severity=Severity.CRITICAL),
        replace(NEW, deal_id="d3", severity=Severity.MEDIUM),
        replace(NEW, deal_id="d4", severity=Severity.MEDIUM, first_seen=older),
        replace(NEW, deal_id="d5", severity=Severity.HIGH),
        replace(NEW, deal_id="d3", severity=Severity.MEDIUM, rule_id="qual-close-date"),
    ]
    with open_run(store) as run:
        by_deal = {each.deal_id: [each] for each in violations[:-1]}
        by_deal["d3"].append(violations[-1])
        run.stage([staged(*lines, deal_id=deal) for deal, lines in by_deal.items()])

        assert [(line.deal_id, line.rule_id) for line in run.new_lines()] == [
            ("d2", "qual-amount"),
            ("d5", "qual-amount"),
            ("d4", "qual-amount"),
            ("d3", "qual-amount"),
            ("d3", "qual-close-date"),
            ("d1", "qual-amount"),
        ]


def test_a_new_line_goes_to_whom_the_dossier_names(store: SqlStore) -> None:
    with open_run(store) as run:
        run.stage(
            [
                staged(NEW, dossier=a_dossier()),
                staged(
                    replace(NEW, deal_id="d2", role="owner_manager"),
                    deal_id="d2",
                    dossier=a_dossier("d2", people={"owner_manager": None}),
                ),
                staged(replace(NEW, deal_id="d3"), deal_id="d3"),
            ]
        )

        assert [line.person_id for line in run.new_lines()] == [OWNER, None, None]


def test_only_open_enforced_lines_that_nothing_holds_are_new(store: SqlStore) -> None:
    states = [replace(NEW, state=state) for state in State if state is not State.OPEN]
    not_new = [
        *states,
        replace(NEW, mode=Mode.WARN),
        replace(NEW, mode=Mode.OBSERVE),
        replace(NEW, waiting="ramp"),
        replace(NEW, released_on=TODAY),
    ]
    with open_run(store) as run:
        run.stage(
            [
                staged(replace(each, deal_id=f"d{place}"), deal_id=f"d{place}")
                for place, each in enumerate(not_new)
            ]
        )

        assert list(run.new_lines()) == []
        assert run.totals().new_by_rule == {}


def test_released_lines_are_in_their_tasks_and_held_ones_say_why(
    store: SqlStore,
) -> None:
    other = replace(NEW, rule_id="qual-close-date")
    with open_run(store) as run:
        run.stage([staged(NEW, other, dossier=a_dossier())])
        run.release([NewLine(DEAL_ID, "qual-amount", OWNER)], TODAY)
        run.hold_back([NewLine(DEAL_ID, "qual-close-date", OWNER)], "ramp")

        assert list(run.new_lines()) == []
        assert run.released_on(TODAY) == 0  # staged is not standing
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert standing(store) == [
        replace(NEW, released_on=TODAY),
        replace(other, waiting="ramp"),
    ]
    with open_run(store) as run:
        assert run.released_on(TODAY) == 1
        assert run.released_on(TODAY - timedelta(days=1)) == 0


def test_a_line_held_back_may_be_released_later_in_the_run(store: SqlStore) -> None:
    line = NewLine(DEAL_ID, "qual-amount", OWNER)
    with open_run(store) as run:
        run.stage([staged(NEW)])
        run.hold_back([line], "ramp")
        run.release([line], TODAY)
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert standing(store) == [replace(NEW, released_on=TODAY)]


def test_lines_may_be_released_while_they_are_read(store: SqlStore) -> None:
    with open_run(store) as run:
        run.stage(
            [
                staged(replace(NEW, deal_id=deal), deal_id=deal)
                for deal in ("d1", "d2", "d3")
            ]
        )
        for line in run.new_lines():
            run.release([line], TODAY)
        run.release(run.new_lines(), TODAY)

        assert list(run.new_lines()) == []


# ---- files ------------------------------------------------------------------------


def test_files_come_by_deal_with_staged_lines_and_known_tasks(store: SqlStore) -> None:
    task = an_obligation("d1")
    with open_run(store) as run:
        run.adopt([task], [])
        run.stage(
            [
                staged(
                    replace(NEW, deal_id="d2"), deal_id="d2", dossier=a_dossier("d2")
                ),
                staged(FIXED, deal_id=DEAL_ID),  # without a dossier nothing follows
                staged(
                    replace(NEW, deal_id="d1", rule_id="qual-close-date"),
                    replace(FIXED, deal_id="d1"),
                    deal_id="d1",
                    dossier=a_dossier("d1"),
                ),
            ]
        )

        first, second = run.files()
    assert (first.dossier, second.dossier) == (a_dossier("d1"), a_dossier("d2"))
    assert first.violations == [
        replace(FIXED, deal_id="d1"),
        replace(NEW, deal_id="d1", rule_id="qual-close-date"),
    ]
    assert first.obligations == {task.id: task}
    assert second.obligations == {}


def test_a_deal_that_could_not_be_read_keeps_its_standing_lines(
    store: SqlStore,
) -> None:
    fixed = replace(FIXED, rule_id="qual-close-date")
    run_over(store, staged(NEW, fixed))

    with open_run(store) as run:
        run.stage([staged(outcomes={}, dossier=a_dossier(is_readable=False))])

        (file,) = run.files()
    assert file.violations == [NEW]


def test_a_file_knows_what_this_run_learned_of_its_tasks(store: SqlStore) -> None:
    closed = an_obligation(state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
    with open_run(store) as run:
        run.adopt([an_obligation()], [])
        run.stage([staged(NEW, dossier=a_dossier(), obligations=[closed])])

        (file,) = run.files()
    assert file.obligations == {closed.id: closed}


def test_an_earlier_episode_on_its_way_out_does_not_hide_the_latest(
    store: SqlStore,
) -> None:
    leaving = an_obligation(state=ObligationState.RESOLVING)
    latest = an_obligation(
        episode=2, state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW
    )
    with open_run(store) as run:
        run.adopt([latest], [])
        run.stage([staged(NEW, dossier=a_dossier(), obligations=[leaving])])

        (file,) = run.files()
    assert file.obligations == {latest.id: latest}


def test_files_cross_pages_without_gap_or_repetition(store: SqlStore) -> None:
    ids = [f"d{number:04}" for number in range(1001)]
    with open_run(store) as run:
        run.stage(
            [staged(deal_id=each, dossier=a_dossier(each)) for each in reversed(ids)]
        )

        assert [file.dossier.deal_id for file in run.files()] == ids


# ---- plan and totals ----------------------------------------------------------------


def test_changes_are_written_tasks_first_worst_first(store: SqlStore) -> None:
    with open_run(store) as run:
        run.stage(
            [
                staged(replace(NEW, deal_id=deal, severity=severity), deal_id=deal)
                for deal, severity in [("d1", Severity.LOW), ("d2", Severity.HIGH)]
            ]
        )
        rules = ("qual-amount",)
        run.propose([a_flag("d1"), a_change(deal_id="d1", rule_ids=rules)], [])
        run.propose([a_flag("d2"), a_change(deal_id="d2", rule_ids=rules)], [])
        run.propose([a_change(Action.CLOSE, "d3")], [])

        assert [
            (each.change.action, each.change.deal_id) for each in run.planned()
        ] == [
            (Action.CREATE, "d2"),
            (Action.CREATE, "d1"),
            (Action.CLOSE, "d3"),
            (Action.FLAG, "d2"),
            (Action.FLAG, "d1"),
        ]
        assert list(store.changes(run.row.id)) == list(run.planned())


def test_changes_cross_pages_without_gap_or_repetition(store: SqlStore) -> None:
    flags = [a_flag(f"d{number:04}") for number in range(1_001)]
    with open_run(store) as run:
        run.propose(flags, [])

        assert [each.change for each in run.planned()] == flags
        assert [each.change for each in store.changes(run.row.id)] == flags


def test_a_change_comes_back_as_it_was_proposed(store: SqlStore) -> None:
    change = a_change(
        before={"subject": None, "count": 3},
        hashes={"body": "0a1b2c3d"},
        new_rule_ids=("qual-amount",),
        reason="the amount is missing",
    )
    with open_run(store) as run:
        run.propose([change], [])

        (planned,) = run.planned()
    assert planned.change == change
    assert (planned.seq, planned.withheld, planned.status) == (1, "", "planned")


def test_a_change_proposed_again_replaces_the_first(store: SqlStore) -> None:
    first, second = a_change(reason="first"), a_change(reason="second")
    with open_run(store) as run:
        run.propose([first, a_flag()], [])
        run.propose([second], [])

        assert [each.change for each in run.planned()] == [second, a_flag()]
        assert run.totals().actions == {"create": 1, "flag": 1}


def test_first_fills_beyond_the_allowance_are_withheld(store: SqlStore) -> None:
    fills = [a_flag(f"d{number}", fills_empty=True) for number in range(4)]
    with open_run(store) as run:
        run.propose([*fills, a_flag("d9"), a_change()], ["gk1-x", "gk1-x"])
        assert run.totals().first_fills == 4

        run.withhold(Action.FLAG, "spread over runs", keep=1)

        assert [each.change.deal_id for each in run.planned()] == [DEAL_ID, "d0", "d9"]
        totals = run.totals()
        assert (totals.first_fills, totals.withheld, totals.undecided) == (1, 3, 1)
        assert totals.actions == {"create": 1, "flag": 2}


def test_changes_of_a_kind_beyond_the_allowance_are_withheld(store: SqlStore) -> None:
    creates = [a_change(deal_id=f"d{number}") for number in range(3)]
    with open_run(store) as run:
        run.propose([*creates, a_change(Action.CLOSE, "d8"), a_flag("d9")], [])

        run.withhold(Action.CREATE, "enough", keep=2)

        assert [each.change.deal_id for each in run.planned()] == [
            "d0",
            "d1",
            "d8",
            "d9",
        ]
        (held,) = [each for each in store.changes("1") if each.withheld]
        assert (held.change.deal_id, held.withheld) == ("d2", "enough")


def test_totals_count_what_is_staged(store: SqlStore) -> None:
    pass_, fail = Outcome.PASS, Outcome.FAIL
    one, two = "qual-amount", "qual-close-date"
    with open_run(store) as run:
        run.stage(
            [
                staged(replace(NEW, deal_id="d1"), deal_id="d1"),
                staged(replace(NEW, deal_id="d2"), deal_id="d2", outcomes={one: fail}),
                staged(
                    replace(FIXED, deal_id="d3"), deal_id="d3", outcomes={one: pass_}
                ),
                staged(deal_id="d4", outcomes={one: Outcome.CANNOT_TELL, two: pass_}),
                staged(deal_id="d5", outcomes={one: Outcome.NOT_APPLICABLE}),
            ]
        )
        run.propose(
            [
                a_change(deal_id="d1", person_id="p1"),
                a_change(deal_id="d2", person_id="p1"),
                a_change(deal_id="d4", person_id=None),
                a_change(Action.UPDATE, "d3", person_id="p2"),
            ],
            [],
        )

        totals = run.totals()
    assert totals.deals == 5
    assert totals.outcomes == {
        "fail": 2,
        "pass": 2,
        "cannot_tell": 1,
        "not_applicable": 1,
    }
    assert totals.states == {"open": 2, "resolved": 1}
    assert totals.resolved == 1
    assert totals.actions == {"create": 3, "update": 1}
    assert totals.per_person == {"p1": 2}
    assert totals.new_by_rule == {one: 2}
    assert totals.applies_by_rule == {one: 3, two: 1}


def test_an_outcome_of_a_rule_outside_the_pack_is_a_defect(store: SqlStore) -> None:
    with open_run(store) as run, pytest.raises(ValueError, match="'strange'"):
        run.stage([staged(outcomes={"strange": Outcome.PASS})])


def test_moments_come_back_as_they_were_in_any_zone(store: SqlStore) -> None:
    pack = a_pack(a_rule("qual-amount"))
    as_of = datetime(2017, 12, 31, 23, 59, 59, tzinfo=pack.project.zone)

    with store.open_run(ORG, RunKind.RUN, as_of, pack) as run:
        run.finish(RunStatus.DONE, {})

    (row,) = store.runs()
    assert row.as_of == as_of
    assert row.as_of.tzinfo is UTC


def test_tasks_opened_are_counted_by_person_and_local_day(store: SqlStore) -> None:
    late = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # still Friday in New York
    pack = a_pack(a_rule("qual-amount"))
    with store.open_run(ORG, RunKind.RUN, late, pack) as run:
        run.propose(
            [
                a_change(deal_id="d1", person_id="p1"),
                a_change(deal_id="d2", person_id="p1"),
                a_change(deal_id="d3", person_id="p2"),
                a_change(deal_id="d4", person_id=None),
                a_flag(),
            ],
            [],
        )
        run.commit(is_partial=False, with_tracking=True)
        run.intend(list(run.planned()))

        assert run.tasks_opened_on(TODAY) == {"p1": 2, "p2": 1}
        assert run.tasks_opened_on(date(2026, 11, 21)) == {}


def test_a_role_group_and_episode_make_an_obligation_their_own(
    store: SqlStore,
) -> None:
    base = an_obligation()
    per_rule = replace(base, id=replace(base.id, group="qual-amount"), key="gk1-rule")
    manager = replace(base, id=replace(base.id, role="owner_manager"), key="gk1-boss")
    with open_run(store) as run:
        run.adopt([base, per_rule, manager], [])
        known = run.history([DEAL_ID])[DEAL_ID].obligations

        assert known == {each.id: each for each in (base, per_rule, manager)}
        assert base.id.role == ROLE


def test_lines_and_violations_cross_pages_without_gap_or_repetition(
    store: SqlStore,
) -> None:
    ids = [f"d{number:05}" for number in range(5001)]
    with open_run(store) as run:
        for start in (0, 2500):
            run.stage(
                [
                    staged(replace(NEW, deal_id=each), deal_id=each)
                    for each in ids[start : start + 2501]
                ]
            )

        assert [line.deal_id for line in run.new_lines()] == ids
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert [each.deal_id for each in standing(store)] == ids
