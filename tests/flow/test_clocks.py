"""A run says when the clocks it goes by are apart."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore
from tests.flow.scene import lacking

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene, Scene

# What passes between two looks at one clock is far below these.
NEARLY, TOO_FAR = timedelta(seconds=20), timedelta(seconds=75)


@pytest.fixture(params=["sqlite", "postgres"])
def scene(request: pytest.FixtureRequest, scene_of: MakeScene) -> Scene:
    made = scene_of(lacking())
    if request.param == "postgres":
        made.store.close()
        made.store = SqlStore(request.getfixturevalue("postgres").fresh())
    return made


def of_clocks(scene: Scene) -> list[str]:
    return [each for each in scene.run().messages if each.startswith("Clocks: ")]


@pytest.mark.promise("F16")
@pytest.mark.parametrize("side", [1, -1])
def test_a_machine_whose_clock_is_not_the_databases_is_told(
    scene: Scene, side: int
) -> None:
    scene.clock.ahead = side * NEARLY
    assert of_clocks(scene) == []

    scene.clock.ahead = side * TOO_FAR
    (said,) = of_clocks(scene)

    which = "ahead of" if side > 0 else "behind"
    # The answer took a moment, and SQLite tells whole seconds.
    assert f" seconds {which} that of the database. Let a time server" in said
    assert 70 <= int(said.split(" seconds ")[0].split()[-1]) <= 76


@pytest.mark.promise("F16")
def test_a_machine_whose_clock_is_not_the_crms_is_told_whatever_the_database(
    scene: Scene,
) -> None:
    scene.crm.ahead = NEARLY
    assert of_clocks(scene) == []

    scene.crm.ahead = TOO_FAR

    assert of_clocks(scene) == [
        "Clocks: this machine's clock is 75 seconds behind that of Salesforce. Let a"
        " time server set them; schedules and digests go by this machine's."
    ]


@pytest.mark.promise("F16")
def test_a_difference_changes_no_verdict_and_no_write(scene: Scene) -> None:
    scene.plan()
    scene.clock.ahead, scene.crm.ahead = TOO_FAR, -TOO_FAR

    report = scene.run()

    assert report.status.value == "done"
    assert len(scene.crm.open_tasks()) == 1
