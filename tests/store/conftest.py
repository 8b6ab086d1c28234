"""A fresh database file per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore
from tests.blank import blank_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    MakeStore = Callable[[str], SqlStore]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gatekeeper.db"


@pytest.fixture
def store(database: Path) -> Iterator[SqlStore]:
    opened = blank_store(database)
    yield opened
    opened.close()


@pytest.fixture
def store_of(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Open a fresh store of a kind."""

    def make(kind: str) -> SqlStore:
        if kind == "postgres":
            store = SqlStore(request.getfixturevalue("postgres").fresh())
        else:
            store = blank_store(tmp_path / f"{kind}.db")
        request.addfinalizer(store.close)
        return store

    return make
