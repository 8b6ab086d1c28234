"""What HubSpot does that a client easily gets wrong, met by the whole adapter."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import (
    EMPTY,
    Action,
    Unavailable,
    WriteStatus,
    task_key,
)
from gatekeeper.crm.hubspot.names import MOVED_BY_US
from gatekeeper.errors import CrmAuthError
from gatekeeper.ports import PullTotals
from tests.crm.hubspot.canned import Portal, Reply
from tests.crm.hubspot.others import Others
from tests.crm.hubspot.scene import Scene, hubspot_scene, request
from tests.crm.hubspot.test_conflicts import changed
from tests.crm.hubspot.test_writing import create, order, shown, task, write

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal

NUMBER = "num_associated_contacts"


def two_pages_and_more(scene: Scene) -> None:
    others = Others(scene.portal)
    with scene.portal.lock:
        for number in range(210):
            others.create("deals", dealname=str(number), dealstage="qualifiedtobuy")


def pull(scene: Scene) -> tuple[list[Deal], PullTotals]:
    totals = PullTotals()
    batches = scene.crm.pull(request("amount"), totals)
    return [deal for batch in batches for deal in batch.deals], totals


@pytest.mark.promise("F24")
@pytest.mark.parametrize(("pages_before", "is_complete"), [(0, True), (1, False)])
def test_a_page_that_comes_again_brings_no_deal_twice(
    scene: Scene, pages_before: int, is_complete: bool
) -> None:
    two_pages_and_more(scene)
    scene.crm.pull(request("amount"), PullTotals())
    order(scene, f"list:page_again:1:after={pages_before}")

    deals, totals = pull(scene)

    assert len({deal.id for deal in deals}) == len(deals)
    assert totals.is_complete is is_complete
    if is_complete:
        assert len(deals) == 210
    else:
        assert totals.problems == [
            "HubSpot's list of deals went in a circle; the rest is missing."
        ]


@pytest.mark.trap("H10g")
@pytest.mark.promise("F12")
def test_a_token_that_ends_amid_a_pull_stops_it_at_once(scene: Scene) -> None:
    two_pages_and_more(scene)
    scene.crm.pull(request("amount"), PullTotals())
    order(scene, "list:401:1:after=1")
    before = Counter(scene.portal.requests)

    with pytest.raises(CrmAuthError, match="GATEKEEPER_HUBSPOT_TOKEN"):
        pull(scene)

    asked = Counter(scene.portal.requests) - before
    assert asked["list"] == 2  # what is refused for good is asked once


@pytest.mark.trap("H10j")
def test_a_deal_in_a_stage_that_is_gone_is_open_and_shown_by_its_id(
    scene: Scene,
) -> None:
    scene.deal("Acme", dealstage="contractsent")
    with scene.portal.lock:
        del scene.portal.pipelines["deals"]["default"].stages["contractsent"]
    scene.crm.portal.forget()

    (deal,), totals = pull(scene)

    assert (deal.stage, deal.stage_label) == ("contractsent", "contractsent")
    assert totals.is_complete


@pytest.mark.trap("H9c")
@pytest.mark.promise("D13")
@pytest.mark.parametrize("name", sorted(MOVED_BY_US))
def test_what_our_own_writes_move_is_never_read_as_evidence(
    scene: Scene, name: str
) -> None:
    if name not in scene.crm.portal.deals():
        pytest.skip(f"this portal has no property {name}")
    scene.deal("Acme")

    fields = scene.pulled(request(f"custom.{name}"))["Acme"].fields

    value = fields[f"custom.{name}"]
    assert isinstance(value, Unavailable)
    assert "own tasks and flags move" in value.reason


@pytest.mark.trap("H9b")
def test_a_roll_up_without_a_value_is_empty_and_not_zero(scene: Scene) -> None:
    scene.deal("Acme")

    fields = scene.pulled(request(f"custom.{NUMBER}"))["Acme"].fields

    assert fields[f"custom.{NUMBER}"] is EMPTY


@pytest.mark.promise("W1")
@pytest.mark.parametrize("is_strict", [True, False])
def test_a_task_that_a_rep_deleted_is_not_made_again(is_strict: bool) -> None:
    """An upsert finds no archived task and would make another one."""
    with hubspot_scene(is_set_up=False) as scene:
        scene.portal.settings.unique_tasks = is_strict
        scene.crm.set_up(lambda _what, _done, _total: None)
        change = create(scene, scene.deal())
        (made,) = write(scene, change)
        scene.archive("tasks", str(made.remote_id))
        making = "batch_upsert" if is_strict else "batch_create"
        before = scene.portal.requests[making]
        ids = {change.key: str(made.remote_id)}

        (again,) = scene.crm.tasks_by_key([change.key], ids).values()
        assert again.is_deleted
        if is_strict:
            (receipt,) = write(scene, change)
            assert (receipt.status, receipt.remote_id) == (
                WriteStatus.ADOPTED,
                made.remote_id,
            )
            assert scene.portal.requests[making] == before


@pytest.mark.promise("W7")
@pytest.mark.parametrize("status", ["IN_PROGRESS", "WAITING", "DEFERRED"])
def test_how_far_a_person_is_with_a_task_is_never_overwritten(
    scene: Scene, status: str
) -> None:
    made = create(scene, scene.deal())
    write(scene, made)
    update = changed(scene, made, subject="Two things missing")
    scene.change("tasks", str(update.remote_id), hs_task_status=status)

    (receipt,) = write(scene, update)

    assert (receipt.status, update.action) == (WriteStatus.DONE, Action.UPDATE)
    found = shown(scene, "tasks", str(update.remote_id), "hs_task_status")
    assert found["hs_task_status"] == status
    scene.settle()
    known = task(scene, made)
    assert known is not None
    assert [list(page) for page in scene.crm.own_tasks()] == [[known]]


@given(st.text(), st.text(), st.text(), st.integers(1, 10_000))
def test_a_key_can_be_searched_for_which_takes_lower_case_alone(
    deal: str, role: str, group: str, episode: int
) -> None:
    key = task_key("hs:7", deal, role, group, episode)

    assert key == key.lower()
    assert len(key) == 30


@pytest.mark.trap("H6d")
def test_a_search_tells_of_no_limit_and_no_account_needs_to(told: Portal) -> None:
    """OAuth apps hear of no daily limit, and a search answers with no limit at all."""
    client = told.client()
    windows = {"X-HubSpot-RateLimit-Max": "1000"}
    windows["X-HubSpot-RateLimit-Interval-Milliseconds"] = "1000"
    told.answer(Reply({"results": []}, headers=windows))

    for _ in range(9):
        client.found("tasks", {})

    # Four a second, whatever an answer says: nine take more than two seconds.
    assert told.ticks.now >= 2
    use = client.meter.use()
    assert (use.reads, use.used, use.allowed) == (9, None, None)


@pytest.mark.trap("H10k")
def test_a_property_that_somebody_made_otherwise_is_told_with_what_can_be_done(
    bare: Scene,
) -> None:
    """HubSpot lets nobody rename a property, and keeps the name of an archived one."""
    own = {"name": "gatekeeper_open_count", "label": "Open", "type": "string"}
    where = {"fieldType": "text", "groupName": "dealinformation"}
    bare.people.crm.properties.core_api.create("deals", {**own, **where})

    steps = {step.name: step for step in bare.crm.planned_setup()}

    step = steps["deals.gatekeeper_open_count"]
    assert step.action == "exists"
    assert step.detail.endswith(
        "it is string, not number: change its field type under Settings > Properties,"
        " for a name cannot be changed, and run this again"
    )
