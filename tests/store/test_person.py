"""What is kept of a person is shown whole, and taken out without breaking the chain."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Date, String

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.values import Moving
from gatekeeper.core.history.sightings import BY_NOBODY_KNOWN
from gatekeeper.core.model import FieldChange, Person, Sighted, WriteStatus
from gatekeeper.core.slots import Due, Slot
from gatekeeper.errors import LeaseHeldError, SetupError
from gatekeeper.ports import Delivery, Job, Posted, RunKind, RunStatus
from gatekeeper.store.codec import text_of
from gatekeeper.store.columns import metadata
from gatekeeper.store.field_values import looks_text, value_text
from gatekeeper.store.instant import Instant
from tests.builders import DEAL_ID, ORG, OWNER, a_violation, dollars
from tests.store.values import (
    ROLE,
    a_change,
    a_dossier,
    a_flag,
    a_receipt,
    edit,
    open_run,
    plan_changes,
    read,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Column, Table

    from gatekeeper.store.sql_store import SqlStore

ANN, BEA = OWNER, "005000000000002AAA"
PEOPLE = (
    (ANN, "Ann Rep", "ann@acme.example"),
    (BEA, "Bea Boss", "bea@acme.example"),
)
NOW = datetime(2026, 11, 20, 23, tzinfo=UTC)
TODAY = NOW.date()
pytestmark = pytest.mark.promise("S24")


@pytest.fixture(params=["sqlite", "postgres"])
def filled(
    request: pytest.FixtureRequest, store_of: Callable[[str], SqlStore]
) -> SqlStore:
    """Two people in all that a run writes down."""
    store = store_of(request.param)
    with open_run(store) as run:
        for number, (owner, name, mail) in enumerate(
            (
                (ANN, "Ann Rep", "ann@acme.example"),
                (BEA, "Bea Boss", "bea@acme.example"),
            )
        ):
            deal = f"{DEAL_ID[:-1]}{number}"
            line = a_violation(deal_id=deal, owner_id=owner, owner_name=name)
            dossier = a_dossier(deal, people={ROLE: owner}, addresses={ROLE: mail})
            run.stage([staged(line, deal_id=deal, owner_id=owner, dossier=dossier)])
        task = a_change(deal_id=f"{DEAL_ID[:-1]}0", person_id=ANN)
        flag = a_flag(f"{DEAL_ID[:-1]}0")
        chunk = plan_changes(run, task, flag)
        run.intend(chunk)
        refused = a_receipt(flag, WriteStatus.REJECTED, message="ANN REP may not")
        receipts = {task.key: a_receipt(task), flag.key: refused}
        run.record(chunk, [receipts[each.change.key] for each in chunk])
        run.finish(RunStatus.DONE, {"messages": ["Ann Rep has 12 tasks"]})
    return store


def told(rows: object) -> str:
    return json.dumps(rows, default=str)


@pytest.mark.parametrize("who", [ANN, "Ann Rep", "ann@acme.example", " ann rep "])
def test_everything_of_a_person_is_found_by_id_name_or_address(
    filled: SqlStore, who: str
) -> None:
    rows = filled.upkeep.export_person(ORG, who)

    assert set(rows) == {
        *("violation", "obligation", "change", "verdict_count", "run"),
        *("staged_deal", "staged_violation", "quarantine"),
    }
    assert "Bea Boss" not in told(rows)
    assert BEA not in told(rows)


def test_erased_nothing_tells_of_the_person_and_the_others_stay(
    filled: SqlStore,
) -> None:
    changed = filled.upkeep.erase_person(ORG, "ann@acme.example")

    assert sum(changed.values()) >= 9
    for who in (ANN, "Ann Rep", "ann@acme.example"):
        assert filled.upkeep.export_person(ORG, who) == {}
    assert filled.upkeep.export_person(ORG, "Bea Boss")["violation"]
    names = {each.owner_name for each in filled.violations(ORG)}
    assert names == {"erased", "Bea Boss"}


def test_a_list_of_deals_about_to_close_forgets_a_person_too(filled: SqlStore) -> None:
    """Of two deals, one is the person's and the other only mentions that person."""
    own, other = f"{DEAL_ID[:-1]}7", f"{DEAL_ID[:-1]}8"
    closing = Moving(
        own, "Acme", "Proposal", ANN, "Ann Rep", None, "USD", TODAY, ("Quote sent",), 1
    )
    named = replace(
        closing,
        deal_id=other,
        name="Referred by Ann Rep",
        owner_id=BEA,
        owner="Bea Boss",
        missing=(),
    )
    with open_run(filled) as run:
        for each in (closing, named):
            deal = staged(deal_id=each.deal_id, owner_id=each.owner_id)
            run.stage([replace(deal, moving=each)])
        number = run.row.number
        run.finish(RunStatus.DONE, {})

    filled.upkeep.erase_person(ORG, "Ann Rep")

    left = {each.deal_id: each for each in filled.archive.moving(ORG, number)}
    assert left == {
        own: replace(closing, owner_id="erased", owner="erased"),
        other: replace(named, name="Referred by erased"),
    }
    assert filled.upkeep.export_person(ORG, ANN) == {}


