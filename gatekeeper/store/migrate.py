"""Bring a database to this program's tables when it is opened; forward only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from gatekeeper.errors import StoreError
from gatekeeper.store.database import wait_alone
from gatekeeper.store.schema import HEAD

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from gatekeeper.store.database import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Create or upgrade the tables, in one transaction.

    Raises:
        StoreError: A newer gatekeeper wrote this database, or another program did.
    """
    with database.reading() as connection:
        revision = _revision(connection, database.name)
    if revision == HEAD:
        return
    with database.writing() as connection:
        wait_alone(connection)
        if _revision(connection, database.name) != HEAD:  # another process was first
            _upgrade(connection)


def check_tables(database: Database) -> None:
    """Make sure that the tables are still those of this program.

    Raises:
        StoreError: They were upgraded meanwhile, or the database cannot be read.
    """
    with database.reading() as connection:
        revision = _revision(connection, database.name)
    if revision != HEAD:
        raise StoreError(
            f"The database {database.name} has schema {revision}, this program knows"
            f" {HEAD}. Start it again."
        )


def alembic_config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration for our scripts on an open connection."""
    from alembic.config import Config  # noqa: PLC0415  (a tenth of a second, rarely)

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def written_revision(connection: Connection) -> str | None:
    """Return the schema in which a gatekeeper wrote; None where none did."""
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version"))
    revision = found.scalar()
    return None if revision is None else str(revision)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415

    command.upgrade(alembic_config(connection), "head")


def _revision(connection: Connection, name: str) -> str | None:
    tables = inspect(connection).get_table_names()
    if "alembic_version" not in tables:
        if tables:
            raise StoreError(
                f"The database {name} belongs to another program. Name another one in"
                " GATEKEEPER_DATABASE_URL."
            )
        return None
    revision = written_revision(connection)
    if revision is not None and revision > HEAD:
        raise StoreError(
            f"The database {name} was written by a newer gatekeeper (schema"
            f" {revision}, this program knows {HEAD}). Install the newer version again."
        )
    return revision
