from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.desire import DesiredState, WantedTask, desire
from gatekeeper.core.model import (
    Action,
    Flags,
    Obligation,
    ObligationState,
    OwnTask,
    TaskPart,
    TaskText,
    task_key,
)
from gatekeeper.core.reconcile import reconcile
from tests.builders import (
    DEAL_ID,
    NOW,
    ORG,
    OWNER,
    a_context,
    a_pack,
    a_task,
    a_violation,
)
from tests.core.test_desire import OWES, a_dossier, an_obligation

TEXT = TaskText(OWNER, date(2026, 11, 25), "subject", ("What is missing:", "Rules: a"))
KEY = task_key(ORG, DEAL_ID, "deal_owner", "", 1)
CLEAR = Flags(status="Clear", open_count=0, supported_stage="Qualification")


def wanted(text=TEXT, **changes):
    return replace(WantedTask(OWES, 1, KEY, text, ("a",), ("a",)), **changes)


def plan(desired, *tasks, obligations=(), **dossier):
    return reconcile(
        desired,
        a_dossier(tasks=tasks, **{"flags": None, **dossier}),
        {each.id: each for each in obligations},
    )


def test_a_wanted_task_that_is_not_there_is_created_whole():
    (change,) = plan(DesiredState((wanted(),))).changes
    assert change.action is Action.CREATE
    assert change.write == {
        "owner_id": OWNER,
        "due_on": "2026-11-25",
        "subject": "subject",
        "body": "What is missing:\nRules: a",
    }
    assert change.new_rule_ids == ("a",)
    assert change.person_id == OWNER


def test_a_task_that_stands_as_wanted_is_left_alone():
    found = plan(DesiredState((wanted(),)), a_task(TEXT), obligations=[an_obligation()])
    assert (found.changes, found.undecided) == ((), ())


def test_only_the_parts_that_differ_are_written():
    shorter = replace(TEXT, body=("Rules: b",))
    (change,) = plan(DesiredState((wanted(shorter),)), a_task(TEXT)).changes
    assert (change.action, change.remote_id) == (Action.UPDATE, a_task().remote_id)
    assert change.write == {"body": "Rules: b"}
    assert change.hashes["body"] == shorter.hashes()[TaskPart.BODY]
    assert change.hashes["subject"] == TEXT.hashes()[TaskPart.SUBJECT]


def test_an_update_says_whose_task_it_is_after_it():
    other = replace(TEXT, owner_id="new owner", body=("Rules: b",))
    task = replace(a_task(TEXT), owner_id=OWNER)

    def asked(task):
        (change,) = plan(DesiredState((wanted(other),)), task).changes
        return change.person_id

    assert asked(task) == "new owner"
    given = {**task.actual, TaskPart.OWNER: "0badcafe"}
    assert asked(replace(task, actual=given, owner_id="stand-in")) == "stand-in"


@pytest.mark.promise("F20", "W7")
def test_what_a_person_changed_is_left_and_counted():
    moved = a_task(TEXT)
    moved = replace(moved, actual={**moved.actual, TaskPart.DUE: "0badcafe"})
    later = replace(TEXT, due_on=date(2026, 11, 23), subject="new subject")
    found = plan(DesiredState((wanted(later),)), moved)
    (change,) = found.changes
    assert change.write == {"subject": "new subject"}
    assert found.left == (f"{KEY}:due",)


def test_a_task_whose_reference_was_destroyed_is_not_overwritten():
    blank = a_task(TEXT, written={})
    found = plan(DesiredState((wanted(),)), blank, obligations=[an_obligation()])
    assert found.changes == ()
    assert len(found.left) == 4


def test_a_task_follows_its_deal_to_a_new_owner_unless_a_person_reassigned_it():
    handed_over = replace(TEXT, owner_id="005new")
    (change,) = plan(DesiredState((wanted(handed_over),)), a_task(TEXT)).changes
    assert change.write == {"owner_id": "005new"}
    taken = a_task(TEXT)
    taken = replace(taken, actual={**taken.actual, TaskPart.OWNER: "0badcafe"})
    assert plan(DesiredState((wanted(handed_over),)), taken).changes == ()


