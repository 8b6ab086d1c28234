"""Scenes that are put away after the test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.flow.scene import Scene, a_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gatekeeper.core.model import Deal


@pytest.fixture
def scene_of(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    made: list[Scene] = []

    def make(*deals: Deal, **project: Any) -> Scene:
        made.append(a_scene(tmp_path, *deals, **project))
        return made[-1]

    yield make
    for scene in made:
        scene.store.close()
