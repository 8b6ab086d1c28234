"""Reads that are incomplete, deals that leave, fields that hide: nothing is guessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Never

import pytest

from gatekeeper.core.model import EMPTY, Outcome, Resolution, State
from gatekeeper.errors import CrmAuthError
from gatekeeper.ports import RunStatus
from tests.builders import a_deal, dollars
from tests.flow.scene import an_id, count, lacking

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene, Scene


def resolution_of(scene: Scene) -> Resolution | None:
    (found,) = scene.violations("resolved")
    return found.resolution


# ---- partial pulls -----------------------------------------------------------


@pytest.mark.promise("W5", "F24")
def test_a_partial_pull_resolves_nothing_and_only_creates(scene_of: MakeScene) -> None:
    scene = scene_of(
        lacking(1), *(a_deal("Proposal", deal_id=an_id(n)) for n in (2, 3))
    )
    scene.settle()
    old = scene.task()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.crm.change(an_id(2), amount=EMPTY)
    scene.crm.page_size, scene.crm.fails_at_page = 2, 1

    report = scene.run()

    assert report.status is RunStatus.PARTIAL
    assert report.body["complete"] is False
    assert report.messages[0] == (
        'E903: The deals ended early. 0 results are "cannot tell"; no task was'
        " opened or closed for them. This run closes nothing."
    )
    assert not old.is_closed
    assert {task.id.deal_id for task in scene.crm.open_tasks()} == {an_id(1), an_id(2)}
    assert [each.state for each in scene.violations()] == [State.OPEN, State.OPEN]
    assert count(report, "applied", "flag") == 0

    scene.crm.fails_at_page = None
    scene.run()

    assert old.is_closed
    assert [each.deal_id for each in scene.violations()] == [an_id(2)]
    scene.expect_quiet()


@pytest.mark.promise("B1")
def test_far_fewer_deals_than_usual_make_the_run_partial(scene_of: MakeScene) -> None:
    scene = scene_of(*[a_deal("Proposal", deal_id=an_id(n)) for n in range(1, 11)])
    scene.crm.add(lacking(11))
    scene.settle()
    scene.run()
    task = scene.task()
    for number in range(1, 5):
        scene.crm.deals.pop(an_id(number))
    scene.crm.change(an_id(11), amount=dollars(5))

    report = scene.run()  # 7 of 11 is less than 80 %

    assert report.status is RunStatus.PARTIAL
    assert not task.is_closed
    assert any("E903: Only 7 deals came" in text for text in report.messages)


def test_deals_known_by_id_alone_are_no_part_of_what_usually_comes(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*[lacking(number) for number in range(1, 8)])
    scene.settle()
    for number in (1, 2):  # open tasks, outside of what the stream brings
        scene.crm.change(an_id(number), is_closed=True, close_date=date(2020, 1, 1))
    scene.crm.hidden.add("amount")  # and nobody can tell whether they are done

    statuses = [scene.run().status for _ in range(8)]

    assert statuses[-3:] == [RunStatus.DONE] * 3


@pytest.mark.promise("F26", "B1")
def test_no_deals_where_there_were_some_holds_the_run(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    scene.crm.deals.clear()

    report = scene.run()

    assert report.status is RunStatus.HELD
    assert not scene.task().is_closed
    assert scene.violation().state is State.OPEN


@pytest.mark.promise("F26")
def test_an_empty_stream_is_held_even_where_known_deals_are_found_by_id(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.crm.hides_from_stream = True

    report = scene.run()

    assert report.status is RunStatus.HELD
    assert not scene.task().is_closed


@pytest.mark.promise("F26")
def test_no_deals_are_held_again_where_the_run_before_was_held_for_it(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    scene.crm.deals.clear()
    scene.run()

    assert scene.run().status is RunStatus.HELD


@pytest.mark.promise("F26")
def test_five_plans_do_not_hide_what_the_last_run_brought(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    for _ in range(5):
        scene.plan()
    scene.crm.deals.clear()

    assert scene.run().status is RunStatus.HELD


@pytest.mark.promise("F26")
def test_five_runs_that_failed_do_not_hide_what_the_last_one_brought(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    own_tasks = scene.crm.own_tasks
    scene.crm.own_tasks = refused  # type: ignore[method-assign]
    for _ in range(5):
        with pytest.raises(CrmAuthError):
            scene.run()
    scene.crm.own_tasks = own_tasks  # type: ignore[method-assign]
    scene.crm.deals.clear()

    assert scene.run().status is RunStatus.HELD


def refused() -> Never:
    raise CrmAuthError("the login was refused")


def test_half_of_the_deals_are_too_few_after_five_plans_too(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*(a_deal("Proposal", deal_id=an_id(n)) for n in range(1, 11)))
    scene.settle()
    scene.run()
    for _ in range(5):
        scene.plan()
    for number in range(4, 11):
        del scene.crm.deals[an_id(number)]

    assert scene.run().body["complete"] is False


def test_fewer_deals_are_the_usual_after_three_runs_in_a_row(
    scene_of: MakeScene,
) -> None:
    """Half of the deals moved to another team: that is no outage for ever."""
    scene = scene_of(*(a_deal("Proposal", deal_id=an_id(n)) for n in range(1, 11)))
    scene.settle()
    for _ in range(4):
        scene.run()
    for number in range(4, 11):
        del scene.crm.deals[an_id(number)]

    assert [scene.run().body["complete"] for _ in range(4)] == [False] * 3 + [True]


# ---- deals that leave the stream ---------------------------------------------


@pytest.mark.promise("W5", "F22")
def test_a_deleted_deal_ends_its_violation_and_closes_its_task(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    task = scene.task()
    scene.crm.delete_deal(an_id(1))

    scene.run()

    assert scene.violations() == []
    assert resolution_of(scene) is Resolution.DEAL_GONE
    assert task.is_closed
    scene.expect_quiet()


@pytest.mark.promise("W5", "F22")
def test_a_deal_that_cannot_be_read_any_more_keeps_everything(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    scene.crm.deals.pop(an_id(1))

    report = scene.run()

    standing = scene.violation()
    assert (standing.state, standing.outcome) == (State.OPEN, Outcome.CANNOT_TELL)
    assert not scene.task().is_closed
    assert count(report, "plan", "undecided") == 1


@pytest.mark.promise("F22")
def test_a_lost_deal_ends_its_violation_and_closes_its_task(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    task = scene.task()
    scene.crm.move(an_id(1), "Closed Lost")
    scene.crm.change(an_id(1), close_date=date(2026, 1, 5))  # beyond the lookback

    scene.run()

    assert resolution_of(scene) is Resolution.DEAL_CLOSED
    assert task.is_closed
    scene.expect_quiet()


def test_a_won_deal_still_owes_its_exit_criterion_within_the_lookback(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    scene.settle()
    scene.crm.move(an_id(1), "Closed Won")
    scene.crm.change(an_id(1), close_date=date(2026, 11, 19))

    scene.run()

    assert scene.violation().state is State.OPEN
    assert not scene.task().is_closed


@pytest.mark.promise("F22")
def test_a_deal_out_of_scope_no_longer_owes_anything(scene_of: MakeScene) -> None:
    scene = scene_of(
        lacking(1), a_deal("Proposal", deal_id=an_id(2)), scope=("Default",)
    )
    scene.settle()
    task = scene.task()
    scene.crm.deals[an_id(1)] = replace(scene.crm.deals[an_id(1)], pipeline="Partners")

    scene.run()

    assert resolution_of(scene) is Resolution.NO_LONGER_APPLIES
    assert task.is_closed
    scene.expect_quiet()


# ---- fields that hide --------------------------------------------------------


@pytest.mark.promise("W5", "F25")
def test_a_hidden_field_opens_nothing_and_closes_nothing(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1), a_deal("Proposal", deal_id=an_id(2)))
    scene.settle()
    scene.crm.hidden.add("amount")

    report = scene.run()

    assert count(report, "counts", "cannot_tell") == 2
    standing = scene.violation()
    assert (standing.state, standing.outcome) == (State.OPEN, Outcome.CANNOT_TELL)
    assert not scene.task().is_closed
    assert [scene.status(an_id(n)) for n in (1, 2)] == ["Open", "Cannot tell"]
    scene.crm.hidden.clear()
    scene.run()
    assert scene.violation().outcome is Outcome.FAIL
    scene.expect_quiet()


# ---- texts of any length -----------------------------------------------------


@pytest.mark.promise("F31")
def test_a_text_of_five_megabytes_is_judged_and_kept_in_no_more_than_a_line(
    scene_of: MakeScene,
) -> None:
    huge = "N" * 5_000_000
    deal = a_deal("Proposal", deal_id=an_id(1), amount=EMPTY, next_step=huge)
    scene = scene_of(replace(deal, name=huge))

    scene.settle()
    again = scene.run()

    assert scene.violation().state is State.OPEN
    assert len(str(scene.task().parts["subject"])) <= 120
    kept = sum(each.stat().st_size for each in scene.file.parent.iterdir())
    assert kept < len(huge)
    assert {count(again, "applied", each) for each in ("create", "update", "flag")} == {
        0
    }