DORA, DESK = "005000000000004AAA", "desk@acme.example"


@pytest.mark.parametrize("asked", [DORA, DESK, DESK.upper()])
def test_who_holds_a_role_by_address_is_erased_too(
    filled: SqlStore, asked: str
) -> None:
    """people.yaml may name an address for a role: nobody owns a deal by it."""
    role = "deal_desk"
    with open_run(filled) as run:
        dossier = a_dossier(people={role: DORA}, addresses={role: DESK})
        line = a_violation(role=role, waiting=f"nobody but {DESK} is asked")
        run.stage([staged(line, dossier=dossier)])
        task = a_change(person_id=DORA, reason=f"{DESK} has it")
        chunk = plan_changes(run, task)
        run.intend(chunk)
        run.record(chunk, [a_receipt(task)])
        run.finish(RunStatus.DONE, {"unassigned": {DESK: 2}})

    filled.upkeep.erase_person(ORG, asked)

    for word in (DORA, DESK):
        assert filled.upkeep.export_person(ORG, word) == {}
    left = told(filled.upkeep.export_person(ORG, "Bea Boss"))
    assert "bea@acme.example" in left


@pytest.mark.promise("A1")
def test_the_audit_chain_stays_valid_and_names_nobody(filled: SqlStore) -> None:
    before = filled.verify_audit(ORG)

    filled.upkeep.erase_person(ORG, ANN)

    after = filled.verify_audit(ORG, before.head)
    assert after.is_sound
    assert after.rows == before.rows + 1


def test_two_erased_people_are_counted_together(filled: SqlStore) -> None:
    filled.upkeep.erase_person(ORG, ANN)
    filled.upkeep.erase_person(ORG, BEA)

    counts = filled.upkeep.export_person(ORG, "erased")["verdict_count"]
    assert sum(each["count"] for each in counts) == 2  # type: ignore[index]


def a_letter(person_id: str, content: str = "") -> Posted:
    delivery = Delivery.LATER if content else Delivery.SENT
    return Posted(person_id, TODAY, delivery, NOW, content=content)


def test_digests_of_the_person_go_and_no_letter_that_may_name_them_stays(
    filled: SqlStore,
) -> None:
    """Two people erased had digests of one day; a third one's waits to be repeated."""
    carl = "005000000000003AAA"
    before = replace(a_letter(ANN), day=TODAY - timedelta(days=1))
    waits = a_letter(carl, "QW5uIFJlcA==")
    for letter in (before, a_letter(ANN), a_letter(BEA), waits):
        filled.outbox.keep(ORG, letter)
    job = Job("digest", ANN)
    filled.slots.claim(ORG, job, Due(Slot(TODAY, NOW)))
    filled.slots.close(ORG, job, TODAY, "sent")

    for who in (ANN, BEA):
        assert filled.upkeep.export_person(ORG, who)["digest"]
        filled.upkeep.erase_person(ORG, who)

    for day in (before.day, TODAY):
        assert filled.outbox.posted(ORG, ANN, day, Audience.MANAGER) is None
    assert filled.outbox.posted(ORG, BEA, TODAY, Audience.MANAGER) is None
    assert filled.outbox.posted(ORG, "erased", TODAY, Audience.MANAGER) is None
    assert filled.slots.last(ORG, job) is None
    waiting = filled.outbox.posted(ORG, carl, TODAY, Audience.MANAGER)
    assert waiting is not None
    assert waiting.content == ""


