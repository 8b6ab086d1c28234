"""The library the product uses, unmodified, against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.org import Org
    from tests.sandbox.client import Client


class Plain(HTTPAdapter):
    """Speaks plain HTTP where the library insists on https."""

    def send(
        self, request: requests.PreparedRequest, *given: Any, **more: Any
    ) -> requests.Response:
        request.url = str(request.url).replace("https://", "http://", 1)
        return super().send(request, *given, **more)


def code(error: Any) -> object:
    return error.content[0]["errorCode"]


@pytest.fixture
def library(client: Client) -> Iterator[Any]:
    with requests.Session() as session:
        session.trust_env = False
        session.mount(client.url.replace("http://", "https://"), Plain())
        yield Salesforce(
            session_id=str(client.session.headers["Authorization"]).split()[1],
            instance_url=client.url,
            session=session,
        )


def test_the_library_queries_page_by_page(library: Any, org: Org):
    org.settings.page_size = 2
    for number in range(5):
        library.Opportunity.create(
            {"Name": f"{number}", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        )
    soql = "SELECT Name FROM Opportunity ORDER BY Name"
    names = [record["Name"] for record in library.query_all_iter(soql)]
    assert names == ["0", "1", "2", "3", "4"]
    assert library.query("SELECT COUNT() FROM Opportunity")["totalSize"] == 5
    assert library.api_usage["api-usage"].total == 100_000


def test_the_library_writes_reads_and_deletes(library: Any):
    made = library.Account.create({"Name": "Acme"})
    assert made["success"] is True
    assert library.Account.update(made["id"], {"Phone": "1"}) == 204
    assert library.Account.get(made["id"])["Phone"] == "1"
    assert library.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as caught:
        library.Account.get(made["id"])
    assert code(caught.value) == "ENTITY_IS_DELETED"


def test_the_library_describes(library: Any):
    assert library.describe()["maxBatchSize"] == 200
    described = library.Opportunity.describe()
    assert described["name"] == "Opportunity"
    assert library.Opportunity.metadata()["objectDescribe"]["keyPrefix"] == "006"


def test_the_library_reaches_collections_limits_and_tooling(library: Any):
    lines = library.restful(
        "composite/sobjects",
        method="POST",
        json={"records": [{"attributes": {"type": "Task"}, "Subject": "Call"}]},
    )
    assert lines[0]["success"] is True
    assert library.limits()["DailyApiRequests"]["Max"] == 100_000
    made = library.toolingexecute(
        "sobjects/CustomField/",
        method="POST",
        data={
            "FullName": "Opportunity.Gate_Open_Count__c",
            "Metadata": {"label": "Open", "type": "Number", "precision": 5, "scale": 0},
        },
    )
    assert made["success"] is True


def test_the_library_upserts_by_a_key_that_several_hold(library: Any):
    for _ in range(2):
        library.Contact.create({"LastName": "Twin", "Email": "twin@example.com"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        library.Contact.upsert("Email/twin@example.com", {"LastName": "Single"})
    assert library.Contact.upsert("Email/new@example.com", {"LastName": "New"}) == 201
    assert library.Contact.upsert("Email/new@example.com", {"LastName": "Newer"}) == 200


def test_the_library_raises_by_status(library: Any, org: Org):
    with pytest.raises(SalesforceMalformedRequest) as caught:
        library.query("SELECT Nonsense FROM Task")
    assert code(caught.value) == "INVALID_FIELD"
    org.logins.revoke_all()
    with pytest.raises(SalesforceExpiredSession):
        library.query("SELECT Id FROM Task")