@pytest.mark.promise("W5")
def test_closing_needs_evidence():
    cleared = DesiredState(cleared=frozenset({OWES}))
    (change,) = plan(cleared, a_task(TEXT), obligations=[an_obligation()]).changes
    assert (change.action, change.key) == (Action.CLOSE, KEY)
    nothing = plan(DesiredState(), a_task(TEXT), obligations=[an_obligation()])
    assert (nothing.changes, nothing.undecided) == ((), (KEY,))


@pytest.mark.promise("W5")
def test_nothing_of_an_unreadable_deal_is_decided():
    found = plan(
        DesiredState(cleared=frozenset({OWES})), a_task(TEXT), is_readable=False
    )
    assert (found.changes, found.undecided) == ((), (KEY,))


def test_an_adopted_task_closes_only_when_every_rule_it_lists_passed():
    cleared = DesiredState(cleared=frozenset({OWES}))
    task = a_task(TEXT, rule_ids=("a", "b"))

    def changes(**dossier):
        return plan(cleared, task, adopted=(KEY,), **dossier).changes

    assert changes(passed=("a",)) == ()
    assert [each.action for each in changes(passed=("a", "b"))] == [Action.CLOSE]


@pytest.mark.promise("F07")
def test_a_late_task_of_an_episode_that_is_over_is_closed():
    for state in (ObligationState.RESOLVED, ObligationState.RESOLVING):
        found = plan(DesiredState(), a_task(TEXT), obligations=[an_obligation(state)])
        assert [each.action for each in found.changes] == [Action.CLOSE]


@pytest.mark.promise("W7")
def test_a_closed_task_that_a_person_reopened_stays_theirs():
    reopened = a_task(TEXT, sealed=True)
    found = plan(
        DesiredState(),
        reopened,
        obligations=[an_obligation(ObligationState.RESOLVED)],
    )
    assert (found.changes, found.undecided) == ((), ())


@pytest.mark.promise("W1")
def test_of_two_copies_the_lower_id_stays_and_the_other_is_closed():
    first, second = a_task(TEXT, remote_id="00T1"), a_task(TEXT, remote_id="00T2")
    found = plan(DesiredState((wanted(),)), second, first)
    assert [(each.action, each.remote_id) for each in found.changes] == [
        (Action.CLOSE, "00T2")
    ]


@pytest.mark.promise("W1")
def test_a_task_the_store_holds_as_open_is_not_created_a_second_time():
    assert plan(DesiredState((wanted(),)), obligations=[an_obligation()]).changes == ()
    intent = an_obligation(ObligationState.INTENT, remote_id=None)
    (change,) = plan(DesiredState((wanted(),)), obligations=[intent]).changes
    assert (change.action, change.key) == (Action.CREATE, KEY)


def test_a_task_on_no_deal_yet_is_finished_by_its_create_or_closed():
    intent = an_obligation(ObligationState.INTENT, remote_id=None)
    loose = a_task(is_loose=True)

    (finished,) = plan(DesiredState((wanted(),)), loose, obligations=[intent]).changes
    assert (finished.action, finished.key) == (Action.CREATE, KEY)

    cleared = DesiredState(cleared=frozenset({OWES}))
    (closed,) = plan(cleared, loose, obligations=[intent]).changes
    assert (closed.action, closed.remote_id) == (Action.CLOSE, loose.remote_id)


# ---- flags -------------------------------------------------------------------------


def test_flags_are_written_only_where_they_differ():
    assert plan(DesiredState(flags=CLEAR), flags=CLEAR).changes == ()
    (change,) = plan(
        DesiredState(flags=replace(CLEAR, status="Open", open_count=2)), flags=CLEAR
    ).changes
    assert change.write == {"status": "Open", "open_count": 2}
    assert change.before == {"status": "Clear", "open_count": 0}
    assert not change.fills_empty


