"""Slots: the work of a day is done once, whoever begins it and however often."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.slots import Due, Schedule, Slot, due
from gatekeeper.errors import LeaseHeldError, StoppedError
from gatekeeper.ports import Delivery, Job, Posted, SlotState
from gatekeeper.store.outbox import SqlOutbox
from gatekeeper.store.schema import lease
from gatekeeper.store.sql_store import SqlStore
from tests.blank import blank_store
from tests.builders import NEW_YORK, ORG
from tests.store.meeting import amid
from tests.store.values import edit, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Postgres

RUN, ANN, BEN = Job("run"), Job("digest", "ann"), Job("digest", "ben")
NUMBERS = count()
"""A job for each try of a property."""
MONDAY, TUESDAY, WEDNESDAY = (date(2026, 11, day) for day in (16, 17, 18))


def slot(day: date) -> Slot:
    return Slot(day, datetime(day.year, day.month, day.day, 23, tzinfo=UTC))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = blank_store(tmp_path / "gatekeeper.db")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def memory() -> Iterator[SqlStore]:
    """Open one store for all tries of a property; opening takes longer than a try."""
    opened = SqlStore("sqlite://")
    yield opened
    opened.close()


def test_a_day_is_used_once_its_work_is_done(store: SqlStore) -> None:
    assert store.slots.last(ORG, RUN) is None
    claim = store.slots.claim(ORG, RUN, Due(slot(MONDAY)))
    assert claim is not None
    assert (claim.day, claim.state) == (MONDAY, SlotState.CLAIMED)
    assert store.slots.last(ORG, RUN) is None

    store.slots.close(ORG, RUN, MONDAY, "r-20261116-0001")
    assert store.slots.last(ORG, RUN) == MONDAY
    assert store.slots.claim(ORG, RUN, Due(slot(MONDAY))) is None


def test_work_that_was_begun_and_not_ended_is_claimed_again_and_says_since_when(
    store: SqlStore,
) -> None:
    first = store.slots.claim(ORG, RUN, Due(slot(MONDAY)))
    again = store.slots.claim(ORG, RUN, Due(slot(MONDAY)))
    assert first is not None
    assert first == again


def test_days_taken_along_are_used_with_the_day_that_takes_them(
    store: SqlStore,
) -> None:
    """Monday was begun and never ended, Tuesday never begun."""
    store.slots.claim(ORG, ANN, Due(slot(MONDAY)))
    store.slots.claim(ORG, ANN, Due(slot(WEDNESDAY), (slot(MONDAY), slot(TUESDAY))))
    assert store.slots.last(ORG, ANN) == TUESDAY
    for day in (MONDAY, TUESDAY):
        assert store.slots.claim(ORG, ANN, Due(slot(day))) is None
    store.slots.close(ORG, ANN, WEDNESDAY, "sent")
    assert store.slots.last(ORG, ANN) == WEDNESDAY


@pytest.mark.promise("D1")
def test_whoever_claims_a_day_again_is_told_what_it_takes_along(
    store: SqlStore,
) -> None:
    """Its first worker merged Monday into Tuesday and died; then Tuesday passed."""
    store.slots.claim(ORG, ANN, Due(slot(TUESDAY), (slot(MONDAY),)))
    again = store.slots.claim(ORG, ANN, Due(slot(TUESDAY)))
    assert again is not None
    assert again.merged == (slot(MONDAY),)

    later = store.slots.claim(ORG, ANN, Due(slot(WEDNESDAY), (slot(TUESDAY),)))
    assert later is not None
    assert later.merged == (slot(MONDAY), slot(TUESDAY))


@pytest.mark.promise("D1")
def test_from_the_first_day_that_was_begun_no_day_is_left_out(
    store: SqlStore,
) -> None:
    store.slots.claim(ORG, ANN, Due(slot(TUESDAY)))

    assert store.slots.used(ORG, "digest") == {"ann": MONDAY}


def test_closing_twice_keeps_the_first_end(store: SqlStore) -> None:
    store.slots.claim(ORG, RUN, Due(slot(MONDAY)))
    store.slots.close(ORG, RUN, MONDAY, "r-1")
    store.slots.close(ORG, RUN, MONDAY, "r-2")
    assert store.slots.last(ORG, RUN) == MONDAY


def test_jobs_subjects_and_orgs_do_not_use_each_other_s_days(store: SqlStore) -> None:
    store.slots.claim(ORG, ANN, Due(slot(MONDAY)))
    store.slots.close(ORG, ANN, MONDAY, "sent")
    assert store.slots.last(ORG, BEN) is None
    assert store.slots.last(ORG, Job("run", "ann")) is None
    assert store.slots.last("sf:00D000000000001AAA", ANN) is None


@pytest.mark.promise("D1")
def test_two_workers_cannot_use_one_day_twice(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'gatekeeper.db'}"
    one, other = SqlStore(url), SqlStore(url)
    try:
        first = one.slots.claim(ORG, RUN, Due(slot(MONDAY)))
        second = other.slots.claim(ORG, RUN, Due(slot(MONDAY)))
        assert first == second  # the lease decides which of them works
        one.slots.close(ORG, RUN, MONDAY, "r-1")
        assert other.slots.claim(ORG, RUN, Due(slot(MONDAY))) is None
    finally:
        one.close()
        other.close()


@pytest.mark.promise("D1")
def test_a_day_that_is_closed_while_another_claims_it_is_not_claimed(
    postgres: Postgres,
) -> None:
    url = postgres.fresh()
    with closing(SqlStore(url)) as one, closing(SqlStore(url)) as other:
        assert one.slots.claim(ORG, RUN, Due(slot(MONDAY))) is not None

        with amid(
            "SELECT max(slot.day)",
            lambda: one.slots.close(ORG, RUN, MONDAY, "r-1"),
        ):
            assert other.slots.claim(ORG, RUN, Due(slot(MONDAY))) is None


@pytest.mark.promise("D1")
@given(
    st.lists(
        st.tuples(
            st.timedeltas(timedelta(minutes=5), timedelta(days=2)), st.booleans()
        ),
        max_size=30,
    )
)
def test_however_often_the_worker_dies_every_business_day_is_used_once(
    memory: SqlStore, looks: list[tuple[timedelta, bool]]
) -> None:
    schedule, job = Schedule(time(18), NEW_YORK), Job("run", str(next(NUMBERS)))
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    slots = memory.slots
    worked: list[date] = []
    for wait, dies in looks:
        now += wait
        last = slots.last(ORG, job) or MONDAY.replace(month=3, day=1)
        found = due(schedule, last, now)
        if found is None or slots.claim(ORG, job, found) is None or dies:
            continue
        slots.close(ORG, job, found.slot.day, "done")
        worked.append(found.slot.day)
    assert worked == sorted(set(worked))
    assert all(day.weekday() < 5 for day in worked)


def test_what_is_used_of_a_kind_is_read_at_once(store: SqlStore) -> None:
    for job, day in ((ANN, MONDAY), (ANN, TUESDAY), (BEN, MONDAY)):
        store.slots.claim(ORG, job, Due(slot(day)))
        store.slots.close(ORG, job, day, "sent")
    store.slots.claim(ORG, BEN, Due(slot(TUESDAY)))  # begun, not done

    assert store.slots.used(ORG, "digest") == {"ann": TUESDAY, "ben": MONDAY}
    assert store.slots.used(ORG, "run") == {}


def test_when_work_was_last_done_is_known_by_kind(store: SqlStore) -> None:
    store.slots.claim(ORG, RUN, Due(slot(TUESDAY), (slot(MONDAY),)))
    assert store.slots.last_done(ORG) == {}  # Monday was only taken along

    store.slots.close(ORG, RUN, TUESDAY, "r-1")

    done = store.slots.last_done(ORG)
    assert set(done) == {"run"}
    assert done["run"].tzinfo is not None


def test_only_one_process_at_a_time_sends(store: SqlStore) -> None:
    with (
        store.outbox.posting(ORG),
        pytest.raises(LeaseHeldError, match="has held the lease"),
        SqlOutbox(store.upkeep.database).posting(ORG),
    ):
        pass
    with store.outbox.posting(ORG):
        pass


def test_a_sender_that_lost_its_lease_notes_nothing_more(store: SqlStore) -> None:
    letter = Posted("ann", MONDAY, Delivery.SENT, slot(MONDAY).due_at)
    with store.outbox.posting(ORG):
        store.outbox.keep(ORG, letter)
        with store.upkeep.database.writing() as connection:
            taken = {"fence": lease.c.fence + 1, "holder": "another worker"}
            connection.execute(update(lease).values(taken))
        with pytest.raises(StoppedError, match="to another worker"):
            store.outbox.keep(ORG, replace(letter, person_id="ben"))
    assert store.outbox.posted(ORG, "ben", MONDAY, Audience.MANAGER) is None


SLOTS = (
    "SELECT day, state, due_at, claimed_at = ended_at, ended_at IS NULL, note FROM slot"
    " ORDER BY day"
)


def test_the_rows_of_days_that_are_claimed_merged_and_done(
    store: SqlStore, tmp_path: Path
) -> None:
    file = tmp_path / "gatekeeper.db"

    def due_at(day: date) -> str:
        return f"{day} 23:00:00.000000"

    store.slots.claim(ORG, ANN, Due(slot(MONDAY)))
    assert read(file, SLOTS) == [
        (str(MONDAY), "claimed", due_at(MONDAY), None, 1, ""),
    ]
    store.slots.claim(ORG, ANN, Due(slot(WEDNESDAY), (slot(MONDAY), slot(TUESDAY))))
    assert [row[:3] + row[4:] for row in read(file, SLOTS)] == [
        (str(MONDAY), "merged", due_at(MONDAY), 0, str(WEDNESDAY)),
        (str(TUESDAY), "merged", due_at(TUESDAY), 0, str(WEDNESDAY)),
        (str(WEDNESDAY), "claimed", due_at(WEDNESDAY), 1, ""),
    ]
    store.slots.close(ORG, ANN, WEDNESDAY, "sent")
    store.slots.close(ORG, ANN, WEDNESDAY, "again")
    store.slots.close(ORG, ANN, MONDAY, "late")
    assert [(row[1], row[5]) for row in read(file, SLOTS)] == [
        ("merged", str(WEDNESDAY)),
        ("merged", str(WEDNESDAY)),
        ("done", "sent"),
    ]


def test_an_earlier_day_is_not_claimed_once_a_later_one_is_used(
    store: SqlStore,
) -> None:
    store.slots.claim(ORG, RUN, Due(slot(TUESDAY)))
    store.slots.close(ORG, RUN, TUESDAY, "r-1")

    assert store.slots.claim(ORG, RUN, Due(slot(MONDAY))) is None
    assert store.slots.claim(ORG, RUN, Due(slot(TUESDAY))) is None
    later = store.slots.claim(ORG, RUN, Due(slot(WEDNESDAY)))
    assert later is not None
    assert (later.job, later.day, later.due_at) == (
        *(RUN, WEDNESDAY, slot(WEDNESDAY).due_at),
    )


def test_a_later_claim_merges_only_what_is_its_own_and_earlier(
    store: SqlStore, tmp_path: Path
) -> None:
    for job, day in ((ANN, MONDAY), (BEN, MONDAY), (ANN, WEDNESDAY)):
        store.slots.claim(ORG, job, Due(slot(day)))

    rows = read(
        tmp_path / "gatekeeper.db",
        "SELECT subject, day, state FROM slot ORDER BY subject, day",
    )
    assert rows == [
        ("ann", str(MONDAY), "merged"),
        ("ann", str(WEDNESDAY), "claimed"),
        ("ben", str(MONDAY), "claimed"),
    ]


def test_a_letter_is_known_as_it_was_last_kept(store: SqlStore) -> None:
    first = Posted(
        "ann", MONDAY, Delivery.LATER, slot(MONDAY).due_at, 1, "letter", "greylisted"
    )
    store.outbox.keep(ORG, first)
    assert store.outbox.posted(ORG, "ann", MONDAY, Audience.MANAGER) == first

    last = replace(
        first,
        delivery=Delivery.SENT,
        made_at=slot(TUESDAY).due_at,
        tried=2,
        content="",
        detail="250 ok",
    )
    store.outbox.keep(ORG, last)
    assert store.outbox.posted(ORG, "ann", MONDAY, Audience.MANAGER) == last
    assert store.outbox.posted(ORG, "ben", MONDAY, Audience.MANAGER) is None
    assert store.outbox.posted(ORG, "ann", TUESDAY, Audience.MANAGER) is None
    assert store.outbox.posted("sf:another", "ann", MONDAY, Audience.MANAGER) is None


def test_the_lease_is_given_back_whatever_ends_the_sending(
    store: SqlStore, tmp_path: Path
) -> None:
    with pytest.raises(RuntimeError, match="mail"), store.outbox.posting(ORG):
        raise RuntimeError("mail")

    given_back = read(tmp_path / "gatekeeper.db", "SELECT holder FROM lease")
    assert given_back == [("",)]
    with store.outbox.posting(ORG):
        pass
    store.outbox.keep(ORG, Posted("ann", MONDAY, Delivery.SENT, slot(MONDAY).due_at))


def test_a_database_that_is_gone_does_not_hide_what_ended_the_sending(
    store: SqlStore, tmp_path: Path
) -> None:
    def send() -> None:
        with store.outbox.posting(ORG):
            edit(tmp_path / "gatekeeper.db", "DROP TABLE lease")
            raise RuntimeError("mail")

    with pytest.raises(RuntimeError, match="mail"):
        send()


def test_only_the_day_and_job_that_is_done_is_closed(
    store: SqlStore, tmp_path: Path
) -> None:
    for job, day in ((ANN, MONDAY), (BEN, MONDAY), (BEN, TUESDAY), (ANN, TUESDAY)):
        store.slots.claim(ORG, job, Due(slot(day)))
    edit(tmp_path / "gatekeeper.db", "UPDATE slot SET state = 'claimed'")

    store.slots.close(ORG, ANN, MONDAY, "sent")

    rows = read(
        tmp_path / "gatekeeper.db",
        "SELECT subject, day FROM slot WHERE state = 'done'",
    )
    assert rows == [("ann", str(MONDAY))]


def test_letters_of_two_kinds_to_one_person_are_two(store: SqlStore) -> None:
    letters = [
        Posted("ann", MONDAY, Delivery.SENT, slot(MONDAY).due_at, audience=each)
        for each in (Audience.MANAGER, Audience.REVOPS)
    ]
    for letter in letters:
        store.outbox.keep(ORG, letter)

    assert letters == [
        store.outbox.posted(ORG, "ann", MONDAY, each.audience) for each in letters
    ]
