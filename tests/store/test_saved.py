"""The CRM's description as last read, without opening a store where that can be."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.catalogue import CrmSchema
from gatekeeper.errors import StoreError
from gatekeeper.store.saved import saved_schema
from gatekeeper.store.sql_store import SqlStore
from tests.builders import NOW, ORG, PIPELINE
from tests.store.meeting import amid
from tests.store.values import edit, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.conftest import MakeStore

EARLIER = CrmSchema("salesforce", ORG, NOW, {}, {}, (PIPELINE,))
LATEST = CrmSchema("hubspot", "hs:1", NOW + timedelta(days=1), {}, {}, ())


def keep(url: str, *schemas: CrmSchema) -> None:
    store = SqlStore(url)
    for each in schemas:
        store.save_schema(each.org, each)
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_what_is_pulled_while_a_run_keeps_its_description_is_not_lost(
    store_of: MakeStore, kind: str
) -> None:
    """Which checks the CRM has is asked by `fields pull` alone, and was not before."""
    store = store_of(kind)
    pulled, told = replace(EARLIER, guards=()), replace(EARLIER, guards=None)
    store.save_schema(ORG, told)
    pull = Thread(target=lambda: store.save_schema(ORG, pulled))

    def pull_meanwhile() -> None:
        pull.start()
        pull.join(timeout=1)

    with amid("SELECT crm_schema", pull_meanwhile):
        store.save_schema(ORG, told)
    pull.join(timeout=30)

    assert store.saved_schema(ORG) == pulled


def test_a_database_that_is_not_there_stays_absent(database: Path) -> None:
    assert saved_schema(f"sqlite:///{database}") is None
    assert list(database.parent.iterdir()) == []


def test_before_any_description_was_kept_there_is_none(database: Path) -> None:
    keep(f"sqlite:///{database}")
    assert saved_schema(f"sqlite:///{database}") is None


@pytest.mark.parametrize("name", ["gatekeeper.db", "50% of #1 & more.db"])
def test_the_last_description_of_whatever_org_is_found(
    tmp_path: Path, name: str
) -> None:
    url = f"sqlite:///{tmp_path / name}"
    keep(url, LATEST, EARLIER)
    assert saved_schema(url) == LATEST


def test_the_file_is_opened_for_reading_only_whatever_sqlite_was_built_with(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some builds take an address for one without being told to, others do not."""
    keep(f"sqlite:///{database}", LATEST)
    opened: list[tuple[str, dict[str, bool]]] = []
    real: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connect(address: str, **options: Any) -> sqlite3.Connection:
        opened.append((address, options))
        return real(address, **options)

    monkeypatch.setattr(sqlite3, "connect", connect)

    assert saved_schema(f"sqlite:///{database}") == LATEST
    assert opened == [(f"file:{database}?mode=ro", {"uri": True})]


def test_a_file_in_the_home_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    keep(f"sqlite:///{tmp_path / 'g.db'}", EARLIER)
    assert saved_schema("sqlite:///~/g.db") == EARLIER


def test_a_database_of_another_kind_of_address_is_asked_by_the_store(
    database: Path,
) -> None:
    url = f"sqlite+pysqlite:///{database}"
    keep(url, LATEST)
    assert saved_schema(url) == LATEST


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_a_database_in_memory_has_none(url: str) -> None:
    assert saved_schema(url) is None


@pytest.mark.parametrize("name", ["gatekeeper.db", "50% of #1 & more.db"])
def test_a_look_does_not_bring_a_database_forward(tmp_path: Path, name: str) -> None:
    """That is for whoever works with it, and takes longer than an author waits."""
    file = tmp_path / name
    keep(f"sqlite:///{file}", EARLIER)
    edit(file, "UPDATE alembic_version SET version_num = '0001'")

    assert saved_schema(f"sqlite:///{file}") == EARLIER

    assert read(file, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_a_database_with_options_is_read_like_any_other(database: Path) -> None:
    url = f"sqlite:///{database}?timeout=5"
    keep(url, EARLIER)
    assert saved_schema(url) == EARLIER


def test_a_file_that_is_no_database_is_told_in_a_sentence(database: Path) -> None:
    database.write_text("no database" * 100, encoding="utf-8")
    with pytest.raises(StoreError, match=r"gatekeeper\.db"):
        saved_schema(f"sqlite:///{database}")
