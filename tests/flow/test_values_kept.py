"""Of what a pull brings the store keeps what a rule shows, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from gatekeeper.core.model import EMPTY
from gatekeeper.store.columns import metadata
from tests.builders import a_deal, dollars
from tests.flow.scene import an_id

if TYPE_CHECKING:
    from tests.flow.scene import MakeScene, Scene

UNSHOWN, PASSING = "Zeisig", "7654"


def holding(scene: Scene, mark: str) -> set[tuple[str, str]]:
    """The columns in which a text stands, of all tables."""
    found: set[tuple[str, str]] = set()
    with scene.store._database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found |= {
                    (table.name, name)
                    for name, value in row.items()
                    if mark in str(value)
                }
    return found


@pytest.mark.promise("S23")
def test_a_value_that_no_rule_shows_is_kept_nowhere(
    scene_of: MakeScene,
) -> None:
    scene = scene_of(
        a_deal("Proposal", deal_id=an_id(1), amount=EMPTY, next_step=UNSHOWN),
        a_deal("Proposal", deal_id=an_id(2), amount=dollars(PASSING)),
    )

    scene.settle()

    assert holding(scene, UNSHOWN) == set()
    assert holding(scene, PASSING) == set()  # nobody is shown it
    assert ("violation", "deal_id") in holding(scene, an_id(1))
