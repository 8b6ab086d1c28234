"""The write-ahead ledger: whole rows and entries, before and after each answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gatekeeper.core.model import Action, WriteStatus
from gatekeeper.errors import StoppedError
from gatekeeper.ports import RunKind, RunStatus
from gatekeeper.store.codec import canonical_text, digest_of
from tests.builders import DEAL_ID, ORG, OWNER
from tests.store.values import (
    PACK,
    ROLE,
    a_change,
    a_flag,
    a_receipt,
    carry,
    chain_of,
    edit,
    open_run,
    plan_changes,
    read,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.store.sql_store import SqlStore

TASK = "00T000000000001AAA"
WRITTEN = ("intent", "receipt")
CREATE, CLOSE = a_change(raised=2), a_change(Action.CLOSE, remote_id=TASK)
MOVE = a_change(Action.UPDATE, remote_id=TASK, write={"due_on": "2026-12-01"})
SATURDAY = datetime(2026, 11, 22, 3, tzinfo=UTC)  # still the day before in New York


def the_row(database: Path) -> dict[str, Any]:
    """Return the only obligation, without what it was written with."""
    names = (
        "deal_id role group episode key state remote_id due_on closed_at raised version"
        " fence person_id created_on"
    )
    columns = ", ".join(f'"{name}"' for name in names.split())
    (values,) = read(database, f"SELECT {columns} FROM obligation")
    return dict(zip(names.split(), values, strict=True))


def hash_in(database: Path) -> str:
    return str(read(database, "SELECT payload_hash FROM obligation")[0][0])


OPENED = {
    "deal_id": DEAL_ID,
    "role": ROLE,
    "group": "",
    "episode": 1,
    "key": CREATE.key,
    "state": "open",
    "remote_id": TASK,
    "due_on": "2026-11-25",
    "closed_at": None,
    "raised": 2,
    "version": 2,
    "fence": 1,
    "person_id": OWNER,
    "created_on": "2026-11-20",
}


@pytest.mark.promise("W3")
def test_the_row_of_a_task_goes_from_claim_to_answer_version_by_version(
    store: SqlStore, database: Path
) -> None:
    with open_run(store) as run:
        chunk = plan_changes(run, CREATE)
        run.intend(chunk)
        claimed = {**OPENED, "state": "intent", "remote_id": None, "version": 1}
        assert the_row(database) == claimed
        assert read(database, "SELECT status FROM change") == [("intent",)]
        run.record(chunk, [a_receipt(CREATE)])
        assert the_row(database) == OPENED
        run.finish(RunStatus.DONE, {})

    with open_run(store) as run:
        chunk = plan_changes(run, MOVE)
        run.intend(chunk)
        assert the_row(database) == {**OPENED, "version": 3, "fence": 2}
        run.record(chunk, [a_receipt(MOVE)])
        moved = {**OPENED, "due_on": "2026-12-01", "version": 4, "fence": 2}
        assert the_row(database) == moved
        run.finish(RunStatus.DONE, {})

    with open_run(store) as run:
        chunk = plan_changes(run, CLOSE)
        run.intend(chunk)
        sealed = {**moved, "state": "resolving", "version": 5, "fence": 3}
        assert the_row(database) == sealed
        run.record(chunk, [a_receipt(CLOSE)])
        closed = {"state": "resolved", "closed_at": "2026-11-20 14:00:00.000000"}
        assert the_row(database) == {**sealed, **closed, "version": 6}


def test_what_was_last_asked_for_is_kept_as_its_fingerprint(
    store: SqlStore, database: Path
) -> None:
    carry(store, CREATE, WriteStatus.DONE)
    assert hash_in(database) == digest_of(canonical_text(CREATE))

    carry(store, MOVE, WriteStatus.DONE)
    assert hash_in(database) == digest_of(canonical_text(MOVE))


@pytest.mark.promise("W3", "A1")
def test_the_chain_says_what_was_about_to_be_written_and_what_became_of_it(
    store: SqlStore, database: Path
) -> None:
    flag = a_flag()
    with open_run(store) as run:
        chunk = plan_changes(run, CREATE, flag)
        run.intend(chunk)
        refused = a_receipt(flag, WriteStatus.REJECTED, code="LOCKED", message="No.")
        run.record(chunk, [a_receipt(CREATE), refused])
        run.finish(RunStatus.DONE, {})

    task = {"run": 1, "seq": 1, "action": "create", "key": CREATE.key}
    task["deal_id"] = DEAL_ID
    flags = {**task, "seq": 2, "action": "flag", "key": flag.key}
    meant = {"event": "intent", "fence": 1, "remote_id": None}
    became = {"event": "receipt", "code": "", "remote_id": None}
    assert chain_of(database, *WRITTEN) == [
        {**task, **meant, "episode": 1, "payload": digest_of(canonical_text(CREATE))},
        {**flags, **meant, "episode": 0, "payload": digest_of(canonical_text(flag))},
        {**task, **became, "remote_id": TASK, "status": "done"},
        {**flags, **became, "code": "LOCKED", "status": "rejected"},
    ]
    carry(store, CLOSE, WriteStatus.DONE)
    assert chain_of(database, *WRITTEN)[4]["remote_id"] == TASK


def test_each_change_carries_its_own_answer(store: SqlStore, database: Path) -> None:
    with open_run(store) as run:
        chunk = plan_changes(run, CREATE, a_flag())
        run.intend(chunk)
        refused = a_receipt(
            a_flag(), WriteStatus.REJECTED, code="LOCKED", message="No."
        )
        run.record(chunk, [a_receipt(CREATE), refused])

    query = "SELECT status, remote_id, code, message FROM change ORDER BY seq"
    assert read(database, query) == [
        ("done", TASK, "", ""),
        ("rejected", None, "LOCKED", "No."),
    ]


def test_an_intent_sent_again_counts_for_the_person_and_day_of_now(
    store: SqlStore, database: Path
) -> None:
    carry(store, CREATE, WriteStatus.UNKNOWN)
    again = replace(CREATE, person_id="p2", write={"due_on": "2026-11-27"})

    with store.open_run(ORG, RunKind.RUN, SATURDAY, PACK) as run:
        write(run, again)
        run.finish(RunStatus.DONE, {})

    row = the_row(database)
    assert (row["person_id"], row["created_on"]) == ("p2", "2026-11-21")
    assert (row["due_on"], row["state"], row["version"]) == ("2026-11-27", "open", 3)


def test_a_task_that_the_store_never_knew_was_created_for_nobody(
    store: SqlStore, database: Path
) -> None:
    carry(store, MOVE, WriteStatus.DONE)

    row = the_row(database)
    assert (row["state"], row["remote_id"], row["version"]) == ("open", TASK, 1)
    assert (row["person_id"], row["created_on"]) == (None, None)


def test_an_update_that_names_no_day_leaves_the_day(
    store: SqlStore, database: Path
) -> None:
    carry(store, CREATE, WriteStatus.DONE)
    carry(store, replace(MOVE, write={"subject": "s"}), WriteStatus.DONE)

    assert the_row(database)["due_on"] == "2026-11-25"


MOVED_ON = (
    "Another run changed tasks that this run was writing, so it stops here. Run again:"
    " tasks are found by their keys."
)


@pytest.mark.promise("W3")
def test_a_claim_that_the_database_did_not_take_stops_the_run_before_it_writes(
    store: SqlStore, database: Path
) -> None:
    carry(store, CREATE, WriteStatus.DONE)
    edit(
        database,
        "CREATE TRIGGER meddle BEFORE UPDATE ON obligation BEGIN"
        " SELECT RAISE(IGNORE); END",
    )

    with open_run(store) as run:
        chunk = plan_changes(run, MOVE)
        with pytest.raises(StoppedError) as stopped:
            run.intend(chunk)

    assert str(stopped.value) == MOVED_ON
    assert [each["event"] for each in chain_of(database, *WRITTEN)] == [
        "intent",
        "receipt",
    ]


@pytest.mark.promise("W9")
@pytest.mark.parametrize("status", [WriteStatus.DONE, WriteStatus.REJECTED])
def test_an_answer_about_a_row_that_moved_on_stops_the_run(
    store: SqlStore, database: Path, status: WriteStatus
) -> None:
    with open_run(store) as run:
        chunk = plan_changes(run, CREATE)
        run.intend(chunk)
        edit(database, "UPDATE obligation SET version = 7")

        with pytest.raises(StoppedError) as stopped:
            run.record(chunk, [a_receipt(CREATE, status)])

    assert str(stopped.value) == MOVED_ON
    assert the_row(database)["version"] == 7


def test_answers_after_that_of_a_flag_are_kept(store: SqlStore, database: Path) -> None:
    with open_run(store) as run:
        task, flag = plan_changes(run, CREATE, a_flag())
        run.intend([flag, task])
        run.record([flag, task], [a_receipt(flag.change), a_receipt(CREATE)])

    assert the_row(database)["state"] == "open"
