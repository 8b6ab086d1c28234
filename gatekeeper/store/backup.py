"""Backups: all rows of a database as one SQLite file, whichever database it is.

A backup is read in one snapshot while runs go on. The file is itself a database of
ours, so it also moves a store from one kind of database to the other. How it is put
back, see `restore`.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from sqlalchemy import select

from gatekeeper.errors import SetupError
from gatekeeper.store.columns import metadata
from gatekeeper.store.database import Database
from gatekeeper.store.migrate import migrate
from gatekeeper.store.statements import CHUNK, insert_rows

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Table
    from sqlalchemy.engine import Connection

Rows = dict[str, int]
"""Table to number of rows."""


def back_up(source: Database, file: Path) -> Rows:
    """Write all rows into a new file; it appears only when it is whole.

    Returns:
        Table to number of rows.

    Raises:
        SetupError: The file is there already, or its folder is not.
    """
    if file.exists():
        message = f"{file} is there already. Name another file for the backup."
        raise SetupError(message)
    if not file.parent.is_dir():
        message = (
            f"The folder {file.parent} for the backup does not exist. Create it, or"
            " name another file."
        )
        raise SetupError(message)
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with closing(Database(f"sqlite:///{part}")) as target:
        migrate(target)
        with source.snapshot() as reading, target.writing() as writing:
            rows = {
                table.name: copy_table(reading, writing, table)
                for table in metadata.sorted_tables
            }
    part.rename(file)
    return rows


def copy_table(reading: Connection, writing: Connection, table: Table) -> int:
    """Copy all rows of a table, and return how many they are."""
    count = 0
    rows = reading.execution_options(yield_per=CHUNK).execute(select(table))
    for page in rows.partitions(CHUNK):
        insert_rows(writing, table, [row._asdict() for row in page])
        count += len(page)
    return count
