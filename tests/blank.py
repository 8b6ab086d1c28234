"""Database files with our tables and no rows: making one takes longer than a test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from gatekeeper.store.sql_store import SqlStore


def blank_store(file: Path) -> SqlStore:
    """Open the store in a file, which has our tables from the start where it is new."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_bytes(_blank())
    return SqlStore(f"sqlite:///{file}")


@cache
def _blank() -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder, "blank.db")
        SqlStore(f"sqlite:///{file}").close()
        return file.read_bytes()
