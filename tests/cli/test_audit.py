"""`audit verify` at the command line."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.store.audit import forget_before
from gatekeeper.store.database import Database
from tests.store.values import edit, read

if TYPE_CHECKING:
    from tests.cli.program import Program

pytestmark = pytest.mark.promise("A1", "F40")


def test_the_rows_told_are_those_that_are_there(enforcing: Program) -> None:
    assert enforcing("run").code == 0
    database = enforcing.folder / "gatekeeper.db"
    ((rows,),) = read(database, "SELECT count(*) FROM audit")

    whole = enforcing("audit", "verify")

    assert whole.code == 0
    assert f"is whole: {rows} rows." in whole.out


def test_a_start_that_was_cut_off_ends_with_the_code_of_damage(
    enforcing: Program,
) -> None:
    assert enforcing("run").code == 0
    database = enforcing.folder / "gatekeeper.db"
    edit(
        database,
        "UPDATE audit_head SET base_seq = 3,"
        " base_hash = (SELECT hash FROM audit WHERE seq = 3)",
    )
    edit(database, "DELETE FROM audit WHERE seq <= 3")

    cut = enforcing("audit", "verify")

    assert cut.code == 1
    assert "is damaged at row 1: the 3 rows before are gone" in cut.told


def test_what_was_forgotten_with_time_is_told_beside_what_is_there(
    enforcing: Program,
) -> None:
    assert enforcing("run").code == 0
    database = enforcing.folder / "gatekeeper.db"
    ((rows, org),) = read(database, "SELECT count(*), max(org) FROM audit")
    with (
        closing(Database(f"sqlite:///{database}")) as opened,
        opened.writing() as connection,
    ):
        assert forget_before(connection, org, datetime(2999, 1, 1, tzinfo=UTC)) == rows

    whole = enforcing("audit", "verify")

    assert whole.code == 0
    assert "is whole: 1 rows." in whole.out
    assert f"{rows} older ones were forgotten with time" in whole.out
    told = enforcing("audit", "verify", "--json").json
    assert (told["rows"], told["forgotten"]) == (1, rows)