def test_nobody_is_erased_while_a_run_is_under_way(filled: SqlStore) -> None:
    """The run holds what it read, and would write the name down again."""
    with open_run(filled) as run:
        with pytest.raises(LeaseHeldError) as held:
            filled.upkeep.erase_person(ORG, ANN)
        run.finish(RunStatus.DONE, {})

    assert str(held.value).startswith(f"Another run of {ORG} is under way: ")
    assert filled.upkeep.export_person(ORG, ANN)["violation"]
    assert filled.upkeep.erase_person(ORG, ANN)["violation"] == 1


def test_of_what_was_written_with_the_name_and_before_it_no_value_is_kept(
    one: SqlStore,
) -> None:
    """A gap would let values of long ago pass for those of before."""
    subjects = ("Acme", "Acme for Ann Rep", "Acme again")
    for subject in subjects:
        task = a_change(deal_id="d9", person_id=BEA, write={"subject": subject})
        with open_run(one) as run:
            chunk = [
                each for each in plan_changes(run, task) if each.change.key == task.key
            ]
            number = run.row.number
            run.finish(RunStatus.DONE, {})
        assert len(chunk) == 1

    one.upkeep.erase_person(ORG, ANN)

    writes = [
        each.change.write
        for run_id in range(number - 2, number + 1)
        for each in one.changes(str(run_id))
    ]
    assert writes == [{}, {}, {"subject": "Acme again"}]


def test_a_run_goes_on_with_what_is_left(filled: SqlStore) -> None:
    filled.upkeep.erase_person(ORG, ANN)

    with open_run(filled) as run:
        known = run.history([f"{DEAL_ID[:-1]}0"])
        assert len(list(run.open_obligations())) == 1
        run.finish(RunStatus.DONE, {})

    assert known[f"{DEAL_ID[:-1]}0"].violations


def test_a_name_inside_another_word_is_not_touched(filled: SqlStore) -> None:
    before = told(filled.upkeep.export_person(ORG, BEA))

    assert filled.upkeep.erase_person(ORG, "Acm") == {}
    assert told(filled.upkeep.export_person(ORG, BEA)) == before


def test_nobody_is_found_by_an_unknown_name(filled: SqlStore) -> None:
    assert filled.upkeep.export_person(ORG, "Carl Nobody") == {}
    assert filled.upkeep.erase_person(ORG, "Carl Nobody") == {}


# ---- on a file, row by row -----------------------------------------------------------


@pytest.fixture
def one(store: SqlStore) -> SqlStore:
    """Ann's deal with all that names her, and one of Bea's beside it."""
    with open_run(store) as run:
        for deal, owner, name in (("d1", ANN, "Ann Rep"), ("d2", BEA, "Bea Boss")):
            line = a_violation(deal_id=deal, owner_id=owner, owner_name=name)
            run.stage([staged(line, deal_id=deal, owner_id=owner)])
        task = a_change(deal_id="d1", person_id=ANN, write={"note": "Ann Rep, annex"})
        chunk = plan_changes(run, task)
        run.intend(chunk)
        run.record(chunk, [a_receipt(task, message="for ann rep")])
        run.finish(RunStatus.DONE, {"said": ["Ann Rep", 3], "Ann Rep": {"by": None}})
    return store


