"""What own tasks that nobody remembered prove of the lines they list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.model import (
    Mode,
    ObligationId,
    Outcome,
    Severity,
    State,
    Verdict,
    Violation,
)
from gatekeeper.core.track import Memory
from gatekeeper.flow.adopted import passed, proofs, unproved, with_adopted
from tests.builders import (
    DEAL_ID,
    NOW,
    OWNER,
    a_context,
    a_deal,
    a_pack,
    a_rule,
    a_task,
    a_violation,
)

if TYPE_CHECKING:
    from gatekeeper.core.model import OwnTask

LATE_THURSDAY = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
"""Friday in Greenwich; half past ten on Thursday evening in New York."""
BOTH = ("amount", "steps")
PACK = a_pack(
    a_rule("amount", severity=Severity.HIGH, title="It has an amount", formerly=("a1",))
)


def listing(*rule_ids: str, **state: Any) -> OwnTask:
    return a_task(rule_ids=rule_ids, created_at=LATE_THURSDAY, **state)


def judged(**outcomes: Outcome) -> list[Verdict]:
    return [Verdict(rule_id, outcome) for rule_id, outcome in outcomes.items()]


# ---- what a task proves ------------------------------------------------------------


def test_an_open_task_proves_all_it_lists() -> None:
    task = listing(*BOTH)
    assert proofs([task], judged(amount=Outcome.PASS)) == (task,)


@pytest.mark.parametrize("ending", ["is_closed", "is_deleted"])
@pytest.mark.promise("W5")
def test_a_task_that_a_person_ended_proves_only_what_fails_still(ending: str) -> None:
    task = listing("amount", "steps", "gone", **{ending: True})
    verdicts = judged(amount=Outcome.FAIL, steps=Outcome.PASS, other=Outcome.FAIL)
    (proof,) = proofs([task], verdicts)
    assert proof == replace(task, rule_ids=("amount",))


def test_what_cannot_be_told_is_no_proof_that_a_person_left_it_undone() -> None:
    task = listing("amount", is_closed=True)
    (proof,) = proofs([task], judged(amount=Outcome.CANNOT_TELL))
    assert proof.rule_ids == ()


# ---- lines that nobody learned of --------------------------------------------------


def strange(
    task: OwnTask, known: dict[str, Violation], **said: Outcome
) -> list[tuple[str, ...]]:
    return [each.rule_ids for each in unproved([task], known, judged(**said), PACK)]


def test_rules_of_which_nothing_is_known_are_to_be_proved() -> None:
    assert strange(listing(*BOTH), {"steps": a_violation("steps")}) == [("amount",)]


def test_the_rest_of_such_a_task_stays_as_it_is() -> None:
    task = listing(*BOTH)
    known = {"steps": a_violation("steps")}
    (proof,) = unproved([task], known, [], PACK)
    assert proof == replace(task, rule_ids=("amount",))


def test_a_task_of_known_rules_has_nothing_to_prove() -> None:
    known = {name: a_violation(name) for name in BOTH}
    assert strange(listing(*BOTH), known) == []


def test_what_passes_needs_no_proof() -> None:
    said = {"amount": Outcome.PASS, "steps": Outcome.CANNOT_TELL}
    assert strange(listing(*BOTH), {}, **said) == [("steps",)]


@pytest.mark.parametrize("name", ["a1", "amount"], ids=["the former", "the present"])
def test_a_former_id_is_known_by_the_present_one_and_by_itself(name: str) -> None:
    assert strange(listing("a1"), {name: a_violation(name)}) == []


def test_a_former_id_passes_with_its_rule() -> None:
    assert strange(listing("a1"), {}, amount=Outcome.PASS) == []
    assert strange(listing("a1"), {}, amount=Outcome.FAIL) == [("a1",)]


def test_without_tasks_nothing_is_to_be_proved() -> None:
    assert list(unproved([], {}, judged(amount=Outcome.FAIL), PACK)) == []


# ---- what is remembered from then on -----------------------------------------------


def adopted(*tasks: OwnTask, memory: Memory | None = None) -> Memory:
    deal = a_deal("Qualification")
    return with_adopted(memory or Memory(), deal, tasks, PACK, a_context())


def test_without_tasks_the_memory_stays_what_it_is() -> None:
    memory = Memory()
    assert adopted(memory=memory) is memory


def test_a_line_stands_open_since_its_task_was_created() -> None:
    task = replace(listing("steps"), id=ObligationId(DEAL_ID, "coach"))
    violation = adopted(task).violations["steps"]
    assert violation == Violation(
        deal_id=DEAL_ID,
        deal_name="Acme renewal",
        rule_id="steps",
        pipeline="Default",
        stage="Qualification",
        state=State.OPEN,
        severity=Severity.MEDIUM,
        mode=Mode.ENFORCE,
        role="coach",
        first_seen=LATE_THURSDAY,
        opened_at=LATE_THURSDAY,
        released_on=date(2026, 11, 19),
        owner_id=OWNER,
    )


def test_a_task_whose_reference_was_destroyed_is_the_owners() -> None:
    task = replace(listing("steps"), id=None)
    assert adopted(task).violations["steps"].role == "deal_owner"


def test_the_rule_says_how_much_its_line_weighs_and_what_it_is_called() -> None:
    proved = adopted(listing("amount")).violations["amount"]
    assert (proved.severity, proved.title) == (Severity.HIGH, "It has an amount")


def test_a_line_under_a_former_id_is_that_of_the_present_rule() -> None:
    memory = adopted(listing("a1"))
    assert {each.rule_id for each in memory.violations.values()} == {"amount"}
    assert (set(memory.violations), set(memory.adopted_rules)) == ({"amount"},) * 2


def test_what_stands_by_what_is_known_stays_as_known() -> None:
    known = a_violation("amount", state=State.PENDING)
    memory = adopted(listing("amount"), memory=Memory({"amount": known}))
    assert (memory.violations, set(memory.adopted_rules)) == (
        {"amount": known},
        {"amount"},
    )


def test_what_was_known_as_resolved_stands_again() -> None:
    known = a_violation("amount", state=State.RESOLVED)
    memory = adopted(listing("amount"), memory=Memory({"amount": known}))
    assert memory.violations["amount"].state is State.OPEN
    assert known.state is State.RESOLVED


def test_the_first_of_two_tasks_that_list_a_rule_says_since_when() -> None:
    later = replace(listing("steps"), created_at=NOW)
    assert adopted(listing("steps"), later).violations["steps"].opened_at == (
        LATE_THURSDAY
    )


def test_other_lines_and_what_was_evaluated_stay_in_memory() -> None:
    other = a_violation("other")
    memory = Memory({"other": other}, seen=[("other", "f1")])
    found = adopted(listing("steps"), memory=memory)
    assert (found.violations["other"], found.seen) == (other, [("other", "f1")])
    assert set(memory.violations) == {"other"}


# ---- what passed -------------------------------------------------------------------


def test_a_rule_that_passed_did_so_under_its_former_ids_too() -> None:
    verdicts = judged(amount=Outcome.PASS, steps=Outcome.FAIL, gone=Outcome.PASS)
    assert passed(verdicts, PACK) == ("a1", "amount", "gone")


def test_a_rule_that_failed_passed_under_no_name() -> None:
    assert passed(judged(amount=Outcome.FAIL), PACK) == ()
