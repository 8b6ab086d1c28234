"""The CRM's description as last read, for checks without the CRM.

An author asks for it with every command and waits: the whole store takes as long to
load as a rule pack to check. So a database on SQLite is read by the standard library,
read-only, and one that is not there stays absent.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from gatekeeper.core.catalogue import CrmSchema

_SQLITE = "sqlite:///"
_LATEST = "SELECT payload FROM crm_schema ORDER BY read_at DESC LIMIT 1"


def saved_schema(url: str) -> CrmSchema | None:
    """Return the last description kept, of whatever org; None where there is none.

    Args:
        url: Of the database, as in `GATEKEEPER_DATABASE_URL`.

    Raises:
        StopError: There is a database and it cannot be read.
    """
    if not url.startswith(_SQLITE):
        return _by_the_store(url)
    path, _, _ = url.removeprefix(_SQLITE).partition("?")
    file = Path(path).expanduser()
    return _read(file, url) if file.exists() else None


def _read(file: Path, url: str) -> CrmSchema | None:
    import sqlite3  # noqa: PLC0415  start-up time, where nothing is saved

    from gatekeeper.store.codec import schema_from  # noqa: PLC0415

    address = f"file:{quote(str(file))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            row = connection.execute(_LATEST).fetchone()
    except sqlite3.Error:
        return _by_the_store(url)  # which says in a sentence what is wrong with it
    return None if row is None else schema_from(str(row[0]))


def _by_the_store(url: str) -> CrmSchema | None:
    from gatekeeper.store.sql_store import SqlStore  # noqa: PLC0415  start-up time

    with closing(SqlStore(url)) as store:
        return store.saved_schema(None)
