"""A stored plan is applied as it is, but for the deals that moved since."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.model import (
    EMPTY,
    Action,
    Change,
    FieldChange,
    History,
    Mode,
    Person,
    Unavailable,
)
from gatekeeper.core.model.history import by_field
from gatekeeper.core.notices import Notice, NoticeKind, written
from gatekeeper.core.quarantine import Cause, Quarantine
from gatekeeper.errors import DeferredError, HeldError, SetupError
from gatekeeper.flow.apply import plan_hash
from gatekeeper.ports import RunKind, RunStatus, StagedChange
from tests.builders import OWNER, a_deal, a_line, a_rule, dollars
from tests.fakes.crm import ORG, FakeCrm
from tests.flow.scene import FRIDAY, QUIET, UNANSWERED, an_id, count, lacking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.model import Receipt
    from gatekeeper.ports.crm import MayLeave
    from tests.flow.scene import MakeScene, Scene


def ten_lacking(scene_of: MakeScene) -> Scene:
    return scene_of(*[lacking(number) for number in range(1, 11)])


def test_a_plan_is_written_as_planned_and_the_next_run_is_quiet(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    planned = plan_hash(scene.store.changes(plan.id))

    report = scene.apply(plan)

    assert report.status is RunStatus.DONE
    assert count(report, "applied", "create") == 10
    assert plan_hash(scene.changes(report)) == planned
    assert len(scene.crm.open_tasks()) == 10
    assert len(scene.violations("open")) == 10
    scene.expect_quiet()


def test_deals_that_moved_are_dropped_and_listed_and_the_rest_is_written(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.crm.change(an_id(3), amount=dollars(5))

    report = scene.apply(plan)

    assert report.status is RunStatus.PARTIAL
    assert report.body["dropped"] == [f"Acme renewal ({an_id(3)})"]
    assert an_id(3) not in {task.id.deal_id for task in scene.crm.open_tasks()}
    assert len(scene.crm.open_tasks()) == 9


def test_a_deal_of_which_a_value_was_changed_and_put_back_is_dropped(
    scene_of: MakeScene,
) -> None:
    """Rules may ask when it was changed last; its fields alone do not show it."""
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    there = FieldChange("next_step", FRIDAY, "Call", "Mail", EMPTY)
    back = FieldChange(
        "next_step", FRIDAY + timedelta(minutes=1), "Mail", "Call", EMPTY
    )
    deal = scene.crm.deals[an_id(3)]
    scene.crm.add(replace(deal, history=History(changes=by_field([there, back]))))

    report = scene.apply(plan)

    assert report.body["dropped"] == [f"Acme renewal ({an_id(3)})"]
    assert len(scene.crm.open_tasks()) == 9


@pytest.mark.promise("W7")
def test_a_task_whose_reference_was_wiped_since_is_left_alone(
    scene_of: MakeScene,
) -> None:
    """Nothing of it is known to be ours any more, though no text was changed."""
    scene = ten_lacking(scene_of)
    scene.run()
    scene.run()
    for number in range(1, 11):
        scene.crm.deals[an_id(number)] = replace(
            scene.crm.deals[an_id(number)], name=f"Deal {number}"
        )
    plan = scene.plan()
    planned = scene.store.changes(plan.id)
    assert {each.change.action for each in planned} == {Action.UPDATE}
    wiped, *others = scene.crm.open_tasks()
    wiped.written.clear()
    subject = wiped.parts["subject"]

    report = scene.apply(plan)

    assert report.body["dropped"] == [f"Deal 1 ({an_id(1)})"]
    assert wiped.parts["subject"] == subject
    assert all("Deal" in str(task.parts["subject"]) for task in others)


@pytest.mark.promise("W3")
def test_a_deal_on_which_a_later_run_went_on_is_dropped(scene_of: MakeScene) -> None:
    """Its lines were let in since, and people have done their tasks: no task tells."""
    scene = ten_lacking(scene_of)
    scene.limits(new_violations_per_rule=2, tasks_per_person_per_run=99)
    plan = scene.plan()
    scene.crm.page_size, scene.crm.fails_at_page = 2, 1
    scene.run(accepted=frozenset({"qual-amount"}))
    for task in scene.crm.open_tasks():
        task.is_closed = True
    scene.crm.fails_at_page = None

    report = scene.apply(plan)

    assert report.body["dropped"] == [f"Acme renewal ({an_id(n)})" for n in (1, 2)]
    assert [scene.status(an_id(n)) for n in (1, 2, 3)] == [None, None, "Pending"]


def test_a_plan_of_which_the_writing_was_put_off_is_applied_again(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    crm = scene.crm
    scene.crm = UsedUpCrm(deals=crm.deals, users=crm.users, pipelines=crm.pipelines)
    assert scene.apply(plan).status is RunStatus.DEFERRED
    scene.crm = crm

    report = scene.apply(plan)

    assert report.status is RunStatus.DONE
    assert count(report, "applied", "create") == 10


def test_over_a_fifth_stale_the_whole_plan_is_refused(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    for number in (1, 2, 3):
        scene.crm.change(an_id(number), amount=dollars(5))

    # Each deal has a task and its flags in the plan: 3 of 10 deals, 6 of 20 changes.
    with pytest.raises(HeldError) as refused:
        scene.apply(plan)

    assert scene.pack.project.zone == ZoneInfo("America/New_York")
    made_at = plan.started_at.astimezone(ZoneInfo("America/New_York"))
    assert str(refused.value) == (
        "E902: 6 of 20 changes are stale: their deals changed since this plan was made"
        f" ({made_at:%H:%M}). Nothing was written; make a new plan."
    )

    assert scene.crm.requests == []


def test_a_plan_of_another_pack_is_refused(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.pack = replace(scene.pack, fingerprint="another")

    with pytest.raises(HeldError) as refused:
        scene.apply(plan)

    message = f"The rules changed since {plan.id} was made. Make a new plan."
    assert str(refused.value) == message

    assert scene.crm.requests == []


def test_a_plan_of_yesterday_is_refused(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.clock.ahead = timedelta(hours=24, seconds=1)

    with pytest.raises(HeldError) as refused:
        scene.apply(plan)

    message = f"{plan.id} is older than 24 hours. Make a new plan."
    assert str(refused.value) == message

    assert scene.crm.requests == []


def test_a_fifth_stale_is_let_pass_and_each_dropped_deal_is_said(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    for number in (4, 3):
        scene.crm.change(an_id(number), amount=dollars(5))

    report = scene.apply(plan)

    dropped = [f"Acme renewal ({an_id(number)})" for number in (3, 4)]
    assert report.messages == tuple(
        f"Dropped, the deal changed: {each}" for each in dropped
    )
    assert report.body["dropped"] == dropped
    assert len(scene.crm.open_tasks()) == 8


def test_a_plan_holds_good_for_a_whole_day(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.clock.ahead = timedelta(hours=23, minutes=59)

    assert scene.apply(plan).status is RunStatus.DONE


def test_a_plan_without_a_change_is_applied_to_nothing(scene_of: MakeScene) -> None:
    scene = scene_of(a_deal("Proposal", deal_id=an_id(1)))
    scene.settle()
    requests = len(scene.crm.requests)

    assert scene.apply(scene.plan()).status is RunStatus.DONE
    assert len(scene.crm.requests) == requests


def test_the_report_of_an_applied_plan_says_what_was_done(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    plan = scene.plan()
    reads, writes = scene.crm.usage().reads, scene.crm.usage().writes

    report = scene.apply(plan)

    row = scene.store.run(report.run_id)
    assert row is not None
    assert (row.kind, row.status, row.as_of) == (
        RunKind.APPLY,
        RunStatus.DONE,
        plan.as_of,
    )
    api = report.body["api"]
    assert isinstance(api, dict)
    assert api["reads"] > reads
    assert api["writes"] == writes + len(scene.crm.requests)
    duration_s = report.body["duration_s"]
    assert isinstance(duration_s, float)
    assert 0 <= duration_s < 60
    applied = report.body["applied"]
    assert isinstance(applied, dict)
    assert {name: number for name, number in applied.items() if number} == {
        "create": 1,
        "flag": 1,
    }
    rest = {"api", "duration_s", "applied"}
    assert {key: report.body[key] for key in report.body if key not in rest} == {
        "run_id": report.run_id,
        "status": "done",
        "plan_id": plan.id,
        "as_of": plan.as_of.isoformat(),
        "org": ORG,
        "crm": "salesforce",
        "dropped": [],
        "messages": [],
        "notices": [],
    }
    assert {**report.body, "duration_s": None} == {**row.report, "duration_s": None}


def a_staged(**changes: Any) -> StagedChange:
    told = {"write": {"subject": "s", "body": "b"}, "inputs": "i", **changes}
    change = Change(told.pop("action", Action.CREATE), "k", "d", "n", **told)
    return StagedChange(1, change)


def test_the_hash_of_a_plan_tells_its_writes_apart_and_nothing_else() -> None:
    plain = plan_hash([a_staged()])
    assert len(plain) == 16
    assert set(plain) <= set("0123456789abcdef")
    turned = a_staged(write={"body": "b", "subject": "s"})
    assert plan_hash([turned]) == plain
    assert plan_hash([a_staged(reason="another")]) == plain
    others = [
        a_staged(action=Action.UPDATE),
        a_staged(write={"subject": "s"}),
        a_staged(inputs="j"),
    ]
    hashes = {plain, plan_hash([]), *(plan_hash([each]) for each in others)}
    assert len(hashes) == 5


def test_a_plan_of_another_org_is_refused(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.crm.org_id = "sf:00D000000000002EAA"

    with pytest.raises(SetupError, match="00D000000000001EAA"):
        scene.apply(plan)

    assert scene.crm.requests == []


def test_a_plan_made_under_another_ceiling_cannot_be_applied(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.project(mode_ceiling=Mode.WARN)

    with pytest.raises(SetupError) as refused:
        scene.apply(plan)

    assert str(refused.value) == (
        "mode_ceiling is warn: nothing may be written. Set mode_ceiling: enforce in"
        " project.yaml and plan again."
    )


@pytest.mark.promise("W8")
def test_the_same_plan_applied_twice_has_the_effect_of_once(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.apply(plan)

    with pytest.raises(HeldError, match="stale"):
        scene.apply(plan)

    assert len(scene.crm.stored) == 10


@pytest.mark.promise("S24")
@pytest.mark.parametrize("is_held", [False, True])
def test_a_plan_from_which_a_person_was_erased_is_refused(
    scene_of: MakeScene, *, is_held: bool
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    plan = scene.plan()
    if is_held:
        scene.limits(tasks_per_person_per_run=1)
        held = scene.store.run(scene.run().run_id)
        assert held is not None
        assert held.status is RunStatus.HELD
        plan = held
    scene.store.upkeep.erase_person(ORG, OWNER)
    again = scene.store.run(plan.id)
    assert again is not None

    with pytest.raises(HeldError) as refused:
        scene.apply(again)

    assert str(refused.value) == (
        f"A person was erased from {plan.id} since it was made: what it would write is"
        " not known any more. Make a new plan."
    )
    assert scene.crm.requests == []
    scene.limits()
    assert count(scene.apply(scene.plan()), "applied", "create") == 2
    assert {task.parts["owner_id"] for task in scene.crm.open_tasks()} == {OWNER}


@pytest.mark.promise("S24")
def test_a_plan_from_which_a_person_is_erased_while_apply_begins_is_refused(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    plan = scene.plan()
    people = scene.crm.people

    def asked() -> Mapping[str, Person]:
        scene.store.upkeep.erase_person(ORG, OWNER)
        return people()

    scene.crm.people = asked  # type: ignore[method-assign]

    with pytest.raises(HeldError, match=f"A person was erased from {plan.id}"):
        scene.apply(plan)

    assert scene.crm.requests == []


def test_a_plan_that_names_no_erased_person_is_applied(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.store.upkeep.erase_person(ORG, "carl@acme.example")
    again = scene.store.run(plan.id)
    assert again is not None

    assert count(scene.apply(again), "applied", "create") == 10


def test_only_plans_and_held_runs_can_be_applied(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(), a_deal("Proposal", deal_id=an_id(2)))
    done = scene.store.run(scene.settle().run_id)
    replayed = scene.run(scene.crm.now - timedelta(days=30))
    replay = scene.store.run(replayed.run_id)
    assert done is not None
    assert replay is not None

    with pytest.raises(SetupError) as was_done:
        scene.apply(done)
    with pytest.raises(SetupError) as was_replay:
        scene.apply(replay)

    message = f"{done.id} was not held, there is nothing of it to apply."
    assert str(was_done.value) == message
    message = f"{replay.id} is a replay, not a plan; see: gatekeeper runs"
    assert str(was_replay.value) == message


def test_a_line_of_an_earlier_held_run_that_cannot_be_told_now_waits_on(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*[lacking(number) for number in (1, 2, 3)])
    scene.plan()
    scene.limits(tasks_per_person_per_run=1)
    scene.run()  # held: all three lines wait
    scene.crm.change(an_id(1), amount=Unavailable("no access"))
    held = scene.store.run(scene.run().run_id)
    assert held is not None

    scene.apply(held)

    assert [each.waiting for each in scene.violations("open")] == ["limit", "", ""]
    assert len(scene.crm.open_tasks()) == 2


def test_a_plan_that_was_never_finished_cannot_be_applied(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())

    class PulledPlugError(Exception):
        pass

    with (
        pytest.raises(PulledPlugError),
        scene.store.open_run(
            scene.crm.org(), RunKind.PLAN, scene.crm.now, scene.pack
        ) as run,
    ):
        raise PulledPlugError
    row = scene.store.run(run.row.id)
    assert row is not None

    with pytest.raises(SetupError) as refused:
        scene.apply(row)

    message = f"{row.id} was never finished (failed). Plan again."
    assert str(refused.value) == message


@pytest.mark.promise("W5")
def test_what_a_plan_saw_done_is_not_resolved_unless_its_deal_is_read_again(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.rule(mode=Mode.WARN)  # tracked, and nothing is written of it
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(5))
    plan = scene.plan()
    scene.crm.change(an_id(1), amount=EMPTY)  # and so it fails again

    scene.apply(plan)

    assert [each.deal_id for each in scene.violations("open")] == [an_id(1), an_id(2)]


def test_what_was_resolved_once_and_fails_again_is_open_when_its_plan_was_applied(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.rule(mode=Mode.WARN)  # so no plan reads its deal again
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.run()
    assert scene.violations("open") == []
    scene.crm.change(an_id(1), amount=EMPTY)

    scene.apply(scene.plan())

    assert [each.deal_id for each in scene.violations("open")] == [an_id(1)]


def test_a_rule_of_which_nothing_was_written_leaves_with_the_plan_that_saw_it_go(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.rule(mode=Mode.WARN)
    scene.settle()
    other = a_rule("other", require=a_line(True), mode=Mode.WARN)
    scene.pack = replace(scene.pack, rules=(other,), fingerprint="fp-2")

    scene.apply(scene.plan())

    assert scene.violations() == []


def test_a_held_rule_is_let_through_by_name(scene_of: MakeScene) -> None:
    scene = scene_of(*[lacking(number) for number in range(1, 31)])
    for number in range(1, 31):
        person = f"005{100 + number % 5:012d}AAA"
        scene.crm.users[person] = Person(person, f"Rep {number % 5}")
        scene.crm.hand_over(an_id(number), person)
    plan = scene.plan()
    assert plan.report["plan"] == {**QUIET, "flag": 30}

    scene.apply(plan, "qual-amount")

    assert len(scene.crm.open_tasks()) == 30
    scene.expect_quiet()


@pytest.mark.promise("W5")
def test_what_a_person_applied_of_a_held_run_is_not_taken_back(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.plan()
    scene.limits(tasks_per_person_per_run=1)
    held = scene.store.run(scene.run().run_id)
    assert held is not None
    assert held.status is RunStatus.HELD

    scene.apply(held)
    assert len(scene.crm.open_tasks()) == 2
    assert {each.released_on for each in scene.violations("open")} == {FRIDAY.date()}
    scene.limits(ramp=0)  # lets no new line in

    assert [each.waiting for each in scene.violations("open")] == ["", ""]
    scene.expect_quiet()
    assert len(scene.crm.open_tasks()) == 2


@pytest.mark.promise("W3", "W5")
def test_a_held_plan_is_applied_whole_though_a_later_run_was_held_as_well(
    scene_of: MakeScene,
) -> None:
    """The night's run holds the same lines back once more: it changes nothing."""
    scene = scene_of(lacking(1), lacking(2))
    scene.plan()
    scene.limits(tasks_per_person_per_run=1)
    plan = scene.plan()
    assert plan.status is RunStatus.HELD
    assert scene.run().status is RunStatus.HELD

    assert scene.apply(plan).status is RunStatus.DONE

    assert len(scene.crm.open_tasks()) == 2
    lines = scene.violations("open")
    assert [(each.waiting, each.released_on) for each in lines] == [
        ("", FRIDAY.date())
    ] * 2
    scene.limits()
    scene.expect_quiet()