def test_a_person_is_shown_with_texts_opened(one: SqlStore) -> None:
    rows = one.upkeep.export_person(ORG, "Ann Rep")

    assert {table: len(found) for table, found in rows.items()} == {
        "run": 1,
        "violation": 1,
        "obligation": 1,
        "change": 1,
        "verdict_count": 1,
        "staged_deal": 1,
        "staged_violation": 1,
    }
    (line,), (run,), (change,) = rows["violation"], rows["run"], rows["change"]
    assert isinstance(line, dict)
    assert isinstance(run, dict)
    assert isinstance(change, dict)
    assert (line["deal_id"], line["payload"]["owner_name"]) == ("d1", "Ann Rep")
    assert run["report"]["Ann Rep"] == {"by": None}
    assert isinstance(run["logics"], str)
    assert (change["message"], change["payload"]["write"]["note"]) == (
        *("for ann rep", "Ann Rep, annex"),
    )


def test_erased_each_row_says_erased_in_her_place_and_what_it_said_before_else(
    one: SqlStore, database: Path
) -> None:
    changed = one.upkeep.erase_person(ORG, ANN)

    assert changed == {
        "run": 1,
        "violation": 1,
        "obligation": 1,
        "change": 1,
        "verdict_count": 1,
        "staged_deal": 1,
        "staged_violation": 1,
    }
    people = "SELECT person_id FROM obligation"
    assert read(database, people) == [("erased",)]
    owners = "SELECT deal_id, owner_id FROM staged_deal ORDER BY deal_id"
    assert read(database, owners) == [("d1", "erased"), ("d2", BEA)]
    (change,) = one.changes("1")
    assert change.change.person_id == "erased"
    assert change.change.write == {}
    assert change.message == "for erased"
    row = one.run("1")
    assert row is not None
    assert row.report == {"said": ["erased", 3], "erased": {"by": None}}
    counts = "SELECT owner_id, count FROM verdict_count ORDER BY owner_id"
    assert read(database, counts) == [(BEA, 1), ("erased", 1)]
    ((entry,),) = read(database, "SELECT entry FROM audit ORDER BY seq DESC LIMIT 1")
    told = json.loads(entry)
    assert (told["event"], told["rows"]) == ("erased", 7)


def test_what_two_erased_people_counted_is_added_up(
    one: SqlStore, database: Path
) -> None:
    edit(database, "UPDATE verdict_count SET count = 4 WHERE owner_id = ?", BEA)
    for who in (ANN, BEA):
        one.upkeep.erase_person(ORG, who)

    rows = "SELECT rule_id, stage, owner_id, outcome, count FROM verdict_count"
    assert read(database, rows) == [("qual-amount", "Proposal", "erased", "fail", 5)]


@pytest.mark.parametrize("who", ["", "  "])
def test_an_empty_name_is_refused_and_means_nobody(one: SqlStore, who: str) -> None:
    """A script whose variable is not set must not erase whoever has no address."""
    for ask in (one.upkeep.export_person, one.upkeep.erase_person):
        with pytest.raises(SetupError) as refused:
            ask(ORG, who)
        assert str(refused.value) == (
            "WHO is empty. Name an id of the CRM, a full name, or an address."
        )

    names = {each.owner_name for each in one.violations(ORG)}
    assert names == {"Ann Rep", "Bea Boss"}


def test_an_address_that_stands_in_a_text_alone_is_erased_too(one: SqlStore) -> None:
    with open_run(one) as run:
        run.finish(RunStatus.DONE, {"said": ["told CARL@acme.example", "Carl is told"]})

    assert one.upkeep.erase_person(ORG, "carl@acme.example") == {"run": 1}

    row = one.run("2")
    assert row is not None
    assert row.report == {"said": ["told erased", "Carl is told"]}
    assert one.upkeep.erase_person(ORG, "Carl") == {}  # whoever that is


