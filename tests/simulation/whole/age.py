"""A database of an older version, brought forward by the product's own migrations."""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import TYPE_CHECKING, cast

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from gatekeeper.errors import StoreError
from gatekeeper.store.migrate import alembic_config, migrate
from tests.simulation.broken import Broken

if TYPE_CHECKING:
    import sqlite3

    from tests.simulation.whole.database import MemoryDatabase

    Rows = dict[str, list[dict[str, object]]]

REVISIONS = sorted(
    each.revision
    for each in ScriptDirectory.from_config(alembic_config()).walk_revisions()
)[:-1]
"""All but the present one."""
_INSTRUCTIONS = 400
"""After so many of SQLite, or a multiple, a migration is cut off."""
_CUTS = 40
_SCHEMAS = count(100_000, 1000)


def aged(database: MemoryDatabase, number: int) -> str:
    """Let a database be one that an older version kept, and bring it forward.

    What an older version did not know is lost. The program dies amid the migration
    first, which must leave everything as it was.

    Returns:
        The revision it comes from.
    """
    revision = REVISIONS[number % len(REVISIONS)]
    rows = _rows(database.driver)
    database.stand(_empty(revision))
    _mark_schema(database)
    _fill(database.driver, rows)
    before = list(database.driver.iterdump())
    cut = 1 + number // len(REVISIONS) % _CUTS
    try:
        _cut_off(database, cut)
    except StoreError:
        if list(database.driver.iterdump()) != before:
            raise Broken("W10", f"half a migration from {revision} stands") from None
    migrate(database.store._database)
    _mark_schema(database)
    return revision


def _mark_schema(database: MemoryDatabase) -> None:
    """Let no statement prepared for the tables of another database be used for these.

    SQLite goes by the number of the schema, and equal ones may lie on other pages.
    """
    database.driver.execute(f"PRAGMA schema_version = {next(_SCHEMAS)}")
    database.stand(database.copied())


def _cut_off(database: MemoryDatabase, cut: int) -> None:
    """Migrate until so much is done; StoreError where there was more to do."""
    left = iter(range(cut))
    database.driver.set_progress_handler(
        lambda: next(left, None) is None, _INSTRUCTIONS
    )
    try:
        migrate(database.store._database)
    finally:
        database.driver.set_progress_handler(None, 0)


def _tables(driver: sqlite3.Connection) -> list[str]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'table'"
    names = (name for (name,) in driver.execute(asked).fetchall())
    return [each for each in names if each != "alembic_version"]


def _rows(driver: sqlite3.Connection) -> Rows:
    found: Rows = {}
    for table in _tables(driver):
        cursor = driver.execute(f'SELECT * FROM "{table}"')
        names = [each[0] for each in cursor.description]
        found[table] = [dict(zip(names, row, strict=True)) for row in cursor]
    return found


def _fill(driver: sqlite3.Connection, rows: dict[str, list[dict[str, object]]]) -> None:
    """Put in what the tables have a place for."""
    driver.execute("PRAGMA foreign_keys = OFF")
    for table in _tables(driver):
        columns = driver.execute(f'PRAGMA table_info("{table}")').fetchall()
        known = [name for _, name, *_ in columns]
        for row in rows[table]:
            names = [name for name in known if name in row]
            told = ", ".join(f'"{name}"' for name in names)
            marks = ", ".join("?" for _ in names)
            driver.execute(
                f'INSERT INTO "{table}" ({told}) VALUES ({marks})',
                [row[name] for name in names],
            )
    driver.execute("PRAGMA foreign_keys = ON")


@cache
def _empty(revision: str) -> bytes:
    """Return the tables of a version, without a row."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
    with engine.connect() as connection:
        driver = cast("sqlite3.Connection", connection.connection.driver_connection)
        copy = driver.serialize()
    engine.dispose()
    return copy
