"""Tasks and flags as they reach HubSpot, whatever happens on the way."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import (
    Action,
    Change,
    ObligationId,
    Receipt,
    Scalar,
    TaskHint,
    TaskPart,
    TaskText,
    WriteStatus,
    task_key,
)
from gatekeeper.crm.hubspot.writing.body import as_html, as_text
from gatekeeper.crm.hubspot.writing.linking import Linker
from gatekeeper.crm.hubspot.writing.sending import UNSAID, Order, Sender
from gatekeeper.crm.hubspot.writing.shadow import Shadows, hints_of
from gatekeeper.errors import SetupError
from gatekeeper.ports import PullTotals
from tests.crm.hubspot.canned import Reply
from tests.crm.hubspot.scene import Scene, hubspot_scene, request
from tests.fakes.crm import freely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.core.model import OwnTask
    from tests.crm.hubspot.canned import Portal

OWNER = "6166860"
DONE, ADOPTED = WriteStatus.DONE, WriteStatus.ADOPTED


def create(
    scene: Scene, deal: str, role: str = "deal_owner", **write: Scalar
) -> Change:
    text = TaskText(OWNER, date(2026, 11, 25), "Acme: 1 thing missing", ("1. Amount",))
    return Change(
        Action.CREATE,
        task_key(scene.crm.org(), deal, role, "", 1),
        deal,
        "Acme",
        id=ObligationId(deal, role),
        episode=1,
        write={
            "owner_id": OWNER,
            "due_on": "2026-11-25",
            "subject": text.subject,
            "body": "1. Amount\n   Fill it in",
            **write,
        },
        person_id=OWNER,
        hashes={part.value: known for part, known in text.hashes().items()},
        rule_ids=("amount-filled",),
    )


def flag(deal: str, **write: Scalar) -> Change:
    return Change(
        Action.FLAG, f"flag:{deal}", deal, "Acme", remote_id=deal, write=write
    )


def write(scene: Scene, *changes: Change) -> Sequence[Receipt]:
    return scene.crm.write(changes, run_number=7, may_leave=freely)


def statuses(scene: Scene, *changes: Change) -> list[WriteStatus]:
    return [receipt.status for receipt in write(scene, *changes)]


def task(scene: Scene, change: Change) -> OwnTask | None:
    return scene.crm.tasks_by_key([change.key]).get(change.key)


def shown(scene: Scene, kind: str, id_: str, *names: str) -> dict[str, str]:
    api = scene.people.crm.objects.basic_api
    return dict(api.get_by_id(kind, id_, properties=list(names)).properties)


def sent(scene: Scene, address: str) -> list[dict[str, Any]]:
    """Return the bodies of the requests to an address, in order."""
    return [
        json.loads(request.body)
        for request, _ in scene.recorder.exchanges
        if request.raw_path.endswith(address)
    ]


def order(scene: Scene, fault: str) -> None:
    with scene.portal.lock:
        scene.portal.faults.add(fault)


def test_a_task_says_what_is_missing_and_is_due_at_five(scene: Scene) -> None:
    deal = scene.deal()
    (receipt,) = write(scene, create(scene, deal))

    found = shown(
        scene,
        "tasks",
        str(receipt.remote_id),
        *("hs_task_body", "hs_task_status", "hs_timestamp", "hubspot_owner_id"),
    )

    assert found["hs_task_body"] == (
        "<p>1. Amount</p><ul><li>Fill it in</li></ul><p>Rules: amount-filled</p>"
    )
    assert found["hs_task_status"] == "NOT_STARTED"
    assert found["hubspot_owner_id"] == OWNER
    # The portal's zone is New York, five hours behind in November.
    assert scene.portal.settings.time_zone == "America/New_York"
    assert found["hs_timestamp"] == "2026-11-25T22:00:00.000Z"


def test_a_task_is_due_at_five_where_its_owner_works(scene: Scene) -> None:
    """17:00 in Tokyo is 08:00 UTC, in New York, the portal's zone, 22:00 UTC."""
    (address,) = [p.email for p in scene.crm.people().values() if p.id == OWNER]
    tokyo = {str(address).casefold(): ZoneInfo("Asia/Tokyo")}
    scene.crm = scene.join(zones=tokyo)
    made = create(scene, scene.deal())
    (receipt,) = write(scene, made)
    id_ = str(receipt.remote_id)

    def due_at() -> str:
        return shown(scene, "tasks", id_, "hs_timestamp")["hs_timestamp"]

    assert due_at() == "2026-11-25T08:00:00.000Z"
    known = task(scene, made)
    assert known is not None
    assert known.due_on == date(2026, 11, 25)
    assert known.actual[TaskPart.DUE] == known.written[TaskPart.DUE]

    earlier = replace(
        made,
        action=Action.UPDATE,
        remote_id=id_,
        write={"due_on": "2026-11-24"},
        person_id=OWNER,
    )
    assert statuses(scene, earlier) == [WriteStatus.DONE]
    assert due_at() == "2026-11-24T08:00:00.000Z"