def test_filling_empty_flags_for_the_first_time_is_marked():
    (change,) = plan(DesiredState(flags=CLEAR), flags=Flags()).changes
    assert change.fills_empty


def test_folded_line_ends_in_a_long_text_are_no_difference():
    wrote, read = replace(CLEAR, missing="a\nb"), replace(CLEAR, missing="a\r\nb ")
    assert plan(DesiredState(flags=wrote), flags=read).changes == ()


def test_without_our_fields_no_flag_is_written():
    assert plan(DesiredState(flags=CLEAR), flags=None).changes == ()


# ---- properties: apply the plan, plan again ---------------------------------------


def applied(changes, tasks, flags):
    """Do to a list what the CRM would do."""
    after = {task.remote_id: task for task in tasks}
    for change in changes:
        written = {TaskPart(part): each for part, each in change.hashes.items()}
        match change.action:
            case Action.CREATE:
                after[f"00T-{change.key}"] = a_task(
                    TEXT,
                    remote_id=f"00T-{change.key}",
                    key=change.key,
                    id=change.id,
                    episode=change.episode,
                    written=written,
                    actual=written,
                    rule_ids=change.rule_ids,
                    due_on=date.fromisoformat(str(change.write["due_on"])),
                )
            case Action.UPDATE:
                task = after[change.remote_id]
                after[change.remote_id] = replace(
                    task,
                    written=written,
                    rule_ids=change.rule_ids,
                    actual={
                        part: written[part]
                        if part.value in _written_parts(change)
                        else task.actual[part]
                        for part in TaskPart
                    },
                )
            case Action.CLOSE:
                task = after[change.remote_id]
                after[change.remote_id] = replace(task, is_closed=True, sealed=True)
            case Action.FLAG:
                flags = replace(flags, **_flag_values(change.write))
    return tuple(after.values()), flags


def _written_parts(change):
    names = {"owner_id": "owner", "due_on": "due", "subject": "subject", "body": "body"}
    return {names[each] for each in change.write}


def _flag_values(write):
    values = dict(write)
    if values.get("open_since"):
        values["open_since"] = date.fromisoformat(values["open_since"])
    return values


RULES = ["a", "b", "c"]


@pytest.mark.promise("W8")
@given(
    first=st.sets(st.sampled_from(RULES)),
    second=st.sets(st.sampled_from(RULES)),
    touched=st.sets(st.sampled_from(list(TaskPart))),
)
def test_once_applied_a_plan_plans_nothing_more(first, second, touched):
    tasks: tuple[OwnTask, ...] = ()
    obligations: list[Obligation] = []
    flags = Flags()
    for wave, rule_ids in enumerate((first, second)):
        violations = [a_violation(rule_id) for rule_id in sorted(rule_ids)]
        for attempt in (1, 2):
            dossier = a_dossier(tasks=tasks, flags=flags)
            wish = desire(
                dossier,
                violations,
                {each.id: each for each in obligations},
                a_pack(),
                a_context(),
            )
            planned = reconcile(wish, dossier, {each.id: each for each in obligations})
            if attempt == 2:
                assert planned.changes == ()
                assert planned.undecided == ()
            tasks, flags = applied(planned.changes, tasks, flags)
            obligations = _ledger(tasks)
        if wave == 0:
            tasks = tuple(
                replace(
                    task, actual={**task.actual, **dict.fromkeys(touched, "0badcafe")}
                )
                for task in tasks
            )


def _ledger(tasks):
    return [
        Obligation(
            task.id,
            task.episode,
            task.key,
            ObligationState.RESOLVED if task.sealed else ObligationState.OPEN,
            task.remote_id,
            NOW,
        )
        for task in tasks
    ]


@given(st.permutations([a_task(TEXT, remote_id=f"00T{n}") for n in range(4)]))
def test_the_order_of_tasks_plays_no_part(tasks):
    found = plan(DesiredState((wanted(),)), *tasks)
    assert {each.remote_id for each in found.changes} == {"00T1", "00T2", "00T3"}
