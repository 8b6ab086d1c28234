"""The stores that must pass the contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore
from tests.blank import blank_store
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
            opened = blank_store(tmp_path / "gatekeeper.db")
        case "memory":
            opened = SqlStore("sqlite://")
        case _:
            opened = SqlStore(request.getfixturevalue("postgres").fresh())
    yield opened
    opened.close()
