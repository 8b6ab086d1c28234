from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.worlds import SandboxWorld, sandbox_world

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> Iterator[SandboxWorld]:
    with sandbox_world() as running:
        yield running
