"""The people of a CRM: what they see and change over its own API, as any client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import requests

from gatekeeper.crm.hubspot.adapter import connect
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.crm.hubspot.writing.setup import PROBE_KEY
from gatekeeper.sandbox.hubspot.stock import PERSON_TOKEN, TOKEN
from tests.contracts.worlds import sandbox_crm
from tests.sandbox.client import TIMEOUT_S, Client

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class SeenTask:
    """One task of ours as it stands in the CRM."""

    id: str
    deal_id: str
    key: str
    is_closed: bool


class People(Protocol):
    """What tests need of them, whichever CRM it is."""

    @property
    def creating(self) -> str:
        """What the sandbox calls the request that creates tasks."""

    def create_our_fields(self) -> None:
        """Do what `setup-crm` does."""

    def tasks(self) -> list[SeenTask]:
        """Return our tasks, deleted ones included."""

    def open_deals(self, *lacking: str) -> set[str]:
        """Return open deals; where fields are named, those with one of them empty."""

    def mend(self, deal_id: str) -> None:
        """Fill in what the rules of the workspaces ask for."""

    def complete(self, task_id: str) -> None:
        """Close a task."""

    def plan_call(self, deal_id: str) -> None:
        """Put a task of their own on a deal."""

    def close(self) -> None:
        """Give back the connections."""


class SalesforcePeople:
    """Users of an org."""

    creating = "collections"
    _names: Mapping[str, str] = {"amount": "Amount", "next_step": "NextStep"}

    def __init__(self, url: str) -> None:
        self.client = Client(url)

    def create_our_fields(self) -> None:
        crm = sandbox_crm(self.client.url)
        crm.set_up(lambda _what, _done, _total: None)
        crm.client.close()

    def tasks(self) -> list[SeenTask]:
        rows = self.client.query(
            "SELECT Id, WhatId, IsClosed, Gatekeeper_Key__c FROM Task"
            " WHERE Gatekeeper_Key__c != null",
            everything=True,
        )
        return [
            SeenTask(r["Id"], r["WhatId"], r["Gatekeeper_Key__c"], r["IsClosed"])
            for r in rows
        ]

    def open_deals(self, *lacking: str) -> set[str]:
        empty = [f"{self._names[name]} = null" for name in lacking]
        condition = " OR ".join(empty or ["Id != null"])
        soql = f"SELECT Id FROM Opportunity WHERE IsClosed = false AND ({condition})"
        return {deal["Id"] for deal in self.client.query(soql)}

    def mend(self, deal_id: str) -> None:
        self.client.update("Opportunity", deal_id, Amount=1000, NextStep="Call Ann")

    def complete(self, task_id: str) -> None:
        self.client.update("Task", task_id, Status="Completed")

    def plan_call(self, deal_id: str) -> None:
        self.client.create(
            "Task", WhatId=deal_id, Subject="Call Ann", ActivityDate="2026-11-20"
        )

    def close(self) -> None:
        self.client.session.close()


class HubSpotPeople:
    """Users of a portal."""

    creating = "batch_upsert"
    _names: Mapping[str, str] = {"amount": "amount", "next_step": "hs_next_step"}

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {PERSON_TOKEN}"

    def create_our_fields(self) -> None:
        crm = connect(Access(TOKEN, self.url), now=lambda: datetime.now(UTC))
        crm.set_up(lambda _what, _done, _total: None)
        crm.client.close()

    def tasks(self) -> list[SeenTask]:
        asked = {"properties": "gatekeeper_key,hs_task_status", "associations": "deals"}
        rows = [
            row
            for archived in ("false", "true")
            for row in self.listed("tasks", archived=archived, **asked)
        ]
        # The set-up leaves the closed task behind that it tried the key with.
        seen = [_seen(row) for row in rows if row["properties"]["gatekeeper_key"]]
        return [task for task in seen if task.key != PROBE_KEY]

    def open_deals(self, *lacking: str) -> set[str]:
        names = [self._names[name] for name in lacking]
        asked = ",".join(["hs_is_closed", *names])
        return {
            row["id"]
            for row in self.listed("deals", properties=asked)
            if row["properties"]["hs_is_closed"] == "false"
            and (not names or not all(row["properties"][name] for name in names))
        }

    def mend(self, deal_id: str) -> None:
        self.change("deals", deal_id, amount="1000", hs_next_step="Call Ann")

    def complete(self, task_id: str) -> None:
        self.change("tasks", task_id, hs_task_status="COMPLETED")

    def plan_call(self, deal_id: str) -> None:
        on_deal = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}
        values = {"hs_task_subject": "Call Ann", "hs_timestamp": "2026-11-20T22:00:00Z"}
        body = {
            "properties": values,
            "associations": [{"to": {"id": deal_id}, "types": [on_deal]}],
        }
        address = f"{self.url}/crm/v3/objects/tasks"
        reply = self.session.post(address, json=body, timeout=TIMEOUT_S)
        assert reply.status_code == 201, reply.text

    def close(self) -> None:
        self.session.close()

    def change(self, kind: str, record_id: str, **values: str) -> None:
        address = f"{self.url}/crm/v3/objects/{kind}/{record_id}"
        body = {"properties": values}
        reply = self.session.patch(address, json=body, timeout=TIMEOUT_S)
        assert reply.status_code == 200, reply.text

    def post(self, path: str, **body: object) -> dict[str, Any]:
        """Do what a person does at the screen by one call, such as a merge."""
        reply = self.session.post(f"{self.url}{path}", json=body, timeout=TIMEOUT_S)
        assert reply.status_code in {200, 201}, reply.text
        made: dict[str, Any] = reply.json()
        return made

    def archive(self, kind: str, record_id: str) -> None:
        address = f"{self.url}/crm/v3/objects/{kind}/{record_id}"
        assert self.session.delete(address, timeout=TIMEOUT_S).status_code == 204

    def listed(self, kind: str, **asked: str) -> list[dict[str, Any]]:
        """Return all records of a kind."""
        rows: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            reply = self.session.get(
                f"{self.url}/crm/v3/objects/{kind}",
                params={"limit": "100", **asked, **after},
                timeout=TIMEOUT_S,
            )
            assert reply.status_code == 200, reply.text
            page = reply.json()
            rows += page["results"]
            if "paging" not in page:
                return rows
            after = {"after": page["paging"]["next"]["after"]}


def _seen(row: dict[str, Any]) -> SeenTask:
    links = row.get("associations", {}).get("deals", {}).get("results", [])
    return SeenTask(
        row["id"],
        min((link["id"] for link in links), default=""),
        row["properties"]["gatekeeper_key"],
        row["properties"]["hs_task_status"] == "COMPLETED",
    )
