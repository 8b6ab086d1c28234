"""Migrations bring any database of ours to the tables of this program, forward only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gatekeeper.errors import StoreError
from gatekeeper.store.columns import metadata
from gatekeeper.store.database import Database
from gatekeeper.store.migrate import alembic_config, migrate
from gatekeeper.store.schema import HEAD
from gatekeeper.store.sql_store import SqlStore
from tests.store.values import edit, open_run, read

if TYPE_CHECKING:
    from pathlib import Path


def test_the_scripts_lead_to_the_tables_the_code_knows(database: Path) -> None:
    fresh = Database(f"sqlite:///{database}")
    migrate(fresh)

    with fresh.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    fresh.close()

    assert differences == []


def test_the_newest_script_is_the_revision_the_code_knows() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())

    assert scripts.get_heads() == [HEAD]
    line = [script.revision for script in scripts.walk_revisions()]
    assert (line[0], line[-1]) == (HEAD, "0001")


def test_no_script_goes_back() -> None:
    for script in ScriptDirectory.from_config(alembic_config()).walk_revisions():
        with pytest.raises(NotImplementedError, match="restore a backup made before"):
            script.module.downgrade()


@pytest.mark.promise("S25")
def test_every_table_has_the_org_as_its_first_key_column() -> None:
    first = {
        table.name: next(iter(table.primary_key)).name
        for table in metadata.sorted_tables
    }

    assert set(first.values()) == {"org"}


def test_opening_again_changes_nothing(store: SqlStore, database: Path) -> None:
    tables = read(database, "SELECT name, sql FROM sqlite_master ORDER BY name")

    SqlStore(f"sqlite:///{database}").close()

    assert read(database, "SELECT name, sql FROM sqlite_master ORDER BY name") == tables
    assert store.runs() == []


@pytest.mark.promise("F37")
def test_a_newer_database_is_refused_and_left_alone(
    store: SqlStore, database: Path
) -> None:
    store.close()
    edit(database, "UPDATE alembic_version SET version_num = '0999'")

    with pytest.raises(StoreError) as caught:
        SqlStore(f"sqlite:///{database}")

    assert str(caught.value) == (
        f"The database {database} was written by a newer gatekeeper (schema 0999, this"
        f" program knows {HEAD}). Install the newer version again."
    )
    assert read(database, "SELECT version_num FROM alembic_version") == [("0999",)]


def test_there_is_no_way_back(store: SqlStore, database: Path) -> None:
    with open_run(store):
        pass
    fresh = Database(f"sqlite:///{database}")

    with pytest.raises(NotImplementedError), fresh.writing() as connection:
        command.downgrade(alembic_config(connection), "base")
    fresh.close()

    assert len(store.runs()) == 1


@pytest.mark.promise("F37")
def test_a_migration_that_fails_half_way_leaves_the_database_as_it_was(
    database: Path,
) -> None:
    fresh = Database(f"sqlite:///{database}")

    with pytest.raises(RuntimeError, match="power cut"):
        _upgrade_and_fail(fresh)
    fresh.close()

    assert read(database, "SELECT name FROM sqlite_master") == []


def _upgrade_and_fail(database: Database) -> None:
    with database.writing() as connection:
        command.upgrade(alembic_config(connection), "head")
        raise RuntimeError("power cut")
