"""Migrations bring any database of ours to the tables of this program, forward only."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.notices import Notice, NoticeKind, notices_in
from gatekeeper.errors import StoreError
from gatekeeper.ports import Delivery, RunStatus
from gatekeeper.store.columns import metadata
from gatekeeper.store.database import Database
from gatekeeper.store.migrate import alembic_config, migrate
from gatekeeper.store.schema import HEAD
from gatekeeper.store.sql_store import SqlStore
from tests.builders import ORG
from tests.store.meeting import before_the_first_write, racers
from tests.store.values import edit, open_run, read

ROOT = Path(__file__).resolve().parents[2]


def test_the_scripts_lead_to_the_tables_the_code_knows(database: Path) -> None:
    fresh = Database(f"sqlite:///{database}")
    migrate(fresh)

    with fresh.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, metadata)
    fresh.close()

    assert differences == []


def shape(file: Path) -> dict[str, object]:
    """Return what a database says of each of our tables, in no order of columns."""
    names = [
        name
        for (name,) in read(file, "SELECT name FROM sqlite_master WHERE type = 'table'")
        if name != "alembic_version"
    ]

    def told(pragma: str, of: str, columns: str) -> set[tuple[Any, ...]]:
        return set(read(file, f"SELECT {columns} FROM pragma_{pragma}('{of}')"))

    def constraints(table: str) -> set[str]:
        ((text,),) = read(file, f"SELECT sql FROM sqlite_master WHERE name = '{table}'")
        return set(re.findall(r"CONSTRAINT (\w+)", text))

    return {
        table: (
            told("table_info", table, 'name, type, "notnull", dflt_value, pk'),
            told("foreign_key_list", table, '"table", seq, "from", "to"'),
            {
                (index, is_unique, *sorted(told("index_info", index, "seqno, name")))
                for index, is_unique in told("index_list", table, 'name, "unique"')
                if not str(index).startswith("sqlite_autoindex")
            },
            constraints(table),
        )
        for table in names
    }


def test_the_scripts_make_what_the_code_describes_key_by_key(tmp_path: Path) -> None:
    """Defaults, keys and names too, of which Alembic's comparison says nothing."""
    scripted, described = tmp_path / "scripted.db", tmp_path / "described.db"
    with closing(Database(f"sqlite:///{scripted}")) as fresh:
        migrate(fresh)
    with (
        closing(Database(f"sqlite:///{described}")) as plain,
        plain.writing() as connection,
    ):
        metadata.create_all(connection)

    assert shape(described) == shape(scripted)
    assert len(shape(described)) == len(metadata.tables)


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


