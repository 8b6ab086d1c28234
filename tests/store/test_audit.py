"""The audit chain shows any edit, removal or other order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import WriteStatus
from gatekeeper.ports import RunStatus
from tests.builders import DEAL_ID, ORG, OWNER
from tests.store.values import (
    a_change,
    a_flag,
    a_receipt,
    edit,
    open_run,
    plan_changes,
    read,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.store.sql_store import SqlStore


@pytest.fixture
def chain(store: SqlStore) -> SqlStore:
    """Write seven rows: two writes with their receipts, a finish, the stop row."""
    with open_run(store) as run:
        write(run, a_change())
        write(run, a_flag(), WriteStatus.REJECTED, message="Ann Rep may not do this")
        run.finish(RunStatus.DONE, {})
    store.set_stop(ORG, stopped=True)
    store.set_stop(ORG, stopped=True)  # nothing changed: no row
    store.set_stop(ORG, stopped=False)
    return store


def test_an_untouched_chain_is_sound(chain: SqlStore, database: Path) -> None:
    check = chain.verify_audit(ORG)

    newest = read(database, "SELECT hash FROM audit ORDER BY seq DESC LIMIT 1")
    assert (check.rows, check.damaged_at) == (7, None)
    assert newest == [(check.head,)]


def test_an_org_without_history_has_an_empty_chain(store: SqlStore) -> None:
    check = store.verify_audit(ORG)

    assert (check.rows, check.head, check.damaged_at) == (0, "", None)


@pytest.mark.promise("A1", "F40")
@pytest.mark.parametrize(
    ("damage", "position", "said"),
    [
        (
            "UPDATE audit SET entry = replace(entry, 'create', 'update') WHERE seq = 1",
            1,
            "it was edited",
        ),
        ("UPDATE audit SET hash = previous WHERE seq = 4", 4, "it was edited"),
        ("DELETE FROM audit WHERE seq = 3", 3, "rows are missing, or moved"),
        ("DELETE FROM audit WHERE seq = 1", 1, "rows are missing, or moved"),
        ("UPDATE audit SET seq = 99 WHERE seq = 2", 2, "rows are missing, or moved"),
        (
            "UPDATE audit SET entry = (SELECT entry FROM audit WHERE seq = 6)"
            " WHERE seq = 5",
            5,
            "it was edited",
        ),
        (
            "UPDATE audit SET previous = hash WHERE seq = 3",
            3,
            "it does not follow the row before",
        ),
    ],
)
def test_damage_is_found_at_its_position(
    chain: SqlStore, database: Path, damage: str, position: int, said: str
) -> None:
    edit(database, damage)

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (position - 1, position)
    assert check.damage == said


@pytest.mark.promise("A1", "F40")
def test_a_chain_that_does_not_end_in_its_head_is_damaged_at_its_end(
    chain: SqlStore, database: Path
) -> None:
    edit(database, "UPDATE audit_head SET hash = 'ff'")

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (7, 7)
    assert check.damage == "it is not the kept head"


def test_a_long_chain_is_verified_to_its_end(store: SqlStore, database: Path) -> None:
    """300 writes leave 600 rows, more than are read at once."""
    changes = [a_flag(f"d{number:03}") for number in range(300)]
    with open_run(store) as run:
        chunk = plan_changes(run, *changes)
        run.intend(chunk)
        run.record(chunk, [a_receipt(each.change) for each in chunk])
        run.finish(RunStatus.DONE, {})

    check = store.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (601, None)

    edit(database, "UPDATE audit SET entry = '{}' WHERE seq = 501")
    check = store.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (500, 501)

    edit(database, "UPDATE audit SET entry = '{}' WHERE seq = 5")
    check = store.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (4, 5)


@pytest.mark.promise("F40", "A1")
def test_a_cut_chain_shows_by_its_head(chain: SqlStore, database: Path) -> None:
    edit(database, "DELETE FROM audit WHERE seq > 5")

    check = chain.verify_audit(ORG)
    assert (check.rows, check.damaged_at) == (5, 6)
    assert check.damage == "the chain was cut: it had 7 rows"


@pytest.mark.promise("F40", "A1")
def test_a_chain_cut_together_with_its_head_shows_by_one_printed_before(
    chain: SqlStore, database: Path
) -> None:
    whole = chain.verify_audit(ORG)
    edit(database, "DELETE FROM audit WHERE seq > 5")
    edit(
        database,
        "UPDATE audit_head SET seq = 5, hash = (SELECT hash FROM audit WHERE seq = 5)",
    )

    assert chain.verify_audit(ORG).is_sound
    check = chain.verify_audit(ORG, whole.head)
    assert (check.damaged_at, check.has_known, check.is_sound) == (None, False, False)


def test_a_head_printed_before_stays_in_a_chain_that_grew(chain: SqlStore) -> None:
    before = chain.verify_audit(ORG)
    chain.set_stop(ORG, stopped=True)

    assert chain.verify_audit(ORG, before.head).is_sound


@pytest.mark.promise("W3")
def test_every_write_has_an_intent_before_its_receipt(
    chain: SqlStore, database: Path
) -> None:
    entries = [
        json.loads(entry)
        for (entry,) in read(database, "SELECT entry FROM audit ORDER BY seq")
    ]

    assert chain.verify_audit(ORG).damaged_at is None
    assert [(each["event"], each.get("key")) for each in entries] == [
        ("intent", a_change().key),
        ("receipt", a_change().key),
        ("intent", f"flag:{DEAL_ID}"),
        ("receipt", f"flag:{DEAL_ID}"),
        ("run_finished", None),
        ("stop_set", None),
        ("stop_cleared", None),
    ]
    assert entries[1]["status"] == "done"


@pytest.mark.promise("A1", "S29")
def test_the_chain_holds_ids_and_counts_and_nobody_by_name(
    chain: SqlStore, database: Path
) -> None:
    entries = str(read(database, "SELECT entry FROM audit"))

    assert chain.verify_audit(ORG).rows == 7
    for personal in ("Ann Rep", "Acme", OWNER, "missing"):
        assert personal not in entries