@pytest.mark.parametrize("who", [ANN, "Ann Rep", "ann@acme.example"])
def test_who_stands_in_a_plan_alone_is_found_and_erased_by_any_word(
    store: SqlStore, database: Path, who: str
) -> None:
    with open_run(store, RunKind.PLAN) as run:
        line = a_violation(deal_id="d1", owner_id=ANN, owner_name="Ann Rep")
        told = a_dossier("d1", people={ROLE: ANN}, addresses={ROLE: "ann@acme.example"})
        run.stage([staged(line, deal_id="d1", owner_id=ANN, dossier=told)])
        run.finish(RunStatus.PLANNED, {})

    rows = store.upkeep.export_person(ORG, who)
    assert sorted(rows) == ["staged_deal", "staged_violation"]
    store.upkeep.erase_person(ORG, who)

    assert mentions(database, ANN, "Ann Rep", "ann@acme.example") == []


@pytest.mark.parametrize("kind", ["adopted", "moving", "value", "seen"])
def test_a_name_is_known_from_wherever_an_id_stands_beside_it(
    store: SqlStore, database: Path, kind: str
) -> None:
    """What tasks prove, what may close, what runs see of the users in fields."""
    bare = staged(deal_id="d1")
    person = {"deal_desk": Sighted(NOW, Person(ANN, "Ann Rep"))}
    closing = Moving("d1", "Acme", "Quote", ANN, "Ann Rep", None, "USD", TODAY)
    with open_run(store) as run:
        match kind:
            case "adopted":
                line = a_violation(deal_id="d1", owner_id=ANN, owner_name="Ann Rep")
                run.adopt([], [line])
            case "moving":
                run.stage([replace(bare, moving=closing)])
            case _:
                run.stage([replace(bare, sightings=person)])
        if kind == "value":
            run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {"said": "Ann Rep has 12 tasks"})
    edit(database, "UPDATE staged_deal SET owner_id = NULL")
    if kind == "value":
        edit(database, "UPDATE staged_deal SET looks = NULL")

    store.upkeep.erase_person(ORG, ANN)

    assert mentions(database, ANN, "Ann Rep") == []


def test_of_two_addresses_that_belong_to_nobody_one_stays(store: SqlStore) -> None:
    told = {"deal_desk": DESK, "legal": "legal@acme.example"}
    with open_run(store) as run:
        dossier = a_dossier("d1", people={}, addresses=told)
        run.stage([staged(deal_id="d1", dossier=dossier)])
        run.finish(RunStatus.DONE, {})

    store.upkeep.erase_person(ORG, DESK)

    assert store.upkeep.export_person(ORG, DESK) == {}
    assert store.upkeep.export_person(ORG, "legal@acme.example")["staged_deal"]


NAMES_NOBODY = {
    *("org", "id", "key", "kind", "status", "pack", "logics", "revision", "holder"),
    *("rule_id", "logic", "stage", "outcome", "outcomes", "pipeline", "deal_id"),
    *("state", "mode", "role", "group", "remote_id", "payload_hash", "action"),
    *("code", "cause", "hash", "previous", "entry", "base_hash", "audience"),
    *("delivery", "field"),
}
"""Ids, hashes and words of closed lists, by column; a new column belongs here or not.

The audit chain refers to nobody; the last two are columns of it.
"""
_NAMED = Sighted(NOW, "Ask Ann Rep")
_LINE = a_violation(owner_id=BEA, owner_name="Bea", fix="Ask Ann Rep")
SEEDS = {
    "violation.payload": text_of(_LINE),
    "staged_violation.payload": text_of(_LINE),
    "adopted_violation.payload": text_of(_LINE),
    "change.payload": text_of(a_change(write={"body": "Ask Ann Rep"}, reason=ANN)),
    "crm_schema.payload": text_of({"fields": ["Ann Rep"]}),
    "run.report": text_of({"said": ["Ann Rep"]}),
    "staged_deal.dossier": text_of(a_dossier(name="Upsell via Ann Rep")),
    "staged_deal.moving": text_of(
        Moving("d1", "Via Ann Rep", "Quote", None, "Bea", None, "USD", TODAY)
    ),
    "staged_deal.looks": looks_text({"next_step": _NAMED}),
    "field_now.value": value_text("Ask Ann Rep"),
    "field_change.old": value_text("Ask Ann Rep"),
    "field_change.new": value_text("Ann Rep"),
    "flag.written": text_of({"missing": "Ask Ann Rep", "status": "Open"}),
    **dict.fromkeys(
        (
            *("violation.waiting", "staged_violation.waiting"),
            *("adopted_violation.waiting", "change.withheld", "change.message"),
            *("quarantine.deal_name", "quarantine.message", "slot.note"),
            *("digest.content", "digest.detail"),
        ),
        "for Ann Rep",
    ),
    **dict.fromkeys(
        (
            *("obligation.person_id", "change.person_id", "verdict_count.owner_id"),
            *("staged_deal.owner_id", "slot.subject", "digest.person_id"),
        ),
        ANN,
    ),
    "quarantine.subject": "d1:deal_owner",
}
"""A text of each other column, most with a name in it."""


