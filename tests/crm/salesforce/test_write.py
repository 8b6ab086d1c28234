"""Writes against a sandbox: what is refused, locked, cut off or already there."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import (
    Action,
    Change,
    Money,
    ObligationId,
    OwnTask,
    Receipt,
    Scalar,
    TaskText,
    WriteStatus,
    task_key,
)
from gatekeeper.crm.salesforce.names import KEY_FIELD, REF_FIELD
from gatekeeper.crm.salesforce.reading.tasks import own_task
from gatekeeper.crm.salesforce.writing.records import Forms
from gatekeeper.errors import SetupError
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER, stock_org
from gatekeeper.sandbox.salesforce.validation_rules import add_rule
from gatekeeper.sandbox.server import SandboxServer
from tests.contracts.worlds import AS_OF, SandboxWorld, sandbox_crm
from tests.fakes.crm import freely

if TYPE_CHECKING:
    from collections.abc import Mapping

DONE = WriteStatus.DONE
FIFTY = Decimal(50)


def create(world: SandboxWorld, deal: str, owner: str = INTEGRATION_USER) -> Change:
    text = TaskText(owner, date(2026, 11, 25), "Subject", ("Body",))
    return Change(
        Action.CREATE,
        task_key(world.crm.org(), deal, "deal_owner", "", 1),
        deal,
        "Acme",
        id=ObligationId(deal, "deal_owner"),
        episode=1,
        write={
            "owner_id": owner,
            "due_on": "2026-11-25",
            "subject": "Subject",
            "body": "Body",
        },
        hashes={part.value: known for part, known in text.hashes().items()},
        rule_ids=("r",),
    )


def flag(deal: str, **write: Scalar) -> Change:
    return Change(
        Action.FLAG, f"flag:{deal}", deal, "Acme", remote_id=deal, write=write
    )


def write(world: SandboxWorld, *changes: Change) -> list[Receipt]:
    return list(world.crm.write(changes, 7, freely))


def statuses(world: SandboxWorld, *changes: Change) -> list[WriteStatus]:
    return [receipt.status for receipt in write(world, *changes)]


def open_tasks(world: SandboxWorld) -> list[OwnTask]:
    return [task for page in world.crm.own_tasks() for task in page]


@pytest.mark.trap("S5a")
def test_two_hundred_tasks_cost_one_request_and_the_look_before_it(
    world: SandboxWorld,
) -> None:
    deals = [world.deal(f"Deal {number}") for number in range(200)]
    write(world, flag(deals[0], status="Open"))
    changes = [create(world, deal) for deal in deals]
    before = world.crm.usage()

    assert set(statuses(world, *changes)) == {DONE}

    after = world.crm.usage()
    assert (after.writes - before.writes, after.reads - before.reads) == (1, 1)


def test_a_task_that_a_person_put_into_the_bin_is_not_made_again(
    world: SandboxWorld,
) -> None:
    # Salesforce counts the key of a record in the bin as free.
    wanted = create(world, world.deal("Acme"))
    (made,) = write(world, wanted)
    assert made.remote_id is not None
    world.delete_task(made.remote_id)

    (again,) = write(world, wanted)

    assert again.status is WriteStatus.ADOPTED
    assert again.remote_id == made.remote_id
    assert open_tasks(world) == []


def test_nothing_is_made_where_nobody_can_tell_whether_it_is_there(
    world: SandboxWorld,
) -> None:
    wanted = create(world, world.deal("Acme"))
    write(world, flag(wanted.deal_id, status="Open"))
    world.order("queryall:limit403:1")

    (receipt,) = write(world, wanted)

    assert receipt.status is WriteStatus.NOT_ATTEMPTED
    assert open_tasks(world) == []


@pytest.mark.trap("S10a")
@pytest.mark.promise("F13")
def test_a_locked_record_is_tried_once_more(world: SandboxWorld) -> None:
    deals = [world.deal(f"Deal {number}") for number in range(3)]
    world.order("collections:lock_row:1")

    assert statuses(world, *(flag(deal, status="Open") for deal in deals)) == [DONE] * 3


@pytest.mark.promise("F13")
def test_a_record_that_stays_locked_is_left_for_the_next_run(
    world: SandboxWorld,
) -> None:
    deal = world.deal("Acme")
    world.order("collections:lock_row")

    (receipt,) = write(world, flag(deal, status="Open"))

    assert receipt.status is WriteStatus.LOCKED
    assert receipt.code == "UNABLE_TO_LOCK_ROW"


def test_a_request_turned_away_whole_is_sent_once_more(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    world.order("collections:concurrent403:1")

    assert statuses(world, create(world, deal)) == [DONE]
    assert len(open_tasks(world)) == 1


@pytest.mark.trap("S10b")
@pytest.mark.promise("F13")
def test_what_a_formula_of_the_org_refuses_is_told_in_the_admins_words(
    world: SandboxWorld,
) -> None:
    bare, full = world.deal("Acme"), world.deal("Bolt", amount=Money(FIFTY, "USD"))
    add_rule(world.org, "Needs_Amount", "ISBLANK(Amount)")
    add_rule(world.org, "No_Subjects", 'CONTAINS(Subject, "Subj")', table="Task")

    flags = write(world, flag(bare, status="Open"), flag(full, status="Open"))
    (made,) = write(world, create(world, full))

    assert [each.status for each in flags] == [WriteStatus.REJECTED, DONE]
    assert made.status is WriteStatus.REJECTED
    for receipt, name in ((flags[0], "Needs_Amount"), (made, "No_Subjects")):
        assert receipt.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert receipt.message == f"{name} refuses the record"
    assert open_tasks(world) == []


@pytest.mark.trap("S10b")
@pytest.mark.promise("F09", "F13")
def test_a_validation_rule_refuses_its_record_and_no_other(
    world: SandboxWorld,
) -> None:
    first, second = world.deal("One"), world.deal("Two")
    world.order("collections:validation:1")

    receipts = write(world, create(world, first), create(world, second))

    assert sorted(receipt.status for receipt in receipts) == [
        WriteStatus.DONE,
        WriteStatus.REJECTED,
    ]
    (refused,) = [r for r in receipts if r.status is WriteStatus.REJECTED]
    assert refused.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert refused.message


@pytest.mark.promise("F09", "F13")
def test_a_chunk_failed_by_automation_is_repeated_in_halves(
    world: SandboxWorld,
) -> None:
    deals = [world.deal(f"Deal {number}") for number in range(4)]
    write(world, flag(deals[0], status="Pending"))
    writes = world.crm.usage().writes
    world.order("collections:trigger:1")

    found = statuses(world, *(flag(deal, status="Open") for deal in deals))

    assert found == [DONE] * 4
    assert world.crm.usage().writes - writes == 1 + 2


@pytest.mark.promise("F13")
def test_the_record_automation_refuses_alone_is_refused(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    world.order("collections:trigger")

    (receipt,) = write(world, flag(deal, status="Open"))

    assert receipt.status is WriteStatus.REJECTED
    assert receipt.code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


@pytest.mark.promise("F08")
@pytest.mark.parametrize("kind", ["truncated", "500", "reset_after", "503html"])
def test_an_answer_that_does_not_come_leaves_all_unknown(
    world: SandboxWorld, kind: str
) -> None:
    first, second = world.deal("One"), world.deal("Two")
    world.order(f"collections:{kind}:1")

    found = statuses(world, create(world, first), create(world, second))

    assert found == [WriteStatus.UNKNOWN] * 2


@pytest.mark.promise("F10")
def test_the_daily_limit_leaves_changes_unattempted(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    write(world, flag(deal, status="Pending"))
    world.order("collections:limit403:9")

    (receipt,) = write(world, flag(deal, status="Open"))

    assert receipt.status is WriteStatus.NOT_ATTEMPTED
    assert receipt.code == "REQUEST_LIMIT_EXCEEDED"


@pytest.mark.trap("S6a")
def test_a_key_held_by_a_task_we_may_not_see_is_present(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    change = create(world, deal)
    other = task_key("sf:00D000000000009EAA", deal, "deal_owner", "", 1)
    hidden = world.people.create(
        "Task",
        Subject="From a copied org",
        WhatId=deal,
        **{
            KEY_FIELD: change.key,
            REF_FIELD: f"gk1|{deal}|deal_owner||9|1|open||||",
        },
    )
    assert other != change.key

    (receipt,) = write(world, change)

    assert receipt.status is WriteStatus.ADOPTED
    assert receipt.code == "PRESENT_NOT_VISIBLE"
    assert receipt.remote_id is not None
    assert receipt.remote_id[:15] == hidden[:15]


@pytest.mark.promise("F19")
def test_a_task_of_another_org_is_foreign(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    elsewhere = task_key("sf:00D000000000009EAA", deal, "deal_owner", "", 1)
    world.people.create(
        "Task",
        Subject="From a copied org",
        WhatId=deal,
        **{KEY_FIELD: elsewhere, REF_FIELD: f"gk1|{deal}|deal_owner||1|1|open||||"},
    )

    assert open_tasks(world) == []
    assert world.crm.tasks_by_key([elsewhere]) == {}


def test_a_task_whose_reference_was_destroyed_is_still_seen(
    world: SandboxWorld,
) -> None:
    deal = world.deal("Acme")
    write(world, create(world, deal))
    (task,) = open_tasks(world)
    world.people.update("Task", task.remote_id, **{REF_FIELD: None})

    (left,) = open_tasks(world)

    assert (left.key, left.id, left.deal_id) == (task.key, None, deal)


@pytest.mark.promise("F20")
def test_a_task_that_a_person_moved_to_another_deal_or_off_it_is_seen_so(
    world: SandboxWorld,
) -> None:
    deal, other = world.deal("Acme"), world.deal("Bolt")
    write(world, create(world, deal))
    (task,) = open_tasks(world)
    assert not task.is_moved
    for place in (other, None):
        world.people.update("Task", task.remote_id, WhatId=place)

        (moved,) = open_tasks(world)

        assert (moved.deal_id, moved.is_moved, moved.is_loose) == (deal, True, False)
    world.people.update("Task", task.remote_id, WhatId=deal)
    assert not open_tasks(world)[0].is_moved


def test_closing_uses_a_closed_status_of_this_org(world: SandboxWorld) -> None:
    for row in world.org.rows("TaskStatus", include_deleted=False):
        if row["MasterLabel"] == "Completed":
            row["IsClosed"] = False  # type: ignore[index]  # an admin redefines it
        if row["MasterLabel"] == "Deferred":
            row["IsClosed"] = True  # type: ignore[index]
    deal = world.deal("Acme")
    write(world, create(world, deal))
    (task,) = open_tasks(world)
    close = Change(
        Action.CLOSE,
        task.key,
        deal,
        "Acme",
        id=task.id,
        episode=1,
        remote_id=task.remote_id,
    )

    assert statuses(world, close) == [DONE]
    assert world.people.get("Task", task.remote_id)["Status"] == "Deferred"


def test_the_task_stands_in_the_crm_as_a_person_reads_it(world: SandboxWorld) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")

    (receipt,) = write(world, create(world, deal, owner))

    task = world.people.get("Task", str(receipt.remote_id))
    assert {name: task[name] for name in ("Subject", "Description", "WhatId")} == {
        "Subject": "Subject",
        "Description": "Body\n\nRules: r",
        "WhatId": deal,
    }
    assert (task["OwnerId"], task["ActivityDate"]) == (owner, "2026-11-25")
    assert task["Status"] == "Not Started"


def test_two_changes_to_one_record_are_two_requests(world: SandboxWorld) -> None:
    deal = world.deal("Acme")

    found = statuses(world, flag(deal, status="Open"), flag(deal, status="Clear"))

    assert found == [DONE, DONE]
    assert world.people.get("Opportunity", deal)["Gate_Status__c"] == "Clear"


def test_nothing_is_written_before_our_fields_are_there() -> None:
    org = stock_org(Clock(as_of_instant(AS_OF)))
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)

        with pytest.raises(SetupError, match="Run gatekeeper setup-crm"):
            crm.write([], 1, freely)
        assert list(crm.own_tasks()) == []
        assert crm.tasks_by_key(["gk1-x"]) == {}
        crm.client.close()


def test_without_a_unique_key_it_is_looked_up_first(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    for name in ("Task", "Event"):
        fields = world.org.kinds[name].fields
        fields[KEY_FIELD] = replace(fields[KEY_FIELD], unique=False, external_id=False)
    world.org.hide_field("Task", "CallType")  # describes are made anew
    world.crm.facts.forget()

    assert statuses(world, create(world, deal)) == [DONE]
    assert statuses(world, create(world, deal)) == [WriteStatus.ADOPTED]
    assert len(open_tasks(world)) == 1


@pytest.mark.trap("S6c")
def test_a_text_too_long_for_its_field_is_cut() -> None:
    forms = Forms(1, "Completed", {"Task": {"Subject": 10, "Description": 20}})
    change = Change(
        Action.CREATE,
        "gk1-x",
        "006000000000001AAA",
        "Acme",
        id=ObligationId("006000000000001AAA", "deal_owner"),
        write={"subject": "0123456789abc", "body": "x" * 30},
    )

    record = forms.record(change)

    assert record["Subject"] == "012345678\N{HORIZONTAL ELLIPSIS}"
    assert len(str(record["Description"])) == 20


def test_a_create_that_names_no_task_is_a_defect() -> None:
    forms = Forms(1, "Completed", {})

    with pytest.raises(ValueError, match="does not say whose task it is"):
        forms.record(Change(Action.CREATE, "gk1-x", "006000000000001AAA", "Acme"))


def test_a_row_of_nulls_is_a_task_without_anything() -> None:
    row: Mapping[str, object] = dict.fromkeys(
        (
            *(REF_FIELD, "WhatId", "OwnerId", "Subject", "Description"),
            *("ActivityDate", "IsClosed", "IsDeleted", "CreatedDate"),
        )
    ) | {"Id": "00T000000000001AAA", KEY_FIELD: "gk1-x"}

    task = own_task(row, "sf:00D000000000001EAA")

    assert task is not None
    assert (task.id, task.deal_id, task.due_on, task.owner_id) == (None,) * 4
