"""Waivers in whole runs: tasks, flags, limits, and the days on which they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import Pipeline
from gatekeeper.core.model import EMPTY, State
from gatekeeper.core.waivers import Waiver, WaiverBook, WaiverPolicy
from tests.builders import NEW_YORK, PIPELINE, a_deal, a_line, dollars
from tests.flow.scene import MONDAY, an_id, count, lacking

if TYPE_CHECKING:
    from tests.flow.scene import Scene


def a_waiver(**changes) -> Waiver:
    base = Waiver(
        id="w-1",
        rules=("qual-amount",),
        reason="Strategic logo.",
        requested_by="ana@example.com",
        approved_by="ops@example.com",
        approved_on=date(2026, 11, 3),
        expires=date(2026, 11, 23),
        deals=frozenset({an_id(1)}),
    )
    return replace(base, **changes)


def of_all(most: int, **changes) -> Waiver:
    where = a_line(answer=True)
    return a_waiver(deals=frozenset(), deals_where=where, max_deals=most, **changes)


def grant(scene: Scene, *waivers: Waiver) -> None:
    scene.pack = replace(scene.pack, waivers=WaiverBook(waivers, NEW_YORK))


def states(scene: Scene) -> list[State]:
    return [each.state for each in scene.violations()]


def test_a_waived_deal_gets_no_task_and_says_so(scene_of):
    scene = scene_of(lacking())
    grant(scene, a_waiver())
    report = scene.settle()
    assert not scene.crm.open_tasks()
    assert scene.status(an_id(1)) == "Waived"
    assert count(report, "counts", "waived") == 1
    assert count(report, "counts", "fail") == 1
    assert report.body["waivers"] == {
        "by_rule": {"qual-amount": {"waived": 1, "failing": 1}},
        "by_approver": {"ops@example.com": 1},
        "ending": {"w-1": "2026-11-23"},
        "unused": [],
    }
    scene.expect_quiet()


def test_a_waiver_closes_the_open_task_with_its_reason(scene_of):
    scene = scene_of(lacking())
    scene.settle()
    task = scene.task()
    grant(scene, a_waiver())
    scene.run()
    assert task.is_closed
    assert task.parts["body"] == (
        "Nothing is asked here any more.\n"
        "Waived until 23 Nov 2026 by ops@example.com (w-1): Strategic logo."
    )
    assert scene.violation().state is State.WAIVED
    scene.expect_quiet()


def test_when_a_waiver_ends_the_task_comes_back_at_once(scene_of):
    """Monday the 23rd is its last day; the next morning the violation is open."""
    scene = scene_of(lacking())
    grant(scene, a_waiver())
    scene.settle()
    scene.go_to(MONDAY)
    scene.run()
    assert scene.violation().state is State.WAIVED
    scene.go_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    scene.run()
    assert scene.violation().state is State.OPEN
    assert scene.task().parts["subject"]
    assert scene.status(an_id(1)) == "Open"
    scene.expect_quiet()


def test_a_plan_shows_the_same_as_the_run(scene_of):
    scene = scene_of(lacking(1), lacking(2))
    grant(scene, a_waiver())
    planned = list(scene.store.changes(scene.plan().id))
    assert [each.change.deal_id for each in planned if each.change.id] == [an_id(2)]
    scene.run()
    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(2)]


def test_explain_names_the_waiver(scene_of):
    scene = scene_of(lacking())
    grant(scene, a_waiver())
    (explained,) = scene.explain(an_id(1)).rules
    assert explained.verdict.waived is not None
    assert explained.verdict.waived.waiver_id == "w-1"


def test_notice_is_given_in_the_last_week(scene_of):
    scene = scene_of(lacking())
    later = {"approved_on": date(2026, 11, 19), "expires": date(2026, 12, 1)}
    grant(scene, a_waiver(), a_waiver(id="w-2", **later))
    assert [each for each in scene.run().messages if "w-" in each] == [
        "Waiver w-1 (qual-amount) ends with 23 Nov 2026; ops@example.com approved it"
        " for ana@example.com. From the next day on what it covers is open again."
    ]


# ---- how far it reaches ------------------------------------------------------------


def test_a_condition_covers_as_many_deals_as_it_may(scene_of):
    scene = scene_of(*map(lacking, range(1, 4)))
    grant(scene, of_all(3))
    report = scene.settle()
    assert states(scene) == [State.WAIVED] * 3
    assert not [each for each in report.messages if "E708" in each]


def test_e708_a_waiver_that_would_cover_more_is_not_applied(scene_of):
    scene = scene_of(*map(lacking, range(1, 6)))
    grant(scene, of_all(2))
    report = scene.settle()
    assert (
        "E708: waiver w-1 would cover 5 deals; max_deals is 2. It was not applied in"
        " this run."
    ) in report.messages
    assert states(scene) == [State.OPEN] * 5
    assert len(scene.crm.open_tasks()) == 5
    assert count(report, "counts", "waived") == 0
    assert report.body["waivers"] == {
        "by_rule": {},
        "by_approver": {},
        "ending": {"w-1": "2026-11-23"},
        "unused": [],
    }
    scene.expect_quiet()


def test_what_was_waived_before_stays_so_when_it_grows_too_broad(scene_of):
    """Two deals were waived; a third makes the waiver cover one too many."""
    scene = scene_of(lacking(1), lacking(2))
    grant(scene, of_all(2))
    scene.settle()
    assert states(scene) == [State.WAIVED] * 2
    scene.crm.add(lacking(3))
    report = scene.run()
    assert any("would cover 3 deals" in each for each in report.messages)
    assert states(scene) == [State.WAIVED, State.WAIVED, State.OPEN]
    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(3)]


def test_a_waiver_that_names_a_deal_still_holds_beside_one_too_broad(scene_of):
    scene = scene_of(*map(lacking, range(1, 5)))
    grant(scene, of_all(1, id="w-all"), a_waiver())
    report = scene.settle()
    assert states(scene) == [State.WAIVED] + [State.OPEN] * 3
    assert any("would cover 3 deals" in each for each in report.messages)
    assert report.body["waivers"] == {
        "by_rule": {"qual-amount": {"waived": 1, "failing": 4}},
        "by_approver": {"ops@example.com": 1},
        "ending": {"w-1": "2026-11-23", "w-all": "2026-11-23"},
        "unused": [],
    }


@pytest.mark.parametrize("most", [0, 1, 2, 3, 4, 5])
def test_the_order_of_deals_does_not_matter(scene_of, most):
    scene = scene_of(*map(lacking, (4, 2, 3, 1)))
    grant(scene, of_all(most))
    scene.settle()
    expected = State.WAIVED if most >= 4 else State.OPEN
    assert states(scene) == [expected] * 4


def test_a_deal_that_is_no_longer_the_one_approved_is_open(scene_of):
    def is_small(deal):
        return deal.fields["amount"] == dollars(5)

    ends = a_waiver(ends_early_when=a_line(is_small))
    scene = scene_of(lacking())
    scene.rule(require=a_line(answer=False))
    grant(scene, ends)
    scene.settle()
    assert scene.violation().state is State.WAIVED
    scene.crm.add(a_deal("Proposal", deal_id=an_id(1), amount=dollars(5)))
    scene.run()
    assert scene.violation().state is State.OPEN


def test_a_won_deal_stays_waived_to_the_end_of_the_lookback(scene_of):
    won = a_deal(
        "Closed Won", deal_id=an_id(1), amount=EMPTY, close_date=date(2026, 11, 23)
    )
    scene = scene_of(won)
    grant(scene, a_waiver())
    scene.settle()
    scene.go_to(datetime(2026, 12, 20, 14, tzinfo=UTC))
    scene.run()
    assert scene.violation().state is State.WAIVED


# ---- what people should know --------------------------------------------------------


def test_a_waiver_that_covers_nothing_for_two_weeks_is_named(scene_of):
    """Approved on the 3rd, watched from the 16th to the fourteenth day after."""
    scene = scene_of(a_deal("Proposal", deal_id=an_id(1)))
    grant(scene, a_waiver(expires=date(2026, 12, 31)))
    for day in (16, 29):
        scene.go_to(datetime(2026, 11, day, 14, tzinfo=UTC))
        assert scene.run().body["waivers"]["unused"] == []
    scene.go_to(datetime(2026, 11, 30, 14, tzinfo=UTC))
    report = scene.run()
    assert report.body["waivers"]["unused"] == ["w-1"]
    assert (
        "Waiver w-1 (qual-amount) has covered nothing for 14 days. Take it out, or mend"
        " whom it is for."
    ) in report.messages


def test_a_waiver_used_lately_is_not_called_unused(scene_of):
    scene = scene_of(lacking())
    grant(scene, a_waiver(expires=date(2026, 12, 31)))
    scene.settle()
    scene.crm.change(an_id(1), amount=dollars(5))
    scene.go_to(MONDAY)
    scene.run()
    scene.wait(days=13)
    assert scene.run().body["waivers"]["unused"] == []
    scene.wait(days=1)
    assert scene.run().body["waivers"]["unused"] == ["w-1"]


def test_a_violation_says_until_when_it_is_waived(scene_of):
    scene = scene_of(lacking())
    grant(scene, a_waiver())
    scene.settle()
    assert scene.violation().accepted_until == date(2026, 11, 23)
    (rule,) = scene.explain(an_id(1)).rules
    assert rule.upcoming is not None
    assert rule.upcoming.text == (
        "the waiver ends on 23 Nov 2026, open from 24 Nov 2026 on"
    )
    scene.go_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    scene.run()
    assert scene.violation().accepted_until is None


def test_a_waiver_ends_with_the_version_it_was_approved_for(scene_of):
    scene = scene_of(lacking())
    outdated = a_waiver(outdated=frozenset({"qual-amount"}))
    policy = WaiverPolicy(void_on_change=True)
    book = WaiverBook((outdated,), NEW_YORK, policy)
    grant(scene, a_waiver())
    scene.settle()
    scene.pack = replace(scene.pack, waivers=book)
    scene.run()
    assert scene.violation().state is State.OPEN
    assert len(scene.crm.open_tasks()) == 1
    scene.pack = replace(scene.pack, waivers=replace(book, policy=WaiverPolicy()))
    scene.run()
    assert scene.violation().state is State.WAIVED


@pytest.mark.promise("F35")
def test_a_waiver_that_breaks_costs_one_verdict_and_not_the_run(scene_of):
    def broken(_deal):
        raise ZeroDivisionError

    scene = scene_of(lacking())
    grant(scene, a_waiver())
    scene.settle()
    ends = replace(a_waiver(), ends_early_when=a_line(broken))
    grant(scene, ends)
    report = scene.run()
    assert report.status.value == "done"
    assert scene.violation().state is State.WAIVED  # as it stood before
    (rule,) = scene.explain(an_id(1)).rules
    assert rule.verdict.waived is not None
    assert rule.verdict.waived.words == (
        f"E999: gatekeeper could not evaluate waiver w-1 on {an_id(1)}"
        " (ZeroDivisionError). This is a bug in gatekeeper, not in your waiver."
    )


def test_the_stages_say_when_a_deal_was_won_and_not_its_close_date(scene_of):
    """Won between the runs of the 23rd and 24th; the waiver ended with the 23rd."""
    scene = scene_of(lacking())
    scene.rule(include_lost=False)
    grant(scene, a_waiver())
    scene.settle()
    scene.go_to(MONDAY)
    scene.run()
    scene.crm.move(an_id(1), "Closed Won")
    scene.crm.change(an_id(1), close_date=date(2026, 11, 20))
    scene.go_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    scene.run()
    assert scene.violation().state is State.OPEN


def test_the_stages_also_say_when_a_deal_came_to_count_as_won(scene_of):
    """`counts_as: won` of Proposal; the close date lies within the waiver's term."""
    scene = scene_of(a_deal("Value Proposition", deal_id=an_id(1), amount=EMPTY))
    marked = tuple(
        replace(each, is_closed=True, is_won=True) if each.name == "Proposal" else each
        for each in PIPELINE.stages
    )
    scene.pack = replace(
        scene.pack, pipelines={PIPELINE.name: Pipeline(PIPELINE.name, marked)}
    )
    grant(scene, a_waiver())
    scene.settle()
    scene.go_to(MONDAY)
    scene.run()
    scene.crm.move(an_id(1), "Proposal")
    scene.crm.change(an_id(1), close_date=date(2026, 11, 20))
    scene.go_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    scene.run()
    assert scene.violation().state is State.OPEN
