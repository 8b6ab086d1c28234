"""What a mode does, what makes a violation the same one, and how long grace lasts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    EMPTY,
    Mode,
    Outcome,
    Resolution,
    Severity,
    State,
    Unavailable,
)
from gatekeeper.core.pack import Grace, Unit
from gatekeeper.flow.digest import Desk
from tests.builders import a_line, a_rule, dollars
from tests.flow.scene import (
    FRIDAY,
    MANAGER,
    MONDAY,
    an_id,
    count,
    lacking,
    managers_digests,
)

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene, Scene


TUESDAY = MONDAY + timedelta(days=1)
WEDNESDAY = MONDAY + timedelta(days=2)
THREE_DAYS = Grace(3, Unit.BUSINESS_DAYS)


def one_rule_of_each_mode(scene: Scene) -> None:
    found = tuple(a_rule(f"in-{mode.value}", mode=mode) for mode in Mode)
    scene.pack = replace(scene.pack, rules=found)


# ---- modes -----------------------------------------------------------------------


def test_every_mode_is_listed_and_only_enforce_reaches_the_crm(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    one_rule_of_each_mode(scene)

    scene.settle()

    assert {(each.rule_id, each.mode, each.state) for each in scene.violations()} == {
        ("in-observe", Mode.OBSERVE, State.OPEN),
        ("in-warn", Mode.WARN, State.OPEN),
        ("in-enforce", Mode.ENFORCE, State.OPEN),
    }
    body = str(scene.task().parts["body"])
    listed = [mode.value for mode in Mode if f"in-{mode.value}" in body]
    assert listed == ["enforce"]
    flags = scene.crm.deals[an_id(1)].flags
    assert flags is not None
    assert flags.open_count == 1
    scene.expect_quiet()


def test_a_digest_asks_for_what_warns_and_enforces_and_only_counts_what_observes(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    one_rule_of_each_mode(scene)
    scene.settle()

    schema = scene.crm.schema(scene.pack.catalogue)
    desk = Desk(scene.store.archive, scene.crm, scene.pack, schema)
    (digest,) = managers_digests(desk)

    observed = {each.title: each.is_observed for each in digest.criteria}
    assert observed == {
        "Title of in-observe": True,
        "Title of in-warn": False,
        "Title of in-enforce": False,
    }


@pytest.mark.parametrize("ceiling", [Mode.OBSERVE, Mode.WARN])
def test_the_ceiling_holds_every_rule_down(scene_of: MakeScene, ceiling: Mode) -> None:
    scene = scene_of(lacking(), mode_ceiling=ceiling)
    one_rule_of_each_mode(scene)
    scene.plan()

    report = scene.run()

    assert max(each.mode.rank for each in scene.violations()) == ceiling.rank
    assert count(report, "counts", "open") == 3
    assert scene.crm.requests == []


# ---- identity --------------------------------------------------------------------


def test_values_owner_severity_words_and_stage_leave_a_violation_the_same(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.rule(stage="Prospecting", require=a_line(answer=False))
    scene.settle()
    task = scene.task()
    scene.go_to(MONDAY)
    moved = replace(
        lacking(), name="Another name", stage="Qualification", owner_id=MANAGER
    )
    scene.crm.add(replace(moved, fields={**moved.fields, "amount": dollars(7)}))
    scene.rule(title="Other words", severity=Severity.CRITICAL)

    report = scene.run()

    standing = scene.violation()
    assert (standing.first_seen, standing.deal_name) == (FRIDAY, "Another name")
    assert count(report, "counts", "resolved") == 0
    assert scene.violations("resolved") == []
    assert scene.task() is task
    scene.expect_quiet()


def test_in_another_pipeline_a_violation_ends_and_another_begins(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    other = replace(scene.crm.pipelines[0], name="Partners")
    scene.crm.pipelines = (*scene.crm.pipelines, other)
    scene.pack = replace(
        scene.pack, pipelines={**scene.pack.pipelines, other.name: other}
    )
    scene.settle()
    scene.go_to(MONDAY)
    scene.crm.add(replace(lacking(), pipeline=other.name))

    scene.run()

    (ended,) = scene.violations("resolved")
    assert (ended.pipeline, ended.resolution) == (
        "Default",
        Resolution.NO_LONGER_APPLIES,
    )
    begun = scene.violation()
    assert (begun.pipeline, begun.first_seen) == ("Partners", MONDAY)


# ---- grace -----------------------------------------------------------------------


def test_grace_goes_on_over_restarts_and_other_words(scene_of: MakeScene) -> None:
    """Three business days from Friday: Wednesday is the last that waits."""
    scene = scene_of(lacking())
    scene.rule(grace=THREE_DAYS)
    scene.settle()
    scene.store.close()
    scene.open_store()
    scene.go_to(MONDAY)
    scene.rule(title="Other words", fix=lambda _deal, _context: "Ask.")

    scene.run()

    assert (scene.violation().state, scene.violation().first_seen) == (
        State.PENDING,
        FRIDAY,
    )
    scene.go_to(WEDNESDAY)
    scene.run()
    assert scene.violation().state is State.PENDING
    assert scene.crm.open_tasks() == []
    scene.wait(days=1)
    scene.run()
    assert scene.violation().state is State.OPEN
    assert len(scene.crm.open_tasks()) == 1


def test_what_is_fixed_within_grace_never_had_a_task(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.rule(grace=THREE_DAYS)
    scene.settle()
    scene.go_to(MONDAY)
    scene.crm.change(an_id(1), amount=dollars(5))

    scene.run()

    assert scene.violations() == []
    (fixed,) = scene.violations("resolved")
    assert fixed.resolution is Resolution.FIXED
    assert scene.crm.stored == {}


def test_a_longer_grace_takes_no_open_line_back(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    scene.go_to(MONDAY)
    scene.rule(grace=THREE_DAYS)

    scene.run()

    assert scene.violation().state is State.OPEN
    assert scene.task() is task
    scene.expect_quiet()


# ---- cannot tell -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("grace", "state"),
    [(Grace(0, Unit.DAYS), State.OPEN), (THREE_DAYS, State.PENDING)],
)
def test_what_cannot_be_told_keeps_its_state_task_and_first_date(
    scene_of: MakeScene, grace: Grace, state: State
) -> None:
    scene = scene_of(lacking())
    scene.rule(grace=grace)
    scene.settle()
    tasks = list(scene.crm.open_tasks())
    scene.go_to(MONDAY)
    scene.crm.change(an_id(1), amount=Unavailable("no access"))

    report = scene.run()

    standing = scene.violation()
    assert (standing.state, standing.outcome) == (state, Outcome.CANNOT_TELL)
    assert standing.first_seen == FRIDAY
    assert scene.crm.open_tasks() == tasks
    assert count(report, "counts", "cannot_tell") == 1
    scene.crm.change(an_id(1), amount=EMPTY)
    scene.run()
    assert (scene.violation().state, scene.violation().first_seen) == (state, FRIDAY)


def test_nothing_opens_where_nothing_could_ever_be_told(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.crm.change(an_id(1), amount=Unavailable("no access"))

    scene.settle()

    assert scene.violations() == []
    assert scene.crm.stored == {}
