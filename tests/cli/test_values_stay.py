"""What is handed around, a plan file or a log, carries ids and no values (S29, S23)."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.sandbox.salesforce.org import Org
    from tests.cli.program import Program

CANARY = "Zeisig"
SHOWN = {"Opportunity-Name", "User-Name", "User-Email"}
"""What a task, a list and a digest show of a record under the default rules."""
REVIEWED = {
    ("change", "payload"),  # the words of a task; they go with KEEP_VALUES_DAYS
    ("crm_schema", "payload"),  # the names of fields, and what a picklist offers
    ("digest", "content"),  # what was mailed, until it is known to have arrived
    ("staged_deal", "dossier"),  # what planning needs, until the run is over
    ("staged_deal", "moving"),  # a deal that closes soon, for the digests of that run
    ("staged_violation", "payload"),  # what a run lists of its own
    ("violation", "payload"),  # the same as it stands
}
"""Columns in which a value of a record may stand, and why."""
NAMED = {
    "Opportunity": ("Name", "NextStep", "Description"),
    "Account": ("Name",),
    "Contact": ("FirstName", "LastName", "Email"),
    "User": ("Name", "FirstName", "LastName", "Email", "Username"),
}


@pytest.fixture
def canaries(org: Org, enforcing: Program) -> Program:
    """An org in which every text that names somebody or something is marked."""
    for kind, fields in NAMED.items():
        for row in list(org.rows(kind, include_deleted=False)):
            marked = {
                field: f"{CANARY}-{kind}-{field}@example.com"
                for field in fields
                if field in row and row[field] is not None
            }
            org.put(kind, Row(row, **marked))
    return enforcing


@pytest.mark.promise("S29")
def test_no_value_of_any_record_stands_in_a_plan_file_or_a_log(
    canaries: Program,
) -> None:
    planned = canaries("plan", "--out", "plan.json")
    assert planned.code == 0
    ran = canaries("run", "--json")
    assert ran.code == 0
    assert ran.json["applied"]["create"] > 0
    plan = (canaries.folder / "plan.json").read_text("utf-8")
    assert plan.count('"deal_id"') > 10

    for text in (plan, planned.err, ran.err, ran.out):
        assert CANARY not in text


@pytest.mark.promise("S29")
def test_values_stand_in_a_plan_file_when_they_are_asked_for(
    canaries: Program,
) -> None:
    assert canaries("plan", "--out", "plan.json", "--with-values").code == 0

    assert CANARY in (canaries.folder / "plan.json").read_text("utf-8")


def kept_in(database: Path) -> dict[tuple[str, str], set[str]]:
    """Which marked fields stand in which columns of a database."""
    kept: dict[tuple[str, str], set[str]] = {}
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for column in row.keys():  # noqa: SIM118  a row gives its values
                    marks = re.findall(rf"{CANARY}-(\w+-\w+)@", str(row[column]))
                    if marks:
                        kept.setdefault((table, column), set()).update(marks)
    return kept


@pytest.mark.promise("S23")
def test_values_stand_in_the_reviewed_columns_alone_and_only_where_they_are_shown(
    canaries: Program,
) -> None:
    assert canaries("plan").code == 0
    assert canaries("run").code == 0

    kept = kept_in(canaries.folder / "gatekeeper.db")

    assert kept
    assert kept.keys() <= REVIEWED
    assert set.union(*kept.values()) <= SHOWN
