"""Our values as rows and back: every column, and what is read where one is bare."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from gatekeeper.core.model import ObligationState, Outcome, Severity
from gatekeeper.ports import RunKind, RunRow, RunStatus, StagedChange
from gatekeeper.store.codec import text_of, violation_from
from gatekeeper.store.rows import (
    LEAST_URGENT,
    Scope,
    change_of,
    change_row,
    episode_row,
    obligation_of,
    outcome_letters,
    run_of,
    urgency_of,
    violation_of,
    violation_row,
)
from tests.builders import DEAL_ID, NOW, OWNER, PIPELINE, a_violation
from tests.store.values import ROLE, a_change, a_flag, an_obligation

if TYPE_CHECKING:
    from gatekeeper.core.model import Change
    from gatekeeper.store.rows import AnyRow

DAY = date(2026, 11, 20)


def row(columns: dict[str, object], **others: object) -> AnyRow:
    return cast("AnyRow", SimpleNamespace(**{**columns, **others}))


def test_a_row_of_a_run_begins_with_its_org_and_number() -> None:
    scope = Scope("sf:1", 7)
    assert scope.key == ("sf:1", 7)
    assert scope.owned(key="k") == {"org": "sf:1", "run": 7, "key": "k"}
    assert scope.rules == ()


def test_ascending_urgency_is_worst_first() -> None:
    worst_first = [Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW]
    assert [urgency_of(each) for each in worst_first] == [0, 1, 2, 3]
    assert LEAST_URGENT == 4


def test_outcomes_are_letters_in_the_order_of_the_rules() -> None:
    outcomes = {
        "a": Outcome.PASS,
        "b": Outcome.FAIL,
        "d": Outcome.NOT_APPLICABLE,
        "e": Outcome.CANNOT_TELL,
    }
    assert outcome_letters(outcomes, ["e", "d", "c", "b", "a"]) == "cn.fp"
    assert outcome_letters({}, ["a", "b"]) == ".."
    with pytest.raises(ValueError, match="not in the pack") as strange:
        outcome_letters({**outcomes, "z": Outcome.PASS, "y": Outcome.PASS}, ["a", "b"])
    told = "outcomes of rules that are not in the pack: ['d', 'e', 'y', 'z']"
    assert str(strange.value) == told


def test_the_columns_of_a_violation_and_its_text_without_marks() -> None:
    marked = a_violation(waiting="ramp", released_on=DAY)
    columns = violation_row(marked)
    text = columns.pop("payload")

    assert columns == {
        "deal_id": DEAL_ID,
        "rule_id": "qual-amount",
        "pipeline": PIPELINE.name,
        "state": "open",
        "mode": "enforce",
        "urgency": 2,
        "first_seen": NOW,
        "waiting": "ramp",
        "released_on": DAY,
    }
    bare = replace(marked, waiting="", released_on=None)
    assert violation_from(str(text)) == bare
    for waiting, day in (("ramp", None), ("", DAY), ("ramp", DAY), ("", None)):
        marks = {"waiting": waiting, "released_on": day}
        one = replace(bare, waiting=waiting, released_on=day)
        assert violation_from(str(violation_row(one)["payload"])) == bare
        assert violation_of(row({**columns, "payload": text}, **marks)) == one


def test_the_columns_of_an_episode_come_back() -> None:
    whole = an_obligation(
        episode=3, due_on=DAY, closed_at=NOW + timedelta(days=1), raised=2, version=5
    )
    columns = episode_row(whole)

    assert columns == {
        "deal_id": DEAL_ID,
        "role": ROLE,
        "group": "",
        "episode": 3,
        "key": whole.key,
        "state": "open",
        "remote_id": "00T000000000001AAA",
        "opened_at": NOW,
        "due_on": DAY,
        "closed_at": NOW + timedelta(days=1),
        "raised": 2,
        "version": 5,
    }
    assert obligation_of(row(columns)) == whole
    assert obligation_of(row(columns), version=0) == replace(whole, version=0)


def test_only_an_open_task_without_an_id_reads_as_an_intent() -> None:
    columns = episode_row(an_obligation(remote_id=None))
    for state in ObligationState:
        found = obligation_of(row(columns, state=state.value)).state
        assert found is (
            ObligationState.INTENT if state is ObligationState.OPEN else state
        )


@pytest.mark.parametrize(
    ("change", "turn"), [(a_change(), 0), (a_flag(fills_empty=True), 1)]
)
def test_the_columns_of_a_change_come_back(change: Change, turn: int) -> None:
    columns = change_row(change, 4, 2)

    assert columns == {
        "seq": 4,
        "action": change.action.value,
        "key": change.key,
        "deal_id": DEAL_ID,
        "person_id": None if turn else OWNER,
        "turn": turn,
        "urgency": 2,
        "fills_empty": bool(turn),
        "withheld": "",
        "status": "planned",
        "payload": text_of(change),
    }
    stored = row(columns, withheld="w", status="rejected", message="No.")
    assert change_of(stored) == StagedChange(4, change, "w", "rejected", "No.")


def test_the_columns_of_a_run_come_back() -> None:
    columns: dict[str, object] = {
        "id": "r-20261120-0007",
        "number": 7,
        "kind": "plan",
        "status": "planned",
        "as_of": NOW,
        "started_at": NOW + timedelta(seconds=1),
        "finished_at": NOW + timedelta(seconds=2),
        "deals": 3,
        "pack": "fp",
        "report": '{"counts":{"deals":3}}',
        "logics": '{"b":"l1","a":"l2"}',
        "revision": "8db1",
    }
    assert run_of(row(columns)) == RunRow(
        id="r-20261120-0007",
        number=7,
        kind=RunKind.PLAN,
        status=RunStatus.PLANNED,
        as_of=NOW,
        started_at=NOW + timedelta(seconds=1),
        finished_at=NOW + timedelta(seconds=2),
        deals=3,
        pack="fp",
        report={"counts": {"deals": 3}},
        logics={"b": "l1", "a": "l2"},
        revision="8db1",
    )
