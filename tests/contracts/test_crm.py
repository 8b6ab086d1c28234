"""What every CRM must keep, held against the fake, Salesforce and HubSpot.

A fake that passes may stand in for the CRM in the flow's tests.
"""

from __future__ import annotations

import re
from contextlib import ExitStack, nullcontext
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.core.model import (
    EMPTY,
    Action,
    Change,
    Deal,
    Flags,
    GoneReason,
    ObligationId,
    OwnTask,
    Row,
    Scalar,
    TaskText,
    Unavailable,
    WriteStatus,
    task_key,
)
from gatekeeper.core.pack import Needs
from gatekeeper.errors import StoppedError
from gatekeeper.ports import PullRequest, PullTotals
from tests.contracts.processes import a_process, in_process
from tests.contracts.worlds import (
    FakeWorld,
    World,
    hubspot_world,
    odd_hubspot_world,
    odd_salesforce_world,
    sandbox_world,
    usd,
)
from tests.fakes.crm import freely

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.e2e.program import Sandbox

    Processes = Callable[[str], Sandbox]

NEEDS = Needs(frozenset({"amount", "stage", "is_closed"}))
REQUEST = PullRequest(NEEDS, BUILT_IN, (), date(2026, 10, 21))


WORLDS: dict[str, Callable[[], AbstractContextManager[World]]] = {
    "fake": lambda: nullcontext(FakeWorld()),
    "salesforce": sandbox_world,
    "hubspot": hubspot_world,
    "odd salesforce": odd_salesforce_world,
    "odd hubspot": odd_hubspot_world,
}


PROCESSES = ("salesforce", "hubspot")


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """Sandboxes in processes of their own, each started when it is first asked for."""
    with ExitStack() as stack:

        @cache
        def started(crm: str) -> Sandbox:
            folder = tmp_path_factory.mktemp("people") / crm
            return stack.enter_context(a_process(crm, folder))

        yield started


@pytest.fixture(
    params=[
        *WORLDS,
        *(pytest.param(f"{crm} process", marks=pytest.mark.slow) for crm in PROCESSES),
    ]
)
def world(request: pytest.FixtureRequest, processes: Processes) -> Iterator[World]:
    name = str(request.param)
    if name in WORLDS:
        with WORLDS[name]() as made:
            yield made
        return
    with in_process(processes(name.removesuffix(" process"))) as remote:
        yield remote


def pulled(world: World) -> dict[str, Deal]:
    batches = world.crm.pull(REQUEST, PullTotals())
    return {deal.name: deal for batch in batches for deal in batch.deals}


def open_tasks(world: World) -> list[OwnTask]:
    world.settle()
    return [task for page in world.crm.own_tasks() for task in page]


def create(world: World, deal_id: str, owner_id: str, episode: int = 1) -> Change:
    text = TaskText(
        owner_id, date(2026, 11, 25), "Acme: 1 thing missing", ("1. Amount", "   Fill")
    )
    return Change(
        Action.CREATE,
        task_key(world.crm.org(), deal_id, "deal_owner", "", episode),
        deal_id,
        "Acme",
        id=ObligationId(deal_id, "deal_owner"),
        episode=episode,
        write={
            "owner_id": owner_id,
            "due_on": "2026-11-25",
            "subject": text.subject,
            "body": "\n".join(text.body),
        },
        hashes={part.value: known for part, known in text.hashes().items()},
        rule_ids=("amount-filled", "next-step"),
    )


def later(action: Action, task: OwnTask, **write: Scalar) -> Change:
    assert task.id is not None
    return Change(
        action,
        task.key,
        task.id.deal_id,
        "Acme",
        id=task.id,
        episode=task.episode,
        remote_id=task.remote_id,
        write=write,
        hashes={part.value: known for part, known in task.written.items()},
        rule_ids=task.rule_ids,
    )


def flag(deal_id: str, **write: Scalar) -> Change:
    return Change(
        Action.FLAG, f"flag:{deal_id}", deal_id, "Acme", remote_id=deal_id, write=write
    )


def write(world: World, *changes: Change) -> list[WriteStatus]:
    receipts = world.crm.write(changes, run_number=7, may_leave=freely)
    assert [receipt.key for receipt in receipts] == [change.key for change in changes]
    return [receipt.status for receipt in receipts]


def test_an_org_has_one_name(world: World) -> None:
    assert world.crm.org() == world.crm.org()
    assert re.fullmatch(world.words.org, world.crm.org())


def test_the_clock_is_the_crms_own(world: World) -> None:
    assert world.crm.server_time() == datetime(2026, 11, 20, 14, tzinfo=UTC)


def test_stages_are_open_then_won_then_lost(world: World) -> None:
    (pipeline,) = world.crm.schema(BUILT_IN).pipelines
    ends = [(stage.is_closed, stage.is_won) for stage in pipeline.stages]

    assert pipeline.name == world.words.pipeline
    assert ends[-2:] == [(True, True), (True, False)]
    assert not any(is_closed for is_closed, _ in ends[:-2])


