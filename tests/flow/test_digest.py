"""Night after night: what the digest says of the runs there were."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import Mode
from gatekeeper.core.pack import Deprecation
from gatekeeper.errors import CrmAuthError, SetupError
from gatekeeper.flow.digest import Desk, roster_about
from gatekeeper.ports import RunStatus
from tests.builders import a_deal
from tests.fakes.crm import ORG
from tests.flow.scene import FRIDAY, MONDAY, an_id, lacking, managers_digests
from tests.store.values import edit

if TYPE_CHECKING:
    from gatekeeper.core.digest.values import Digest
    from tests.flow.scene import MakeScene, Scene


def told(scene: Scene) -> Digest:
    """What Bea, whom Ann reports to, is told."""
    schema = scene.crm.schema(scene.pack.catalogue)
    archive = scene.store.archive
    desk = Desk(archive, scene.crm, scene.pack, schema)
    (found,) = managers_digests(desk)
    assert found.who.name == "Bea Boss"
    return found


def mend(scene: Scene, number: int) -> None:
    scene.crm.add(a_deal("Proposal", deal_id=an_id(number)))


def test_before_the_first_run_there_is_nothing_to_tell(
    scene_of: MakeScene,
) -> None:
    with pytest.raises(SetupError, match="No run has kept track yet"):
        told(scene_of(lacking()))


def test_a_plan_keeps_no_track_so_it_is_not_told_of(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.plan()

    with pytest.raises(SetupError, match="No run has kept track yet"):
        told(scene)


@pytest.mark.promise("D1")
def test_a_run_of_which_nothing_is_kept_is_not_told_as_one_that_concerns_nobody(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()
    edit(scene.file, "DELETE FROM staged_deal")
    last = scene.store.archive.last_told(ORG)
    assert last is not None

    with pytest.raises(SetupError) as refused:
        told(scene)

    assert str(refused.value) == (
        f"What run {last.id} read is not kept any more, so nobody can be told of it."
        " Make a new one: gatekeeper run"
    )


def test_a_run_without_deals_concerns_nobody(scene_of: MakeScene) -> None:
    scene = scene_of()
    scene.run()
    schema = scene.crm.schema(scene.pack.catalogue)
    desk = Desk(scene.store.archive, scene.crm, scene.pack, schema)

    assert roster_about(desk).told == ()


@pytest.mark.promise("D2")
def test_a_run_that_failed_while_it_wrote_is_told_with_its_own_numbers(
    scene_of: MakeScene,
) -> None:
    """Four of five deals are mended by Monday, when the CRM refuses to be written."""
    scene = scene_of(*(lacking(number) for number in range(1, 6)))
    scene.settle()
    scene.go_to(MONDAY)
    for number in range(1, 5):
        mend(scene, number)

    def refused() -> None:
        raise CrmAuthError("the login was refused")

    scene.crm.before_write.append(refused)
    with pytest.raises(CrmAuthError):
        scene.run()

    digest = told(scene)

    failed = scene.store.runs(ORG)[0]
    assert failed.status is RunStatus.FAILED
    assert (digest.truth.run_id, digest.truth.as_of) == (failed.id, MONDAY)
    assert digest.headline.open_violations.now == 1
    assert not digest.truth.is_complete
    assert digest.truth.problems == (
        "It did not come to its end: tasks may not be as told here.",
    )


def test_a_digest_carries_the_head_of_the_audit_chain(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.settle()

    head = told(scene).truth.audit_head

    assert scene.store.verify_audit(ORG, head).has_known is True


def test_the_first_digest_tells_what_stands_and_compares_with_nothing(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), a_deal("Closed Won", deal_id=an_id(2)))
    scene.settle()

    digest = told(scene)

    assert digest.since is None
    assert digest.headline.open_deals.now == 1
    assert [ask.deal_id for ask in digest.asks] == [an_id(1)]
    assert digest.truth.is_whole


def test_the_next_day_tells_what_came_and_what_was_fixed(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2))
    scene.go_to(FRIDAY)
    scene.settle()
    scene.go_to(MONDAY)
    mend(scene, 1)
    scene.crm.add(lacking(3))
    scene.run()

    digest = told(scene)

    assert digest.since == FRIDAY
    assert digest.headline.open_deals.change == 1
    assert digest.headline.open_violations.change == 0
    assert [line.deal_id for line in digest.new.lines] == [an_id(3)]
    assert [line.deal_id for line in digest.fixed.lines] == [an_id(1)]


def test_a_second_run_of_a_day_compares_with_the_day_before_too(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    scene.go_to(FRIDAY)
    scene.settle()
    scene.go_to(MONDAY)
    scene.crm.add(lacking(2))
    scene.run()
    scene.wait(hours=2)
    scene.run()

    digest = told(scene)

    assert digest.since == FRIDAY
    assert [line.deal_id for line in digest.new.lines] == [an_id(2)]


@pytest.mark.promise("D2")
def test_a_partial_run_is_said_to_be_one(scene_of: MakeScene) -> None:
    scene = scene_of(lacking(1))
    scene.settle()
    scene.wait(days=1)
    scene.crm.fails_at_page = 0
    scene.run()

    truth = told(scene).truth

    assert not truth.is_complete
    assert truth.problems[0].startswith("The deals ended early.")


def test_what_is_only_observed_is_asked_of_nobody(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), mode_ceiling=Mode.OBSERVE)
    scene.run()

    digest = told(scene)

    assert digest.asks == ()
    assert [(each.is_observed, each.count) for each in digest.criteria] == [(True, 1)]


def test_a_rule_on_its_way_out_still_runs_and_is_named(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    said = Deprecation(date(2026, 11, 1), "other-rule")
    scene.rule(deprecated=said)
    scene.settle()

    digest = told(scene)

    assert digest.truth.leaving == {"qual-amount": said}
    assert [ask.deal_id for ask in digest.asks] == [an_id(1)]


def test_the_trend_has_a_point_per_week_that_had_a_run(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1))
    scene.go_to(FRIDAY)
    scene.settle()
    scene.wait(days=14)
    scene.crm.add(lacking(2))
    scene.run()

    trend = told(scene).trend

    assert trend.stages == {"Proposal": (None, None, None, None, None, 1, None, 2)}
