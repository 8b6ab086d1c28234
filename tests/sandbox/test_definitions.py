"""Definitions of fields in the Tooling API, and what may not be asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.sandbox.salesforce.stock import stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.org import Org

OF_DEALS = "EntityDefinition.QualifiedApiName = 'Opportunity'"
TRACKED = "SELECT QualifiedApiName, IsFieldHistoryTracked FROM FieldDefinition"


@pytest.fixture
def org() -> Org:
    return stock_org()


@pytest.fixture
def client(org: Org) -> Iterator[Client]:
    with SandboxServer(org) as server, Client(server.url) as client:
        yield client


def ask(client: Client, soql: str) -> tuple[int, object]:
    answer = client.api("GET", "/tooling/query/", params={"q": soql})
    return answer.status_code, answer.json()


def rows(client: Client, soql: str) -> list[dict[str, object]]:
    status, body = ask(client, soql)
    assert status == 200, body
    assert isinstance(body, dict)
    records: list[dict[str, object]] = body["records"]
    return records


def test_the_fields_of_an_object_say_whether_they_are_tracked(
    client: Client, org: Org
) -> None:
    org.track("NextStep")

    found = {
        row["QualifiedApiName"]: row["IsFieldHistoryTracked"]
        for row in rows(client, f"{TRACKED} WHERE {OF_DEALS}")
    }

    assert found["NextStep"] is True
    assert found["Amount"] is False
    assert "CurrencyIsoCode" not in found  # of an org with one currency


def test_tracked_fields_alone_may_be_asked_for(client: Client, org: Org) -> None:
    org.track("NextStep", "OwnerId")

    found = rows(client, f"{TRACKED} WHERE {OF_DEALS} AND IsFieldHistoryTracked = true")

    assert {row["QualifiedApiName"] for row in found} == {"NextStep", "OwnerId"}


@pytest.mark.parametrize(
    ("soql", "message"),
    [
        (
            TRACKED,
            "A filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),
        (
            f"{TRACKED} WHERE IsFieldHistoryTracked = true",
            "A filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),
        (f"{TRACKED} WHERE {OF_DEALS} LIMIT 5", "LIMIT is not supported"),
        (
            f"{TRACKED} WHERE {OF_DEALS} OR EntityDefinitionId = 'Task'",
            "OR is not supported",
        ),
        (f"{TRACKED} WHERE NOT {OF_DEALS}", "NOT is not supported"),
        (
            f"SELECT COUNT() FROM FieldDefinition WHERE {OF_DEALS}",
            "COUNT() is not supported",
        ),
    ],
)
def test_what_definitions_do_not_support_is_refused(
    client: Client, soql: str, message: str
) -> None:
    status, body = ask(client, soql)

    assert status == 400
    assert isinstance(body, list)
    assert body[0]["errorCode"] == "MALFORMED_QUERY"
    assert message in body[0]["message"]


def test_a_user_without_the_right_to_view_the_setup_sees_none(
    client: Client, org: Org
) -> None:
    org.settings.shows_setup = False

    status, body = ask(client, f"{TRACKED} WHERE {OF_DEALS}")

    assert (status, isinstance(body, list)) == (400, True)
    assert body[0]["errorCode"] == "INVALID_TYPE"  # type: ignore[index]


def test_validation_rules_are_listed_and_their_metadata_comes_one_by_one(
    client: Client,
) -> None:
    door = f"{client.url}/__sandbox__/rules"
    rules = {"A": "ISBLANK(Amount)", "B": "ISBLANK(CloseDate)"}
    client.session.post(door, json={"rules": rules}, timeout=10)

    asked = f"FROM ValidationRule WHERE {OF_DEALS} AND Active = true"
    listed = rows(client, f"SELECT Id, ValidationName {asked}")
    assert [row["ValidationName"] for row in listed] == ["A", "B"]

    status, body = ask(client, f"SELECT Id, Metadata {asked}")
    assert (status, body[0]["errorCode"]) == (400, "MALFORMED_QUERY")  # type: ignore[index]
    assert "no more than one row" in body[0]["message"]  # type: ignore[index]

    one = (
        f"SELECT Metadata, FullName FROM ValidationRule WHERE Id = '{listed[1]['Id']}'"
    )
    (row,) = rows(client, one)
    assert row["FullName"] == "Opportunity.B"
    assert row["Metadata"]["errorConditionFormula"] == "ISBLANK(CloseDate)"  # type: ignore[index]


def test_validation_rules_are_part_of_the_set_up(client: Client, org: Org) -> None:
    org.settings.shows_setup = False

    status, body = ask(client, "SELECT Id FROM ValidationRule")

    assert (status, body[0]["errorCode"]) == (400, "INVALID_TYPE")  # type: ignore[index]


def test_more_than_twenty_fields_are_not_tracked(org: Org) -> None:
    names = list(org.kinds["Opportunity"].fields)[:21]

    with pytest.raises(ValueError, match="at most 20 fields"):
        org.track(*names)
    with pytest.raises(ValueError, match="no field Opportunity"):
        org.track("Nothing__c")


def test_the_side_door_sets_what_is_tracked(client: Client) -> None:
    door = f"{client.url}/__sandbox__/fields"
    track = {"track": ["Opportunity.NextStep", "Opportunity.Type"]}

    answer = client.session.post(door, json=track, timeout=10)

    assert answer.json()["tracked"] == ["NextStep", "Type"]
