"""Shapes of statements: pieces, pages by key, rows changed by their keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import create_mock_engine, select
from sqlalchemy.dialects import postgresql

from gatekeeper.store.schema import flag, rule_seen, staged_deal, undecided
from gatekeeper.store.schema import org as org_table
from gatekeeper.store.statements import (
    after,
    chunks,
    delete_deals,
    insert_missing,
    insert_rows,
    of_run,
    put_rows,
    update_rows,
    upsert,
)
from tests.builders import NOW, ORG
from tests.store.values import edit, open_run, read, staged

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import ClauseElement
    from sqlalchemy.engine import Connection

    from gatekeeper.store.database import Database
    from gatekeeper.store.sql_store import SqlStore
    from tests.store.conftest import MakeStore


def test_pieces_are_full_but_for_the_last() -> None:
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks(range(6), 3)) == [[0, 1, 2], [3, 4, 5]]
    assert list(chunks([])) == []
    assert [len(each) for each in chunks(range(1001))] == [1000, 1]


def test_a_page_begins_after_the_last_row_of_the_one_before() -> None:
    columns = staged_deal.c.deal_id, staged_deal.c.stage

    text = after(columns, ("d1", "s")).compile(dialect=postgresql.dialect())

    named = "(staged_deal.deal_id, staged_deal.stage)"
    assert str(text) == f"{named} > (%(param_1)s::VARCHAR, %(param_2)s::VARCHAR)"
    assert list(text.params.values()) == ["d1", "s"]


def test_rows_are_put_in_once_and_none_is_fine(store: SqlStore, database: Path) -> None:
    row = {"org": ORG, "rule_id": "a", "logic": "l"}
    with store.upkeep.database.writing() as connection:
        insert_rows(connection, rule_seen, [])
        insert_missing(connection, rule_seen, [])
        insert_rows(connection, rule_seen, [row, {**row, "logic": "m"}])
        insert_missing(connection, rule_seen, [row, {**row, "logic": "n"}])

    logics = read(database, "SELECT logic FROM rule_seen ORDER BY logic")
    assert logics == [("l",), ("m",), ("n",)]


def test_rows_found_by_their_keys_are_changed_and_counted(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        run.stage([staged(deal_id=each) for each in ("d1", "d2", "d3")])
        keys = ("org", "run", "deal_id")
        place = {"key_org": ORG, "key_run": 1}
        rows = [
            {**place, "key_deal_id": deal, "stage": stage, "owner_id": None}
            for deal, stage in (("d1", "A"), ("d3", "B"), ("d9", "C"))
        ]
        with store.upkeep.database.writing() as connection:
            assert update_rows(connection, staged_deal, keys, rows) == 2
            assert update_rows(connection, staged_deal, keys, []) == 0
        told = read(
            database, "SELECT deal_id, stage, owner_id IS NULL FROM staged_deal"
        )
    assert told == [("d1", "A", 1), ("d2", "Proposal", 0), ("d3", "B", 1)]


def test_a_row_alone_is_changed_too(store: SqlStore, database: Path) -> None:
    with open_run(store) as run:
        run.stage([staged(deal_id="d1")])
        row = {"key_org": ORG, "key_deal_id": "d1", "stage": "A"}
        with store.upkeep.database.writing() as connection:
            keys = ("org", "deal_id")
            assert update_rows(connection, staged_deal, keys, [row]) == 1

    assert read(database, "SELECT stage FROM staged_deal") == [("A",)]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_whole_rows_take_the_place_of_those_with_their_keys(
    store_of: MakeStore, kind: str
) -> None:
    days = [NOW + timedelta(days=number) for number in range(3)]

    def put(*rows: tuple[str, int]) -> None:
        with opened.upkeep.database.writing() as connection:
            put_rows(
                connection,
                org_table,
                [{"org": org, "pinned_at": days[day]} for org, day in rows],
            )

    opened = store_of(kind)
    put()
    put(("a", 0), ("b", 0))
    put(("b", 1), ("c", 2))
    put(("c", 0))

    with opened.upkeep.database.reading() as connection:
        rows = connection.execute(select(org_table).order_by(org_table.c.org)).all()
        is_postgres = kind == "postgres"
        made = upsert(connection, org_table)
        assert isinstance(made, postgresql.Insert) is is_postgres
    assert rows == [("a", days[0]), ("b", days[1]), ("c", days[0])]


def test_deals_of_one_run_are_taken_out_and_those_of_others_stay(
    store: SqlStore, database: Path
) -> None:
    for _ in range(2):
        with open_run(store) as run:
            run.stage([staged(deal_id=each) for each in ("d1", "d2", "d3")])

    with store.upkeep.database.writing() as connection:
        delete_deals(connection, staged_deal, (ORG, 2), ["d1", "d3", "d9"])
        delete_deals(connection, staged_deal, ("another", 1), ["d1"])

    left = read(database, "SELECT run, deal_id FROM staged_deal ORDER BY run, deal_id")
    assert left == [(1, "d1"), (1, "d2"), (1, "d3"), (2, "d2")]


def test_the_rows_of_a_run_are_those_of_its_org_and_number(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        run.propose([], ["k1"])
    edit(
        database,
        "INSERT INTO run SELECT 'x', number, id, kind, status, as_of,"
        " started_at, finished_at, deals, pack, report, logics, fence, revision"
        " FROM run",
    )
    edit(database, "INSERT INTO undecided VALUES ('x', 1, 'k2')")

    with store.upkeep.database.reading() as connection:
        mine = select(undecided.c.key).where(of_run(undecided, ORG, 1))
        assert connection.execute(mine).scalars().all() == ["k1"]
        none = select(undecided.c.key).where(of_run(undecided, ORG, 2))
        assert connection.execute(none).scalars().all() == []


def test_a_reader_of_a_snapshot_sees_one_moment(store: SqlStore) -> None:
    database: Database = store.upkeep.database
    orgs = select(org_table.c.org)
    with database.snapshot() as connection:
        assert connection.execute(orgs).all() == []
        with open_run(store) as run:
            assert not run.is_stopped()
        assert connection.execute(orgs).all() == []
    with database.reading() as connection:
        assert connection.execute(orgs).scalars().all() == [ORG]


def test_a_server_is_told_by_which_key_a_row_takes_the_place_of_another() -> None:
    said: list[str] = []
    dialect = postgresql.dialect()

    def hear(statement: ClauseElement, *_rows: object) -> None:
        said.append(" ".join(str(statement.compile(dialect=dialect)).split()))

    engine = create_mock_engine("postgresql+psycopg://", hear)
    connection = cast("Connection", engine)
    rows = [{"org": ORG, "deal_id": "d1", "written": "{}", "edits": 2}]

    put_rows(connection, flag, rows)
    insert_missing(connection, flag, rows)

    put, missing = said
    assert "ON CONFLICT (org, deal_id) DO UPDATE SET written = excluded.written" in put
    assert missing.endswith("ON CONFLICT DO NOTHING")