def without_its_rule(scene_of: MakeScene, deals: int) -> Scene:
    """Settle some deals, then let their rule leave the pack."""
    scene = scene_of(*map(lacking, range(1, deals + 1)))
    scene.limits(tasks_per_person_per_run=deals)
    scene.settle()
    other = a_rule("other", require=a_line(True))
    scene.pack = replace(scene.pack, rules=(other,), fingerprint="fp-2")
    return scene


@pytest.mark.promise("B1")
def test_a_plan_by_which_a_rule_leaves_much_behind_needs_its_name(
    scene_of: MakeScene,
) -> None:
    scene = without_its_rule(scene_of, 11)
    plan = scene.plan()
    requests = len(scene.crm.requests)

    with pytest.raises(HeldError) as refused:
        scene.apply(plan)

    message = (
        "qual-amount left the rules and 11 of its violations would close (unasked at"
        " most 10). Nothing was written; look at the plan, then: gatekeeper apply PLAN"
        " --accept qual-amount. If it got another id, write formerly: [qual-amount]"
    )
    assert str(refused.value) == message
    assert len(scene.crm.requests) == requests
    row = scene.store.runs(ORG)[0]
    assert (row.kind, row.status) == (RunKind.APPLY, RunStatus.HELD)
    assert row.report == {
        "plan_id": plan.id,
        **written([Notice(NoticeKind.HELD, "", message)]),
    }

    scene.apply(plan, "qual-amount")
    assert scene.crm.open_tasks() == []