def test_a_hundred_tasks_take_one_write_and_one_association(scene: Scene) -> None:
    changes = [create(scene, scene.deal(f"Deal {number}")) for number in range(100)]
    scene.crm.own_tasks()
    before = Counter(scene.portal.requests)

    assert set(statuses(scene, *changes)) == {DONE}

    asked = Counter(scene.portal.requests) - before
    assert asked["batch_upsert"] == 1
    assert asked["associate"] == 1
    # Looked for by key alive and archived, and the association read back.
    assert (asked["batch_read"], asked["associations"]) == (2, 1)


@pytest.mark.promise("W1")
@pytest.mark.promise("F02")
@pytest.mark.parametrize(
    ("fault", "first"),
    [
        ("batch_upsert:reset_before:1", WriteStatus.UNKNOWN),
        ("batch_upsert:reset_after:1", WriteStatus.UNKNOWN),
        ("batch_upsert:truncated:1", WriteStatus.UNKNOWN),
        ("batch_upsert:empty200:1", WriteStatus.UNKNOWN),
        ("batch_upsert:502html:1", WriteStatus.UNKNOWN),
        ("batch_upsert:423:1", DONE),
        ("batch_upsert:429burst:1", DONE),
        ("batch_upsert:429daily:1", WriteStatus.NOT_ATTEMPTED),
        ("batch_upsert:477:1", WriteStatus.NOT_ATTEMPTED),
        ("associate:reset_before:9", WriteStatus.UNKNOWN),
        ("associate:503:1", DONE),
        ("associations:503:99", WriteStatus.UNKNOWN),
    ],
)
def test_whatever_happens_there_is_one_task_on_its_deal(
    scene: Scene, fault: str, first: WriteStatus
) -> None:
    change = create(scene, scene.deal())
    scene.crm.own_tasks()
    scene.is_odd = "empty200" in fault
    order(scene, fault)

    assert statuses(scene, change) == [first]
    scene.portal.faults.clear()
    scene.settle(24 * 3600)
    assert statuses(scene, change)[0] in {DONE, ADOPTED}

    found = scene.pulled(request(rows={"tasks": set()}))
    assert found["Acme"].related["tasks"] == ()
    scene.settle()
    assert [len(page) for page in scene.crm.own_tasks()] == [1]


def test_a_task_on_no_deal_is_loose_until_it_is_tied(scene: Scene) -> None:
    change = create(scene, scene.deal())
    order(scene, "associate:reset_before:9")
    write(scene, change)
    scene.portal.faults.clear()
    scene.settle()

    loose = task(scene, change)
    assert loose is not None
    assert loose.is_loose
    assert [list(page) for page in scene.crm.own_tasks()] == [[loose]]

    assert statuses(scene, change) == [ADOPTED]
    tied = task(scene, change)
    assert tied is not None
    assert not tied.is_loose