def test_no_column_of_any_table_keeps_a_name(one: SqlStore, database: Path) -> None:
    """Each table has one row more, all of whose texts name Ann."""
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.name not in NAMES_NOBODY
    }
    assert columns == SEEDS.keys()
    for name in {seed.split(".")[0] for seed in SEEDS} - {"run"}:
        seed_row(database, metadata.tables[name])
    assert len(mentions(database, "Ann Rep", ANN)) >= 20

    one.upkeep.erase_person(ORG, "Ann Rep")

    assert mentions(database, "Ann Rep", ANN) == []
    flags = "SELECT written FROM flag"
    assert read(database, flags) == [('{"status":"Open"}',)]


def seed_row(database: Path, table: Table) -> None:
    """Write a row into a table, from `SEEDS` where a text may name somebody."""
    row = {
        column.name: SEEDS.get(f"{table.name}.{column.name}", _plain(column))
        for column in table.columns
    }
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    statement = f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})'
    edit(database, statement, *row.values())


def _plain(column: Column[object]) -> object:
    match column.type:
        case String():
            return {"org": ORG}.get(column.name, "seed")
        case Date():
            return TODAY.isoformat()
        case Instant():
            return NOW.replace(tzinfo=None).isoformat(" ")
        case _:
            return 9 if column.name == "seq" else 1


def mentions(database: Path, *words: str) -> list[str]:
    """Return the rows that hold a word, whatever the table."""
    with closing(sqlite3.connect(database)) as connection:
        return [
            line
            for line in connection.iterdump()
            if any(word.casefold() in line.casefold() for word in words)
        ]


def test_a_word_of_two_letters_is_too_short_to_look_for(
    one: SqlStore, database: Path
) -> None:
    """It would be found in every text; three are enough."""
    for short, found in (("xy", False), ("xyz", True)):
        edit(
            database, "UPDATE staged_deal SET owner_id = ? WHERE deal_id = 'd2'", short
        )
        assert bool(one.upkeep.export_person(ORG, short)) is found
        assert bool(one.upkeep.erase_person(ORG, short)) is found


