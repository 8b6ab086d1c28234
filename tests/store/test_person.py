"""What is kept of a person is shown whole, and taken out without breaking the chain."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import WriteStatus
from gatekeeper.core.slots import Due, Slot
from gatekeeper.ports import Delivery, Job, Posted, RunStatus
from tests.builders import DEAL_ID, ORG, OWNER, a_violation
from tests.store.values import (
    ROLE,
    a_change,
    a_dossier,
    a_flag,
    a_receipt,
    open_run,
    plan_changes,
    staged,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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
    for letter in (a_letter(ANN), a_letter(BEA), a_letter(carl, "QW5uIFJlcA==")):
        filled.outbox.keep(ORG, letter)
    job = Job("digest", ANN)
    filled.slots.claim(ORG, job, Due(Slot(TODAY, NOW)))
    filled.slots.close(ORG, job, TODAY, "sent")

    for who in (ANN, BEA):
        assert filled.upkeep.export_person(ORG, who)["digest"]
        filled.upkeep.erase_person(ORG, who)

    assert filled.outbox.posted(ORG, ANN, TODAY) is None
    assert filled.outbox.posted(ORG, BEA, TODAY) is None
    assert filled.outbox.posted(ORG, "erased", TODAY) is None
    assert filled.slots.last(ORG, job) is None
    waiting = filled.outbox.posted(ORG, carl, TODAY)
    assert waiting is not None
    assert waiting.content == ""


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