def test_a_task_that_hangs_on_its_deal_is_not_tied_again(scene: Scene) -> None:
    tied, loose = create(scene, scene.deal("A")), create(scene, scene.deal("B"))
    write(scene, tied)
    order(scene, "associate:reset_before:9")
    write(scene, loose)
    scene.portal.faults.clear()
    before = Counter(scene.portal.requests)

    assert statuses(scene, tied) == [ADOPTED]
    assert scene.portal.requests["associate"] == before["associate"]

    assert statuses(scene, tied, loose) == [ADOPTED, ADOPTED]
    (only,) = sent(scene, "/associations/tasks/deals/batch/create")[-1]["inputs"]
    assert only["to"] == {"id": loose.deal_id}


def test_tying_is_repeated_until_a_read_shows_it(told: Portal) -> None:
    change = Change(Action.CREATE, "k", "512", "Acme")
    tied = Reply({"results": []}, 201)
    shown_now = {"from": {"id": "9"}, "to": [{"toObjectId": 512}]}
    nothing = {
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "context": {"fromObjectId": ["9"]},
    }
    told.answer(
        *(tied, Reply({"errors": [nothing]}, 207)),
        *(tied, Reply({"results": [shown_now]})),
    )

    made = {"k": Receipt("k", DONE, "9")}
    assert Linker(told.client()).tie([change], made) == {}

    assert [asked.path.rpartition("/")[2] for asked in told.asked] == [
        *("create", "read"),
        *("create", "read"),
    ]
    assert told.ticks.waits == [2.0]


@pytest.mark.promise("W7")
def test_a_task_whose_id_an_answer_leaves_out_is_not_taken_for_done(
    told: Portal,
) -> None:
    change = Change(Action.CREATE, "k", "512", "Acme")
    told.answer(Reply({"results": [{"properties": {"gatekeeper_key": "k"}}]}))
    order = Order("tasks", "upsert", lambda each: {"id": each.key})

    receipt = Sender(told.client()).send(order, [change])["k"]

    assert (receipt.status, receipt.remote_id) == (WriteStatus.UNKNOWN, None)
    assert receipt.code == UNSAID


def test_a_task_that_is_there_keeps_what_a_person_wrote(scene: Scene) -> None:
    change = create(scene, scene.deal())
    (made,) = write(scene, change)
    scene.change("tasks", str(made.remote_id), hs_task_subject="Mine")

    assert statuses(scene, change) == [ADOPTED]

    assert (
        shown(scene, "tasks", str(made.remote_id), "hs_task_subject")["hs_task_subject"]
        == "Mine"
    )


@pytest.mark.promise("F09")
def test_one_refused_record_leaves_the_others_written(scene: Scene) -> None:
    good, bad = create(scene, scene.deal("A")), create(scene, scene.deal("B"))
    scene.portal.owners.clear()
    nobody = create(scene, scene.deal("C"), owner_id="404")
    scene.crm.own_tasks()

    receipts = write(
        scene,
        create(scene, good.deal_id, owner_id=""),
        nobody,
        create(scene, bad.deal_id, owner_id=""),
    )

    assert [receipt.status for receipt in receipts] == [
        DONE,
        WriteStatus.REJECTED,
        DONE,
    ]
    assert receipts[1].code == "INVALID_OPTION"


@pytest.mark.trap("H3c")
@pytest.mark.promise("F09")
@pytest.mark.parametrize("route", ["batch_upsert", "batch_update"])
def test_one_input_that_fails_says_so_and_no_other(scene: Scene, route: str) -> None:
    deals = [scene.deal(f"Deal {number}") for number in range(5)]
    if route == "batch_upsert":
        changes = [create(scene, deal) for deal in deals]
    else:
        changes = [flag(deal, status="Open") for deal in deals]
    assert scene.portal.settings.shuffles
    order(scene, f"{route}:rejected:1:after=2")

    receipts = write(scene, *changes)

    assert [receipt.status for receipt in receipts] == [
        *(DONE, DONE),
        WriteStatus.REJECTED,
        *(DONE, DONE),
    ]
    code = "VALIDATION_ERROR"
    assert (receipts[2].key, receipts[2].code) == (changes[2].key, code)
    for deal, receipt in zip(deals, receipts, strict=True):
        is_done = receipt.status is DONE
        if route == "batch_update":
            status = shown(scene, "deals", deal, "gatekeeper_status")
            assert bool(status["gatekeeper_status"]) == is_done
        else:
            made = scene.crm.tasks_by_key([receipt.key]).get(receipt.key)
            assert (made is not None and made.deal_id == deal) == is_done


