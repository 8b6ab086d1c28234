"""The demo's CRM where it is a Salesforce org."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.cli.story_patch import patch
from gatekeeper.cli.story_world import StoryDeal, StoryTask
from gatekeeper.sandbox.salesforce.stock import INTEGRATION_USER

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gatekeeper.sandbox.salesforce.org import Org


@dataclass(frozen=True, slots=True)
class SalesforceWorld:
    """An org, looked at from inside."""

    org: Org
    name: str = "Salesforce"
    list_path: str = "/lightning/o/Opportunity/list"
    next_step_name: str = "NextStep"
    close_date_name: str = "CloseDate"

    @property
    def managers(self) -> Mapping[str, str]:
        """Nobody: Salesforce names the manager of every user."""
        return {}

    def settings(self, url: str) -> Mapping[str, str]:
        """Return the settings that let gatekeeper in."""
        app = next(iter(self.org.logins.apps.values()))
        return {
            "salesforce_url": url,
            "salesforce_client_id": app.client_id,
            "salesforce_client_secret": app.client_secret,
        }

    def own_tasks(self) -> list[StoryTask]:
        """Return our open tasks."""
        return [
            self._task(row)
            for row in self.org.rows("Task", include_deleted=False)
            if row.get("Gatekeeper_Key__c") and not row.get("IsClosed")
        ]

    def task(self, task_id: str) -> StoryTask:
        """Return a task as it stands now."""
        return self._task(self.org.find("Task", task_id) or {})

    def deal(self, deal_id: str) -> StoryDeal:
        """Return a deal as it stands now."""
        row = self.org.find("Opportunity", deal_id) or {}
        return StoryDeal(
            status=str(row.get("Gate_Status__c")),
            open_count=int(float(str(row.get("Gate_Open_Count__c") or 0))),
            supported=str(row.get("Gate_Supported_Stage__c")),
            stage=str(row.get("StageName")),
            path=f"/lightning/r/Opportunity/{deal_id}/view",
        )

    def flagged(self) -> int:
        """Count the deals that carry our flag."""
        deals = self.org.rows("Opportunity", include_deleted=False)
        return sum(bool(row.get("Gate_Status__c")) for row in deals)

    def today(self) -> date:
        """Return the CRM's day."""
        return self.org.now().date()

    def write_as_rep(self, url: str, deal_id: str, written: Mapping[str, str]) -> None:
        """Change a deal over the CRM's own API, as another program would."""
        token = self.org.logins.open(INTEGRATION_USER).token
        address = f"{url}/services/data/v59.0/sobjects/Opportunity/{deal_id}"
        patch(address, token, written)

    def _task(self, row: Mapping[str, object]) -> StoryTask:
        owner = self.org.find("User", str(row.get("OwnerId"))) or {}
        return StoryTask(
            id=str(row.get("Id")),
            deal_id=str(row.get("WhatId")),
            subject=str(row.get("Subject")),
            status=str(row.get("Status")),
            owner=str(owner.get("Name")),
            due=str(row.get("ActivityDate")),
            lines=tuple(str(row.get("Description")).split("\n")),
            path=f"/lightning/r/Task/{row.get('Id')}/view",
        )