def test_a_crm_with_our_unique_key_is_strict(world: World) -> None:
    schema = world.crm.schema(BUILT_IN)

    assert schema.strict
    assert set(schema.flags) == {
        *("status", "open_count", "worst_severity"),
        *("missing", "open_since", "supported_stage"),
    }


def test_open_deals_and_lately_closed_ones_are_pulled(world: World) -> None:
    world.deal("Open", amount=usd("120000"))
    world.deal("Won lately", stage=world.words.won_stage, close_date=date(2026, 10, 21))
    world.deal(
        "Won long ago", stage=world.words.won_stage, close_date=date(2026, 10, 20)
    )

    deals = pulled(world)

    assert set(deals) == {"Open", "Won lately"}
    assert deals["Open"].fields == {
        "amount": usd("120000"),
        "stage": world.words.open_stage,
        "is_closed": False,
    }
    assert deals["Open"].flags == Flags()


def test_a_pull_counts_what_it_read(world: World) -> None:
    for number in range(3):
        world.deal(f"Deal {number}")
    totals = PullTotals()

    deals = [deal for batch in world.crm.pull(REQUEST, totals) for deal in batch.deals]

    assert (totals.expected, totals.read) == (3, 3)
    assert totals.is_complete
    assert [deal.id for deal in deals] == sorted(deal.id for deal in deals)


@pytest.mark.promise("W5", "F25")
def test_what_is_blank_is_empty_and_what_is_hidden_is_unavailable(world: World) -> None:
    world.deal("Acme")
    assert pulled(world)["Acme"].fields["amount"] is EMPTY

    world.hide_amount()

    assert isinstance(pulled(world)["Acme"].fields["amount"], Unavailable)


def test_rows_nobody_made_are_none_and_hidden_ones_are_unavailable(
    world: World,
) -> None:
    names = ("meetings", "account.meetings", "siblings")
    rows = dict.fromkeys(names, frozenset({"owner"}))
    asked = PullRequest(Needs(collections=rows), BUILT_IN, (), date(2026, 10, 21))
    world.deal("Acme")

    def related() -> dict[str, tuple[Row, ...] | Unavailable]:
        (batch,) = world.crm.pull(asked, PullTotals())
        (deal,) = batch.deals
        return dict(deal.related)

    assert related() == dict.fromkeys(names, ())

    world.hide_account()

    found = related()
    assert found["meetings"] == ()
    assert isinstance(found["account.meetings"], Unavailable)
    assert isinstance(found["siblings"], Unavailable)


def test_every_name_a_rule_may_use_is_described(world: World) -> None:
    schema = world.crm.schema(BUILT_IN)
    described = {*schema.fields, *schema.missing_collections}

    for name in BUILT_IN.deal:
        assert f"siblings.{name}" in described or name == "pipeline", name
    for collection in BUILT_IN.collections.values():
        for leaf in collection.fields:
            for whose in (collection.name, f"account.{collection.name}"):
                is_named = f"{whose}.{leaf}" in described or whose in described
                assert is_named or (whose, leaf) in world.words.untold, (whose, leaf)


