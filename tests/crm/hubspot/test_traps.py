"""Where HubSpot's answers are not what one would expect, and its limits are its own."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Action, Change, WriteStatus
from gatekeeper.crm.batches import batches
from gatekeeper.crm.hubspot.due import DueTimes
from gatekeeper.crm.hubspot.metadata.pipelines import read_pipelines
from gatekeeper.crm.hubspot.metadata.portal import Portal as Account
from gatekeeper.crm.hubspot.metadata.properties import Property
from gatekeeper.crm.hubspot.reading.columns import Columns
from gatekeeper.crm.hubspot.reading.derived import of_row
from gatekeeper.crm.hubspot.reading.links import read_links, tell_links
from gatekeeper.crm.hubspot.reading.related import Feed
from gatekeeper.crm.hubspot.reading.row_names import DERIVED_PATHS, Derived
from gatekeeper.crm.hubspot.reading.stays import Stay, dated_stays
from gatekeeper.crm.hubspot.reading.tasks import Tasks
from gatekeeper.crm.hubspot.reading.translate import Tongue
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.crm.hubspot.wire.paths import VERSIONS
from gatekeeper.errors import CrmUnreachableError, Transient
from tests.crm.hubspot.canned import Portal, Reply
from tests.crm.hubspot.scene import NOW
from tests.crm.hubspot.test_writing import create, flag, sent, write

if TYPE_CHECKING:
    from tests.crm.hubspot.scene import Scene

EMPTY = Reply({"results": []})
NOBODY = Reply({"results": [], "errors": [{"category": "OBJECT_NOT_FOUND"}]}, 207)
MOST_OF_A_SEARCH = 3_000
"""Characters of its body. Source: HubSpot's documentation of CRM search."""


