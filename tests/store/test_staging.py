"""A run's own rows and what stands beside them: whose lines, files and tasks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from gatekeeper.core.model import ObligationState, State
from gatekeeper.ports import NewLine, RunStatus
from tests.builders import DEAL_ID, NOW, ORG, OWNER, a_violation
from tests.store.values import (
    ROLE,
    a_dossier,
    an_obligation,
    edit,
    open_run,
    read,
    staged,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.ports import StagedDeal
    from gatekeeper.store.sql_store import SqlStore

TODAY = date(2026, 11, 20)
NEW = a_violation(released_on=None)
ENDED = a_violation("qual-close-date", state=State.RESOLVED, resolved_at=NOW)


def run_over(store: SqlStore, *deals: StagedDeal) -> None:
    with open_run(store) as run:
        run.stage(deals)
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})


def test_the_facts_of_a_deal_are_kept_as_they_came(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        run.stage([staged(NEW), staged(deal_id="d2", stage="Discovery", owner_id=None)])

    query = "SELECT deal_id, stage, owner_id, outcomes, dossier, looks FROM staged_deal"
    assert read(database, f"{query} ORDER BY deal_id") == [
        (DEAL_ID, "Proposal", OWNER, "f.", None, None),
        ("d2", "Discovery", None, "..", None, None),
    ]


def test_marks_are_set_on_the_open_line_they_name_and_on_no_other(
    store: SqlStore, database: Path
) -> None:
    """Other: a resolved one, another rule's, another deal's, an earlier run's."""
    for _ in range(2):
        with open_run(store) as run:
            other = replace(NEW, rule_id="other")
            elsewhere = replace(NEW, deal_id="d2")
            run.stage(
                [
                    staged(NEW, other, ENDED, outcomes={}),
                    staged(elsewhere, deal_id="d2"),
                ]
            )
            if run.row.number == 2:
                lines = [NewLine(DEAL_ID, NEW.rule_id, None)]
                lines.append(NewLine(DEAL_ID, ENDED.rule_id, None))
                run.hold_back(lines, "ramp")
                run.release(lines[1:], TODAY)

    marked = read(
        database,
        "SELECT run, deal_id, rule_id, waiting FROM staged_violation"
        " WHERE waiting != '' OR (released_on IS NOT NULL AND state != 'resolved')",
    )
    assert marked == [(2, DEAL_ID, NEW.rule_id, "ramp")]
    released = "SELECT DISTINCT released_on FROM staged_violation WHERE state != 'open'"
    assert read(database, released) == [(str(ENDED.released_on),)]


def test_the_lines_of_an_earlier_run_are_not_new_in_this_one(store: SqlStore) -> None:
    run_over(store, staged(NEW, dossier=a_dossier()))

    with open_run(store) as run:
        run.stage([staged(replace(NEW, deal_id="d2"), deal_id="d2")])
        assert list(run.new_lines()) == [NewLine("d2", NEW.rule_id, None)]
        assert run.totals().new_by_rule == {NEW.rule_id: 1}
        assert list(run.files()) == []


def test_the_first_proof_of_a_line_or_task_stands(store: SqlStore) -> None:
    first, second = an_obligation(remote_id="00T1"), an_obligation(remote_id="00T2")
    older = replace(NEW, first_seen=NOW - timedelta(days=3))
    with open_run(store) as run:
        run.adopt([first], [older])
        run.adopt([second], [NEW])
        known = run.history([DEAL_ID])[DEAL_ID]
    assert known.obligations == {first.id: first}
    assert known.violations == {NEW.rule_id: older}


def test_what_an_earlier_run_adopted_and_never_committed_is_not_known(
    store: SqlStore,
) -> None:
    with open_run(store) as run:
        run.adopt([an_obligation()], [NEW])
        assert run.live_deals() == {DEAL_ID}

    with open_run(store) as run:
        assert run.history([DEAL_ID]) == store.history(ORG, [DEAL_ID]) == {}
        assert run.live_deals() == set()
        assert list(run.open_obligations()) == []
        assert run.known_keys([an_obligation().key]) == {}
        run.stage([staged(dossier=a_dossier())])
        (file,) = run.files()
        assert (list(file.violations), dict(file.obligations)) == ([], {})


