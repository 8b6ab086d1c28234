"""A HubSpot that answers what it was told, and one that thinks for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crm.hubspot.canned import Portal, portal
from tests.crm.hubspot.scene import Scene, hubspot_scene

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def told() -> Iterator[Portal]:
    with portal() as served:
        yield served


@pytest.fixture
def scene() -> Iterator[Scene]:
    with hubspot_scene() as served:
        yield served


@pytest.fixture
def bare() -> Iterator[Scene]:
    """A portal before anything of ours is in it."""
    with hubspot_scene(is_set_up=False) as served:
        yield served
