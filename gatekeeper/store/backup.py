"""Backups: all rows of a database as one SQLite file, whichever database it is.

A backup is read in one snapshot while runs go on. The file is itself a database of
ours, so it also moves a store from one kind of database to the other. How it is put
back, see `restore`.
"""

from __future__ import annotations

from contextlib import closing
from secrets import token_hex
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
    """Write all rows of one moment into a new file; see `write_backup`."""
    with source.snapshot() as reading:
        return write_backup(reading, file)


def write_backup(reading: Connection, file: Path) -> Rows:
    """Write all rows into a new file; it appears only when it is whole.

    Args:
        reading: A transaction that sees one moment, or that nobody writes beside.
        file: What is not there yet, in a folder that is.

    Returns:
        Table to number of rows.

    Raises:
        SetupError: The file is there already, or its folder is not.
    """
    if file.exists():
        raise _there_already(file)
    if not file.parent.is_dir():
        message = (
            f"The folder {file.parent} for the backup does not exist. Create it, or"
            " name another file."
        )
        raise SetupError(message)
    # Of its own: another backup may be on its way into the same file.
    part = file.with_name(f"{file.name}.{token_hex(4)}.part")
    try:
        rows = _write(reading, part)
        _publish(part, file)
    finally:
        part.unlink(missing_ok=True)
    return rows


def _write(reading: Connection, part: Path) -> Rows:
    with closing(Database(f"sqlite:///{part}")) as target:
        migrate(target)
        with target.writing() as writing:
            return {
                table.name: copy_table(reading, writing, table)
                for table in metadata.sorted_tables
            }


def _publish(part: Path, file: Path) -> None:
    """Give a whole backup its name.

    Raises:
        SetupError: Somebody took the name meanwhile; that file stays as it is.
    """
    try:
        file.touch(mode=0o600, exist_ok=False)
    except FileExistsError as error:
        raise _there_already(file) from error
    part.rename(file)


def _there_already(file: Path) -> SetupError:
    return SetupError(f"{file} is there already. Name another file for the backup.")


def copy_table(reading: Connection, writing: Connection, table: Table) -> int:
    """Copy all rows of a table, and return how many they are."""
    count = 0
    # The option is the statement's: a connection would keep it for what follows.
    rows = reading.execute(select(table), execution_options={"yield_per": CHUNK})
    for page in rows.partitions(CHUNK):
        insert_rows(writing, table, [row._asdict() for row in page])
        count += len(page)
    return count
