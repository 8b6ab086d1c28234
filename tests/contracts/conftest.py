"""The stores that must pass the contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore
from tests.simulation.core.store import DictStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["file", "memory", "dict"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[SqlStore | DictStore]:
    if request.param == "dict":
        yield DictStore()
        return
    file = tmp_path / "gatekeeper.db"
    opened = SqlStore(f"sqlite:///{file}" if request.param == "file" else "sqlite://")
    yield opened
    opened.close()