@pytest.mark.parametrize("name", ["100% Ann_Rep", "Ann (Rep) [x]*"])
def test_a_name_of_any_signs_is_meant_as_it_stands(store: SqlStore, name: str) -> None:
    with open_run(store) as run:
        for deal, owner, called in (("d1", ANN, name), ("d2", BEA, "100x Ann-Rep")):
            line = a_violation(deal_id=deal, owner_id=owner, owner_name=called)
            run.stage([staged(line, deal_id=deal, owner_id=owner)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    assert store.upkeep.erase_person(ORG, name)["violation"] == 1

    names = {each.owner_name for each in store.violations(ORG)}
    assert "100x Ann-Rep" in names
    assert name not in names


@pytest.mark.parametrize(
    "name",
    ["Özgür Çelik", "ÉLODIE", "Łukasz", 'Ann "Bo" Rep', "Ann \\ Rep", "王伟"],
)
def test_a_text_is_found_however_the_name_in_it_is_written(
    store: SqlStore, database: Path, name: str
) -> None:
    """Databases change the case of few letters, and JSON writes some signs as two."""
    seen = {"contact": Sighted(NOW, f"Ask:\n{name}")}
    with open_run(store) as run:
        line = a_violation(deal_id="d1", owner_id=ANN, owner_name=name)
        run.stage([staged(line, deal_id="d1", owner_id=ANN)])
        run.stage([replace(staged(deal_id="d2", owner_id=BEA), sightings=seen)])
        run.propose([a_change(deal_id="d2", write={"body": f"Ask\n{name}"})], [])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {"said": f"{name.upper()}\n{name} has 12 tasks"})

    store.upkeep.erase_person(ORG, name)

    row = store.run("1")
    assert row is not None
    assert row.report == {"said": "erased\nerased has 12 tasks"}
    (change,) = store.changes("1")
    assert change.change.write == {}
    assert store.sightings(ORG, ["d2"]) == {}
    assert read(database, "SELECT looks FROM staged_deal WHERE deal_id = 'd2'") == [
        (None,)
    ]


def test_the_kind_of_a_value_is_no_name(store: SqlStore, database: Path) -> None:
    """How a value is read back stands before it, whatever people are called."""
    seen = {"price": Sighted(NOW, dollars(5)), "contact": Sighted(NOW, "Money")}
    with open_run(store) as run:
        line = a_violation(deal_id="d1", owner_id=ANN, owner_name="Money")
        run.stage([replace(staged(line, deal_id="d1"), sightings=seen)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})

    store.upkeep.erase_person(ORG, "Money")

    left = store.sightings(ORG, ["d1"])["d1"]
    assert {name: each.value for name, each in left.items()} == {"price": dollars(5)}


@pytest.mark.parametrize("asked", ["desk@acme.example", "DESK@acme.example", "Dora"])
def test_digests_sent_to_the_address_of_a_person_go_too(
    store: SqlStore, asked: str
) -> None:
    """people.yaml names whom digests are for by addresses that no CRM knows."""
    with open_run(store) as run:
        dossier = a_dossier("d1", people={ROLE: DORA}, addresses={ROLE: DESK})
        line = a_violation(deal_id="d1", owner_id=DORA, owner_name="Dora")
        run.stage([staged(line, deal_id="d1", owner_id=DORA, dossier=dossier)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    refused = f"550 <{DESK}>: mailbox unavailable"
    store.outbox.keep(ORG, a_letter(DESK))
    store.outbox.keep(ORG, replace(a_letter(BEA), detail=refused))

    store.upkeep.erase_person(ORG, asked)

    assert store.outbox.posted(ORG, DESK, TODAY, Audience.MANAGER) is None
    beas = store.outbox.posted(ORG, BEA, TODAY, Audience.MANAGER)
    assert beas is not None
    assert beas.detail == "550 <erased>: mailbox unavailable"


def test_who_is_erased_in_one_org_is_known_in_another(
    one: SqlStore, database: Path
) -> None:
    edit(database, "UPDATE violation SET org = 'another' WHERE deal_id = 'd1'")
    letters = [replace(a_letter(BEA, "bytes"), person_id=each) for each in ("p", "q")]
    one.outbox.keep(ORG, letters[0])
    one.outbox.keep("another", letters[1])

    one.upkeep.erase_person(ORG, ANN)

    (theirs,) = one.violations("another")
    assert theirs.owner_name == "Ann Rep"
    kept = [
        one.outbox.posted(org, who, TODAY, Audience.MANAGER)
        for org, who in ((ORG, "p"), ("another", "q"))
    ]
    assert [each and each.content for each in kept] == ["", "bytes"]


def test_of_two_names_the_longer_one_goes_whole(store: SqlStore) -> None:
    """A person who was called Ann and then Ann Rep leaves no second name behind."""
    with open_run(store) as run:
        for deal, called in (("d1", "Ann Rep"), ("d2", "Ann"), ("d3", "Ann Rep Jr")):
            line = a_violation(deal_id=deal, owner_id=ANN, owner_name=called)
            run.stage([staged(line, deal_id=deal, owner_id=ANN)])
        run.commit(is_partial=False, with_tracking=True)
        run.finish(RunStatus.DONE, {"said": "Ann Rep Jr, Ann Rep and Ann"})

    store.upkeep.erase_person(ORG, ANN)

    assert {each.owner_name for each in store.violations(ORG)} == {"erased"}
    row = store.run("1")
    assert row is not None
    assert row.report == {"said": "erased, erased and erased"}


def test_a_field_with_the_name_in_it_is_watched_anew_and_others_go_on(
    one: SqlStore, database: Path
) -> None:
    """What stands there now names nobody; what stood there before did."""
    then = NOW - timedelta(days=2)
    named = FieldChange("contact", then, "Ann Rep", "Carl", BY_NOBODY_KNOWN, then)
    since = FieldChange("contact", NOW, "Carl", "Dora", BY_NOBODY_KNOWN, then)
    other = FieldChange("next_step", NOW, "Call", "Meet", BY_NOBODY_KNOWN, then)
    start = then - timedelta(days=2)
    first = {
        "contact": Sighted(start, "Carl", (named,)),
        "next_step": Sighted(start, "Call"),
        "price": Sighted(start, dollars(5)),
    }
    second = {
        "contact": Sighted(start, "Dora", (since,)),
        "next_step": Sighted(start, "Meet", (other,)),
    }
    for seen in (first, second):
        with open_run(one) as run:
            deals = [replace(staged(deal_id=each), sightings=seen) for each in "de"]
            run.stage([deals[0], replace(deals[1], sightings={})])
            run.commit(is_partial=False, with_tracking=True)
            run.finish(RunStatus.DONE, {})

    one.upkeep.erase_person(ORG, ANN)

    assert one.sightings(ORG, ["d"])["d"] == {
        "next_step": Sighted(start, "Meet", (other,)),
        "price": Sighted(start, dollars(5)),
    }
    assert read(database, "SELECT field FROM field_change") == [("next_step",)]
    query = "SELECT looks FROM staged_deal WHERE run > 1 AND deal_id = 'd' ORDER BY run"
    looks = [json.loads(text) for (text,) in read(database, query)]
    assert [sorted(each) for each in looks] == [["next_step", "price"], ["next_step"]]


def test_values_that_name_the_person_are_gone_or_say_erased(
    one: SqlStore, database: Path
) -> None:
    """What runs saw of a deal, what changed, what may close, what a day came to."""
    then, day = NOW - timedelta(days=2), timedelta(days=1)
    change = FieldChange("contact", NOW, "ann rep", "Ann Rep", BY_NOBODY_KNOWN, then)
    seen = {"contact": Sighted(then, "Ann Rep", (change,))}
    close = Moving("d3", "Acme", "Proposal", ANN, "Ann Rep", None, "USD", TODAY)
    with open_run(one) as run:
        run.stage([replace(staged(deal_id="d3"), sightings=seen, moving=close)])
        run.commit(is_partial=True, with_tracking=True)
        run.finish(RunStatus.DONE, {})
    job = Job("digest", BEA)
    one.slots.claim(ORG, job, Due(Slot(TODAY, NOW + day)))
    one.slots.close(ORG, job, TODAY, "no address of Ann Rep")

    one.upkeep.erase_person(ORG, ANN)

    assert one.sightings(ORG, ["d3"]) == {}
    assert read(database, "SELECT at FROM field_change") == []
    looks = "SELECT looks FROM staged_deal WHERE deal_id = 'd3'"
    assert read(database, looks) == [(None,)]
    (moving,) = one.archive.moving(ORG, 2)
    assert moving == replace(close, owner_id="erased", owner="erased")
    ((note,),) = read(database, "SELECT note FROM slot")
    assert note == "no address of erased"
