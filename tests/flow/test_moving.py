"""A deal that may close soon is told of with what its gates still ask."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.digest.values import Moving
from gatekeeper.core.model import EMPTY, Mode, Unavailable
from gatekeeper.flow.digest import Desk
from tests.builders import OWNER, a_deal
from tests.flow.scene import an_id, lacking, managers_digests

if TYPE_CHECKING:
    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.model import Deal
    from tests.flow.scene import MakeScene, Scene

SOON = date(2026, 11, 27)  # a week after the day of the scene


def told(scene: Scene) -> Digest:
    scene.settle()
    schema = scene.crm.schema(scene.pack.catalogue)
    (bea,) = managers_digests(Desk(scene.store.archive, scene.crm, scene.pack, schema))
    return bea


def closing(
    number: int, on: date = SOON, stage: str = "Qualification", **fields: Any
) -> Deal:
    return a_deal(stage, deal_id=an_id(number), close_date=on, **fields)


@pytest.mark.promise("D2")
def test_what_the_gate_ahead_asks_is_said_before_the_deal_moves(
    scene_of: MakeScene,
) -> None:
    digest = told(scene_of(closing(1, amount=EMPTY), closing(2)))

    (asked,) = digest.moving
    assert asked == Moving(
        deal_id=an_id(1),
        name="Acme renewal",
        stage="Qualification",
        owner_id=OWNER,
        owner="Ann Rep",
        amount=None,
        currency="",
        close_on=SOON,
        missing=asked.missing,
    )
    assert len(asked.missing) == 1
    assert digest.ready == 1


def test_what_gates_behind_still_lack_is_missing_too(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(closing(1, stage="Proposal", amount=EMPTY))

    (late,) = told(scene).moving

    assert late.missing == (scene.pack.rules[0].title,)


@pytest.mark.parametrize(
    ("on", "is_told"),
    [
        (date(2026, 11, 19), False),
        (date(2026, 11, 20), True),
        (date(2026, 12, 4), True),
        (date(2026, 12, 5), False),
    ],
)
def test_two_weeks_from_today_are_soon_and_what_is_overdue_is_not(
    scene_of: MakeScene, on: date, *, is_told: bool
) -> None:
    digest = told(scene_of(lacking(9), closing(1, on, amount=EMPTY)))

    assert [each.deal_id for each in digest.moving] == ([an_id(1)] if is_told else [])


def test_a_closed_deal_moves_no_more(scene_of: MakeScene) -> None:
    digest = told(scene_of(lacking(9), closing(1, stage="Closed Won")))

    assert (digest.ready, digest.moving) == (0, ())


@pytest.mark.promise("D2")
def test_a_deal_of_which_a_criterion_cannot_be_told_is_not_called_ready(
    scene_of: MakeScene,
) -> None:
    hidden = closing(1, amount=Unavailable("no access"))

    digest = told(scene_of(lacking(9), hidden))

    (unsure,) = digest.moving
    assert (unsure.missing, unsure.untold, digest.ready) == ((), 1, 0)


def test_rules_that_are_only_tried_out_ask_nothing_of_a_deal_that_moves(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(closing(1, amount=EMPTY), mode_ceiling=Mode.OBSERVE)

    digest = told(scene)

    assert (digest.ready, digest.moving) == (0, ())