def test_deals_are_live_by_what_stands_or_was_adopted_and_is_not_over(
    store: SqlStore,
) -> None:
    over = replace(an_obligation("d2"), state=ObligationState.RESOLVED)
    by_task = an_obligation("d3", state=ObligationState.RESOLVING)
    run_over(
        store,
        staged(replace(NEW, deal_id="d1"), deal_id="d1"),
        staged(replace(ENDED, deal_id="d2"), deal_id="d2", obligations=[over]),
        staged(deal_id="d3", obligations=[by_task]),
    )
    with open_run(store) as run:
        run.adopt(
            [
                an_obligation("d4"),
                an_obligation("d5", state=ObligationState.CLOSED_BY_PERSON),
            ],
            [replace(NEW, deal_id="d6"), replace(ENDED, deal_id="d7")],
        )
        assert run.live_deals() == {"d1", "d3", "d4", "d6"}
        assert [each.id.deal_id for each in run.open_obligations()] == ["d3", "d4"]


def test_what_stands_in_another_org_is_another_matter(
    store: SqlStore, database: Path
) -> None:
    run_over(store, staged(NEW, obligations=[an_obligation()]))
    edit(database, "UPDATE violation SET org = 'another'")
    edit(database, "UPDATE obligation SET org = 'another'")

    with open_run(store) as run:
        assert run.live_deals() == set()
        assert run.history([DEAL_ID]) == {}
        assert run.known_keys([an_obligation().key]) == {}
        assert list(run.open_obligations()) == []
        assert run.released_on(TODAY) == 0
        assert run.tasks_opened_on(TODAY) == {}
    assert list(store.violations(ORG)) == []
    assert [each.deal_id for each in store.violations("another")] == [DEAL_ID]


def test_a_closed_task_that_is_proved_open_again_is_left_closed(
    store: SqlStore,
) -> None:
    """Only an intent is settled by what the CRM shows; it keeps its version."""
    closed = an_obligation(state=ObligationState.CLOSED_BY_PERSON, closed_at=NOW)
    run_over(store, staged(obligations=[closed]))
    with open_run(store) as run:
        run.adopt([an_obligation()], [])
        assert run.known_keys([closed.key]) == {closed.key: replace(closed, version=1)}
        assert list(run.open_obligations()) == []


def test_an_adopted_line_goes_before_a_resolved_one_and_behind_a_live_one(
    store: SqlStore,
) -> None:
    ended, live = replace(ENDED), replace(NEW)
    run_over(store, staged(live, ended))
    proved = [
        replace(each, state=State.OPEN, first_seen=NOW - timedelta(days=9))
        for each in (live, ended)
    ]
    with open_run(store) as run:
        run.adopt([], proved)
        known = run.history([DEAL_ID])[DEAL_ID].violations
    assert known == {live.rule_id: live, ended.rule_id: proved[1]}


def test_a_file_holds_the_lines_of_its_deal_in_order_of_the_rules(
    store: SqlStore,
) -> None:
    """Staged lines, and where nothing is staged the live ones that stand."""
    lines = [replace(NEW, rule_id=each) for each in ("c", "a", "b")]
    gone = replace(NEW, rule_id="d", state=State.RESOLVED)
    with open_run(store) as run:
        run.stage([staged(*lines, gone, outcomes={}, dossier=a_dossier())])
        (file,) = run.files()
        assert [each.rule_id for each in file.violations] == ["a", "b", "c", "d"]
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    with open_run(store) as run:
        run.stage([staged(outcomes={}, dossier=a_dossier())])
        (file,) = run.files()
    assert [each.rule_id for each in file.violations] == ["a", "b", "c"]


def test_a_file_knows_the_last_episode_the_run_learned_of(store: SqlStore) -> None:
    episodes = [an_obligation(episode=number, key=f"k{number}") for number in (9, 10)]
    boss = replace(an_obligation(key="kb"), id=replace(episodes[0].id, role="boss"))
    run_over(store, staged(obligations=[boss]))
    with open_run(store) as run:
        run.stage([staged(obligations=episodes[::-1], dossier=a_dossier())])
        (file,) = run.files()
    assert file.obligations == {
        boss.id: replace(boss, version=1),
        episodes[1].id: episodes[1],
    }
    assert episodes[1].id.role == ROLE


def test_lines_let_in_are_counted_by_their_day(store: SqlStore) -> None:
    days = [TODAY, TODAY, TODAY + timedelta(days=1), None]
    run_over(
        store,
        *(
            staged(
                replace(NEW, deal_id=f"d{place}", released_on=day), deal_id=f"d{place}"
            )
            for place, day in enumerate(days)
        ),
    )
    with open_run(store) as run:
        assert run.released_on(TODAY) == 2
