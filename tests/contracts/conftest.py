"""The stores that must pass the contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["file", "memory", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    match request.param:
        case "file":
            url = f"sqlite:///{tmp_path / 'gatekeeper.db'}"
        case "memory":
            url = "sqlite://"
        case _:
            url = request.getfixturevalue("postgres").fresh()
    opened = SqlStore(url)
    yield opened
    opened.close()