@pytest.mark.trap("H3d")
def test_outcomes_follow_our_keys_whatever_order_answers_have(scene: Scene) -> None:
    changes = [create(scene, scene.deal(f"Deal {number}")) for number in range(20)]

    receipts = write(scene, *changes)

    for change, receipt in zip(changes, receipts, strict=True):
        found = task(scene, change)
        assert found is not None
        assert (found.remote_id, found.deal_id) == (receipt.remote_id, change.deal_id)


@pytest.mark.trap("H3a")
@pytest.mark.parametrize("status", [200, 201])
def test_the_number_of_success_may_drift(scene: Scene, status: int) -> None:
    change = create(scene, scene.deal())
    scene.portal.settings.created_status = status
    scene.is_odd = status == 200

    assert statuses(scene, change) == [DONE]


def test_flags_are_cleared_by_blank_text_and_carry_the_deals_tasks(
    scene: Scene,
) -> None:
    deal = scene.deal()
    (made,) = write(scene, create(scene, deal))
    write(scene, flag(deal, status="Open", open_count=1, open_since="2026-11-20"))

    names = ("gatekeeper_status", "gatekeeper_open_since", "gatekeeper_tasks")
    assert shown(scene, "deals", deal, *names)["gatekeeper_tasks"] == (
        f"deal_owner::1:open:{made.remote_id}"
    )

    write(scene, flag(deal, status=None, open_count=None, open_since=None))

    (cleared,) = sent(scene, "/deals/batch/update")[-1]["inputs"]
    assert cleared["properties"] == dict.fromkeys(
        ("gatekeeper_status", "gatekeeper_open_count", "gatekeeper_open_since"), ""
    )
    after = shown(scene, "deals", deal, *names)
    assert not after["gatekeeper_status"]
    assert not after["gatekeeper_open_since"]


@pytest.mark.promise("F23")
def test_a_deal_deleted_before_the_write_is_gone(scene: Scene) -> None:
    deal, other = scene.deal(), scene.deal("Other")
    scene.archive("deals", deal)

    assert statuses(scene, flag(deal, status="Open"), flag(other, status="Open")) == [
        WriteStatus.GONE,
        DONE,
    ]


@pytest.mark.promise("F23")
def test_a_task_whose_deal_went_meanwhile_is_not_left_open(scene: Scene) -> None:
    kept, lost = create(scene, scene.deal("A")), create(scene, scene.deal("B"))
    scene.archive("deals", lost.deal_id)

    receipts = write(scene, kept, lost)

    assert [receipt.status for receipt in receipts] == [DONE, WriteStatus.GONE]
    # What cannot be is not tried again.
    assert len(sent(scene, "/associations/tasks/deals/batch/create")) == 1
    assert task(scene, kept) is not None
    id_ = str(receipts[1].remote_id)
    status = shown(scene, "tasks", id_, "hs_task_status")["hs_task_status"]
    assert status == "COMPLETED"


def test_nothing_is_written_before_our_properties_are_there(bare: Scene) -> None:
    with pytest.raises(SetupError, match="gatekeeper setup-crm"):
        write(bare, create(bare, bare.deal()))


@pytest.mark.parametrize(
    "fault", ["batch_create:reset_before:1", "batch_create:reset_after:1"]
)
def test_best_effort_looks_at_the_deal_before_it_creates(fault: str) -> None:
    with hubspot_scene(is_set_up=False) as scene:
        scene.portal.settings.unique_tasks = False
        scene.crm.set_up(lambda _what, _done, _total: None)
        change = create(scene, scene.deal())
        scene.crm.own_tasks()
        order(scene, fault)

        assert statuses(scene, change) == [WriteStatus.UNKNOWN]
        # The index lags: only the deal's own tasks tell.
        assert statuses(scene, change)[0] in {DONE, ADOPTED}

        scene.settle()
        assert [len(page) for page in scene.crm.own_tasks()] == [1]


