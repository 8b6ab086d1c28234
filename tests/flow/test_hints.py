"""A lost database, and tasks that only their deals name: no list shows them yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY
from tests.builders import dollars
from tests.flow.scene import FRIDAY, QUIET, Scene, an_id, lacking

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene


def lose(scene: Scene) -> None:
    """Lose the database while the list of tasks lags behind all of them."""
    scene.crm.names_tasks = True
    scene.crm.unlisted = set(scene.crm.stored)
    scene.lose_database()


def fill(scene: Scene) -> None:
    scene.crm.change(an_id(1), amount=dollars(5))


def expect_nothing_new(scene: Scene) -> None:
    """Let a run find all as it should be, and say that it rebuilt what was lost."""
    written = len(scene.crm.requests)
    report = scene.run()
    assert report.body["plan"] == QUIET
    assert report.body["recovery"] is True
    assert len(scene.crm.requests) == written


@pytest.mark.promise("W8")
@pytest.mark.promise("W10")
@pytest.mark.promise("F18")
@pytest.mark.promise("F27")
def test_a_database_lost_before_any_list_shows_its_tasks_writes_nothing(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2), lacking(3))
    scene.crm.page_size = 1  # the last task is adopted when deals are staged already
    scene.settle()
    for _ in range(3):
        scene.run()
    scene.crm.change(an_id(3), amount=dollars(5))
    scene.run()
    lose(scene)
    scene.wait(hours=2)

    expect_nothing_new(scene)

    (row,) = scene.store.runs()
    assert row.number == 7  # the run that closed the third task was the sixth
    standing = scene.violations()
    assert [each.deal_id for each in standing] == [an_id(1), an_id(2)]
    assert {(each.first_seen, each.waiting) for each in standing} == {(FRIDAY, "")}
    scene.crm.unlisted.clear()
    scene.expect_quiet()


def test_what_the_store_knows_is_not_asked_for_by_the_deals_word(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.crm.names_tasks = True
    scene.settle()
    scene.crm.task(scene.crm.open_tasks()[0].remote_id).is_closed = True
    scene.run()
    asked = scene.crm.calls["tasks_by_key"]

    scene.expect_quiet()

    assert scene.crm.calls["tasks_by_key"] == asked


@pytest.mark.promise("W7")
@pytest.mark.parametrize("closing", ["is_closed", "is_deleted", "is_loose"])
def test_a_task_that_a_person_closed_rests_on_although_the_database_was_lost(
    scene_of: MakeScene, closing: str
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    setattr(scene.task(), closing, True)
    scene.run()
    flags = scene.crm.deals[an_id(1)].flags
    lose(scene)
    scene.wait(hours=2)

    expect_nothing_new(scene)

    scene.wait(days=1)
    scene.expect_quiet()
    assert scene.crm.deals[an_id(1)].flags == flags
    assert len(scene.crm.stored) == 1
    scene.wait(days=9)
    scene.run()
    assert [task.episode for task in scene.crm.stored.values()] == [1, 2]


def test_what_was_done_before_a_person_closed_the_task_is_no_news_afterwards(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    scene.task().is_closed = True
    fill(scene)
    scene.run()
    lose(scene)

    expect_nothing_new(scene)

    assert scene.violations("resolved") == []


@pytest.mark.promise("W4")
def test_an_episode_that_we_sealed_is_not_begun_again_after_a_loss(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    fill(scene)
    scene.run()
    scene.crm.change(an_id(1), amount=EMPTY)
    lose(scene)

    scene.settle()

    assert [task.episode for task in scene.crm.stored.values()] == [1, 2]
    assert [task.episode for task in scene.crm.open_tasks()] == [2]
    scene.crm.unlisted.clear()
    scene.expect_quiet()


@pytest.mark.promise("W2")
@pytest.mark.parametrize("is_mended", [True, False])
def test_a_task_never_tied_is_tied_or_closed_although_the_database_was_lost(
    scene_of: MakeScene, is_mended: bool
) -> None:
    scene = scene_of(lacking())
    scene.plan()
    scene.crm.lose = "after"
    scene.run()
    task = scene.task()
    task.is_loose = task.is_unsaid = True  # a deal names a task once it is tied
    scene.lose_database()
    scene.crm.names_tasks = True
    if is_mended:
        fill(scene)

    report = scene.run()

    assert report.body["recovery"] is True
    assert list(scene.crm.stored.values()) == [task]
    assert (task.is_closed, task.is_loose) == (is_mended, is_mended)
    scene.expect_quiet()


def test_a_word_that_names_no_task_of_ours_changes_nothing(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    (stored,) = scene.crm.stored.values()
    scene.crm.names_tasks = True
    stored.episode = 7  # as a person may have typed it; no task has such a key

    report = scene.run()

    assert report.body["recovery"] is False
    assert report.body["plan"] == QUIET