def test_a_name_given_when_the_plan_was_made_counts_when_it_is_applied(
    scene_of: MakeScene,
) -> None:
    scene = without_its_rule(scene_of, 11)

    scene.apply(scene.plan("qual-amount"))

    assert scene.crm.open_tasks() == []


def test_a_rule_that_leaves_little_behind_goes_without_a_word(
    scene_of: MakeScene,
) -> None:
    scene = without_its_rule(scene_of, 10)

    scene.apply(scene.plan())

    assert scene.crm.open_tasks() == []
    assert scene.violations() == []


@pytest.mark.promise("F38")
def test_a_plan_is_not_written_while_somebody_says_stop(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    plan = scene.plan()
    scene.stop = "GATEKEEPER_STOP is set"

    stopped = scene.apply(plan)

    assert stopped.status is RunStatus.STOPPED
    assert stopped.messages == (
        "Stopped: GATEKEEPER_STOP is set. What was not written waits for the next run.",
    )
    assert scene.crm.requests == []
    scene.stop = ""
    assert scene.run().status is RunStatus.DONE
    assert len(scene.crm.open_tasks()) == 1


def test_one_change_more_than_a_fifth_is_too_many(scene_of: MakeScene) -> None:
    """Ten deals have a task and flags in the plan, four their flags: 5 of 24."""
    fine = [a_deal("Proposal", deal_id=an_id(number)) for number in range(11, 15)]
    scene = scene_of(*map(lacking, range(1, 11)), *fine)
    plan = scene.plan()
    for number in (1, 2, 11):
        scene.crm.change(an_id(number), amount=dollars(5))

    with pytest.raises(HeldError, match="E902: 5 of 24 changes are stale"):
        scene.apply(plan)

    assert scene.crm.requests == []
    row = scene.store.runs(ORG)[0]
    assert (row.kind, row.status) == (RunKind.APPLY, RunStatus.HELD)
    assert row.report["plan_id"] == plan.id
    assert str(row.report["messages"]).startswith("['E902: 5 of 24")


@pytest.mark.promise("F22")
def test_the_task_of_a_deal_that_was_gone_already_is_closed_by_the_plan(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.settle()
    scene.crm.delete_deal(an_id(1))
    plan = scene.plan()

    report = scene.apply(plan)

    assert report.status is RunStatus.DONE
    assert report.body["dropped"] == []
    assert count(report, "applied", "close") == 1
    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(2)]


@pytest.mark.promise("W5")
def test_a_deal_that_was_gone_and_now_is_only_hidden_is_dropped(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 7)))
    scene.settle()
    scene.crm.delete_deal(an_id(1))
    plan = scene.plan()
    scene.crm.deleted.clear()

    with pytest.raises(HeldError, match="1 of 1 changes are stale"):
        scene.apply(plan)

    assert len(scene.crm.open_tasks()) == 6
    assert len(scene.violations("open")) == 6


