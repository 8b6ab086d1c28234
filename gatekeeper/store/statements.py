"""Statement shapes both databases understand: upserts, pages by key, chunks."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import and_, bindparam, delete, literal, tuple_
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import BindParameter, ColumnElement, Select, Table
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
    from sqlalchemy.engine import Connection

    from gatekeeper.store.rows import AnyRow

T = TypeVar("T")

PAGE = 500
SORTED_PAGE = 5000  # every page sorts what is left, so these are few and larger
CHUNK = 1000


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Cut into lists that fit one statement."""
    rest = iter(values)
    while chunk := list(islice(rest, size)):
        yield chunk


def of_run(table: Table, org: str, run: int) -> ColumnElement[bool]:
    """Return the condition for the rows of one run."""
    return and_(table.c.org == org, table.c.run == run)


def after(
    columns: Sequence[ColumnElement[object]], values: Sequence[object]
) -> ColumnElement[bool]:
    """Return the condition for rows that come after `values` in ascending order."""
    literals = [
        literal(value, column.type)
        for column, value in zip(columns, values, strict=True)
    ]
    return tuple_(*columns) > tuple_(*literals)


def is_server(connection: Connection) -> bool:
    """Whether it is PostgreSQL, where many write at a time; SQLite lets one."""
    return connection.dialect.name == "postgresql"


def rows_in_pages(
    connection: Connection,
    query: Select[tuple[object, ...]],
    order: Sequence[ColumnElement[object]],
    size: int,
) -> Iterator[AnyRow]:
    """Iterate rows by pages, since a server hands over whole results.

    Args:
        connection: A transaction that sees one moment.
        query: Selects the columns of `order` as well.
        order: Ascending; no two rows have the same values there.
        size: Rows of a page.
    """
    sorted_query = query.order_by(*order).limit(size)
    page = sorted_query
    while True:
        rows = connection.execute(page).all()
        yield from rows
        if len(rows) < size:
            return
        last = rows[-1]._mapping
        page = sorted_query.where(after(order, [last[each.name] for each in order]))


def upsert(connection: Connection, table: Table) -> SqliteInsert | PostgresInsert:
    """Return the insert that can say what happens on a conflict."""
    if is_server(connection):
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert many rows in one go; none is fine."""
    if rows:
        connection.execute(table.insert(), rows)


def insert_missing(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert the rows whose key is new, and leave the others as they are."""
    if rows:
        connection.execute(upsert(connection, table).on_conflict_do_nothing(), rows)


def put_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]
) -> None:
    """Insert whole rows, each in the place of the one with its key."""
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    statement = upsert(connection, table)
    given = {name: statement.excluded[name] for name in rows[0] if name not in key}
    put = statement.on_conflict_do_update(index_elements=key, set_=given)
    connection.execute(put, rows)


def update_rows(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    rows: Sequence[Mapping[str, object]],
) -> int:
    """Set the other columns of the rows found by `keys`; return how many there were."""
    if not rows:
        return 0
    found = and_(*(table.c[key] == bindparam(f"key_{key}") for key in keys))
    names = [name for name in rows[0] if not name.startswith("key_")]
    changed: dict[str, BindParameter[object]] = {
        name: bindparam(f"new_{name}") for name in names
    }
    parameters = [
        {
            name if name.startswith("key_") else f"new_{name}": value
            for name, value in row.items()
        }
        for row in rows
    ]
    statement = table.update().where(found).values(changed)
    return connection.execute(statement, parameters).rowcount


def delete_deals(
    connection: Connection, table: Table, key: tuple[str, int], deals: Iterable[str]
) -> None:
    """Delete the rows of some deals of one run, given as (org, number)."""
    for chunk in chunks(deals):
        chosen = and_(of_run(table, *key), table.c.deal_id.in_(chunk))
        connection.execute(delete(table).where(chosen))
