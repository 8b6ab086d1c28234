"""A HubSpot that answers what it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crm.hubspot.canned import Portal, portal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def told() -> Iterator[Portal]:
    with portal() as served:
        yield served