@pytest.mark.promise("W7")
def test_a_task_that_a_person_ended_since_the_plan_is_not_closed_on_a_deal_gone(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.settle()
    scene.crm.delete_deal(an_id(1))
    plan = scene.plan()
    requests = len(scene.crm.requests)
    (task,) = (t for t in scene.crm.open_tasks() if t.id.deal_id == an_id(1))
    task.is_deleted = True

    with pytest.raises(HeldError, match="1 of 1 changes are stale"):
        scene.apply(plan)

    assert len(scene.crm.requests) == requests


@pytest.mark.promise("W11")
def test_what_was_set_aside_since_the_plan_is_left_alone(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    task = f"{an_id(1)}:deal_owner"
    undone = Quarantine(task, an_id(1), "Acme renewal", Cause.UNDONE, "r-1")
    with scene.store.open_run(ORG, RunKind.UNDO, scene.crm.now, scene.pack) as run:
        run.intend([], [undone])
        run.finish(RunStatus.DONE, {})

    report = scene.apply(plan)

    assert count(report, "applied", "create") == 9
    assert an_id(1) not in {each.id.deal_id for each in scene.crm.open_tasks()}
    (left,) = (each for each in scene.changes(report) if each.withheld)
    assert (left.change.deal_id, left.change.action) == (an_id(1), Action.CREATE)
    assert left.withheld == "quarantined: r-1 was undone here"
    assert (
        "Left alone in this run: 1 writes that were refused, fought over or undone"
        " before. See: gatekeeper quarantine"
    ) in report.messages


def test_a_deal_that_is_gone_since_the_plan_is_dropped(scene_of: MakeScene) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    scene.crm.delete_deal(an_id(1))

    report = scene.apply(plan)

    assert report.body["dropped"] == [f"Acme renewal ({an_id(1)})"]
    assert count(report, "applied", "create") == 9


def test_a_name_that_no_rule_has_is_refused_before_anything_is_written(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    plan = scene.plan()
    runs = scene.store.runs(ORG)

    with pytest.raises(SetupError, match="qual-amuont"):
        scene.apply(plan, "qual-amuont")

    assert scene.crm.requests == []
    assert scene.store.runs(ORG) == runs


def test_of_two_rules_that_wait_only_the_one_named_is_let_through(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*map(lacking, range(1, 5)))
    (rule,) = scene.pack.rules
    other = replace(rule, id="qual-other", logic="logic of qual-other")
    scene.pack = replace(scene.pack, rules=(rule, other))
    scene.limits(new_violations_per_rule=2, tasks_per_person_per_run=9)

    scene.apply(scene.plan(), "qual-amount")

    waiting = {each.rule_id: each.waiting for each in scene.violations("open")}
    assert waiting["qual-amount"] == ""
    assert waiting["qual-other"] != ""
    assert {task.rule_ids for task in scene.crm.open_tasks()} == {("qual-amount",)}


@pytest.mark.promise("F10")
def test_a_plan_is_put_off_where_the_crm_allows_no_more_calls(
    scene_of: MakeScene,
) -> None:
    """Also where a deal moved: what ended the writing is what counts."""
    scene = ten_lacking(scene_of)
    scene.crm = UsedUpCrm(
        deals=scene.crm.deals, users=scene.crm.users, pipelines=scene.crm.pipelines
    )
    plan = scene.plan()
    scene.crm.change(an_id(1), amount=dollars(5))

    report = scene.apply(plan)

    assert report.status is RunStatus.DEFERRED
    assert report.messages[0].startswith("Dropped, the deal changed:")
    assert report.messages[1:] == ("No more calls today.",)


class UsedUpCrm(FakeCrm):
    """Takes no writes any more today."""

    def write(
        self, changes: Sequence[Change], run_number: int, may_leave: MayLeave
    ) -> Sequence[Receipt]:
        message = "No more calls today."
        raise DeferredError(message)


@pytest.mark.promise("F06")
def test_a_write_of_a_plan_without_an_answer_leaves_it_unfinished_and_is_said(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    plan = scene.plan()
    scene.crm.lose = "after"

    report = scene.apply(plan)

    assert report.status is RunStatus.PARTIAL
    assert report.messages == (UNANSWERED,)
    scene.run()
    scene.expect_quiet()
    assert len(scene.crm.stored) == 1


@pytest.mark.promise("F13")
def test_a_write_of_a_plan_that_is_refused_is_told_in_the_words_of_the_crm(
    scene_of: MakeScene,
) -> None:
    scene = ten_lacking(scene_of)
    leaver = "005000000000009AAA"
    scene.crm.users[leaver] = Person(leaver, "Gone Soon")
    scene.crm.hand_over(an_id(9), leaver)
    plan = scene.plan()
    scene.crm.users.pop(leaver)

    report = scene.apply(plan)

    assert report.status is RunStatus.DONE  # the record is skipped, the plan goes on
    assert report.messages == ("INACTIVE_OWNER_OR_USER: inactive",)
    assert count(report, "applied", "rejected") == 1
    assert count(report, "applied", "create") == 9


def test_the_kind_of_a_plan_run_says_what_it_was(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())

    report = scene.apply(scene.plan())

    row = scene.store.run(report.run_id)
    assert row is not None
    assert (row.kind, row.status) == (RunKind.APPLY, RunStatus.DONE)
