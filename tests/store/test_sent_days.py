"""Which days count as sent once an older database took the place of a newer one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.slots import Due, Slot
from gatekeeper.ports import Delivery, Job, Posted
from gatekeeper.store.sent_days import sent_days, stay_sent, take_as_sent
from tests.builders import ORG
from tests.store.values import edit, read

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.store.sql_store import SqlStore

pytestmark = pytest.mark.promise("F17", "D1")
ANN, BEA, NIGHT = Job("digest", "ann"), Job("digest", "bea"), Job("run")
OTHER = "sf:00D000000000009EAA"
MONDAY = date(2026, 11, 16)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def used(
    store: SqlStore, job: Job, day: date, due_at: datetime, org: str = ORG
) -> None:
    store.slots.claim(org, job, Due(Slot(day, due_at)))
    store.slots.close(org, job, day, "sent")


def taken(store: SqlStore) -> None:
    with store.upkeep.database.writing() as connection:
        take_as_sent(connection)


def days(database: Path, where: str) -> list[str]:
    query = f"SELECT day FROM slot WHERE {where} ORDER BY day"
    return [day for (day,) in read(database, query)]


@pytest.mark.parametrize(
    ("hours", "merged"),
    [
        (22.9, []),
        (23.1, ["2026-11-17"]),  # clocks may move an hour between two days
        (46.9, ["2026-11-17"]),
        (47.1, ["2026-11-17", "2026-11-18"]),
    ],
)
def test_every_day_that_was_due_since_the_last_known_one_counts_as_used(
    store: SqlStore, database: Path, hours: float, merged: list[str]
) -> None:
    used(store, ANN, MONDAY, datetime.now(UTC) - hours * HOUR)

    taken(store)

    assert days(database, "subject = 'ann'") == ["2026-11-16", *merged]


def test_a_day_taken_as_used_is_told_as_merged_by_a_restore(
    store: SqlStore, database: Path
) -> None:
    due_at = datetime.now(UTC) - 30 * HOUR
    used(store, ANN, MONDAY, due_at)

    taken(store)

    columns = "org, kind, subject, day, state, due_at, claimed_at, ended_at, note"
    last = f"SELECT {columns} FROM slot ORDER BY day DESC LIMIT 1"
    at = f"{due_at + DAY:%Y-%m-%d %H:%M:%S.%f}"
    whose = (ORG, "digest", "ann", "2026-11-17")
    assert read(database, last) == [(*whose, "merged", at, at, at, "restored")]


def test_each_person_goes_on_from_the_last_day_of_their_own(
    store: SqlStore, database: Path
) -> None:
    now = datetime.now(UTC)
    used(store, ANN, MONDAY, now - 78 * HOUR)
    used(store, ANN, MONDAY + DAY, now - 54 * HOUR)
    used(store, BEA, MONDAY + 2 * DAY, now - 30 * HOUR)
    used(store, ANN, MONDAY + 3 * DAY, now - 6 * HOUR, OTHER)

    taken(store)

    mine = f"org = '{ORG}' AND subject"
    assert days(database, f"{mine} = 'ann'") == [
        f"2026-11-{day}" for day in (16, 17, 18, 19)
    ]
    assert days(database, f"{mine} = 'bea'") == ["2026-11-18", "2026-11-19"]
    assert days(database, f"org = '{OTHER}'") == ["2026-11-19"]


def test_runs_are_made_late_and_do_not_count_as_done(
    store: SqlStore, database: Path
) -> None:
    used(store, NIGHT, MONDAY, datetime.now(UTC) - 78 * HOUR)

    taken(store)

    assert days(database, "kind = 'run'") == ["2026-11-16"]


def test_where_no_digest_was_ever_due_nothing_is_taken_as_used(
    store: SqlStore, database: Path
) -> None:
    taken(store)
    assert days(database, "true") == []


def test_what_was_known_of_digests_wins_and_what_only_the_backup_knows_stays(
    store: SqlStore, database: Path
) -> None:
    at = datetime.now(UTC)
    for day in (MONDAY, MONDAY + DAY):
        used(store, ANN, day, at)
        store.outbox.keep(ORG, Posted("ann", day, Delivery.SENT, at, content="new"))
    used(store, NIGHT, MONDAY, at)
    with store.upkeep.database.reading() as connection:
        known = sent_days(connection)
    assert [row["kind"] for row in known.slots] == ["digest", "digest"]
    assert [row["day"] for row in known.digests] == [MONDAY, MONDAY + DAY]

    edit(database, "DELETE FROM slot WHERE day = '2026-11-17'")
    edit(database, "DELETE FROM digest WHERE day = '2026-11-17'")
    edit(database, "UPDATE slot SET state = 'claimed', note = ''")
    edit(database, "UPDATE digest SET delivery = 'unknown', content = 'old'")
    store.outbox.keep(ORG, Posted("bea", MONDAY, Delivery.SENT, at))
    with store.upkeep.database.writing() as connection:
        stay_sent(connection, known)

    states = "SELECT kind, day, state, note FROM slot ORDER BY kind, day"
    assert read(database, states) == [
        ("digest", "2026-11-16", "done", "sent"),
        ("digest", "2026-11-17", "done", "sent"),
        ("run", "2026-11-16", "claimed", ""),
    ]
    told = [
        store.outbox.posted(ORG, "ann", day, Audience.MANAGER)
        for day in (MONDAY, MONDAY + DAY)
    ]
    assert [(each.delivery, each.content) for each in told if each] == [
        (Delivery.SENT, "new")
    ] * 2
    bea = store.outbox.posted(ORG, "bea", MONDAY, Audience.MANAGER)
    assert bea is not None
    assert bea.delivery is Delivery.SENT
