"""Overlays in whole runs: each deal by its team's rules, zone and calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.model import EMPTY, Mode, Severity, State, Unavailable
from gatekeeper.core.overlays import Overlay
from gatekeeper.core.pack import Grace, Needs, Unit
from tests.builders import a_deal, a_rule
from tests.flow.scene import an_id, lacking

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal, FieldValue
    from tests.flow.scene import Scene

NOT_THERE = Unavailable("no access")


def of_team(team: FieldValue, number: int = 1) -> Deal:
    deal = lacking(number)
    return replace(deal, fields={**deal.fields, "owner.team": team})


def lay(scene: Scene, zone: str = "", calendar: Calendar | None = None, **rule) -> None:
    """Put an overlay for the team EMEA over the scene's one rule."""
    pack = scene.pack
    needs = pack.needs | Needs(frozenset({"owner.team"}))
    pack = replace(pack, needs=needs)
    project = replace(
        pack.project,
        zone=ZoneInfo(zone) if zone else pack.project.zone,
        calendar=calendar or pack.project.calendar,
    )
    rules = tuple(replace(each, **rule) for each in pack.rules)
    own = replace(pack, rules=rules, project=project)
    scene.pack = replace(pack, overlays=(Overlay("emea", {"team": ("EMEA",)}, own),))


def test_a_team_under_observe_gets_no_task_while_another_does(scene_of):
    scene = scene_of(of_team("EMEA", 1), of_team("APAC", 2))
    lay(scene, mode=Mode.OBSERVE)
    scene.settle()
    assert [task.id.deal_id for task in scene.crm.open_tasks()] == [an_id(2)]
    assert [each.mode for each in scene.violations()] == [Mode.OBSERVE, Mode.ENFORCE]
    assert scene.status(an_id(1)) is None
    scene.expect_quiet()


def test_an_overlay_names_its_own_severity_and_due_day(scene_of):
    """Friday 20 Nov: one business day on is Monday the 23rd, three are Wednesday."""
    scene = scene_of(of_team("EMEA", 1), of_team("APAC", 2))
    lay(scene, severity=Severity.CRITICAL, due_in=1)
    scene.settle()
    due = {task.id.deal_id: task.parts["due_on"] for task in scene.crm.open_tasks()}
    assert due == {an_id(1): "2026-11-23", an_id(2): "2026-11-25"}
    assert [each.severity for each in scene.violations()] == [
        Severity.CRITICAL,
        Severity.MEDIUM,
    ]


def test_grace_counts_by_the_calendar_of_the_overlay(scene_of):
    """With Monday the 23rd off, two business days of grace last until Wednesday."""
    scene = scene_of(of_team("EMEA", 1), of_team("APAC", 2))
    scene.rule(grace=Grace(2, Unit.BUSINESS_DAYS))
    lay(scene, calendar=Calendar(frozenset({date(2026, 11, 23)})))
    scene.settle()
    scene.go_to(datetime(2026, 11, 25, 14, tzinfo=UTC))
    scene.run()
    assert [each.state for each in scene.violations()] == [State.PENDING, State.OPEN]
    scene.go_to(datetime(2026, 11, 26, 14, tzinfo=UTC))
    scene.run()
    assert [each.state for each in scene.violations()] == [State.OPEN, State.OPEN]


def test_today_is_the_day_where_the_team_is(scene_of):
    """At 22:00 in New York it is already tomorrow in Paris."""
    scene = scene_of(of_team("EMEA", 1), of_team("APAC", 2))
    lay(scene, zone="Europe/Paris")
    scene.go_to(datetime(2026, 11, 21, 3, tzinfo=UTC))
    scene.settle()
    due = {task.id.deal_id: task.parts["due_on"] for task in scene.crm.open_tasks()}
    # Three business days from Saturday the 21st (rolled to Monday), and from Friday.
    assert due == {an_id(1): "2026-11-26", an_id(2): "2026-11-25"}


def test_where_the_team_is_not_shown_nothing_opens_or_closes(scene_of):
    scene = scene_of(of_team("APAC"))
    lay(scene, mode=Mode.OBSERVE)
    scene.settle()
    task = scene.task()
    scene.crm.add(of_team(NOT_THERE))
    report = scene.run()
    assert scene.violation().state is State.OPEN
    assert not task.is_closed
    assert report.body["counts"]["cannot_tell"] == 1
    assert report.body["plan"]["close"] == 0


def test_a_deal_that_changes_teams_is_judged_by_the_new_ones_rules(scene_of):
    scene = scene_of(of_team("APAC"))
    lay(scene, off_until=date(2026, 12, 31), off_because="It lives in the portal.")
    scene.settle()
    task = scene.task()
    scene.crm.add(of_team("EMEA"))
    scene.run()
    assert task.is_closed
    assert not scene.violations()
    scene.expect_quiet()


def test_a_rule_switched_off_comes_back_after_its_last_day(scene_of):
    scene = scene_of(of_team("EMEA"))
    lay(scene, off_until=date(2026, 11, 23), off_because="It lives in the portal.")
    scene.settle()
    assert not scene.violations()
    scene.go_to(datetime(2026, 11, 24, 14, tzinfo=UTC))
    scene.run()
    assert scene.violation().state is State.OPEN


def test_explain_speaks_from_the_deals_own_overlay(scene_of):
    scene = scene_of(of_team("EMEA"))
    lay(scene, severity=Severity.CRITICAL)
    (explained,) = scene.explain(an_id(1)).rules
    assert explained.rule.severity is Severity.CRITICAL


def test_a_deal_of_no_overlay_needs_no_team(scene_of):
    scene = scene_of(a_deal("Proposal", deal_id=an_id(1), amount=EMPTY))
    scene.pack = replace(scene.pack, rules=(a_rule(),))
    scene.settle()
    assert scene.violation().state is State.OPEN
