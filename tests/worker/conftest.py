"""Offices that are put away after the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.flow.scene import Scene, a_scene, lacking
from tests.worker.office import Office

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def office_of(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    made: list[Scene] = []

    def make(**given: Any) -> Office:
        scene = a_scene(tmp_path, lacking())
        made.append(scene)
        return Office(scene, **given)

    yield make
    for scene in made:
        scene.store.close()


@pytest.fixture
def office(office_of: Callable[..., Office]) -> Office:
    """Ann's deal lacks something; Bea, whom she reports to, gets the digest."""
    return office_of()
