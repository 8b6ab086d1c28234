"""A fresh database file per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gatekeeper.db"


@pytest.fixture
def store(database: Path) -> Iterator[SqlStore]:
    opened = SqlStore(f"sqlite:///{database}")
    yield opened
    opened.close()
