"""What becomes of open violations when a rule changes: the table, row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Mode, Resolution, Severity, State
from gatekeeper.core.pack import Grace, Grouping, Unit
from gatekeeper.core.roles import People, RoleSource, RoleStep
from gatekeeper.errors import HeldError
from gatekeeper.ports import RunStatus
from tests.builders import OWNER, a_deal, a_rule, dollars, filled
from tests.flow.scene import FRIDAY, MANAGER, MONDAY, an_id, count, lacking

if TYPE_CHECKING:
    from gatekeeper.core.pack import Rule
    from tests.flow.scene import MakeScene, Scene


TUESDAY = MONDAY + timedelta(days=1)


def rules(scene: Scene, *all_rules: Rule) -> None:
    scene.pack = replace(scene.pack, rules=all_rules)


def fill(scene: Scene, number: int = 1) -> None:
    scene.crm.change(an_id(number), amount=dollars(5))


def empty(scene: Scene, number: int = 1) -> None:
    scene.crm.change(an_id(number), amount=EMPTY)


# ---- words, severity, roles ------------------------------------------------------


def test_new_words_go_into_the_open_task_and_raise_no_other(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.rule(title="The amount is real", fix=lambda _deal, _context: "Ask.")

    scene.run()

    assert scene.task() is task
    body = str(task.parts["body"])
    assert "The amount is real" in body
    assert "Ask." in body
    assert scene.violation().first_seen == FRIDAY
    scene.expect_quiet()


def test_another_severity_updates_the_flags_and_keeps_the_task(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.rule(severity=Severity.CRITICAL, maintainer="new@acme.example")

    scene.run()

    assert scene.task() is task
    flags = scene.crm.deals[an_id(1)].flags
    assert flags is not None
    assert flags.worst_severity == "critical"
    assert len(scene.crm.stored) == 1
    scene.expect_quiet()


def test_another_role_takes_the_line_with_its_first_date(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    first = scene.task()
    scene.go_to(MONDAY)
    scene.rule(owed_by="owner_manager")

    scene.run()

    assert first.is_closed
    moved = scene.task()
    assert (moved.id.role, moved.parts["owner_id"]) == ("owner_manager", MANAGER)
    assert (scene.violation().role, scene.violation().first_seen) == (
        "owner_manager",
        FRIDAY,
    )
    scene.expect_quiet()


# ---- logic -----------------------------------------------------------------------


def test_other_logic_that_still_fails_keeps_the_first_date_and_says_when(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.go_to(MONDAY)
    scene.rule(logic="other")

    scene.run()

    standing = scene.violation()
    assert (standing.state, standing.first_seen) == (State.OPEN, FRIDAY)
    assert standing.rule_changed_at == MONDAY
    assert scene.task() is task
    scene.go_to(TUESDAY)
    scene.run()
    assert scene.violation().rule_changed_at == MONDAY
    scene.expect_quiet()


def test_other_logic_that_now_passes_is_not_counted_as_fixed(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.rule(logic="other", require=filled("close_date"))

    scene.run()

    (resolved,) = scene.violations("resolved")
    assert resolved.resolution is Resolution.RULE_CHANGED
    assert scene.crm.open_tasks() == []


def test_deals_that_newly_fail_other_logic_wait_and_get_their_whole_grace(
    scene_of: MakeScene,
) -> None:
    """The deal lacks a next step, which the rule asks for from Monday on."""
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2), next_step=EMPTY))
    needs = scene.pack.needs
    fields = needs.fields | {"next_step"}
    scene.pack = replace(scene.pack, needs=replace(needs, fields=fields))
    scene.settle()
    scene.go_to(MONDAY)
    scene.rule(
        logic="other",
        require=filled("next_step"),
        grace=Grace(1, Unit.BUSINESS_DAYS),
    )

    scene.run()

    old, new = scene.violations()
    assert (old.state, old.first_seen) == (State.OPEN, FRIDAY)
    assert (new.state, new.first_seen) == (State.PENDING, MONDAY)
    scene.go_to(TUESDAY + timedelta(days=1))
    scene.run()
    assert scene.violations()[1].state is State.OPEN
    assert len(scene.crm.open_tasks()) == 2


# ---- another id, another pack -------------------------------------------------------


def test_a_renamed_rule_takes_everything_along(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.go_to(MONDAY)
    scene.rule(id="deal-amount", formerly=("qual-amount",), logic="logic of deal")

    report = scene.run()

    standing = scene.violation()
    assert (standing.rule_id, standing.first_seen) == ("deal-amount", FRIDAY)
    assert count(report, "counts", "resolved") == 0
    assert scene.task() is task
    assert scene.violations("resolved") == []
    scene.expect_quiet()
    fill(scene)
    scene.run()
    assert scene.violations() == []
    assert task.is_closed


def test_a_renamed_rule_keeps_the_task_of_its_own(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(), grouping=Grouping.RULE)
    scene.settle()
    task = scene.task()
    scene.go_to(MONDAY)
    scene.rule(id="deal-amount", formerly=("qual-amount",), logic="logic of deal")

    report = scene.run()

    assert (count(report, "plan", "create"), count(report, "plan", "close")) == (0, 0)
    assert scene.task() is task
    scene.expect_quiet()
    scene.lose_database()
    scene.run()
    assert scene.task() is task
    fill(scene)
    scene.run()
    assert task.is_closed


@pytest.mark.promise("W7", "F16")
@pytest.mark.parametrize("was_let_in_later", [False, True])
def test_a_closing_is_respected_whatever_the_clock_said_when_the_task_came(
    scene_of: MakeScene, *, was_let_in_later: bool
) -> None:
    """The clock ran a day ahead when the line opened, or when it was let in."""
    scene = scene_of(lacking())
    if was_let_in_later:
        scene.rule(mode=Mode.WARN)
        scene.settle()
    scene.wait(hours=25)
    scene.rule(mode=Mode.ENFORCE)
    scene.settle()
    scene.wait(hours=-25)
    scene.task().is_closed = True

    scene.run()
    scene.expect_quiet()

    assert scene.crm.open_tasks() == []


@pytest.mark.promise("W7", "F23")
def test_a_task_deleted_just_before_it_is_updated_stays_deleted(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.crm.deals[an_id(1)] = replace(scene.crm.deals[an_id(1)], name="New name")

    def delete() -> None:
        task.is_deleted = True

    scene.crm.before_write.append(delete)
    report = scene.run()

    assert count(report, "plan", "update") == 1
    assert task.is_deleted
    scene.run()
    scene.expect_quiet()
    assert scene.crm.open_tasks() == []


def test_a_task_of_a_renamed_rule_that_a_person_closed_rests(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(), grouping=Grouping.RULE)
    scene.settle()
    scene.task().is_closed = True
    scene.run()
    scene.rule(id="deal-amount", formerly=("qual-amount",), logic="logic of deal")

    report = scene.run()

    assert count(report, "plan", "create") == 0
    assert scene.crm.open_tasks() == []


def test_rules_merged_into_one_go_on_in_one_of_their_tasks(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(), grouping=Grouping.RULE)
    rules(scene, a_rule("early"), a_rule("late"))
    scene.settle()
    tasks = {task.rule_ids: task for task in scene.crm.open_tasks()}
    rules(scene, a_rule("both", formerly=("early", "late")))

    scene.settle()

    assert scene.task() is tasks["early",]
    assert tasks["late",].is_closed
    scene.expect_quiet()


def test_a_task_that_names_a_former_id_is_adopted_under_the_present_one(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.lose_database()
    scene.rule(id="deal-amount", formerly=("qual-amount",), logic="logic of deal")

    scene.run()

    assert (scene.violation().rule_id, scene.violation().waiting) == ("deal-amount", "")
    assert scene.task() is task
    scene.lose_database()
    fill(scene)
    scene.run()
    assert task.is_closed


def test_several_merged_rules_become_one_violation_since_the_earliest(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    late = a_rule("late", grace=Grace(9, Unit.BUSINESS_DAYS))
    rules(scene, late)
    scene.run()
    scene.go_to(MONDAY)
    rules(scene, late, a_rule("early"))
    scene.settle()
    assert [(each.rule_id, each.state) for each in scene.violations()] == [
        ("early", State.OPEN),
        ("late", State.PENDING),
    ]
    task = scene.task()
    rules(scene, a_rule("both", formerly=("early", "late")))

    scene.settle()

    merged = scene.violation()
    assert (merged.rule_id, merged.state) == ("both", State.OPEN)
    assert merged.first_seen == FRIDAY
    assert scene.task() is task
    scene.expect_quiet()


def test_a_rename_without_formerly_asks_whether_it_was_one(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.settle()
    scene.wait(days=1)
    rules(scene, a_rule("deal-amount"))

    plan = scene.plan()

    messages = plan.report["messages"]
    assert isinstance(messages, list)
    assert (
        "qual-amount left the rules and deal-amount begins to fail on the same deals"
        " (2): did you rename it? Then write formerly: [qual-amount] in deal-amount,"
        " and what stands goes on."
    ) in messages


def test_a_rule_taken_out_ends_its_violations_and_says_so_in_the_task(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    rules(scene, a_rule("other", require=filled("close_date")))

    scene.settle()

    (resolved,) = scene.violations("resolved")
    assert resolved.resolution is Resolution.RULE_RETIRED
    assert task.is_closed
    assert task.parts["body"] == (
        "Nothing is asked here any more.\nNot asked any more: Title of qual-amount."
    )


def test_a_rule_with_many_violations_leaves_only_with_a_persons_word(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 12)))
    scene.limits(tasks_per_person_per_run=50, tasks_per_person_per_day=50)
    scene.settle()
    assert len(scene.crm.open_tasks()) == 11
    rules(scene, a_rule("other", require=filled("close_date")))

    reports = [scene.run(), scene.run()]

    said = (
        "qual-amount left the rules and 11 of its violations would close (unasked at"
        " most 10). Nothing was written; look at the plan, then: gatekeeper apply PLAN"
        " --accept qual-amount. If it got another id, write formerly: [qual-amount]"
    )
    for report in reports:
        assert report.status is RunStatus.HELD
        assert report.body["held"] == [said]
    assert len(scene.violations()) == 11
    plan = scene.plan()
    with pytest.raises(HeldError, match="11 of its violations would close"):
        scene.apply(plan)
    assert len(scene.crm.open_tasks()) == 11

    scene.apply(scene.plan(), "qual-amount")

    assert scene.crm.open_tasks() == []
    assert scene.violations() == []
    scene.expect_quiet()


def test_a_plan_made_with_a_persons_word_needs_no_second_one(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 12)))
    scene.limits(tasks_per_person_per_run=50, tasks_per_person_per_day=50)
    scene.settle()
    rules(scene, a_rule("other", require=filled("close_date")))

    plan = scene.plan("qual-amount")

    assert plan.status is RunStatus.PLANNED
    assert plan.report["accepted"] == ["qual-amount"]
    scene.apply(plan)
    assert scene.crm.open_tasks() == []
    assert scene.violations() == []


def test_ten_violations_go_unasked(scene_of: MakeScene) -> None:
    scene = scene_of(*map(lacking, range(1, 11)))
    scene.limits(tasks_per_person_per_run=50, tasks_per_person_per_day=50)
    scene.settle()
    rules(scene, a_rule("other", require=filled("close_date")))

    assert scene.run().status is RunStatus.DONE
    assert scene.violations() == []


# ---- modes and the ramp ------------------------------------------------------------


def test_a_lowered_rule_says_in_its_task_that_it_is_not_enforced(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.rule(mode=Mode.WARN)

    scene.run()

    assert task.is_closed
    assert task.parts["body"] == (
        "Nothing is asked here any more.\nNot enforced any more: Title of qual-amount."
    )
    assert (scene.violation().state, scene.violation().mode) == (State.OPEN, Mode.WARN)


def test_a_raised_rule_gives_what_stands_a_fresh_grace(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.rule(mode=Mode.OBSERVE, grace=Grace(1, Unit.BUSINESS_DAYS))
    scene.settle()
    scene.go_to(TUESDAY)
    scene.run()
    assert scene.violation().state is State.OPEN
    scene.rule(mode=Mode.ENFORCE)

    scene.run()

    standing = scene.violation()
    assert (standing.state, standing.first_seen) == (State.PENDING, FRIDAY)
    scene.go_to(TUESDAY + timedelta(days=2))  # Wednesday still waits
    scene.run()
    assert scene.violation().state is State.OPEN
    assert scene.task().parts["owner_id"] == OWNER


def test_a_weekend_and_the_monday_after_it_share_one_ramp(scene_of: MakeScene) -> None:
    scene = scene_of(*map(lacking, range(1, 8)))
    scene.limits(ramp=2, tasks_per_person_per_run=50, tasks_per_person_per_day=50)
    tasks = []
    scene.plan()
    for days in range(5):  # Friday to Tuesday
        scene.go_to(FRIDAY + timedelta(days=days))
        scene.run()
        tasks.append(len(scene.crm.open_tasks()))
    assert tasks == [2, 4, 4, 4, 6]


# ---- one task or several ------------------------------------------------------------


def test_grouped_by_rule_each_line_has_a_task_of_its_own(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(), grouping=Grouping.RULE)
    rules(scene, a_rule("one"), a_rule("two"))

    scene.settle()

    groups = sorted(task.id.group for task in scene.crm.open_tasks())
    assert groups == ["one", "two"]
    scene.expect_quiet()
    rules(scene, a_rule("one"), a_rule("two", require=filled("close_date")))
    scene.settle()
    assert [task.id.group for task in scene.crm.open_tasks()] == ["one"]


def test_a_quieted_line_raises_no_task_until_the_louder_one_is_fixed(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    quiet = a_rule("quiet", require=filled("amount"), suppressed_by=("loud",))
    rules(scene, a_rule("loud"), quiet)
    report = scene.settle()
    assert scene.task().rule_ids == ("loud",)
    assert count(report, "counts", "suppressed") == 1
    assert [each.state for each in scene.violations()] == [
        State.OPEN,
        State.SUPPRESSED,
    ]
    loud = a_rule("loud", require=filled("close_date"), logic="logic of loud")
    rules(scene, loud, quiet)
    scene.run()
    assert scene.task().rule_ids == ("quiet",)
    scene.expect_quiet()


# ---- coming and going ---------------------------------------------------------------


def test_what_fails_again_much_later_is_a_new_violation(scene_of: MakeScene) -> None:
    """Fixed on Friday; five business days later is the 27th, the 30th is too late."""
    scene = scene_of(lacking())
    scene.settle()
    fill(scene)
    scene.run()
    scene.go_to(datetime(2026, 11, 30, 14, tzinfo=UTC))
    empty(scene)

    scene.run()

    assert scene.violation().first_seen == datetime(2026, 11, 30, 14, tzinfo=UTC)


def test_a_task_closed_by_hand_comes_back_twice_and_then_rests(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    raised = []
    for _ in range(4):
        for task in scene.crm.open_tasks():
            task.is_closed = True
        report = scene.run()
        assert (
            "Tasks that people closed although something is missing: 1. Each comes back"
            " after 5 business days, at most 2 times."
        ) in report.messages
        scene.wait(days=7)
        scene.run()
        raised.append(len(scene.crm.open_tasks()))
    assert raised == [1, 1, 0, 0]
    assert scene.violation().state is State.OPEN


@pytest.mark.promise("F20")
def test_a_task_taken_off_its_deal_counts_as_closed_by_a_person(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    task.is_loose = True

    scene.run()

    assert task.is_loose
    assert list(scene.crm.stored.values()) == [task]
    fill(scene)
    scene.run()
    assert not task.is_closed


@pytest.mark.promise("F22")
def test_a_task_that_hangs_on_nothing_because_its_deal_was_deleted_is_closed(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 7)))
    scene.settle()
    task = next(each for each in scene.crm.open_tasks() if each.id.deal_id == an_id(1))
    scene.crm.delete_deal(an_id(1))
    task.is_loose = True  # HubSpot shows no association with a deleted deal

    scene.run()

    assert task.is_closed
    scene.expect_quiet()


@pytest.mark.parametrize("is_mended", [True, False])
def test_a_task_that_was_never_tied_is_tied_or_closed_by_the_next_run(
    scene_of: MakeScene, is_mended: bool
) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = "after"
    scene.run()
    task = scene.task()
    task.is_loose = True
    if is_mended:
        fill(scene)

    scene.run()

    assert list(scene.crm.stored.values()) == [task]
    assert (task.is_closed, task.is_loose) == (is_mended, is_mended)
    scene.expect_quiet()


def test_once_all_is_fixed_the_count_of_closings_starts_again(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    for _ in range(3):
        for task in scene.crm.open_tasks():
            task.is_closed = True
        scene.run()
        scene.wait(days=7)
        scene.run()
    assert scene.crm.open_tasks() == []
    fill(scene)
    scene.run()
    scene.wait(days=1)
    empty(scene)

    scene.run()

    assert len(scene.crm.open_tasks()) == 1
    scene.expect_quiet()


def test_a_line_that_comes_up_after_a_closing_raises_the_task_at_once(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    rules(scene, a_rule(), a_rule("close-date", require=filled("close_date")))
    scene.settle()
    scene.task().is_closed = True
    scene.wait(days=1)
    scene.run()
    assert scene.crm.open_tasks() == []
    scene.wait(days=1)
    scene.crm.change(an_id(1), close_date=EMPTY)

    scene.run()

    task = scene.task()
    assert task.episode == 2
    assert set(task.rule_ids) == {"qual-amount", "close-date"}
    scene.expect_quiet()


def test_an_old_deal_is_exempt_and_a_younger_one_is_not(scene_of: MakeScene) -> None:
    """The rule counts from 10 November; one deal is from August, one from the 15th."""
    young = a_deal(
        "Proposal", deal_id=an_id(2), amount=EMPTY, created_on=date(2026, 11, 15)
    )
    scene = scene_of(lacking(1), young)
    scene.rule(effective_from=date(2026, 11, 10), grace=Grace(0))

    report = scene.settle()

    old, new = scene.violations()
    assert (old.state, new.state) == (State.EXEMPT, State.OPEN)
    assert scene.task().id.deal_id == an_id(2)
    assert count(report, "counts", "exempt") == 1
    assert count(report, "counts", "fail") == 2
    assert scene.status(an_id(1)) == "Clear"


def test_a_stage_renamed_in_the_crm_changes_no_violation(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task, key = scene.task(), scene.task().key
    deal = scene.crm.deals[an_id(1)]
    scene.crm.add(replace(deal, stage_label="Proposal Sent"))

    scene.run()

    standing = scene.violation()
    assert (standing.state, standing.first_seen) == (State.OPEN, FRIDAY)
    assert standing.stage == "Proposal Sent"
    assert (scene.task() is task, task.key) == (True, key)
    scene.expect_quiet()


def test_a_role_that_is_another_person_moves_no_line(scene_of: MakeScene) -> None:
    """The same role, looked for elsewhere: the untouched task follows."""
    scene = scene_of(lacking())
    scene.rule(owed_by="deal_desk")
    desk = {"deal_desk": (RoleStep(RoleSource.ADDRESS, "ann@acme.example"),)}
    scene.pack = replace(scene.pack, people=People(desk, "bea@acme.example"))
    scene.settle()
    task = scene.task()
    desk = {"deal_desk": (RoleStep(RoleSource.ADDRESS, "bea@acme.example"),)}
    scene.pack = replace(scene.pack, people=People(desk, "bea@acme.example"))

    scene.run()

    assert scene.task() is task
    assert task.parts["owner_id"] == MANAGER
    scene.expect_quiet()
