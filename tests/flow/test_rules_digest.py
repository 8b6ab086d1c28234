"""What the stored runs say of the rules themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.rules import Drift, Trouble
from gatekeeper.core.model import Person
from gatekeeper.core.notices import Notice, NoticeKind, Remark
from gatekeeper.errors import SetupError
from gatekeeper.flow.digest import Desk, night_of
from gatekeeper.flow.rules_digest import rules_digest
from tests.builders import a_deal
from tests.flow.scene import FRIDAY, MONDAY, an_id, lacking

if TYPE_CHECKING:
    from gatekeeper.core.digest.rules import RulesDigest
    from tests.flow.scene import MakeScene, Scene

OPS = Person("revops", "RevOps")
MANY = range(1, 31)
UNREADABLE = Notice(
    NoticeKind.DRIFT, "E501", "amount cannot be read.", "rules/a.rules.yaml:3:5"
)


def told(scene: Scene) -> RulesDigest:
    schema = scene.crm.schema(scene.pack.catalogue)
    desk = Desk(scene.store.archive, scene.crm, scene.pack, schema)
    return rules_digest(desk, night_of(desk), OPS)


def troubles(scene: Scene) -> dict[str, Trouble | None]:
    return {each.rule_id: each.trouble for each in told(scene).tallies}


def test_before_the_first_run_there_is_nothing_to_tell(
    scene_of: MakeScene,
) -> None:
    with pytest.raises(SetupError, match="No run has kept track yet"):
        told(scene_of(lacking()))


def test_every_rule_is_counted_on_the_deals_of_all_teams(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking(1), lacking(2), a_deal("Proposal", deal_id=an_id(3)))
    scene.run()

    digest = told(scene)

    assert digest.who == OPS
    assert [each.rule_id for each in digest.tallies] == [
        rule.id for rule in scene.pack.rules
    ]
    assert sum(each.failing for each in digest.tallies) >= 2
    assert digest.whole.headline.open_deals.now == 3


def test_a_rule_that_every_deal_fails_is_found(scene_of: MakeScene) -> None:
    scene = scene_of(*(lacking(number) for number in MANY))
    scene.run()

    assert Trouble.ALWAYS_FAILS in troubles(scene).values()


def test_a_rule_that_failed_last_week_is_not_said_never_to_fail(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(*(lacking(number) for number in MANY))
    scene.go_to(FRIDAY)
    scene.run()
    (failed,) = [r for r, t in troubles(scene).items() if t is Trouble.ALWAYS_FAILS]
    scene.go_to(MONDAY)
    for number in MANY:
        scene.crm.add(a_deal("Proposal", deal_id=an_id(number)))
    scene.run()

    assert troubles(scene)[failed] is None


def test_a_field_that_was_hidden_since_is_news(scene_of: MakeScene) -> None:
    scene = scene_of(*(lacking(number) for number in MANY))
    scene.go_to(FRIDAY)
    scene.run()
    scene.go_to(MONDAY)
    hidden = Remark(
        UNREADABLE.place, UNREADABLE.code, UNREADABLE.text, "grant it", is_mistake=True
    )
    scene.pack = replace(scene.pack, remarks=(hidden,))
    scene.run()
    monday = told(scene)
    scene.go_to(MONDAY + timedelta(days=1))
    scene.run()

    assert monday.drift == (Drift(UNREADABLE, is_new=True),)
    assert told(scene).drift == (Drift(UNREADABLE, is_new=False),)
    assert monday.said == ()


def test_what_is_held_is_not_said_twice(scene_of: MakeScene) -> None:
    scene = scene_of(*(lacking(number) for number in range(1, 61)))
    scene.settle()

    digest = told(scene)

    assert digest.whole.truth.held
    assert not set(digest.said) & set(digest.whole.truth.held)
