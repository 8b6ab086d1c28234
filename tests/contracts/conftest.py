"""The stores that must pass the contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore
from tests.simulation.core.store import DictStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["file", "memory", "postgres", "dict"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[SqlStore | DictStore]:
    match request.param:
        case "dict":
            yield DictStore()
            return
        case "file":
            url = f"sqlite:///{tmp_path / 'gatekeeper.db'}"
        case "memory":
            url = "sqlite://"
        case _:
            url = request.getfixturevalue("postgres").fresh()
    opened = SqlStore(url)
    yield opened
    opened.close()