@pytest.mark.parametrize("fate", ["open", "completed", "archived"])
def test_best_effort_finds_a_task_by_the_id_somebody_said(fate: str) -> None:
    """No index shows it yet, and HubSpot finds no task by a key that is not unique."""
    with hubspot_scene(is_set_up=False) as scene:
        scene.portal.settings.unique_tasks = False
        scene.crm.set_up(lambda _what, _done, _total: None)
        mine, other = create(scene, scene.deal("A")), create(scene, scene.deal("B"))
        ids = [str(receipt.remote_id) for receipt in write(scene, mine, other)]
        if fate == "completed":
            scene.change("tasks", ids[0], hs_task_status="COMPLETED")
        elif fate == "archived":
            scene.archive("tasks", ids[0])

        assert scene.crm.tasks_by_key([mine.key]) == {}
        (found,) = scene.crm.tasks_by_key([mine.key], {mine.key: ids[0]}).values()

        assert (found.remote_id, found.key) == (ids[0], mine.key)
        assert found.is_closed == (fate == "completed")
        assert found.is_deleted == (fate == "archived")
        # Only the task with the key counts, whatever was said of it.
        assert scene.crm.tasks_by_key([mine.key], {mine.key: ids[1]}) == {}


@pytest.mark.promise("F19")
def test_tasks_of_a_copied_account_are_foreign(scene: Scene) -> None:
    change = create(scene, scene.deal())
    write(scene, change)
    scene.settle()

    scene.portal.settings.portal_id = 99
    scene.crm = scene.join()

    assert [len(page) for page in scene.crm.own_tasks()] == [0]
    assert scene.crm.tasks_by_key([change.key]) == {}


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1),
        min_size=1,
    )
)
def test_the_words_of_a_body_come_back(words: list[str]) -> None:
    text = "\n".join(words)

    assert as_text(as_html(text)).split() == text.split()


@pytest.mark.promise("S12")
def test_a_body_is_escaped() -> None:
    assert as_html("<b>Amount</b> & more\n   Fill\n   it") == (
        "<p>&lt;b&gt;Amount&lt;/b&gt; &amp; more</p><ul><li>Fill</li><li>it</li></ul>"
    )


def test_a_persons_mark_up_is_read_as_words() -> None:
    assert as_text("<div>One<br/>two</div><p>three &amp; four</p>") == (
        "One\ntwo\nthree & four"
    )


def test_a_deal_names_its_tasks_and_what_a_person_made_of_them_is_left_out() -> None:
    text = "a%3Ab%3Bc:r:2:sealed:12;deal_owner::1:open:9"

    assert list(hints_of("1", text)) == [
        TaskHint(ObligationId("1", "a:b;c", "r"), 2, "12"),
        TaskHint(ObligationId("1", "deal_owner"), 1, "9"),
    ]
    for spoilt in ("", ";", "call Ann", "deal_owner::1:open", "a::x:open:9", "::1:o:9"):
        assert list(hints_of("1", spoilt)) == []


def test_deals_say_in_a_pull_and_by_id_which_tasks_are_theirs(scene: Scene) -> None:
    named, other = scene.deal("A"), scene.deal("B")
    (made,) = write(scene, create(scene, named))
    write(scene, *(flag(deal, status="Open") for deal in (named, other)))
    hint = TaskHint(ObligationId(named, "deal_owner"), 1, str(made.remote_id))

    (batch,) = scene.crm.pull(request(), PullTotals())
    assert batch.hints == (hint,)
    assert scene.crm.deals_by_id([named], request()).hints == (hint,)
    assert hint.key(scene.crm.org()) == made.key


def test_a_deals_entries_are_kept_apart_by_role() -> None:
    shadows = Shadows({"1": "deal_owner::1:open:9"})
    closing = Change(
        Action.CLOSE, "k", "1", "Acme", id=ObligationId("1", "a:b;c", "r"), episode=2
    )

    shadows.note(closing, "12")

    text = "a%3Ab%3Bc:r:2:sealed:12;deal_owner::1:open:9"
    assert shadows.text("1") == text
    shadows.written("1", text)
    assert shadows.text("1") is None