def linked(id_: str, *to: int, after: str = "") -> dict[str, object]:
    """Return what HubSpot says of the contacts of one deal."""
    types = [{"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None}]
    row: dict[str, object] = {
        "from": {"id": id_},
        "to": [{"toObjectId": each, "associationTypes": types} for each in to],
    }
    return {**row, "paging": {"next": {"after": after}}} if after else row


def unlinked(id_: str, why: str = "crm.associations.NO_ASSOCIATIONS_FOUND") -> object:
    """Return the error that stands for a deal without contacts."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": why,
        "message": f"No contact is associated with deal {id_}.",
        "context": {"fromObjectId": [id_]},
    }


@pytest.mark.trap("H8c")
def test_the_associations_of_one_deal_go_on_over_pages_and_those_of_others_do_not(
    told: Portal,
) -> None:
    told.answer(
        Reply({"results": [linked("1", 7, 8, after="MTA%3D"), linked("2", 7)]}),
        Reply({"results": [linked("1", 9)]}),
    )

    found = read_links(told.client(), "deals", "contacts", ["1", "2"])

    assert {id_: list(each) for id_, each in found.items()} == {
        "1": ["7", "8", "9"],
        "2": ["7"],
    }
    bodies = [asked.body for asked in told.asked]
    assert bodies[1:] == [{"inputs": [{"id": "1", "after": "MTA%3D"}]}]


@pytest.mark.trap("H8b")
def test_only_the_error_that_means_none_is_taken_for_none(told: Portal) -> None:
    answer = {"results": [linked("1", 7)], "numErrors": 1, "errors": [unlinked("2")]}
    told.answer(Reply(answer, 207))
    found = read_links(told.client(), "deals", "contacts", ["1", "2"])
    assert {id_: list(each) for id_, each in found.items()} == {"1": ["7"], "2": []}

    failed = unlinked("2", why="crm.associations.SOMETHING_ELSE")
    told.answer(Reply({**answer, "errors": [failed]}, 207))
    linked_ = tell_links(told.client(), "deals", "contacts", ["1", "2"])
    assert linked_.untold == {"2": "No contact is associated with deal 2."}
    assert list(linked_.links) == ["1"]

    told.answer(Reply({"results": [linked("1", 7)]}))
    with pytest.raises(CrmUnreachableError, match=r"left contacts of 1 deals open \("):
        read_links(told.client(), "deals", "contacts", ["1", "2"])


def test_a_deal_of_whose_contacts_only_a_part_came_has_unknown_contacts(
    told: Portal,
) -> None:
    first = [linked("1", 7, 8, after="MTA%3D"), linked("2", 7)]
    told.answer(Reply({"results": first}), *[Reply({"results": []})] * 3)

    found = tell_links(told.client(), "deals", "contacts", ["1", "2"])

    assert list(found.links) == ["2"]
    assert found.untold == {"1": "HubSpot said nothing of its associations"}


def test_what_an_answer_leaves_open_is_asked_for_once_more(told: Portal) -> None:
    told.answer(Reply({"results": [linked("1", 7)]}), Reply({"results": []}))
    tell_links(told.client(), "deals", "contacts", ["1", "2"])
    assert [asked.body for asked in told.asked][1:] == [{"inputs": [{"id": "2"}]}]

    told.answer(
        Reply({"results": [linked("1", 7)]}), Reply({"results": [linked("2", 8)]})
    )
    found = tell_links(told.client(), "deals", "contacts", ["1", "2"])
    assert {id_: list(each) for id_, each in found.links.items()} == {
        "1": ["7"],
        "2": ["8"],
    }
    assert found.untold == {}


def test_a_record_deleted_since_it_was_named_is_left_out_of_the_others(
    told: Portal,
) -> None:
    missing = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some CONTACT objects, they may be deleted.",
        "context": {"ids": ["2"]},
    }
    told.answer(Reply({"results": [{"id": "1"}], "errors": [missing]}, 207))

    found = list(told.client().records("contacts", ["1", "2"], Wanted(("email",))))

    assert found == [{"id": "1"}]


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"results": [{"id": "1"}]}),
        Reply({"results": [{"id": "1"}], "errors": [{"context": {"ids": ["2"]}}]}, 207),
        Reply({"results": [{"id": "1"}], "errors": [{"category": "INTERNAL"}]}, 207),
    ],
    ids=["unanswered", "failed", "failed without its id"],
)
def test_a_record_that_could_not_be_read_is_not_one_that_does_not_exist(
    told: Portal, reply: Reply
) -> None:
    client, wanted = told.client(), Wanted(("email",))
    told.answer(reply, Reply({"results": [{"id": "2"}]}))
    found = list(client.records("contacts", ["1", "2"], wanted))
    assert found == [{"id": "1"}, {"id": "2"}]
    bodies = [asked.body or {} for asked in told.asked]
    assert [body["inputs"] for body in bodies][1:] == [[{"id": "2"}]]

    told.answer(reply, EMPTY)
    with pytest.raises(CrmUnreachableError, match="left 1 of 2 records open"):
        list(client.records("contacts", ["1", "2"], wanted))


def test_the_survivor_of_merged_records_stands_for_all_of_them(told: Portal) -> None:
    told.answer(Reply({"results": [{"id": "9"}, {"id": "3"}]}))

    found = list(told.client().records("contacts", ["1", "2", "3"], Wanted()))

    assert [each["id"] for each in found] == ["9", "3"]
    assert len(told.asked) == 1


def tasks(told: Portal, *, is_unique: bool) -> Tasks:
    return Tasks(told.client(), "hs:7", DueTimes(UTC, {}), is_unique)


@pytest.mark.trap("H6c")
def test_searches_for_many_keys_stay_below_hubspots_length(told: Portal) -> None:
    keys = [f"{number:030}" for number in range(130)]

    tasks(told, is_unique=False).by_key(keys)

    bodies: list[Any] = [asked.body for asked in told.asked]
    assert max(len(orjson.dumps(body)) for body in bodies) <= MOST_OF_A_SEARCH
    filters = [body["filterGroups"][0]["filters"][0] for body in bodies]
    assert [key for each in filters for key in each["values"]] == keys


@pytest.mark.trap("H6b")
def test_open_tasks_go_on_behind_the_highest_id_as_a_number(told: Portal) -> None:
    """Past 10,000 HubSpot pages no further; as text 999 would be the highest."""
    first = [{"id": str(number)} for number in range(900, 1_100)]
    told.answer(Reply({"results": first}), *[NOBODY] * 2, EMPTY)

    list(tasks(told, is_unique=True).open())

    searches: list[Any] = [
        asked.body for asked in told.asked if asked.path.endswith("/search")
    ]
    places = [body["filterGroups"][0]["filters"][-1] for body in searches]
    assert [(each["operator"], each["value"]) for each in places] == [
        ("GT", "0"),
        ("GT", "1099"),
    ]
    assert all("after" not in body for body in searches)


@pytest.mark.trap("H10h")
def test_who_left_and_queues_own_deals_too(told: Portal) -> None:
    left = {
        "id": "1",
        "type": "PERSON",
        "email": "gone@example.com",
        "userIdIncludingInactive": 41,
        "archived": True,
    }
    here = {"id": "2", "firstName": "Ann", "lastName": "Bo", "userId": 42}
    queue = {"id": "3", "type": "QUEUE", "email": None, "firstName": "Inbound"}
    told.answer(
        Reply({"results": [left]}),
        Reply({"results": [here], "paging": {"next": {"after": "2"}}}),
        Reply({"results": [queue]}),
        Reply({"portalId": 7, "timeZone": "UTC"}),
    )
    account = Account(told.client())

    people = account.people()

    assert {id_: each.name for id_, each in people.items()} == {
        "1": "gone@example.com",
        "2": "Ann Bo",
        "3": "Inbound",
    }
    assert [id_ for id_, each in people.items() if not each.is_active] == ["1"]
    assert account.tongue().users == {"41": people["1"], "42": people["2"]}


@pytest.mark.trap("H10a")
@pytest.mark.promise("F08")
@pytest.mark.parametrize("status", [200, 202])
def test_a_write_that_answers_with_nothing_may_have_been_done(
    told: Portal, status: int
) -> None:
    told.answer(Reply(b"", status))

    with pytest.raises(Transient) as caught:
        told.client().write("tasks", "create", [{}])
    assert caught.value.outcome_unknown
    assert len(told.asked) == 1


def test_a_server_that_is_not_to_be_trusted_is_said_to_be_one(told: Portal) -> None:
    told.url = told.url.replace("http://", "https://")

    with pytest.raises(CrmUnreachableError, match="certificate is not trusted"):
        told.client(attempts=1).pipelines()


def test_the_dates_of_a_stage_are_found_whatever_number_stands_behind_it() -> None:
    stages = [{"id": each, "label": each} for each in ("closedwon", "12345")]
    pipelines = read_pipelines([{"id": "p", "label": "P", "stages": stages}])
    entered, left = "hs_v2_date_entered_", "hs_v2_date_exited_"
    there = ("closedwon", "12345_678", "current_stage", "999")

    found = dated_stays([entered + each for each in there], pipelines)

    assert found == (
        Stay("closedwon", entered + "closedwon", left + "closedwon"),
        Stay("12345", entered + "12345_678", left + "12345_678"),
    )


@given(
    st.lists(st.tuples(st.sampled_from(list(Action)), st.integers(1, 5)), max_size=40),
    st.integers(1, 4),
)
def test_no_request_names_a_record_twice_or_mixes_kinds(
    wanted: list[tuple[Action, int]], most: int
) -> None:
    changes = [
        Change(action, f"{action} {record}", "1", "Acme", remote_id=str(record))
        for action, record in wanted
    ]

    asked = [[changes[place] for place in places] for places in batches(changes, most)]

    assert sum(map(len, asked)) == len(changes)
    for chunk in asked:
        assert len(chunk) <= most
        assert len({each.remote_id for each in chunk}) == len(chunk)
        kinds = {each.action for each in chunk}
        assert len(kinds) == 1 or kinds == {Action.UPDATE, Action.CLOSE}


@pytest.mark.trap("H4a", "H5b")
def test_what_is_written_is_text_and_each_input_can_be_told_by_its_own_trace(
    scene: Scene,
) -> None:
    deals = [scene.deal("Acme"), scene.deal("Other")]
    write(scene, *[create(scene, deal) for deal in deals])
    flags = [flag(deal, status="Open", open_count=1) for deal in deals]
    assert {each.status for each in write(scene, *flags)} == {WriteStatus.DONE}

    for address in ("/tasks/batch/upsert", "/deals/batch/update"):
        inputs = sent(scene, address)[-1]["inputs"]
        values = [value for each in inputs for value in each["properties"].values()]
        assert {type(value) for value in values} == {str}
        assert len({each["objectWriteTraceId"] for each in inputs}) == len(deals)


@pytest.mark.parametrize(
    ("outcome", "was_held"),
    [
        (None, True),
        ("NO_SHOW", False),
        ("CANCELED", False),
        ("CANCELLED", False),  # of older accounts
        ("cancelled", False),
    ],
)
def test_a_meeting_called_off_was_not_held_however_the_account_spells_it(
    outcome: str | None, was_held: bool
) -> None:
    properties = {
        name: Property(name, name, "datetime" if name.endswith("time") else "string")
        for name in DERIVED_PATHS[Derived.HELD]
    }
    tongue = Tongue("USD", UTC, {}, {})
    columns = Columns("meetings", properties, tongue)
    held = of_row(Derived.HELD, Feed("meetings", "meetings", columns), NOW)
    over = dict.fromkeys(properties, "2026-11-19T10:00:00.000Z")
    meeting = {**over, "hs_meeting_outcome": outcome}

    assert held is not None
    assert held(meeting) is was_held


def test_no_path_with_a_version_is_outside_the_table_that_moves_them(
    told: Portal,
) -> None:
    client = told.client()
    client.page("deals", Wanted())
    client.found("tasks", {})
    client.links("deals", "tasks", [{"id": "1"}])
    client.labels("deals", "contacts")
    client.owners("", archived=False)
    client.pipelines()
    client.properties("deals")
    client.groups("deals")
    client.make_property("deals", {})
    client.write("tasks", "upsert", [{}])
    client.link([{}])
    told.answer(NOBODY)
    list(client.records("deals", ["1"], Wanted()))

    paths = {asked.path for asked in told.asked}
    assert len(paths) == 11
    assert {path for path in paths if not path.startswith(tuple(VERSIONS))} == set()
