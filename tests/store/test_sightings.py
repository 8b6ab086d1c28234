"""What runs saw of deals is kept as deltas and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.history.sightings import BY_NOBODY_KNOWN
from gatekeeper.core.model import (
    EMPTY,
    FieldChange,
    Money,
    Person,
    Sighted,
    Unavailable,
)
from gatekeeper.ports import RunKind, RunStatus
from gatekeeper.store.database import Database
from gatekeeper.store.field_values import value_from, value_text
from gatekeeper.store.migrate import alembic_config
from gatekeeper.store.sql_store import SqlStore
from tests.builders import NOW, ORG
from tests.store.values import PACK, edit, read, staged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatekeeper.core.model import FieldValue

LATER = NOW + timedelta(days=1)
CALLED = Sighted(NOW, "Call")
SENT = Sighted(
    NOW,
    "Send",
    (FieldChange("next_step", LATER, "Call", "Send", BY_NOBODY_KNOWN, NOW),),
)
ROWS = "SELECT deal_id, field, value FROM field_now ORDER BY deal_id, field"


def look(
    store: SqlStore,
    as_of: datetime = NOW,
    *,
    kind: RunKind = RunKind.RUN,
    is_partial: bool = False,
    **deals: Mapping[str, Sighted | None],
) -> None:
    with store.open_run(ORG, kind, as_of, PACK) as run:
        run.stage(
            [
                replace(staged(deal_id=deal_id), sightings=seen)
                for deal_id, seen in deals.items()
            ]
        )
        run.commit(is_partial=is_partial, with_tracking=kind is not RunKind.PLAN)
        run.finish(RunStatus.DONE, {})


def test_what_a_run_saw_comes_back(store: SqlStore) -> None:
    look(store, d1={"next_step": CALLED}, d2={})
    assert store.looked_at(ORG) == NOW
    assert store.sightings(ORG, ["d1", "d2"]) == {"d1": {"next_step": CALLED}}
    look(store, LATER, d1={"next_step": SENT}, d2={})
    assert store.sightings(ORG, ["d1"]) == {"d1": {"next_step": SENT}}
    assert store.looked_at(ORG) == LATER


def test_before_the_first_run_nothing_is_known(store: SqlStore) -> None:
    assert store.looked_at(ORG) is None
    assert store.sightings(ORG, ["d1"]) == {}


@pytest.mark.parametrize("kind", [RunKind.PLAN, RunKind.APPLY])
def test_a_plan_and_its_applying_see_nothing(store: SqlStore, kind: RunKind) -> None:
    look(store, kind=kind, d1={"next_step": CALLED})
    assert store.looked_at(ORG) is None
    assert store.sightings(ORG, ["d1"]) == {}


def test_a_partial_run_keeps_what_it_saw_and_did_not_look_at_every_deal(
    store: SqlStore,
) -> None:
    look(store, d1={"next_step": CALLED}, d2={"next_step": CALLED})
    look(store, LATER, is_partial=True, d1={"next_step": SENT})
    assert store.looked_at(ORG) == NOW
    known = store.sightings(ORG, ["d1", "d2"])
    assert known == {"d1": {"next_step": SENT}, "d2": {"next_step": CALLED}}


def test_a_deal_out_of_the_pull_and_a_field_out_of_sight_are_forgotten(
    store: SqlStore, database: Path
) -> None:
    look(store, d1={"next_step": CALLED, "amount": CALLED}, d2={"next_step": CALLED})
    look(store, LATER, d1={"next_step": SENT, "amount": None})
    assert read(database, ROWS) == [("d1", "next_step", '["text","Send"]')]
    look(store, LATER + timedelta(days=1))
    assert read(database, ROWS) == []
    assert read(database, "SELECT count(*) FROM field_change") == [(0,)]


def test_what_is_watched_anew_has_no_older_changes(
    store: SqlStore, database: Path
) -> None:
    look(store, d1={"next_step": CALLED})
    look(store, LATER, d1={"next_step": SENT})
    anew = Sighted(LATER + timedelta(days=9), "Send")
    look(store, anew.since, is_partial=True, d1={"next_step": anew})
    assert store.sightings(ORG, ["d1"]) == {"d1": {"next_step": anew}}
    look(store, anew.since + timedelta(days=1), d1={})
    assert read(database, "SELECT count(*) FROM field_change") == [(0,)]


def test_what_a_run_saw_crosses_pages_without_gap(
    store: SqlStore, database: Path
) -> None:
    deals = [f"d{number:04}" for number in range(1_001)]
    seen = {"next_step": CALLED}
    with store.open_run(ORG, RunKind.RUN, NOW, PACK) as run:
        run.stage([replace(staged(deal_id=each), sightings=seen) for each in deals])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert [deal for deal, *_ in read(database, ROWS)] == deals


def test_an_earlier_moment_does_not_turn_the_last_look_back(store: SqlStore) -> None:
    look(store, LATER, d1={})
    look(store, NOW, d1={})
    assert store.looked_at(ORG) == LATER


VALUES = st.one_of(
    st.just(EMPTY),
    st.booleans(),
    st.text(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.builds(
        Money,
        st.decimals(allow_nan=False, allow_infinity=False),
        st.sampled_from(["USD", "EUR"]),
    ),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
    st.frozensets(st.text()),
    st.builds(Person, st.text(), st.text()),
)


@given(VALUES)
def test_any_value_is_read_as_it_was_written(value: FieldValue) -> None:
    again = value_from(value_text(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (EMPTY, '["empty"]'),
        (True, '["yes_no","1"]'),
        (False, '["yes_no","0"]'),
        ("Call", '["text","Call"]'),
        (Decimal("1.50"), '["number","1.50"]'),
        (Money(Decimal("9.90"), "EUR"), '["money","9.90","EUR"]'),
        (NOW, '["moment","2026-11-20T14:00:00+00:00"]'),
        (date(2026, 11, 20), '["date","2026-11-20"]'),
        (timedelta(hours=1, microseconds=3), '["duration","3600000003"]'),
        (frozenset({"b", "a"}), '["set","a","b"]'),
        (Person("p1", "Ann Rep"), '["person","p1","Ann Rep"]'),
    ],
)
def test_the_text_of_a_value_is_one_that_later_versions_read(
    value: FieldValue, text: str
) -> None:
    assert value_text(value) == text
    assert value_from(text) == value


def test_what_the_crm_did_not_tell_is_not_kept() -> None:
    with pytest.raises(TypeError):
        value_text(Unavailable("hidden"))


@pytest.mark.promise("F37")
def test_a_database_of_the_first_version_is_brought_forward(database: Path) -> None:
    old = Database(f"sqlite:///{database}")
    with old.writing() as connection:
        command.upgrade(alembic_config(connection), "0001")
    old.close()
    store = SqlStore(f"sqlite:///{database}")
    look(store, d1={"next_step": CALLED})
    assert store.sightings(ORG, ["d1"]) == {"d1": {"next_step": CALLED}}
    store.close()


def test_a_field_out_of_sight_leaves_those_after_it(
    store: SqlStore, database: Path
) -> None:
    look(store, d1={"amount": CALLED, "next_step": CALLED}, d2={"amount": CALLED})
    look(store, LATER, d1={"amount": None, "next_step": SENT}, d2={"amount": CALLED})

    assert [row[:2] for row in read(database, ROWS)] == [
        ("d1", "next_step"),
        ("d2", "amount"),
    ]
    assert read(database, ROWS)[0] == ("d1", "next_step", '["text","Send"]')


def test_a_change_of_the_moment_in_which_a_watch_began_anew_is_not_of_it(
    store: SqlStore, database: Path
) -> None:
    look(store, d1={"next_step": CALLED})
    look(store, LATER, d1={"next_step": SENT})
    anew = Sighted(LATER, "Send")

    look(store, LATER, is_partial=True, d1={"next_step": anew})

    assert store.sightings(ORG, ["d1"]) == {"d1": {"next_step": anew}}
    look(store, LATER, d1={"next_step": anew})
    assert read(database, "SELECT count(*) FROM field_change") == [(0,)]


def test_what_was_seen_in_another_org_is_another_matter(
    store: SqlStore, database: Path
) -> None:
    look(store, d1={"next_step": CALLED})
    look(store, LATER, d1={"next_step": SENT})
    for table in ("watch", "field_now", "field_change"):
        edit(database, f"UPDATE {table} SET org = 'another'")

    look(store, LATER + timedelta(days=1), d2={"next_step": CALLED})

    assert store.sightings(ORG, ["d1", "d2"]) == {"d2": {"next_step": CALLED}}
    assert store.sightings("another", ["d1", "d2"]) == {"d1": {"next_step": SENT}}
    assert store.looked_at("another") == LATER
