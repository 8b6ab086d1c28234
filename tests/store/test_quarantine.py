"""What is left alone, and which flags we wrote last: the rows and the chain."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import WriteStatus
from gatekeeper.core.quarantine import Cause, Quarantine
from gatekeeper.ports import RunStatus
from gatekeeper.store.sql_store import SqlStore
from tests.builders import DEAL_ID, ORG
from tests.store.meeting import amid
from tests.store.values import (
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
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.postgres import Postgres

TASK, FLAGS = f"{DEAL_ID}:{ROLE}", f"{DEAL_ID}:flags"
FOUGHT = a_flag(before={"status": "Clear"}, write={"status": "Open"})
REFUSED = WriteStatus.REJECTED
SET_ASIDE = ("quarantined", "released")


def flags(database: Path) -> list[tuple[object, ...]]:
    return read(database, "SELECT deal_id, written, edits FROM flag ORDER BY deal_id")


def test_the_chain_tells_when_something_is_left_alone_and_when_it_is_free(
    store: SqlStore, database: Path
) -> None:
    carry(store, a_change(), REFUSED, REFUSED, code="LOCKED")
    assert chain_of(database, *SET_ASIDE) == []

    carry(store, a_change(), REFUSED, code="LOCKED")
    told = {"event": "quarantined", "subject": TASK, "cause": "refused"}
    assert chain_of(database, *SET_ASIDE) == [{**told, "code": "LOCKED"}]

    store.release(ORG, TASK)
    store.release(ORG, TASK)  # it is free already: no second row
    assert chain_of(database, *SET_ASIDE)[1:] == [
        {"event": "released", "subject": TASK}
    ]
    assert store.verify_audit(ORG).is_sound


def test_a_refusal_is_counted_with_its_deal_words_and_moment(
    store: SqlStore, database: Path
) -> None:
    carry(store, a_change(), REFUSED, REFUSED, code="LOCKED", message="Row.")

    names = "org subject deal_id deal_name cause code times message logics is_set"
    query = f"SELECT {', '.join(names.split())} FROM quarantine"
    assert read(database, query) == [
        (ORG, TASK, DEAL_ID, "Acme renewal", "refused", "LOCKED", 2, "Row.", "{}", 0)
    ]
    assert store.quarantined(ORG) == []
    carry(store, a_change(), REFUSED, code="LOCKED", message="Row.")
    (entry,) = store.quarantined(ORG)
    assert entry.since is not None
    assert abs(datetime.now(UTC) - entry.since) < timedelta(minutes=5)


def test_another_refusal_begins_the_count_anew(store: SqlStore) -> None:
    carry(store, a_change(), REFUSED, REFUSED, code="LOCKED")
    carry(store, a_change(), REFUSED, code="OTHER")
    carry(store, a_change(), REFUSED, REFUSED, code="LOCKED")

    assert store.quarantined(ORG) == []


def test_what_we_wrote_into_flags_is_known_once_the_answer_is_there(
    store: SqlStore, database: Path
) -> None:
    both = a_flag(write={"status": "Open", "open_count": 2})
    with open_run(store) as run:
        chunk = plan_changes(run, both)
        run.intend(chunk)
        assert flags(database) == [(DEAL_ID, "{}", 0)]
        run.record(chunk, [a_receipt(both)])
        assert flags(database) == [(DEAL_ID, '{"status":"Open","open_count":2}', 0)]
        run.finish(RunStatus.DONE, {})

    carry(store, FOUGHT, WriteStatus.UNKNOWN)  # edited, and no answer
    assert flags(database) == [(DEAL_ID, '{"open_count":2}', 1)]
    carry(store, a_flag("d2"), REFUSED)
    assert flags(database)[1] == ("d2", "{}", 0)


def test_a_war_of_edits_is_over_only_for_the_deal_it_is_about(
    store: SqlStore, database: Path
) -> None:
    done = [WriteStatus.DONE] * 4
    carry(store, FOUGHT, *done)
    carry(store, a_flag("d2"), WriteStatus.DONE)
    (war,) = store.quarantined(ORG)
    assert (war.subject, war.cause, war.count) == (FLAGS, Cause.EDITED, 3)

    store.release(ORG, DEAL_ID)

    assert [deal for deal, *_ in flags(database)] == ["d2"]


def test_a_war_told_already_is_not_told_anew_by_a_later_write(
    store: SqlStore, database: Path
) -> None:
    carry(store, FOUGHT, *[WriteStatus.DONE] * 4)
    back = a_flag(before={"status": "Open"}, write={"status": "Clear"})

    carry(store, back, WriteStatus.DONE)  # an undo: nobody edited in between

    war = {"event": "quarantined", "subject": FLAGS, "cause": "edited", "code": ""}
    assert chain_of(database, *SET_ASIDE) == [war]


def test_a_task_set_free_leaves_what_is_known_of_flags(
    store: SqlStore, database: Path
) -> None:
    carry(store, FOUGHT, WriteStatus.DONE)
    carry(store, a_change(), REFUSED, REFUSED, REFUSED, code="LOCKED")

    store.release(ORG, TASK)

    assert [deal for deal, *_ in flags(database)] == [DEAL_ID]


def test_the_latest_comes_last_and_of_one_moment_by_name(
    store: SqlStore, database: Path
) -> None:
    subjects = ("d3:flags", "d1:flags", "d2:flags")
    with open_run(store) as run:
        run.intend(
            [], [Quarantine(each, each[:2], "Bolt", Cause.UNDONE) for each in subjects]
        )
        run.finish(RunStatus.DONE, {})
    assert [each.deal_id for each in store.quarantined(ORG)] == ["d1", "d2", "d3"]

    later = "UPDATE quarantine SET since = datetime(since, '+1 day')"
    edit(database, f"{later} WHERE deal_id = 'd1'")
    assert [each.deal_id for each in store.quarantined(ORG)] == ["d2", "d3", "d1"]
    assert store.quarantined("sf:00D000000000009EAA") == []


@pytest.mark.promise("A1")
def test_a_release_while_a_run_notes_its_answers_waits_for_them(
    postgres: Postgres,
) -> None:
    url, change = postgres.fresh(), a_change()
    aside = Quarantine(TASK, DEAL_ID, "Acme renewal", Cause.UNDONE, "r-1")
    freed: list[str] = []
    with closing(SqlStore(url)) as store, closing(SqlStore(url)) as admin:
        release = Thread(target=lambda: freed.extend(admin.release(ORG, TASK)))

        def release_meanwhile() -> None:
            release.start()
            release.join(timeout=1)

        with open_run(store) as run:
            chunk = plan_changes(run, change)
            run.intend(chunk, [aside])
            with amid("UPDATE audit_head", release_meanwhile):
                run.record(chunk, [a_receipt(change, WriteStatus.NOT_ATTEMPTED)])
            run.finish(RunStatus.DONE, {})
        release.join(timeout=30)

        assert freed == [TASK]
        assert store.quarantined(ORG) == []
        assert store.verify_audit(ORG).is_sound
