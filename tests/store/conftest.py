"""A fresh database file per test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    MakeStore = Callable[[str], SqlStore]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gatekeeper.db"


@pytest.fixture
def store(database: Path) -> Iterator[SqlStore]:
    opened = SqlStore(f"sqlite:///{database}")
    yield opened
    opened.close()


@pytest.fixture
def store_of(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Open a fresh store of a kind."""

    def make(kind: str) -> SqlStore:
        if kind == "postgres":
            url = request.getfixturevalue("postgres").fresh()
        else:
            url = f"sqlite:///{tmp_path / f'{kind}.db'}"
        store = SqlStore(url)
        request.addfinalizer(store.close)
        return store

    return make