def test_a_created_task_is_seen_as_it_was_written(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")

    assert write(world, create(world, deal, owner)) == [WriteStatus.DONE]

    (task,) = open_tasks(world)
    assert task.id == ObligationId(deal, "deal_owner")
    assert (task.episode, task.run_number, task.sealed) == (1, 7, False)
    assert task.rule_ids == ("amount-filled", "next-step")
    assert task.due_on == date(2026, 11, 25)
    assert task.owner_id == owner
    assert task.actual == task.written


@pytest.mark.promise("W1")
def test_a_key_that_is_there_is_adopted(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    write(world, create(world, deal, owner))
    (task,) = open_tasks(world)

    (receipt,) = world.crm.write([create(world, deal, owner)], 8, freely)

    assert receipt.status is WriteStatus.ADOPTED
    assert receipt.remote_id == task.remote_id
    assert open_tasks(world) == [task]


@pytest.mark.promise("W6")
def test_an_update_writes_its_parts_and_nothing_else(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    write(world, create(world, deal, owner))
    (task,) = open_tasks(world)
    world.rename_task(task.remote_id, "Mine now")

    assert write(world, later(Action.UPDATE, task, due_on="2026-11-24")) == [
        WriteStatus.DONE
    ]

    (after,) = open_tasks(world)
    assert after.due_on == date(2026, 11, 24)
    assert after.rule_ids == task.rule_ids
    changed = {part for part in task.actual if task.actual[part] != after.actual[part]}
    assert changed == {"due", "subject"}


@pytest.mark.promise("W4", "W6")
def test_closing_seals_the_task_and_keeps_it(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    write(world, create(world, deal, owner))
    (task,) = open_tasks(world)

    assert write(world, later(Action.CLOSE, task)) == [WriteStatus.DONE]

    assert open_tasks(world) == []
    closed = world.crm.tasks_by_key([task.key])[task.key]
    assert (closed.is_closed, closed.sealed, closed.is_deleted) == (True, True, False)
    assert closed.written == task.written


def test_a_person_closes_without_our_stamp(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    write(world, create(world, deal, owner))
    (task,) = open_tasks(world)

    world.complete(task.remote_id)

    assert open_tasks(world) == []
    closed = world.crm.tasks_by_key([task.key])[task.key]
    assert (closed.is_closed, closed.sealed) == (True, False)


def test_a_deleted_task_is_found_by_key_and_cannot_be_changed(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    write(world, create(world, deal, owner))
    (task,) = open_tasks(world)

    world.delete_task(task.remote_id)

    assert open_tasks(world) == []
    assert world.crm.tasks_by_key([task.key])[task.key].is_deleted
    assert write(world, later(Action.CLOSE, task)) == [WriteStatus.GONE]


def test_a_task_for_somebody_who_left_is_refused(world: World) -> None:
    deal, owner = world.deal("Acme"), world.person("Gone", is_active=False)

    (receipt,) = world.crm.write([create(world, deal, owner)], 7, freely)

    assert receipt.status is WriteStatus.REJECTED
    assert receipt.code == world.words.left
    assert open_tasks(world) == []


class Switch:
    """A kill switch that is pressed after so many requests."""

    def __init__(self, requests: int) -> None:
        self.left, self.asked = requests, 0

    def may_leave(self) -> None:
        self.asked += 1
        if self.left == 0:
            raise StoppedError("pressed")
        self.left -= 1


@pytest.mark.promise("F38")
@pytest.mark.parametrize("requests", [0, 1, 2])
def test_every_request_that_writes_asks_first(world: World, requests: int) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    changes = [create(world, deal, owner), flag(deal, status="Open")]
    switch, before = Switch(requests), world.crm.usage().writes

    receipts = world.crm.write(changes, 7, switch.may_leave)

    # The fake writes all of it in one request.
    assert world.crm.usage().writes - before <= requests
    if requests == 0:
        assert {each.status for each in receipts} == {WriteStatus.NOT_ATTEMPTED}
        assert open_tasks(world) == []
    write(world, *changes)
    assert len(open_tasks(world)) == 1
    assert pulled(world)["Acme"].flags == Flags(status="Open")


def test_flags_are_read_as_they_were_written_and_emptied(world: World) -> None:
    deal = world.deal("Acme")
    values: dict[str, Scalar] = {
        "status": "Open",
        "open_count": 2,
        "worst_severity": "high",
        "missing": "Amount is empty.\nFill it in.",
        "open_since": "2026-11-02",
        "supported_stage": "Prospecting",
    }

    assert write(world, flag(deal, **values)) == [WriteStatus.DONE]
    assert pulled(world)["Acme"].flags == Flags(
        "Open",
        2,
        "high",
        "Amount is empty.\nFill it in.",
        date(2026, 11, 2),
        "Prospecting",
    )

    write(world, flag(deal, **dict.fromkeys(values)))
    assert pulled(world)["Acme"].flags == Flags()


def test_receipts_come_in_the_order_of_the_changes(world: World) -> None:
    first, second, owner = world.deal("One"), world.deal("Two"), world.person("Ann")
    gone = world.deal("Three")
    world.delete_deal(gone)

    statuses = write(
        world,
        flag(first, status="Open"),
        create(world, second, owner),
        flag(gone, status="Open"),
        create(world, first, owner),
    )

    done = WriteStatus.DONE
    assert statuses == [done, done, WriteStatus.GONE, done]
    assert {task.deal_id for task in open_tasks(world)} == {first, second}


@pytest.mark.promise("F05")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_answer_is_unknown_and_the_key_settles_it(
    world: World, when: str
) -> None:
    deal, owner = world.deal("Acme"), world.person("Ann")
    world.crm.own_tasks()
    change = create(world, deal, owner)
    world.lose_answer(when)

    assert write(world, change) == [WriteStatus.UNKNOWN]
    again = write(world, change)

    assert again == [WriteStatus.ADOPTED if when == "after" else WriteStatus.DONE]
    assert len(open_tasks(world)) == 1


def test_deals_are_read_by_id_whatever_their_age(world: World) -> None:
    old = world.deal("Old", stage=world.words.won_stage, close_date=date(2020, 1, 1))
    deleted = world.deal("Deleted")
    world.delete_deal(deleted)
    nowhere = world.words.nowhere

    batch = world.crm.deals_by_id([old, deleted, nowhere], REQUEST)

    assert [deal.id for deal in batch.deals] == [old]
    assert batch.gone == {
        deleted: GoneReason.DELETED,
        nowhere: GoneReason.UNREADABLE,
    }


def test_people_are_all_there_with_who_left(world: World) -> None:
    ann, gone = world.person("Ann"), world.person("Gone", is_active=False)

    people = world.crm.people()

    assert people[ann].is_active
    assert not people[gone].is_active


def test_the_link_names_the_deal(world: World) -> None:
    deal = world.deal("Acme")

    assert world.crm.deal_url(deal) == pulled(world)["Acme"].url
    assert world.crm.deal_url(deal).endswith(world.words.link.format(deal))


def test_setting_up_twice_changes_nothing(world: World) -> None:
    world.crm.set_up(lambda _what, _done, _total: None)

    assert {step.action for step in world.crm.planned_setup()} == {"exists"}
