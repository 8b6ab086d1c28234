"""Who is asked, in whole runs: every place a role is looked for, and who steps in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.model import Person, Row
from gatekeeper.core.pack import Needs
from gatekeeper.core.roles import Absence, People, RoleSource, RoleStep
from tests.builders import OWNER, a_rule, filled
from tests.flow.scene import MANAGER, an_id, lacking

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene, Scene


DESK = "005000000000003AAA"


def with_role(scene: Scene, *steps: RoleStep) -> None:
    """Let the rule be owed by the desk, looked for in these places."""
    scene.crm.users[DESK] = Person(DESK, "Dee Desk", "dee@acme.example")
    scene.rule(owed_by="desk")
    people = People({"desk": steps}, fallback="bea@acme.example")
    needs = Needs(
        frozenset({"desk_user"}), {"team_members": frozenset({"role", "user"})}
    )
    scene.pack = replace(scene.pack, people=people, needs=scene.pack.needs | needs)


def asked(scene: Scene) -> tuple[object, str]:
    """Return who has the task, and its last line."""
    scene.settle()
    task = scene.task()
    return task.parts["owner_id"], str(task.parts["body"]).splitlines()[-1]


ITSELF = "This task closes itself when everything is in place."


@pytest.mark.parametrize(
    ("step", "person"),
    [
        (RoleStep(RoleSource.DEAL_OWNER), OWNER),
        (RoleStep(RoleSource.OWNER_MANAGER), MANAGER),
        (RoleStep(RoleSource.FIELD, "desk_user"), DESK),
        (RoleStep(RoleSource.TEAM_MEMBER, "Deal Desk"), DESK),
        (RoleStep(RoleSource.ADDRESS, "dee@acme.example"), DESK),
    ],
)
def test_a_role_is_found_where_the_pack_says(
    scene_of: MakeScene, step: RoleStep, person: str
) -> None:
    desk = Person(DESK, "Dee Desk", "dee@acme.example")
    row: Row = {"role": "deal desk", "user": desk}
    deal = replace(lacking(), related={"team_members": (row,)})
    scene = scene_of(replace(deal, fields={**deal.fields, "desk_user": desk}))
    with_role(scene, step)

    assert asked(scene) == (person, ITSELF)
    scene.expect_quiet()


def test_the_next_place_is_looked_at_before_any_manager(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    with_role(
        scene,
        RoleStep(RoleSource.FIELD, "desk_user"),
        RoleStep(RoleSource.ADDRESS, "dee@acme.example"),
    )
    assert asked(scene) == (DESK, ITSELF)


def test_a_role_nobody_holds_falls_to_the_owners_manager_who_is_told_why(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    with_role(scene, RoleStep(RoleSource.FIELD, "desk_user"))
    assert asked(scene) == (
        MANAGER,
        "You are asked because nobody holds the role desk.",
    )
    scene.expect_quiet()


def test_a_manager_asked_for_an_inactive_owner_is_told_why(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    scene.crm.retire(OWNER)
    assert asked(scene) == (
        MANAGER,
        "You are asked because Ann Rep is not active.",
    )


def test_the_fallback_is_asked_where_no_manager_is_left(scene_of: MakeScene) -> None:
    scene = scene_of(lacking())
    scene.crm.users[OWNER] = replace(scene.crm.users[OWNER], manager_id=None)
    scene.crm.retire(OWNER)
    assert asked(scene)[0] == MANAGER  # bea@acme.example is the fallback of the scene


def test_a_task_goes_to_the_manager_while_the_owner_is_away_and_comes_back(
    scene_of: MakeScene,
) -> None:
    """Away from the 20th to the 22nd; on Monday the 23rd the owner is asked again."""
    scene = scene_of(lacking())
    away = {"ann@acme.example": (Absence(date(2026, 11, 20), date(2026, 11, 22)),)}
    scene.pack = replace(scene.pack, people=People(absences=away))
    assert asked(scene) == (
        MANAGER,
        "You are asked because Ann Rep is away until 22 Nov 2026.",
    )
    task = scene.task()
    scene.expect_quiet()
    scene.go_to(datetime(2026, 11, 23, 14, tzinfo=UTC))
    assert asked(scene) == (OWNER, ITSELF)
    assert scene.task() is task
    scene.expect_quiet()


@pytest.mark.parametrize(
    ("who", "due_on"),
    [("ann@acme.example", "2026-11-26"), ("bea@acme.example", "2026-11-25")],
)
def test_a_task_is_due_by_the_calendar_of_its_owner(
    scene_of: MakeScene, who: str, due_on: str
) -> None:
    """Ann is asked on Friday the 20th; who has the Monday off counts past it."""
    scene = scene_of(lacking())
    monday = Calendar(frozenset({date(2026, 11, 23)}))
    scene.pack = replace(scene.pack, people=People(calendars={who: monday}))
    scene.settle()
    assert scene.task().parts["due_on"] == due_on
    scene.expect_quiet()


def test_two_roles_on_one_deal_have_a_task_each_and_one_role_one(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(lacking())
    with_role(scene, RoleStep(RoleSource.ADDRESS, "dee@acme.example"))
    (rule,) = scene.pack.rules
    another = a_rule("also-desk", owed_by="desk", require=filled("amount"))
    owners = a_rule("owners", require=filled("amount"))
    scene.pack = replace(scene.pack, rules=(rule, another, owners))

    scene.settle()

    by_role = {task.id.role: task for task in scene.crm.open_tasks()}
    assert by_role.keys() == {"desk", "deal_owner"}
    assert set(by_role["desk"].rule_ids) == {"qual-amount", "also-desk"}
    assert by_role["deal_owner"].id.deal_id == an_id(1)
    scene.expect_quiet()