def test_tables_of_another_version_are_told_to_whoever_has_them_open(
    store: SqlStore, database: Path
) -> None:
    store.upkeep.check_tables()
    edit(database, "UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(StoreError) as told:
        store.upkeep.check_tables()

    assert str(told.value) == (
        f"The database {database} has schema 0001, this program knows {HEAD}. Start it"
        " again."
    )


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


@pytest.mark.promise("F37")
def test_who_comes_second_finds_the_tables_that_the_first_one_made(
    database: Path,
) -> None:
    url = f"sqlite:///{database}"
    made: list[object] = []

    def other() -> None:
        SqlStore(url).close()
        edit(database, "INSERT INTO kill_switch VALUES ('theirs', '2026-11-20')")
        made.extend(read(database, "SELECT name, sql FROM sqlite_master"))

    with before_the_first_write(other):
        SqlStore(url).close()

    assert read(database, "SELECT name, sql FROM sqlite_master") == made
    assert read(database, "SELECT org FROM kill_switch") == [("theirs",)]


@pytest.mark.promise("F37")
def test_a_newer_program_that_was_first_is_told_of(database: Path) -> None:
    url = f"sqlite:///{database}"

    def newer() -> None:
        SqlStore(url).close()
        edit(database, "UPDATE alembic_version SET version_num = '0999'")

    with (
        before_the_first_write(newer),
        pytest.raises(StoreError, match=r"newer gatekeeper \(schema 0999"),
    ):
        SqlStore(url)


@pytest.mark.promise("F37")
def test_a_store_that_is_open_says_when_a_newer_program_changed_the_tables(
    store: SqlStore, database: Path
) -> None:
    store.upkeep.check_tables()
    edit(database, "UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(StoreError) as caught:
        store.upkeep.check_tables()

    assert str(caught.value) == (
        f"The database {database} has schema 0001, this program knows {HEAD}. Start it"
        " again."
    )


REVISIONS = [
    script.revision
    for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()
]


@pytest.fixture(params=["sqlite", "postgres"])
def bare_url(request: pytest.FixtureRequest, database: Path) -> str:
    """Address of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{database}"
    return str(request.getfixturevalue("postgres").fresh("postgresql:///template1"))


def expect_usable(url: str) -> None:
    """Open a database, work with it, and compare its tables with the code's."""
    with closing(SqlStore(url)) as store:
        with open_run(store) as run:
            run.finish(RunStatus.DONE, {})
        assert [row.status for row in store.runs()] == [RunStatus.DONE]
    with closing(Database(url)) as opened, opened.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.promise("F37")
@pytest.mark.parametrize("revision", REVISIONS)
def test_a_database_of_any_version_is_brought_forward(
    bare_url: str, revision: str
) -> None:
    with closing(Database(bare_url)) as old, old.writing() as connection:
        command.upgrade(alembic_config(connection), revision)

    expect_usable(bare_url)


@pytest.mark.promise("D1", "F37")
def test_what_managers_were_sent_before_there_were_kinds_is_not_sent_again(
    bare_url: str,
) -> None:
    with closing(Database(bare_url)) as old, old.writing() as connection:
        command.upgrade(alembic_config(connection), "0006")
        connection.exec_driver_sql(
            "INSERT INTO digest VALUES"
            " ('org', 'bea', '2026-11-20', 'sent', '2026-11-20 12:00:00', 1, '', 'ok')"
        )

    with closing(SqlStore(bare_url)) as store:
        day = date(2026, 11, 20)
        known = store.outbox.posted("org", "bea", day, Audience.MANAGER)
        other = store.outbox.posted("org", "bea", day, Audience.REVOPS)

    assert known is not None
    assert (known.delivery, known.tried, known.detail) == (Delivery.SENT, 1, "ok")
    assert other is None


@pytest.mark.promise("D2", "F37")
def test_what_older_runs_said_is_sorted_by_what_it_is_about(bare_url: str) -> None:
    """These are sentences as they stood in reports before a kind was kept."""
    drift = "rules/b2b.rules.yaml:40:16: error E501: Budget__c cannot be read."
    partial = 'E903: The deals ended early. 3 results are "cannot tell".'
    held = "tasks_per_run: the plan has 300, allowed are 200."
    other = "Warnings about the rules: 2. See gatekeeper validate"
    report = {"held": [held], "messages": [drift, partial, held, other]}
    with closing(Database(bare_url)) as old, old.writing() as connection:
        command.upgrade(alembic_config(connection), "0008")
        insert = text(
            "INSERT INTO run (org, number, id, kind, status, as_of, started_at, deals,"
            " pack, report, logics, fence, revision) VALUES ('org', :number, :id,"
            " 'run', 'done', '2026-11-20 12:00:00', '2026-11-20 12:00:00', 1, '',"
            " :report, '{}', 1, '')"
        )
        for number, told in enumerate((report, {"messages": []}), 1):
            values = {"number": number, "id": f"r-{number}", "report": json.dumps(told)}
            connection.execute(insert, values)

    with closing(SqlStore(bare_url)) as store:
        quiet, row = store.runs()

    assert notices_in(row.report) == (
        Notice(
            NoticeKind.DRIFT,
            "E501",
            "Budget__c cannot be read.",
            "rules/b2b.rules.yaml:40:16",
        ),
        Notice(NoticeKind.PARTIAL, "E903", partial.removeprefix("E903: ")),
        Notice(NoticeKind.HELD, "", held),
        Notice(NoticeKind.NOTE, "", other),
    )
    assert row.report["messages"] == [drift, partial, held, other]
    assert quiet.report == {"messages": []}


@pytest.mark.promise("A1", "F37")
def test_what_an_older_program_forgot_of_a_chain_is_said_by_a_row_of_it(
    bare_url: str,
) -> None:
    """Three rows were forgotten, the fourth is kept."""
    entry = '{"at":"2026-11-20T12:00:00+00:00","event":"stop_set"}'
    seal = sha256(f"{ORG}\n4\nb3\n{entry}".encode()).hexdigest()
    with closing(Database(bare_url)) as old, old.writing() as connection:
        command.upgrade(alembic_config(connection), "0009")
        row = {"org": ORG, "entry": entry, "seal": seal}
        insert = "INSERT INTO audit (org, seq, entry, previous, hash) VALUES"
        connection.execute(text(f"{insert} (:org, 4, :entry, 'b3', :seal)"), row)
        insert = "INSERT INTO audit_head (org, seq, hash, base_seq, base_hash) VALUES"
        for org, base in ((ORG, 3), ("another", 0)):
            told = {"org": org, "seal": seal, "base": base, "before": f"b{base}"}
            values = text(f"{insert} (:org, 4, :seal, :base, :before)")
            connection.execute(values, told)

    with closing(SqlStore(bare_url)) as store:
        check = store.verify_audit(ORG, seal)

    assert (check.is_sound, check.has_known) == (True, True)
    assert (check.rows, check.forgotten, check.walked) == (5, 3, 2)
    with closing(Database(bare_url)) as now, now.reading() as connection:
        heads = connection.execute(text("SELECT org, seq FROM audit_head")).all()
        written = connection.execute(text("SELECT entry FROM audit WHERE seq = 5"))
        said = json.loads(written.scalar_one())
    assert sorted(map(tuple, heads)) == [("another", 4), (ORG, 5)]
    moment = datetime.fromisoformat(said.pop("at"))
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)
    assert said == {"event": "forgot", "rows": 3, "head": "b3"}


@pytest.mark.promise("F37")
def test_of_two_that_start_on_an_empty_database_at_once_both_find_the_tables(
    bare_url: str,
) -> None:
    with racers("open", bare_url) as two:
        assert [each.communicate(timeout=60) for each in two] == [("", "")] * 2
    assert [each.returncode for each in two] == [0, 0]
    expect_usable(bare_url)


@pytest.mark.promise("F37")
def test_killed_amid_a_migration_the_next_start_does_it_whole(bare_url: str) -> None:
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "tests.store.child", "migrate", bare_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "waiting\n"
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL

    expect_usable(bare_url)
